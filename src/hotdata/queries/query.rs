//! Queries that are followed to their end: the call and its settings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::error::{Error, ErrorKind};
use crate::hotdata::backoff_policy::BackoffPolicy;
use crate::hotdata::client::Client;
use crate::hotdata::command::Call;
use crate::hotdata::limits::Guards;
use crate::hotdata::results::READY_WITHIN;
#[cfg(doc)]
use crate::hotdata::results::ResultFailure;

use super::model::{Dialect, QueryRequest};
use super::plain::Query;

/// The rows of a page: the page size of the vendor's `PollPolicy` (hotdata 0.12.0).
const PAGE_SIZE: u64 = 50_000;

impl<M> Client<M> {
    /// Runs a query and returns its rows. If the response has only the first rows, the rest is fetched.
    ///
    /// 1. The query is sent. While the service is too busy (429), it is sent again: see [`Call::when_busy`].
    /// 2. A ticket (202) is returned as it is. The service sends one for a query [in the
    ///    background](Call::background).
    /// 3. A response with all rows is returned as it is, and so is one with the first rows if
    ///    [`Call::follow`] is off.
    /// 4. Otherwise the client waits for the result and fetches it in pages, within [`Call::max_auto_rows`]
    ///    and [`Call::max_auto_bytes`]. `rows` then has all rows, and `truncated` stays true.
    ///
    /// The order of rows differs from one page to the next unless the SQL says `ORDER BY`. Without it, fetch
    /// a large result in one request: as Arrow ([`Call::arrow`](Client::query), feature `arrow`), or with
    /// [`fetch_ready`](crate::hotdata::Results::fetch_ready) and a format.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::{Client, QueryOutcome};
    /// let client = Client::from_env()?;
    /// let outcome = client.query("SELECT id, amount FROM orders ORDER BY id").send()?;
    /// if let QueryOutcome::Completed(response) = outcome {
    ///     for row in response.rows {
    ///         println!("{} {}", row[0], row[1]);
    ///     }
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Cancelling
    ///
    /// The API has no operation that cancels a query. Dropping the future, or a
    /// [`CancelToken`](crate::client::CancelToken) given to [`Call::cancel_with`], ends the call here; the
    /// query goes on, and its run can be found with [`query_runs().list()`](crate::hotdata::QueryRuns::list).
    ///
    /// # Errors
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument) if no database is named anywhere, so that the rest
    ///   of the rows could not be fetched. Nothing was sent;
    /// - [`RateLimited`](ErrorKind::RateLimited) if the service stays too busy, with the number of
    ///   [`attempts`](Error::attempts). Nothing ran;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if the query may have run;
    /// - [`OperationFailed`](ErrorKind::OperationFailed) if the result could not be saved. With
    ///   [`ResultFailure::Unavailable`] there are only the first rows: run the query with `.follow(false)` to
    ///   have them;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout) if the result was not saved in time;
    /// - [`LimitExceeded`](ErrorKind::LimitExceeded) for a result that is too large:
    ///   [`ResultFailure::TooLarge`];
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) for a result whose pages end too early:
    ///   [`ResultFailure::Incomplete`].
    ///
    /// Once the service has accepted the query, errors have the id of its run as
    /// [`request_id`](Error::request_id), and errors about its result have the id of that as
    /// [`resource`](Error::resource). [`Error::detail`] has the [`ResultFailure`].
    pub fn query(&self, sql: impl Into<String>) -> Call<M, FollowedQuery> {
        self.follow_query(Query::new(QueryRequest::new(sql)))
    }

    /// Runs a query as [`query`](Client::query) does, with all fields of the request.
    pub fn follow_query(&self, query: Query) -> Call<M, FollowedQuery> {
        Call::new(self.shared.clone(), FollowedQuery::new(query))
    }
}

