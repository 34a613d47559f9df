//! Where the logs of a run were read to.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::logs::OutputStream;
use crate::h2o_workflows::names::Kind;

/// The longest chain of workflows that call each other.
pub(super) const MAX_CALLS: usize = 32;

/// A position in the logs of a run: where to continue, in this process or in another one.
///
/// It is a small value for a file: in JSON an object with the run, the attempt, the job, the step and the
/// offset, and the ids of the jobs of the attempt that are done. A position is valid for the output that was
/// read ([`output`](crate::h2o_workflows::Call::output)), because offsets count the bytes of that output.
///
/// Every error of [`follow_logs`](crate::h2o_workflows::clients::RunClient::follow_logs) has a position as
/// its [`detail`](crate::Error::detail).
///
/// ```
/// use controlplane::h2o_workflows::RunLogPosition;
///
/// let text = r#"{"places": [{"run": "workspaces/w/workflows/f/revisions/r/runs/x", "attempt": 1, "job": "train", "step": 2, "offset": 4096}]}"#;
/// let position: RunLogPosition = serde_json::from_str(text)?;
/// assert_eq!(position.run(), "workspaces/w/workflows/f/revisions/r/runs/x");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunLogPosition {
    /// The output that was read.
    #[serde(default, skip_serializing_if = "is_unspecified")]
    pub(super) stream: OutputStream,
    /// The place in the run, and in the run that its job has called, and so on.
    pub(super) places: Vec<Place>,
}

fn is_unspecified(stream: &OutputStream) -> bool {
    *stream == OutputStream::Unspecified
}

/// A place in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) run: String,
    /// The attempt, counted from 1.
    #[serde(default = "one")]
    pub(super) attempt: usize,
    /// The ids of the jobs of the attempt whose logs were returned to their end.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) done: BTreeSet<String>,
    /// The id of the job that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) job: Option<String>,
    /// The step of the job, counted from 1.
    #[serde(default = "one")]
    pub(super) step: usize,
    /// The offset up to which its log was returned.
    #[serde(default)]
    pub(super) offset: u64,
}

fn one() -> usize {
    1
}

impl Place {
    pub(super) fn new(run: impl Into<String>) -> Self {
        Self { run: run.into(), attempt: 1, done: BTreeSet::new(), job: None, step: 1, offset: 0 }
    }

    /// Goes to the next attempt.
    pub(super) fn end_attempt(&mut self) {
        self.attempt += 1;
        self.done.clear();
        self.begin(None);
    }

    /// Goes to the beginning of a job.
    pub(super) fn begin(&mut self, job: Option<String>) {
        (self.job, self.step, self.offset) = (job, 1, 0);
    }

    /// The job has no more logs.
    pub(super) fn end_job(&mut self) {
        let job = self.job.take();
        self.done.extend(job);
        self.begin(None);
    }

    /// The step has no more logs.
    pub(super) fn end_step(&mut self) {
        (self.step, self.offset) = (self.step + 1, 0);
    }
}

impl RunLogPosition {
    pub(super) fn beginning(run: &str, stream: OutputStream) -> Self {
        Self { stream, places: vec![Place::new(run)] }
    }

    /// Returns the name of the run: `…/revisions/{revision}/runs/{run}`.
    pub fn run(&self) -> &str {
        self.places.first().map_or("", |place| &place.run)
    }

    /// Returns why the position cannot be one of this run's.
    pub(super) fn fault(&self, run: &str, stream: &OutputStream) -> Option<&'static str> {
        let fits = |place: &Place| Kind::Run.fits(&place.run) && place.attempt > 0 && place.step > 0;
        if self.run() != run {
            return Some("the position belongs to another run");
        }
        if self.stream != *stream {
            return Some(
                "the position belongs to another output of the steps: set the same `.output(…)` as before",
            );
        }
        let is_whole = self.places.iter().all(fits) && self.places.len() <= MAX_CALLS;
        (!is_whole).then_some("the position is damaged: follow the logs without it, from their beginning")
    }
}

/// The position that the machine moves and its reader shows.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<RunLogPosition>>);

impl Shared {
    pub(super) fn new(position: RunLogPosition) -> Self {
        Self(Arc::new(Mutex::new(position)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, RunLogPosition> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the innermost place.
    pub(super) fn here<T>(&self, change: impl FnOnce(&mut Place) -> T) -> Option<T> {
        self.lock().places.last_mut().map(change)
    }

    /// Returns the position that is this many bytes of the current step before the shared one.
    pub(super) fn before(&self, bytes: u64) -> RunLogPosition {
        let mut position = self.lock().clone();
        if let Some(place) = position.places.last_mut() {
            place.offset = place.offset.saturating_sub(bytes);
        }
        position
    }
}
