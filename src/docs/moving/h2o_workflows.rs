//! Moving from h2o-workflows 1.1.2.
//!
//! The same logins work: the configuration file of the H2O CLI, the `H2O_CLOUD_…` variables, or explicit
//! values.
//!
//! ```python
//! import time
//!
//! import h2o_workflows
//! from h2o_workflows.inputs import InputValues, StringInputValue
//! from h2o_workflows.workflow.workflow import Workflow
//!
//! SOURCE = """
//! id: hello
//! inputs:
//!   who: {type: string, default: world}
//! jobs:
//!   greet:
//!     steps:
//!       - run: echo hello
//! """
//!
//! clients = h2o_workflows.login()
//! workflow = clients.workflow.create_workflow("workspaces/demo", Workflow(source_contents=SOURCE))
//! workflow = clients.workflow.activate_workflow(workflow.name)
//! inputs = InputValues(string_values=[StringInputValue("who", "you")], bool_values=[], int_values=[])
//! run = clients.workflow_revision.run_workflow_revision(workflow.active_revision, inputs)
//! while run.state.value not in ("STATE_SUCCEEDED", "STATE_FAILED"):
//!     time.sleep(0.1)
//!     run = clients.run.get_run(run.name)
//! print(run.name, run.state.value)
//!
//! for job in clients.job.list_jobs(f"{run.name}/attempts/1").jobs:
//!     for step in clients.step.list_steps(job.name).steps:
//!         print("".join(clients.step.stream_step_logs(step.name)))
//! ```
//!
//! ```
//! use controlplane::h2o_workflows::{self, Workflow};
//!
//! const SOURCE: &str = "
//! id: hello
//! inputs:
//!   who: {type: string, default: world}
//! jobs:
//!   greet:
//!     steps:
//!       - run: echo hello
//! ";
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = controlplane_emulator::h2o_workflows::Emulator::builder().pending_polls(0).start()?;
//! # let credentials = h2o_workflows::Credentials::builder().env(emulator.variables()).build()?;
//! # let client = h2o_workflows::Client::builder().credentials(credentials).login()?;
//! # const HIDDEN: &str = stringify! {
//! let client = h2o_workflows::login()?;
//! # };
//! let workflow = client.workflow().create_workflow("workspaces/demo", Workflow::new(SOURCE)).send()?;
//! let workflow = client.workflow().activate_workflow(workflow.name).send()?;
//! let call = client.workflow_revision().run_workflow_revision(workflow.active_revision).input("who", "you");
//! let run = call.and_wait().accept_failure().send()?;
//! println!("{} {}", run.name, run.state);
//!
//! for job in client.job().list_jobs(format!("{}/attempts/1", run.name)).iter() {
//!     for step in client.step().list_steps(job?.name).iter() {
//!         for line in client.step().stream_step_logs(step?.name).follow().lines() {
//!             println!("{}", line?);
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | Python | Here |
//! |---|---|
//! | `h2o_workflows.login(environment=…, platform_token=…)` | [`login()`](crate::h2o_workflows::login()); with values of your own, [`Credentials::builder`](crate::h2o_workflows::Credentials::builder) and `Client::builder().credentials(…).login()` |
//! | `h2o_workflows.login_custom(…)` | [`login_custom(…)`](crate::h2o_workflows::login_custom) |
//! | `verify_ssl=`, `ssl_ca_cert=` | `.verify_ssl(…)`, `.ssl_ca_cert(…)` of the builder |
//! | `clients.run.get_run(name)` | `client.run().get_run(name).send()`; likewise for all nine clients and 41 methods |
//! | `page_size=`, `page_token=`, a loop | `.iter()`, or `.page_size(…)`, `.page_token(…)` and `.send()` for one page |
//! | a loop around `get_run` | `client.run().wait_for_run(name)`, `.and_wait()` |
//! | `InputValues(string_values=[…], …)` | `.input(name, value)`, or [`InputValues`](crate::h2o_workflows::InputValues) |
//! | `stream_step_logs(name)` | `stream_step_logs(name).follow()`, or `.send()` for what was written so far |
//! | a loop over attempts, jobs and steps | `client.run().follow_logs(name)`, with `.iter()` or `.stream()` |
//!
//! Differences that a program may notice:
//!
//! | h2o-workflows | This crate |
//! |---|---|
//! | Calls have no timeouts | calls have timeouts |
//! | API calls ignore proxies | proxies are used for all requests |
//! | Each thread may renew the token, which spends a refresh token that may be used once | one call at a time renews it; after a 401 once more |
//! | Unknown enum values, missing fields and steps of composite actions break the whole response | are tolerated |
//! | Inputs of type int are text | are integers |
//! | Log bytes that are not UTF-8 raise `UnicodeDecodeError` | are returned |
//! | An error in the middle of a log stream is swallowed | is an error |
//! | (no counterpart) | a log stream is continued after a broken connection |
//! | `retry_run` fails if its mode is given as text; `list_runs` has no filter | `retry_run` has typed modes; `list_runs` has a filter |
//! | The pattern of a resource's name may match anywhere in the text | the whole name is checked |
