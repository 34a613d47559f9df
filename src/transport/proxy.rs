//! Which proxy a request goes through: one rule for both transports.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
#[cfg(feature = "async")]
use percent_encoding::percent_decode_str;

use crate::error::Error;

use super::config::Proxy;
use super::error::{SendError, SendErrorKind};
use super::no_proxy::{self, Direct};

/// The proxies for each scheme, and the hosts that are reached without.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ProxyRules {
    http: Option<String>,
    https: Option<String>,
    direct: Vec<Direct>,
    /// Whether loopback hosts go through a proxy like all others: only if a program says so itself.
    loopback: bool,
}

/// The URLs may hold passwords.
impl fmt::Debug for ProxyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyRules")
    }
}

impl ProxyRules {
    pub(super) fn new(proxy: &Proxy) -> Self {
        match proxy {
            Proxy::None => Self::default(),
            Proxy::Url(url) => {
                Self { http: Some(url.clone()), https: Some(url.clone()), direct: Vec::new(), loopback: true }
            }
            Proxy::FromEnv => Self::from_env(|name| std::env::var(name).ok()),
        }
    }

    fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let get = |names: &[&str]| {
            names.iter().filter_map(|name| lookup(name)).map(|v| v.trim().to_owned()).find(|v| !v.is_empty())
        };
        // Small letters win, as with curl.
        let all = get(&["all_proxy", "ALL_PROXY"]);
        let is_cgi = lookup("REQUEST_METHOD").is_some();
        let http = if is_cgi { get(&["http_proxy"]) } else { get(&["http_proxy", "HTTP_PROXY"]) };
        let direct = get(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        Self {
            http: http.or_else(|| all.clone()),
            https: get(&["https_proxy", "HTTPS_PROXY"]).or(all),
            direct: no_proxy::read(&direct),
            loopback: false,
        }
    }

    /// The proxy's URL for a request to this URL, which is one of `http` or `https`.
    pub(super) fn proxy_for(&self, url: &Uri) -> Option<&str> {
        let is_https = url.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let proxy = if is_https { &self.https } else { &self.http };
        let proxy = proxy.as_deref()?;
        let host = url.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let port = url.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let is_direct = self.direct.iter().any(|direct| direct.covers(host, port));
        if is_direct || (!self.loopback && is_loopback(host)) { None } else { Some(proxy) }
    }

    /// Refuses what is not the URL of a proxy: to go past a proxy that is asked for would be worse than to
    /// stop.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_good = |url: &String| parts(url).is_some() && ureq::Proxy::new(url).is_ok();
        if self.http.iter().chain(&self.https).all(is_good) {
            return Ok(());
        }
        // Not the URL: it may hold a password.
        Err(Error::invalid("reading the proxy settings", "the URL of the proxy is not valid").with_advice(
            "Write http://host:port, or a URL with https, socks4, socks4a, socks5 or socks5h. The URL comes \
             from `.proxy(…)`, or from https_proxy, http_proxy or all_proxy (also in capitals).",
        ))
    }
}

/// The scheme of a proxy's URL in small letters, the address, and what is before it: user and password.
/// `None` if it is not the URL of a proxy.
fn parts(url: &str) -> Option<(String, Uri, Option<&str>)> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        "socks4" | "socks4a" | "socks" | "socks5" | "socks5h" => 1080,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let tls = if scheme == "https" { "https" } else { "http" };
    let address = if has_port { format!("{tls}://{host}") } else { format!("{tls}://{host}:{port}") };
    let address: Uri = address.parse().ok().filter(|_| !host.contains('%'))?;
    address.host().filter(|host| !host.is_empty())?;
    Some((scheme, address, user))
}

/// The address of a proxy, without its user and password.
pub(super) fn shown(url: &str) -> String {
    match parts(url) {
        Some((scheme, address, _)) => {
            format!("{scheme}://{}", address.authority().map_or("", |authority| authority.as_str()))
        }
        None => "…".to_owned(),
    }
}

/// How a proxy is spoken to.
#[cfg(feature = "async")]
pub(super) enum ProxyKind {
    Http,
    Https,
    Socks4 { local_dns: bool },
    Socks5 { local_dns: bool },
}

/// A proxy's URL, taken apart. ureq takes URLs apart by itself.
#[cfg(feature = "async")]
pub(super) struct ProxyUrl {
    pub(super) kind: ProxyKind,
    pub(super) address: Uri,
    pub(super) user: Option<(String, String)>,
}

