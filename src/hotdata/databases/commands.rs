//! Databases. The commands about their tables are in `tables.rs`, those about batches in `batches.rs`.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage, next_cursor};

use super::model::{
    CreateDatabaseResponse, DatabaseCountResponse, DatabaseDetailResponse, DatabaseLineageResponse,
    DatabaseSummary, ListDatabasesResponse,
};
use super::request::{CreateDatabaseRequest, ForkDatabaseRequest};

/// The operations about databases: see [`Client::databases`].
#[derive(Debug)]
pub struct Databases<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about databases ("instant databases").
    pub fn databases(&self) -> Databases<M> {
        Databases { client: self.clone() }
    }
}

impl<M> Databases<M> {
    /// Lists a page of databases, the newest first; those of a batch in the order of their ids.
    /// `GET /v1/databases` (`list_databases`).
    ///
    /// [`iter`](Call::iter) returns the items of all pages.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// for database in client.databases().list().search("orders").iter() {
    ///     println!("{}", database?.id);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_databases")]
    pub fn list(&self) -> Call<M, ListDatabases> {
        self.client.call(ListDatabases::new())
    }

    /// Counts the databases. A page of the list has only the number of its own items.
    /// `GET /v1/databases/count` (`count_databases`).
    #[doc(alias = "count_databases")]
    pub fn count(&self) -> Call<M, CountDatabases> {
        self.client.call(CountDatabases::new())
    }

    /// Returns the database with exactly this name. The case of ASCII letters does not matter.
    /// `GET /v1/databases/by-name` (`lookup_database_by_name`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this name;
    /// [`Conflict`](crate::ErrorKind::Conflict) if several have it.
    #[doc(alias = "lookup_database_by_name")]
    pub fn lookup_by_name(&self, name: impl Into<String>) -> Call<M, LookupDatabaseByName> {
        self.client.call(LookupDatabaseByName::new(name))
    }

    /// Creates a database, with its own managed catalog and the schema `main`. `POST /v1/databases`
    /// (`create_database`).
    ///
    /// The request may be just a name, or `CreateDatabaseRequest::new()` without one.
    ///
    /// `created` in the response tells a new database from one that existed (`if_not_exists`), if the service
    /// sends it.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if a name is invalid;
    /// [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "create_database")]
    pub fn create(
        &self,
        create_database_request: impl Into<CreateDatabaseRequest>,
    ) -> Call<M, CreateDatabase> {
        self.client.call(CreateDatabase::new(create_database_request))
    }

    /// Returns a database with its attached catalogs. `GET /v1/databases/{database_id}` (`get_database`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if nothing has this id.
    #[doc(alias = "get_database")]
    pub fn get(&self, database_id: impl Into<String>) -> Call<M, GetDatabase> {
        self.client.call(GetDatabase::new(database_id))
    }

    /// Deletes a database with its tables. `DELETE /v1/databases/{database_id}` (`delete_database`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) while its catalog
    /// is attached to another database that has not expired.
    #[doc(alias = "delete_database")]
    pub fn delete(&self, database_id: impl Into<String>) -> Call<M, DeleteDatabase> {
        self.client.call(DeleteDatabase::new(database_id))
    }

    /// Copies a database. The copy is independent, shares the storage at first, and has the same attached
    /// catalogs and the same indexes, except `ivf` ones and those that do not cover the last load.
    /// `POST /v1/databases/{database_id}/fork` (`fork_database`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the source cannot be copied;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "fork_database")]
    pub fn fork(&self, database_id: impl Into<String>) -> Call<M, ForkDatabase> {
        self.client.call(ForkDatabase::new(database_id))
    }

    /// Returns the ancestors and the copies of a database. `GET /v1/databases/{database_id}/lineage`
    /// (`get_database_lineage`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "get_database_lineage")]
    pub fn lineage(&self, database_id: impl Into<String>) -> Call<M, GetDatabaseLineage> {
        self.client.call(GetDatabaseLineage::new(database_id))
    }
}

/// The command of [`Databases::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListDatabases {
    /// The page size: 1 to 100; the service reduces a larger one. Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The page to return: the `next_cursor` of the page before it. Default: the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The text that the name must contain, without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The batch to filter by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

impl ListDatabases {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListDatabases {
    type Output = ListDatabasesResponse;
    const NAME: &'static str = "list_databases";

    fn endpoint(&self) -> Endpoint<'_, ListDatabasesResponse> {
        Endpoint::get(Self::NAME, "/v1/databases")
            .query("limit", self.limit)
            .query("cursor", self.cursor.as_deref())
            .query("search", self.search.as_deref())
            .query("batch", self.batch.as_deref())
    }
}

impl<M> Call<M, ListDatabases> {
    /// Sets the page size: 1 to 100; the service reduces a larger one. Default: the service's own.
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

    /// Sets the text that the name must contain, without regard to case.
    pub fn search(mut self, search: impl Into<String>) -> Self {
        self.command.search = Some(search.into());
        self
    }

    /// Sets the batch to filter by.
    pub fn batch(mut self, batch: impl Into<String>) -> Self {
        self.command.batch = Some(batch.into());
        self
    }
}

