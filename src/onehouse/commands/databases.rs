//! Databases: the middle of the hierarchy lake, database, table.
//!
//! Vendor's pages: [Lakes, Databases, and
//! Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables), `oh database`, SQL reference
//! `CREATE DATABASE`, `DELETE DATABASE`, `SHOW DATABASES`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, INLINE, StatementBuilder};

use super::{Command, flag, is_false};

/// Creates a database in a lake (`CREATE DATABASE`): see [`Client::create_database`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateDatabase {
    /// The database's name, unique across all lakes.
    pub name: String,
    /// The lake of the database.
    pub lake: String,
}

impl CreateDatabase {
    /// Returns the command.
    pub fn new(name: impl Into<String>, lake: impl Into<String>) -> Self {
        Self { name: name.into(), lake: lake.into() }
    }
}

impl Command for CreateDatabase {
    const NAME: &'static str = "create_database";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE DATABASE").name("name", &self.name).clause(CLAUSE, "LAKE", &self.lake);
    }
}

/// Deletes a database (`DELETE DATABASE`): see [`Client::delete_database`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteDatabase {
    /// The database's name.
    pub name: String,
    /// The lake of the database. The statement has it in backticks, so it is checked as a name.
    pub lake: String,
    /// Whether the database's tables are deleted as well, and the flows that write them. Default: false.
    #[serde(default, deserialize_with = "flag", skip_serializing_if = "is_false")]
    pub cascade: bool,
}

impl DeleteDatabase {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, lake: impl Into<String>) -> Self {
        Self { name: name.into(), lake: lake.into(), cascade: false }
    }
}

impl Command for DeleteDatabase {
    const NAME: &'static str = "delete_database";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE DATABASE").name("name", &self.name).name_clause("LAKE", &self.lake);
        if self.cascade {
            sql.words("CASCADE");
        }
    }
}

impl<M> Call<M, DeleteDatabase> {
    /// Deletes the database's tables as well, and the flows that write them. This cannot be undone.
    pub fn cascade(mut self) -> Self {
        self.command.cascade = true;
        self
    }
}

/// Lists the databases of a lake (`SHOW DATABASES`): see [`Client::show_databases`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowDatabases {
    /// The lake whose databases are listed.
    pub lake: String,
}

impl ShowDatabases {
    /// Returns the command.
    pub fn new(lake: impl Into<String>) -> Self {
        Self { lake: lake.into() }
    }
}

impl Command for ShowDatabases {
    const NAME: &'static str = "show_databases";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW DATABASES").clause(INLINE, "LAKE", &self.lake);
    }
}

/// # Databases
impl<M> Client<M> {
    /// Creates a database in a lake: `CREATE DATABASE`.
    ///
    /// The name must be unique across **all** lakes of the project, because a catalog has databases and no
    /// lakes.
    ///
    /// Vendor's page: [Lakes, Databases, and
    /// Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.create_database("events", "analytics");
    /// assert_eq!(call.to_sql()?, "CREATE DATABASE `events`\n  LAKE = 'analytics'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_database(
        &self,
        name: impl Into<String>,
        lake: impl Into<String>,
    ) -> Call<M, CreateDatabase> {
        self.call(CreateDatabase::new(name, lake))
    }

    /// Deletes a database: `DELETE DATABASE`.
    ///
    /// Fails while the database has tables, unless the option `cascade` of the call is set: then they are
    /// deleted too, and so are the flows that write them. The empty database may still be listed for a while
    /// afterwards.
    ///
    /// Unlike the other commands about databases, this one has the lake in backticks, so the lake is checked
    /// as a name. A lake with a space in its name needs `.unchecked_names()`.
    ///
    /// Vendor's page: [Lakes, Databases, and
    /// Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.delete_database("events", "analytics").cascade();
    /// assert_eq!(call.to_sql()?, "DELETE DATABASE `events` LAKE = `analytics` CASCADE");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_database(
        &self,
        name: impl Into<String>,
        lake: impl Into<String>,
    ) -> Call<M, DeleteDatabase> {
        self.call(DeleteDatabase::new(name, lake))
    }

    /// Lists the databases of a lake: `SHOW DATABASES`.
    ///
    /// Vendor's page: [Lakes, Databases, and
    /// Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_databases("analytics").to_sql()?, "SHOW DATABASES LAKE = 'analytics'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_databases")]
    pub fn show_databases(&self, lake: impl Into<String>) -> Call<M, ShowDatabases> {
        self.call(ShowDatabases::new(lake))
    }
}
