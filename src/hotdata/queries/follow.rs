//! The plan of a query that is followed to its end: send it, wait for its run or its result, count its rows,
//! fetch them.

use std::time::Instant;

use crate::client::{Action, Running};
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{Machine, PollPolicy, Progress};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{CallOptions, Command, Core};
use crate::hotdata::composite::{Composite, Origin};
use crate::hotdata::query_runs::{GetQueryRun, QueryRunInfo, run_wait};
use crate::hotdata::results::{ResultFailure, ResultOutcome, ready_wait};
use crate::hotdata::waits::Until;

use super::background::{QueryAndWait, response_of};
use super::model::{QueryOutcome, QueryResponse};
use super::pages::{Pages, Rows};
use super::query::FollowedQuery;

/// Follows a query.
struct FollowPlan {
    calls: Composite,
    followed: FollowedQuery,
    polls: PollPolicy,
    database: String,
    /// Waits for a query that goes on in the background, rather than to return its ticket.
    waits: bool,
    stage: Stage,
    /// The run, once the query was accepted.
    run_id: Option<String>,
    /// True if an earlier run of a batch has sent the query.
    is_resumed: bool,
    /// The result that holds the rows, once it is known.
    result_id: Option<String>,
}

/// What the machine that runs is for, and the response so far.
enum Stage {
    Query,
    /// Waits for the run.
    Run,
    /// Waits for the result.
    Result(Box<QueryResponse>),
    /// Asks for the number of rows.
    Count(Box<QueryResponse>),
    Pages(Box<QueryResponse>, Box<Pages>),
    Over,
}

/// The outputs of the machines of the plan.
enum Part {
    Query(QueryOutcome),
    Run(Box<QueryRunInfo>),
    Ready,
    Page(ResultOutcome),
}

type Step = Planned<Part, QueryOutcome>;

impl FollowPlan {
    fn new(core: &Core, options: &CallOptions, followed: &FollowedQuery, waits: bool) -> Result<Self, Error> {
        let query = &followed.query;
        let calls = Composite::new(core, options, query.endpoint().label())?;
        let database = match calls.database(query.named_database()) {
            Ok(database) => database,
            // No request will be about a result.
            Err(_) if !followed.follow => String::new(),
            Err(error) => return Err(error),
        };
        Ok(Self {
            calls,
            followed: followed.clone(),
            polls: options.settings.poll.clone(),
            database,
            waits,
            stage: Stage::Query,
            run_id: None,
            is_resumed: false,
            result_id: None,
        })
    }

    fn machine(self) -> Sequence<Self> {
        Sequence::new(self.calls.context().clone(), self)
    }

    fn took(&mut self, part: Part) -> Step {
        match (std::mem::replace(&mut self.stage, Stage::Over), part) {
            (Stage::Query, Part::Query(outcome)) => self.accepted(outcome),
            (Stage::Run, Part::Run(run)) => {
                let response = response_of(self.calls.label(), *run)?;
                let total = response.total_row_count;
                self.fetch(Box::new(response), total)
            }
            (Stage::Result(response), Part::Ready) => match response.total_row_count {
                Some(total) => self.fetch(response, Some(total)),
                None => self.count(response),
            },
            (Stage::Count(response), Part::Run(run)) => self.fetch(response, run.row_count),
            (Stage::Pages(response, mut pages), Part::Page(page)) => {
                match pages.take(self.calls.label(), page)? {
                    true => Ok(Next::Done(QueryOutcome::Completed(complete(*response, *pages)))),
                    false => self.fetch_page(response, pages),
                }
            }
            _ => {
                let happened = "a step of the query ended out of order";
                Err(Error::new(ErrorKind::UnexpectedResponse, self.calls.label(), happened))
            }
        }
    }

    /// The service accepted the query.
    fn accepted(&mut self, outcome: QueryOutcome) -> Step {
        let id = outcome.query_run_id().to_owned();
        self.run_id = Some(id.clone());
        self.calls.emit(&Progress::Submitted { id });
        match outcome {
            QueryOutcome::Submitted(ticket) if self.waits => {
                self.wait_for_run(&ticket.query_run_id, Origin::ThisCall)
            }
            QueryOutcome::Completed(rows) if rows.truncated && self.followed.follow => self.truncated(rows),
            outcome => Ok(Next::Done(outcome)),
        }
    }

    fn wait_for_run(&mut self, id: &str, origin: Origin) -> Step {
        self.stage = Stage::Run;
        let wait = run_wait(&self.calls, id, &self.database, origin, Until::default())?;
        Ok(Next::Run(Box::new(wait.map(|run| run.map(Box::new).map(Part::Run)))))
    }

