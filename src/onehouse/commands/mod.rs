//! The 66 commands of the Onehouse SQL API that have a helper, as plain values: 62 that the vendor's Python
//! SDK 0.3.0 has too, and four that it lacks.
//!
//! Each file has a family or a part of one: the commands, their enums, the helpers of
//! [`Client`](super::Client) that build them, and the setters of [`Call`](super::Call).
//!
//! A command is data: public fields, `Serialize` and `Deserialize` with the vendor's parameter names, no I/O.
//! [`AnyCommand`] is any of them, so that a plan can be a JSON file.

// The docs of the client have the families in the order of these modules, which is that of the vendor's SDK.
mod clusters;

mod lakes;

mod databases;

mod tables;

mod catalogs;

mod sources;

mod flows;

mod flow_changes;

mod transformations;

mod validations;

mod table_services;

mod table_service_runs;

mod jobs;

mod job_runs;

mod jars;

mod service_principals;

mod api_tokens;

mod grants;

mod policies;

mod any;
mod credential_type;
mod partition_keys;

pub use any::AnyCommand;
pub use api_tokens::{CreateApiToken, DeleteApiToken};
pub use catalogs::{CatalogType, CreateCatalog, DeleteCatalog, DescribeCatalog, ShowCatalogs};
pub use clusters::{
    AlterCluster, ClusterState, ClusterType, CreateCluster, DeleteCluster, DescribeCluster, ShowClusters,
};
pub use credential_type::CredentialType;
pub use databases::{CreateDatabase, DeleteDatabase, ShowDatabases};
pub use flow_changes::{AlterFlow, FlowChange};
pub use flows::{
    CreateFlow, DeleteFlow, DescribeFlow, NewFlow, PerformanceProfile, ShowFlows, TableType, WriteMode,
};
pub use grants::{
    GrantPrivilege, GrantRole, Principal, PrincipalType, Privilege, PrivilegeObject, Role, RoleObject,
};
pub use jars::{ReplaceJar, UploadJar};
pub use job_runs::{CancelJobRun, DescribeJobRun, RunJob, ShowRunsInJob};
pub use jobs::{AlterJob, CreateAndRunJob, CreateJob, DeleteJob, DescribeJob, JobChange, JobType, ShowJobs};
pub use lakes::{AlterLake, CreateLake, DeleteLake, LakeType, ShowLakes};
pub use partition_keys::{PartitionKey, PartitionType};
pub use policies::{PolicyDirection, ShowPolicies, ShowPoliciesDiff};
pub use service_principals::{
    AlterServicePrincipal, CreateServicePrincipal, DeleteServicePrincipal, ShowServicePrincipals,
};
pub use sources::{CreateSource, DeleteSource, DescribeSource, ShowSources, SourceType};
pub use table_service_runs::{
    CancelTableService, PauseTableService, ResumeTableService, RunServiceInTable, RunnableService,
    ShowRunsInTableService,
};
pub use table_services::{
    AlterServicesClusterInTable, AlterTableService, CreateTableService, DescribeTableService,
    ShowTableServices, TableService, TriggerMode,
};
pub use tables::ShowTables;
pub use transformations::{
    CreateTransformation, DeleteTransformation, DescribeTransformation, ShowTransformations,
    TransformationType,
};
pub use validations::{
    CreateValidation, DeleteValidation, DescribeValidation, ShowValidations, ValidationType,
};

use crate::Effect;
use crate::error::Error;

use super::statement::{NameCheck, Statement, StatementBuilder};

/// A command, which becomes one SQL statement. The trait is sealed: only types of this crate implement it.
///
/// These types are [`AnyCommand`], [`RawSql`](super::RawSql), and one struct for each command, such as
/// [`CreateCluster`].
pub trait Command {
    /// The name of the command in the vendor's Python SDK 0.3.0, or a name of the same form if that SDK lacks
    /// the command. It is also the name of the command in JSON, for example `create_cluster`.
    const NAME: &'static str;

    /// Returns [`NAME`](Command::NAME); for an [`AnyCommand`], the name of the command in it.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Returns the effect of the command on the server. The effect decides whether the SDK may send the command
    /// again if it does not know whether the server accepted it.
    fn effect(&self) -> Effect;

    /// Writes the statement.
    #[doc(hidden)]
    fn write(&self, sql: &mut StatementBuilder);

    /// Renders the statement.
    #[doc(hidden)]
    fn statement(&self, names: NameCheck) -> Result<Statement, Error> {
        let mut sql = StatementBuilder::new(names, self.effect());
        self.write(&mut sql);
        sql.finish()
    }

    /// Returns the SQL of the command. Needs no client, no credentials and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a name or a value cannot be written into the
    /// statement, or if an `ALTER` command has no change.
    fn to_sql(&self) -> Result<String, Error> {
        self.render(NameCheck::Strict)
    }

    /// Returns the SQL of the command. `names` sets how strictly the names in it are checked.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a name or a value cannot be written into the
    /// statement, or if an `ALTER` command has no change.
    fn render(&self, names: NameCheck) -> Result<String, Error> {
        self.statement(names).map(|statement| statement.sql)
    }
}

/// For `deserialize_with`: a flag that is null is not set, as in the vendor's own calls.
pub(crate) fn flag<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(<Option<bool> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}

/// For `skip_serializing_if`.
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}
