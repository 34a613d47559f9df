//! SDK for the control planes of managed data platforms.

#[cfg(feature = "emulator")]
pub mod emulator;
mod engine;
mod error;
pub mod http;
#[cfg(feature = "onehouse")]
pub mod onehouse;
#[cfg(feature = "onehouse")]
mod open_enum;
mod redact;

pub use engine::Effect;
pub use error::{Error, ErrorKind, Result};
#[doc(no_inline)]
pub use secrecy::{ExposeSecret, SecretString};

/// Documents without code.
pub mod docs {
    /// Errors.
    pub mod errors {}
}
