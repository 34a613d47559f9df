//! The clients of both modes.
//!
//! [`Clients`] is generic over its mode. Programs use it under the two names that fix the mode:
//! [`h2o_workflows::Clients`](super::Clients) blocks the thread, `h2o_workflows::AsyncClients` (feature `async`) gives
//! futures.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::auth::TokenProvider;
use crate::client::{Action, Defaults, Platform, Shared};
use crate::engine::{PollPolicy, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::clients::{
    ActionClient, ActionRevisionClient, JobClient, RunAttemptClient, RunClient, RunnerClient, StepClient,
    WorkflowClient, WorkflowRevisionClient,
};
use super::command::Call;
use super::credentials::Setup;
use super::protocol::Protocol;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// H2O Workflows, for what all clients share.
#[derive(Clone, Copy, Debug)]
pub enum H2oWorkflows {}

impl Platform for H2oWorkflows {
    type Client<M> = Clients<M>;
    type Setup = Setup;
    type Protocol = Protocol;
    type Options = ();

    // No limit is documented.
    const REQUESTS_PER_SECOND: Option<u32> = None;

    fn settings() -> Defaults {
        let mut poll = PollPolicy::every(Duration::from_secs(2));
        poll.max_interval = Duration::from_secs(15);
        Defaults(Settings { poll, ..Settings::default() })
    }

    fn protocol(setup: Setup) -> Result<Protocol, Error> {
        Protocol::new(setup)
    }

    fn client<M>(shared: Shared<Self, M>) -> Clients<M> {
        Clients { shared }
    }
}

/// The nine clients of the vendor's bundle, on one connection pool and one source of tokens.
///
/// Cheap to clone; all clones share the connections and the tokens.
///
/// ```no_run
/// use controlplane::h2o_workflows;
///
/// let clients = h2o_workflows::login()?;
/// let run = clients.workflow_revision().run_workflow_revision("workspaces/w/workflows/f/revisions/active").send()?;
/// println!("{} is {}", run.name, run.state);
/// # Ok::<(), controlplane::Error>(())
/// ```
pub struct Clients<M> {
    pub(super) shared: Shared<H2oWorkflows, M>,
}

impl<M> Clone for Clients<M> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<M> fmt::Debug for Clients<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl Clients<Blocking> {
    /// Clients with settings of your own, for [`login`](ClientBuilder::login) or [`build`](crate::client::ClientBuilder::build).
    pub fn builder() -> ClientBuilder<Blocking> {
        ClientBuilder::new()
    }

    /// Clients without a token: their calls give their requests ([`Call::to_request`]) and cannot be sent.
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Blocking>::offline() }
    }
}

#[cfg(feature = "async")]
impl Clients<Async> {
    /// Clients with settings of your own, for `login` or [`build`](crate::client::ClientBuilder::build).
    pub fn builder() -> ClientBuilder<Async> {
        ClientBuilder::new()
    }

    /// Clients without a token: their calls give their requests ([`Call::to_request`]) and cannot be sent.
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Async>::offline() }
    }
}

impl<M> Clients<M> {
    /// Workflows: drafts, and whether they run.
    pub fn workflow(&self) -> WorkflowClient<M> {
        WorkflowClient(self.shared.clone())
    }

    /// What workflows were when they were activated, and starting runs of them.
    pub fn workflow_revision(&self) -> WorkflowRevisionClient<M> {
        WorkflowRevisionClient(self.shared.clone())
    }

    /// Runs.
    pub fn run(&self) -> RunClient<M> {
        RunClient(self.shared.clone())
    }

    /// Attempts of runs.
    pub fn run_attempt(&self) -> RunAttemptClient<M> {
        RunAttemptClient(self.shared.clone())
    }

    /// Jobs of attempts.
    pub fn job(&self) -> JobClient<M> {
        JobClient(self.shared.clone())
    }