#[cfg(feature = "async")]
impl ProxyUrl {
    pub(super) fn read(url: &str) -> Option<Self> {
        let (scheme, address, user) = parts(url)?;
        let kind = match scheme.as_str() {
            "http" => ProxyKind::Http,
            "https" => ProxyKind::Https,
            "socks4" => ProxyKind::Socks4 { local_dns: true },
            "socks4a" => ProxyKind::Socks4 { local_dns: false },
            "socks5h" => ProxyKind::Socks5 { local_dns: false },
            _ => ProxyKind::Socks5 { local_dns: true },
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = user.map(|user| match user.split_once(':') {
            Some((user, password)) => (decoded(user), decoded(password)),
            None => (decoded(user), String::new()),
        });
        Some(Self { kind, address, user })
    }
}

/// The error for a proxy that does not accept the user and password.
pub(super) fn not_authenticated(proxy: &str, why: &str) -> SendError {
    let message = format!("{proxy} does not accept the user and password, or asks for them: {why}");
    SendError::new(SendErrorKind::ProxyAuthentication, false, message).with_advice(
        "Correct the user and password in the proxy's URL (special characters percent-encoded). The request was not sent \
         again, because a wrong password may lock the account.",
    )
}

/// This machine by its usual names.
pub(crate) fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(env: &[(&str, &str)]) -> ProxyRules {
        ProxyRules::from_env(|name| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    fn through<'r>(rules: &'r ProxyRules, scheme: &str, host: &str) -> Option<&'r str> {
        rules.proxy_for(&format!("{scheme}://{host}").parse().unwrap())
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let both = rules(&[("HTTPS_PROXY", "http://s:1"), ("http_proxy", "http://p:2")]);
        assert_eq!(through(&both, "https", "h"), Some("http://s:1"));
        assert_eq!(through(&both, "http", "h"), Some("http://p:2"));
        let plain = rules(&[("HTTP_PROXY", "http://p:2")]);
        assert_eq!(through(&plain, "https", "h"), None);
        let all = rules(&[("ALL_PROXY", "socks5://a:3"), ("https_proxy", " http://s:1 ")]);
        assert_eq!(through(&all, "https", "h"), Some("http://s:1"));
        assert_eq!(through(&all, "http", "h"), Some("socks5://a:3"));
        assert_eq!(through(&rules(&[]), "https", "h"), None);
        assert_eq!(through(&rules(&[("HTTPS_PROXY", " ")]), "https", "h"), None);
        let cgi = rules(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(through(&cgi, "http", "h"), None);
    }

    #[test]
    fn the_shown_address_has_neither_user_nor_password() {
        for (url, expected) in [
            ("http://u:p@proxy.example:3128/x?y", "http://proxy.example:3128"),
            ("u:p@proxy.example", "http://proxy.example:80"),
            ("SOCKS5H://u:p%40@[::1]", "socks5h://[::1]:1080"),
            ("https://u:p@q@proxy.example", "https://proxy.example:443"),
            ("ftp://u:p@proxy.example", "…"),
        ] {
            assert_eq!(shown(url), expected);
        }
        let own = Proxy::Url("http://u:p@proxy.example:3128".into());
        assert_eq!(own.of("https://h").unwrap().as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(Proxy::None.of("https://h").unwrap(), None);
        for (proxy, url) in
            [(&own, "http://u:hunter2@ h"), (&Proxy::Url("ftp://u:hunter2@h".into()), "https://h")]
        {
            let error = proxy.of(url).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn small_letters_win_unless_they_are_empty() {
        let both = rules(&[
            ("HTTPS_PROXY", "http://capital:1"),
            ("https_proxy", "http://small:1"),
            ("HTTP_PROXY", "http://capital:1"),
            ("http_proxy", ""),
            ("NO_PROXY", "a.example"),
            ("no_proxy", "b.example"),
        ]);
        assert_eq!(through(&both, "https", "h"), Some("http://small:1"));
        assert_eq!(through(&both, "http", "h"), Some("http://capital:1"));
        assert_eq!(through(&both, "https", "b.example"), None);
        assert_eq!(through(&both, "https", "a.example"), Some("http://small:1"));
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        for host in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert_eq!(through(&rules(&[("ALL_PROXY", "http://p")]), "http", host), None, "{host}");
            let own = ProxyRules::new(&Proxy::Url("http://p".into()));
            assert_eq!(through(&own, "http", host), Some("http://p"), "{host}");
        }
        let is_direct = |list: &str, scheme: &str, host: &str| {
            through(&rules(&[("ALL_PROXY", "http://p"), ("NO_PROXY", list)]), scheme, host).is_none()
        };
        for (list, scheme, host) in [
            ("x vendor.test", "https", "api.vendor.test."),
            ("vendor.test:443", "https", "vendor.test"),
            ("vendor.test:80", "http", "vendor.test"),
            ("vendor.test:8443", "https", "vendor.test:8443"),
            ("[2001:db8::1]:443", "https", "[2001:db8::1]"),
            ("fd00::/8", "https", "[fd12::1]:8443"),
        ] {
            assert!(is_direct(list, scheme, host), "{list} {host}");
        }
        for (list, scheme, host) in [
            ("", "https", "h"),
            ("vendor.test:443", "http", "vendor.test"),
            ("vendor.test:443", "https", "vendor.test:8443"),
            ("[2001:db8::1]:80", "https", "[2001:db8::1]"),
        ] {
            assert!(!is_direct(list, scheme, host), "{list} {host}");
        }
    }
}
