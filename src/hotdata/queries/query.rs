//! Queries that are followed to their end (reference, section 7).

use std::fmt;
use std::time::{Duration, Instant};

use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Chain, Next, Plan};
use crate::engine::operation::Completed;
use crate::engine::{PollPolicy, Progress, RetryPolicy};
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::limits::{Guards, estimate, incomplete_error};
use crate::hotdata::parts::{Parts, RetryRule};
use crate::hotdata::query_runs::{GetQueryRun, run_of, run_wait, told};
use crate::hotdata::results::{GetResult, Look, READY_WITHIN, Ready, ResultFormat, ResultOutcome, database};
use crate::http::Response;

use super::background::answer_of;
use super::model::{Dialect, QueryOutcome, QueryRequest, QueryResponse};
use super::plain::Query;

/// How many rows are asked for at once.
const PAGE_SIZE: u64 = 50_000;

/// What to do about a service that is too busy: see [`Call::when_busy`].
pub(super) fn busy_policy() -> RetryPolicy {
    RetryPolicy {
        retries: 5,
        first_delay: Duration::from_millis(500),
        factor: 2.0,
        max_delay: Duration::from_secs(30),
        jitter: 0.5,
        on_top: true,
        deadline: Some(Duration::from_secs(120)),
    }
}

impl<M> Client<M> {
    /// Runs a query and gives its rows: if the service's answer holds only the first ones, the rest is fetched.
    ///
    /// 1. The query is sent. A service that is too busy (429) is asked again: see [`Call::when_busy`].
    /// 2. A ticket (202), which there is for a query [in the background](Call::background), is given as it is.
    /// 3. An answer with all rows is given as it is, and so is one with the first rows if [`Call::follow`] is off.
    /// 4. Otherwise the result is waited for, and fetched in pages, at most as much of it as [`Call::max_auto_rows`] and
    ///    [`Call::max_auto_bytes`] allow. `rows` holds all rows then, and `truncated` stays true.
    ///
    /// The order of rows is not the same from one page to the next unless the SQL says `ORDER BY`. Without it a large
    /// result is better fetched in one piece: with `and_wait` and a format, or as Arrow.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::{Client, QueryOutcome};
    /// let client = Client::from_env()?;
    /// let outcome = client.query("SELECT id, amount FROM orders ORDER BY id").send()?;
    /// if let QueryOutcome::Answered(answer) = outcome {
    ///     for row in answer.rows {
    ///         println!("{} {}", row[0], row[1]);
    ///     }
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Stopping
    ///
    /// The API has no operation that stops a query. Dropping the future, or a
    /// [`CancelToken`](crate::client::CancelToken) given to [`Call::cancel_with`], ends the call here; the query goes on, and
    /// its run can be found with [`query_runs().list()`](crate::hotdata::QueryRuns::list).
    ///
    /// # Errors
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument) if no database is named anywhere: the rest of the rows could not be
    ///   asked for. Nothing was sent;
    /// - [`RateLimited`](ErrorKind::RateLimited) if the service stays too busy, with
    ///   [`attempts`](Error::attempts); nothing ran;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if it is not known whether the query ran;
    /// - [`OperationFailed`](ErrorKind::OperationFailed): the result could not be saved;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout): it was not saved in time;
    /// - [`ResultTooLarge`](ErrorKind::ResultTooLarge): see [`too_large`](crate::hotdata::too_large);
    /// - [`ResultIncomplete`](ErrorKind::ResultIncomplete): see [`incomplete`](crate::hotdata::incomplete);
    /// - [`ResultUnavailable`](ErrorKind::ResultUnavailable): there are only the first rows. Run it again with
    ///   `.follow(false)` to have them.
    ///
    /// All errors about a result have its id as [`request_id`](Error::request_id).
    pub fn query(&self, sql: impl Into<String>) -> Call<M, FollowedQuery> {
        Call::new(self.shared.clone(), FollowedQuery::new(Query::new(QueryRequest::new(sql))))
    }

    /// The same for a query with all that can be said of it.
    pub fn follow_query(&self, query: Query) -> Call<M, FollowedQuery> {
        Call::new(self.shared.clone(), FollowedQuery::new(query))
    }
}

/// See [`Client::query`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FollowedQuery {
    /// The query itself.
    pub query: Query,
    /// Whether the rest of the rows is fetched.
    pub follow: bool,
    /// How many rows may be fetched. `None`: any number.
    pub max_auto_rows: Option<u64>,
    /// About how many bytes may be fetched. `None`: any number.
    pub max_auto_bytes: Option<u64>,
    /// How many rows are asked for at once.
    pub page_size: u64,
    /// What to do about a service that is too busy.
    pub when_busy: RetryPolicy,
    /// How long the result may take to be there.
    pub ready_within: Duration,
}

