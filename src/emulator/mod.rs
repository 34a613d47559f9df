//! Local servers that stand in for the real services (feature `emulator`).
//!
//! An emulator listens on a loopback address, checks what it is sent as strictly as the service's documents
//! allow, keeps state, and takes its time to finish work. It is for tests, for examples and for a first look
//! without an account, with this crate or with any other client of the same service.
//!
//! In process it stops when it is dropped. Nothing it holds outlives it: there is no file and no global state.
//!
//! - [`onehouse`]: the SQL API of Onehouse (with the feature `onehouse`).
//! - [`eloq`]: EloqCloud (with the feature `eloq`).
//! - [`faults`]: how each of them can be told to misbehave.

mod control;
mod duration;
#[cfg(feature = "eloq")]
pub mod eloq;
pub mod faults;
mod history;
mod limiter;
#[cfg(feature = "onehouse")]
pub mod onehouse;
mod seeded;
mod server;
mod started;
mod time;

pub use time::Pending;
