//! The 62 commands of the Onehouse SQL API that have a helper, as plain values.
//!
//! One file a family, or a few for a large one: the commands, their enums, the helpers of
//! [`Client`](super::Client) that build them and the options of [`Call`](super::Call) that fill them in.
//!
//! A command is data: public fields, `Serialize` and `Deserialize` with the vendor's parameter names, no I/O.
//! [`AnyCommand`] is all of them in one type, so that a plan can live in a JSON file.

mod any;
mod api_tokens;
mod catalogs;
mod clusters;
mod credential_type;
mod databases;
mod flow_changes;
mod flows;
mod jars;
mod job_runs;
mod jobs;
mod lakes;
mod partition_keys;
mod service_principals;
mod sources;
mod table_service_runs;
mod table_services;
mod tables;
mod transformations;
mod validations;

pub use any::AnyCommand;
pub use api_tokens::{CreateApiToken, DeleteApiToken};
pub use catalogs::{CatalogType, CreateCatalog, DeleteCatalog, DescribeCatalog, ShowCatalogs};
pub use clusters::{
    AlterCluster, ClusterState, ClusterType, CreateCluster, DeleteCluster, DescribeCluster, ShowClusters,
};
pub use credential_type::CredentialType;
pub use databases::{CreateDatabase, DeleteDatabase, ShowDatabases};
pub use flow_changes::{AlterFlow, FlowChange};
pub use flows::{CreateFlow, DeleteFlow, DescribeFlow, PerformanceProfile, ShowFlows, TableType, WriteMode};
pub use jars::{ReplaceJar, UploadJar};
pub use job_runs::{CancelJobRun, DescribeJobRun, RunJob, ShowRunsInJob};
pub use jobs::{AlterJob, CreateAndRunJob, CreateJob, DeleteJob, DescribeJob, JobChange, JobType, ShowJobs};
pub use lakes::{AlterLake, CreateLake, DeleteLake, LakeType, ShowLakes};
pub use partition_keys::{PartitionKey, PartitionType};
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

use super::statement::{NameCheck, Statement};

/// What is fixed about a command: the name of its helper and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// The helper's name, which is also the command's name in JSON: `create_cluster`.
    pub helper: &'static str,
    /// Whether the command may be sent again when it is not known whether it was taken.
    pub effect: Effect,
}

impl Spec {
    pub(crate) const fn reads(helper: &'static str) -> Self {
        Self { helper, effect: Effect::Repeatable }
    }

    pub(crate) const fn changes(helper: &'static str) -> Self {
        Self { helper, effect: Effect::Changes }
    }
}

/// A command: something that becomes one SQL statement.
///
/// Implemented by the command structs and by [`AnyCommand`]. For SQL without a helper there is
/// [`Client::execute`](super::Client::execute).
pub trait Command {
    /// The helper's name and the command's effect.
    fn spec(&self) -> Spec;

    /// Writes the statement.
    #[doc(hidden)]
    fn write(&self, sql: &mut Statement);

    /// The SQL that would be sent. Needs no client, no credentials and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_sql(&self) -> Result<String, Error> {
        self.render(NameCheck::Strict)
    }

    /// [`to_sql`](Command::to_sql) with a choice of how names are checked.
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Command::to_sql).
    fn render(&self, names: NameCheck) -> Result<String, Error> {
        let mut sql = Statement::new(names);
        self.write(&mut sql);
        sql.finish()
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
