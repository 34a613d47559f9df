//! Which proxy a request goes through: one rule for both transports.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
#[cfg(feature = "async")]
use percent_encoding::percent_decode_str;

use crate::error::Error;

use super::config::Proxy;

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

/// A host, or many, that are reached without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Direct {
    All,
    /// A name and what ends with a dot and it.
    Name(String),
    /// An address and how many of its bits count.
    Network(IpAddr, u32),
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
        let all = get(&["ALL_PROXY", "all_proxy"]);
        let is_cgi = lookup("REQUEST_METHOD").is_some();
        let http = if is_cgi { get(&["http_proxy"]) } else { get(&["HTTP_PROXY", "http_proxy"]) };
        let direct = get(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
        Self {
            http: http.or_else(|| all.clone()),
            https: get(&["HTTPS_PROXY", "https_proxy"]).or(all),
            direct: direct.split(',').filter_map(Direct::read).collect(),
            loopback: false,
        }
    }

    /// The proxy's URL for a request to this host.
    pub(super) fn proxy_for(&self, scheme: &str, host: &str) -> Option<&str> {
        let proxy = if scheme.eq_ignore_ascii_case("https") { &self.https } else { &self.http };
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let is_direct = self.direct.iter().any(|direct| direct.covers(host));
        if is_direct || (!self.loopback && is_loopback(host)) { None } else { proxy.as_deref() }
    }

    /// Refuses what is not the URL of a proxy: to go past a proxy that is asked for would be worse than to stop.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_good = |url: &String| parts(url).is_some() && ureq::Proxy::new(url).is_ok();
        if self.http.iter().chain(&self.https).all(is_good) {
            return Ok(());
        }
        // Not the URL: it may hold a password.
        Err(Error::invalid("using the proxy that was given", "its URL is not one").with_advice(
            "It looks like http://host:port. It comes from the client's settings, or from HTTPS_PROXY, HTTP_PROXY or \
             ALL_PROXY.",
        ))
    }
}

/// The scheme of a proxy's URL in small letters, the address, and what is before it: user and password. `None` if it is not
/// the URL of a proxy.
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

impl Direct {
    fn read(entry: &str) -> Option<Self> {
        let entry = entry.trim();
        if entry == "*" {
            return Some(Self::All);
        }
        let (address, bits) = match entry.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (entry, None),
        };
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse::<IpAddr>() {
            let most = if ip.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
            return Some(Self::Network(ip, bits));
        }
        let name = entry.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
        (!name.is_empty()).then(|| Self::Name(name.to_ascii_lowercase()))
    }

    fn covers(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Self::Network(network, bits) => match (network, host.parse::<IpAddr>()) {
                (IpAddr::V4(network), Ok(IpAddr::V4(ip))) => {
                    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                    network.to_bits() & mask == ip.to_bits() & mask
                }
                (IpAddr::V6(network), Ok(IpAddr::V6(ip))) => {
                    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                    network.to_bits() & mask == ip.to_bits() & mask
                }
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(env: &[(&str, &str)]) -> ProxyRules {
        ProxyRules::from_env(|name| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let both = rules(&[("HTTPS_PROXY", "http://s:1"), ("http_proxy", "http://p:2")]);
        assert_eq!(both.proxy_for("https", "h"), Some("http://s:1"));
        assert_eq!(both.proxy_for("http", "h"), Some("http://p:2"));
        let plain = rules(&[("HTTP_PROXY", "http://p:2")]);
        assert_eq!(plain.proxy_for("https", "h"), None);
        let all = rules(&[("ALL_PROXY", "socks5://a:3"), ("https_proxy", " http://s:1 ")]);
        assert_eq!(all.proxy_for("https", "h"), Some("http://s:1"));
        assert_eq!(all.proxy_for("http", "h"), Some("socks5://a:3"));
        assert_eq!(rules(&[]).proxy_for("https", "h"), None);
        assert_eq!(rules(&[("HTTPS_PROXY", " ")]).proxy_for("https", "h"), None);
        let cgi = rules(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(cgi.proxy_for("http", "h"), None);
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        for host in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert_eq!(rules(&[("ALL_PROXY", "http://p")]).proxy_for("http", host), None, "{host}");
            let own = ProxyRules::new(&Proxy::Url("http://p".into()));
            assert_eq!(own.proxy_for("http", host), Some("http://p"), "{host}");
        }
        let direct = |list: &str, host: &str| {
            rules(&[("ALL_PROXY", "http://p"), ("NO_PROXY", list)]).proxy_for("https", host).is_none()
        };
        for (list, host) in [
            ("*", "anything"),
            ("vendor.test", "api.vendor.test"),
            (".vendor.test", "api.vendor.test"),
            ("*.vendor.test", "api.vendor.test"),
            ("x, Vendor.TEST ,y", "vendor.test"),
            ("h.example", "h.example."),
            ("192.0.2.1", "192.0.2.1"),
            ("10.0.0.0/8", "10.1.2.3"),
            ("0.0.0.0/0", "8.8.8.8"),
            ("2001:db8::1", "[2001:db8::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("fd00::/8", "[fd12::1]"),
        ] {
            assert!(direct(list, host), "{list} {host}");
        }
        for (list, host) in [
            ("", "h"),
            (",,", "h"),
            ("vendor.test", "notvendor.test"),
            ("api.vendor.test", "vendor.test"),
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.0.0.0/99", "10.1.2.3"),
            ("10.0.0.0/x", "10.1.2.3"),
            ("::/0", "8.8.8.8"),
        ] {
            assert!(!direct(list, host), "{list} {host}");
        }
    }
}
