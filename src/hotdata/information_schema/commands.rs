//! Tables and columns.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage, next_cursor};

use super::model::{InformationSchemaResponse, TableInfo};

/// The operation that lists tables and columns. Returned by [`Client::information_schema`].
#[derive(Debug)]
pub struct InformationSchema<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operation that lists tables and columns.
    pub fn information_schema(&self) -> InformationSchema<M> {
        InformationSchema { client: self.clone() }
    }
}

impl<M> InformationSchema<M> {
    /// Lists a page of the tables of the workspace, with their columns if
    /// [`include_columns`](Call::include_columns) is set. `GET /v1/information_schema`
    /// (`information_schema`).
    ///
    /// [`iter`](Call::iter) returns the tables of all pages.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the API key does not allow the request;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the connection to filter by does not exist.
    #[doc(alias = "information_schema")]
    pub fn list(&self) -> Call<M, ListTables> {
        self.client.call(ListTables::new())
    }
}

/// Lists a page of tables: the command of [`InformationSchema::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListTables {
    /// The id of the connection whose tables are listed. Default: all connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The pattern that the schema has to match, in which `%` matches any text. Default: all schemas.
    #[serde(rename = "var_schema", alias = "schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The pattern that the table name has to match, in which `%` matches any text. Default: all tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Whether each table is listed with its columns. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_columns: Option<bool>,
    /// The page size: the largest number of tables on a page. Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The page to return: the `next_cursor` of the page before it. Default: the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl ListTables {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListTables {
    type Output = InformationSchemaResponse;
    const NAME: &'static str = "information_schema";

    fn endpoint(&self) -> Endpoint<'_, InformationSchemaResponse> {
        Endpoint::get(Self::NAME, "/v1/information_schema")
            .query("connection_id", self.connection_id.as_deref())
            .query("schema", self.schema.as_deref())
            .query("table", self.table.as_deref())
            .query("include_columns", self.include_columns)
            .query("limit", self.limit)
            .query("cursor", self.cursor.as_deref())
    }
}

impl<M> Call<M, ListTables> {
    /// Sets the id of the connection whose tables are listed. Default: all connections.
    pub fn connection_id(mut self, connection_id: impl Into<String>) -> Self {
        self.command.connection_id = Some(connection_id.into());
        self
    }

    /// Sets the pattern that the schema has to match, in which `%` matches any text. Default: all schemas.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.command.schema = Some(schema.into());
        self
    }

    /// Sets the pattern that the table name has to match, in which `%` matches any text. Default: all tables.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.command.table = Some(table.into());
        self
    }

    /// Sets whether each table is listed with its columns. Default: false.
    pub fn include_columns(mut self, include_columns: bool) -> Self {
        self.command.include_columns = Some(include_columns);
        self
    }

    /// Sets the page size: the largest number of tables on a page. Default: the service's own.
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

impl List for ListTables {
    type Item = TableInfo;

    fn split(&self, page: InformationSchemaResponse) -> (Vec<TableInfo>, NextPage) {
        (page.tables, next_cursor(page.has_more, page.next_cursor))
    }

    fn turn_to(&mut self, next: String) {
        self.cursor = Some(next);
    }
}