impl FollowedQuery {
    /// This query, with the limits that are usual.
    pub fn new(query: Query) -> Self {
        let Guards { rows, bytes } = Guards::default();
        Self {
            query,
            follow: true,
            max_auto_rows: rows,
            max_auto_bytes: bytes,
            page_size: PAGE_SIZE,
            when_busy: busy_policy(),
            ready_within: READY_WITHIN,
        }
    }
}

/// What holds a [`FollowedQuery`], so that its settings are settings of the call. Not to be implemented outside this crate.
pub trait HoldsQuery {
    #[doc(hidden)]
    fn held(&mut self) -> &mut FollowedQuery;
}

impl HoldsQuery for FollowedQuery {
    fn held(&mut self) -> &mut FollowedQuery {
        self
    }
}

/// # What can be said of a query
impl<M, Q: HoldsQuery> Call<M, Q> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.held().query.x_database_id = Some(id.into());
        self
    }

    /// The catalog of tables that are named without one.
    pub fn default_catalog(mut self, catalog: impl Into<String>) -> Self {
        self.command.held().query.query_request.default_catalog = Some(catalog.into());
        self
    }

    /// The schema of tables that are named without one.
    pub fn default_schema(mut self, schema: impl Into<String>) -> Self {
        self.command.held().query.query_request.default_schema = Some(schema.into());
        self
    }

    /// The words of SQL that it is written in. Default: the service's own, like those of Postgres.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.command.held().query.query_request.dialect = Some(dialect);
        self
    }

    /// How many rows may be fetched; `None` for any number. Default: a million.
    pub fn max_auto_rows(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.command.held().max_auto_rows = rows.into();
        self
    }

    /// About how many bytes may be fetched, counted by the text of the cells; `None` for any number. Default: 64 MiB.
    pub fn max_auto_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.command.held().max_auto_bytes = bytes.into();
        self
    }

    /// How many rows are asked for at once. Default: 50 000. 0 counts as 1.
    pub fn page_size(mut self, rows: u64) -> Self {
        self.command.held().page_size = rows.max(1);
        self
    }

    /// How often, after how long and for how long a query is sent again that the service was too busy for (429). Default: 5
    /// times, 0.5 s × 2, at most 30 s, up to half of it added by chance, for 120 s; a `Retry-After` counts instead and is cut
    /// by nothing but those 120 s.
    pub fn when_busy(mut self, policy: RetryPolicy) -> Self {
        self.command.held().when_busy = policy;
        self
    }

    /// How long the result may take to be there after the first rows are. Default: 120 s.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.command.held().ready_within = time;
        self
    }
}

impl<M> Call<M, FollowedQuery> {
    /// Whether the rest of the rows is fetched if the answer holds only the first. Default: true.
    pub fn follow(mut self, follow: bool) -> Self {
        self.command.follow = follow;
        self
    }

    /// In the background: what comes back is a ticket, to be waited for with
    /// [`query_runs().wait(…)`](crate::hotdata::QueryRuns::wait).
    pub fn background(mut self) -> Self {
        self.command.query.query_request.r#async = Some(true);
        self
    }

    /// In the background, unless it ends within so many milliseconds: 1000 or more.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        let request = &mut self.command.query.query_request;
        (request.r#async, request.async_after_ms) = (Some(true), Some(after));
        self
    }
}

/// The pages of a result, one after the other.
pub(super) struct Pages {
    command: GetResult,
    page_size: u64,
    total: Option<u64>,
    guards: Guards,
    bytes: u64,
    pub(super) columns: Option<Vec<String>>,
    pub(super) nullable: Option<Vec<bool>>,
    pub(super) rows: Vec<Vec<serde_json::Value>>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("command", &self.command).finish_non_exhaustive()
    }
}

impl Pages {
    /// Refuses a result that is known to be too large.
    pub(super) fn new(
        followed: &FollowedQuery,
        label: &str,
        result_id: &str,
        database_id: &str,
        total: Option<u64>,
    ) -> Result<Self, Error> {
        let guards = Guards { rows: followed.max_auto_rows, bytes: followed.max_auto_bytes };
        guards.check(label, result_id, total.unwrap_or_default(), 0)?;
        let mut command = GetResult::new(result_id);
        command.x_database_id = Some(database_id.to_owned());
        command.format = Some(ResultFormat::Json);
        command.offset = Some(0);
        command.limit = Some(followed.page_size.max(1));
        Ok(Self {
            command,
            page_size: followed.page_size.max(1),
            total,
            guards,
            bytes: 0,
            columns: None,
            nullable: None,
            rows: Vec::new(),
        })
    }

