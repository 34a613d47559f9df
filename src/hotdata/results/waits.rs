//! Waits for results that the service is still saving: polls with `limit=0` until they are ready.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::client::{Action, Running, Seen};
use crate::engine::failure::seconds;
use crate::engine::policy::Schedule;
use crate::engine::sequence::{Next, Plan, Planned, Sequence, then};
use crate::engine::{Machine, PollPolicy, Progress};
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core};
use crate::hotdata::composite::Composite;
use crate::hotdata::endpoint::about;
use crate::hotdata::waits::{Until, Waits};

use super::commands::{GetResult, Results, result_failed};
use super::model::{GetResultResponse, ResultFormat, ResultOutcome, ResultStatus};

/// The time that a result may take to be saved: the deadline of the vendor's `PollPolicy` (hotdata 0.12.0).
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(120);

/// Gets the state of a result, without its rows, until it is ready.
///
/// The pauses are exactly those of the vendor's client (hotdata 0.12.0): a `Retry-After` of a 202 does not
/// change them, and no request is sent whose response could only come after the timeout.
pub(crate) struct ReadyPlan {
    calls: Composite,
    command: GetResult,
    until: Until<GetResultResponse>,
    within: Duration,
    pauses: Schedule,
    began: Option<Instant>,
    last: Option<String>,
    /// Responses in a row that a rule could not judge.
    unclear: u32,
}

/// The machine that waits until a result is ready.
pub(crate) fn ready_wait(
    calls: &Composite,
    result_id: &str,
    database_id: &str,
    polls: &PollPolicy,
    within: Duration,
    until: Until<GetResultResponse>,
) -> Sequence<ReadyPlan> {
    let mut command = GetResult::new(result_id);
    command.x_database_id = Some(database_id.to_owned());
    command.limit = Some(0);
    let plan = ReadyPlan {
        calls: calls.clone(),
        command,
        until,
        within,
        pauses: polls.schedule(),
        began: None,
        last: None,
        unclear: 0,
    };
    Sequence::new(calls.context().clone(), plan)
}

fn state(result: &GetResultResponse) -> Seen {
    match result.status {
        ResultStatus::Ready => Seen::Done,
        ResultStatus::Failed => Seen::Failed(String::new()),
        _ => Seen::Pending(String::new()),
    }
}

impl ReadyPlan {
    fn saw(&mut self, now: Instant, result: GetResultResponse) -> Planned<ResultOutcome, GetResultResponse> {
        let status = match self.until.see(&result, result.status.as_str(), state) {
            Seen::Done => return Ok(Next::Done(result)),
            Seen::Failed(status) => {
                return Err(result_failed(self.calls.label(), &result).with_api_status(Some(status)));
            }
            Seen::Unclear(why) if self.unclear >= self.calls.context().settings.retry.retries => {
                let error = Error::new(ErrorKind::UnexpectedResponse, self.calls.label(), shown(&why));
                return Err(error.with_resource(self.command.id.clone()));
            }
            Seen::Unclear(why) => {
                self.unclear += 1;
                why
            }
            Seen::Pending(status) => {
                self.unclear = 0;
                status
            }
        };
        let pause = self.pauses.next();
        let pause = self.until_deadline(now, pause);
        let elapsed = self.elapsed(now);
        self.last = Some(status.clone());
        if elapsed + pause > self.within {
            return Err(self.timed_out(now));
        }
        let id = self.command.id.clone();
        self.calls.emit(&Progress::Polled { id, status, elapsed, next: pause });
        Ok(Next::Pause(pause))
    }

    /// Returns the pause, or what is left of the call if that is less.
    fn until_deadline(&self, now: Instant, pause: Duration) -> Duration {
        let deadline = self.calls.context().span(now).deadline;
        pause.min(deadline.saturating_duration_since(now))
    }

