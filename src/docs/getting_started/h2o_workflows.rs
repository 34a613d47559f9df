//! Getting started with H2O Workflows.
//!
//! ```toml
//! [dependencies]
//! # A clone: no version is published yet.
//! controlplane = { path = "../controlplane", default-features = false, features = ["h2o-workflows"] }
//! # The emulator, for the program below; under [dev-dependencies] if only tests use it.
//! controlplane-emulator = { path = "../controlplane/crates/emulator", default-features = false, features = ["h2o-workflows"] }
//! ```
//!
//! # Logging in
//!
//! [`login`](crate::h2o_workflows::login()) uses the configuration file of the H2O CLI, or two variables in
//! its place:
//!
//! ```sh
//! export H2O_CLOUD_ENVIRONMENT=https://cloud.h2o.ai
//! export H2O_CLOUD_CLIENT_PLATFORM_TOKEN=… # a platform token, which is a refresh token
//! ```
//!
//! A platform token comes from `https://<your cloud>/auth/get-platform-token`, or from
//! `h2o config update-platform-token`, which stores it in the CLI's file.
//!
//! `login` looks the service up, obtains an access token and asks the service for its version.
//! [`login_custom`](crate::h2o_workflows::login_custom) needs no look-up: it takes the address of the
//! service, the refresh token, the issuer and the client. Access tokens are renewed as needed.
//!
//! # From a workflow to its logs
//!
//! ```
//! use std::time::Duration;
//! use controlplane::h2o_workflows::{self, Client, Credentials, Workflow};
//! use controlplane_emulator::h2o_workflows::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // For the real service, replace the next four lines with `let client = h2o_workflows::login()?;`.
//! let emulator = Emulator::builder().pending_polls(1).start()?;
//! let credentials = Credentials::builder().env(emulator.variables()).build()?;
//! let builder = Client::builder().credentials(credentials).poll_interval(Duration::from_millis(50));
//! let client = builder.login()?;
//! # let _ = h2o_workflows::login; // imported for the line above
//!
//! let source = "
//! id: hello
//! inputs:
//!   who: {type: string, default: world}
//! jobs:
//!   greet:
//!     steps:
//!       - run: echo hello
//! ";
//! let workflow = client.workflow().create_workflow("workspaces/demo", Workflow::new(source)).send()?;
//! let workflow = client.workflow().activate_workflow(workflow.name).send()?;
//!
//! let call = client.workflow_revision().run_workflow_revision(workflow.active_revision).input("who", "you");
//! let run = call.and_wait().send()?; // until the run has ended
//! println!("{} is {}", run.name, run.state);
//!
//! for line in client.run().follow_logs(run.name).iter().lines() {
//!     let line = line?;
//!     println!("{}: {}", line.source, line.text);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Names are whole resource names, as the service returns them:
//! `workspaces/w/workflows/f/revisions/r/runs/n`. Methods and their clients have the vendor's names.
//!
//! If a run fails, `.and_wait()` ends with [`OperationFailed`](crate::ErrorKind::OperationFailed);
//! [`detail::<RunFailure>()`](crate::h2o_workflows::RunFailure) of the error has the reason.
//! `.accept_failure()` returns the failed run instead. `follow_logs` reads the logs of all steps while they
//! are written, and continues after a broken connection. Another process can continue from a saved
//! [position](crate::h2o_workflows::RunLogPosition) in these logs.
//!
//! # Refresh tokens that change
//!
//! Some issuers replace the refresh token at each use. Keep the new one, or the next start cannot log in:
//! [`on_token_rotated`](crate::h2o_workflows::CredentialsBuilder::on_token_rotated) is called with it.
//!
//! Next: [`h2o_workflows`](crate::h2o_workflows) has all clients,
//! [moving](crate::docs::moving::h2o_workflows) shows them beside the vendor's Python client.
