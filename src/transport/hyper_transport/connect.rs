//! New connections: through the proxy that the rules name, with TLS if the scheme wants it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::client::conn::http1;
use hyper::http::uri::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5};
use rustls::ClientConfig;
use tokio::time::timeout;
use tower_service::Service;

use crate::transport::proxy::{ProxyKind, ProxyUrl};

use super::connection::{Key, Live};
use super::failure::Failure;
use super::tcp::{Connector, left};
use super::tunnel::Tunnel;
use super::watch::{Stream, Watched};
use super::{BoxError, HyperTransport};

/// The most headers of an answer, and their size, as ureq has them.
const MAX_HEADERS: usize = 128;
const MAX_HEADER_SIZE: usize = 64 * 1024;
/// The size of a connection's buffer, as ureq has it.
const BUFFER: usize = 128 * 1024;

impl HyperTransport {
    pub(super) async fn connect(&self, key: &Key, url: Uri) -> Result<Live, Failure> {
        let connecting = async {
            let write_failed = Arc::new(AtomicBool::new(false));
            let tcp = Connector::new(self.lookups.clone(), write_failed.clone());
            let socket = tcp.socket();
            let stream = self.stream(tcp, key, url).await.map_err(Failure::Connect)?;
            // What failed while it was made is nothing of the request.
            write_failed.store(false, Ordering::Release);
            let (socket, wrote) = (left(&socket), Arc::new(AtomicBool::new(false)));
            let watched = Watched::new(stream, wrote.clone());
            // As much as ureq takes.
            let mut http = http1::Builder::new();
            http.max_headers(MAX_HEADERS).max_header_size(MAX_HEADER_SIZE).max_buf_size(BUFFER);
            let (sender, connection) = http.handshake(watched).await.map_err(Failure::http)?;
            Ok(Live { sender, connection, socket, wrote, write_failed, ended: false })
        };
        timeout(self.connect_timeout, connecting).await.unwrap_or(Err(Failure::ConnectTimeout))
    }

    /// A stream to the host of the URL, through the proxy that the rules name, with TLS if the scheme wants
    /// it.
    async fn stream(&self, tcp: Connector, key: &Key, url: Uri) -> Result<Pin<Box<dyn Stream>>, BoxError> {
        let tls = self.tls()?;
        let Some(proxy) = self.proxies.proxy_for(&url) else {
            return Ok(Box::pin(Self::with_tls(&tls, tcp).call(url).await?));
        };
        let proxy = ProxyUrl::read(proxy).ok_or("the proxy's URL is not valid")?;
        // The proxy is told a port, and hyper would always say 443.
        let url = with_port(url, key.port)?;
        let user_agent = self.user_agent.to_str().unwrap_or_default();
        match proxy.kind {
            ProxyKind::Http => {
                let tunnel = Tunnel::new(tcp, proxy.address, user_agent, proxy.user);
                Ok(Box::pin(Self::with_tls(&tls, tunnel).call(url).await?))
            }
            ProxyKind::Https => {
                let tunnel = Tunnel::new(Self::with_tls(&tls, tcp), proxy.address, user_agent, proxy.user);
                Ok(Box::pin(Self::with_tls(&tls, tunnel).call(url).await?))
            }
            ProxyKind::Socks4 { local_dns } => {
                let socks = SocksV4::new(proxy.address, tcp).local_dns(local_dns);
                Ok(Box::pin(Self::with_tls(&tls, socks).call(url).await?))
            }
            ProxyKind::Socks5 { local_dns } => {
                let mut socks = SocksV5::new(proxy.address.clone(), tcp).local_dns(local_dns);
                if let Some((user, password)) = proxy.user {
                    socks = socks.with_auth(user, password);
                }
                Ok(Box::pin(Self::with_tls(&tls, socks).call(url).await?))
            }
        }
    }

    fn with_tls<C>(tls: &ClientConfig, inner: C) -> HttpsConnector<C> {
        HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .wrap_connector(inner)
    }
}

/// The same URL with its port said.
fn with_port(url: Uri, port: u16) -> Result<Uri, BoxError> {
    let authority = format!("{}:{port}", url.host().unwrap_or_default());
    let mut parts = url.into_parts();
    parts.authority = Some(authority.parse()?);
    Ok(Uri::from_parts(parts)?)
}
