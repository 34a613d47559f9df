//! The rows of a query as Arrow.

use std::time::Instant;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, Running};
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{Effect, Machine, Progress};
use crate::error::{Error, ErrorKind};
#[cfg(doc)]
use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::composite::{Composite, Origin};
use crate::hotdata::queries::{AsyncQueryResponse, FollowedQuery, HoldsQuery, response_of};
use crate::hotdata::query_runs::{QueryRunInfo, run_wait};
use crate::hotdata::success::Success;
use crate::hotdata::waits::Until;
use crate::http::Response;

use super::CONTENT_TYPE;
use super::info::{ArrowInfo, QueryInfo};
use super::readers::{ArrowReader, open};
#[cfg(feature = "async")]
use super::readers::{ArrowStream, open_async};
use super::reading::{Reading, UntilSchema};
use super::requests::{Batches, GetArrow, MAX_BATCH, check_type};

/// Runs a query and returns its rows as Arrow record batches: the command of [`Call::arrow`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QueryArrow {
    /// The query. Its limits of rows and bytes do not apply.
    pub query: FollowedQuery,
    /// The largest batch that is accepted, in bytes, both as it arrives and decompressed. Default: 256 MiB. A
    /// larger batch is the error [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    pub max_batch_bytes: u64,
}

impl HoldsQuery for QueryArrow {
    fn held(&mut self) -> &mut FollowedQuery {
        &mut self.query
    }
}

impl<M> Call<M, FollowedQuery> {
    /// Makes the query return its rows as record batches, one after the other, with about one batch in memory
    /// at a time. All rows are read in one request, so that their order is consistent, and the limits of rows
    /// and bytes of [`Client::query`] do not apply.
    ///
    /// If the service does not return the rows directly, it responds with a ticket, the id of the query run.
    /// The call then waits for the run and requests its result.
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
    /// Those of [`Client::query`], of
    /// [`query_runs().wait_for_query_run(…)`](crate::hotdata::QueryRuns::wait_for_query_run) and of
    /// [`results().stream_arrow(…)`](crate::hotdata::Results::stream_arrow). Once the service has accepted
    /// the query, errors have the id of its run as [`request_id`](Error::request_id) and the id of its result
    /// as [`resource`](Error::resource), if the service has sent these ids. Do not run the query again then:
    /// wait for the run, or fetch the result, by these ids.
    #[doc(alias = "query_to_arrow")]
    pub fn arrow(self) -> Call<M, QueryArrow> {
        self.map(|query| QueryArrow { query, max_batch_bytes: MAX_BATCH })
    }
}

impl<M> Call<M, QueryArrow> {
    /// Sets the largest batch that is accepted, in bytes, both as it arrives and decompressed. Default: 256
    /// MiB. A larger batch is the error [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    pub fn max_batch_bytes(mut self, bytes: u64) -> Self {
        self.command.max_batch_bytes = bytes;
        self
    }
}

impl QueryArrow {
    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Reading>, Error> {
        let query = &self.query.query;
        let calls = Composite::new(core, options, query.endpoint().label())?;
        // For requests about the run and the result.
        let database = calls.database(query.named_database())?;
        let context = calls.context().clone();
        let plan =
            ArrowPlan { calls, arrow: self.clone(), database, stage: Stage::Query, ids: Ids::default() };
        Ok(Running::new(Sequence::new(context, plan)))
    }
}

/// Runs the query. If its response is a ticket, waits for the run and opens the result.
struct ArrowPlan {
    calls: Composite,
    arrow: QueryArrow,
    database: String,
    stage: Stage,
    ids: Ids,
}

/// What the machine that runs is for.
enum Stage {
    Query,
    /// Waits for the run.
    Run,
    /// Reads up to the columns of the rows. The query is described if they are those of a result.
    Rows(Option<QueryInfo>),
}

/// The ids that the service has sent.
#[derive(Default)]
struct Ids {
    run: Option<String>,
    result: Option<String>,
}

/// The outputs of the machines of the plan.
enum Part {
    Response(Response),
    Run(Box<QueryRunInfo>),
    Rows(Box<Reading>),
}

type NextPart = Planned<Part, Reading>;

