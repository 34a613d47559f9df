//! Clusters: the compute that flows, jobs and queries run on.
//!
//! Vendor's pages: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters), `oh cluster`,
//! SQL reference `CREATE CLUSTER`, `ALTER CLUSTER`, `DELETE CLUSTER`,
//! `DESCRIBE CLUSTER`, `SHOW CLUSTERS`; for compute units and the values of `worker.type`
//! [Usage & Billing](https://docs.onehouse.ai/product/project-settings/usage-and-billing).

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::statement::{CLAUSE, INLINE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::Command;

/// The type of a cluster, which is its purpose. It cannot be changed later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterType {
    /// For flows and table services.
    Managed,
    /// For SQL queries.
    Sql,
    /// For Spark jobs.
    Spark,
    /// For engines that the vendor calls open engines.
    OpenEngines,
    /// For notebooks.
    Notebook,
    /// For the vendor's LakeBase.
    LakeBase,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands ClusterType, "cluster type", {
    Managed => "Managed",
    Sql => "SQL",
    Spark => "Spark",
    OpenEngines => "Open_Engines",
    Notebook => "Notebook",
    LakeBase => "LakeBase",
});

/// The state that `ALTER CLUSTER` sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterState {
    /// Starts the cluster.
    Start,
    /// Stops the cluster.
    Stop,
    /// A state that this version does not know.
    Other(String),
}

impl_open_enum!(commands ClusterState, "cluster state", { Start => "START", Stop => "STOP" });

/// Creates a cluster (`CREATE CLUSTER`): see [`Client::create_cluster`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateCluster {
    /// The cluster's name.
    pub name: String,
    /// The type of the cluster. In JSON the key is `type`.
    #[serde(rename = "type", with = "strict")]
    pub cluster_type: ClusterType,
    /// The largest number of compute units (OCU) that the cluster may use. If it is not set, the server
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ocu: Option<i64>,
    /// The smallest number of compute units (OCU) that the cluster keeps. If it is not set, the server
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_ocu: Option<i64>,
    /// `WITH` options, for example `worker.type`.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl CreateCluster {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, cluster_type: ClusterType) -> Self {
        Self { name: name.into(), cluster_type, max_ocu: None, min_ocu: None, options: Options::new() }
    }
}

impl Command for CreateCluster {
    const NAME: &'static str = "create_cluster";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE CLUSTER")
            .name("name", &self.name)
            .clause(CLAUSE, "TYPE", &self.cluster_type)
            .optional(CLAUSE, "MAX_OCU", &self.max_ocu)
            .optional(CLAUSE, "MIN_OCU", &self.min_ocu)
            .with(CLAUSE, &self.options);
    }
}

impl<M> Call<M, CreateCluster> {
    /// Sets the largest number of compute units (OCU) that the cluster may use. Default: the server's.
    pub fn max_ocu(mut self, ocu: impl Into<Option<i64>>) -> Self {
        self.command.max_ocu = ocu.into();
        self
    }

    /// Sets the smallest number of compute units (OCU) that the cluster keeps. Default: the server's.
    pub fn min_ocu(mut self, ocu: impl Into<Option<i64>>) -> Self {
        self.command.min_ocu = ocu.into();
        self
    }

    /// Adds a `WITH` option, for example `worker.type`.
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

/// Starts, stops, resizes or renames a cluster (`ALTER CLUSTER`): see [`Client::alter_cluster`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AlterCluster {
    /// The cluster's name.
    pub name: String,
    /// The state to set: `START` or `STOP`.
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    pub state: Option<ClusterState>,
    /// The largest number of compute units (OCU) that the cluster may use. If it is not set, the server
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ocu: Option<i64>,
    /// The smallest number of compute units (OCU) that the cluster keeps. If it is not set, the server
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_ocu: Option<i64>,
    /// The new name. It is written in quotes, so it may be any text without line breaks and NUL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_name: Option<String>,
    /// `WITH` options, for example `worker.type`.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl AlterCluster {
    /// Returns the command without changes. At least one must be added: otherwise the command fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            state: None,
            max_ocu: None,
            min_ocu: None,
            new_name: None,
            options: Options::new(),
        }
    }
}

impl Command for AlterCluster {
    const NAME: &'static str = "alter_cluster";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("ALTER CLUSTER")
            .name("name", &self.name)
            .words_after(INLINE, "SET")
            .optional(CLAUSE, "STATE", &self.state)
            .optional(CLAUSE, "MAX_OCU", &self.max_ocu)
            .optional(CLAUSE, "MIN_OCU", &self.min_ocu)
            .optional(CLAUSE, "NEW_NAME", &self.new_name)
            .with(CLAUSE, &self.options);
        let unchanged = self.state.is_none()
            && self.max_ocu.is_none()
            && self.min_ocu.is_none()
            && self.new_name.is_none()
            && self.options.is_empty();
        if unchanged {
            sql.refuse_command(
                "nothing to change: give at least one of state, max_ocu, min_ocu, new_name, options",
            );
        }
    }
}

impl<M> Call<M, AlterCluster> {
    /// Starts or stops the cluster.
    pub fn state(mut self, state: impl Choice<ClusterState>) -> Self {
        self.command.state = Some(self.options.own.choose(state));
        self
    }

    /// Sets the largest number of compute units (OCU) that the cluster may use.
    pub fn max_ocu(mut self, ocu: impl Into<Option<i64>>) -> Self {
        self.command.max_ocu = ocu.into();
        self
    }

