//! Runs of table services: run, pause, resume and cancel them.
//!
//! Vendor's pages: [Table Services](https://docs.onehouse.ai/product/manage-data/table-services), [typed
//! helpers of the Python SDK](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services),
//! `oh table service`, SQL reference `RUN SERVICE IN TABLE`, `PAUSE TABLE_SERVICE`, `RESUME TABLE_SERVICE`,
//! `CANCEL TABLE_SERVICE`, `SHOW RUNS IN TABLE_SERVICE`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::table_services::write_service;
use super::{Command, TableService};

/// A service that can be run once. `AutoSavepoint` and `Restore` can be run, but cannot be added to a table
/// as services.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunnableService {
    /// Clustering: lays data out for faster queries.
    Cluster,
    /// Compaction: merges logs into files.
    Compact,
    /// Cleaning: removes old versions of files.
    Clean,
    /// Registers the table in catalogs.
    MetaSync,
    /// Creates a savepoint.
    AutoSavepoint,
    /// Restores a savepoint.
    Restore,
    /// A service that this version does not know.
    Other(String),
}

impl_open_enum!(commands RunnableService, "table service", {
    Cluster => "CLUSTER",
    Compact => "COMPACT",
    Clean => "CLEAN",
    MetaSync => "METASYNC",
    AutoSavepoint => "AUTOSAVEPOINT",
    Restore => "RESTORE",
});

impl From<TableService> for RunnableService {
    fn from(service: TableService) -> Self {
        match service {
            TableService::Cluster => Self::Cluster,
            TableService::Compact => Self::Compact,
            TableService::Clean => Self::Clean,
            TableService::MetaSync => Self::MetaSync,
            TableService::Other(text) => Self::Other(text),
        }
    }
}

/// Runs a service of a table once, now (`RUN SERVICE IN TABLE`): see [`Client::run_service_in_table`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RunServiceInTable {
    /// The table's lake.
    pub lake: String,
    /// The table's database.
    pub database: String,
    /// The table. The statement has it in backticks, so it is checked as a name.
    pub table: String,
    /// The service to run.
    #[serde(with = "strict")]
    pub service: RunnableService,
}

impl RunServiceInTable {
    /// Returns the command.
    pub fn new(
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: RunnableService,
    ) -> Self {
        Self { lake: lake.into(), database: database.into(), table: table.into(), service }
    }
}

impl Command for RunServiceInTable {
    const NAME: &'static str = "run_service_in_table";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("RUN SERVICE IN TABLE")
            .name("table", &self.table)
            .clause(CLAUSE, "LAKE", &self.lake)
            .clause(CLAUSE, "DATABASE", &self.database)
            .clause(CLAUSE, "SERVICE", &self.service);
    }
}

/// Pauses a service of a table (`PAUSE TABLE_SERVICE`): see [`Client::pause_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PauseTableService {
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

impl PauseTableService {
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

impl Command for PauseTableService {
    const NAME: &'static str = "pause_table_service";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(sql, "PAUSE TABLE_SERVICE", &self.lake, &self.database, &self.table, &self.service);
    }
}

/// Resumes a paused service of a table (`RESUME TABLE_SERVICE`): see [`Client::resume_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResumeTableService {
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

impl ResumeTableService {
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

impl Command for ResumeTableService {
    const NAME: &'static str = "resume_table_service";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(sql, "RESUME TABLE_SERVICE", &self.lake, &self.database, &self.table, &self.service);
    }
}

/// Cancels the current run of a service of a table (`CANCEL TABLE_SERVICE`): see
/// [`Client::cancel_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CancelTableService {
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

impl CancelTableService {
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

impl Command for CancelTableService {
    const NAME: &'static str = "cancel_table_service";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(sql, "CANCEL TABLE_SERVICE", &self.lake, &self.database, &self.table, &self.service);
    }
}

/// Lists the runs of a service of a table (`SHOW RUNS IN TABLE_SERVICE`): see
/// [`Client::show_runs_in_table_service`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowRunsInTableService {
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

impl ShowRunsInTableService {
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

impl Command for ShowRunsInTableService {
    const NAME: &'static str = "show_runs_in_table_service";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_service(
            sql,
            "SHOW RUNS IN TABLE_SERVICE",
            &self.lake,
            &self.database,
            &self.table,
            &self.service,
        );
    }
}

/// # Runs of table services
impl<M> Client<M> {
    /// Runs a service of a table once, now: `RUN SERVICE IN TABLE`. A service in the mode `OnDemand` runs
    /// only by this command.
    ///
    /// Only this command accepts `AutoSavepoint` and `Restore`. The arguments have the order lake, database,
    /// table, as in all commands about table services; in the SQL the table comes first, in backticks, so it
    /// is checked as a name.
    ///
    /// Vendor's page: [Table
    /// services](https://docs.onehouse.ai/sdks/python/resources/typed-helpers/table-services) of the Python
    /// SDK.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, RunnableService};
    ///
    /// let client = Client::offline();
    /// let call = client.run_service_in_table("analytics", "events", "page_views", RunnableService::Compact);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "RUN SERVICE IN TABLE `page_views`\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  SERVICE = 'COMPACT'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn run_service_in_table(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<RunnableService>,
    ) -> Call<M, RunServiceInTable> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, RunServiceInTable::new(lake, database, table, service))
    }

    /// Pauses a service of a table: `PAUSE TABLE_SERVICE`. A flow that is paused pauses all services of its
    /// table.
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
    /// let call = client.pause_table_service("analytics", "events", "page_views", TableService::Clean);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "PAUSE TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'CLEAN'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn pause_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
    ) -> Call<M, PauseTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, PauseTableService::new(lake, database, table, service))
    }

    /// Resumes a paused service of a table: `RESUME TABLE_SERVICE`.
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
    /// let call = client.resume_table_service("analytics", "events", "page_views", TableService::Clean);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "RESUME TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'CLEAN'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn resume_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
    ) -> Call<M, ResumeTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, ResumeTableService::new(lake, database, table, service))
    }

    /// Cancels the current run of a service of a table: `CANCEL TABLE_SERVICE`.
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
    /// let call = client.cancel_table_service("analytics", "events", "page_views", TableService::Clean);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CANCEL TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'CLEAN'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn cancel_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
    ) -> Call<M, CancelTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, CancelTableService::new(lake, database, table, service))
    }

    /// Lists the runs of a service of a table: `SHOW RUNS IN TABLE_SERVICE`.
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
    /// let call = client.show_runs_in_table_service("analytics", "events", "page_views", TableService::Clean);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "SHOW RUNS IN TABLE_SERVICE\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE = 'page_views'\n  \
    ///      SERVICE = 'CLEAN'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_runs_in_table_service")]
    pub fn show_runs_in_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
    ) -> Call<M, ShowRunsInTableService> {
        let mut checks = Checks::default();
        let service = checks.choose(service);
        self.checked(checks, ShowRunsInTableService::new(lake, database, table, service))
    }
}