    fn truncated(&mut self, response: QueryResponse) -> Step {
        let Some(id) = response.result_id.clone() else {
            let failure = ResultFailure::Unavailable { warning: response.warning };
            return Err(failure
                .error(self.calls.label())
                .with_advice("The query ran. Run it with `.follow(false)` to have the first rows."));
        };
        self.result_id = Some(id.clone());
        self.stage = Stage::Result(Box::new(response));
        let (polls, within) = (&self.polls, self.followed.ready_within);
        let wait = ready_wait(&self.calls, &id, &self.database, polls, within, Until::default());
        Ok(Next::Run(Box::new(wait.map(|outcome| outcome.map(|_| Part::Ready)))))
    }

    fn count(&mut self, response: Box<QueryResponse>) -> Step {
        let mut run = GetQueryRun::new(&response.query_run_id);
        run.x_database_id = Some(self.database.clone());
        self.stage = Stage::Count(response);
        let count = self.calls.send(&run)?;
        Ok(Next::Run(Box::new(count.map(|run| run.map(Box::new).map(Part::Run)))))
    }

    fn fetch(&mut self, mut response: Box<QueryResponse>, total: Option<i64>) -> Step {
        let rows = total.and_then(|total| u64::try_from(total).ok());
        let id = response.result_id.clone().unwrap_or_default();
        self.result_id = Some(id.clone());
        let pages = Pages::new(&self.followed, self.calls.label(), &id, &self.database, rows)?;
        response.total_row_count = response.total_row_count.or(total);
        self.fetch_page(response, Box::new(pages))
    }

    fn fetch_page(&mut self, response: Box<QueryResponse>, pages: Box<Pages>) -> Step {
        let page = self.calls.send(pages.command())?;
        self.stage = Stage::Pages(response, pages);
        Ok(Next::Run(Box::new(page.map(|page| page.map(Part::Page)))))
    }

    /// Adds the ids of the run and the result to an error.
    fn identified(&self, error: Error) -> Error {
        let error = match &self.run_id {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        };
        match &self.result_id {
            Some(id) => error.with_resource(id.clone()),
            None => error,
        }
    }
}

/// The response to the query with all rows.
fn complete(mut response: QueryResponse, pages: Pages) -> QueryResponse {
    let Rows { columns, nullable, rows, source } = pages.into_rows();
    (response.rows, response.source) = (rows, source);
    // After a ticket no response had the columns.
    if response.columns.is_empty() {
        (response.columns, response.nullable) = (columns, nullable);
    }
    response
}

impl Plan for FollowPlan {
    type Part = Part;
    type Output = QueryOutcome;

    fn begin(&mut self, _: Instant) -> Step {
        if let Some(id) = self.run_id.clone().filter(|_| self.is_resumed) {
            return self.wait_for_run(&id, Origin::Earlier);
        }
        let retries = self.followed.when_busy.retries(None);
        let query = self.calls.send_with(&self.followed.query, Some(retries))?;
        Ok(Next::Run(Box::new(query.map(|outcome| outcome.map(Part::Query)))))
    }

    fn ended(&mut self, _: Instant, outcome: Result<Part, Error>) -> Step {
        let next = match (outcome, &mut self.stage) {
            (Ok(part), _) => self.took(part),
            // The number of rows is only good to know.
            (Err(error), Stage::Count(_)) if error.kind() != ErrorKind::Cancelled => {
                match std::mem::replace(&mut self.stage, Stage::Over) {
                    Stage::Count(response) => self.fetch(response, None),
                    _ => Err(error),
                }
            }
            (Err(error), _) => Err(error),
        };
        next.map_err(|error| self.identified(error))
    }

    fn has_begun(&self) -> bool {
        self.run_id.is_some()
    }
}

/// The wait for the run of a query that an earlier run of a batch has sent, and for its rows.
pub(crate) struct ResumedQuery<'a> {
    pub(crate) query: &'a FollowedQuery,
    pub(crate) run_id: &'a str,
}

impl Action<Hotdata> for ResumedQuery<'_> {
    type Output = QueryOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryOutcome>, Error> {
        let plan = FollowPlan::new(core, options, self.query, true)?;
        let (run_id, is_resumed) = (Some(self.run_id.to_owned()), true);
        Ok(Running::new(FollowPlan { run_id, is_resumed, ..plan }.machine()))
    }
}

impl Action<Hotdata> for FollowedQuery {
    type Output = QueryOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryOutcome>, Error> {
        Ok(Running::new(FollowPlan::new(core, options, self, false)?.machine()))
    }
}

impl Action<Hotdata> for QueryAndWait {
    type Output = QueryResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryResponse>, Error> {
        let plan = FollowPlan::new(core, options, &self.query, true)?;
        let label = plan.calls.label().to_owned();
        Ok(Running::new(plan.machine().map(move |outcome| match outcome? {
            QueryOutcome::Completed(rows) => Ok(rows),
            // Its run was waited for.
            QueryOutcome::Submitted(ticket) => {
                let happened = "the query is still running, although the call waited for its end";
                Err(Error::new(ErrorKind::UnexpectedResponse, label, happened)
                    .with_request_id(ticket.query_run_id))
            }
        })))
    }
}
