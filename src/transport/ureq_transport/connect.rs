//! New connections: to the host, or through a proxy; with TLS if the scheme is `https`.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::ExposeSecret;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, RustlsConnector, SocksConnector,
    Transport as Wire,
};
use ureq::{Agent, Error, Proxy, ProxyProtocol, Timeout, http};

use crate::http::LONGEST;
use crate::transport::addresses::{in_turns, set_options, share};
use crate::transport::roots::Roots;
use crate::transport::tunnel::{self, Refusal};

use super::call::{interrupted, is_interrupted};
use super::dial::dial;
use super::lookup::LastLookup;
use super::wire::{Tcp, Until};

/// Whom to trust. The settings of TLS are made when they are first needed: listing all authorities takes
/// time.
#[derive(Debug)]
pub(super) struct Trust {
    verify: bool,
    roots: Roots,
    config: OnceLock<Config>,
}

impl Trust {
    pub(super) fn new(verify: bool, roots: Roots) -> Self {
        Self { verify, roots, config: OnceLock::new() }
    }

    fn config(&self) -> &Config {
        self.config.get_or_init(|| {
            let mut tls = TlsConfig::builder().disable_verification(!self.verify);
            if self.verify && !self.roots.are_built_in() {
                tls = tls.root_certs(RootCerts::Specific(Arc::new(self.roots.all())));
            }
            Agent::config_builder().tls_config(tls.build()).proxy(None).build()
        })
    }
}

/// Makes connections.
#[derive(Debug)]
pub(super) struct Connecting {
    socks: SocksConnector,
    tls: RustlsConnector,
    trust: Trust,
    user_agent: String,
    looked_up: Arc<LastLookup>,
}

impl Connecting {
    pub(super) fn new(user_agent: &str, trust: Trust, looked_up: Arc<LastLookup>) -> Self {
        Self {
            socks: SocksConnector::default(),
            tls: RustlsConnector::default(),
            trust,
            user_agent: user_agent.to_owned(),
            looked_up,
        }
    }

    pub(super) fn connect(&self, details: &ConnectionDetails) -> Result<Box<dyn Wire>, Error> {
        let until = Until::from_now(details.timeout);
        let wire: Box<dyn Wire> = match details.config.proxy() {
            Some(proxy) if matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) => {
                self.tunnel(details, proxy, until)?
            }
            Some(_) => Box::new(Tunnel(Box::new(
                self.socks.connect(details, None::<()>)?.ok_or(Error::ConnectionFailed)?,
            ))),
            None => Box::new(self.tcp(details, &details.addrs, until)?),
        };
        self.with_tls(details, details.uri, wire)
    }

    fn with_tls(
        &self,
        details: &ConnectionDetails,
        uri: &http::Uri,
        wire: Box<dyn Wire>,
    ) -> Result<Box<dyn Wire>, Error> {
        if uri.scheme_str() != Some("https") {
            return Ok(wire);
        }
        let details = ConnectionDetails {
            uri,
            addrs: details.addrs.clone(),
            config: self.trust.config(),
            // All connections share the settings, which ureq then reads once.
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        match self.tls.connect(&details, Some(wire))? {
            Some(Either::A(wire)) => Ok(wire),
            Some(Either::B(wire)) => Ok(Box::new(wire)),
            None => Err(Error::ConnectionFailed),
        }
    }

    fn tcp(&self, details: &ConnectionDetails, addresses: &[SocketAddr], until: Until) -> Result<Tcp, Error> {
        let addresses = in_turns(addresses);
        let connected = first_of(&addresses, until, |address, time| {
            if is_interrupted() {
                return Err(ErrorKind::Interrupted.into());
            }
            // A connection that cannot be registered serves as well.
            dial(address, time, |socket| drop((details.register_shutdown)(socket)))
        });
        let (at, socket) = match connected {
            Err(_) if is_interrupted() => return Err(interrupted()),
            connected => connected?,
        };
        if at > 0 {
            // The next connection begins with the address that answers.
            self.looked_up.prefer(addresses[at]);
        }
        set_options(socket.stream())?;
        let config = details.config;
        Ok(Tcp::new(socket, LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size())))
    }

    fn tunnel(
        &self,
        details: &ConnectionDetails,
        proxy: &Proxy,
        until: Until,
    ) -> Result<Box<dyn Wire>, Error> {
        let addresses = details.resolver.resolve(proxy.uri(), details.config, until.timeout()?)?;
        let tcp = self.tcp(details, &addresses, until)?;
        let mut wire = self.with_tls(details, proxy.uri(), Box::new(tcp))?;
        let user = match (proxy.username(), proxy.password()) {
            (None, None) => None,
            (user, password) => Some((user.unwrap_or_default(), password.unwrap_or_default())),
        };
        let request = tunnel::request(&authority(details.uri), &self.user_agent, user);
        for piece in request.expose_secret().chunks(details.config.output_buffer_size()) {
            wire.buffers().output()[..piece.len()].copy_from_slice(piece);
            wire.transmit_output(piece.len(), until.timeout()?)?;
        }
        loop {
            match tunnel::response(wire.buffers().input()) {
                Ok(Some(used)) => {
                    wire.buffers().input_consume(used);
                    return Ok(Box::new(Tunnel(wire)));
                }
                Ok(None) if wire.await_input(until.timeout()?)? => {}
                Ok(None) => return Err(Error::Other(Box::new(Refusal::Closed))),
                Err(refusal) => return Err(Error::Other(Box::new(refusal))),
            }
        }
    }
}

