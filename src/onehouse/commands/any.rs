//! Any command in one type.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::statement::StatementBuilder;

use super::*;

/// Any of the 66 commands: the 62 of the vendor's Python SDK 0.3.0, and four that it lacks.
///
/// In JSON it is an object with one key, the command's name:
/// `{"create_cluster": {"name": "prod", "type": "Managed", "max_ocu": 10}}`. Keys that a command does not
/// have are rejected, and so are unknown values of enums. To send a value that this version does not know,
/// write `{"other": "…"}` in its place.
///
/// ```
/// use controlplane::onehouse::{AnyCommand, Command};
///
/// let command: AnyCommand =
///     serde_json::from_str(r#"{"create_cluster": {"name": "prod", "type": "managed", "max_ocu": 10}}"#)?;
/// assert_eq!(command.name(), "create_cluster");
/// assert_eq!(command.to_sql()?, "CREATE CLUSTER `prod`\n  TYPE = 'Managed'\n  MAX_OCU = 10");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "plans are short, and a box would be in everyone's way")]
pub enum AnyCommand {
    /// `CREATE CLUSTER`
    CreateCluster(CreateCluster),
    /// `ALTER CLUSTER`
    AlterCluster(AlterCluster),
    /// `DELETE CLUSTER`
    DeleteCluster(DeleteCluster),
    /// `DESCRIBE CLUSTER`
    DescribeCluster(DescribeCluster),
    /// `SHOW CLUSTERS`
    ShowClusters(ShowClusters),
    /// `CREATE LAKE`
    CreateLake(CreateLake),
    /// `ALTER LAKE`
    AlterLake(AlterLake),
    /// `DELETE LAKE`
    DeleteLake(DeleteLake),
    /// `SHOW LAKES`
    ShowLakes(ShowLakes),
    /// `CREATE DATABASE`
    CreateDatabase(CreateDatabase),
    /// `DELETE DATABASE`
    DeleteDatabase(DeleteDatabase),
    /// `SHOW DATABASES`
    ShowDatabases(ShowDatabases),
    /// `SHOW TABLES`
    ShowTables(ShowTables),
    /// `CREATE CATALOG`
    CreateCatalog(CreateCatalog),
    /// `DELETE CATALOG`
    DeleteCatalog(DeleteCatalog),
    /// `DESCRIBE CATALOG`
    DescribeCatalog(DescribeCatalog),
    /// `SHOW CATALOGS`
    ShowCatalogs(ShowCatalogs),
    /// `CREATE SOURCE`
    CreateSource(CreateSource),
    /// `DELETE SOURCE`
    DeleteSource(DeleteSource),
    /// `DESCRIBE SOURCE`
    DescribeSource(DescribeSource),
    /// `SHOW SOURCES`
    ShowSources(ShowSources),
    /// `CREATE FLOW`
    CreateFlow(CreateFlow),
    /// `ALTER FLOW`
    AlterFlow(AlterFlow),
    /// `DELETE FLOW`
    DeleteFlow(DeleteFlow),
    /// `DESCRIBE FLOW`
    DescribeFlow(DescribeFlow),
    /// `SHOW FLOWS`
    ShowFlows(ShowFlows),
    /// `CREATE TRANSFORMATION`
    CreateTransformation(CreateTransformation),
    /// `DELETE TRANSFORMATION`
    DeleteTransformation(DeleteTransformation),
    /// `DESCRIBE TRANSFORMATION`
    DescribeTransformation(DescribeTransformation),
    /// `SHOW TRANSFORMATIONS`
    ShowTransformations(ShowTransformations),
    /// `CREATE VALIDATION`
    CreateValidation(CreateValidation),
    /// `DELETE VALIDATION`
    DeleteValidation(DeleteValidation),
    /// `DESCRIBE VALIDATION`
    DescribeValidation(DescribeValidation),
    /// `SHOW VALIDATIONS`
    ShowValidations(ShowValidations),
    /// `CREATE TABLE_SERVICE`
    CreateTableService(CreateTableService),
    /// `ALTER TABLE_SERVICE`
    AlterTableService(AlterTableService),
    /// `ALTER SERVICES_CLUSTER IN TABLE`
    AlterServicesClusterInTable(AlterServicesClusterInTable),
    /// `RUN SERVICE IN TABLE`
    RunServiceInTable(RunServiceInTable),
    /// `PAUSE TABLE_SERVICE`
    PauseTableService(PauseTableService),
    /// `RESUME TABLE_SERVICE`
    ResumeTableService(ResumeTableService),
    /// `CANCEL TABLE_SERVICE`
    CancelTableService(CancelTableService),
    /// `DESCRIBE TABLE_SERVICE`
    DescribeTableService(DescribeTableService),
    /// `SHOW TABLE_SERVICES`
    ShowTableServices(ShowTableServices),
    /// `SHOW RUNS IN TABLE_SERVICE`
    ShowRunsInTableService(ShowRunsInTableService),
    /// `CREATE JOB`
    CreateJob(CreateJob),
    /// `CREATE AND RUN JOB`
    CreateAndRunJob(CreateAndRunJob),
    /// `ALTER JOB`
    AlterJob(AlterJob),
    /// `DELETE JOB`
    DeleteJob(DeleteJob),
    /// `RUN JOB`
    RunJob(RunJob),
    /// `CANCEL JOB_RUN`
    CancelJobRun(CancelJobRun),
    /// `DESCRIBE JOB`
    DescribeJob(DescribeJob),
    /// `DESCRIBE JOB_RUN`
    DescribeJobRun(DescribeJobRun),
    /// `SHOW JOBS`
    ShowJobs(ShowJobs),
    /// `SHOW RUNS IN JOB`
    ShowRunsInJob(ShowRunsInJob),
    /// `UPLOAD JAR`
    UploadJar(UploadJar),
    /// `REPLACE JAR`
    ReplaceJar(ReplaceJar),
    /// `CREATE SERVICE_PRINCIPAL`
    CreateServicePrincipal(CreateServicePrincipal),
    /// `ALTER SERVICE_PRINCIPAL`
    AlterServicePrincipal(AlterServicePrincipal),
    /// `DELETE SERVICE_PRINCIPAL`
    DeleteServicePrincipal(DeleteServicePrincipal),
    /// `SHOW SERVICE_PRINCIPALS`
    ShowServicePrincipals(ShowServicePrincipals),
    /// `CREATE API_TOKEN`
    CreateApiToken(CreateApiToken),
    /// `DELETE API_TOKEN`
    DeleteApiToken(DeleteApiToken),
    /// `GRANT PRIVILEGE`
    GrantPrivilege(GrantPrivilege),
    /// `GRANT ROLE`
    GrantRole(GrantRole),
    /// `SHOW POLICIES`
    ShowPolicies(ShowPolicies),
    /// `SHOW POLICIES DIFF`
    ShowPoliciesDiff(ShowPoliciesDiff),
}

