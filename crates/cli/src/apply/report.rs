//! How the calls of a batch have ended: the result of `apply` and `resume`.

use std::collections::HashMap;

use controlplane::client::CallState;
use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use controlplane::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::failure::{Exit, Result};

use super::batches::Listed;

/// The end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Status {
    Done,
    DoneEarlier,
    Failed,
    FailedEarlier,
    Skipped,
    /// The wait for it has ended, and it continues at the service.
    Running,
    Unknown,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::DoneEarlier => "done earlier",
            Self::Failed => "failed",
            Self::FailedEarlier => "failed earlier",
            Self::Skipped => "skipped",
            Self::Running => "still running",
            Self::Unknown => "unknown",
        }
    }
}

/// A call, and how it has ended.
struct Row {
    key: String,
    status: Option<Status>,
    /// The id of the operation, or the name of what it has started.
    id: Option<String>,
    error: Option<String>,
    exit: Exit,
    output: Value,
}

impl Row {
    /// `is_whole`: with the output.
    fn json(&self, is_whole: bool) -> Value {
        let mut map = Map::new();
        map.insert("key".into(), json!(self.key));
        map.insert("status".into(), json!(self.status.map(Status::name)));
        map.insert("id".into(), json!(self.id));
        map.insert("error".into(), json!(self.error));
        if is_whole {
            map.insert("output".into(), self.output.clone());
        }
        Value::Object(map)
    }
}

/// The ends of the calls of a batch, in the order of the plan.
pub(super) struct Report {
    rows: Vec<Row>,
    places: HashMap<String, usize>,
    /// Why the journal could not be written.
    unwritten: Option<String>,
}

impl Report {
    pub(super) fn new(calls: &[Listed]) -> Self {
        let places = calls.iter().enumerate().map(|(at, call)| (call.key.clone(), at)).collect();
        let rows = calls.iter().map(|call| {
            let mut row = Row {
                key: call.key.clone(),
                status: None,
                id: None,
                error: None,
                exit: Exit::Done,
                output: Value::Null,
            };
            match &call.state {
                CallState::Done { request_id } => {
                    row.status = Some(Status::DoneEarlier);
                    row.id.clone_from(request_id);
                }
                CallState::Submitted { request_id } => row.id = Some(request_id.clone()),
                CallState::Failed { error } => {
                    row.status = Some(Status::FailedEarlier);
                    row.error = Some(first_line(error));
                    row.exit = Exit::Failed;
                }
                _ => {}
            }
            row
        });
        Self { rows: rows.collect(), places, unwritten: None }
    }

    /// Adds the outcome of a call.
    pub(super) fn add(&mut self, key: &str, id: Option<String>, result: std::result::Result<Value, Error>) {
        let Some(row) = self.places.get(key).and_then(|at| self.rows.get_mut(*at)) else { return };
        row.id = id.or(row.id.take());
        match result {
            // That of a call that has ended in an earlier run.
            Ok(_) if row.status == Some(Status::DoneEarlier) => {}
            Ok(output) => (row.status, row.output) = (Some(Status::Done), output),
            Err(error) => {
                if row.status != Some(Status::FailedEarlier) {
                    row.status = Some(status(&error));
                }
                row.exit = exit(&error);
                row.id = error.request_id().or(error.resource()).map(str::to_owned).or(row.id.take());
                if let Some(why) = unwritten(&error) {
                    self.unwritten.get_or_insert(why);
                }
                row.error = Some(first_line(&error.to_string()));
            }
        }
    }

    /// Prints a row for each call. JSON has the outputs too.
    pub(super) fn print(&self, app: &App) -> Result {
        let view = self.rows.iter().map(|row| row.json(false)).collect();
        super::print_steps(app, &self.whole(), view)
    }

    /// Prints everything as JSON, and fails for this reason.
    pub(super) fn print_whole(&self, app: &App, why: &str) -> Result {
        app.out.whole(&self.whole(), why)
    }

    fn whole(&self) -> Value {
        self.rows.iter().map(|row| row.json(true)).collect()
    }

    /// Returns why the journal could not be written, if that is so.
    pub(super) fn unwritten(&self) -> Option<&str> {
        self.unwritten.as_deref()
    }

    fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.status == Some(status)).count()
    }

    /// Returns the exit code of the batch: what is most urgent to know.
    pub(super) fn exit(&self, is_interrupted: bool) -> Exit {
        let has = |exit: Exit| self.rows.iter().any(|row| row.exit == exit);
        if self.rows.iter().all(|row| row.exit == Exit::Done) {
            return Exit::Done;
        }
        if is_interrupted && !has(Exit::OutcomeUnknown) {
            return Exit::Interrupted;
        }
        let order =
            [Exit::OutcomeUnknown, Exit::Credentials, Exit::Refused, Exit::Failed, Exit::StillRunning];
        // Different failures are one failure of the plan.
        match order.into_iter().find(|exit| has(*exit)) {
            Some(Exit::Refused) if has(Exit::Failed) => Exit::Failed,
            Some(exit) => exit,
            None => Exit::Failed,
        }
    }

    /// Returns how many calls have ended in which way: `2 done, 1 failed`.
    pub(super) fn summary(&self) -> String {
        let all = [
            Status::Done,
            Status::DoneEarlier,
            Status::Failed,
            Status::FailedEarlier,
            Status::Skipped,
            Status::Running,
            Status::Unknown,
        ];
        let parts: Vec<String> = all
            .into_iter()
            .filter(|status| self.count(*status) > 0)
            .map(|status| format!("{} {}", self.count(status), status.name()))
            .collect();
        parts.join(", ")
    }
}

