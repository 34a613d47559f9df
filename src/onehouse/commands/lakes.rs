//! Lakes: the top of the hierarchy lake, database, table. Each has a path in cloud storage.
//!
//! Vendor's pages: [Lakes, Databases, and
//! Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables),
//! [`onehouse_lake`](https://docs.onehouse.ai/terraform-provider/resources/lake) of the Terraform provider,
//! `oh lake`, SQL reference `CREATE LAKE`, `ALTER LAKE`, `DELETE LAKE`, `SHOW LAKES`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::{Command, flag, is_false};

/// The type of a lake: who writes its tables. It cannot be changed later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LakeType {
    /// Onehouse writes the tables.
    Managed,
    /// Other systems write the tables; Onehouse maintains them.
    Observed,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands LakeType, "lake type", {
    Managed => "MANAGED",
    Observed => "OBSERVED",
});

/// Creates a lake (`CREATE LAKE`): see [`Client::create_lake`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateLake {
    /// The lake's name, unique in the project.
    pub name: String,
    /// The type of the lake: who writes its tables.
    #[serde(with = "strict")]
    pub lake_type: LakeType,
    /// The path of the lake in cloud storage, with a `/` at the end: `s3://bucket/lake/`.
    pub bucket_path: String,
    /// The cluster that runs the table services of the lake's tables.
    pub default_services_cluster: String,
}

impl CreateLake {
    /// Returns the command.
    pub fn new(
        name: impl Into<String>,
        lake_type: LakeType,
        bucket_path: impl Into<String>,
        default_services_cluster: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            lake_type,
            bucket_path: bucket_path.into(),
            default_services_cluster: default_services_cluster.into(),
        }
    }
}

impl Command for CreateLake {
    const NAME: &'static str = "create_lake";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE LAKE")
            .name("name", &self.name)
            .clause(CLAUSE, "LAKE_TYPE", &self.lake_type)
            .clause(CLAUSE, "BUCKET_PATH", &self.bucket_path)
            .clause(CLAUSE, "DEFAULT_SERVICES_CLUSTER", &self.default_services_cluster);
    }
}

/// Changes the cluster that runs the table services of a lake (`ALTER LAKE`): see [`Client::alter_lake`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AlterLake {
    /// The lake's name.
    pub name: String,
    /// The new cluster for the table services of the lake's tables.
    pub default_services_cluster: String,
}

impl AlterLake {
    /// Returns the command.
    pub fn new(name: impl Into<String>, default_services_cluster: impl Into<String>) -> Self {
        Self { name: name.into(), default_services_cluster: default_services_cluster.into() }
    }
}

impl Command for AlterLake {
    const NAME: &'static str = "alter_lake";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("ALTER LAKE").name("name", &self.name).clause(
            CLAUSE,
            "SET DEFAULT_SERVICES_CLUSTER",
            &self.default_services_cluster,
        );
    }
}

/// Deletes a lake (`DELETE LAKE`): see [`Client::delete_lake`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteLake {
    /// The lake's name.
    pub name: String,
    /// Whether the lake's databases and tables are deleted as well, and the flows that write the tables.
    /// Default: false.
    #[serde(default, deserialize_with = "flag", skip_serializing_if = "is_false")]
    pub cascade: bool,
}

impl DeleteLake {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), cascade: false }
    }
}

impl Command for DeleteLake {
    const NAME: &'static str = "delete_lake";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE LAKE").name("name", &self.name);
        if self.cascade {
            sql.words("CASCADE");
        }
    }
}

impl<M> Call<M, DeleteLake> {
    /// Deletes the lake's databases and tables as well, and the flows that write the tables. This cannot be
    /// undone.
    pub fn cascade(mut self) -> Self {
        self.command.cascade = true;
        self
    }
}

/// Lists the lakes (`SHOW LAKES`): see [`Client::show_lakes`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowLakes {}

impl ShowLakes {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowLakes {
    const NAME: &'static str = "show_lakes";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW LAKES");
    }
}

/// # Lakes
impl<M> Client<M> {
    /// Creates a lake: `CREATE LAKE`.
    ///
    /// The name is unique in the project. `bucket_path` must end with `/`; the server checks this. The path
    /// and the type cannot be changed later.
    ///
    /// Vendor's page: [`onehouse_lake`](https://docs.onehouse.ai/terraform-provider/resources/lake) of the
    /// Terraform provider.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, LakeType};
    ///
    /// let client = Client::offline();
    /// let call = client.create_lake("analytics", LakeType::Managed, "s3://my-bucket/lake/", "services");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE LAKE `analytics`\n  LAKE_TYPE = 'MANAGED'\n  BUCKET_PATH = 's3://my-bucket/lake/'\n  \
    ///      DEFAULT_SERVICES_CLUSTER = 'services'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_lake(
        &self,
        name: impl Into<String>,
        lake_type: impl Choice<LakeType>,
        bucket_path: impl Into<String>,
        default_services_cluster: impl Into<String>,
    ) -> Call<M, CreateLake> {
        let mut checks = Checks::default();
        let lake_type = checks.choose(lake_type);
        self.checked(checks, CreateLake::new(name, lake_type, bucket_path, default_services_cluster))
    }

    /// Changes the cluster that runs the table services of a lake: `ALTER LAKE`. Nothing else about a lake
    /// can be changed.
    ///
    /// Vendor's page: [`onehouse_lake`](https://docs.onehouse.ai/terraform-provider/resources/lake) of the
    /// Terraform provider.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.alter_lake("analytics", "Default Managed Cluster - 2");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "ALTER LAKE `analytics`\n  SET DEFAULT_SERVICES_CLUSTER = 'Default Managed Cluster - 2'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_lake(
        &self,
        name: impl Into<String>,
        default_services_cluster: impl Into<String>,
    ) -> Call<M, AlterLake> {
        self.call(AlterLake::new(name, default_services_cluster))
    }

    /// Deletes a lake: `DELETE LAKE`.
    ///
    /// Fails while the lake has databases or tables, unless the option `cascade` of the call is set: then
    /// they are deleted too, and so are the flows that write the tables.
    ///
    /// Vendor's page: [`onehouse_lake`](https://docs.onehouse.ai/terraform-provider/resources/lake) of the
    /// Terraform provider.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// assert_eq!(client.delete_lake("analytics").to_sql()?, "DELETE LAKE `analytics`");
    /// assert_eq!(client.delete_lake("analytics").cascade().to_sql()?, "DELETE LAKE `analytics` CASCADE");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_lake(&self, name: impl Into<String>) -> Call<M, DeleteLake> {
        self.call(DeleteLake::new(name))
    }

    /// Lists the lakes: `SHOW LAKES`. There is no command that describes a single lake.
    ///
    /// Vendor's page: [Lakes, Databases, and
    /// Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_lakes().to_sql()?, "SHOW LAKES");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_lakes")]
    pub fn show_lakes(&self) -> Call<M, ShowLakes> {
        self.call(ShowLakes::new())
    }
}
