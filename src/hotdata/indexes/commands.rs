//! Indexes.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::pages::{List, NextPage, next_cursor};
use crate::hotdata::success::Success;

use super::model::{
    CreateIndexRequest, IndexEntryResponse, IndexInfoResponse, IndexOutcome, IndexType,
    ListIndexesPageResponse, ListIndexesResponse,
};

/// The operations about indexes of tables: sorted, full-text and vector indexes. Returned by
/// [`Client::indexes`].
#[derive(Debug)]
pub struct Indexes<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about indexes of tables: sorted, full-text and vector indexes.
    pub fn indexes(&self) -> Indexes<M> {
        Indexes { client: self.clone() }
    }
}

impl<M> Indexes<M> {
    /// Builds an index on a table. `connection_id` is the `default_connection_id` of the table's database.
    /// Without `async` in the request, the response is the index. With `async`, a job builds the index in the
    /// background: the response names the job, or is the index if that was built in time.
    /// `POST /v1/connections/{connection_id}/tables/{schema}/{table}/indexes` (`create_index`).
    ///
    /// [`background`](CreateIndexRequest::background) of the request sets `async`, and
    /// [`and_wait`](Call::and_wait) also waits for the job.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the request breaks one of the rules of
    /// [`CreateIndexRequest`]; [`NotFound`](crate::ErrorKind::NotFound) if the connection, the schema or the
    /// table does not exist.
    #[doc(alias = "create_index")]
    pub fn create(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        create_index_request: CreateIndexRequest,
    ) -> Call<M, CreateIndex> {
        self.client.call(CreateIndex::new(connection_id, schema, table, create_index_request))
    }

    /// Lists all indexes of a table. `GET /v1/connections/{connection_id}/tables/{schema}/{table}/indexes`
    /// (`list_indexes`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the connection, the schema or the table does not exist.
    #[doc(alias = "list_indexes")]
    pub fn list(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Call<M, ListIndexes> {
        self.client.call(ListIndexes::new(connection_id, schema, table))
    }

    /// Deletes an index. If the index created a column for embedding vectors, that column remains as an
    /// ordinary column of the table.
    /// `DELETE /v1/connections/{connection_id}/tables/{schema}/{table}/indexes/{index_name}`
    /// (`delete_index`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the index or its table does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) while a load of the table is running: try again later.
    #[doc(alias = "delete_index")]
    pub fn delete(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        index_name: impl Into<String>,
    ) -> Call<M, DeleteIndex> {
        self.client.call(DeleteIndex::new(connection_id, schema, table, index_name))
    }

    /// Lists a page of the indexes of a database. `GET /v1/indexes` (`list_indexes_collection`).
    ///
    /// [`iter`](Call::iter) returns the indexes of all pages.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the request is invalid, for example because the service
    /// rejects the id of the database; [`NotFound`](crate::ErrorKind::NotFound) if the database does not
    /// exist. [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if no database is set, neither on the
    /// call nor on the client.
    #[doc(alias = "list_indexes_collection")]
    pub fn list_all(&self) -> Call<M, ListIndexesCollection> {
        self.client.call(ListIndexesCollection::new())
    }
}

/// Builds an index on a table: the command of [`Indexes::create`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateIndex {
    /// The id of the table's connection: the `default_connection_id` of its database.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// The index to build.
    pub create_index_request: CreateIndexRequest,
}

impl CreateIndex {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        create_index_request: CreateIndexRequest,
    ) -> Self {
        Self {
            connection_id: connection_id.into(),
            schema: schema.into(),
            table: table.into(),
            create_index_request,
        }
    }
}

impl Command for CreateIndex {
    type Output = IndexOutcome;
    const NAME: &'static str = "create_index";

    fn endpoint(&self) -> Endpoint<'_, IndexOutcome> {
        Endpoint::post_read(
            Self::NAME,
            "/v1/connections/{connection_id}/tables/{schema}/{table}/indexes",
            read_outcome,
        )
        .at("connection_id", &self.connection_id)
        .at("schema", &self.schema)
        .at("table", &self.table)
        .about(&self.create_index_request.index_name)
        .json(&self.create_index_request)
    }
}

/// Reads 201, the index, or 202, the job that builds it.
fn read_outcome(success: &Success<'_>) -> Result<IndexOutcome, Error> {
    match success.status() {
        202 => success.json().map(IndexOutcome::Submitted),
        _ => success.json().map(Box::new).map(IndexOutcome::Created),
    }
}

