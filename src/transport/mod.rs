//! Transports: they send one request and return one response.
//!
//! A transport never retries, never follows a redirect and never sleeps. Of each failure it says whether
//! anything of the request was sent: the engine repeats nothing that may have been taken.

mod config;
mod error;
mod proxy;
mod ureq;

pub use config::{HttpConfig, Proxy};
pub use error::{SendError, SendErrorKind};
pub use ureq::UreqTransport;

/// The trait for blocking transports.
#[path = "."]
mod blocking {
    use maybe_async::must_be_sync as mode;
    pub(crate) mod contract;
}

#[cfg(test)]
pub(crate) use asynchronous::contract::Transport as AsyncTransport;
pub use blocking::contract::Transport;

/// The trait for transports of futures, from the same source; see `engine`.
#[cfg(test)]
#[path = "."]
#[allow(clippy::duplicate_mod, unreachable_pub)]
mod asynchronous {
    use maybe_async::must_be_async as mode;
    pub(crate) mod contract;
}
