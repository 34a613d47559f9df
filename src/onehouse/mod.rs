//! Onehouse: typed helpers, raw SQL, waits and batches.
//!
//! # Helpers and commands
//!
//! A helper is a method of the client that builds a command and returns a [`Call`] with it. A command is a
//! plain value: a struct with public fields. It can be read from JSON and written as JSON, with the vendor's
//! parameter names. [`AnyCommand`] holds any command, so that a plan (a list of commands) can be a file. The
//! families in the table are those of the vendor's Python SDK 0.3.0, which has all of these helpers except
//! `start_cluster` and `stop_cluster`:
//!
//! | Family | Helpers, and their commands |
//! |---|---|
//! | Clusters | [`create_cluster`](client::Client::create_cluster) ([`CreateCluster`]), [`alter_cluster`](client::Client::alter_cluster) ([`AlterCluster`]), [`start_cluster`](client::Client::start_cluster), [`stop_cluster`](client::Client::stop_cluster), [`delete_cluster`](client::Client::delete_cluster) ([`DeleteCluster`]), [`describe_cluster`](client::Client::describe_cluster) ([`DescribeCluster`]), [`show_clusters`](client::Client::show_clusters) ([`ShowClusters`]) |
//! | Lakes | [`create_lake`](client::Client::create_lake) ([`CreateLake`]), [`alter_lake`](client::Client::alter_lake) ([`AlterLake`]), [`delete_lake`](client::Client::delete_lake) ([`DeleteLake`]), [`show_lakes`](client::Client::show_lakes) ([`ShowLakes`]) |
//! | Databases | [`create_database`](client::Client::create_database) ([`CreateDatabase`]), [`delete_database`](client::Client::delete_database) ([`DeleteDatabase`]), [`show_databases`](client::Client::show_databases) ([`ShowDatabases`]) |
//! | Tables | [`show_tables`](client::Client::show_tables) ([`ShowTables`]) |
//! | Catalogs | [`create_catalog`](client::Client::create_catalog) ([`CreateCatalog`]), [`delete_catalog`](client::Client::delete_catalog) ([`DeleteCatalog`]), [`describe_catalog`](client::Client::describe_catalog) ([`DescribeCatalog`]), [`show_catalogs`](client::Client::show_catalogs) ([`ShowCatalogs`]) |
//! | Sources | [`create_source`](client::Client::create_source) ([`CreateSource`]), [`delete_source`](client::Client::delete_source) ([`DeleteSource`]), [`describe_source`](client::Client::describe_source) ([`DescribeSource`]), [`show_sources`](client::Client::show_sources) ([`ShowSources`]) |
//! | Flows | [`create_flow`](client::Client::create_flow) ([`CreateFlow`]), [`alter_flow`](client::Client::alter_flow) ([`AlterFlow`]), [`delete_flow`](client::Client::delete_flow) ([`DeleteFlow`]), [`describe_flow`](client::Client::describe_flow) ([`DescribeFlow`]), [`show_flows`](client::Client::show_flows) ([`ShowFlows`]) |
//! | Transformations | [`create_transformation`](client::Client::create_transformation) ([`CreateTransformation`]), [`delete_transformation`](client::Client::delete_transformation) ([`DeleteTransformation`]), [`describe_transformation`](client::Client::describe_transformation) ([`DescribeTransformation`]), [`show_transformations`](client::Client::show_transformations) ([`ShowTransformations`]) |
//! | Validations | [`create_validation`](client::Client::create_validation) ([`CreateValidation`]), [`delete_validation`](client::Client::delete_validation) ([`DeleteValidation`]), [`describe_validation`](client::Client::describe_validation) ([`DescribeValidation`]), [`show_validations`](client::Client::show_validations) ([`ShowValidations`]) |
//! | Table services | [`create_table_service`](client::Client::create_table_service) ([`CreateTableService`]), [`alter_table_service`](client::Client::alter_table_service) ([`AlterTableService`]), [`alter_services_cluster_in_table`](client::Client::alter_services_cluster_in_table) ([`AlterServicesClusterInTable`]), [`run_service_in_table`](client::Client::run_service_in_table) ([`RunServiceInTable`]), [`pause_table_service`](client::Client::pause_table_service) ([`PauseTableService`]), [`resume_table_service`](client::Client::resume_table_service) ([`ResumeTableService`]), [`cancel_table_service`](client::Client::cancel_table_service) ([`CancelTableService`]), [`describe_table_service`](client::Client::describe_table_service) ([`DescribeTableService`]), [`show_table_services`](client::Client::show_table_services) ([`ShowTableServices`]), [`show_runs_in_table_service`](client::Client::show_runs_in_table_service) ([`ShowRunsInTableService`]) |
//! | Jobs and jars | [`create_job`](client::Client::create_job) ([`CreateJob`]), [`create_and_run_job`](client::Client::create_and_run_job) ([`CreateAndRunJob`]), [`alter_job`](client::Client::alter_job) ([`AlterJob`]), [`delete_job`](client::Client::delete_job) ([`DeleteJob`]), [`run_job`](client::Client::run_job) ([`RunJob`]), [`cancel_job_run`](client::Client::cancel_job_run) ([`CancelJobRun`]), [`describe_job`](client::Client::describe_job) ([`DescribeJob`]), [`describe_job_run`](client::Client::describe_job_run) ([`DescribeJobRun`]), [`show_jobs`](client::Client::show_jobs) ([`ShowJobs`]), [`show_runs_in_job`](client::Client::show_runs_in_job) ([`ShowRunsInJob`]), [`upload_jar`](client::Client::upload_jar) ([`UploadJar`]), [`replace_jar`](client::Client::replace_jar) ([`ReplaceJar`]) |
//! | Service principals | [`create_service_principal`](client::Client::create_service_principal) ([`CreateServicePrincipal`]), [`alter_service_principal`](client::Client::alter_service_principal) ([`AlterServicePrincipal`]), [`delete_service_principal`](client::Client::delete_service_principal) ([`DeleteServicePrincipal`]), [`show_service_principals`](client::Client::show_service_principals) ([`ShowServicePrincipals`]) |
//! | API tokens | [`create_api_token`](client::Client::create_api_token) ([`CreateApiToken`]), [`delete_api_token`](client::Client::delete_api_token) ([`DeleteApiToken`]) |
//!
//! The vendor documents the following commands, but its Python SDK 0.3.0 has no helpers for them:
//!
//! | Family | Helpers, and their commands |
//! |---|---|
//! | Privileges and roles | [`grant_privilege`](client::Client::grant_privilege) ([`GrantPrivilege`]), [`grant_role`](client::Client::grant_role) ([`GrantRole`]) |
//! | Access policies | [`show_policies`](client::Client::show_policies) ([`ShowPolicies`]), [`show_policies_diff`](client::Client::show_policies_diff) ([`ShowPoliciesDiff`]) |
//!
//! Everything else:
//!
//! | Topic | Items |
//! |---|---|
//! | Any statement | [`execute`](client::Client::execute), [`submit`](client::Client::submit), [`call`](client::Client::call) |
//! | Operations | [`resume`](client::Client::resume), [`get_status`](client::Client::get_status) |
//! | Waits | [`wait_for_cluster`](client::Client::wait_for_cluster), [`wait_for_flow`](client::Client::wait_for_flow), [`wait_for_table_service`](client::Client::wait_for_table_service), [`wait_for_job_run`](client::Client::wait_for_job_run), [`wait_for`](client::Client::wait_for) |
//! | Batches | [`batch`](client::Client::batch), [`batch_from`](client::Client::batch_from) |
//! | Responses | [`StatusResponse`], [`SubmitResponse`], [`JobRun`] |
//! | Credentials | [`Credentials`] |