/// Lists all indexes of a table: the command of [`Indexes::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListIndexes {
    /// The id of the table's connection: the `default_connection_id` of its database.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
}

impl ListIndexes {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Self {
        Self { connection_id: connection_id.into(), schema: schema.into(), table: table.into() }
    }
}

impl Command for ListIndexes {
    type Output = ListIndexesResponse;
    const NAME: &'static str = "list_indexes";

    fn endpoint(&self) -> Endpoint<'_, ListIndexesResponse> {
        Endpoint::get(Self::NAME, "/v1/connections/{connection_id}/tables/{schema}/{table}/indexes")
            .at("connection_id", &self.connection_id)
            .at("schema", &self.schema)
            .at("table", &self.table)
    }
}

impl List for ListIndexes {
    type Item = IndexInfoResponse;

    fn split(&self, page: ListIndexesResponse) -> (Vec<IndexInfoResponse>, NextPage) {
        (page.indexes, Ok(None))
    }
}

/// Deletes an index: the command of [`Indexes::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteIndex {
    /// The id of the table's connection: the `default_connection_id` of its database.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// The name of the index.
    pub index_name: String,
}

impl DeleteIndex {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        index_name: impl Into<String>,
    ) -> Self {
        Self {
            connection_id: connection_id.into(),
            schema: schema.into(),
            table: table.into(),
            index_name: index_name.into(),
        }
    }
}

impl Command for DeleteIndex {
    type Output = ();
    const NAME: &'static str = "delete_index";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(
            Self::NAME,
            "/v1/connections/{connection_id}/tables/{schema}/{table}/indexes/{index_name}",
        )
        .about(&self.index_name)
        .at("connection_id", &self.connection_id)
        .at("schema", &self.schema)
        .at("table", &self.table)
        .at("index_name", &self.index_name)
        .nothing()
    }
}

/// Lists a page of the indexes of a database: the command of [`Indexes::list_all`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListIndexesCollection {
    /// The id of the database whose indexes are listed. Default: the database that the program or its
    /// credentials set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// The id of the connection to filter by. Default: all connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The schema to filter by. Default: all schemas.
    #[serde(rename = "var_schema", alias = "schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The name of the table to filter by. Default: all tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The type of index to filter by. Default: all types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_type: Option<IndexType>,
    /// The page size: the largest number of indexes on a page. Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The page to return: the `next_cursor` of the page before it. Default: the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl ListIndexesCollection {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListIndexesCollection {
    type Output = ListIndexesPageResponse;
    const NAME: &'static str = "list_indexes_collection";

    fn endpoint(&self) -> Endpoint<'_, ListIndexesPageResponse> {
        Endpoint::get(Self::NAME, "/v1/indexes")
            .of(Scope::Database)
            .database(self.x_database_id.as_deref())
            .query("connection_id", self.connection_id.as_deref())
            .query("schema", self.schema.as_deref())
            .query("table", self.table.as_deref())
            .query("index_type", self.index_type.as_ref())
            .query("limit", self.limit)
            .query("cursor", self.cursor.as_deref())
    }
}

impl<M> Call<M, ListIndexesCollection> {
    /// Sets the id of the database whose indexes are listed. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the id of the connection to filter by. Default: all connections.
    pub fn connection_id(mut self, connection_id: impl Into<String>) -> Self {
        self.command.connection_id = Some(connection_id.into());
        self
    }

    /// Sets the schema to filter by. Default: all schemas.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.command.schema = Some(schema.into());
        self
    }

    /// Sets the name of the table to filter by. Default: all tables.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.command.table = Some(table.into());
        self
    }

    /// Sets the type of index to filter by. Default: all types.
    pub fn index_type(mut self, index_type: IndexType) -> Self {
        self.command.index_type = Some(index_type);
        self
    }

    /// Sets the page size: the largest number of indexes on a page. Default: the service's own.
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
}

impl List for ListIndexesCollection {
    type Item = IndexEntryResponse;

    fn split(&self, page: ListIndexesPageResponse) -> (Vec<IndexEntryResponse>, NextPage) {
        (page.indexes, next_cursor(page.has_more, page.next_cursor))
    }

    fn turn_to(&mut self, next: String) {
        self.cursor = Some(next);
    }
}
