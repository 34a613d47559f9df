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
    /// Runs a query and returns its rows. If the response has only the first rows, the call fetches the
    /// others.
    ///
    /// 1. The client sends the query: `POST /v1/query`. While the service is too busy (HTTP 429), the client
    ///    sends the query again: see [`Call::when_busy`].
    /// 2. If the response is a ticket (HTTP 202), the call returns the ticket, which has the id of the query
    ///    run. The service sends a ticket for a query [in the background](Call::background).
    /// 3. If the response has all rows, the call returns them. If the response has only the first rows and
    ///    [`Call::follow`] is set to false, the call returns these.
    /// 4. Otherwise the client waits until the service has saved the result of the query, at most
    ///    [`Call::ready_within`], and fetches the result in pages, within [`Call::max_auto_rows`] and
    ///    [`Call::max_auto_bytes`]. Then [`rows`](crate::hotdata::QueryResponse::rows) has all rows, and
    ///    [`truncated`](crate::hotdata::QueryResponse::truncated) stays true.
    ///
    /// All steps together have to end within the timeout of the call ([`Call::timeout`]), 300 s by default.
    ///
    /// Without an `ORDER BY` in the SQL, the order of the rows may differ from one page request to the next,
    /// so rows may be missing or repeated. Fetch a large result without `ORDER BY` in one request: as Arrow
    /// (the method `arrow()` of this call, with the feature `arrow`), or with
    /// [`fetch_ready`](crate::hotdata::Results::fetch_ready) as CSV or Parquet.
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
    /// The API has no operation that cancels a query. The call ends if its future is dropped, or if the
    /// [`CancelToken`](crate::client::CancelToken) that was passed to [`Call::cancel_with`] is cancelled. The
    /// query then continues at the service; [`query_runs().list()`](crate::hotdata::QueryRuns::list) finds
    /// its run.
    ///
    /// # Errors
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument) if neither the call nor the client names a database,
    ///   which the requests for further rows need. Nothing was sent. With `.follow(false)` the call needs no
    ///   database;
    /// - [`Rejected`](ErrorKind::Rejected) if the service rejects the SQL or a setting (HTTP 400), and
    ///   [`NotFound`](ErrorKind::NotFound) if the database does not exist;
    /// - [`RateLimited`](ErrorKind::RateLimited) if the service is still too busy after the last retry. The
    ///   error has the number of [`attempts`](Error::attempts). Without a [`request_id`](Error::request_id),
    ///   the query did not run;
    /// - [`Server`](ErrorKind::Server) with the code `PERSISTENCE_UNAVAILABLE` or `RESOURCE_EXHAUSTED` (HTTP
    ///   503) if the query ended without a result;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if the query may have run: the connection broke, or
    ///   the service failed with another HTTP 5xx. The query is not sent again;
    /// - [`OperationFailed`](ErrorKind::OperationFailed) if the service could not save the result. If the
    ///   detail of the error is [`ResultFailure::Unavailable`], the service has only the first rows: run the
    ///   query with `.follow(false)` to get them;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout) if the result was not ready within
    ///   [`Call::ready_within`], or if the timeout of the call passed;
    /// - [`LimitExceeded`](ErrorKind::LimitExceeded) if the result is larger than a limit of the call. The
    ///   detail is [`ResultFailure::TooLarge`];
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the pages end before the last row. The
    ///   detail is [`ResultFailure::Incomplete`].
    ///
    /// Once the service has accepted the query, errors have the id of the query run as
    /// [`request_id`](Error::request_id). Errors about the result of the query also have the id of the result
    /// as [`resource`](Error::resource). [`Error::detail`] returns the [`ResultFailure`] of an error that has
    /// one.
    pub fn query(&self, sql: impl Into<String>) -> Call<M, FollowedQuery> {
        self.follow_query(Query::new(QueryRequest::new(sql)))
    }

    /// Runs a query as [`query`](Client::query) does, from a [`Query`], whose request may have any of its
    /// fields set.
    pub fn follow_query(&self, query: Query) -> Call<M, FollowedQuery> {
        Call::new(self.shared.clone(), FollowedQuery::new(query))
    }
}

