//! Flows, which write data from a source into a table.
//!
//! Changing a flow ([`alter_flow`](Client::alter_flow)) has a file of its own.
//!
//! Vendor's pages: [Flows](https://docs.onehouse.ai/product/ingest-data/flows),
//! [`oh flow`](https://docs.onehouse.ai/cli/commands/flow), SQL reference `CREATE FLOW` (of old
//! [`CREATE STREAM CAPTURE`](https://docs.onehouse.ai/docs/api/sql-command-reference/create-stream-capture)),
//! `DELETE FLOW`, `DESCRIBE FLOW`, `SHOW FLOWS`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::Choice;
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::sql_value::Lower;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::{Command, PartitionKey};

/// The write mode of a flow: how it writes records. It cannot be changed later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteMode {
    /// Append only: records are never updated.
    Immutable,
    /// Records with the same key replace each other.
    Mutable,
    /// A mode that this version does not know.
    Other(String),
}

impl_open_enum!(commands WriteMode, "write mode", {
    Immutable => "IMMUTABLE",
    Mutable => "MUTABLE",
});

/// What the writes of a flow are optimized for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PerformanceProfile {
    /// Reads and writes alike.
    Balanced,
    /// Queries.
    FastestRead,
    /// Ingestion.
    FastestWrite,
    /// A profile that this version does not know.
    Other(String),
}

impl_open_enum!(commands PerformanceProfile, "performance profile", {
    Balanced => "BALANCED",
    FastestRead => "FASTEST_READ",
    FastestWrite => "FASTEST_WRITE",
});

/// The type of the Apache Hudi table that a flow writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableType {
    /// Each write rewrites the files that it touches.
    CopyOnWrite,
    /// Writes go to logs that are merged later. The default.
    MergeOnRead,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands TableType, "table type", {
    CopyOnWrite => "COPY_ON_WRITE",
    MergeOnRead => "MERGE_ON_READ",
});

/// The required parameters of [`Client::create_flow`], by name: what a new flow reads and writes, and where
/// it runs. A program that leaves out a field does not compile.
///
/// ```
/// use controlplane::onehouse::{NewFlow, WriteMode};
///
/// let flow = NewFlow {
///     source: "clicks",
///     lake: "analytics",
///     database: "events",
///     table_name: "page_views",
///     write_mode: WriteMode::Mutable,
///     cluster: "ingest",
/// };
/// assert_eq!(flow.table_name, "page_views");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NewFlow<'a> {
    /// The source that the flow reads.
    pub source: &'a str,
    /// The lake of the flow's table.
    pub lake: &'a str,
    /// The database of the flow's table.
    pub database: &'a str,
    /// The table that the flow writes.
    pub table_name: &'a str,
    /// How the flow writes records.
    pub write_mode: WriteMode,
    /// The cluster that the flow runs on. Its type must be `Managed`.
    pub cluster: &'a str,
}

