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

/// The operations about databases: their tables, loads, copies, batches and attached catalogs. Returned by
/// [`Client::databases`].
#[derive(Debug)]
pub struct Databases<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about databases (the vendor calls them "instant databases").
    pub fn databases(&self) -> Databases<M> {
        Databases { client: self.clone() }
    }
}

impl<M> Databases<M> {
    /// Lists a page of databases, the newest first; if a batch is set, its databases are listed in the order
    /// of their ids. `GET /v1/databases` (`list_databases`).
    ///
    /// [`iter`](Call::iter) returns the databases of all pages.
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

    /// Counts the databases. The `count` of a page of [`list`](Databases::list) is only the number of
    /// databases on that page. `GET /v1/databases/count` (`count_databases`).
    #[doc(alias = "count_databases")]
    pub fn count(&self) -> Call<M, CountDatabases> {
        self.client.call(CountDatabases::new())
    }

    /// Returns the database whose whole name is this one, except for the case of ASCII letters.
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

    /// Creates a database with its own catalog for the tables that the service stores, and with the schema
    /// `main`. `POST /v1/databases` (`create_database`).
    ///
    /// The argument is a [`CreateDatabaseRequest`] or, for a database without other settings, its name.
    ///
    /// With [`if_not_exists`](CreateDatabaseRequest::if_not_exists), an existing database of this name is
    /// returned unchanged. `created` in the response is false then, or `None` if the service does not send
    /// it.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if a name is invalid;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the request conflicts with what exists.
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
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id.
    #[doc(alias = "get_database")]
    pub fn get(&self, database_id: impl Into<String>) -> Call<M, GetDatabase> {
        self.client.call(GetDatabase::new(database_id))
    }

    /// Deletes a database with its tables. `DELETE /v1/databases/{database_id}` (`delete_database`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id;
    /// [`Conflict`](crate::ErrorKind::Conflict) while the database's catalog is attached to another database
    /// that has not expired.
    #[doc(alias = "delete_database")]
    pub fn delete(&self, database_id: impl Into<String>) -> Call<M, DeleteDatabase> {
        self.client.call(DeleteDatabase::new(database_id))
    }

    /// Copies a database. The copy is independent of the source, although it shares storage with the source
    /// at first. It has the same attached catalogs and indexes, except vector indexes of the algorithm `ivf`
    /// and indexes that do not cover the last load. `POST /v1/databases/{database_id}/fork`
    /// (`fork_database`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the database cannot be copied in its present state;
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "fork_database")]
    pub fn fork(&self, database_id: impl Into<String>) -> Call<M, ForkDatabase> {
        self.client.call(ForkDatabase::new(database_id))
    }

    /// Returns the lineage of a database: the databases that it was copied from, and its own copies.
    /// `GET /v1/databases/{database_id}/lineage` (`get_database_lineage`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id.
    #[doc(alias = "get_database_lineage")]
    pub fn lineage(&self, database_id: impl Into<String>) -> Call<M, GetDatabaseLineage> {
        self.client.call(GetDatabaseLineage::new(database_id))
    }
}

/// Lists a page of databases: the command of [`Databases::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListDatabases {
    /// The page size: 1 to 100 databases; the service reduces a larger one to 100. Default: the service's
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The page to return: the `next_cursor` of the page before it. Default: the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The text that the name has to contain, in any case. Default: all names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The id of the batch whose databases are listed. Default: all databases.
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
    /// Sets the page size: 1 to 100 databases; the service reduces a larger one to 100. Default: the
    /// service's own.
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

    /// Sets the text that the name has to contain, in any case. Default: all names.
    pub fn search(mut self, search: impl Into<String>) -> Self {
        self.command.search = Some(search.into());
        self
    }

    /// Sets the id of the batch whose databases are listed. Default: all databases.
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

/// Counts databases: the command of [`Databases::count`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CountDatabases {
    /// The text that the name has to contain, in any case. Default: all names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The id of the batch whose databases are counted. Default: all databases.
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
    /// Sets the text that the name has to contain, in any case. Default: all names.
    pub fn search(mut self, search: impl Into<String>) -> Self {
        self.command.search = Some(search.into());
        self
    }

    /// Sets the id of the batch whose databases are counted. Default: all databases.
    pub fn batch(mut self, batch: impl Into<String>) -> Self {
        self.command.batch = Some(batch.into());
        self
    }
}

/// Returns the database with a name: the command of [`Databases::lookup_by_name`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LookupDatabaseByName {
    /// The whole name of the database, except for the case of ASCII letters.
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

/// Creates a database: the command of [`Databases::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatabase {
    /// The settings of the new database.
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

/// Returns a database: the command of [`Databases::get`].
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

/// Deletes a database with its tables: the command of [`Databases::delete`].
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

/// Copies a database: the command of [`Databases::fork`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ForkDatabase {
    /// The id of the database to copy.
    pub database_id: String,
    /// The settings of the copy.
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
    /// Sets the name of the copy. It need not be unique. Default: no name is sent.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.command.fork_database_request.name = Some(name.into());
        self
    }

    /// Sets a description of the copy: at most 4096 bytes.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.command.fork_database_request.description = Some(description.into());
        self
    }

    /// Sets the time at which the copy expires: a time in RFC 3339, or a period from now, such as `24h`,
    /// `90m` (minutes) or `7d`. Default: the expiry of the source, if it is in the future.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.command.fork_database_request.expires_at = Some(expires_at.into());
        self
    }
}

/// Returns the ancestors and the copies of a database: the command of [`Databases::lineage`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabaseLineage {
    /// The id of the database.
    pub database_id: String,
    /// The largest number of copies in the response: 1 to 100; the service reduces a larger number to 100.
    /// Default: 25.
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
    /// Sets the largest number of copies in the response: 1 to 100; the service takes 100 for a larger
    /// number. Default: 25.
    pub fn forks_limit(mut self, forks_limit: u64) -> Self {
        self.command.forks_limit = Some(forks_limit);
        self
    }
}
