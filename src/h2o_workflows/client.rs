//! The client of H2O Workflows, generic over its mode: blocking or async.
//!
//! [`Client`] is generic over its mode. Programs use it under two names that fix the mode:
//! [`h2o_workflows::Client`](super::Client) blocks the thread, `h2o_workflows::AsyncClient` (feature `async`)
//! returns futures.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::client::{Mode, Platform, Shared};
use crate::engine::{PollPolicy, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::clients::{
    ActionClient, ActionRevisionClient, JobClient, RunAttemptClient, RunClient, RunnerClient, StepClient,
    WorkflowClient, WorkflowRevisionClient,
};
use super::command::{Call, Command};
use super::credentials::{Credentials, Setup};

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// The marker type of H2O Workflows in generic types, such as the client builder. It has no values.
#[derive(Clone, Copy, Debug)]
pub enum H2oWorkflows {}

impl Platform for H2oWorkflows {
    type Client<M> = Client<M>;
    type Setup = Setup;
    type Protocol = Credentials;
    type Options = ();

    // No limit is documented.
    const REQUESTS_PER_SECOND: Option<u32> = None;

    fn settings() -> Settings {
        let mut poll = PollPolicy::every(Duration::from_secs(2));
        poll.max_interval = Duration::from_secs(15);
        Settings { poll, ..Settings::default() }
    }

    fn protocol(setup: Setup) -> Result<Credentials, Error> {
        let credentials = setup.credentials.map_or_else(Credentials::from_env, Ok)?;
        credentials.0.rotations.append(&setup.rotations);
        Ok(credentials)
    }

    fn secrets(protocol: &Credentials) -> Vec<SecretString> {
        protocol.0.secrets()
    }

    fn client<M>(shared: Shared<Self, M>) -> Client<M> {
        Client { shared }
    }
}

/// A client of H2O Workflows: the nine clients of the vendor's Python package (`Clients`), with one
/// connection pool and one source of access tokens.
///
/// Cheap to clone; all clones share the connections and the tokens.
///
/// ```no_run
/// use controlplane::h2o_workflows::Client;
///
/// let client = Client::from_env()?;
/// let run = client.workflow_revision().run_workflow_revision("workspaces/w/workflows/f/revisions/active").send()?;
/// println!("{} is {}", run.name, run.state);
/// # Ok::<(), controlplane::Error>(())
/// ```
#[doc(alias = "Clients")]
pub struct Client<M> {
    pub(crate) shared: Shared<H2oWorkflows, M>,
}

impl<M> Clone for Client<M> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<M> fmt::Debug for Client<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

/// # Making a client
///
/// An `AsyncClient` is used inside a Tokio runtime with I/O and time enabled.
impl<M: Mode> Client<M> {
    /// Returns a client with these credentials and default settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the proxy variables of the environment cannot be
    /// used, or if `SSL_CERT_FILE` or `SSL_CERT_DIR` cannot be read or has no certificate.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// Returns a client with the credentials of the environment ([`Credentials::from_env`]) and default
    /// settings. Sends nothing: the service is looked up with the first call. See [`login`](super::login())
    /// and `login_async` for a client that has reached the service.
    ///
    /// # Errors
    ///
    /// Those of [`Credentials::from_env`], and those of [`new`](Client::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder of a client with settings of your own.
    pub fn builder() -> ClientBuilder<M> {
        ClientBuilder::new()
    }

    /// Returns a client without credentials: its calls return their requests ([`Call::to_request`]) and
    /// cannot be sent.
    ///
    /// ```
    /// # use controlplane::h2o_workflows::Client;
    /// let client = Client::offline();
    /// let request = client.workflow().get_workflow("workspaces/w/workflows/f").to_request()?;
    /// assert_eq!(request.path, "/v1/workspaces%2Fw%2Fworkflows%2Ff");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn offline() -> Self {
        Self { shared: Shared::offline() }
    }
}

/// # The clients of the vendor's Python package
impl<M> Client<M> {
    /// Returns the calls about workflows: create, change, validate, activate, deactivate and delete them.
    pub fn workflow(&self) -> WorkflowClient<M> {
        WorkflowClient(self.shared.clone())
    }

