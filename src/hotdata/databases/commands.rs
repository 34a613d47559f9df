//! Databases. Their tables are in `tables.rs`, many at once in `batches.rs`.

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

/// Databases ("instant databases"): see [`Client::databases`].
#[derive(Debug)]
pub struct Databases<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Operations about databases.
    pub fn databases(&self) -> Databases<M> {
        Databases { client: self.clone() }
    }
}

impl<M> Databases<M> {
    /// A page of databases, the newest first; those of a batch by id. `GET /v1/databases` (`list_databases`).
    ///
    /// [`iter`](Call::iter) goes through all pages.
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

    /// How many databases there are. A page of the list tells only how many are on it. `GET /v1/databases/count`
    /// (`count_databases`).
    #[doc(alias = "count_databases")]
    pub fn count(&self) -> Call<M, CountDatabases> {
        self.client.call(CountDatabases::new())
    }

    /// The database of this name: the whole name. For letters without accents and digits, the case makes no difference.
    /// `GET /v1/databases/by-name` (`lookup_database_by_name`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none; [`Conflict`](crate::ErrorKind::Conflict) if several
    /// have it.
    #[doc(alias = "lookup_database_by_name")]
    pub fn lookup_by_name(&self, name: impl Into<String>) -> Call<M, LookupDatabaseByName> {
        self.client.call(LookupDatabaseByName::new(name))
    }

    /// A new database, with a managed catalog of its own and the schema `main` in it. A name will do, and so will
    /// nothing: `CreateDatabaseRequest::new()`. `POST /v1/databases` (`create_database`).
    ///
    /// Whether it was created or was there already (`if_not_exists`) is said by `created`, if the service says it.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for names that cannot be; [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "create_database")]
    pub fn create(
        &self,
        create_database_request: impl Into<CreateDatabaseRequest>,
    ) -> Call<M, CreateDatabase> {
        self.client.call(CreateDatabase::new(create_database_request))
    }

    /// One database with what is attached to it. `GET /v1/databases/{database_id}` (`get_database`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of this id.
    #[doc(alias = "get_database")]
    pub fn get(&self, database_id: impl Into<String>) -> Call<M, GetDatabase> {
        self.client.call(GetDatabase::new(database_id))
    }

    /// Deletes a database with its tables. `DELETE /v1/databases/{database_id}` (`delete_database`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) while another database sees
    /// its catalog, unless it has expired.
    #[doc(alias = "delete_database")]
    pub fn delete(&self, database_id: impl Into<String>) -> Call<M, DeleteDatabase> {
        self.client.call(DeleteDatabase::new(database_id))
    }

    /// A copy of a database, which shares its storage at first and is independent of it. It sees the same attached
    /// catalogs. Indexes come along, but for `ivf` and those that are behind the last load.
    /// `POST /v1/databases/{database_id}/fork` (`fork_database`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a source that cannot be copied as it is;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "fork_database")]
    pub fn fork(&self, database_id: impl Into<String>) -> Call<M, ForkDatabase> {
        self.client.call(ForkDatabase::new(database_id))
    }

    /// Where a database comes from, and what was copied from it. `GET /v1/databases/{database_id}/lineage`
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

/// See [`Databases::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListDatabases {
    /// How many there may be on the page: 1 to 100; the service cuts what is more. Default: its own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Which page: `next_cursor` of the one before. Default: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Only those with this in their name, whichever the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only those of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

impl ListDatabases {
    /// The first page.
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
    /// Sets the page size: 1 to 100; the service cuts a larger one. Default: the service's own.
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

    /// Only those with this in their name, whichever the case.
    pub fn search(mut self, search: impl Into<String>) -> Self {
        self.command.search = Some(search.into());
        self
    }

    /// Only those of this batch.
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

/// See [`Databases::count`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CountDatabases {
    /// Only those with this in their name, whichever the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only those of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

impl CountDatabases {
    /// All of them.
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
    /// Only those with this in their name, whichever the case.
    pub fn search(mut self, search: impl Into<String>) -> Self {
        self.command.search = Some(search.into());
        self
    }

    /// Only those of this batch.
    pub fn batch(mut self, batch: impl Into<String>) -> Self {
        self.command.batch = Some(batch.into());
        self
    }
}

/// See [`Databases::lookup_by_name`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LookupDatabaseByName {
    /// Its name.
    pub name: String,
}

impl LookupDatabaseByName {
    /// The one of this name.
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

/// See [`Databases::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatabase {
    /// What is asked for.
    pub create_database_request: CreateDatabaseRequest,
}

impl CreateDatabase {
    /// This one.
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

/// See [`Databases::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabase {
    /// The database.
    pub database_id: String,
}

impl GetDatabase {
    /// The one of this id.
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

/// See [`Databases::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteDatabase {
    /// The database.
    pub database_id: String,
}

impl DeleteDatabase {
    /// The one of this id.
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

/// See [`Databases::fork`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ForkDatabase {
    /// The database.
    pub database_id: String,
    /// What the copy is to be.
    #[serde(default)]
    pub fork_database_request: ForkDatabaseRequest,
}

impl ForkDatabase {
    /// A copy of this one.
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
    /// Its name, which others may have too.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.command.fork_database_request.name = Some(name.into());
        self
    }

    /// What it is for: at most 4096 bytes.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.command.fork_database_request.description = Some(description.into());
        self
    }

    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Default: as the source, if that is still to
    /// come.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.command.fork_database_request.expires_at = Some(expires_at.into());
        self
    }
}

/// See [`Databases::lineage`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabaseLineage {
    /// The database.
    pub database_id: String,
    /// How many copies are named: 1 to 100; the service cuts what is more. Default: 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forks_limit: Option<u64>,
}

impl GetDatabaseLineage {
    /// Of this one.
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
    /// How many copies are named: 1 to 100; the service cuts what is more. Default: 25.
    pub fn forks_limit(mut self, forks_limit: u64) -> Self {
        self.command.forks_limit = Some(forks_limit);
        self
    }
}
