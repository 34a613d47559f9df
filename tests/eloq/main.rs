//! EloqCloud.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/fits.rs"]
mod fits;
#[path = "../support/known_faults.rs"]
mod known_faults;
#[path = "../support/paths.rs"]
mod paths;
#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/scripted.rs"]
mod scripted;
#[path = "../support/served.rs"]
mod served;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/vectors.rs"]
mod vectors;
mod wire;
