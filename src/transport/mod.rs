//! Transports, which send one request and return one response: [`UreqTransport`] for blocking clients, and
//! `HyperTransport` for async clients (feature `async`).
//!
//! A transport never retries, follows no redirects and waits for nothing but the network: the client decides
//! about retries and delays. Before a connection is used again, both transports check its socket, so a
//! connection that the server has closed meanwhile costs no attempt. Each error says whether anything of the
//! request was sent, because the client does not repeat a change that the server may have accepted.

mod addresses;
#[cfg(all(service, feature = "async"))]
mod any;
mod config;
mod error;
#[cfg(feature = "async")]
mod hyper_transport;
mod lookup;
mod no_proxy;
mod proxy;
mod roots;
mod stream;
mod suspend;
mod tls;
mod tunnel;
mod ureq_transport;

#[cfg(all(service, feature = "async"))]
pub(crate) use any::AnyAsyncTransport;
pub use config::{HttpConfig, Proxy};
pub use error::{SendError, SendErrorKind};
#[cfg(feature = "async")]
pub use hyper_transport::HyperTransport;
#[cfg(service)]
pub(crate) use proxy::is_loopback;
#[cfg(feature = "async")]
pub use stream::AsyncPieces;
pub use stream::{Opened, Pieces};
pub use ureq_transport::UreqTransport;

/// The trait for blocking transports.
#[path = "."]
mod blocking {
    use super::stream::Pieces as Body;
    use maybe_async::must_be_sync as mode;
    pub(crate) mod contract;
}

#[cfg(feature = "async")]
pub use asynchronous::contract::Transport as AsyncTransport;
pub use blocking::contract::Transport;

/// The trait for async transports, from the same source.
#[cfg(feature = "async")]
#[path = "."]
#[allow(clippy::duplicate_mod, unreachable_pub)]
mod asynchronous {
    use super::stream::AsyncPieces as Body;
    use maybe_async::must_be_async as mode;
    pub(crate) mod contract;
}
