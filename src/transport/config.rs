//! What can be chosen about a connection, for both transports.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use crate::error::Error;

/// A CA file larger than this is not read.
const MAX_CA_FILE: u64 = 16 * 1024 * 1024;

/// Whether requests go through a proxy.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// What the environment says when the transport is made: `HTTPS_PROXY` for `https`, `HTTP_PROXY` for `http`,
    /// `ALL_PROXY` for what these leave open, and `NO_PROXY` for hosts that are reached directly (names, which stand
    /// for their subdomains too, IP addresses, networks as `10.0.0.0/8`, or `*`). Small letters count as well.
    /// Loopback hosts are always reached directly. `HTTP_PROXY` in capitals is not read where `REQUEST_METHOD` is set: in a CGI program it comes from the client.
    #[default]
    FromEnv,
    /// None, whatever the environment says.
    None,
    /// This one, for every host: `http://user:password@host:port`, `https://…`, `socks4://…` or `socks5://…`. HTTP
    /// proxies are asked to tunnel with CONNECT, for `http` too.
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
    /// Further certificate authorities, as the text of a PEM file. They are trusted in addition to the
    /// built-in ones (Mozilla's). Default: none.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// **Dangerous when false**: any certificate is accepted then, and whoever sits between you and the server
    /// reads your API secret. For a test server on your own machine, and nothing else: to trust a company's
    /// proxy or a private CA, use `extra_ca_pem`. Default: true.
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
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the file cannot be read or is larger than 16 MiB.
    pub fn extra_ca_file(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let what = || format!("reading the CA file {}", path.display());
        let failed = |e: std::io::Error| Error::invalid(what(), e.to_string()).with_source(e);
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            return Err(Error::invalid(what(), "it is not a file"));
        }
        let mut pem = Vec::new();
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(MAX_CA_FILE + 1).read_to_end(&mut pem).map_err(failed)?;
        if pem.len() as u64 > MAX_CA_FILE {
            return Err(Error::invalid(what(), format!("it has more than {MAX_CA_FILE} bytes")));
        }
        self.extra_ca_pem = Some(pem);
        Ok(self)
    }
}