/// Creates a flow (`CREATE FLOW`): see [`Client::create_flow`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateFlow {
    /// The flow's name.
    pub name: String,
    /// The source that the flow reads.
    pub source: String,
    /// The lake of the flow's table.
    pub lake: String,
    /// The database of the flow's table.
    pub database: String,
    /// The table that the flow writes.
    pub table_name: String,
    /// How the flow writes records.
    #[serde(with = "strict")]
    pub write_mode: WriteMode,
    /// The cluster that the flow runs on. Its type must be `Managed`.
    pub cluster: String,
    /// What the flow's writes are optimized for.
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    pub performance_profile: Option<PerformanceProfile>,
    /// The name of the schema of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_data_schema: Option<String>,
    /// The catalogs that the table is registered in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogs: Option<Vec<String>>,
    /// The transformations that are applied to the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformations: Option<Vec<String>>,
    /// The fields that identify a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_key_fields: Option<Vec<String>>,
    /// The fields that the table is partitioned by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_key_fields: Option<Vec<PartitionKey>>,
    /// The field that decides which of two records with the same key is the newer one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precombine_key_field: Option<String>,
    /// The fields that records are sorted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorting_key_fields: Option<Vec<String>>,
    /// The smallest number of minutes between two syncs. If it is not set, the server uses 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_sync_frequency_mins: Option<i64>,
    /// Whether records that fail a validation go to a quarantine table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine_enabled: Option<bool>,
    /// The validations that are applied to the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validations: Option<Vec<String>>,
    /// The type of the Apache Hudi table. If it is not set, the server uses `MERGE_ON_READ`.
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    pub table_type: Option<TableType>,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl CreateFlow {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, flow: NewFlow<'_>) -> Self {
        let NewFlow { source, lake, database, table_name, write_mode, cluster } = flow;
        Self {
            name: name.into(),
            source: source.to_owned(),
            lake: lake.to_owned(),
            database: database.to_owned(),
            table_name: table_name.to_owned(),
            write_mode,
            cluster: cluster.to_owned(),
            performance_profile: None,
            source_data_schema: None,
            catalogs: None,
            transformations: None,
            record_key_fields: None,
            partition_key_fields: None,
            precombine_key_field: None,
            sorting_key_fields: None,
            min_sync_frequency_mins: None,
            quarantine_enabled: None,
            validations: None,
            table_type: None,
            options: Options::new(),
        }
    }
}

impl Command for CreateFlow {
    const NAME: &'static str = "create_flow";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        // The server wants the clauses in this order.
        sql.words("CREATE FLOW")
            .name("name", &self.name)
            .clause(CLAUSE, "SOURCE", &self.source)
            .clause(CLAUSE, "LAKE", &self.lake)
            .clause(CLAUSE, "DATABASE", &self.database)
            .clause(CLAUSE, "TABLE_NAME", &self.table_name)
            .clause(CLAUSE, "WRITE_MODE", &self.write_mode)
            .clause(CLAUSE, "CLUSTER", &self.cluster)
            .optional(CLAUSE, "PERFORMANCE_PROFILE", &self.performance_profile)
            .optional(CLAUSE, "SOURCE_DATA_SCHEMA", &self.source_data_schema)
            .optional(CLAUSE, "CATALOGS", &self.catalogs)
            .optional(CLAUSE, "TRANSFORMATIONS", &self.transformations)
            .optional(CLAUSE, "RECORD_KEY_FIELDS", &self.record_key_fields)
            .optional(CLAUSE, "PARTITION_KEY_FIELDS", &self.partition_key_fields)
            .optional(CLAUSE, "PRECOMBINE_KEY_FIELD", &self.precombine_key_field)
            .optional(CLAUSE, "SORTING_KEY_FIELDS", &self.sorting_key_fields)
            .optional(CLAUSE, "MIN_SYNC_FREQUENCY_MINS", &self.min_sync_frequency_mins)
            .optional(CLAUSE, "QUARANTINE_ENABLED", &self.quarantine_enabled.map(Lower))
            .optional(CLAUSE, "VALIDATIONS", &self.validations)
            .optional(CLAUSE, "TABLE_TYPE", &self.table_type)
            .with(CLAUSE, &self.options);
    }
}

impl<M> Call<M, CreateFlow> {
    /// Sets what the flow's writes are optimized for. Default: the server's.
    pub fn performance_profile(mut self, profile: impl Choice<PerformanceProfile>) -> Self {
        self.command.performance_profile = Some(self.options.own.choose(profile));
        self
    }

    /// Sets the name of the schema of its records.
    pub fn source_data_schema(mut self, schema: impl Into<String>) -> Self {
        self.command.source_data_schema = Some(schema.into());
        self
    }

