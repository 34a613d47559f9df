//! What a call does while it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{ErrorKind, shown};

/// Something that happened while a call was running. Given to the callback of `.on_progress(…)`, and logged at
/// debug level: through `log`, or with the feature `tracing` as an event in a span for each call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Progress {
    /// The server has taken the command and given it an id.
    Submitted {
        /// The id, good for `resume`.
        id: String,
    },
    /// The operation is not finished yet; or, where a resource or a run is waited for, that is not as it should be.
    Polled {
        /// The id; of the check that was made, where a resource or a run is waited for.
        id: String,
        /// The status in the server's words: the operation's, or the resource's or run's.
        status: String,
        /// Since the call began.
        elapsed: Duration,
        /// Until the next poll.
        next: Duration,
    },
    /// The operation has another status than when it was last asked about.
    StatusChanged {
        /// The id.
        id: String,
        /// In the server's words; `None` before the first poll.
        from: Option<String>,
        /// In the server's words.
        to: String,
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
    /// More bytes of an upload were accepted.
    Transferred {
        /// The number of bytes that were accepted so far.
        transferred: u64,
        /// The number of bytes in total; `None` while a reader has not been read to its end.
        total: Option<u64>,
    },
    /// The operation has ended, or the wait for it.
    Finished {
        /// The id, if there is one.
        id: Option<String>,
        /// The status that it ended well with, in the server's words, or the kind of the call's error.
        outcome: Result<String, ErrorKind>,
        /// Since the call began.
        elapsed: Duration,
    },
}

/// One line, for a log or beside a progress bar.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: &Duration| format!("{:.1} s", time.as_secs_f64());
        match self {
            Self::Submitted { id } => write!(f, "submitted, id {}", shown(id)),
            Self::Polled { status, elapsed, next, .. } => {
                write!(
                    f,
                    "{} after {}, to be asked again in {}",
                    shown(status),
                    seconds(elapsed),
                    seconds(next)
                )
            }
            Self::StatusChanged { from: Some(from), to, .. } => {
                write!(f, "from {} to {}", shown(from), shown(to))
            }
            Self::StatusChanged { from: None, to, .. } => write!(f, "{}", shown(to)),
            Self::Retrying { reason, delay } => write!(f, "again in {}: {}", seconds(delay), shown(reason)),
            Self::WaitingForBudget { delay } => write!(f, "waiting {} for the rate limit", seconds(delay)),
            Self::Transferred { transferred, total: Some(total) } => {
                write!(f, "{transferred} of {total} bytes transferred")
            }
            Self::Transferred { transferred, total: None } => write!(f, "{transferred} bytes transferred"),
            Self::Finished { outcome: Ok(status), elapsed, .. } => {
                write!(f, "ended with {} after {}", shown(status), seconds(elapsed))
            }
            Self::Finished { outcome: Err(kind), elapsed, .. } => {
                write!(f, "ended with the error {kind:?} after {}", seconds(elapsed))
            }
        }
    }
}

type Callback = dyn Fn(&Progress) + Send + Sync;

/// Hears of the progress of one call: the log, and a callback if there is one.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    callback: Option<Arc<Callback>>,
    span: Span,
}

impl Observer {
    pub(crate) fn new(callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self { callback: Some(Arc::new(callback)), span: Span::default() }
    }

    /// Of the call with this label, for the log.
    pub(crate) fn of(self, label: &str) -> Self {
        Self { span: Span::new(label), ..self }
    }

    /// Calls back, and logs nothing.
    pub(crate) fn call(&self, progress: &Progress) {
        if let Some(callback) = &self.callback {
            callback(progress);
        }
    }

    /// One that does not hear of some things.
    #[cfg(checks)]
    pub(crate) fn without(&self, of_no_interest: fn(&Progress) -> bool) -> Self {
        let callback = self.callback.clone().map(|callback| {
            let chosen: Arc<Callback> = Arc::new(move |progress: &Progress| {
                if !of_no_interest(progress) {
                    callback(progress);
                }
            });
            chosen
        });
        Self { callback, span: self.span.clone() }
    }

    pub(crate) fn emit(&self, progress: &Progress) {
        self.span.log(progress);
        self.call(progress);
    }
}

/// What events are logged as.
const TARGET: &str = "controlplane";

/// What the events of one call have in common in the log: nothing, without `tracing`.
#[cfg(not(feature = "tracing"))]
#[derive(Clone, Default)]
struct Span(());

#[cfg(not(feature = "tracing"))]
impl Span {
    fn new(_: &str) -> Self {
        Self(())
    }

    fn log(&self, progress: &Progress) {
        log::debug!(target: TARGET, "{progress}");
    }
}

/// The span of a call; none until there is one.
#[cfg(feature = "tracing")]
#[derive(Clone)]
struct Span(tracing::Span);

#[cfg(feature = "tracing")]
impl Default for Span {
    fn default() -> Self {
        Self(tracing::Span::none())
    }
}

#[cfg(feature = "tracing")]
impl Span {
    fn new(label: &str) -> Self {
        Self(tracing::debug_span!(target: TARGET, "call", label))
    }

    fn log(&self, progress: &Progress) {
        let (name, id) = progress.summary();
        tracing::debug!(target: TARGET, parent: &self.0, event = name, id, "{progress}");
    }
}

#[cfg(feature = "tracing")]
impl Progress {
    /// Its name, and the id that it is about.
    fn summary(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Submitted { id } => ("submitted", Some(id)),
            Self::Polled { id, .. } => ("polled", Some(id)),
            Self::StatusChanged { id, .. } => ("status changed", Some(id)),
            Self::Retrying { .. } => ("retrying", None),
            Self::WaitingForBudget { .. } => ("waiting for budget", None),
            Self::Transferred { .. } => ("transferred", None),
            Self::Finished { id, .. } => ("finished", id.as_deref()),
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.callback.is_some() { "Observer(callback)" } else { "Observer" })
    }
}
