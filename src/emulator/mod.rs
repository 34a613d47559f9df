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
//! - [`h2o_workflows`]: H2O Workflows (with the feature `emulator-h2o-workflows`).
//! - [`hotdata`]: Hotdata (with the feature `emulator-hotdata`).
//! - [`faults`]: how each of them can be told to misbehave.

#[cfg(any(feature = "emulator-h2o-workflows", feature = "emulator-hotdata"))]
mod calendar;
mod control;
mod duration;
#[cfg(feature = "eloq")]
pub mod eloq;
#[cfg(any(feature = "eloq", feature = "emulator-h2o-workflows"))]
mod encoded;
pub mod faults;
#[cfg(feature = "emulator-h2o-workflows")]
pub mod h2o_workflows;
mod history;
#[cfg(feature = "emulator-hotdata")]
pub mod hotdata;
mod limiter;
#[cfg(feature = "onehouse")]
pub mod onehouse;
#[cfg(any(feature = "emulator-h2o-workflows", feature = "emulator-hotdata"))]
mod parameters;
mod seeded;
mod server;
mod started;
mod time;

pub use time::Pending;
