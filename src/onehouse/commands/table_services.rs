//! Table services, which maintain a table: clustering, compaction, cleaning, catalog entries.
//!
//! The vendor's SDK has no helper that deletes one: use
//! `DELETE TABLE_SERVICE` as raw SQL.
//!
//! Vendor's pages: [Table Services](https://docs.onehouse.ai/product/manage-data/table-services), [typed
//! helpers of the Python SDK](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services),
//! [`onehouse_table_service`](https://docs.onehouse.ai/terraform-provider/resources/table-service) of the
//! Terraform provider, `oh table service`, SQL reference `CREATE TABLE_SERVICE`, `ALTER TABLE_SERVICE`,
//! `ALTER SERVICES_CLUSTER IN TABLE`, `DESCRIBE TABLE_SERVICE`, `SHOW TABLE_SERVICES`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::Command;

/// A service that maintains a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableService {
    /// Clustering: lays data out for faster queries.
    Cluster,
    /// Compaction: merges logs into files.
    Compact,
    /// Cleaning: removes old versions of files.
    Clean,
    /// Registers the table in catalogs, and keeps these entries up to date.
    MetaSync,
    /// A service that this version does not know.
    Other(String),
}

impl_open_enum!(commands TableService, "table service", {
    Cluster => "CLUSTER",
    Compact => "COMPACT",
    Clean => "CLEAN",
    MetaSync => "METASYNC",
});

/// When a table service runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TriggerMode {
    /// Automatically: `METASYNC` at every commit, the others after a number of commits.
    Automatic,
    /// Only when [`Client::run_service_in_table`] runs it.
    OnDemand,
    /// A mode that this version does not know.
    Other(String),
}

impl_open_enum!(commands TriggerMode, "trigger mode", {
    Automatic => "AUTOMATIC",
    OnDemand => "ON_DEMAND",
});

/// Writes the words of a command, its table and one of the services of the table.
pub(super) fn write_service<'s>(
    sql: &'s mut StatementBuilder,
    words: &str,
    lake: &str,
    database: &str,
    table: &str,
    service: &TableService,
) -> &'s mut StatementBuilder {
    write_table(sql, words, lake, database, table).clause(CLAUSE, "SERVICE", service)
}

/// Writes the words of a command and its table as strings.
pub(super) fn write_table<'s>(
    sql: &'s mut StatementBuilder,
    words: &str,
    lake: &str,
    database: &str,
    table: &str,
) -> &'s mut StatementBuilder {
    sql.words(words)
        .clause(CLAUSE, "LAKE", lake)
        .clause(CLAUSE, "DATABASE", database)
        .clause(CLAUSE, "TABLE", table)
}

/// Adds a service to a table (`CREATE TABLE_SERVICE`): see [`Client::create_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateTableService {
    /// The table's lake.
    pub lake: String,
    /// The table's database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The service.
    #[serde(with = "strict")]
    pub service: TableService,
    /// When the service runs.
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    pub trigger_mode: Option<TriggerMode>,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl CreateTableService {
    /// Returns the command with its required parameters.
    pub fn new(
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: TableService,
    ) -> Self {
        Self {
            lake: lake.into(),
            database: database.into(),
            table: table.into(),
            service,
            trigger_mode: None,
            options: Options::new(),
        }
    }
}

impl Command for CreateTableService {
    const NAME: &'static str = "create_table_service";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(sql, "CREATE TABLE_SERVICE", &self.lake, &self.database, &self.table, &self.service)
            .optional(CLAUSE, "TRIGGER_MODE", &self.trigger_mode)
            .with(CLAUSE, &self.options);
    }
}

impl<M> Call<M, CreateTableService> {
    /// Sets when the service runs. Default: the server's. The vendor's command-line tool requires this
    /// option.
    pub fn trigger_mode(mut self, trigger_mode: impl Choice<TriggerMode>) -> Self {
        self.command.trigger_mode = Some(self.options.own.choose(trigger_mode));
        self
    }

