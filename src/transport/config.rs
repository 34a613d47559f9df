//! What can be chosen about a connection, for both transports.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::error::Error;

use super::roots;

/// Whether requests go through a proxy.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// What the environment says when the transport is made: `https_proxy` for `https`, `http_proxy` for
    /// `http`, `all_proxy` for what these leave open, and `no_proxy` for hosts that are reached directly. The
    /// names may be in capitals; those in small letters win. `HTTP_PROXY` in capitals is not read where
    /// `REQUEST_METHOD` is set: in a CGI program it comes from the client.
    ///
    /// `no_proxy` follows curl: entries are separated by commas or blanks. A name stands for its subdomains
    /// too, with or without a leading dot; IP addresses, networks as `10.0.0.0/8` or `fd00::/8`, and `*` for
    /// all hosts are understood; an entry with a port (`h.example:8443`) is for that port alone. Loopback
    /// hosts are always reached directly.
    #[default]
    FromEnv,
    /// None, whatever the environment says.
    None,
    /// This one, for every host: `http://user:password@host:port`, `https://…`, `socks4://…` or `socks5://…`.
    /// HTTP proxies are asked to tunnel with CONNECT, for `http` too.
    Url(String),
}

/// The URL may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FromEnv => "FromEnv",
            Self::None => "None",
            Self::Url(_) => "Url(…)",
        })
    }
}

/// What can be chosen about a transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpConfig {
    /// How long connecting may take, TLS included. Default: 10 s. Counts towards the time of the request.
    pub connect_timeout: Duration,
    /// Further certificate authorities, as the text of a PEM file. Default: none.
    ///
    /// They are trusted in addition to those that `SSL_CERT_FILE` (a PEM file) and `SSL_CERT_DIR`
    /// (directories of such files) name when the transport is made; if neither is set, in addition to the
    /// built-in ones, which are Mozilla's. With the feature `native-roots` the system's take the place of the
    /// built-in ones.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// **Dangerous when false**: any certificate is accepted then, and whoever sits between you and the
    /// server reads your API secret. For a test server on your own machine, and nothing else: to trust a
    /// company's proxy or a private CA, use `extra_ca_pem`. Default: true.
    pub verify_tls: bool,
    /// What the client calls itself. Default: `controlplane/<version>`.
    pub user_agent: String,
    /// The proxy. Default: the environment's.
    pub proxy: Proxy,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            extra_ca_pem: None,
            verify_tls: true,
            user_agent: concat!("controlplane/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: Proxy::FromEnv,
        }
    }
}

impl HttpConfig {
    /// Reads [`extra_ca_pem`](HttpConfig::extra_ca_pem) from a file.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the file cannot be read or is larger than 16
    /// MiB.
    pub fn extra_ca_file(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let pem = roots::read_file(path, &format!("reading the CA file {}", path.display()))?;
        self.extra_ca_pem = Some(pem);
        Ok(self)
    }
}
