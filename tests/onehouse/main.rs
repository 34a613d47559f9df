//! Onehouse.

#![allow(clippy::unwrap_used, clippy::panic)]

mod credentials;
#[path = "../support/known_faults.rs"]
mod known_faults;
mod recorded_credentials;
mod recorded_statements;
mod statements;
#[path = "../support/vectors.rs"]
mod vectors;
#[path = "../support/warnings.rs"]
mod warnings;
