//! Which requests may use the paths under `/_emulator/`.
//!
//! They need no credentials, so a web page that the developer has open must not reach them. A page can send a
//! request to a loopback address: browsers then add `Origin`. With a name of its own that resolves to a
//! loopback address (DNS rebinding) the page could also read the responses: then `Host` has that name.

use std::net::IpAddr;

use crate::server::Received;

/// The reason why a request is refused; `None` if it is allowed.
pub(crate) fn refusal(request: &Received, allowed: &[String]) -> Option<String> {
    let mut hosts = values(request, "host");
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host,
        // HTTP/1.0 has none, and no browser speaks it.
        (None, _) => return values(request, "origin").next().map(|_| foreign_origin()),
        _ => return Some("the request has more than one `Host` header".to_owned()),
    };
    if !is_own(name(&host), allowed) {
        return Some(format!(
            "the name `{}` in the `Host` header is neither `localhost`, nor an IP address, nor the host that the emulator \
             listens on; if clients reach the emulator under this name, allow it with `--allow-host` (`Builder::allow_host`)",
            crate::text::one_line(name(&host), 60)
        ));
    }
    for origin in values(request, "origin") {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        if !authority.is_some_and(|authority| authority.eq_ignore_ascii_case(&host)) {
            return Some(foreign_origin());
        }
    }
    None
}

fn foreign_origin() -> String {
    "a web page of another origin sent the request; only pages of the emulator itself may use `/_emulator/`"
        .to_owned()
}

fn values<'r>(request: &'r Received, wanted: &'r str) -> impl Iterator<Item = String> + 'r {
    let of_name = request.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    of_name.map(|(_, value)| String::from_utf8_lossy(value).trim().to_owned())
}

/// The host without its port, and without the brackets of an IPv6 address.
pub(crate) fn name(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(address, _)| address),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

/// An IP address cannot be rebound: whoever sends it, means it.
fn is_own(name: &str, allowed: &[String]) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name.parse::<IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Headers;

    fn refused(headers: &[(&'static str, &str)]) -> bool {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.push(*name, *value);
        }
        let request = Received {
            method: "POST".to_owned(),
            path: "/_emulator/reset".to_owned(),
            query: String::new(),
            headers: all,
            body: Vec::new(),
            connection: 0,
            index: 0,
        };
        refusal(&request, &["emulator".to_owned()]).is_some()
    }

    #[test]
    fn a_foreign_host_or_origin_is_refused() {
        for host in [
            "127.0.0.1:8089",
            "localhost:8089",
            "[::1]:8089",
            "LOCALHOST.",
            "a.localhost:1",
            "10.0.0.3:80",
            "emulator:8089",
            "Emulator",
        ] {
            assert!(!refused(&[("host", host)]), "{host}");
            assert!(!refused(&[("Host", host), ("Origin", &format!("http://{host}"))]), "{host}");
            for origin in
                ["null", "", "http://evil.example", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
            {
                assert!(refused(&[("host", host), ("origin", origin)]), "{host} {origin}");
            }
        }
        for host in [
            "evil.example",
            "evil.example:8089",
            "",
            ":8089",
            "127.0.0.1.evil.example",
            "notlocalhost",
            "localhost.evil.example",
            "emulator.evil.example",
            "127.0.0.1@evil.example:80",
        ] {
            assert!(refused(&[("host", host)]), "{host}");
        }
        assert!(refused(&[("host", "localhost"), ("host", "localhost")]));
        assert!(!refused(&[]));
        assert!(refused(&[("origin", "http://localhost")]));
    }
}
