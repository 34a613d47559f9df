//! The sockets of a server: one, or two for `localhost`.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

/// How many free ports of `127.0.0.1` are tried until the same port of `[::1]` is free too.
const TRIES: u32 = 16;

/// Listens on an address. For `localhost` on both loopback addresses, because some clients connect to `[::1]`
/// only; on a machine without IPv6 on `127.0.0.1` alone. Port 0 takes a free one, the same for both.
pub(super) fn bind(listen: &str) -> io::Result<Vec<TcpListener>> {
    let port = match listen.rsplit_once(':') {
        Some((host, port)) if host.eq_ignore_ascii_case("localhost") => port.parse::<u16>().ok(),
        _ => None,
    };
    let Some(port) = port else { return Ok(vec![TcpListener::bind(listen)?]) };
    let mut left = if port == 0 { TRIES } else { 1 };
    loop {
        left -= 1;
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        match TcpListener::bind((Ipv6Addr::LOCALHOST, first.local_addr()?.port())) {
            Ok(second) => return Ok(vec![first, second]),
            // Another program has the port: `localhost` would be a different server for each client.
            Err(e) if e.kind() == ErrorKind::AddrInUse && left > 0 => {}
            Err(e) if e.kind() == ErrorKind::AddrInUse => return Err(e),
            Err(_) => return Ok(vec![first]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_both_loopback_addresses_on_one_port() {
        let both = bind("localhost:0").unwrap();
        let ports: Vec<u16> = both.iter().map(|one| one.local_addr().unwrap().port()).collect();
        assert!(ports.iter().all(|port| *port == ports[0]), "{ports:?}");
        assert_eq!(both[0].local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);
        if let [_, second] = &both[..] {
            assert_eq!(second.local_addr().unwrap().ip(), Ipv6Addr::LOCALHOST);
            let error = bind(&format!("localhost:{}", ports[0])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
        }
        assert_eq!(bind("127.0.0.1:0").unwrap().len(), 1);
        assert!(bind("localhost:x").is_err());
    }
}
