//! Rows as Arrow straight from a query.

use std::time::{Duration, Instant};

use crate::Effect;
#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, not_run};
use crate::engine::blocking::driver::Clock;
use crate::engine::chain::begun;
use crate::engine::{Context, RetryPolicy};
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Response};

use super::super::command::{Answer, Call, CallOptions, Command, Core};
use super::super::queries::{AsyncQueryResponse, FollowedQuery, HoldsQuery, Query, answer_of};
use super::super::query_runs::{QueryRunInfo, WaitForQueryRun};
use super::super::results::database_of;
use super::CONTENT_TYPE;
#[cfg(feature = "async")]
use super::reading::ArrowStream;
use super::reading::{ArrowInfo, ArrowReader, Reading};
#[cfg(feature = "async")]
use super::requests::run_async;
use super::requests::{Batches, GetArrow, MAX_BATCH, Opening, check_type, run_blocking};

/// What is told of a query whose rows came as Arrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryInfo {
    /// The query's run.
    pub query_run_id: Option<String>,
    /// The saved result, if it was saved.
    pub result_id: Option<String>,
    /// How long it took, in milliseconds.
    pub execution_time_ms: Option<u64>,
    /// What went less well: that the result could not be saved, for instance.
    pub warning: Option<String>,
}

impl QueryInfo {
    fn of(headers: &Headers) -> Self {
        let text =
            |name| headers.text(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            query_run_id: text("x-query-run-id"),
            result_id: text("x-result-id"),
            execution_time_ms: text("x-execution-time-ms").and_then(|time| time.parse().ok()),
            warning: text("x-query-warning"),
        }
    }

    fn of_run(run: &QueryRunInfo) -> Self {
        Self {
            query_run_id: Some(run.id.clone()),
            result_id: run.result_id.clone(),
            execution_time_ms: run.execution_time_ms.and_then(|time| u64::try_from(time).ok()),
            warning: run.warning_message.clone(),
        }
    }
}

/// See [`Call::arrow`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QueryArrow {
    /// The query.
    pub query: FollowedQuery,
    /// The largest batch that is taken, in bytes: as it comes, and decompressed.
    pub max_batch_bytes: u64,
}

impl HoldsQuery for QueryArrow {
    fn held(&mut self) -> &mut FollowedQuery {
        &mut self.query
    }
}

impl<M> Call<M, FollowedQuery> {
    /// The rows as record batches, one after the other, with no more than one in memory: all of them, whatever the limits of
    /// [`Client::query`](super::super::client::Client::query) are, and in one request, so that their order is one.
    ///
    /// What the service can give at once it gives as the answer to the query. Otherwise it gives a ticket; then the query's
    /// run is waited for, and its result is asked for.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// for batch in client.query("SELECT * FROM orders").arrow().send()? {
    ///     println!("{} rows", batch?.num_rows());
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`Client::query`](super::super::client::Client::query), of
    /// [`query_runs().wait(…)`](super::super::QueryRuns::wait) and of
    /// [`results().stream_arrow(…)`](super::super::Results::stream_arrow). After a ticket all have the id of the run or of the result
    /// as [`request_id`](Error::request_id): the query runs, and must not be sent again.
    pub fn arrow(self) -> Call<M, QueryArrow> {
        self.map(|query| QueryArrow { query, max_batch_bytes: MAX_BATCH })
    }
}

impl<M> Call<M, QueryArrow> {
    /// The largest batch that is taken, in bytes, as it comes and decompressed. Default: 256 MiB.
    pub fn max_batch_bytes(mut self, bytes: u64) -> Self {
        self.command.max_batch_bytes = bytes;
        self
    }
}

/// What the answer to a query is.
enum Came {
    Rows(Box<Reading>),
    /// The ticket, and the result if it is known already.
    Ticket(AsyncQueryResponse, Option<String>),
}

impl QueryArrow {
    fn query(&self) -> &Query {
        &self.query.query
    }

    /// For what has to be asked later.
    fn database(&self, core: &Core) -> Result<String, Error> {
        let query = self.query();
        let named = query.x_database_id.as_deref().or(query.query_request.database_id.as_deref());
        database_of(core.protocol()?, &query.label(), named)
    }

    fn opening(&self, core: &Core, options: &CallOptions) -> Result<Opening, Error> {
        let query = self.query();
        let mut request = query.to_request()?;
        // Nothing else, or the answer would be JSON.
        request.headers.push("Accept", CONTENT_TYPE);
        request.headers.push("Accept-Encoding", "identity");
        let retry: RetryPolicy = self.query.when_busy.clone();
        let scope = query.spec().scope;
        Opening::new(core, options, query.label(), scope, request, Effect::Changes, Some(retry))
    }

