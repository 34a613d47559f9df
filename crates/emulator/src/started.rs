//! A server that has been started, and where it is.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::error::Error;
use crate::text::shown;

#[cfg(feature = "tls")]
use super::server::Tls;
use super::server::{Handler, Layer, Plain, Server};

/// A running server and its address.
pub(crate) struct Started {
    pub(crate) server: Server,
    /// `http://127.0.0.1:PORT`, or `https://localhost:PORT`.
    pub(crate) url: String,
    #[cfg(feature = "tls")]
    pub(crate) ca_pem: Option<String>,
}

impl Started {
    pub(crate) fn new(listen: &str, tls: bool, handler: Arc<dyn Handler>) -> Result<Self, Error> {
        let address = || shown(listen);
        let layer: Arc<dyn Layer> = Arc::new(Plain);
        #[cfg(feature = "tls")]
        let (layer, ca_pem): (Arc<dyn Layer>, _) = match tls {
            false => (layer, None),
            true => {
                let tls =
                    Tls::new(listen).map_err(|source| Error::Certificate { address: address(), source })?;
                let ca_pem = tls.ca_pem().to_owned();
                (Arc::new(tls), Some(ca_pem))
            }
        };
        let server = Server::start(listen, handler, layer)
            .map_err(|source| Error::Listen { address: address(), source })?;
        let url = match (tls, server.address()) {
            // A name, as real services have.
            (true, address) if address.ip() == Ipv4Addr::LOCALHOST => {
                format!("https://localhost:{}", address.port())
            }
            (true, address) => format!("https://{address}"),
            (false, address) => format!("http://{address}"),
        };
        Ok(Self {
            server,
            url,
            #[cfg(feature = "tls")]
            ca_pem,
        })
    }
}
