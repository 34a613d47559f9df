//! Hotdata.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/known_faults.rs"]
mod known_faults;
#[path = "../support/paths.rs"]
mod paths;
#[path = "../support/scripted.rs"]
mod scripted;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod upload_and_load;
#[path = "../support/vectors.rs"]
mod vectors;
mod waits;
mod wire;