/// The part of [`Command`] that does not depend on the type.
trait Inner {
    fn name(&self) -> &'static str;
    fn effect(&self) -> Effect;
    fn write(&self, sql: &mut StatementBuilder);
}

impl<C: Command> Inner for C {
    fn name(&self) -> &'static str {
        Command::name(self)
    }

    fn effect(&self) -> Effect {
        Command::effect(self)
    }

    fn write(&self, sql: &mut StatementBuilder) {
        Command::write(self, sql);
    }
}

impl AnyCommand {
    /// Returns the JSON Schema (draft 2020-12) of a command: its name, its fields and what they mean. The same
    /// text is in the folder `schemas/` of the repository.
    ///
    /// ```
    /// use controlplane::onehouse::AnyCommand;
    ///
    /// let schema: serde_json::Value = serde_json::from_str(AnyCommand::schema())?;
    /// assert_eq!(schema["$defs"]["create_cluster"]["required"][0], "name");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn schema() -> &'static str {
        include_str!("../../../schemas/onehouse-command.schema.json")
    }

    fn inner(&self) -> &dyn Inner {
        match self {
            Self::CreateCluster(command) => command,
            Self::AlterCluster(command) => command,
            Self::DeleteCluster(command) => command,
            Self::DescribeCluster(command) => command,
            Self::ShowClusters(command) => command,
            Self::CreateLake(command) => command,
            Self::AlterLake(command) => command,
            Self::DeleteLake(command) => command,
            Self::ShowLakes(command) => command,
            Self::CreateDatabase(command) => command,
            Self::DeleteDatabase(command) => command,
            Self::ShowDatabases(command) => command,
            Self::ShowTables(command) => command,
            Self::CreateCatalog(command) => command,
            Self::DeleteCatalog(command) => command,
            Self::DescribeCatalog(command) => command,
            Self::ShowCatalogs(command) => command,
            Self::CreateSource(command) => command,
            Self::DeleteSource(command) => command,
            Self::DescribeSource(command) => command,
            Self::ShowSources(command) => command,
            Self::CreateFlow(command) => command,
            Self::AlterFlow(command) => command,
            Self::DeleteFlow(command) => command,
            Self::DescribeFlow(command) => command,
            Self::ShowFlows(command) => command,
            Self::CreateTransformation(command) => command,
            Self::DeleteTransformation(command) => command,
            Self::DescribeTransformation(command) => command,
            Self::ShowTransformations(command) => command,
            Self::CreateValidation(command) => command,
            Self::DeleteValidation(command) => command,
            Self::DescribeValidation(command) => command,
            Self::ShowValidations(command) => command,
            Self::CreateTableService(command) => command,
            Self::AlterTableService(command) => command,
            Self::AlterServicesClusterInTable(command) => command,
            Self::RunServiceInTable(command) => command,
            Self::PauseTableService(command) => command,
            Self::ResumeTableService(command) => command,
            Self::CancelTableService(command) => command,
            Self::DescribeTableService(command) => command,
            Self::ShowTableServices(command) => command,
            Self::ShowRunsInTableService(command) => command,
            Self::CreateJob(command) => command,
            Self::CreateAndRunJob(command) => command,
            Self::AlterJob(command) => command,
            Self::DeleteJob(command) => command,
            Self::RunJob(command) => command,
            Self::CancelJobRun(command) => command,
            Self::DescribeJob(command) => command,
            Self::DescribeJobRun(command) => command,
            Self::ShowJobs(command) => command,
            Self::ShowRunsInJob(command) => command,
            Self::UploadJar(command) => command,
            Self::ReplaceJar(command) => command,
            Self::CreateServicePrincipal(command) => command,
            Self::AlterServicePrincipal(command) => command,
            Self::DeleteServicePrincipal(command) => command,
            Self::ShowServicePrincipals(command) => command,
            Self::CreateApiToken(command) => command,
            Self::DeleteApiToken(command) => command,
            Self::GrantPrivilege(command) => command,
            Self::GrantRole(command) => command,
            Self::ShowPolicies(command) => command,
            Self::ShowPoliciesDiff(command) => command,
        }
    }
}

