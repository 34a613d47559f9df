//! H2O Workflows: both logins, the nine clients of the vendor's bundle, waits for runs, and logs.
//!
//! Made after the vendor's Python client h2o-workflows 1.1.2 (with h2o-authn 3.1.0 and h2o-cloud-discovery 3.3.0) and the
//! vendor's pages. The clients and their methods have the vendor's names: `clients.run.get_run(name)` is
//! `clients.run().get_run(name).send()` here. [`docs::errors`](crate::docs::errors) has a table of the vendor's exceptions.
//!
//! ```
//! use controlplane::h2o_workflows::{Clients, Workflow};
//!
//! # let emulator = controlplane_emulator::h2o_workflows::Emulator::start()?;
//! # const HIDDEN: &str = stringify! {
//! let clients = h2o_workflows::login()?; // what the environment and the CLI's configuration file say
//! # };
//! # let clients = Clients::builder().environment(emulator.url()).platform_token(emulator.refresh_token())
//! #     .env([("HOME", "/nonexistent")]).poll_interval(std::time::Duration::from_millis(10)).login()?;
//! let source = "id: hello\njobs: {greet: {steps: [{run: echo hi}]}}\n";
//! let workflow = clients.workflow().create_workflow("workspaces/w", Workflow::new(source)).send()?;
//! let workflow = clients.workflow().activate_workflow(workflow.name).send()?;
//! let run = clients.workflow_revision().run_and_wait(workflow.active_revision).send()?;
//! println!("{} is {}", run.name, run.state);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is otherwise than there:
//!
//! - names are checked from end to end, and what the vendor's client looks for anywhere in a text must be all of it;
//! - missing fields, null and values of enums that are not known are read;
//! - a token is renewed by one of all that need it, and once more after a 401; a refused request is then sent once more;
//! - no POST, PATCH or DELETE is sent again after it may have been taken; redirects are refused;
//! - integers are integers, logs are bytes, `retry_run` takes a mode, `list_runs` a filter;
//! - a login asks for what it needs: environment, services and clients, and neither links nor components.

mod actions;
mod all_runners;
mod any;
pub mod client;
pub mod clients;
mod command;
mod config_file;
mod enums;
mod follow;
mod inputs;
mod jobs;
mod log_model;
mod login;
mod names;
mod pages;
mod protocol;
mod run_model;
mod runners;
mod runs;
mod setup;
mod steps;

mod wait;
mod workflow_model;
mod workflows;
mod workspace_model;

pub use crate::timestamp::Timestamp;
pub use actions::{
    CreateAction, DeleteAction, GetAction, GetActionRevision, ListActionRevisions, ListActions,
    PublishAction, UpdateAction, ValidateAction,
};
pub use any::{AnyCommand, AnyOutput};
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, H2oWorkflows};
pub use command::{Call, Command, FieldMask, Spec};
pub use enums::{
    JobFailureReason, JobState, JobType, OutputStream, RetryMode, RunAttemptFailureReason, RunAttemptState,
    RunFailureReason, RunState, RunTrigger, StepFailureReason, StepState, StepType, ValidationErrorSeverity,
    WorkflowRevisionState, WorkflowState,
};
#[cfg(feature = "async")]
pub use follow::LogStream;
pub use follow::{LogFollow, LogTextLines};
pub use inputs::{
    BoolInput, BoolValue, InputDefinitions, InputValue, InputValues, IntInput, IntValue, OutputDefinition,
    OutputDefinitions, StringInput, StringValue,
};
pub use jobs::{GetJob, ListJobs};
pub use log_model::{LogChunk, StepLogs};
pub use login::{login, login_custom};
#[cfg(feature = "async")]
pub use login::{login_async, login_custom_async};
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::{Items, List, Page};
pub use run_model::{Job, JobsPage, Run, RunAttempt, RunAttemptsPage, RunsPage, Step, StepsPage};
pub use runners::{
    ApplyRunners, CreateRunner, DeleteAllRunners, DeleteRunner, GetRunner, ListAllRunners, ListRunners,
    UpdateRunner,
};
pub use runs::{CancelRun, DeleteRun, GetRun, GetRunAttempt, ListRunAttempts, ListRuns, RetryRun};
pub use steps::{GetStep, GetStepLogs, ListSteps, StreamStepLogs};
pub use wait::{Ends, RunAndWait, WaitFor, failure_reason, is_cancelled};
pub use workflow_model::{
    Validation, ValidationError, Workflow, WorkflowRevision, WorkflowRevisionsPage, WorkflowsPage,
};
pub use workflows::{
    ActivateWorkflow, CreateWorkflow, DeactivateWorkflow, DeleteWorkflow, GetWorkflow, GetWorkflowRevision,
    ListWorkflowRevisions, ListWorkflows, RunWorkflowRevision, UpdateWorkflow, ValidateWorkflow,
};
pub use workspace_model::{
    Action, ActionRevision, ActionRevisionsPage, ActionsPage, Runner, RunnerConfig, RunnersPage,
};

/// The clients whose calls block the thread.
///
/// All calls are on the generic [`client::Clients`]; this name fixes the mode.
pub type Clients = client::Clients<Blocking>;

/// The clients whose calls are futures for Tokio.
///
/// ```
/// use controlplane::h2o_workflows::AsyncClients;
///
/// # let emulator = controlplane_emulator::h2o_workflows::Emulator::start()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let builder = AsyncClients::builder().environment(emulator.url()).platform_token(emulator.refresh_token());
/// # let builder = builder.env([("HOME", "/nonexistent")]);
/// let clients = builder.login().await?;
/// let mut workflows = clients.workflow().list_workflows("workspaces/w").stream();
/// while let Some(workflow) = workflows.next().await {
///     println!("{}", workflow?.name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All calls are on the generic [`client::Clients`]; this name fixes the mode.
#[cfg(feature = "async")]
pub type AsyncClients = client::Clients<Async>;
