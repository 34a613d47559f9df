//! Moving from the vendors' Python SDKs: their code and ours, side by side.
//!
//! Each service has a page of its own, which is here if its feature is enabled:
//!
//! | Vendor's package | Guide |
//! |---|---|
#![cfg_attr(feature = "onehouse", doc = "| onehouse-python-sdk 0.3.0 | [`onehouse`] |")]
#![cfg_attr(not(feature = "onehouse"), doc = "| onehouse-python-sdk 0.3.0 | feature `onehouse` |")]
#![cfg_attr(feature = "eloq", doc = "| eloq-sdk 0.1.4 | [`eloq`] |")]
#![cfg_attr(not(feature = "eloq"), doc = "| eloq-sdk 0.1.4 | feature `eloq` |")]
#![cfg_attr(feature = "h2o-workflows", doc = "| h2o-workflows 1.1.2 | [`h2o_workflows`] |")]
#![cfg_attr(not(feature = "h2o-workflows"), doc = "| h2o-workflows 1.1.2 | feature `h2o-workflows` |")]
#![cfg_attr(feature = "hotdata", doc = "| hotdata 0.12.0 | [`hotdata`] |")]
#![cfg_attr(not(feature = "hotdata"), doc = "| hotdata 0.12.0 | feature `hotdata` |")]
//!
//! The Python programs run against the emulator, with the vendor's packages as they are; the Rust programs do
//! the same. [Errors](crate::docs::errors) has a table for each vendor's exceptions.
//!
//! What changes with all four:
//!
//! - A call does nothing until `.send()`. It can be inspected (`.to_sql()`, `.to_request()`), moved to a
//!   thread, or put into a batch first.
//! - Required parameters are arguments, optional ones are methods of the call.
//! - Every failure is an [`Error`](crate::Error) with a kind; no failure is reported as `None`, as text
//!   or as the exception of another library.
//! - Every call has a [timeout](crate::docs::timeouts), and a failed request is retried where that is safe.
//! - A request that changes something is not sent again after it may have been accepted, unless it has
//!   an idempotency key (Hotdata): the error is [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).

#[cfg(feature = "eloq")]
pub mod eloq;
#[cfg(feature = "h2o-workflows")]
pub mod h2o_workflows;
#[cfg(feature = "hotdata")]
pub mod hotdata;
#[cfg(feature = "onehouse")]
pub mod onehouse;
