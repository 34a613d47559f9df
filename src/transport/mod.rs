//! Transports: they send one request and return one response.
//!
//! A transport never retries, never follows a redirect, and never puts a request off: the engine does that.
//! It waits for the network alone. Before a connection is used again, both look at its socket: one that was
//! closed meanwhile is no attempt. Of each failure it says whether anything of the request was sent: the
//! engine repeats nothing that may have been taken.

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
#[cfg(all(test, not(feature = "async")))]
pub(crate) use stream::AsyncPieces;
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
#[cfg(all(test, not(feature = "async")))]
pub(crate) use asynchronous::contract::Transport as AsyncTransport;
pub use blocking::contract::Transport;

/// The trait for transports of futures, from the same source. The tests build it always.
#[cfg(any(test, feature = "async"))]
#[path = "."]
#[allow(clippy::duplicate_mod, unreachable_pub)]
mod asynchronous {
    use super::stream::AsyncPieces as Body;
    use maybe_async::must_be_async as mode;
    pub(crate) mod contract;
}
