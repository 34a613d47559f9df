//! No scripts run where there is no shell of Unix.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::run::{Ended, Heard, Part};

/// The shell that runs steps: none.
pub(in super::super) fn shell() -> Option<&'static Path> {
    None
}

/// Runs nothing.
pub(super) fn run(
    _parts: &[Part],
    _limit: Duration,
    _ends: &Receiver<()>,
    _heard: &Arc<Mutex<Heard>>,
) -> Ended {
    Ended::NotRun("there is no shell".to_owned())
}