    /// Returns the calls about revisions of workflows: read them, and start runs of them.
    pub fn workflow_revision(&self) -> WorkflowRevisionClient<M> {
        WorkflowRevisionClient(self.shared.clone())
    }

    /// Returns the calls about runs.
    pub fn run(&self) -> RunClient<M> {
        RunClient(self.shared.clone())
    }

    /// Returns the calls about attempts of runs.
    pub fn run_attempt(&self) -> RunAttemptClient<M> {
        RunAttemptClient(self.shared.clone())
    }

    /// Returns the calls about jobs of attempts.
    pub fn job(&self) -> JobClient<M> {
        JobClient(self.shared.clone())
    }

    /// Returns the calls about steps of jobs, and their logs.
    pub fn step(&self) -> StepClient<M> {
        StepClient(self.shared.clone())
    }

    /// Returns the calls about runners, on which jobs run.
    pub fn runner(&self) -> RunnerClient<M> {
        RunnerClient(self.shared.clone())
    }

    /// Returns the calls about composite actions. The vendor's client has them; its documentation does not
    /// mention them.
    pub fn action(&self) -> ActionClient<M> {
        ActionClient(self.shared.clone())
    }

    /// Returns the calls about revisions of composite actions. The vendor's client has them; its
    /// documentation does not mention them.
    pub fn action_revision(&self) -> ActionRevisionClient<M> {
        ActionRevisionClient(self.shared.clone())
    }
}

impl<M> Client<M> {
    /// Returns a call for a command: one of the command types, or an [`AnyCommand`](super::AnyCommand) from a
    /// plan.
    ///
    /// ```
    /// use controlplane::h2o_workflows::{AnyCommand, Client};
    ///
    /// let client = Client::offline();
    /// let command: AnyCommand = serde_json::from_str(r#"{"run.cancel_run": {"name":
    ///     "workspaces/w/workflows/f/revisions/r/runs/x"}}"#)?;
    /// let request = client.call(command).to_request()?;
    /// assert!(request.path.ends_with(":cancel"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn call<C: Command>(&self, command: C) -> Call<M, C> {
        Call::new(self.shared.clone(), command)
    }

    /// Returns the address of the service. `None` while it is unknown: until the first call has looked it up,
    /// if the credentials do not name it.
    pub fn endpoint(&self) -> Option<&str> {
        let credentials = self.shared.core().protocol().ok()?;
        Some(&*credentials.0.endpoint()?.url)
    }
}

/// Settings of a [`Client`].
///
/// `build` sends nothing; [`login`](ClientBuilder::login) looks up the service, obtains an access token and
/// requests the service's version.
///
/// By default, the interval between the polls of a wait starts at 2 s and grows to 15 s.
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<H2oWorkflows, M>;

impl<M> ClientBuilder<M> {
    /// Sets the credentials. Default: [`Credentials::from_env`], when the client is built.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.setup.credentials = Some(credentials);
        self
    }

    /// Adds a callback to the credentials, and so to all clients that share them. It is called with each
    /// refresh token that replaces the one before: see
    /// [`CredentialsBuilder::on_token_rotated`](super::CredentialsBuilder::on_token_rotated).
    pub fn on_token_rotated(self, callback: impl Fn(&SecretString) + Send + Sync + 'static) -> Self {
        self.setup.rotations.add(Arc::new(callback));
        self
    }

    /// Sets whether certificates are verified: [`verify_tls`](crate::client::ClientBuilder::verify_tls) under
    /// the name of the vendor's parameter. **`false` is dangerous**: the page of `verify_tls` says why.
    #[doc(alias = "verify_tls")]
    pub fn verify_ssl(self, verify: bool) -> Self {
        self.verify_tls(verify)
    }

    /// Sets a PEM file with additional certificate authorities:
    /// [`ca_file`](crate::client::ClientBuilder::ca_file) under the name of the vendor's parameter. The
    /// authorities are trusted for all requests: to the discovery service, to the issuer of the tokens and to
    /// H2O Workflows.
    #[doc(alias = "ca_file")]
    pub fn ssl_ca_cert(self, path: impl Into<PathBuf>) -> Self {
        self.ca_file(path)
    }
}