impl ArrowPlan {
    fn responded(&mut self, response: &Response) -> NextPart {
        let context = self.calls.context().clone();
        let success = Success::new(&context, Effect::Changes, response);
        match response.status {
            200 => {
                check_type(&context.label, response).map_err(|error| {
                    error.with_kind(ErrorKind::OutcomeUnknown).with_advice(
                        "The query was probably accepted, so it was not sent again. Look for its run in the list of query runs before you repeat it.",
                    )
                })?;
                let query = QueryInfo::of(&response.headers);
                let (id, max) = (query.result_id.clone(), self.arrow.max_batch_bytes);
                self.ids = Ids { run: query.query_run_id.clone(), result: id.clone() };
                let info = ArrowInfo::of(&response.headers);
                let reading = Reading::new(context.clone(), id, info, max).of_query(query);
                self.stage = Stage::Rows(None);
                Ok(run_reading(UntilSchema::new(reading)))
            }
            202 => {
                let ticket: AsyncQueryResponse = success.json()?;
                let result = QueryInfo::of(&response.headers).result_id;
                let id = ticket.query_run_id;
                self.ids = Ids { run: Some(id.clone()), result };
                self.calls.emit(&Progress::Submitted { id: id.clone() });
                self.stage = Stage::Run;
                let wait = run_wait(&self.calls, &id, &self.database, Origin::ThisCall, Until::default())?;
                Ok(Next::Run(Box::new(wait.map(|run| run.map(Box::new).map(Part::Run)))))
            }
            _ => Err(success.other_status("200 (rows) or 202 (a query that runs in the background)")),
        }
    }

    /// The run has succeeded: opens its result.
    fn ran(&mut self, mut run: QueryRunInfo) -> NextPart {
        run.result_id = run.result_id.or(self.ids.result.clone());
        let query = QueryInfo::of_run(&run);
        let id = response_of(self.calls.label(), run)?.result_id.unwrap_or_default();
        self.ids.result = Some(id.clone());
        let mut get = GetArrow::<Batches>::new(id);
        get.result.x_database_id = Some(self.database.clone());
        get.max_batch_bytes = self.arrow.max_batch_bytes;
        self.stage = Stage::Rows(Some(query));
        Ok(run_reading(get.open(&self.calls)?))
    }

    /// Adds the ids to an error.
    fn identified(&self, error: Error) -> Error {
        let error = match &self.ids.run {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        };
        match &self.ids.result {
            Some(id) => error.with_resource(id.clone()),
            None => error,
        }
    }
}

fn run_reading(machine: impl Machine<Output = Reading> + 'static) -> Next<Part, Reading> {
    Next::Run(Box::new(machine.map(|reading| reading.map(Box::new).map(Part::Rows))))
}

impl Plan for ArrowPlan {
    type Part = Part;
    type Output = Reading;

    fn begin(&mut self, _: Instant) -> NextPart {
        let FollowedQuery { query, when_busy, .. } = &self.arrow.query;
        let endpoint = query
            .endpoint()
            // Nothing else, or the response would be JSON.
            .header("Accept", Some(CONTENT_TYPE))
            .header("Accept-Encoding", Some("identity"));
        let exchange = self.calls.open(endpoint, Some(when_busy.retries(None)))?;
        Ok(Next::Run(Box::new(exchange.map(|response| response.map(Part::Response)))))
    }

    fn ended(&mut self, _: Instant, outcome: Result<Part, Error>) -> NextPart {
        let next = match outcome {
            Ok(Part::Response(response)) => self.responded(&response),
            Ok(Part::Run(run)) => self.ran(*run),
            Ok(Part::Rows(reading)) => Ok(Next::Done(match &mut self.stage {
                Stage::Rows(query) => match query.take() {
                    Some(query) => reading.of_query(query),
                    None => *reading,
                },
                Stage::Query | Stage::Run => *reading,
            })),
            Err(error) => Err(error),
        };
        next.map_err(|error| self.identified(error))
    }

    fn has_begun(&self) -> bool {
        !matches!(self.stage, Stage::Query)
    }
}

impl Call<Blocking, QueryArrow> {
    /// Runs the query, and returns a reader of its rows as soon as the columns have arrived. The timeout of
    /// the call ends when the head of the response with the rows has arrived; after that, each piece of the
    /// body has to arrive within the [`http_timeout`](Call::http_timeout).
    ///
    /// # Errors
    ///
    /// See [`Call::arrow`].
    pub fn send(self) -> Result<ArrowReader, Error> {
        open(self, QueryArrow::start).map(ArrowReader::new)
    }
}

#[cfg(feature = "async")]
impl Call<Async, QueryArrow> {
    /// Runs the query, and returns a stream of its rows as soon as the columns have arrived. The timeout of
    /// the call ends when the head of the response with the rows has arrived; after that, each piece of the
    /// body has to arrive within the [`http_timeout`](Call::http_timeout).
    ///
    /// # Errors
    ///
    /// See [`Call::arrow`].
    pub async fn send(self) -> Result<ArrowStream, Error> {
        open_async(self, QueryArrow::start).await.map(ArrowStream::new)
    }
}
