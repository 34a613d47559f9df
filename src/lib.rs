//! SDK for the control planes of managed data platforms.

mod engine;
mod error;
pub mod http;
#[cfg(feature = "onehouse")]
pub mod onehouse;
#[cfg(feature = "onehouse")]
mod open_enum;
mod redact;
pub mod transport;

pub use engine::{Effect, PollPolicy, Progress, RetryPolicy};
pub use error::{Error, ErrorKind, Result};
#[doc(no_inline)]
pub use secrecy::{ExposeSecret, SecretString};

/// Documents without code.
pub mod docs {
    /// Errors.
    pub mod errors {}
}
