//! Local servers that stand in for the real services (feature `emulator`).
//!
//! An emulator listens on a loopback address, checks what it is sent as strictly as the service's documents
//! allow, keeps state, and takes its time to finish work. It is for tests, for examples and for a first look
//! without an account, with this crate or with any other client of the same service.
//!
//! In process it stops when it is dropped. Nothing it holds outlives it: there is no file and no global state.
//!
//! - [`onehouse`]: the SQL API of Onehouse.
//! - [`faults`]: how each of them can be told to misbehave.

#[cfg(feature = "onehouse")]
mod duration;
#[cfg(feature = "onehouse")]
pub mod faults;
#[cfg(feature = "onehouse")]
pub mod onehouse;
#[cfg(feature = "onehouse")]
mod seeded;
#[cfg(feature = "onehouse")]
mod server;
