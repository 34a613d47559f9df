//! Catalogs, in which tables are registered for other engines (Glue, Hive, Unity, …).
//!
//! Flows name their catalogs ([`create_flow`](Client::create_flow), `catalogs`), and the table service
//! `METASYNC` keeps a table's entries up to date.
//!
//! Vendor's pages: `oh catalog`, SQL reference `CREATE CATALOG`, `DELETE CATALOG`, `DESCRIBE CATALOG`,
//! `SHOW CATALOGS`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::{Command, CredentialType};

/// The type of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CatalogType {
    /// AWS Glue.
    Glue,
    /// Hive Metastore.
    Hive,
    /// Google BigQuery.
    BigQuery,
    /// DataHub.
    DataHub,
    /// OneTable (Apache XTable).
    OneTable,
    /// Google Dataproc.
    Dataproc,
    /// Unity Catalog.
    Unity,
    /// Snowflake.
    Snowflake,
    /// Microsoft OneLake.
    OneLake,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands CatalogType, "catalog type", {
    Glue => "GLUE",
    Hive => "HIVE",
    BigQuery => "BIGQUERY",
    DataHub => "DATAHUB",
    OneTable => "ONETABLE",
    Dataproc => "DATAPROC",
    Unity => "UNITY",
    Snowflake => "SNOWFLAKE",
    OneLake => "ONELAKE",
});

/// Adds a catalog (`CREATE CATALOG`): see [`Client::create_catalog`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateCatalog {
    /// The catalog's name.
    pub name: String,
    /// The type of the catalog. In JSON the key is `type`.
    #[serde(rename = "type", with = "strict")]
    pub catalog_type: CatalogType,
    /// Where the catalog's secrets are kept.
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    pub credential_type: Option<CredentialType>,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl CreateCatalog {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, catalog_type: CatalogType) -> Self {
        Self { name: name.into(), catalog_type, credential_type: None, options: Options::new() }
    }
}

impl Command for CreateCatalog {
    const NAME: &'static str = "create_catalog";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE CATALOG")
            .name("name", &self.name)
            .clause(CLAUSE, "TYPE", &self.catalog_type)
            .optional(CLAUSE, "CREDENTIAL_TYPE", &self.credential_type)
            .with(CLAUSE, &self.options);
    }
}

impl<M> Call<M, CreateCatalog> {
    /// Sets where the catalog's secrets are kept. Default: the statement has no `CREDENTIAL_TYPE`. The
    /// vendor's command-line tool requires this option.
    pub fn credential_type(mut self, credential_type: impl Choice<CredentialType>) -> Self {
        self.command.credential_type = Some(self.options.own.choose(credential_type));
        self
    }

    /// Adds a `WITH` option. The keys depend on the catalog's type: see `CREATE CATALOG` in the vendor's SQL
    /// reference.
    pub fn option(mut self, key: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        self.command.options.set(key, value);
        self
    }

    /// Adds several `WITH` options, from a map or from pairs of keys and values.
    pub fn options<K: Into<String>, V: Into<OptionValue>>(
        mut self,
        options: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.command.options.extend(options);
        self
    }
}

/// Removes a catalog from the project (`DELETE CATALOG`): see [`Client::delete_catalog`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteCatalog {
    /// The catalog's name.
    pub name: String,
}

impl DeleteCatalog {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteCatalog {
    const NAME: &'static str = "delete_catalog";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE CATALOG").name("name", &self.name);
    }
}

/// Describes a catalog (`DESCRIBE CATALOG`): see [`Client::describe_catalog`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeCatalog {
    /// The catalog's name.
    pub name: String,
}

impl DescribeCatalog {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeCatalog {
    const NAME: &'static str = "describe_catalog";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE CATALOG").name("name", &self.name);
    }
}

/// Lists the catalogs (`SHOW CATALOGS`): see [`Client::show_catalogs`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowCatalogs {}

impl ShowCatalogs {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowCatalogs {
    const NAME: &'static str = "show_catalogs";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW CATALOGS");
    }
}

/// # Catalogs
impl<M> Client<M> {
    /// Adds a catalog: `CREATE CATALOG`.
    ///
    /// Options of the call: `credential_type`, `option`. There is no command that changes a catalog: delete
    /// it and create it again.
    ///
    /// Vendor's page: `CREATE CATALOG` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{CatalogType, Client, CredentialType};
    ///
    /// let client = Client::offline();
    /// let call = client.create_catalog("my_glue", CatalogType::Glue).credential_type(CredentialType::Onehouse);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE CATALOG `my_glue`\n  TYPE = 'GLUE'\n  CREDENTIAL_TYPE = 'CREDENTIAL_TYPE_ONEHOUSE'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_catalog(
        &self,
        name: impl Into<String>,
        catalog_type: impl Choice<CatalogType>,
    ) -> Call<M, CreateCatalog> {
        let mut checks = Checks::default();
        let catalog_type = checks.choose(catalog_type);
        self.checked(checks, CreateCatalog::new(name, catalog_type))
    }

    /// Removes a catalog from the project: `DELETE CATALOG`.
    ///
    /// Vendor's page: `DELETE CATALOG` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_catalog("my_glue").to_sql()?, "DELETE CATALOG `my_glue`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_catalog(&self, name: impl Into<String>) -> Call<M, DeleteCatalog> {
        self.call(DeleteCatalog::new(name))
    }

    /// Describes a catalog: `DESCRIBE CATALOG`.
    ///
    /// Vendor's page: `DESCRIBE CATALOG` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.describe_catalog("my_glue").to_sql()?, "DESCRIBE CATALOG `my_glue`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_catalog(&self, name: impl Into<String>) -> Call<M, DescribeCatalog> {
        self.call(DescribeCatalog::new(name))
    }

    /// Lists the catalogs: `SHOW CATALOGS`.
    ///
    /// Vendor's page: `SHOW CATALOGS` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_catalogs().to_sql()?, "SHOW CATALOGS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_catalogs")]
    pub fn show_catalogs(&self) -> Call<M, ShowCatalogs> {
        self.call(ShowCatalogs::new())
    }
}
