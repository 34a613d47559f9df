//! What a call does while it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::error::{ErrorKind, shown};
use crate::http::Request;
#[cfg(bare_requests)]
use crate::http::Response;
#[cfg(bare_requests)]
use crate::transport::SendError;

use super::context::Reply;
use super::trace::Trace;

/// An event of a running call. The client passes it to the callback of `.on_progress(…)` and logs it:
/// failures as warnings, everything else at debug level. The log is written through the crate `log`, or with
/// the feature `tracing` through `tracing`: see [`docs::tracing`](crate::docs::tracing).
///
/// In JSON, an event is an object with the name of the event as `event`, and times in seconds. In place of
/// `outcome`, the event `finished` has a field `status` or `error`:
///
/// ```
/// use controlplane::Progress;
/// use serde_json::json;
///
/// let event = Progress::Submitted { id: "id-1".into() };
/// assert_eq!(serde_json::to_value(&event)?, json!({"event": "submitted", "id": "id-1"}));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Progress {
    /// The server has accepted the command and returned its id.
    Submitted {
        /// The request id of the operation, for `resume`. If the service gives no request ids, this is the
        /// name or id of the resource or the run.
        id: String,
    },
    /// A poll found that the operation has not ended yet, or that the resource or the run that the call waits
    /// for has not reached the wanted state yet.
    Polled {
        /// The id of the operation, or the name or id of the resource or the run that the call waits for. If
        /// the call reads the state with statements, each of which is an operation itself, this is the id of
        /// the last one.
        id: String,
        /// The status of the operation, the resource or the run, as the server spells it.
        status: String,
        /// The time since the start of the call.
        #[serde(serialize_with = "in_seconds")]
        elapsed: Duration,
        /// The time until the next poll.
        #[serde(serialize_with = "in_seconds")]
        next: Duration,
    },
    /// A poll found another status of the operation, the resource or the run than the poll before.
    StatusChanged {
        /// The id, as in [`Polled`](Progress::Polled).
        id: String,
        /// The earlier status, as the server spells it; `None` before the first poll.
        from: Option<String>,
        /// The new status, as the server spells it.
        to: String,
    },
    /// A request failed for a reason that may pass, and will be sent again.
    Retrying {
        /// The reason of the failure.
        reason: String,
        /// The time until the request is sent again.
        #[serde(serialize_with = "in_seconds")]
        delay: Duration,
    },
    /// The next request waits for the client's rate limit.
    WaitingForRateLimit {
        /// The time until the next request can be sent.
        #[serde(serialize_with = "in_seconds")]
        delay: Duration,
    },
    /// An upload has begun, with 0 bytes, or the storage has accepted more of its bytes, or the size of the whole
    /// upload has become known.
    Transferred {
        /// The number of bytes that the storage has accepted so far.
        transferred: u64,
        /// The number of bytes of the whole upload. `None` if it is not known yet, because the upload reads
        /// from a reader that has not ended.
        total: Option<u64>,
    },
    /// The operation has ended, or the wait for it has ended without its result.
    Finished {
        /// The id, as in [`Polled`](Progress::Polled), if there is one.
        id: Option<String>,
        /// The final status as the server spells it, or the kind of the call's error.
        #[serde(serialize_with = "status_or_error", flatten)]
        outcome: Result<String, ErrorKind>,
        /// The time since the start of the call.
        #[serde(serialize_with = "in_seconds")]
        elapsed: Duration,
    },
}

fn in_seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

/// `"status"` or `"error"`.
fn status_or_error<S: Serializer>(
    outcome: &Result<String, ErrorKind>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    match outcome {
        Ok(status) => map.serialize_entry("status", status)?,
        Err(kind) => map.serialize_entry("error", kind)?,
    }
    map.end()
}

/// Writes one line, for a log or next to a progress bar.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: &Duration| format!("{:.1} s", time.as_secs_f64());
        match self {
            Self::Submitted { id } => write!(f, "submitted, id {}", shown(id)),
            Self::Polled { status, elapsed, next, .. } => {
                write!(f, "{} after {}, next poll in {}", shown(status), seconds(elapsed), seconds(next))
            }
            Self::StatusChanged { from: Some(from), to, .. } => {
                write!(f, "from {} to {}", shown(from), shown(to))
            }
            Self::StatusChanged { from: None, to, .. } => write!(f, "{}", shown(to)),
            Self::Retrying { reason, delay } => {
                write!(f, "retrying in {}: {}", seconds(delay), shown(reason))
            }
            Self::WaitingForRateLimit { delay } => write!(f, "waiting {} for the rate limit", seconds(delay)),
            Self::Transferred { transferred, total: Some(total) } => {
                write!(f, "{transferred} of {total} bytes transferred")
            }
            Self::Transferred { transferred, total: None } => write!(f, "{transferred} bytes transferred"),
            Self::Finished { outcome: Ok(status), elapsed, .. } => {
                write!(f, "ended with {} after {}", shown(status), seconds(elapsed))
            }
            Self::Finished { outcome: Err(kind), elapsed, .. } => {
                write!(f, "ended with an error ({kind}) after {}", seconds(elapsed))
            }
        }
    }
}

type Callback = dyn Fn(&Progress) + Send + Sync;

/// Observes the progress of one call: writes the log, and calls the callback if there is one.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    callback: Option<Arc<Callback>>,
    trace: Trace,
}

impl Observer {
    pub(crate) fn new(callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self { callback: Some(Arc::new(callback)), trace: Trace::default() }
    }

    /// Returns the observer of the call with this label to this service, for the log.
    pub(crate) fn of(self, label: &str, service: &'static str) -> Self {
        Self { trace: Trace::new(label, service), ..self }
    }

    /// Reports that a request is sent.
    pub(crate) fn sends(&self, request: &Request) {
        self.trace.sends(request);
    }

    /// Reports the outcome of the request that was sent last.
    pub(super) fn received(&self, reply: &Reply) {
        let status = match reply {
            Reply::Success(response) | Reply::Failure(response, _) => Some(response.status),
            Reply::NoResponse(error) => error.status(),
        };
        self.trace.received(status, || match reply {
            Reply::Success(_) => None,
            Reply::Failure(_, failure) => Some(failure.status.to_string()),
            Reply::NoResponse(error) => Some(error.kind().as_str().to_owned()),
        });
    }

    /// Reports the outcome of a request whose response no service reads.
    #[cfg(bare_requests)]
    pub(crate) fn answered(&self, result: &Result<Response, SendError>) {
        let status = match result {
            Ok(response) => Some(response.status),
            Err(error) => error.status(),
        };
        self.trace.received(status, || match result {
            Ok(response) if response.is_success() => None,
            Ok(response) => Some(response.status.to_string()),
            Err(error) => Some(error.kind().as_str().to_owned()),
        });
    }

    /// Calls the callback, and logs nothing.
    pub(crate) fn call(&self, progress: &Progress) {
        if let Some(callback) = &self.callback {
            callback(progress);
        }
    }

    /// Returns an observer without some events.
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
        Self { callback, trace: self.trace.clone() }
    }

    pub(crate) fn emit(&self, progress: &Progress) {
        self.trace.log(progress);
        self.call(progress);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.callback.is_some() { "Observer(callback)" } else { "Observer" })
    }
}