/// The command of [`Client::query`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FollowedQuery {
    /// The query itself.
    pub query: Query,
    /// Whether the rest of the rows is fetched.
    pub follow: bool,
    /// The largest number of rows that are fetched. `None`: no limit.
    pub max_auto_rows: Option<u64>,
    /// The largest number of bytes that are fetched, estimated. `None`: no limit.
    pub max_auto_bytes: Option<u64>,
    /// The number of rows of a page.
    pub page_size: u64,
    /// The retries while the service is too busy.
    pub when_busy: BackoffPolicy,
    /// The time in which the result has to be ready.
    pub ready_within: Duration,
}

impl FollowedQuery {
    /// Returns the query with the default limits.
    pub fn new(query: Query) -> Self {
        let Guards { rows, bytes } = Guards::default();
        Self {
            query,
            follow: true,
            max_auto_rows: rows,
            max_auto_bytes: bytes,
            page_size: PAGE_SIZE,
            when_busy: BackoffPolicy::of_queries(),
            ready_within: READY_WITHIN,
        }
    }
}

/// A command with a [`FollowedQuery`] in it, whose settings are settings of the call.
pub trait HoldsQuery {
    #[doc(hidden)]
    fn held(&mut self) -> &mut FollowedQuery;
}

impl HoldsQuery for FollowedQuery {
    fn held(&mut self) -> &mut FollowedQuery {
        self
    }
}

/// # Settings of a query
impl<M, Q: HoldsQuery> Call<M, Q> {
    /// Sets the database. Default: the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.held().query.x_database_id = Some(id.into());
        self
    }

    /// Sets the catalog of tables that are named without one.
    pub fn default_catalog(mut self, catalog: impl Into<String>) -> Self {
        self.command.held().query.query_request.default_catalog = Some(catalog.into());
        self
    }

    /// Sets the schema of tables that are named without one.
    pub fn default_schema(mut self, schema: impl Into<String>) -> Self {
        self.command.held().query.query_request.default_schema = Some(schema.into());
        self
    }

    /// Sets the SQL dialect. Default: the service's own, similar to that of Postgres.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.command.held().query.query_request.dialect = Some(dialect);
        self
    }

    /// Sets the largest number of rows that are fetched; `None` for no limit. Default: 1 000 000.
    pub fn max_auto_rows(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.command.held().max_auto_rows = rows.into();
        self
    }

    /// Sets the largest number of bytes that are fetched, estimated from the text of the cells; `None` for no
    /// limit. Default: 64 MiB.
    pub fn max_auto_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.command.held().max_auto_bytes = bytes.into();
        self
    }

    /// Sets the number of rows of a page. Default: 50 000. 0 counts as 1.
    pub fn page_size(mut self, rows: u64) -> Self {
        self.command.held().page_size = rows.max(1);
        self
    }

    /// Sets the retries of a query while the service is too busy (429). Default:
    /// [`BackoffPolicy::of_queries`], 5 retries within 120 s.
    pub fn when_busy(mut self, policy: BackoffPolicy) -> Self {
        self.command.held().when_busy = policy;
        self
    }

    /// Sets the time in which the result has to be ready after the first rows have arrived. Default: 120 s.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.command.held().ready_within = time;
        self
    }
}

impl<M> Call<M, FollowedQuery> {
    /// Sets whether the rest of the rows is fetched if the response has only the first. Default: true.
    #[doc(alias = "auto_follow")]
    pub fn follow(mut self, follow: bool) -> Self {
        self.command.follow = follow;
        self
    }

    /// Runs the query in the background: the output is a ticket, for
    /// [`query_runs().wait_for_query_run(…)`](crate::hotdata::QueryRuns::wait_for_query_run).
    pub fn background(mut self) -> Self {
        self.command.query.query_request.r#async = Some(true);
        self
    }

    /// Runs the query in the background, unless it ends within so many milliseconds: 1000 or more.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        let request = &mut self.command.query.query_request;
        (request.r#async, request.async_after_ms) = (Some(true), Some(after));
        self
    }
}