/// The host and port of a URL, as a proxy is asked for them.
fn authority(url: &http::Uri) -> String {
    let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
    format!("{}:{port}", url.host().unwrap_or_default())
}

/// Connects to the first address that answers, and returns its place. None of several has more than its share
/// of the time.
fn first_of<T>(
    addresses: &[SocketAddr],
    until: Until,
    mut connect: impl FnMut(&SocketAddr, Duration) -> std::io::Result<T>,
) -> Result<(usize, T), Error> {
    let mut refused = None;
    for (at, address) in addresses.iter().enumerate() {
        let left = until.left()?.unwrap_or(LONGEST);
        let time = share(left, addresses.len() - at - 1).max(Duration::from_millis(1));
        match connect(address, time) {
            Ok(connected) => return Ok((at, connected)),
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock) => {}
            Err(error) => refused = Some(error),
        }
    }
    // Why an address refused says more than that others were silent.
    Err(refused.map_or(Error::Timeout(Timeout::Connect), Error::Io))
}

/// A connection through a proxy. It may have TLS to the proxy; to the host it has none yet.
#[derive(Debug)]
struct Tunnel(Box<dyn Wire>);

impl Wire for Tunnel {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        // What is there already was not asked for, and would be taken for the response to the next request. ureq's own
        // sockets and TLS do not look at what they have read.
        self.0.buffers().input().is_empty() && self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error as IoError;
    use std::net::TcpStream;
    use std::time::Instant;

    use super::*;
    use crate::transport::addresses::MOST_FOR_ONE;
    use crate::transport::addresses::silent::Silent;

    fn addresses(number: u8) -> Vec<SocketAddr> {
        (1..=number).map(|last| SocketAddr::from(([192, 0, 2, last], 443))).collect()
    }

    fn until(seconds: u64) -> Until {
        Until::new(Some(Instant::now() + Duration::from_secs(seconds)), Timeout::Connect)
    }

    #[test]
    fn an_address_that_does_not_answer_has_two_seconds_if_there_is_another() {
        let mut tried = Vec::new();
        let result = first_of(&addresses(3), until(1000), |address, time| {
            tried.push(time);
            if tried.len() < 3 { Err(IoError::from(ErrorKind::TimedOut)) } else { Ok(*address) }
        });
        assert_eq!(result.unwrap(), (2, addresses(3)[2]));
        assert_eq!(tried[..2], [MOST_FOR_ONE; 2]);
        assert!(tried[2] > Duration::from_secs(900), "{tried:?}");
    }

    #[test]
    fn a_socket_that_is_silent_makes_way_for_the_next() {
        let silent = Silent::new();
        let (_listener, good) = Silent::other();
        let addresses = [silent.address(), good];
        // One millisecond for the first.
        let result = first_of(&addresses, until(1000), |address, time| {
            let time = if *address == good { time } else { Duration::from_millis(1) };
            TcpStream::connect_timeout(address, time)
        });
        assert_eq!(result.unwrap().1.peer_addr().unwrap(), good);
    }

    #[test]
    fn every_address_is_tried_and_a_reason_is_kept() {
        let mut tried = 0;
        let result = first_of::<()>(&addresses(3), until(1000), |_, _| {
            tried += 1;
            let kinds = [ErrorKind::PermissionDenied, ErrorKind::ConnectionRefused, ErrorKind::TimedOut];
            Err(IoError::from(kinds[tried - 1]))
        });
        assert_eq!(tried, 3);
        let Err(Error::Io(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let silent = first_of::<()>(&addresses(2), until(1000), |_, _| Err(ErrorKind::TimedOut.into()));
        assert!(matches!(silent, Err(Error::Timeout(Timeout::Connect))), "{silent:?}");
        let late = first_of::<()>(&addresses(2), until(0), |_, _| panic!("there is no time"));
        assert!(matches!(late, Err(Error::Timeout(Timeout::Connect))), "{late:?}");
    }
}
