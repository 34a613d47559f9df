//! Operations about saved queries.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::pages::{List, NextPage, next_offset};
use crate::hotdata::queries::{MAX_RESPONSE, QueryOutcome, read_outcome};
use crate::hotdata::sql;

use super::model::{
    CreateSavedQueryRequest, ExecuteSavedQueryRequest, ListSavedQueriesResponse,
    ListSavedQueryVersionsResponse, SavedQueryDetail, SavedQuerySummary, SavedQueryVersionInfo,
    UpdateSavedQueryRequest,
};

/// The operations about saved queries, SQL that the service keeps under a name, with versions. Returned by
/// [`Client::saved_queries`].
#[derive(Debug)]
pub struct SavedQueries<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about saved queries, SQL that the service keeps under a name, with versions.
    pub fn saved_queries(&self) -> SavedQueries<M> {
        SavedQueries { client: self.clone() }
    }
}

impl<M> SavedQueries<M> {
    /// Lists a page of the saved queries of the workspace. `GET /v1/queries` (`list_saved_queries`).
    ///
    /// [`iter`](Call::iter) returns the saved queries of all pages.
    #[doc(alias = "list_saved_queries")]
    pub fn list(&self) -> Call<M, ListSavedQueries> {
        self.client.call(ListSavedQueries::new())
    }

    /// Saves a query under this name, as version 1. The service does not run the query, but classifies its
    /// SQL. `POST /v1/queries` (`create_saved_query`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service does not accept the name, the SQL, the
    /// description or the tags.
    #[doc(alias = "create_saved_query")]
    pub fn create(&self, name: impl Into<String>, sql: impl Into<String>) -> Call<M, CreateSavedQuery> {
        self.client.call(CreateSavedQuery::new(name, sql))
    }

    /// Returns a saved query with the SQL of its latest version. `GET /v1/queries/{id}` (`get_saved_query`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no saved query has this id.
    #[doc(alias = "get_saved_query")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetSavedQuery> {
        self.client.call(GetSavedQuery::new(id))
    }

    /// Updates a saved query. If the request changes the SQL, the service creates a new version. Fields that
    /// are not set in the request remain as they are. `PUT /v1/queries/{id}` (`update_saved_query`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service does not accept a value;
    /// [`NotFound`](crate::ErrorKind::NotFound) if no saved query has this id.
    #[doc(alias = "update_saved_query")]
    pub fn update(
        &self,
        id: impl Into<String>,
        update_saved_query_request: UpdateSavedQueryRequest,
    ) -> Call<M, UpdateSavedQuery> {
        self.client.call(UpdateSavedQuery::new(id, update_saved_query_request))
    }

    /// Deletes a saved query with all of its versions. `DELETE /v1/queries/{id}` (`delete_saved_query`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no saved query has this id.
    #[doc(alias = "delete_saved_query")]
    pub fn delete(&self, id: impl Into<String>) -> Call<M, DeleteSavedQuery> {
        self.client.call(DeleteSavedQuery::new(id))
    }

    /// Lists a page of the versions of a saved query. `GET /v1/queries/{id}/versions`
    /// (`list_saved_query_versions`).
    ///
    /// [`iter`](Call::iter) returns the versions of all pages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no saved query has this id.
    #[doc(alias = "list_saved_query_versions")]
    pub fn versions(&self, id: impl Into<String>) -> Call<M, ListSavedQueryVersions> {
        self.client.call(ListSavedQueryVersions::new(id))
    }

    /// Runs a saved query in a database: its latest version, unless [`version`](Call::version) sets another.
    /// The call returns the rows, or a ticket with the id of the query run if the query continues in the
    /// background. `POST /v1/queries/{id}/execute` (`execute_saved_query`).
    ///
    /// The response may have only the first rows of a large result
    /// ([`truncated`](crate::hotdata::QueryResponse::truncated)). This call does not fetch the others:
    /// [`results().fetch_ready(…)`](crate::hotdata::Results::fetch_ready) does, with the `result_id` of the
    /// response.
    ///
    /// The vendor does not document that this operation may return a ticket, or fail because the service is
    /// busy (HTTP 429 or 503). The client accepts these responses, because the service runs saved queries and
    /// other queries in the same way.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service cannot run the SQL;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the saved query, the version or the database does not
    /// exist; [`RateLimited`](crate::ErrorKind::RateLimited) if the service is still too busy after the
    /// retries of the call ([`RetryPolicy`](crate::RetryPolicy), default: 3);
    /// [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) if the query may have run;
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if neither the call nor the client names a
    /// database.
    #[doc(alias = "execute_saved_query")]
    pub fn execute(&self, id: impl Into<String>) -> Call<M, ExecuteSavedQuery> {
        self.client.call(ExecuteSavedQuery::new(id))
    }
}