    fn came(&self, opening: &mut Opening) -> Result<Came, Error> {
        let response = opening.finish()?;
        let context = &opening.context;
        match response.status {
            200 => {
                check_type(&context.label, &response).map_err(|error| {
                    error.with_kind(ErrorKind::OutcomeUnknown).with_advice(
                        "It was probably taken, so it was not sent again. Look whether it took effect before you repeat it.",
                    )
                })?;
                let query = QueryInfo::of(&response.headers);
                let id = query.result_id.clone();
                let info = ArrowInfo { query: Some(query), ..ArrowInfo::of(&response.headers) };
                let reading = Reading::new(context.clone(), id, info, self.max_batch_bytes);
                Ok(Came::Rows(Box::new(reading.straight_from_query())))
            }
            202 => Self::ticket(context, &response),
            _ => Err(Answer::new(context, Effect::Changes, &response)
                .unusable("neither rows (200) nor a ticket (202)")),
        }
    }

    fn ticket(context: &Context, response: &Response) -> Result<Came, Error> {
        let ticket = Answer::new(context, Effect::Changes, response).json()?;
        Ok(Came::Ticket(ticket, QueryInfo::of(&response.headers).result_id))
    }

    fn wait(ticket: &AsyncQueryResponse, database: &str) -> WaitForQueryRun {
        WaitForQueryRun { id: ticket.query_run_id.clone(), x_database_id: Some(database.to_owned()) }
    }

    /// The result of a run that has ended.
    fn result(
        &self,
        mut run: QueryRunInfo,
        known: Option<String>,
        database: &str,
    ) -> Result<(GetArrow<Batches>, QueryInfo), Error> {
        run.result_id = run.result_id.or(known);
        let info = QueryInfo::of_run(&run);
        let id = answer_of(&self.query().label(), run)?.result_id.unwrap_or_default();
        let mut get = GetArrow::new(id);
        get.result.x_database_id = Some(database.to_owned());
        get.max_batch_bytes = self.max_batch_bytes;
        Ok((get, info))
    }
}

/// What is left of the time of a call.
fn left(options: &mut CallOptions, now: Instant, began: Instant) {
    let spent = now.saturating_duration_since(began);
    options.settings.timeout = options.settings.timeout.saturating_sub(spent).max(Duration::from_millis(1));
}

impl Call<Blocking, QueryArrow> {
    /// Runs the query, and gives its rows when the first bytes of them have come. The time of the call counts until then.
    ///
    /// # Errors
    ///
    /// As [`Call::arrow`] has them.
    pub fn send(mut self) -> Result<ArrowReader, Error> {
        let clock = self.client.core().clock().clone();
        let began = clock.now();
        let database = self.command.database(self.client.core())?;
        let mut opening = self.command.opening(self.client.core(), &self.options)?;
        let pieces = run_blocking(&self, &mut opening.exchange, &self.command.query().label())?;
        let (ticket, known) = match self.command.came(&mut opening)? {
            Came::Rows(reading) => {
                let pieces = pieces.ok_or_else(not_run)?;
                return ArrowReader::begin(*reading, pieces, self.options.cancel.clone());
            }
            Came::Ticket(ticket, known) => (ticket, known),
        };
        left(&mut self.options, clock.now(), began);
        let began = clock.now();
        let run = self.clone().map(|_| QueryArrow::wait(&ticket, &database)).send().map_err(begun)?;
        let (get, info) = self.command.result(run, known, &database)?;
        left(&mut self.options, clock.now(), began);
        Ok(self.map(|_| get).send().map_err(begun)?.of_query(info))
    }
}

#[cfg(feature = "async")]
impl Call<Async, QueryArrow> {
    /// Runs the query, and gives its rows when the first bytes of them have come. The time of the call counts until then.
    ///
    /// # Errors
    ///
    /// As [`Call::arrow`] has them.
    pub async fn send(mut self) -> Result<ArrowStream, Error> {
        let began = Instant::now();
        let database = self.command.database(self.client.core())?;
        let mut opening = self.command.opening(self.client.core(), &self.options)?;
        let pieces = run_async(&self.client, &self.options, &mut opening.exchange).await;
        let (ticket, known) = match self.command.came(&mut opening)? {
            Came::Rows(reading) => return ArrowStream::begin(*reading, pieces.ok_or_else(not_run)?).await,
            Came::Ticket(ticket, known) => (ticket, known),
        };
        left(&mut self.options, Instant::now(), began);
        let began = Instant::now();
        let run = self.clone().map(|_| QueryArrow::wait(&ticket, &database)).send().await.map_err(begun)?;
        let (get, info) = self.command.result(run, known, &database)?;
        left(&mut self.options, Instant::now(), began);
        Ok(self.map(|_| get).send().await.map_err(begun)?.of_query(info))
    }
}