    pub(super) fn command(&self) -> &GetResult {
        &self.command
    }

    /// Takes a page. True: it was the last.
    pub(super) fn take(&mut self, parts: &Parts, response: &Response) -> Result<bool, Error> {
        let id = self.command.id.clone();
        let read = parts.read(&self.command, response).map_err(|error| error.with_request_id(id.clone()))?;
        let page = match read {
            ResultOutcome::Ready(page) => page,
            other => {
                let happened = match other {
                    ResultOutcome::Pending { .. } => "the result was there, and is not any more",
                    _ => "a page of the result came as something else than JSON",
                };
                return Err(Error::new(ErrorKind::UnexpectedResponse, &*parts.label, happened)
                    .with_status(response.status)
                    .with_request_id(id));
            }
        };
        let rows = page.rows.unwrap_or_default();
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let fetched = self.command.offset.unwrap_or_default();
        if let Some(total) = self.total.filter(|total| rows.is_empty() && fetched < *total) {
            return Err(incomplete_error(&parts.label, &id, fetched, total));
        }
        self.bytes = self.bytes.saturating_add(estimate(&rows));
        self.rows.extend(rows);
        (self.columns, self.nullable) = (page.columns, page.nullable);
        let fetched = fetched.saturating_add(count);
        self.guards.check(&parts.label, &id, fetched, self.bytes)?;
        self.command.offset = Some(fetched);
        Ok(match self.total {
            Some(total) => fetched >= total,
            None => count < self.page_size,
        })
    }

    /// What a page that failed means.
    pub(super) fn failed(&self, error: Error) -> Error {
        self.command.refused(error).with_request_id(self.command.id.clone())
    }
}

/// The plan: send, wait, find out how many rows there are, fetch them.
pub(crate) struct Following {
    parts: Parts,
    followed: FollowedQuery,
    polls: PollPolicy,
    database: String,
    preview: Option<QueryResponse>,
    /// A ticket is waited for, and not given.
    waits: bool,
    stage: Stage,
    now: Option<Instant>,
}

enum Stage {
    Begin,
    Sent,
    Running,
    Waiting(Box<Ready>),
    Counting,
    Fetching(Box<Pages>),
}

type Step = Next<QueryOutcome>;

impl Following {
    pub(super) fn new(core: &Core, options: &CallOptions, followed: &FollowedQuery) -> Result<Self, Error> {
        let query = &followed.query;
        let parts = Parts::new(core, options, query.label())?;
        let named = query.x_database_id.as_deref().or(query.query_request.database_id.as_deref());
        let database = match database(&parts, named) {
            Ok(database) => database,
            // Nothing will be asked of a result.
            Err(_) if !followed.follow => String::new(),
            Err(error) => return Err(error),
        };
        Ok(Self {
            parts,
            followed: followed.clone(),
            polls: options.settings.poll.clone(),
            database,
            preview: None,
            waits: false,
            stage: Stage::Begin,
            now: None,
        })
    }

    /// Waits for a query that goes on in the background.
    pub(super) fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// The answer to the query.
    fn answered(&mut self, response: &Response) -> Result<Step, Error> {
        let outcome = self.parts.read(&self.followed.query, response)?;
        let request_id = outcome.query_run_id().to_owned();
        self.parts.context().observer.emit(&Progress::Submitted { request_id });
        match outcome {
            QueryOutcome::Submitted(ticket) if self.waits => {
                self.stage = Stage::Running;
                let wait = run_wait(&self.parts, &ticket.query_run_id, &self.database)?;
                Ok(Next::Await(Box::new(wait)))
            }
            QueryOutcome::Answered(answer) if answer.truncated && self.followed.follow => {
                self.truncated(answer)
            }
            outcome => Ok(Next::Done(outcome)),
        }
    }

    fn truncated(&mut self, preview: QueryResponse) -> Result<Step, Error> {
        let Some(id) = preview.result_id.clone() else {
            return Err(unavailable(&self.parts.label, &preview));
        };
        let ready = Ready::new(&id, &self.database, &self.polls, self.followed.ready_within);
        self.preview = Some(preview);
        self.stage = Stage::Waiting(Box::new(ready));
        self.next(None)
    }

    fn run(&self) -> GetQueryRun {
        let id = self.preview.as_ref().map(|preview| preview.query_run_id.clone());
        let mut run = GetQueryRun::new(id.unwrap_or_default());
        run.x_database_id = Some(self.database.clone());
        run
    }