    /// Returns the time since the first poll.
    fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began.unwrap_or(now))
    }

    /// A poll failed with a transient failure: polls again while there is time.
    fn missed(&mut self, now: Instant, error: Error) -> Planned<ResultOutcome, GetResultResponse> {
        let delay = self.pauses.next().max(error.retry_after().unwrap_or_default());
        let delay = self.until_deadline(now, delay);
        let elapsed = self.elapsed(now);
        if elapsed.saturating_add(delay) > self.within {
            return Err(self.timed_out(now).with_source(error));
        }
        self.calls.emit(&Progress::Retrying { reason: shown(error.happened()), delay });
        Ok(Next::Pause(delay))
    }

    #[cold]
    fn timed_out(&self, now: Instant) -> Error {
        let elapsed = self.elapsed(now);
        let last = match &self.last {
            Some(status) => format!("last status: {}", shown(status)),
            None => "no status was received".to_owned(),
        };
        let happened = format!("timed out after {}; {last}", seconds(elapsed));
        Error::new(ErrorKind::OperationTimeout, self.calls.label(), happened)
            .with_resource(self.command.id.clone())
            .with_api_status(self.last.clone())
            .with_retryable(true)
            .with_elapsed(elapsed)
            .with_advice("The service may still be saving the result. Wait with `results().wait_for_result(…)` and the resource id of this error.")
    }
}

impl Plan for ReadyPlan {
    type Part = ResultOutcome;
    type Output = GetResultResponse;

    fn begin(&mut self, now: Instant) -> Planned<ResultOutcome, GetResultResponse> {
        self.began.get_or_insert(now);
        Ok(Next::Run(Box::new(self.calls.send(&self.command)?)))
    }

    fn ended(
        &mut self,
        now: Instant,
        outcome: Result<ResultOutcome, Error>,
    ) -> Planned<ResultOutcome, GetResultResponse> {
        let id = self.command.id.clone();
        match outcome {
            Ok(outcome) => match outcome.json() {
                Some(result) => self.saw(now, result),
                None => {
                    let happened = "the state of the result was requested as JSON, but the response has another content type";
                    let label = self.calls.label();
                    Err(Error::new(ErrorKind::UnexpectedResponse, label, happened).with_resource(id))
                }
            },
            Err(error) if error.kind() == ErrorKind::OperationTimeout => {
                Err(self.timed_out(now).with_source(error))
            }
            // The result of a failed wait is in the body of the 409.
            Err(error) if self.until.accepts_failure() => match GetResult::failed(&error) {
                Some(result) => Ok(Next::Done(result)),
                None if error.is_retryable() => self.missed(now, error),
                None => Err(error.with_resource(id)),
            },
            // A failed poll is not a failed result.
            Err(error) if error.is_retryable() => self.missed(now, error),
            Err(error) => Err(error.with_resource(id)),
        }
    }
}

/// Waits until a result is ready: the command of [`Results::wait_for_result`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitForResult {
    /// The id of the result.
    pub id: String,
    /// The id of the database of the query. Default: the database that the program or its credentials set.
    pub x_database_id: Option<String>,
    /// The longest time from the first poll until the result is ready. Default: 120 s.
    pub within: Duration,
    until: Until<GetResultResponse>,
}

impl WaitForResult {
    pub(in crate::hotdata) fn kept(
        id: &str,
        x_database_id: Option<String>,
        within: Duration,
        accept_failure: bool,
    ) -> Self {
        Self { id: id.to_owned(), x_database_id, within, until: Until::kept(accept_failure) }
    }

    pub(in crate::hotdata) fn keep(&self) -> Result<bool, Error> {
        self.until.keep(&self.label())
    }

    pub(in crate::hotdata) fn label(&self) -> String {
        about("waiting for result", &self.id)
    }
}

impl FetchReadyResult {
    pub(in crate::hotdata) fn label(&self) -> String {
        about("fetching result", &self.result.id)
    }
}

impl Waits for WaitForResult {
    type Polled = GetResultResponse;

    fn until(&mut self) -> &mut Until<GetResultResponse> {
        &mut self.until
    }
}

/// Waits until a result is ready, then fetches it: the command of [`Results::fetch_ready`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FetchReadyResult {
    /// The command that fetches the result when it is ready.
    pub result: GetResult,
    /// The longest time from the first poll until the result is ready. Default: 120 s.
    pub within: Duration,
}

