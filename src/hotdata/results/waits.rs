//! Results that are not there yet: asking with `limit=0` until they are (reference, section 7).

use std::time::{Duration, Instant};

use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Chain, Next, Plan};
use crate::engine::policy::Schedule;
use crate::engine::{PollPolicy, Progress};
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core, about};
use crate::hotdata::parts::Parts;
use crate::hotdata::protocol::{Protocol, no_database};
use crate::http::Response;

use super::commands::{GetResult, Results, result_failed};
use super::model::{GetResultResponse, ResultFormat, ResultOutcome, ResultStatus};

/// How long a result may take to be saved, unless it is said otherwise: as the vendor's clients have it.
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(120);

/// Asks how a result stands, without its rows, until it is there.
///
/// The pauses are those of the vendor's client, to the letter: what the service asks for (`Retry-After`) does not change
/// them, and no question is put that could only be answered after the time is over.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) command: GetResult,
    within: Duration,
    pauses: Schedule,
    began: Option<Instant>,
    last: Option<ResultStatus>,
}

/// How it stands.
pub(crate) enum Look {
    Ready(GetResultResponse),
    /// It is to be asked again after this long.
    Pending(Duration),
}

impl Ready {
    pub(crate) fn new(result_id: &str, database_id: &str, polls: &PollPolicy, within: Duration) -> Self {
        let mut command = GetResult::new(result_id);
        command.x_database_id = Some(database_id.to_owned());
        command.limit = Some(0);
        Self { command, within, pauses: polls.schedule(), began: None, last: None }
    }

    /// The time runs from the first question on.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
    }

    pub(crate) fn look(&mut self, parts: &Parts, now: Instant, response: &Response) -> Result<Look, Error> {
        let id = &self.command.id;
        let read = parts.read(&self.command, response).map_err(|error| error.with_request_id(id.clone()))?;
        let Some(result) = read.json() else {
            return Err(Error::new(
                ErrorKind::UnexpectedResponse,
                &*parts.label,
                "how a result stands was answered with something else than JSON",
            )
            .with_status(response.status)
            .with_request_id(id.clone()));
        };
        match result.status {
            ResultStatus::Ready => return Ok(Look::Ready(result)),
            ResultStatus::Failed => return Err(result_failed(&parts.label, &result)),
            _ => {}
        }
        let status = self.last.insert(result.status).as_str().to_owned();
        let pause = self.pauses.next();
        let elapsed = now.saturating_duration_since(self.began.unwrap_or(now));
        if elapsed + pause > self.within {
            return Err(self.timed_out(parts));
        }
        let request_id = self.command.id.clone();
        parts.context().observer.emit(&Progress::Polled { request_id, status, elapsed, next: pause });
        Ok(Look::Pending(pause))
    }

    /// What a question that failed means.
    pub(crate) fn failed(&self, parts: &Parts, error: Error) -> Error {
        let id = &self.command.id;
        if error.kind() == ErrorKind::OperationTimeout {
            return self.timed_out(parts).with_source(error);
        }
        if error.status() != Some(409) {
            return error.with_request_id(id.clone());
        }
        match GetResult::failed_result(&error) {
            Some(failed) => failed,
            None => Error::new(ErrorKind::OperationFailed, &*parts.label, "the result has failed")
                .with_status(409)
                .with_api_status(Some("failed".to_owned()))
                .with_request_id(id.clone())
                .with_body(error.body().unwrap_or_default()),
        }
    }

    #[cold]
    fn timed_out(&self, parts: &Parts) -> Error {
        let status = self.last.as_ref().map(|status| status.as_str().to_owned());
        let last = match &status {
            Some(status) => format!("the last that was seen is {}", shown(status)),
            None => "how it stands was never seen".to_owned(),
        };
        let happened = format!("the result is not there after {:.1} s; {last}", self.within.as_secs_f64());
        Error::new(ErrorKind::OperationTimeout, &*parts.label, happened)
            .with_request_id(self.command.id.clone())
            .with_api_status(status)
            .with_retryable(true)
            .with_advice("It is being saved. Wait for it again with `results().wait(…)` and this id.")
    }
}

/// See [`Results::wait`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WaitForResult {
    /// The result.
    pub id: String,
    /// The database, rather than the client's.
    pub x_database_id: Option<String>,
    /// How long it may take.
    pub within: Duration,
}

/// See [`Results::fetch_ready`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FetchReadyResult {
    /// What is fetched when it is there.
    pub result: GetResult,
    /// How long it may take to be there.
    pub within: Duration,
}

