//! What a call does while it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something that happened while a call was running. Given to the callback of `.on_progress(…)`, and logged at
/// debug level.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Progress {
    /// The server has taken the command and given it an id.
    Submitted {
        /// The id, good for `resume`.
        request_id: String,
    },
    /// The operation is not finished yet; or, where a resource or a run is waited for, that is not as it should be.
    Polled {
        /// The id; of the check that was made, where a resource or a run is waited for.
        request_id: String,
        /// The status in the server's words: the operation's, or the resource's or run's.
        status: String,
        /// Since the call began.
        elapsed: Duration,
        /// until the next poll.
        next: Duration,
    },
    /// A request failed in a way that may pass, and is sent again.
    Retrying {
        /// What failed.
        reason: String,
        /// Until it is sent again.
        delay: Duration,
    },
    /// The rate budget is used up for the moment.
    WaitingForBudget {
        /// Until the next request may go.
        delay: Duration,
    },
}

type Callback = dyn Fn(&Progress) + Send + Sync;

/// A callback for progress, or none.
#[derive(Clone, Default)]
pub(crate) struct Observer(Option<Arc<Callback>>);

impl Observer {
    pub(crate) fn new(callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    /// One that does not hear of some things.
    pub(crate) fn without(&self, of_no_interest: fn(&Progress) -> bool) -> Self {
        let Some(callback) = self.0.clone() else { return Self::default() };
        Self::new(move |progress| {
            if !of_no_interest(progress) {
                callback(progress);
            }
        })
    }

    pub(crate) fn emit(&self, progress: &Progress) {
        log::debug!("{progress:?}");
        if let Some(callback) = &self.0 {
            callback(progress);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Observer(callback)" } else { "Observer" })
    }
}