impl List for ListDatabases {
    type Item = DatabaseSummary;

    fn split(&self, page: ListDatabasesResponse) -> (Vec<DatabaseSummary>, NextPage) {
        (page.databases, next_cursor(page.has_more, page.next_cursor))
    }

    fn turn_to(&mut self, next: String) {
        self.cursor = Some(next);
    }
}

/// The command of [`Databases::count`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CountDatabases {
    /// The text that the name must contain, without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The batch to filter by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

impl CountDatabases {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for CountDatabases {
    type Output = DatabaseCountResponse;
    const NAME: &'static str = "count_databases";

    fn endpoint(&self) -> Endpoint<'_, DatabaseCountResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/count")
            .query("search", self.search.as_deref())
            .query("batch", self.batch.as_deref())
    }
}

impl<M> Call<M, CountDatabases> {
    /// Sets the text that the name must contain, without regard to case.
    pub fn search(mut self, search: impl Into<String>) -> Self {
        self.command.search = Some(search.into());
        self
    }

    /// Sets the batch to filter by.
    pub fn batch(mut self, batch: impl Into<String>) -> Self {
        self.command.batch = Some(batch.into());
        self
    }
}

/// The command of [`Databases::lookup_by_name`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LookupDatabaseByName {
    /// The name.
    pub name: String,
}

impl LookupDatabaseByName {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for LookupDatabaseByName {
    type Output = DatabaseDetailResponse;
    const NAME: &'static str = "lookup_database_by_name";

    fn endpoint(&self) -> Endpoint<'_, DatabaseDetailResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/by-name").about(&self.name).query("name", Some(&self.name))
    }
}

/// The command of [`Databases::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatabase {
    /// The request body.
    pub create_database_request: CreateDatabaseRequest,
}

impl CreateDatabase {
    /// Returns the command with its required parameters.
    pub fn new(create_database_request: impl Into<CreateDatabaseRequest>) -> Self {
        Self { create_database_request: create_database_request.into() }
    }
}

impl Command for CreateDatabase {
    type Output = CreateDatabaseResponse;
    const NAME: &'static str = "create_database";

    fn endpoint(&self) -> Endpoint<'_, CreateDatabaseResponse> {
        Endpoint::post(Self::NAME, "/v1/databases").json(&self.create_database_request)
    }
}

/// The command of [`Databases::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabase {
    /// The id of the database.
    pub database_id: String,
}

impl GetDatabase {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into() }
    }
}

impl Command for GetDatabase {
    type Output = DatabaseDetailResponse;
    const NAME: &'static str = "get_database";

    fn endpoint(&self) -> Endpoint<'_, DatabaseDetailResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/{database_id}").at("database_id", &self.database_id)
    }
}

/// The command of [`Databases::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteDatabase {
    /// The id of the database.
    pub database_id: String,
}

impl DeleteDatabase {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into() }
    }
}

impl Command for DeleteDatabase {
    type Output = ();
    const NAME: &'static str = "delete_database";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/databases/{database_id}")
            .at("database_id", &self.database_id)
            .nothing()
    }
}

/// The command of [`Databases::fork`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ForkDatabase {
    /// The id of the database.
    pub database_id: String,
    /// The request body.
    #[serde(default)]
    pub fork_database_request: ForkDatabaseRequest,
}

impl ForkDatabase {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into(), fork_database_request: ForkDatabaseRequest::default() }
    }
}

impl Command for ForkDatabase {
    type Output = CreateDatabaseResponse;
    const NAME: &'static str = "fork_database";

    fn endpoint(&self) -> Endpoint<'_, CreateDatabaseResponse> {
        Endpoint::post(Self::NAME, "/v1/databases/{database_id}/fork")
            .at("database_id", &self.database_id)
            .json(&self.fork_database_request)
    }
}

impl<M> Call<M, ForkDatabase> {
    /// Sets the name, which need not be unique.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.command.fork_database_request.name = Some(name.into());
        self
    }

    /// Sets the description: at most 4096 bytes.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.command.fork_database_request.description = Some(description.into());
        self
    }

    /// Sets the time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`.
    /// Default: that of the source, if it is in the future.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.command.fork_database_request.expires_at = Some(expires_at.into());
        self
    }
}

/// The command of [`Databases::lineage`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabaseLineage {
    /// The id of the database.
    pub database_id: String,
    /// The largest number of copies in the response: 1 to 100; the service reduces a larger one. Default: 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forks_limit: Option<u64>,
}

impl GetDatabaseLineage {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into(), forks_limit: None }
    }
}

impl Command for GetDatabaseLineage {
    type Output = DatabaseLineageResponse;
    const NAME: &'static str = "get_database_lineage";

    fn endpoint(&self) -> Endpoint<'_, DatabaseLineageResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/{database_id}/lineage")
            .at("database_id", &self.database_id)
            .query("forks_limit", self.forks_limit)
    }
}

impl<M> Call<M, GetDatabaseLineage> {
    /// Sets the largest number of copies in the response: 1 to 100; the service reduces a larger one.
    /// Default: 25.
    pub fn forks_limit(mut self, forks_limit: u64) -> Self {
        self.command.forks_limit = Some(forks_limit);
        self
    }
}
