//! The operation `query` as a single request. The call that fetches all rows is in `query.rs`.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::sql;
use crate::hotdata::success::Success;
use crate::rows::Source;

use super::model::{QueryOutcome, QueryRequest, QueryResponse};

/// The largest response to a query: the service sends no more than the first rows of a large result.
pub(crate) const MAX_RESPONSE: usize = 64 * 1024 * 1024;
/// The number of characters of a statement that a message shows.
const MAX_SHOWN_SQL: usize = 80;

impl<M> Client<M> {
    /// Sends a query and returns the service's response unchanged: `POST /v1/query` (`query`).
    ///
    /// The response may have only the first rows of a large result. If the query runs in the background, the
    /// response is a ticket with the id of the query run. [`query`](Client::query) also fetches the other
    /// rows, and [`query(…).and_wait()`](Call::and_wait) waits for a query in the background.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service rejects the SQL or a setting (HTTP 400);
    /// [`NotFound`](crate::ErrorKind::NotFound) if the database does not exist;
    /// [`RateLimited`](crate::ErrorKind::RateLimited) if the service is still too busy (HTTP 429) after the
    /// retries of the call ([`RetryPolicy`](crate::RetryPolicy), default: 3);
    /// [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) if the query may have run: the connection broke,
    /// or the service failed (HTTP 5xx). The query is not sent again.
    #[doc(alias = "query")]
    #[doc(alias = "query_preview")]
    pub fn query_plain(&self, query_request: QueryRequest) -> Call<M, Query> {
        self.call(Query::new(query_request))
    }
}

/// Sends a query: the command of [`Client::query_plain`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The SQL and its settings.
    pub query_request: QueryRequest,
    /// The id of the database, which is sent as the header `X-Database-Id`. Default: the database that the
    /// program or its credentials set, unless `query_request` names a database. If both this field and
    /// `query_request` name one, the service rejects different ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
}

impl Query {
    /// Returns the command for this request. The query runs in the database that the request names, else in
    /// the client's database.
    pub fn new(query_request: QueryRequest) -> Self {
        Self { query_request, x_database_id: None }
    }

    /// Returns the database that the query names, in the header or in the body.
    pub(crate) fn named_database(&self) -> Option<&str> {
        self.x_database_id.as_deref().or(self.query_request.database_id.as_deref())
    }
}

impl<M> Call<M, Query> {
    /// Sets the id of the database, which is sent as the header `X-Database-Id`. Default: the database of the
    /// request, else the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }
}

/// The beginning of a statement up to the first value, for messages.
fn excerpt(sql: &str) -> String {
    let shown = sql::without_secrets(sql);
    let words: Vec<&str> = shown.split_whitespace().collect();
    let text = words.join(" ");
    let end = text.find(['\'', '$']).unwrap_or(text.len());
    let end = text.char_indices().nth(MAX_SHOWN_SQL).map_or(end, |(at, _)| end.min(at));
    let rest = if end < text.len() { "…" } else { "" };
    format!("{}{rest}", text[..end].trim_end())
}

impl Command for Query {
    type Output = QueryOutcome;
    const NAME: &'static str = "query";

    fn endpoint(&self) -> Endpoint<'_, QueryOutcome> {
        // Where the body names a database, the client's own must not contradict it.
        let names_one = self.query_request.database_id.is_some();
        Endpoint::post_read(Self::NAME, "/v1/query", read_outcome)
            .of(if names_one { Scope::Workspace } else { Scope::OptionalDatabase })
            .about(excerpt(&self.query_request.sql))
            .json(&self.query_request)
            .database(self.x_database_id.as_deref())
            .secrets(sql::secrets(&self.query_request.sql))
            .max_response_body(MAX_RESPONSE)
    }
}

/// 200: rows; 202: a ticket.
pub(crate) fn read_outcome(success: &Success<'_>) -> Result<QueryOutcome, Error> {
    match success.status() {
        200 => read_completed(success).map(QueryOutcome::Completed),
        202 => success.json().map(QueryOutcome::Submitted),
        _ => Err(success.other_status("200 (rows) or 202 (the ticket of a query in the background)")),
    }
}

/// The rows of a query. An older server leaves out what the rows themselves say.
fn read_completed(success: &Success<'_>) -> Result<QueryResponse, Error> {
    let mut response: QueryResponse = success.json()?;
    response.source = Source::of(&success.response.body);
    let is_nothing =
        response.query_run_id.is_empty() && response.columns.is_empty() && response.rows.is_empty();
    if is_nothing && response.result_id.is_none() {
        return Err(success.unusable("it has none of `columns`, `rows`, `query_run_id` and `result_id`"));
    }
    let rows = response.rows.len();
    if response.preview_row_count == 0 {
        response.preview_row_count = i64::try_from(rows).unwrap_or(i64::MAX);
    }
    if response.row_count == 0 {
        response.row_count = u64::try_from(rows).unwrap_or(u64::MAX);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_ends_before_the_first_value() {
        let label = |sql: &str| Query::new(QueryRequest::new(sql)).endpoint().label();
        assert_eq!(label("SELECT 1"), "query SELECT 1");
        assert_eq!(label("SELECT *\n FROM t\tWHERE k = 'hunter2'"), "query SELECT * FROM t WHERE k =…");
        assert_eq!(label("SELECT $$hunter2$$"), "query SELECT…");
        let quoted = label("ALTER USER u IDENTIFIED BY \"hunter2\"");
        assert_eq!(quoted, "query ALTER USER u IDENTIFIED BY \"[redacted]\"");
        let long = label(&"é".repeat(500));
        assert_eq!(long.chars().count(), 6 + MAX_SHOWN_SQL + 1);
    }
}
