//! Batches.

#![allow(clippy::unwrap_used, clippy::panic)]

mod batch;
#[path = "../support/clock.rs"]
mod clock;
mod survives;
