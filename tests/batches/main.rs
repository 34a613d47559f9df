//! Batches.

mod batch;
#[path = "../support/clock.rs"]
mod clock;
mod early_end;
mod journals;
mod mixed;
mod onehouse_waits;
mod services;
mod survives;
#[cfg(feature = "hotdata")]
mod uploads;
