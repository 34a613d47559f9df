//! `NO_PROXY`: the hosts that are reached without a proxy, by curl's rules.
//!
//! Entries are separated by commas or blanks. A name covers itself and its subdomains, with or without a
//! leading dot or `*.`; an address covers itself; a network (`10.0.0.0/8`, `fd00::/8`) covers its addresses;
//! `*` covers all hosts. An entry that ends with a port is for that port alone. There is no lookup: a name is
//! never compared to an address.

use std::net::IpAddr;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Direct {
    hosts: Hosts,
    /// The only port, if there is one.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    /// A name and what ends with a dot and it.
    Name(String),
    /// An address and the number of its bits that count.
    Network(IpAddr, u32),
}

/// Reads a list. Entries that make no sense are passed over.
pub(super) fn read(list: &str) -> Vec<Direct> {
    list.split(|c: char| c == ',' || c.is_whitespace()).filter_map(Direct::read).collect()
}

impl Direct {
    fn read(entry: &str) -> Option<Self> {
        if let Some(hosts) = Hosts::read(entry) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = entry.rsplit_once(':')?;
        Some(Self { hosts: Hosts::read(host)?, port: Some(port.parse().ok()?) })
    }

    /// `host` has neither brackets nor a dot at its end.
    pub(super) fn covers(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|only| only == port) && self.hosts.cover(host)
    }
}

impl Hosts {
    /// `None` if it is not a host; it may have a port then.
    fn read(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::All);
        }
        let (address, bits) = match entry.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (entry, None),
        };
        // The brackets may enclose the network, or only its address.
        let inside = address.strip_prefix('[').map(|rest| rest.strip_suffix(']').unwrap_or(rest));
        let bits = bits.map(|bits| if inside.is_some() { bits.trim_end_matches(']') } else { bits });
        if let Ok(ip) = inside.unwrap_or(address).trim_end_matches('.').parse::<IpAddr>() {
            let most = if ip.is_ipv4() { 32 } else { 128 };
            let bits = match bits {
                None => most,
                Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
            };
            return Some(Self::Network(ip, bits));
        }
        let name = entry.strip_prefix('*').unwrap_or(entry).trim_start_matches('.').trim_end_matches('.');
        let is_name = !name.is_empty() && !name.contains([':', '/', '[', ']', '*']);
        is_name.then(|| Self::Name(name.to_ascii_lowercase()))
    }

    fn cover(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            // An IPv4 address in the form of IPv6 is that address.
            Self::Network(network, bits) => match (network, host.parse().map(|ip: IpAddr| ip.to_canonical()))
            {
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

    fn covers(list: &str, host: &str, port: u16) -> bool {
        read(list).iter().any(|direct| direct.covers(host, port))
    }

    #[test]
    fn hosts_that_are_covered() {
        for (list, host) in [
            ("*", "anything"),
            ("x,*", "anything"),
            ("vendor.test", "api.vendor.test"),
            (".vendor.test", "api.vendor.test"),
            (".vendor.test", "vendor.test"),
            ("..vendor.test", "vendor.test"),
            ("*.vendor.test", "api.vendor.test"),
            ("vendor.test.", "vendor.test"),
            ("x, Vendor.TEST ,y", "vendor.test"),
            ("x vendor.test\ty", "vendor.test"),
            ("x\nvendor.test", "VENDOR.test"),
            ("vendor.test:443", "vendor.test"),
            (".vendor.test:443 x", "api.vendor.test"),
            ("*:443", "anything"),
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:443", "192.0.2.1"),
            ("192.0.2.1", "::ffff:192.0.2.1"),
            ("10.0.0.0/8", "10.1.2.3"),
            ("10.0.0.0/8:443", "10.1.2.3"),
            ("10.1.2.3/8", "10.9.9.9"),
            ("0.0.0.0/0", "8.8.8.8"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("fd00::/8", "fd12::1"),
            ("[fd00::]/8", "fd12::1"),
            ("[fd00::/8]", "fd12::1"),
            ("::/0", "fd12::1"),
        ] {
            assert!(covers(list, host, 443), "{list} {host}");
        }
    }

    #[test]
    fn hosts_that_are_not_covered() {
        for (list, host) in [
            ("", "h"),
            (",, ,", "h"),
            (".", "h"),
            ("vendor.test", "notvendor.test"),
            ("api.vendor.test", "vendor.test"),
            ("vendor.test:8443", "vendor.test"),
            ("*:8443", "vendor.test"),
            ("vendor.test:x", "vendor.test"),
            ("vendor.test:99999", "vendor.test"),
            ("v*.test", "vendor.test"),
            ("192.0.2.1:80", "192.0.2.1"),
            ("192.0.2", "192.0.2.1"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.0.0.0/8:80", "10.1.2.3"),
            ("10.0.0.0/99", "10.1.2.3"),
            ("10.0.0.0/x", "10.1.2.3"),
            ("10.0.0.0/", "10.1.2.3"),
            ("fd00::/129", "fd12::1"),
            ("::/0", "8.8.8.8"),
            ("0.0.0.0/0", "fd12::1"),
            ("10.0.0.0/8", "10.example"),
        ] {
            assert!(!covers(list, host, 443), "{list} {host}");
        }
    }
}
