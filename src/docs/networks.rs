//! Corporate networks: proxies, certificate authorities, and networks that inspect TLS.
//!
//! Both transports, blocking and async, follow the same rules.
//!
//! # Proxies
//!
//! By default the client reads the proxy variables that curl reads:
//!
//! | Variable | Meaning |
//! |---|---|
//! | `https_proxy` | the proxy for `https` addresses, as the services have |
//! | `http_proxy` | the proxy for `http` addresses |
//! | `all_proxy` | the proxy for a scheme whose own variable is not set |
//! | `no_proxy` | hosts that are reached directly |
//!
//! The names may be in capitals; those in small letters win. Unlike curl, the client also reads `HTTP_PROXY`
//! in capitals, but not where `REQUEST_METHOD` is set, because a web client may have set it (CGI).
//!
//! A proxy is `http://user:password@host:port`, or has one of the schemes `https`, `socks4`, `socks4a`,
//! `socks5`, `socks5h`; without a scheme it is an `http` proxy. HTTP proxies tunnel with CONNECT. With
//! `socks4a` and `socks5h` the proxy looks up the name of the service, with `socks4` and `socks5` the client
//! does.
//!
//! Entries of `no_proxy` are separated by commas or blanks: names (`example.com` covers its subdomains), IP
//! addresses, networks (`10.0.0.0/8`), any of these with a port (`example.com:8443`), or `*` for every host.
//! Unlike with curl, loopback hosts are always reached directly, so an emulator works where a proxy is
//! required. Only a proxy that the program sets (`Proxy::Url`) is used for loopback hosts too.
//!
//! A proxy URL that cannot be read is an error (`InvalidArgument`) when the client is built: bypassing the
//! proxy silently would be worse. Entries of `no_proxy` that cannot be read are ignored.
//!
//! To choose in the program, in place of the environment:
//!
//! ```
//! use controlplane::onehouse::Client;
//! use controlplane::transport::Proxy;
//!
//! # let emulator = controlplane_emulator::onehouse::Emulator::start()?;
//! # let credentials = emulator.credentials();
//! let client = Client::builder()
//!     .credentials(credentials)
//!     .proxy(Proxy::Url("http://proxy.example.com:3128".to_owned())) // or `Proxy::None`
//!     .build()?;
//! # let _ = client;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If a proxy refuses the password (407), the client does not send it again, because some directories lock an
//! account after a few failures.
//!
//! # Certificate authorities
//!
//! | Setting | Trusted authorities |
//! |---|---|
//! | none | the built-in ones, which are Mozilla's |
//! | feature `native-roots` | those of the operating system in place of the built-in ones; if it has none, the built-in ones, with a warning in the log |
//! | variables `SSL_CERT_FILE`, `SSL_CERT_DIR` | those in the file or the directories, in place of the built-in ones and those of the system |
//! | `.ca_file(path)` on the builder | those in this PEM file, in addition to the ones above |
//!
//! A network that inspects TLS presents certificates of its own authority. Ask for that authority's
//! certificate, and either add it with `.ca_file(…)` or `SSL_CERT_FILE`, or, where the company installs it on
//! every machine, build with `native-roots`:
//!
//! ```toml
//! [dependencies]
//! controlplane = { path = "../controlplane", features = ["native-roots"] }
//! ```
//!
//! ```no_run
//! use controlplane::onehouse::Client;
//!
//! let client = Client::builder().ca_file("/etc/ssl/certs/company.pem").build()?;
//! # let _ = client;
//! # Ok::<(), controlplane::Error>(())
//! ```
//!
//! A file that cannot be read is an error when the client is built. Do not turn verification off
//! (`.verify_tls(false)`) outside of a test: anyone on the network path to the service could read the API
//! secret.
//!
//! # Diagnosis
//!
//! | Error | Likely cause |
//! |---|---|
//! | [`Tls`](crate::ErrorKind::Tls), the issuer is unknown | the network inspects TLS: add its authority |
//! | [`Tls`](crate::ErrorKind::Tls), the certificate has expired or is not yet valid | the clock of the machine, or the server |
//! | [`Transport`](crate::ErrorKind::Transport), connecting timed out | a proxy is required and not set |
//! | [`Transport`](crate::ErrorKind::Transport), the proxy refused | its password (407), or its rules for the host |
//! | [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) ([`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) of a call that changes something), a web page with status 200 | a sign-in page of the network answered in place of the service |
//! | [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse), a redirect | the base URL is wrong, or a proxy redirects; redirects are refused because they would send the credentials to another host |
//!
//! TCP keepalive begins after 30 s of silence, so a firewall that drops idle connections is noticed. A
//! connection that has been kept is checked before it is used again.
