//! Operations about query runs.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::pages::{List, NextPage, next_cursor};

use super::model::{ListQueryRunsResponse, QueryRunInfo, QueryRunStatus};

/// The operations about query runs, the executions of queries. Returned by [`Client::query_runs`].
#[derive(Debug)]
pub struct QueryRuns<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about query runs, the executions of queries.
    pub fn query_runs(&self) -> QueryRuns<M> {
        QueryRuns { client: self.clone() }
    }
}

impl<M> QueryRuns<M> {
    /// Returns the state and the statistics of a query run. `GET /v1/query-runs/{id}` (`get_query_run`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the database has no query run with this id;
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if neither the call nor the client names a
    /// database.
    #[doc(alias = "get_query_run")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetQueryRun> {
        self.client.call(GetQueryRun::new(id))
    }

    /// Lists a page of the query runs of the database, the newest first. `GET /v1/query-runs`
    /// (`list_query_runs`).
    ///
    /// [`iter`](Call::iter) returns the query runs of all pages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the database does not exist;
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if neither the call nor the client names a
    /// database.
    #[doc(alias = "list_query_runs")]
    pub fn list(&self) -> Call<M, ListQueryRuns> {
        self.client.call(ListQueryRuns::default())
    }
}

/// Returns a query run: the command of [`QueryRuns::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetQueryRun {
    /// The id of the query run.
    pub id: String,
    /// The id of the database in which the query runs. Default: the database that the program or its
    /// credentials set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
}

impl GetQueryRun {
    /// Returns the command for the query run with this id, in the client's database.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), x_database_id: None }
    }
}

impl<M> Call<M, GetQueryRun> {
    /// Sets the id of the database in which the query runs. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }
}

impl Command for GetQueryRun {
    type Output = QueryRunInfo;
    const NAME: &'static str = "get_query_run";

    fn endpoint(&self) -> Endpoint<'_, QueryRunInfo> {
        Endpoint::get(Self::NAME, "/v1/query-runs/{id}")
            .of(Scope::Database)
            .at("id", &self.id)
            .database(self.x_database_id.as_deref())
    }
}

/// Lists a page of query runs: the command of [`QueryRuns::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListQueryRuns {
    /// The id of the database whose query runs are listed. Default: the database that the program or its
    /// credentials set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// The largest number of query runs on a page. Default: the service's own page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The page to return: the `next_cursor` of the page before it. Default: the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The statuses of the query runs to list, separated by commas, for example `succeeded,failed`. Default:
    /// all statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The id of the saved query whose runs are listed. Default: the runs of all queries, saved or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_id: Option<String>,
}

impl ListQueryRuns {
    /// Returns the command without filters, for the first page, in the client's database.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> Call<M, ListQueryRuns> {
    /// Sets the id of the database whose query runs are listed. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the largest number of query runs on a page. Default: the service's own page size.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the page to return: the `next_cursor` of the page before it. Default: the first page.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.command.cursor = Some(cursor.into());
        self
    }

    /// Adds a status of the query runs to list; several statuses can be added. Default: all statuses.
    pub fn status(mut self, status: &QueryRunStatus) -> Self {
        one_more(&mut self.command.status, status.as_str());
        self
    }

    /// Sets the id of the saved query whose runs are listed. Default: the runs of all queries, saved or not.
    pub fn saved_query_id(mut self, id: impl Into<String>) -> Self {
        self.command.saved_query_id = Some(id.into());
        self
    }
}

/// Appends an entry to a list with commas.
pub(crate) fn one_more(list: &mut Option<String>, entry: &str) {
    match list {
        Some(list) => {
            list.push(',');
            list.push_str(entry);
        }
        None => *list = Some(entry.to_owned()),
    }
}

impl Command for ListQueryRuns {
    type Output = ListQueryRunsResponse;
    const NAME: &'static str = "list_query_runs";

    fn endpoint(&self) -> Endpoint<'_, ListQueryRunsResponse> {
        Endpoint::get(Self::NAME, "/v1/query-runs")
            .of(Scope::Database)
            .query("limit", self.limit)
            .query("cursor", self.cursor.as_ref())
            .query("status", self.status.as_ref())
            .query("saved_query_id", self.saved_query_id.as_ref())
            .database(self.x_database_id.as_deref())
    }
}

impl List for ListQueryRuns {
    type Item = QueryRunInfo;

    fn split(&self, page: ListQueryRunsResponse) -> (Vec<QueryRunInfo>, NextPage) {
        (page.query_runs, next_cursor(page.has_more, page.next_cursor))
    }

    fn turn_to(&mut self, next: String) {
        self.cursor = Some(next);
    }
}
