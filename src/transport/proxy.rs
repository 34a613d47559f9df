//! Which proxy a request goes through: one rule for both transports.

use std::fmt;
use std::net::IpAddr;

use super::config::Proxy;

/// The proxies for each scheme, and the hosts that are reached without.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct ProxyRules {
    http: Option<String>,
    https: Option<String>,
    direct: Vec<Direct>,
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
            Proxy::Url(url) => Self { http: Some(url.clone()), https: Some(url.clone()), direct: Vec::new() },
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
        }
    }

    /// The proxy's URL for a request to this host.
    pub(super) fn proxy_for(&self, scheme: &str, host: &str) -> Option<&str> {
        let proxy = if scheme.eq_ignore_ascii_case("https") { &self.https } else { &self.http };
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        if self.direct.iter().any(|direct| direct.covers(host)) { None } else { proxy.as_deref() }
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
        let direct = |list: &str, host: &str| {
            rules(&[("ALL_PROXY", "http://p"), ("NO_PROXY", list)]).proxy_for("https", host).is_none()
        };
        for (list, host) in [
            ("*", "anything"),
            ("onehouse.ai", "api.onehouse.ai"),
            (".onehouse.ai", "api.onehouse.ai"),
            ("*.onehouse.ai", "api.onehouse.ai"),
            ("x, Onehouse.AI ,y", "onehouse.ai"),
            ("localhost", "localhost."),
            ("127.0.0.1", "127.0.0.1"),
            ("10.0.0.0/8", "10.1.2.3"),
            ("0.0.0.0/0", "8.8.8.8"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("fd00::/8", "[fd12::1]"),
        ] {
            assert!(direct(list, host), "{list} {host}");
        }
        for (list, host) in [
            ("", "h"),
            (",,", "h"),
            ("onehouse.ai", "notonehouse.ai"),
            ("api.onehouse.ai", "onehouse.ai"),
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.0.0.0/99", "10.1.2.3"),
            ("10.0.0.0/x", "10.1.2.3"),
            ("127.0.0.1", "localhost"),
            ("::/0", "8.8.8.8"),
        ] {
            assert!(!direct(list, host), "{list} {host}");
        }
    }
}