/// # Waiting
///
/// The first question is at once, the next after 0.5 s, and then after twice as long, up to 5 s: see [`Call::polling`]. The
/// service suggests to wait for the query's run instead, with [`QueryRuns::wait`](crate::hotdata::QueryRuns::wait).
impl<M> Results<M> {
    /// Waits until a result is there, and gives how it stands without its rows.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if it has failed;
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) with the last status if it is not there in time, 120 s unless
    /// [`within`](Call::within) says otherwise. Both have its id as [`request_id`](Error::request_id).
    #[doc(alias = "wait_for_result")]
    pub fn wait(&self, id: impl Into<String>) -> Call<M, WaitForResult> {
        let wait = WaitForResult { id: id.into(), x_database_id: None, within: READY_WITHIN };
        Call::new(self.client.shared.clone(), wait)
    }

    /// Waits until a result is there, then fetches it: as JSON, unless [`format`](Call::format) says otherwise.
    ///
    /// # Errors
    ///
    /// As those of [`wait`](Results::wait) and [`get`](Results::get).
    #[doc(alias = "fetch_ready_result")]
    pub fn fetch_ready(&self, id: impl Into<String>) -> Call<M, FetchReadyResult> {
        let fetch = FetchReadyResult { result: GetResult::new(id), within: READY_WITHIN };
        Call::new(self.client.shared.clone(), fetch)
    }
}

impl<M> Call<M, WaitForResult> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// How long it may take. Default: 120 s.
    pub fn within(mut self, time: Duration) -> Self {
        self.command.within = time;
        self
    }
}

impl<M> Call<M, FetchReadyResult> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.result.x_database_id = Some(id.into());
        self
    }

    /// How long it may take to be there. Default: 120 s.
    pub fn within(mut self, time: Duration) -> Self {
        self.command.within = time;
        self
    }

    /// How many rows are left out before the first. Default: none.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.result.offset = Some(offset);
        self
    }

    /// How many rows are given at most. Default: all.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.result.limit = Some(limit);
        self
    }

    /// What it is given as. Default: JSON.
    pub fn format(mut self, format: ResultFormat) -> Self {
        self.command.result.format = Some(format);
        self
    }
}

/// Waits, and then fetches or not.
struct Waiting {
    parts: Parts,
    ready: Ready,
    fetch: Option<GetResult>,
    is_there: bool,
    now: Option<Instant>,
}

/// What comes of it.
enum There {
    Waited(GetResultResponse),
    Fetched(ResultOutcome),
}

impl Plan for Waiting {
    type Output = There;

    fn at(&mut self, now: Instant) {
        self.ready.begin(now);
        self.now = Some(now);
    }

    fn next(&mut self, answer: Option<Response>) -> Result<Next<There>, Error> {
        let (Some(answer), Some(now)) = (answer, self.now) else {
            return Ok(Next::Send(self.parts.exchange(&self.ready.command)?));
        };
        if let Some(fetch) = self.fetch.as_ref().filter(|_| self.is_there) {
            return self.parts.read(fetch, &answer).map(There::Fetched).map(Next::Done);
        }
        match self.ready.look(&self.parts, now, &answer)? {
            Look::Pending(pause) => Ok(Next::Wait(pause)),
            Look::Ready(result) => match &self.fetch {
                None => Ok(Next::Done(There::Waited(result))),
                Some(fetch) => {
                    self.is_there = true;
                    Ok(Next::Send(self.parts.exchange(fetch)?))
                }
            },
        }
    }

    fn failed(&mut self, error: Error) -> Result<Next<There>, Error> {
        match &self.fetch {
            Some(fetch) if self.is_there => {
                let error = fetch.refused(error);
                Err(error.with_request_id(fetch.id.clone()))
            }
            _ => Err(self.ready.failed(&self.parts, error)),
        }
    }
}

/// The database of a call: its own, else the client's.
pub(crate) fn database(parts: &Parts, named: Option<&str>) -> Result<String, Error> {
    database_of(parts.protocol(), &parts.label, named)
}

/// The same, of a call that has no parts.
pub(crate) fn database_of(protocol: &Protocol, label: &str, named: Option<&str>) -> Result<String, Error> {
    let named = named.or(protocol.database_id()).filter(|id| !id.is_empty());
    named.map(str::to_owned).ok_or_else(|| no_database(label))
}

impl Action<Hotdata> for WaitForResult {
    type Output = GetResultResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<GetResultResponse>, Error> {
        let parts = Parts::new(core, options, about("waiting for result", &self.id))?;
        let database = database(&parts, self.x_database_id.as_deref())?;
        let ready = Ready::new(&self.id, &database, &options.settings.poll, self.within);
        let plan = Waiting { parts, ready, fetch: None, is_there: false, now: None };
        Ok(Running::new(Chain::new(plan), |chain| match chain.finish() {
            Some(Ok(There::Waited(result))) => Ok(result),
            Some(Err(error)) => Err(error),
            Some(Ok(There::Fetched(_))) | None => Err(not_run()),
        }))
    }
}

impl Action<Hotdata> for FetchReadyResult {
    type Output = ResultOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<ResultOutcome>, Error> {
        let parts = Parts::new(core, options, about("fetching result", &self.result.id))?;
        let database = database(&parts, self.result.x_database_id.as_deref())?;
        let ready = Ready::new(&self.result.id, &database, &options.settings.poll, self.within);
        let mut fetch = self.result.clone();
        fetch.x_database_id = Some(database);
        let plan = Waiting { parts, ready, fetch: Some(fetch), is_there: false, now: None };
        Ok(Running::new(Chain::new(plan), |chain| match chain.finish() {
            Some(Ok(There::Fetched(outcome))) => Ok(outcome),
            Some(Err(error)) => Err(error),
            Some(Ok(There::Waited(_))) | None => Err(not_run()),
        }))
    }
}