    /// Sets all catalogs that the table is registered in: the project's default catalogs are not added.
    pub fn catalogs(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command.catalogs = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the transformations of the records.
    pub fn transformations(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command.transformations = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the fields that identify a record.
    pub fn record_key_fields(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command.record_key_fields = Some(fields.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the fields that the table is partitioned by: names, or [`PartitionKey`]s for times.
    pub fn partition_key_fields(mut self, keys: impl IntoIterator<Item = impl Into<PartitionKey>>) -> Self {
        self.command.partition_key_fields = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the field that decides which of two records with the same key is newer.
    pub fn precombine_key_field(mut self, field: impl Into<String>) -> Self {
        self.command.precombine_key_field = Some(field.into());
        self
    }

    /// Sets the fields that records are sorted by.
    pub fn sorting_key_fields(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command.sorting_key_fields = Some(fields.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the smallest number of minutes between two syncs. Default: 1.
    pub fn min_sync_frequency_mins(mut self, mins: impl Into<Option<i64>>) -> Self {
        self.command.min_sync_frequency_mins = mins.into();
        self
    }

    /// Sets whether records that fail a validation are written to a quarantine table.
    pub fn quarantine_enabled(mut self, enabled: bool) -> Self {
        self.command.quarantine_enabled = Some(enabled);
        self
    }

    /// Sets the validations of the records.
    pub fn validations(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command.validations = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the type of the Apache Hudi table. Default: `MergeOnRead`.
    pub fn table_type(mut self, table_type: impl Choice<TableType>) -> Self {
        self.command.table_type = Some(self.options.own.choose(table_type));
        self
    }

    /// Adds a `WITH` option, which names what to read from the source or configures the flow, for example
    /// `kafka.topic.name`. [`Client::create_flow`] lists the known keys.
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

/// Deletes a flow (`DELETE FLOW`): see [`Client::delete_flow`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteFlow {
    /// The flow's name.
    pub name: String,
}

impl DeleteFlow {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteFlow {
    const NAME: &'static str = "delete_flow";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE FLOW").name("name", &self.name);
    }
}

/// Describes a flow (`DESCRIBE FLOW`): see [`Client::describe_flow`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeFlow {
    /// The flow's name. The flow's id, `name:table_name`, is accepted only if the check of names is relaxed.
    pub name: String,
}

impl DescribeFlow {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeFlow {
    const NAME: &'static str = "describe_flow";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE FLOW").name("name", &self.name);
    }
}

/// Lists the flows (`SHOW FLOWS`): see [`Client::show_flows`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowFlows {}

impl ShowFlows {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowFlows {
    const NAME: &'static str = "show_flows";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW FLOWS");
    }
}

/// # Flows
impl<M> Client<M> {
    /// Creates a flow: `CREATE FLOW`.
    ///
    /// [`NewFlow`] names what the flow reads, what it writes and where it runs.
    ///
    /// A flow creates one table of its own and writes it. The table has the table services `CLEAN` and
    /// `COMPACT`, which cannot be removed from a table that Onehouse manages.
    ///
    /// Options of the call: `performance_profile`, `source_data_schema`, `catalogs`, `transformations`,
    /// `record_key_fields`, `partition_key_fields`, `precombine_key_field`, `sorting_key_fields`,
    /// `min_sync_frequency_mins` (default 1), `quarantine_enabled`, `validations`, `table_type`
    /// (default `MergeOnRead`), `option`. A list must not be empty.
    ///
    /// `option` sets what is read from the source. The keys must match the type of the source; the server
    /// checks this:
    ///
    /// | Source | Keys |
    /// |---|---|
    /// | Kafka | `kafka.topic.name`, `kafka.startingOffsets` (`earliest` if not given, or `latest`), `kafka.topic.type`, `kafka.topic.schema.name` |
    /// | Kafka, schemas | `schema.registry.type` (`glue`, `confluent`, `jar`, `file`), `schema.registry.glue.name`, `schema.registry.confluent.servers`, `….key`, `….secret`, `schema.registry.proto.jar.location`, `schema.registry.file.base.path`, `….full.path` |
    /// | S3 | `s3.folder.uri`, `s3.file.format` (`AVRO`, `JSON`, `CSV`, `ORC`, `PARQUET`, `XML`), `s3.file.extension`, `s3.source.bootstrap`, `s3.source.file_path_pattern`, `s3.source.if_infer_fields_from_source_path`, `s3.source.fields_to_infer`, `s3.file.csv.header`, `s3.file.json.multiline`, `s3.file.xml.row.tag` |
    /// | GCS | those of S3 with `gcs.` in place of `s3.` |
    /// | Onehouse table | `source.table.lake`, `source.table.database`, `source.table.name` |
    /// | PostgreSQL | `postgres.schema.name`, `postgres.table.name` |
    /// | MySQL | `mysql.table.name` |
    /// | any | `table.configured.base.path` (such a flow cannot be cleaned and restarted), `table.partition.style` (`default`, `hive`), `flow.delayThreshold.numSyncIntervals` (`0`: never delayed), `flow.deduplicationPolicy` (`none`, `drop`) |
    ///
    /// [`to_sql`](Call::to_sql) shows the values of keys that name secrets; `Debug` does not.
    ///
    /// Vendor's pages: [`CREATE STREAM
    /// CAPTURE`](https://docs.onehouse.ai/docs/api/sql-command-reference/create-stream-capture), as the
    /// command was called before, and [`oh flow`](https://docs.onehouse.ai/cli/commands/flow).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, NewFlow, PartitionKey, PartitionType, WriteMode};
    ///
    /// let client = Client::offline();
    /// let flow = NewFlow {
    ///     source: "clicks",
    ///     lake: "analytics",
    ///     database: "events",
    ///     table_name: "page_views",
    ///     write_mode: WriteMode::Mutable,
    ///     cluster: "ingest",
    /// };
    /// let call = client
    ///     .create_flow("pipe", flow)
    ///     .record_key_fields(["id"])
    ///     .partition_key_fields([PartitionKey::time("day", PartitionType::DateString, "yyyy-MM-dd", "yyyy-MM-dd")])
    ///     .precombine_key_field("ts")
    ///     .option("kafka.topic.name", "page_views");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE FLOW `pipe`\n  SOURCE = 'clicks'\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  \
    ///      TABLE_NAME = 'page_views'\n  WRITE_MODE = 'MUTABLE'\n  CLUSTER = 'ingest'\n  \
    ///      RECORD_KEY_FIELDS = ('id')\n  PARTITION_KEY_FIELDS = (field = 'day' partition_type = 'DATE_STRING' \
    ///      input_format = 'yyyy-MM-dd' output_format = 'yyyy-MM-dd')\n  PRECOMBINE_KEY_FIELD = 'ts'\n  \
    ///      WITH 'kafka.topic.name' = 'page_views'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_flow(&self, name: impl Into<String>, flow: NewFlow<'_>) -> Call<M, CreateFlow> {
        self.call(CreateFlow::new(name, flow))
    }

    /// Deletes a flow: `DELETE FLOW`. Its table stays; the table's services are paused.
    ///
    /// Vendor's page: [`oh flow`](https://docs.onehouse.ai/cli/commands/flow).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_flow("pipe").to_sql()?, "DELETE FLOW `pipe`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_flow(&self, name: impl Into<String>) -> Call<M, DeleteFlow> {
        self.call(DeleteFlow::new(name))
    }

    /// Describes a flow: `DESCRIBE FLOW`.
    ///
    /// The argument is the name, or the id `name:table_name` that [`show_flows`](Client::show_flows) lists;
    /// the id has a `:`, which names do not have, so it needs `.unchecked_names()`.
    ///
    /// Vendor's page: [`oh flow`](https://docs.onehouse.ai/cli/commands/flow).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// assert_eq!(client.describe_flow("pipe").to_sql()?, "DESCRIBE FLOW `pipe`");
    /// let call = client.describe_flow("pipe:page_views").unchecked_names();
    /// assert_eq!(call.to_sql()?, "DESCRIBE FLOW `pipe:page_views`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_flow(&self, name: impl Into<String>) -> Call<M, DescribeFlow> {
        self.call(DescribeFlow::new(name))
    }

    /// Lists the flows: `SHOW FLOWS`. The rows have the ids of the flows, which have the form
    /// `name:table_name`.
    ///
    /// Vendor's page: [`oh flow`](https://docs.onehouse.ai/cli/commands/flow).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_flows().to_sql()?, "SHOW FLOWS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_flows")]
    pub fn show_flows(&self) -> Call<M, ShowFlows> {
        self.call(ShowFlows::new())
    }
}