    fn fetch(&mut self, result_id: &str, total: Option<i64>) -> Result<Step, Error> {
        let total_rows = total.and_then(|total| u64::try_from(total).ok());
        let pages = Pages::new(&self.followed, &self.parts.label, result_id, &self.database, total_rows)?;
        if let Some(preview) = &mut self.preview {
            preview.total_row_count = preview.total_row_count.or(total);
        }
        let first = self.parts.exchange(pages.command())?;
        self.stage = Stage::Fetching(Box::new(pages));
        Ok(Next::Send(first))
    }

    fn result_id(&self) -> String {
        self.preview.as_ref().and_then(|preview| preview.result_id.clone()).unwrap_or_default()
    }
}

#[cold]
fn unavailable(label: &str, preview: &QueryResponse) -> Error {
    let mut happened = "only the first rows are there, and the rest was not saved".to_owned();
    if let Some(warning) = &preview.warning {
        happened.push_str(&format!(": {}", shown(warning)));
    }
    Error::new(ErrorKind::ResultUnavailable, label, happened)
        .with_api_message(preview.warning.clone())
        .with_advice("The query ran. Run it again, or with `.follow(false)` to have the first rows.")
}

impl Plan for Following {
    type Output = QueryOutcome;

    fn at(&mut self, now: Instant) {
        self.now = Some(now);
    }

    fn next(&mut self, answer: Option<Response>) -> Result<Step, Error> {
        let Some(now) = self.now else { return Err(not_run()) };
        match (&mut self.stage, answer) {
            (Stage::Begin, _) => {
                self.stage = Stage::Sent;
                let (query, policy) = (&self.followed.query, self.followed.when_busy.clone());
                Ok(Next::Send(self.parts.exchange_with(query, policy, RetryRule::Usual)?))
            }
            (Stage::Sent, Some(answer)) => self.answered(&answer),
            (Stage::Waiting(ready), None) => {
                ready.begin(now);
                Ok(Next::Send(self.parts.exchange(&ready.command)?))
            }
            (Stage::Waiting(ready), Some(answer)) => match ready.look(&self.parts, now, &answer)? {
                Look::Pending(pause) => Ok(Next::Wait(pause)),
                Look::Ready(_) => match self.preview.as_ref().and_then(|preview| preview.total_row_count) {
                    Some(total) => self.fetch(&self.result_id(), Some(total)),
                    None => {
                        self.stage = Stage::Counting;
                        Ok(Next::Send(self.parts.exchange(&self.run())?))
                    }
                },
            },
            (Stage::Counting, answer) => {
                let run = answer.and_then(|answer| self.parts.read(&self.run(), &answer).ok());
                self.fetch(&self.result_id(), run.and_then(|run| run.row_count))
            }
            (Stage::Fetching(pages), Some(answer)) => {
                if !pages.take(&self.parts, &answer)? {
                    return Ok(Next::Send(self.parts.exchange(pages.command())?));
                }
                let mut all = self.preview.take().ok_or_else(not_run)?;
                all.rows = std::mem::take(&mut pages.rows);
                // After a ticket there was no first answer that would have told them.
                if all.columns.is_empty() {
                    all.columns = pages.columns.take().unwrap_or_default();
                    all.nullable = pages.nullable.take().unwrap_or_default();
                }
                Ok(Next::Done(QueryOutcome::Answered(all)))
            }
            (Stage::Sent | Stage::Fetching(_), None) | (Stage::Running, _) => Err(not_run()),
        }
    }

    fn has_begun(&self) -> bool {
        !matches!(self.stage, Stage::Begin | Stage::Sent)
    }

    fn ended(&mut self, completed: Completed) -> Result<Step, Error> {
        let answer = answer_of(&self.parts.label, run_of(&self.parts.label, completed)?)?;
        let total = answer.total_row_count;
        self.preview = Some(answer);
        self.fetch(&self.result_id(), total)
    }

    fn failed(&mut self, error: Error) -> Result<Step, Error> {
        match &self.stage {
            Stage::Begin | Stage::Sent => Err(error),
            Stage::Running => Err(told(error)),
            Stage::Waiting(ready) => Err(ready.failed(&self.parts, error)),
            // It is only good to know.
            Stage::Counting => self.next(None),
            Stage::Fetching(pages) => Err(pages.failed(error)),
        }
    }
}

impl Action<Hotdata> for FollowedQuery {
    type Output = QueryOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryOutcome>, Error> {
        let plan = Following::new(core, options, self)?;
        Ok(Running::new(Chain::new(plan), |chain| chain.finish().unwrap_or_else(|| Err(not_run()))))
    }
}