/// Lists a page of saved queries: the command of [`SavedQueries::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListSavedQueries {
    /// The largest number of saved queries on a page. Default: the service's own page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The number of saved queries before the page. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListSavedQueries {
    /// Returns the command for the first page.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListSavedQueries {
    type Output = ListSavedQueriesResponse;
    const NAME: &'static str = "list_saved_queries";

    fn endpoint(&self) -> Endpoint<'_, ListSavedQueriesResponse> {
        Endpoint::get(Self::NAME, "/v1/queries").query("limit", self.limit).query("offset", self.offset)
    }
}

impl<M> Call<M, ListSavedQueries> {
    /// Sets the largest number of saved queries on a page. Default: the service's own page size.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the number of saved queries before the page. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }
}

impl List for ListSavedQueries {
    type Item = SavedQuerySummary;

    fn split(&self, page: ListSavedQueriesResponse) -> (Vec<SavedQuerySummary>, NextPage) {
        let next = next_offset(self.offset, self.limit, page.queries.len(), page.has_more);
        (page.queries, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}

/// Saves a query: the command of [`SavedQueries::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSavedQuery {
    /// The name, the SQL, the description and the tags of the saved query.
    pub create_saved_query_request: CreateSavedQueryRequest,
}

impl CreateSavedQuery {
    /// Returns the command that saves this SQL under this name.
    pub fn new(name: impl Into<String>, sql: impl Into<String>) -> Self {
        Self { create_saved_query_request: CreateSavedQueryRequest::new(name, sql) }
    }
}

impl Command for CreateSavedQuery {
    type Output = SavedQueryDetail;
    const NAME: &'static str = "create_saved_query";

    fn endpoint(&self) -> Endpoint<'_, SavedQueryDetail> {
        Endpoint::post(Self::NAME, "/v1/queries")
            .about(&self.create_saved_query_request.name)
            .secrets(sql::secrets(&self.create_saved_query_request.sql))
            .json(&self.create_saved_query_request)
    }
}

impl<M> Call<M, CreateSavedQuery> {
    /// Sets the description of the saved query. Default: none.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.command.create_saved_query_request.description = Some(description.into());
        self
    }

    /// Sets the tags of the saved query. Default: none.
    pub fn tags(mut self, tags: impl IntoIterator<Item: Into<String>>) -> Self {
        self.command.create_saved_query_request.tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }
}

/// Returns a saved query: the command of [`SavedQueries::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetSavedQuery {
    /// The id of the saved query.
    pub id: String,
}

impl GetSavedQuery {
    /// Returns the command for the saved query with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for GetSavedQuery {
    type Output = SavedQueryDetail;
    const NAME: &'static str = "get_saved_query";

    fn endpoint(&self) -> Endpoint<'_, SavedQueryDetail> {
        Endpoint::get(Self::NAME, "/v1/queries/{id}").at("id", &self.id)
    }
}

/// Updates a saved query: the command of [`SavedQueries::update`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSavedQuery {
    /// The id of the saved query.
    pub id: String,
    /// The changes of the saved query.
    pub update_saved_query_request: UpdateSavedQueryRequest,
}