    /// Adds a `WITH` option; [`Client::create_table_service`] lists the known keys.
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

/// Changes a service of a table (`ALTER TABLE_SERVICE`): see [`Client::alter_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AlterTableService {
    /// The table's lake.
    pub lake: String,
    /// The table's database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The service.
    #[serde(with = "strict")]
    pub service: TableService,
    /// When the service runs.
    #[serde(with = "strict")]
    pub trigger_mode: TriggerMode,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl AlterTableService {
    /// Returns the command with its required parameters.
    pub fn new(
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: TableService,
        trigger_mode: TriggerMode,
    ) -> Self {
        Self {
            lake: lake.into(),
            database: database.into(),
            table: table.into(),
            service,
            trigger_mode,
            options: Options::new(),
        }
    }
}

impl Command for AlterTableService {
    const NAME: &'static str = "alter_table_service";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(sql, "ALTER TABLE_SERVICE", &self.lake, &self.database, &self.table, &self.service)
            .clause(CLAUSE, "TRIGGER_MODE", &self.trigger_mode)
            .with(CLAUSE, &self.options);
    }
}

impl<M> Call<M, AlterTableService> {
    /// Adds a `WITH` option; [`Client::create_table_service`] lists the known keys.
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

/// Moves the services of a table to another cluster (`ALTER SERVICES_CLUSTER IN TABLE`): see
/// [`Client::alter_services_cluster_in_table`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AlterServicesClusterInTable {
    /// The table's lake.
    pub lake: String,
    /// The table's database.
    pub database: String,
    /// The table. The statement has it in backticks, so it is checked as a name.
    pub table: String,
    /// The cluster that runs the services of the table.
    pub services_cluster: String,
}

impl AlterServicesClusterInTable {
    /// Returns the command.
    pub fn new(
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        services_cluster: impl Into<String>,
    ) -> Self {
        Self {
            lake: lake.into(),
            database: database.into(),
            table: table.into(),
            services_cluster: services_cluster.into(),
        }
    }
}

impl Command for AlterServicesClusterInTable {
    const NAME: &'static str = "alter_services_cluster_in_table";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("ALTER SERVICES_CLUSTER IN TABLE")
            .name("table", &self.table)
            .clause(CLAUSE, "LAKE", &self.lake)
            .clause(CLAUSE, "DATABASE", &self.database)
            .clause(CLAUSE, "SERVICES_CLUSTER", &self.services_cluster);
    }
}

/// Describes a service of a table (`DESCRIBE TABLE_SERVICE`): see [`Client::describe_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeTableService {
    /// The table's lake.
    pub lake: String,
    /// The table's database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The service.
    #[serde(with = "strict")]
    pub service: TableService,
}

impl DescribeTableService {
    /// Returns the command.
    pub fn new(
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: TableService,
    ) -> Self {
        Self { lake: lake.into(), database: database.into(), table: table.into(), service }
    }
}

impl Command for DescribeTableService {
    const NAME: &'static str = "describe_table_service";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(sql, "DESCRIBE TABLE_SERVICE", &self.lake, &self.database, &self.table, &self.service);
    }
}

/// Lists the services of a table (`SHOW TABLE_SERVICES`): see [`Client::show_table_services`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowTableServices {
    /// The table's lake.
    pub lake: String,
    /// The table's database.
    pub database: String,
    /// The table.
    pub table: String,
}

impl ShowTableServices {
    /// Returns the command.
    pub fn new(lake: impl Into<String>, database: impl Into<String>, table: impl Into<String>) -> Self {
        Self { lake: lake.into(), database: database.into(), table: table.into() }
    }
}

impl Command for ShowTableServices {
    const NAME: &'static str = "show_table_services";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_table(sql, "SHOW TABLE_SERVICES", &self.lake, &self.database, &self.table);
    }
}

