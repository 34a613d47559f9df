//! The vendor's two logins: a client that has looked up the service, has an access token and has reached the
//! service.

mod config_file;
mod discovery;

use std::sync::Arc;
use std::time::Instant;

use secrecy::SecretString;

use crate::auth::Obtain;
use crate::client::{Action, Call, Running};
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Machine, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
#[cfg(feature = "async")]
use crate::h2o_workflows::client::Async;
use crate::h2o_workflows::client::{Blocking, Client, ClientBuilder, H2oWorkflows};
use crate::h2o_workflows::command::{CallOptions, Core};
use crate::h2o_workflows::connect::Connect;
use crate::h2o_workflows::credentials::Credentials;
#[cfg(doc)]
use crate::h2o_workflows::credentials::CredentialsBuilder;
use crate::h2o_workflows::service::Rules;
use crate::http::host_of;

use super::account::{Account, Endpoint};

pub(crate) use config_file::ConfigFile;
pub(crate) use discovery::{Discover, Discovered, Given, discovery};

/// Logs in to H2O Cloud with the environment variables and the configuration file of the H2O CLI, and returns
/// a client.
///
/// This function is short for `Client::builder().login()`: see [`CredentialsBuilder`] for the places where
/// each value is looked up. The service is looked up, an access token is obtained, and the service is asked
/// for its version, all within the timeout of one call. A client that is built without a login does the
/// look-up with its first call.
///
/// # Errors
///
/// - [`InvalidArgument`](ErrorKind::InvalidArgument): a URL is invalid;
/// - [`Credentials`](ErrorKind::Credentials): a value is missing, and the error says where it can be set; or the
///   configuration file cannot be used;
/// - [`Authentication`](ErrorKind::Authentication): the refresh token is not accepted;
/// - the kinds of a failed request: the error says whether discovery, the issuer or the service's version was
///   requested.
pub fn login() -> Result<Client<Blocking>, Error> {
    Client::<Blocking>::builder().login()
}

/// Logs in to the service at an address of your own, without the discovery service and the configuration
/// file, and returns a client.
///
/// ```no_run
/// use controlplane::h2o_workflows;
///
/// let client = h2o_workflows::login_custom(
///     "https://workflows.cloud.h2o.ai",
///     "the refresh token",
///     "https://auth.cloud.h2o.ai/realms/hac",
///     "hac-platform-public",
/// )?;
/// # Ok::<(), controlplane::Error>(())
/// ```
///
/// For a client secret and other settings: [`Credentials::builder`] with an
/// [`endpoint`](CredentialsBuilder::endpoint), and [`ClientBuilder::login`].
///
/// # Errors
///
/// Those of [`login`], except the ones about the configuration file and discovery.
pub fn login_custom(
    endpoint: impl Into<String>,
    refresh_token: impl Into<SecretString>,
    issuer_url: impl Into<String>,
    client_id: impl Into<String>,
) -> Result<Client<Blocking>, Error> {
    let credentials = custom(endpoint.into(), refresh_token.into(), issuer_url.into(), client_id.into())?;
    Client::<Blocking>::builder().credentials(credentials).login()
}

/// Logs in as [`login`] does, and returns a client for asynchronous programs.
///
/// # Errors
///
/// The errors are those of [`login`].
#[cfg(feature = "async")]
pub async fn login_async() -> Result<Client<Async>, Error> {
    Client::<Async>::builder().login().await
}

/// Logs in as [`login_custom`] does, and returns a client for asynchronous programs.
///
/// # Errors
///
/// The errors are those of [`login_custom`].
#[cfg(feature = "async")]
pub async fn login_custom_async(
    endpoint: impl Into<String>,
    refresh_token: impl Into<SecretString>,
    issuer_url: impl Into<String>,
    client_id: impl Into<String>,
) -> Result<Client<Async>, Error> {
    let credentials = custom(endpoint.into(), refresh_token.into(), issuer_url.into(), client_id.into())?;
    Client::<Async>::builder().credentials(credentials).login().await
}

fn custom(
    endpoint: String,
    refresh_token: SecretString,
    issuer_url: String,
    client_id: String,
) -> Result<Credentials, Error> {
    Credentials::builder()
        .endpoint(endpoint)
        .refresh_token(refresh_token)
        .issuer_url(issuer_url)
        .client_id(client_id)
        .build()
}

