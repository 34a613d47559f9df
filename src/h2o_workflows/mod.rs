//! H2O Workflows: the nine clients of the vendor's Python package, both logins, waits for runs, and logs.
//!
//! The module is modelled on the vendor's Python client h2o-workflows 1.1.2 (with h2o-authn 3.1.0 and
//! h2o-cloud-discovery 3.3.0) and on the vendor's pages. The clients and their methods have the vendor's
//! names: `clients.run.get_run(name)` is `client.run().get_run(name).send()` here.
//! [`docs::errors`](crate::docs::errors) has a table of the vendor's exceptions.
//!
//! ```
//! use controlplane::h2o_workflows::{Client, Workflow};
//!
//! # use controlplane::h2o_workflows::Credentials;
//! # let emulator = controlplane_emulator::h2o_workflows::Emulator::start()?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?; // the environment and the configuration file of the H2O CLI
//! # };
//! # let credentials = Credentials::builder().environment(emulator.url()).platform_token(emulator.refresh_token())
//! #     .env([("HOME", "/nonexistent")]).build()?;
//! # let client = Client::builder().credentials(credentials).poll_interval(std::time::Duration::from_millis(10)).build()?;
//! let source = "id: hello\njobs: {greet: {steps: [{run: echo hi}]}}\n";
//! let workflow = client.workflow().create_workflow("workspaces/w", Workflow::new(source)).send()?;
//! let workflow = client.workflow().activate_workflow(workflow.name).send()?;
//! let run = client.workflow_revision().run_workflow_revision(workflow.active_revision).and_wait().send()?;
//! println!("{} is {}", run.name, run.state);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Differences to the vendor's client:
//!
//! - The whole name of a resource is checked; the vendor's client looks for its pattern anywhere in the text.
//! - Responses with missing fields, with null, or with unknown values of enums are accepted.
//! - If several calls need a new access token at the same time, one of them renews it for all. After a 401,
//!   the token is renewed once and the rejected request is sent once more.
//! - No POST, PATCH or DELETE is sent again after it may have been accepted. Redirects are refused.
//! - Integers are integers, logs are bytes, `retry_run` takes a mode and `list_runs` a filter.
//! - To find the address of H2O Workflows, the discovery service of an H2O Cloud is asked for the
//!   environment, its services and its OAuth clients, but not for its links and components.
//! - An issuer that the program sets with [`issuer_url`](CredentialsBuilder::issuer_url) is not overridden by
//!   `H2O_CLOUD_TOKEN_ENDPOINT_URL`.

mod account;
mod actions;
mod any;
mod any_output;
mod batch;
pub mod client;
pub mod clients;
mod command;
mod connect;
mod credentials;
mod inputs;
mod login;
mod logs;
mod names;
mod pages;
mod runners;
mod runs;
mod service;
#[cfg(test)]
mod tests;
mod wire;
mod workflows;

pub use crate::client::{Added, CallState, Seen};
pub use crate::timestamp::Timestamp;
pub use actions::{
    Action, ActionRevision, ActionRevisionsPage, ActionsPage, CreateAction, DeleteAction, GetAction,
    GetActionRevision, ListActionRevisions, ListActions, PublishAction, UpdateAction, ValidateAction,
};
pub use any::AnyCommand;
pub use any_output::AnyOutput;
#[cfg(feature = "async")]
pub use batch::AsyncResults;
pub use batch::{Batch, BatchCall, Finished, Results};
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, H2oWorkflows};
pub use command::{Call, Command, FieldMask};
pub use credentials::{Credentials, CredentialsBuilder};
pub use inputs::{
    BoolInput, BoolValue, InputDefinitions, InputValue, InputValues, IntInput, IntValue, OutputDefinition,
    OutputDefinitions, StringInput, StringValue,
};
pub use login::{login, login_custom};
#[cfg(feature = "async")]
pub use login::{login_async, login_custom_async};
pub use logs::{
    FollowLogs, LogChunk, LogFollow, LogPosition, LogSource, LogTextLines, OutputStream, RunLogChunk,
    RunLogLine, RunLogLines, RunLogPosition, RunLogs, StepLogs,
};
#[cfg(feature = "async")]
pub use logs::{LogStream, LogTextStream, RunLogLineStream, RunLogStream};
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::Items;
pub use runners::{
    ApplyRunners, CreateRunner, DeleteAllRunners, DeleteRunner, GetRunner, ListAllRunners, ListRunners,
    Runner, RunnerConfig, RunnersPage, UpdateRunner,
};
pub use runs::{
    AndWait, CancelRun, DeleteRun, Ends, GetJob, GetRun, GetRunAttempt, GetStep, GetStepLogs, Job,
    JobFailureReason, JobState, JobType, JobsPage, ListJobs, ListRunAttempts, ListRuns, ListSteps, RetryMode,
    RetryRun, Run, RunAttempt, RunAttemptFailureReason, RunAttemptState, RunAttemptsPage, RunFailure,
    RunFailureReason, RunState, RunTrigger, RunsPage, Step, StepFailureReason, StepState, StepType,
    StepsPage, StreamStepLogs, WaitFor,
};
pub use workflows::{
    ActivateWorkflow, CreateWorkflow, DeactivateWorkflow, DeleteWorkflow, GetWorkflow, GetWorkflowRevision,
    ListWorkflowRevisions, ListWorkflows, RunWorkflowRevision, UpdateWorkflow, ValidateWorkflow, Validation,
    ValidationError, ValidationErrorSeverity, Workflow, WorkflowRevision, WorkflowRevisionState,
    WorkflowRevisionsPage, WorkflowState, WorkflowsPage,
};

/// The client whose calls block the thread.
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
#[doc(alias = "Clients")]
pub type Client = client::Client<Blocking>;

/// [`Client`] under the vendor's name, `Clients`.
pub type Clients = Client;

/// The client whose calls are futures for Tokio.
///
/// ```
/// use controlplane::h2o_workflows::{AsyncClient, Credentials};
///
/// # let emulator = controlplane_emulator::h2o_workflows::Emulator::start()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let credentials = Credentials::builder().environment(emulator.url()).platform_token(emulator.refresh_token());
/// # let credentials = credentials.env([("HOME", "/nonexistent")]);
/// let client = AsyncClient::new(credentials.build()?)?;
/// let mut workflows = client.workflow().list_workflows("workspaces/w").stream();
/// while let Some(workflow) = workflows.next().await {
///     println!("{}", workflow?.name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
#[cfg(feature = "async")]
#[doc(alias = "AsyncClients")]
pub type AsyncClient = client::Client<Async>;

/// [`AsyncClient`] under the vendor's name, `Clients`.
#[cfg(feature = "async")]
pub type AsyncClients = AsyncClient;
