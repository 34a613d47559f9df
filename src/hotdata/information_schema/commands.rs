//! Which tables and columns there are.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage, next_cursor};

use super::model::{InformationSchemaResponse, TableInfo};

/// Which tables and columns there are: see [`Client::information_schema`].
#[derive(Debug)]
pub struct InformationSchema<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// The operation about which tables and columns there are.
    pub fn information_schema(&self) -> InformationSchema<M> {
        InformationSchema { client: self.clone() }
    }
}

impl<M> InformationSchema<M> {
    /// A page of tables. [`iter`](Call::iter) goes through all pages. `GET /v1/information_schema`
    /// (`information_schema`).
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied); [`NotFound`](crate::ErrorKind::NotFound) for a
    /// connection that there is not.
    #[doc(alias = "information_schema")]
    pub fn list(&self) -> Call<M, ListTables> {
        self.client.call(ListTables::new())
    }
}

/// See [`InformationSchema::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListTables {
    /// Only those of this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// Only those in schemas like this: `%` is any text.
    #[serde(rename = "var_schema", alias = "schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Only those with names like this: `%` is any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// With their columns. Default: without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_columns: Option<bool>,
    /// How many there may be on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Which page: `next_cursor` of the one before. Default: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl ListTables {
    /// All tables.
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
    /// Only those of this connection.
    pub fn connection_id(mut self, connection_id: impl Into<String>) -> Self {
        self.command.connection_id = Some(connection_id.into());
        self
    }

    /// Only those in schemas like this: `%` is any text.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.command.schema = Some(schema.into());
        self
    }

    /// Only those with names like this: `%` is any text.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.command.table = Some(table.into());
        self
    }

    /// With their columns. Default: without.
    pub fn include_columns(mut self, include_columns: bool) -> Self {
        self.command.include_columns = Some(include_columns);
        self
    }

    /// Sets the page size. Default: the service's own.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Which page: `next_cursor` of the one before. Default: the first.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.command.cursor = Some(cursor.into());
        self
    }
}

impl List for ListTables {
    type Item = TableInfo;

    fn split(&self, page: InformationSchemaResponse) -> (Vec<TableInfo>, NextPage) {
        (page.tables, next_cursor(Some(page.has_more), page.next_cursor))
    }

    fn turn_to(&mut self, next: String) {
        self.cursor = Some(next);
    }
}