impl Command for AnyCommand {
    /// A name for the type. [`name`](Command::name) returns the name of the command in it.
    const NAME: &'static str = "any_command";

    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn effect(&self) -> Effect {
        self.inner().effect()
    }

    fn write(&self, sql: &mut StatementBuilder) {
        self.inner().write(sql);
    }
}

/// `From` for every command: the variant has the command's name.
macro_rules! impl_from {
    ($($command:ident),+ $(,)?) => {$(
        impl From<$command> for AnyCommand {
            fn from(command: $command) -> Self {
                Self::$command(command)
            }
        }
    )+};
}

impl_from!(
    CreateCluster,
    AlterCluster,
    DeleteCluster,
    DescribeCluster,
    ShowClusters,
    CreateLake,
    AlterLake,
    DeleteLake,
    ShowLakes,
    CreateDatabase,
    DeleteDatabase,
    ShowDatabases,
    ShowTables,
    CreateCatalog,
    DeleteCatalog,
    DescribeCatalog,
    ShowCatalogs,
    CreateSource,
    DeleteSource,
    DescribeSource,
    ShowSources,
    CreateFlow,
    AlterFlow,
    DeleteFlow,
    DescribeFlow,
    ShowFlows,
    CreateTransformation,
    DeleteTransformation,
    DescribeTransformation,
    ShowTransformations,
    CreateValidation,
    DeleteValidation,
    DescribeValidation,
    ShowValidations,
    CreateTableService,
    AlterTableService,
    AlterServicesClusterInTable,
    RunServiceInTable,
    PauseTableService,
    ResumeTableService,
    CancelTableService,
    DescribeTableService,
    ShowTableServices,
    ShowRunsInTableService,
    CreateJob,
    CreateAndRunJob,
    AlterJob,
    DeleteJob,
    RunJob,
    CancelJobRun,
    DescribeJob,
    DescribeJobRun,
    ShowJobs,
    ShowRunsInJob,
    UploadJar,
    ReplaceJar,
    CreateServicePrincipal,
    AlterServicePrincipal,
    DeleteServicePrincipal,
    ShowServicePrincipals,
    CreateApiToken,
    DeleteApiToken,
    GrantPrivilege,
    GrantRole,
    ShowPolicies,
    ShowPoliciesDiff
);
