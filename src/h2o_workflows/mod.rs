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
mod any;
pub mod client;
pub mod clients;
mod command;
mod credentials;
mod inputs;
mod login;
mod logs;
mod names;
mod pages;
mod protocol;
mod runners;
mod runs;
mod workflows;

pub use crate::timestamp::Timestamp;
pub use actions::{
    Action, ActionRevision, ActionRevisionsPage, ActionsPage, CreateAction, DeleteAction, GetAction,
    GetActionRevision, ListActionRevisions, ListActions, PublishAction, UpdateAction, ValidateAction,
};
pub use any::{AnyCommand, AnyOutput};
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, H2oWorkflows};
pub use command::{Call, Command, FieldMask, Spec};
pub use inputs::{
    BoolInput, BoolValue, InputDefinitions, InputValue, InputValues, IntInput, IntValue, OutputDefinition,
    OutputDefinitions, StringInput, StringValue,
};
pub use login::{login, login_custom};
#[cfg(feature = "async")]
pub use login::{login_async, login_custom_async};
#[cfg(feature = "async")]
pub use logs::LogStream;
pub use logs::{LogChunk, LogFollow, LogTextLines, OutputStream, StepLogs};
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::{Items, List, Page};
pub use runners::{
    ApplyRunners, CreateRunner, DeleteAllRunners, DeleteRunner, GetRunner, ListAllRunners, ListRunners,
    Runner, RunnerConfig, RunnersPage, UpdateRunner,
};
pub use runs::{
    CancelRun, DeleteRun, Ends, GetJob, GetRun, GetRunAttempt, GetStep, GetStepLogs, Job, JobFailureReason,
    JobState, JobType, JobsPage, ListJobs, ListRunAttempts, ListRuns, ListSteps, RetryMode, RetryRun, Run,
    RunAndWait, RunAttempt, RunAttemptFailureReason, RunAttemptState, RunAttemptsPage, RunFailureReason,
    RunState, RunTrigger, RunsPage, Step, StepFailureReason, StepState, StepType, StepsPage, StreamStepLogs,
    WaitFor, failure_reason, is_cancelled,
};
pub use workflows::{
    ActivateWorkflow, CreateWorkflow, DeactivateWorkflow, DeleteWorkflow, GetWorkflow, GetWorkflowRevision,
    ListWorkflowRevisions, ListWorkflows, RunWorkflowRevision, UpdateWorkflow, ValidateWorkflow, Validation,
    ValidationError, ValidationErrorSeverity, Workflow, WorkflowRevision, WorkflowRevisionState,
    WorkflowRevisionsPage, WorkflowState, WorkflowsPage,
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
