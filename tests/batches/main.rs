//! Batches.

mod batch;
#[path = "../support/clock.rs"]
mod clock;
mod survives;