    /// Sets the smallest number of compute units (OCU) that the cluster keeps.
    pub fn min_ocu(mut self, ocu: impl Into<Option<i64>>) -> Self {
        self.command.min_ocu = ocu.into();
        self
    }

    /// Sets a new name, which may be any text without line breaks. Calls that later use a name with a space
    /// need `.unchecked_names()`.
    pub fn new_name(mut self, name: impl Into<String>) -> Self {
        self.command.new_name = Some(name.into());
        self
    }

    /// Adds a `WITH` option, for example `worker.type`.
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

/// Deletes a cluster (`DELETE CLUSTER`): see [`Client::delete_cluster`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteCluster {
    /// The cluster's name.
    pub name: String,
}

impl DeleteCluster {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteCluster {
    const NAME: &'static str = "delete_cluster";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE CLUSTER").name("name", &self.name);
    }
}

/// Describes a cluster (`DESCRIBE CLUSTER`): see [`Client::describe_cluster`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeCluster {
    /// The cluster's name.
    pub name: String,
}

impl DescribeCluster {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeCluster {
    const NAME: &'static str = "describe_cluster";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE CLUSTER").name("name", &self.name);
    }
}

/// Lists the clusters (`SHOW CLUSTERS`): see [`Client::show_clusters`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowClusters {}

impl ShowClusters {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowClusters {
    const NAME: &'static str = "show_clusters";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW CLUSTERS");
    }
}

/// # Clusters
impl<M> Client<M> {
    /// Creates a cluster: `CREATE CLUSTER`.
    ///
    /// Options of the call: `max_ocu`, `min_ocu`, `option` (`worker.type` is the only key that the vendor's
    /// pages show).
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, ClusterType};
    ///
    /// let client = Client::offline();
    /// let call = client
    ///     .create_cluster("prod", ClusterType::Managed)
    ///     .max_ocu(10)
    ///     .option("worker.type", "oh-general-4");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE CLUSTER `prod`\n  TYPE = 'Managed'\n  MAX_OCU = 10\n  WITH 'worker.type' = 'oh-general-4'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// The type may be a text, a limit may be unset, and options may come from a map, as in a program that
    /// reads them:
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use controlplane::onehouse::Client;
    ///
    /// let options = BTreeMap::from([("worker.type", "oh-general-4")]);
    /// let call = Client::offline().create_cluster("prod", "Managed").max_ocu(None).options(options);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE CLUSTER `prod`\n  TYPE = 'Managed'\n  WITH 'worker.type' = 'oh-general-4'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_cluster(
        &self,
        name: impl Into<String>,
        cluster_type: impl Choice<ClusterType>,
    ) -> Call<M, CreateCluster> {
        let mut checks = Checks::default();
        let cluster_type = checks.choose(cluster_type);
        self.checked(checks, CreateCluster::new(name, cluster_type))
    }

    /// Starts, stops, resizes or renames a cluster: `ALTER CLUSTER`.
    ///
    /// Options of the call: `state`, `max_ocu`, `min_ocu`, `new_name`, `option`. At least one must be set.
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, ClusterState};
    ///
    /// let client = Client::offline();
    /// let call = client.alter_cluster("prod").state(ClusterState::Stop);
    /// assert_eq!(call.to_sql()?, "ALTER CLUSTER `prod` SET\n  STATE = 'STOP'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_cluster(&self, name: impl Into<String>) -> Call<M, AlterCluster> {
        self.call(AlterCluster::new(name))
    }

    /// Starts a cluster: [`alter_cluster`](Client::alter_cluster) with the state `START`.
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.start_cluster("prod").to_sql()?, "ALTER CLUSTER `prod` SET\n  STATE = 'START'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn start_cluster(&self, name: impl Into<String>) -> Call<M, AlterCluster> {
        self.alter_cluster(name).state(ClusterState::Start)
    }

    /// Stops a cluster: [`alter_cluster`](Client::alter_cluster) with the state `STOP`.
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.stop_cluster("prod").to_sql()?, "ALTER CLUSTER `prod` SET\n  STATE = 'STOP'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn stop_cluster(&self, name: impl Into<String>) -> Call<M, AlterCluster> {
        self.alter_cluster(name).state(ClusterState::Stop)
    }

    /// Deletes a cluster: `DELETE CLUSTER`.
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_cluster("prod").to_sql()?, "DELETE CLUSTER `prod`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_cluster(&self, name: impl Into<String>) -> Call<M, DeleteCluster> {
        self.call(DeleteCluster::new(name))
    }

    /// Describes a cluster: `DESCRIBE CLUSTER`. The payload has `name`, `type`, `state`, `max_ocu`,
    /// `min_ocu`.
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.describe_cluster("prod").to_sql()?, "DESCRIBE CLUSTER `prod`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_cluster(&self, name: impl Into<String>) -> Call<M, DescribeCluster> {
        self.call(DescribeCluster::new(name))
    }

    /// Lists the clusters: `SHOW CLUSTERS`. Each row has at least `name` and `state`.
    ///
    /// Vendor's page: [Clusters](https://docs.onehouse.ai/docs/product/compute/clusters).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_clusters().to_sql()?, "SHOW CLUSTERS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_clusters")]
    pub fn show_clusters(&self) -> Call<M, ShowClusters> {
        self.call(ShowClusters::new())
    }
}