impl UpdateSavedQuery {
    /// Returns the command that makes these changes to the saved query with this id.
    pub fn new(id: impl Into<String>, update_saved_query_request: UpdateSavedQueryRequest) -> Self {
        Self { id: id.into(), update_saved_query_request }
    }
}

impl Command for UpdateSavedQuery {
    type Output = SavedQueryDetail;
    const NAME: &'static str = "update_saved_query";

    fn endpoint(&self) -> Endpoint<'_, SavedQueryDetail> {
        Endpoint::put(Self::NAME, "/v1/queries/{id}")
            .at("id", &self.id)
            .secrets(
                self.update_saved_query_request.sql.value().map(|sql| sql::secrets(sql)).unwrap_or_default(),
            )
            .json(&self.update_saved_query_request)
    }
}

/// Deletes a saved query: the command of [`SavedQueries::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteSavedQuery {
    /// The id of the saved query.
    pub id: String,
}

impl DeleteSavedQuery {
    /// Returns the command for the saved query with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for DeleteSavedQuery {
    type Output = ();
    const NAME: &'static str = "delete_saved_query";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/queries/{id}").at("id", &self.id).nothing()
    }
}

/// Lists a page of the versions of a saved query: the command of [`SavedQueries::versions`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListSavedQueryVersions {
    /// The id of the saved query.
    pub id: String,
    /// The largest number of versions on a page. Default: the service's own page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The number of versions before the page. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListSavedQueryVersions {
    /// Returns the command for the first page of the versions of the saved query with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), limit: None, offset: None }
    }
}

impl Command for ListSavedQueryVersions {
    type Output = ListSavedQueryVersionsResponse;
    const NAME: &'static str = "list_saved_query_versions";

    fn endpoint(&self) -> Endpoint<'_, ListSavedQueryVersionsResponse> {
        Endpoint::get(Self::NAME, "/v1/queries/{id}/versions")
            .at("id", &self.id)
            .query("limit", self.limit)
            .query("offset", self.offset)
    }
}

impl<M> Call<M, ListSavedQueryVersions> {
    /// Sets the largest number of versions on a page. Default: the service's own page size.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the number of versions before the page. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }
}

impl List for ListSavedQueryVersions {
    type Item = SavedQueryVersionInfo;

    fn split(&self, page: ListSavedQueryVersionsResponse) -> (Vec<SavedQueryVersionInfo>, NextPage) {
        let next = next_offset(self.offset, self.limit, page.versions.len(), page.has_more);
        (page.versions, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}

/// Runs a saved query: the command of [`SavedQueries::execute`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ExecuteSavedQuery {
    /// The id of the saved query.
    pub id: String,
    /// The id of the database in which the query runs. Default: the database that the program or its
    /// credentials set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// The version to run. Default: the latest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execute_saved_query_request: Option<ExecuteSavedQueryRequest>,
}

impl ExecuteSavedQuery {
    /// Returns the command that runs the latest version of the saved query with this id, in the client's
    /// database.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), x_database_id: None, execute_saved_query_request: None }
    }
}

impl Command for ExecuteSavedQuery {
    type Output = QueryOutcome;
    const NAME: &'static str = "execute_saved_query";

    fn endpoint(&self) -> Endpoint<'_, QueryOutcome> {
        // A ticket is not documented here, but the engine is that of queries.
        Endpoint::post_read(Self::NAME, "/v1/queries/{id}/execute", read_outcome)
            .of(Scope::Database)
            .at("id", &self.id)
            .database(self.x_database_id.as_deref())
            .maybe_json(self.execute_saved_query_request.as_ref())
            .max_response_body(MAX_RESPONSE)
    }
}

impl<M> Call<M, ExecuteSavedQuery> {
    /// Sets the id of the database in which the query runs. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the number of the version to run. Default: the latest version.
    pub fn version(mut self, version: i64) -> Self {
        self.command.execute_saved_query_request.get_or_insert_default().version = Some(version);
        self
    }
}