    /// Steps of jobs, and what they write.
    pub fn step(&self) -> StepClient<M> {
        StepClient(self.shared.clone())
    }

    /// Where jobs run.
    pub fn runner(&self) -> RunnerClient<M> {
        RunnerClient(self.shared.clone())
    }

    /// Composite actions. The vendor's documentation leaves this client out.
    pub fn action(&self) -> ActionClient<M> {
        ActionClient(self.shared.clone())
    }

    /// What actions were when they were published. The vendor's documentation leaves this client out.
    pub fn action_revision(&self) -> ActionRevisionClient<M> {
        ActionRevisionClient(self.shared.clone())
    }

    /// A call with a command in hand, for instance an [`AnyCommand`](super::AnyCommand) from a plan.
    pub fn call<A: Action<H2oWorkflows>>(&self, command: A) -> Call<M, A> {
        Call::new(self.shared.clone(), command)
    }

    /// Where the service is, if that is known.
    pub fn endpoint(&self) -> Option<&str> {
        let protocol = self.shared.core().protocol().ok()?;
        Some(&*protocol.connected().ok()?.endpoint)
    }
}

/// Settings of [`Clients`], and both logins.
///
/// With an [`endpoint`](ClientBuilder::endpoint) it is a login of your own: it needs `refresh_token`, `issuer_url` and
/// `client_id`, or a `token_provider`. Without one the service is looked up: see [`login`](super::login()).
///
/// `login` looks everything up and tries it out; `build` sends nothing, and needs an `endpoint`.
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<H2oWorkflows, M>;

impl<M> ClientBuilder<M> {
    /// The H2O Cloud: `https://cloud.h2o.ai`. Default: `H2O_CLOUD_DISCOVERY`, `H2O_CLOUD_ENVIRONMENT`, or `Endpoint` in the
    /// configuration file of the CLI.
    pub fn environment(mut self, url: impl Into<String>) -> Self {
        self.setup.environment = Some(url.into());
        self
    }

    /// What gives access tokens, in place of a refresh token.
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.setup.token_provider = Some(Arc::new(provider));
        self
    }

    /// The refresh token of the platform. Default: `H2O_CLOUD_CLIENT_PLATFORM_TOKEN`, or the one in the configuration file of
    /// the CLI.
    pub fn platform_token(mut self, token: impl Into<SecretString>) -> Self {
        self.setup.platform_token = Some(token.into());
        self
    }

    /// The configuration file of the CLI. Default: `H2OCONFIG`, or `~/.h2oai/h2o-cli-config.toml` if it is there.
    pub fn config_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.config_path = Some(path.into());
        self
    }

    /// **Dangerous with `false`**: see [`verify_tls`](crate::client::ClientBuilder::verify_tls), which this is.
    pub fn verify_ssl(self, verify: bool) -> Self {
        self.verify_tls(verify)
    }

    /// A PEM file with certificate authorities: see [`ca_file`](crate::client::ClientBuilder::ca_file), which this is. They are
    /// trusted for everything: discovery, tokens and the service.
    pub fn ssl_ca_cert(self, path: impl Into<PathBuf>) -> Self {
        self.ca_file(path)
    }

    /// The service itself: nothing is looked up then.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.setup.endpoint = Some(url.into());
        self
    }

    /// The refresh token for an [`endpoint`](ClientBuilder::endpoint).
    pub fn refresh_token(mut self, token: impl Into<SecretString>) -> Self {
        self.setup.refresh_token = Some(token.into());
        self
    }

    /// Who issued the refresh token.
    pub fn issuer_url(mut self, url: impl Into<String>) -> Self {
        self.setup.issuer_url = Some(url.into());
        self
    }

    /// The client that the refresh token was issued to.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.setup.client_id = Some(id.into());
        self
    }

    /// The secret of that client, if it has one.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.setup.client_secret = Some(secret.into());
        self
    }

    /// These variables in place of the process's environment, all of it.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.setup.env = Some(vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }
}
