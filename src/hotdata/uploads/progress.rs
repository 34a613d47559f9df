//! The events of an upload, for its callback.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Observer, Progress};

/// Events in order, until the caller's thread or task passes them to the callback.
#[derive(Clone, Debug, Default)]
pub(super) struct Events(Arc<Mutex<VecDeque<Progress>>>);

impl Events {
    /// Records events.
    pub(super) fn observer(&self) -> Observer {
        let events = self.clone();
        Observer::new(move |progress| {
            events.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(progress.clone());
        })
    }

    pub(super) fn next(&self) -> Option<Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