// The docs of the client have its methods in the order of these modules.
pub mod client;

mod commands;

mod waits;

mod batch;

#[cfg(feature = "sign-in")]
mod bearer;
mod call;
mod choice;
mod credentials;
mod options;
mod payload;
mod payload_text;
mod protocol;
mod raw;
#[cfg(feature = "sign-in")]
mod sign_in;
mod sql_value;
mod statement;
mod status;
mod strict;

pub use crate::client::{Action, Added, CallState, Seen};
#[cfg(feature = "async")]
pub use batch::AsyncResults;
pub use batch::{Batch, BatchCall, Finished, Results};
pub use call::{Call, GetStatus, Resume, SubmitSql};
pub use choice::Choice;
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, Onehouse};
pub use commands::*;
pub use credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL};
pub use options::{OptionValue, Options};
pub use raw::RawSql;
#[cfg(feature = "sign-in")]
pub use sign_in::{Session, SignIn, SignedOut};
pub use statement::NameCheck;
pub use status::{ApiStatus, StatusResponse, SubmitResponse};
pub use waits::{
    ClusterStatus, FlowStatus, JobRun, JobRunStatus, RunAndWait, TableServiceStatus, WaitFor, WaitForJobRun,
    WaitForState, WaitUntil, WantedState,
};

/// The client whose calls block the thread.
///
/// ```
/// use controlplane::onehouse::Client;
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::new(credentials)?; // or `Client::from_env()?`
/// for lake in client.show_lakes().send()?.rows() {
///     println!("{:?}", lake.text("name"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All methods are on the generic [`client::Client`], which lists them by family. This alias fixes the mode
/// to blocking, so that `Client::new` has one meaning whichever features are enabled.
pub type Client = client::Client<Blocking>;

/// The client whose calls are futures for Tokio.
///
/// ```
/// use controlplane::onehouse::AsyncClient;
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let client = AsyncClient::new(credentials)?; // or `AsyncClient::from_env()?`
/// for lake in client.show_lakes().send().await?.rows() {
///     println!("{:?}", lake.text("name"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All methods are on the generic [`client::Client`], which lists them by family; this alias fixes the mode
/// to asynchronous.
#[cfg(feature = "async")]
pub type AsyncClient = client::Client<Async>;