/// Runs a query and fetches all of its rows: the command of [`Client::query`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FollowedQuery {
    /// The request of the query, and its database.
    pub query: Query,
    /// Whether the call fetches the other rows if the response has only the first ones. Default: true.
    pub follow: bool,
    /// The largest number of rows that the call fetches. `None`: no limit. Default: 1 000 000.
    pub max_auto_rows: Option<u64>,
    /// The largest number of bytes that the call fetches, estimated from the text of the cells. `None`: no
    /// limit. Default: 64 MiB.
    pub max_auto_bytes: Option<u64>,
    /// The number of rows that the call requests at once. Default: 50 000. 0 counts as 1.
    pub page_size: u64,
    /// The retries of the query while the service is too busy (HTTP 429). Default:
    /// [`BackoffPolicy::of_queries`].
    pub when_busy: BackoffPolicy,
    /// The longest time from the first rows until the service has saved the result. Default: 120 s.
    pub ready_within: Duration,
}

impl FollowedQuery {
    /// Returns the command for this query, with the default settings.
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

/// A command that contains a [`FollowedQuery`]. The call of the command has the methods that set the query.
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
    /// Sets the id of the database in which the query runs. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.held().query.x_database_id = Some(id.into());
        self
    }

    /// Sets the catalog of the tables that the SQL names without a catalog. Default: the default catalog of
    /// the database.
    pub fn default_catalog(mut self, catalog: impl Into<String>) -> Self {
        self.command.held().query.query_request.default_catalog = Some(catalog.into());
        self
    }

    /// Sets the schema of the tables that the SQL names without a schema. Default: the default schema of the
    /// database.
    pub fn default_schema(mut self, schema: impl Into<String>) -> Self {
        self.command.held().query.query_request.default_schema = Some(schema.into());
        self
    }

    /// Sets the SQL dialect. Default: [`Dialect::Hotsql`], the service's own dialect, similar to that of
    /// Postgres.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.command.held().query.query_request.dialect = Some(dialect);
        self
    }

    /// Sets the largest number of rows that the call fetches; `None` for no limit. Default: 1 000 000. A
    /// larger result is the error [`LimitExceeded`](ErrorKind::LimitExceeded). A call that returns Arrow
    /// ignores this limit.
    pub fn max_auto_rows(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.command.held().max_auto_rows = rows.into();
        self
    }

    /// Sets the largest number of bytes that the call fetches, estimated from the text of the cells; `None`
    /// for no limit. Default: 64 MiB. A larger result is the error
    /// [`LimitExceeded`](ErrorKind::LimitExceeded). A call that returns Arrow ignores this limit.
    pub fn max_auto_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.command.held().max_auto_bytes = bytes.into();
        self
    }

    /// Sets the number of rows that the call requests at once when it fetches a result in pages. Default:
    /// 50 000. 0 counts as 1. A call that returns Arrow requests no pages.
    pub fn page_size(mut self, rows: u64) -> Self {
        self.command.held().page_size = rows.max(1);
        self
    }

    /// Sets the retries of the query while the service is too busy (HTTP 429). Default:
    /// [`BackoffPolicy::of_queries`], 5 retries within 120 s.
    pub fn when_busy(mut self, policy: BackoffPolicy) -> Self {
        self.command.held().when_busy = policy;
        self
    }

    /// Sets the longest time from the arrival of the first rows until the service has saved the whole result.
    /// Default: 120 s. The call ends with [`OperationTimeout`](ErrorKind::OperationTimeout) after this time,
    /// or earlier if its timeout ([`Call::timeout`]) passes. This limit applies only to a response with
    /// the first rows of a large result: not to a query in the background, and not to a call that returns
    /// Arrow.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.command.held().ready_within = time;
        self
    }
}

impl<M> Call<M, FollowedQuery> {
    /// Sets whether the call fetches the other rows if the response has only the first ones. Default: true.
    /// With false, the call returns the first rows, and
    /// [`truncated`](crate::hotdata::QueryResponse::truncated) of the response is true.
    #[doc(alias = "auto_follow")]
    pub fn follow(mut self, follow: bool) -> Self {
        self.command.follow = follow;
        self
    }

    /// Runs the query in the background. The call then returns a ticket
    /// ([`QueryOutcome::Submitted`](crate::hotdata::QueryOutcome::Submitted)) with the id of the query run,
    /// for [`query_runs().wait_for_query_run(…)`](crate::hotdata::QueryRuns::wait_for_query_run).
    pub fn background(mut self) -> Self {
        self.command.query.query_request.r#async = Some(true);
        self
    }

    /// Runs the query in the background if it has not ended after this time in milliseconds, at least 1000.
    /// The call then returns a ticket; otherwise it returns the rows. The service rejects a shorter time,
    /// and a time above a limit of its own ([`Rejected`](ErrorKind::Rejected)).
    pub fn async_after_ms(mut self, after: u64) -> Self {
        let request = &mut self.command.query.query_request;
        (request.r#async, request.async_after_ms) = (Some(true), Some(after));
        self
    }
}