/// # Table services
impl<M> Client<M> {
    /// Adds a service to a table: `CREATE TABLE_SERVICE`.
    ///
    /// Options of the call: `trigger_mode`, `option`. A table that a flow creates has `Compact` and `Clean`
    /// from the beginning. The keys of `option` depend on the service; the frequencies are numbers of
    /// commits:
    ///
    /// | Service | Keys |
    /// |---|---|
    /// | `Cluster` | `cluster.field.names` (separated by commas), `cluster.layout.strategy` (`linear`, …), `cluster.frequency` |
    /// | `Compact` | `compaction.max.bytes`, `compaction.frequency` |
    /// | `Clean` | `cleaner.retention.days`, `cleaner.frequency` |
    /// | `MetaSync` | `metasync.catalogs` |
    ///
    /// Vendor's page: [Table
    /// services](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services) of the Python
    /// SDK.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, TableService, TriggerMode};
    ///
    /// let client = Client::offline();
    /// let call = client
    ///     .create_table_service("analytics", "events", "page_views", TableService::Cluster)
    ///     .trigger_mode(TriggerMode::Automatic)
    ///     .option("cluster.field.names", "event_date,tenant_id");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'CLUSTER'\n  TRIGGER_MODE = 'AUTOMATIC'\n  WITH 'cluster.field.names' = 'event_date,tenant_id'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
    ) -> Call<M, CreateTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, CreateTableService::new(lake, database, table, service))
    }

    /// Changes a service of a table: `ALTER TABLE_SERVICE`.
    ///
    /// The trigger mode is required even if it does not change. The keys of the call's `option` are those
    /// that [`create_table_service`](Client::create_table_service) lists. This command also configures the
    /// services that a managed table has from the beginning.
    ///
    /// Vendor's page: [Table
    /// services](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services) of the Python
    /// SDK.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, TableService, TriggerMode};
    ///
    /// let client = Client::offline();
    /// let call = client
    ///     .alter_table_service("analytics", "events", "page_views", TableService::Compact, TriggerMode::OnDemand)
    ///     .option("compaction.frequency", 1);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "ALTER TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'COMPACT'\n  TRIGGER_MODE = 'ON_DEMAND'\n  WITH 'compaction.frequency' = '1'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
        trigger_mode: impl Choice<TriggerMode>,
    ) -> Call<M, AlterTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        let trigger_mode = checks.choose(trigger_mode);
        self.checked(checks, AlterTableService::new(lake, database, table, service, trigger_mode))
    }

    /// Moves the services of a table to another cluster: `ALTER SERVICES_CLUSTER IN TABLE`.
    ///
    /// The arguments have the order lake, database, table, as in all commands about table services; in the
    /// SQL the table comes first, in backticks, so it is checked as a name.
    ///
    /// Vendor's page: [Table
    /// services](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services) of the Python
    /// SDK.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.alter_services_cluster_in_table("analytics", "events", "page_views", "services");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "ALTER SERVICES_CLUSTER IN TABLE `page_views`\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  \
    ///      SERVICES_CLUSTER = 'services'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_services_cluster_in_table(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        services_cluster: impl Into<String>,
    ) -> Call<M, AlterServicesClusterInTable> {
        self.call(AlterServicesClusterInTable::new(lake, database, table, services_cluster))
    }

    /// Describes a service of a table: `DESCRIBE TABLE_SERVICE`.
    ///
    /// Vendor's page: [Table
    /// services](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services) of the Python
    /// SDK.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, TableService};
    ///
    /// let client = Client::offline();
    /// let call = client.describe_table_service("analytics", "events", "page_views", TableService::MetaSync);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "DESCRIBE TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'METASYNC'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
    ) -> Call<M, DescribeTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, DescribeTableService::new(lake, database, table, service))
    }

    /// Lists the services of a table: `SHOW TABLE_SERVICES`.
    ///
    /// Vendor's page: [Table
    /// services](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services) of the Python
    /// SDK.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.show_table_services("analytics", "events", "page_views");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "SHOW TABLE_SERVICES\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_table_services")]
    pub fn show_table_services(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
    ) -> Call<M, ShowTableServices> {
        self.call(ShowTableServices::new(lake, database, table))
    }
}
