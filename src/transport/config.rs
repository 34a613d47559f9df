//! The settings of connections, for both transports.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::error::Error;
use crate::http::shown_url;

use super::proxy::{self, ProxyRules};
use super::roots;

/// The proxy that requests go through.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// The proxy that the environment names when the transport is created: `https_proxy` for `https`,
    /// `http_proxy` for `http`, `all_proxy` for a scheme whose own variable is not set, and `no_proxy` for
    /// hosts that are reached directly. The names may be in capitals; a lower-case name takes precedence.
    /// `HTTP_PROXY` in capitals is not read where `REQUEST_METHOD` is set: in a CGI program, the client of
    /// the web server can set that variable.
    ///
    /// `no_proxy` follows curl: entries are separated by commas or blanks. A name covers its subdomains too,
    /// with or without a leading dot. IP addresses, networks such as `10.0.0.0/8` or `fd00::/8`, and `*` for
    /// all hosts are understood. An entry with a port (`h.example:8443`) covers this port only. Loopback
    /// hosts are always reached directly.
    #[default]
    FromEnv,
    /// No proxy, whatever the environment says.
    None,
    /// This proxy, for every host: `http://user:password@host:port`, `https://…`, `socks4://…`,
    /// `socks4a://…`, `socks5://…` or `socks5h://…`. HTTP proxies tunnel with CONNECT, for `http` too.
    Url(String),
}

impl Proxy {
    /// Returns the address of the proxy that requests to this URL go through, without its user and password;
    /// `None` if they reach the host directly. Sends nothing.
    ///
    /// ```
    /// use controlplane::transport::Proxy;
    ///
    /// let proxy = Proxy::Url("http://user:password@proxy.example:3128".to_owned());
    /// assert_eq!(proxy.of("https://api.example")?.as_deref(), Some("http://proxy.example:3128"));
    /// assert_eq!(Proxy::None.of("https://api.example")?, None);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if this URL, or the URL of a proxy, is not
    /// valid.
    pub fn of(&self, url: &str) -> Result<Option<String>, Error> {
        let attempted = format!("finding the proxy of {}", shown_url(url));
        let uri: http::Uri = url.parse().map_err(|_| Error::invalid(&*attempted, "it is not a URL"))?;
        let rules = ProxyRules::new(self);
        rules.check()?;
        Ok(rules.proxy_for(&uri).map(proxy::shown))
    }
}

/// Does not show the URL, which may contain a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FromEnv => "FromEnv",
            Self::None => "None",
            Self::Url(_) => "Url(…)",
        })
    }
}

/// The settings of a transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpConfig {
    /// The time limit of making a connection, TLS included. It counts towards the time limit of the request.
    /// Default: 10 s.
    pub connect_timeout: Duration,
    /// Additional certificate authorities, as the text of a PEM file. Default: none.
    ///
    /// They are trusted in addition to the authorities in the PEM file that `SSL_CERT_FILE` names and in the
    /// directories of PEM files that `SSL_CERT_DIR` names when the transport is made. If neither variable is
    /// set, they are trusted in addition to the built-in authorities, which are Mozilla's, or with the
    /// feature `native-roots` in addition to the authorities of the system.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Whether certificates are verified. Default: true.
    ///
    /// **Dangerous if false**: any certificate is accepted then, and anyone between this machine and the
    /// server can read the API secret. Use it only for a test server on your own machine; to trust a
    /// company's proxy or a private CA, use `extra_ca_pem`.
    pub verify_tls: bool,
    /// The `User-Agent` of requests. Default: `controlplane/<version>`.
    pub user_agent: String,
    /// The proxy. Default: that of the environment.
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
    /// Sets [`extra_ca_pem`](HttpConfig::extra_ca_pem) to the content of a file.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the file cannot be read or is larger than 16
    /// MiB. Whether it has certificates is checked when the transport is made.
    pub fn extra_ca_file(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let pem = roots::read_file(path, &format!("reading the CA file {}", path.display()))?;
        self.extra_ca_pem = Some(pem);
        Ok(self)
    }
}