fn status(error: &Error) -> Status {
    match error.kind() {
        ErrorKind::Skipped => Status::Skipped,
        ErrorKind::OutcomeUnknown if !is_before_load(error) => Status::Unknown,
        _ if goes_on(error) => Status::Running,
        _ => Status::Failed,
    }
}

/// The exit code that an error of a call stands for.
fn exit(error: &Error) -> Exit {
    match error.kind() {
        ErrorKind::Skipped if unwritten(error).is_some() => Exit::Failed,
        // It follows from another failure, or from the interruption.
        ErrorKind::Skipped => Exit::StillRunning,
        ErrorKind::Cancelled => Exit::Interrupted,
        ErrorKind::OutcomeUnknown if is_before_load(error) => Exit::Failed,
        _ if goes_on(error) => Exit::StillRunning,
        _ => crate::failure::exit(error),
    }
}

/// True if an upload failed, so that its load was not sent. An upload whose outcome is unknown changed no
/// table, and is done again with the step.
fn is_before_load(error: &Error) -> bool {
    error.detail::<UploadFailure>().is_some_and(|failure| failure.kind != UploadFailureKind::Load)
}

/// True if the operation continues at the service.
fn goes_on(error: &Error) -> bool {
    let ended = matches!(
        error.kind(),
        ErrorKind::OperationFailed | ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::Conflict
    );
    let waited = matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::OperationTimeout);
    error.is_resumable() || (!ended && waited && (error.request_id().is_some() || error.resource().is_some()))
}

/// Why the journal could not be written, if the error is about that.
fn unwritten(error: &Error) -> Option<String> {
    if error.kind() == ErrorKind::Journal {
        return Some(first_line(&error.to_string()));
    }
    let cause = std::error::Error::source(error)?.downcast_ref::<Error>()?;
    (cause.kind() == ErrorKind::Journal).then(|| first_line(&cause.to_string()))
}

pub(super) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: &[(ErrorKind, Option<&str>)]) -> Report {
        let call = |key: usize| Listed {
            key: key.to_string(),
            after: Vec::new(),
            service: "eloq".to_owned(),
            state: CallState::Todo,
            shown: Value::Null,
            whole: Value::Null,
            deletes: false,
            creates_secret: false,
        };
        let mut report = Report::new(&(0..=outcomes.len()).map(call).collect::<Vec<_>>());
        report.add("0", None, Ok(Value::Null));
        for (at, (kind, id)) in outcomes.iter().enumerate() {
            let mut error = Error::simulated(*kind, "a call", "it happened");
            if let Some(id) = id {
                error = error.request_id(*id);
            }
            report.add(&(at + 1).to_string(), None, Err(error.build()));
        }
        report
    }

    #[test]
    fn the_exit_code_is_what_is_most_urgent() {
        use ErrorKind::*;
        for (outcomes, exit, summary) in [
            (vec![], Exit::Done, "1 done"),
            (vec![(OperationFailed, None), (Skipped, None)], Exit::Failed, "1 done, 1 failed, 1 skipped"),
            (vec![(Rejected, None), (Skipped, None)], Exit::Refused, "1 done, 1 failed, 1 skipped"),
            (vec![(Rejected, None), (OperationFailed, None)], Exit::Failed, "1 done, 2 failed"),
            (vec![(OperationTimeout, Some("i"))], Exit::StillRunning, "1 done, 1 still running"),
            (
                vec![(OperationTimeout, Some("i")), (OperationFailed, None)],
                Exit::Failed,
                "1 done, 1 failed, 1 still running",
            ),
            (
                vec![(OperationFailed, None), (OutcomeUnknown, None)],
                Exit::OutcomeUnknown,
                "1 done, 1 failed, 1 unknown",
            ),
            (vec![(Authentication, None)], Exit::Credentials, "1 done, 1 failed"),
        ] {
            let report = report(&outcomes);
            assert_eq!(report.exit(false), exit, "{outcomes:?}");
            assert_eq!(report.summary(), summary);
        }
        assert_eq!(report(&[(Cancelled, Some("i")), (Skipped, None)]).exit(true), Exit::Interrupted);
        assert_eq!(report(&[(OutcomeUnknown, None), (Skipped, None)]).exit(true), Exit::OutcomeUnknown);
        assert_eq!(report(&[]).exit(true), Exit::Done);
    }

    #[test]
    fn an_upload_whose_outcome_is_unknown_is_a_step_that_failed_before_its_load() {
        for (kind, exit, summary) in [
            (UploadFailureKind::Finalize, Exit::Failed, "1 done, 1 failed"),
            (UploadFailureKind::Load, Exit::OutcomeUnknown, "1 done, 1 unknown"),
        ] {
            let mut report = report(&[(ErrorKind::Skipped, None)]);
            let error = Error::simulated(ErrorKind::OutcomeUnknown, "a call", "it happened");
            report.add("1", None, Err(error.detail(UploadFailure::new(kind)).build()));
            assert_eq!((report.exit(false), report.summary().as_str()), (exit, summary));
        }
    }
}
