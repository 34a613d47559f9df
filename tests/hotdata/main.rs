//! Hotdata.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/known_faults.rs"]
mod known_faults;
#[path = "../support/paths.rs"]
mod paths;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/vectors.rs"]
mod vectors;
mod wire;