impl ClientBuilder<Blocking> {
    /// Builds the client, looks up the service, obtains an access token and requests the service's version:
    /// see [`login`].
    ///
    /// # Errors
    ///
    /// The errors are those of [`login`] and those of [`build`](crate::client::ClientBuilder::build).
    pub fn login(self) -> Result<Client<Blocking>, Error> {
        let client = self.build()?;
        Call::new(client.shared.clone(), Login).send()?;
        Ok(client)
    }
}

#[cfg(feature = "async")]
impl ClientBuilder<Async> {
    /// Builds the client, looks up the service, obtains an access token and requests the service's version:
    /// see [`login`].
    ///
    /// # Errors
    ///
    /// The errors are those of [`login`] and those of [`build`](crate::client::ClientBuilder::build).
    pub async fn login(self) -> Result<Client<Async>, Error> {
        let client = self.build()?;
        Call::new(client.shared.clone(), Login).send().await?;
        Ok(client)
    }
}

/// The call that a login sends.
#[derive(Clone, Copy, Debug)]
struct Login;

impl Action<H2oWorkflows> for Login {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let account = core.protocol()?.0.clone();
        let rules = Arc::new(Rules::default());
        let context = core.context(rules, "logging in to H2O Workflows", Vec::new(), options);
        Ok(Running::new(Sequence::new(
            context.clone(),
            Steps { account, context, endpoint: None, stage: Stage::Connect },
        )))
    }
}

/// The steps of a login.
struct Steps {
    account: Arc<Account>,
    context: Arc<CallContext>,
    endpoint: Option<Endpoint>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Connect,
    Token,
    Version,
    /// The version at the root of the host, where the vendor's client (h2o-workflows 1.1.2) requests it.
    VersionAtRoot,
}

/// The output of a step.
enum Part {
    Endpoint(Endpoint),
    Token,
    Version,
}

impl Steps {
    fn step(&mut self, now: Instant, stage: Stage) -> Planned<Part, ()> {
        self.stage = stage;
        let Some(endpoint) = &self.endpoint else {
            let connect = Connect::machine(self.account.clone(), self.context.clone());
            return Ok(Next::Run(Box::new(connect.map(|outcome| outcome.map(Part::Endpoint)))));
        };
        let base = match stage {
            Stage::Connect | Stage::Token => {
                let timeout = self.context.span(now).deadline.saturating_duration_since(now);
                let settings = Settings { timeout, ..self.context.settings.clone() };
                let obtain = Obtain::new(endpoint.tokens.clone(), settings, None);
                return Ok(Next::Run(Box::new(obtain.map(|outcome| outcome.map(|_| Part::Token)))));
            }
            Stage::Version => &*endpoint.url,
            Stage::VersionAtRoot => root_of(&endpoint.url),
        };
        let label = format!("requesting the version of H2O Workflows at {}", host_of(base));
        let exchange = discovery::get(&self.context, label, &format!("{base}/version"), "");
        Ok(Next::Run(Box::new(exchange.map(|outcome| outcome.map(|_| Part::Version)))))
    }
}

impl Plan for Steps {
    type Part = Part;
    type Output = ();

    fn begin(&mut self, now: Instant) -> Planned<Part, ()> {
        self.step(now, Stage::Connect)
    }

    fn ended(&mut self, now: Instant, outcome: Result<Part, Error>) -> Planned<Part, ()> {
        match outcome {
            Ok(Part::Endpoint(endpoint)) => {
                self.endpoint = Some(endpoint);
                self.step(now, Stage::Token)
            }
            Ok(Part::Token) => self.step(now, Stage::Version),
            Ok(Part::Version) => Ok(Next::Done(())),
            Err(error) => {
                let url = self.endpoint.as_ref().map(|endpoint| &*endpoint.url).unwrap_or_default();
                let is_elsewhere = self.stage == Stage::Version && root_of(url) != url;
                if is_elsewhere && error.status() == Some(404) {
                    return self.step(now, Stage::VersionAtRoot);
                }
                Err(error)
            }
        }
    }
}

/// A URL without its path.
fn root_of(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find('/').map_or(url.len(), |at| begin + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_an_endpoint() {
        for (url, root) in [
            ("https://h", "https://h"),
            ("https://h:1/base/x", "https://h:1"),
            ("http://[::1]:8/base", "http://[::1]:8"),
        ] {
            assert_eq!(root_of(url), root);
        }
    }
}