/// # Waiting
///
/// These waits poll the state of the result, without its rows. The first poll is sent at once, the second
/// after 0.5 s; each later interval is twice as long, at most 5 s. [`Call::polling`] sets other intervals. A
/// poll that fails temporarily, for example because the connection breaks or the service is busy, is
/// repeated.
///
/// The service recommends to wait for the query run instead of its result:
/// [`QueryRuns::wait_for_query_run`](crate::hotdata::QueryRuns::wait_for_query_run).
impl<M> Results<M> {
    /// Waits until a result is ready, and returns its state without its rows.
    ///
    /// The wait ends after 120 s, unless [`within`](Call::within) sets another time, or when the timeout of
    /// the call ([`Call::timeout`]) passes, 300 s by default. An unknown status counts as pending.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the result failed;
    /// [`OperationTimeout`](ErrorKind::OperationTimeout), with the last status of the result, if the result
    /// is not ready in time; [`NotFound`](ErrorKind::NotFound) if the database has no result with this id.
    /// These errors have the id of the result as [`resource`](Error::resource).
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if neither the call nor the client names a database.
    pub fn wait_for_result(&self, id: impl Into<String>) -> Call<M, WaitForResult> {
        let (within, until) = (READY_WITHIN, Until::default());
        let wait = WaitForResult { id: id.into(), x_database_id: None, within, until };
        Call::new(self.client.shared.clone(), wait)
    }

    /// Waits until a result is ready, then fetches it: as JSON, unless [`format`](Call::format) sets another
    /// format.
    ///
    /// The wait ends after 120 s, unless [`within`](Call::within) sets another time. The wait and the request
    /// for the rows together have to end within the timeout of the call ([`Call::timeout`]), 300 s by
    /// default. The limits `max_auto_rows` and `max_auto_bytes` of queries do not apply; a response larger
    /// than 256 MiB is an error.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_for_result`](Results::wait_for_result) and of [`get`](Results::get). After the
    /// first request, all errors have the id of the result as [`resource`](Error::resource).
    #[doc(alias = "fetch_ready_result")]
    pub fn fetch_ready(&self, id: impl Into<String>) -> Call<M, FetchReadyResult> {
        let fetch = FetchReadyResult { result: GetResult::new(id), within: READY_WITHIN };
        Call::new(self.client.shared.clone(), fetch)
    }
}

impl<M> Call<M, WaitForResult> {
    /// Sets the id of the database in which the query ran. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the longest time from the first poll until the result is ready. Default: 120 s. The wait also
    /// ends when the timeout of the call ([`Call::timeout`]) passes, 300 s by default.
    pub fn within(mut self, time: Duration) -> Self {
        self.command.within = time;
        self
    }
}

impl<M> Call<M, FetchReadyResult> {
    /// Sets the id of the database in which the query ran. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.result.x_database_id = Some(id.into());
        self
    }

    /// Sets the longest time from the first poll until the result is ready. Default: 120 s. The wait also
    /// ends when the timeout of the call ([`Call::timeout`]) passes, 300 s by default.
    pub fn within(mut self, time: Duration) -> Self {
        self.command.within = time;
        self
    }

    /// Sets the number of rows to skip. Default: 0. The service ignores it for Parquet.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.result.offset = Some(offset);
        self
    }

    /// Sets the largest number of rows to return. Default: all rows. The service ignores it for Parquet.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.result.limit = Some(limit);
        self
    }

    /// Sets the format of the rows. Default: JSON, the only format whose size the service limits.
    pub fn format(mut self, format: ResultFormat) -> Self {
        self.command.result.format = Some(format);
        self
    }
}

impl Action<Hotdata> for WaitForResult {
    type Output = GetResultResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<GetResultResponse>, Error> {
        let calls = Composite::new(core, options, self.label())?;
        let database = calls.database(self.x_database_id.as_deref())?;
        let polls = &options.settings.poll;
        let until = self.until.clone();
        Ok(Running::new(ready_wait(&calls, &self.id, &database, polls, self.within, until)))
    }
}

impl Action<Hotdata> for FetchReadyResult {
    type Output = ResultOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<ResultOutcome>, Error> {
        let calls = Composite::new(core, options, self.label())?;
        let database = calls.database(self.result.x_database_id.as_deref())?;
        let (polls, until) = (&options.settings.poll, Until::default());
        let ready = ready_wait(&calls, &self.result.id, &database, polls, self.within, until);
        let mut fetch = self.result.clone();
        fetch.x_database_id = Some(database);
        let context = calls.context().clone();
        let fetched = then(context, ready, move |_| Ok(Box::new(calls.send(&fetch)?)));
        let id = self.result.id.clone();
        Ok(Running::new(fetched.map(|outcome| outcome.map_err(|error| error.with_resource(id)))))
    }
}
