//! The operation `query` by itself. What follows a query to its end is in `query.rs`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, shown};
use crate::hotdata::client::Client;
use crate::hotdata::command::{Answer, Call, Command, RequestParts, Scope, Spec, request};
use crate::http::{Method, Request};

use super::model::{QueryOutcome, QueryRequest};

/// The largest answer to a query that is read: the service gives no more than the first rows of a large result.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
/// How much of a statement a message shows.
const MAX_SHOWN_SQL: usize = 80;

impl<M> Client<M> {
    /// One query as it is, with nothing done about what comes back: `POST /v1/query` (`query`).
    ///
    /// The answer may be the first rows only, or a ticket. [`query`](Client::query) follows both to their end.
    ///
    /// # Errors
    ///
    /// [`RateLimited`](crate::ErrorKind::RateLimited) if the service is too busy,
    /// [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) if it is not known whether the query ran.
    #[doc(alias = "query")]
    pub fn query_plain(&self, query_request: QueryRequest) -> Call<M, Query> {
        self.call(Query::new(query_request))
    }
}

/// See [`Client::query_plain`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The query.
    pub query_request: QueryRequest,
    /// The database, in the header. The body may say it instead, or the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
}

impl Query {
    /// This query.
    pub fn new(query_request: QueryRequest) -> Self {
        Self { query_request, x_database_id: None }
    }
}

impl<M> Call<M, Query> {
    /// The database, in the header, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }
}

/// A statement in a message: its beginning, up to the first value.
pub(super) fn query_label(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let text = words.join(" ");
    let end = text.find(['\'', '$']).unwrap_or(text.len());
    let end = text.char_indices().nth(MAX_SHOWN_SQL).map_or(end, |(at, _)| end.min(at));
    let rest = if end < text.len() { "…" } else { "" };
    format!("query {}{rest}", shown(&text[..end]))
}

impl Command for Query {
    type Output = QueryOutcome;

    fn spec(&self) -> Spec {
        // Where the body names a database, the client's own must not contradict it.
        let names_one = self.query_request.database_id.is_some();
        Spec::changes("query").of(if names_one { Scope::Workspace } else { Scope::PerhapsDatabase })
    }

    fn label(&self) -> String {
        query_label(&self.query_request.sql)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = request(self, Method::Post, "/v1/query", &[])?
            .json(&self.query_request)?
            .database(self.x_database_id.as_deref())?;
        request.max_response_body = MAX_ANSWER;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<QueryOutcome, Error> {
        match answer.response.status {
            200 => answer.json().map(QueryOutcome::Answered),
            202 => answer.json().map(QueryOutcome::Submitted),
            _ => Err(answer.unusable("neither rows (200) nor a ticket (202)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_ends_before_the_first_value() {
        assert_eq!(query_label("SELECT 1"), "query SELECT 1");
        assert_eq!(query_label("SELECT *\n FROM t\tWHERE k = 'hunter2'"), "query SELECT * FROM t WHERE k =…");
        assert_eq!(query_label("SELECT $$hunter2$$"), "query SELECT…");
        let long = query_label(&"é".repeat(500));
        assert_eq!(long.chars().count(), 6 + MAX_SHOWN_SQL + 1);
    }
}
