//! Batches.

mod batch;
#[path = "../support/clock.rs"]
mod clock;
mod early_end;
mod journals;
mod services;
mod survives;
