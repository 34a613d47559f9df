//! New connections: through the proxy that the rules name, with TLS if the scheme wants it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use base64::Engine;
use hyper::client::conn::http1;
use hyper::header::HeaderValue;
use hyper::http::uri::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use rustls::ClientConfig;
use tokio::time::timeout;
use tower_service::Service;

use crate::transport::proxy::{ProxyKind, ProxyUrl};

use super::connection::{Key, Live};
use super::failure::Failure;
use super::socket::{Connector, Socket, left};
use super::watch::{Stream, Watched};
use super::{BoxError, HyperTransport};

/// The most headers of an answer, and their size, as ureq has them.
const MAX_HEADERS: usize = 128;
const MAX_HEADER_SIZE: usize = 64 * 1024;

impl HyperTransport {
    pub(super) async fn connect(&self, key: &Key, url: Uri) -> Result<Live, Failure> {
        let connecting = async {
            let (stream, socket) = self.stream(key, url).await.map_err(Failure::Connect)?;
            let wrote = Arc::new(AtomicBool::new(false));
            let watched = Watched { stream, wrote: wrote.clone() };
            // As much as ureq takes.
            let mut http = http1::Builder::new();
            http.max_headers(MAX_HEADERS).max_header_size(MAX_HEADER_SIZE);
            let (sender, connection) = http.handshake(watched).await.map_err(Failure::http)?;
            Ok(Live { sender, connection, socket, wrote, ended: false })
        };
        timeout(self.connect_timeout, connecting).await.unwrap_or(Err(Failure::ConnectTimeout))
    }

    /// A stream to the host of the URL, through the proxy that the rules name, with TLS if the scheme wants it; and the
    /// socket that it goes over.
    async fn stream(&self, key: &Key, url: Uri) -> Result<(Pin<Box<dyn Stream>>, Option<Socket>), BoxError> {
        let mut tcp = HttpConnector::new();
        // Shared between the addresses of a host, so that one that hangs does not keep it from the others.
        tcp.set_connect_timeout(Some(self.connect_timeout));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let tcp = Connector::new(tcp);
        let socket = tcp.socket();
        let stream = self.stream_over(tcp, key, url).await?;
        Ok((stream, left(&socket)))
    }

    async fn stream_over(
        &self,
        tcp: Connector,
        key: &Key,
        url: Uri,
    ) -> Result<Pin<Box<dyn Stream>>, BoxError> {
        let Some(proxy) = self.proxies.proxy_for(key.scheme, url.host().unwrap_or_default()) else {
            return Ok(Box::pin(self.with_tls(tcp).call(url).await?));
        };
        let proxy = ProxyUrl::read(proxy).ok_or("the proxy's URL is not one")?;
        // The proxy is told a port, and hyper would always say 443.
        let url = with_port(url, key.port)?;
        match proxy.kind {
            ProxyKind::Http => {
                let mut tunnel = Tunnel::new(proxy.address.clone(), tcp);
                if let Some(basic) = basic_auth(&proxy) {
                    tunnel = tunnel.with_auth(basic);
                }
                Ok(Box::pin(self.with_tls(tunnel).call(url).await?))
            }
            ProxyKind::Https => {
                let mut tunnel = Tunnel::new(proxy.address.clone(), self.with_tls(tcp));
                if let Some(basic) = basic_auth(&proxy) {
                    tunnel = tunnel.with_auth(basic);
                }
                Ok(Box::pin(self.with_tls(tunnel).call(url).await?))
            }
            ProxyKind::Socks4 { local_dns } => {
                let socks = SocksV4::new(proxy.address, tcp).local_dns(local_dns);
                Ok(Box::pin(self.with_tls(socks).call(url).await?))
            }
            ProxyKind::Socks5 { local_dns } => {
                let mut socks = SocksV5::new(proxy.address.clone(), tcp).local_dns(local_dns);
                if let Some((user, password)) = proxy.user {
                    socks = socks.with_auth(user, password);
                }
                Ok(Box::pin(self.with_tls(socks).call(url).await?))
            }
        }
    }

    fn with_tls<C>(&self, inner: C) -> HttpsConnector<C> {
        HttpsConnectorBuilder::new()
            .with_tls_config(ClientConfig::clone(&self.tls))
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

/// What a proxy is to know of its user.
fn basic_auth(proxy: &ProxyUrl) -> Option<HeaderValue> {
    let (user, password) = proxy.user.as_ref()?;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    HeaderValue::from_str(&format!("Basic {encoded}")).ok()
}
