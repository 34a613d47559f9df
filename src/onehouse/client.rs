//! The client, blocking or asynchronous, and its builder.
//!
//! [`Client`] is generic over its mode. Programs use it under one of two aliases that fix the mode: calls of
//! [`onehouse::Client`](super::Client) block the thread, and calls of `onehouse::AsyncClient` (feature
//! `async`) are futures.

use std::fmt;

use secrecy::SecretString;

#[cfg(feature = "sign-in")]
use crate::client::AccessTokens;
use crate::client::{Mode, Platform, Shared};
use crate::engine::{Service, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::call::{Call, GetStatus, Resume, SubmitSql};
use super::choice::Checks;
use super::commands::Command;
use super::credentials::Credentials;
use super::protocol::Protocol;
use super::raw::RawSql;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// The vendor's limit for a project.
const REQUESTS_PER_SECOND: u32 = 10;

/// The settings of the builder about credentials.
#[derive(Debug, Default)]
pub struct Setup {
    credentials: Option<Credentials>,
    profile: Option<String>,
    base_url: Option<String>,
}

impl Setup {
    fn credentials(self) -> Result<Credentials, Error> {
        let Self { credentials, profile, base_url } = self;
        let Some(credentials) = credentials else {
            let mut builder = Credentials::builder();
            if let Some(profile) = profile {
                builder = builder.profile(profile);
            }
            if let Some(url) = base_url {
                builder = builder.base_url(url);
            }
            return builder.build();
        };
        if profile.is_some() || base_url.is_some() {
            let happened = "credentials are set, and a profile or a base URL is set too";
            return Err(Error::invalid("building a client", happened)
                .with_advice("Set the profile and the base URL on `Credentials::builder()` instead."));
        }
        Ok(credentials)
    }
}

/// Associates [`Client`] with Onehouse.
#[derive(Clone, Copy, Debug)]
pub enum Onehouse {}

impl Platform for Onehouse {
    type Client<M> = Client<M>;
    type Setup = Setup;
    type Protocol = Protocol;
    type Options = Checks;

    const REQUESTS_PER_SECOND: Option<u32> = Some(REQUESTS_PER_SECOND);

    fn settings() -> Settings {
        Settings::default()
    }

    fn protocol(setup: Setup) -> Result<Protocol, Error> {
        Protocol::new(&setup.credentials()?)
    }

    fn secrets(protocol: &Protocol) -> Vec<SecretString> {
        #[cfg(feature = "sign-in")]
        if let Some(tokens) = protocol.tokens() {
            return tokens.secrets();
        }
        protocol.secrets().map(|secrets| secrets.list().to_vec()).unwrap_or_default()
    }

    #[cfg(feature = "sign-in")]
    fn tokens(protocol: &Protocol) -> Option<AccessTokens<'_>> {
        protocol.tokens().map(AccessTokens)
    }

    fn client<M>(shared: Shared<Self, M>) -> Client<M> {
        Client { shared }
    }
}

/// A client of the Onehouse SQL API.
///
/// The client has a helper for every command of the vendor's Python SDK 0.3.0, and for four documented
/// commands that the vendor's SDK lacks. A helper returns a [`Call`], which does nothing until it is sent.
/// Clones share the connections and the rate limit: make one client for each project, keep it, and clone it
/// where it is needed.
///
/// | Family | Methods |
/// |---|---|
/// | Clusters | [`create_cluster`](Client::create_cluster), [`alter_cluster`](Client::alter_cluster), [`start_cluster`](Client::start_cluster), [`stop_cluster`](Client::stop_cluster), [`delete_cluster`](Client::delete_cluster), [`describe_cluster`](Client::describe_cluster), [`show_clusters`](Client::show_clusters) |
/// | Lakes | [`create_lake`](Client::create_lake), [`alter_lake`](Client::alter_lake), [`delete_lake`](Client::delete_lake), [`show_lakes`](Client::show_lakes) |
/// | Databases | [`create_database`](Client::create_database), [`delete_database`](Client::delete_database), [`show_databases`](Client::show_databases) |
/// | Tables | [`show_tables`](Client::show_tables) |
/// | Catalogs | [`create_catalog`](Client::create_catalog), [`delete_catalog`](Client::delete_catalog), [`describe_catalog`](Client::describe_catalog), [`show_catalogs`](Client::show_catalogs) |
/// | Sources | [`create_source`](Client::create_source), [`delete_source`](Client::delete_source), [`describe_source`](Client::describe_source), [`show_sources`](Client::show_sources) |
/// | Flows | [`create_flow`](Client::create_flow), [`alter_flow`](Client::alter_flow), [`delete_flow`](Client::delete_flow), [`describe_flow`](Client::describe_flow), [`show_flows`](Client::show_flows) |
/// | Transformations | [`create_transformation`](Client::create_transformation), [`delete_transformation`](Client::delete_transformation), [`describe_transformation`](Client::describe_transformation), [`show_transformations`](Client::show_transformations) |
/// | Validations | [`create_validation`](Client::create_validation), [`delete_validation`](Client::delete_validation), [`describe_validation`](Client::describe_validation), [`show_validations`](Client::show_validations) |
/// | Table services | [`create_table_service`](Client::create_table_service), [`alter_table_service`](Client::alter_table_service), [`alter_services_cluster_in_table`](Client::alter_services_cluster_in_table), [`run_service_in_table`](Client::run_service_in_table), [`pause_table_service`](Client::pause_table_service), [`resume_table_service`](Client::resume_table_service), [`cancel_table_service`](Client::cancel_table_service), [`describe_table_service`](Client::describe_table_service), [`show_table_services`](Client::show_table_services), [`show_runs_in_table_service`](Client::show_runs_in_table_service) |
/// | Jobs | [`create_job`](Client::create_job), [`create_and_run_job`](Client::create_and_run_job), [`alter_job`](Client::alter_job), [`delete_job`](Client::delete_job), [`describe_job`](Client::describe_job), [`show_jobs`](Client::show_jobs) |
/// | Job runs | [`run_job`](Client::run_job), [`cancel_job_run`](Client::cancel_job_run), [`describe_job_run`](Client::describe_job_run), [`show_runs_in_job`](Client::show_runs_in_job) |
/// | Jars | [`upload_jar`](Client::upload_jar), [`replace_jar`](Client::replace_jar) |
/// | Service principals | [`create_service_principal`](Client::create_service_principal), [`alter_service_principal`](Client::alter_service_principal), [`delete_service_principal`](Client::delete_service_principal), [`show_service_principals`](Client::show_service_principals) |
/// | API tokens | [`create_api_token`](Client::create_api_token), [`delete_api_token`](Client::delete_api_token) |
/// | Privileges and roles | [`grant_privilege`](Client::grant_privilege), [`grant_role`](Client::grant_role) |
/// | Access policies | [`show_policies`](Client::show_policies), [`show_policies_diff`](Client::show_policies_diff) |
/// | Waits | [`wait_for_cluster`](Client::wait_for_cluster), [`wait_for_flow`](Client::wait_for_flow), [`wait_for_table_service`](Client::wait_for_table_service), [`wait_for_job_run`](Client::wait_for_job_run), [`wait_for`](Client::wait_for) |
/// | Operations | [`resume`](Client::resume), [`get_status`](Client::get_status) |
/// | Any command | [`call`](Client::call), [`execute`](Client::execute), [`submit`](Client::submit) |
/// | Batches | [`batch`](Client::batch), [`batch_from`](Client::batch_from) |
///
/// ```
/// use controlplane_emulator::onehouse::Emulator;
/// use controlplane::onehouse::{Client, ClusterType};
///
/// # let emulator = Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::new(credentials)?; // or `Client::from_env()?`
/// let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).send()?;
/// println!("{} {}", done.api_status, done.api_response);
/// # assert!(client.show_clusters().send()?.rows().iter().any(|row| row.text("name") == Some("prod")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With the feature `async` the same calls are futures:
///
#[cfg_attr(feature = "async", doc = "```")]
#[cfg_attr(not(feature = "async"), doc = "```ignore")]
/// use controlplane_emulator::onehouse::Emulator;
/// use controlplane::onehouse::{AsyncClient, ClusterType};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// # let emulator = Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = AsyncClient::new(credentials)?; // or `AsyncClient::from_env()?`
/// let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).send().await?;
/// println!("{} {}", done.api_status, done.api_response);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[doc(alias = "OnehouseResources")]
pub struct Client<M> {
    pub(crate) shared: Shared<Onehouse, M>,
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

/// # Constructors
impl<M: Mode> Client<M> {
    /// Returns a client with default settings, and with credentials from the environment and the credentials
    /// file: see [`Credentials`]. The file is read on the calling thread before this function returns, also
    /// for an asynchronous client, because the file is small.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if required fields are missing (the error names all of them
    /// and the places where they may be set), or if the file or a value cannot be used.
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) as for [`new`](Client::new).
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Credentials::from_env()?)
    }

    /// Returns a client with these credentials and default settings.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL of the credentials cannot be used, or
    /// if the environment names a proxy URL or a file of certificates (`SSL_CERT_FILE`, `SSL_CERT_DIR`) that
    /// cannot be used.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// Returns a builder with default settings.
    pub fn builder() -> ClientBuilder<M> {
        ClientBuilder::new()
    }

    /// Returns a client without credentials. Its calls return their SQL ([`Call::to_sql`]); sending one fails
    /// with [`Credentials`](ErrorKind::Credentials).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_lakes().to_sql()?, "SHOW LAKES");
    /// assert!(client.show_lakes().send().is_err());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn offline() -> Self {
        Self { shared: Shared::offline() }
    }
}

/// # Any command, and operations
impl<M> Client<M> {
    /// Returns a call with this command, for example an [`AnyCommand`](super::AnyCommand) from a plan.
    ///
    /// ```
    /// use controlplane::onehouse::{AnyCommand, Client};
    ///
    /// let client = Client::offline();
    /// let command: AnyCommand = serde_json::from_str(r#"{"delete_cluster": {"name": "prod"}}"#)?;
    /// assert_eq!(client.call(command).to_sql()?, "DELETE CLUSTER `prod`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn call<C: Command>(&self, command: C) -> Call<M, C> {
        Call::new(self.shared.clone(), command)
    }

    /// Submits a statement without changes, and waits for its end. An empty statement is an error of the kind
    /// [`InvalidArgument`](ErrorKind::InvalidArgument); the client checks nothing else. The API rejects a
    /// statement that ends with `;`.
    ///
    /// A statement that begins with `SHOW` or `DESCRIBE` and has no `;` counts as a read. Any other statement
    /// counts as a change, and is not sent again once the server may have accepted it.
    ///
    /// Vendor's page: [Execution modes](https://docs.onehouse.ai/sdks/python/resources/execution-modes).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let done = client.execute("SHOW LAKES").send()?;
    /// assert!(done.rows().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn execute(&self, sql: impl Into<String>) -> Call<M, RawSql> {
        self.call(RawSql::new(sql))
    }

    /// Submits a statement without changes, and does not wait for its end. The same as
    /// [`execute`](Client::execute) with [`Call::submit`], under the name that the vendor's SDK has for it.
    /// The output has the request id, with which [`resume`](Client::resume) waits for the end.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let submitted = client.submit("SHOW CLUSTERS").send()?;
    /// let done = client.resume(submitted.request_id).send()?;
    /// assert!(done.is_terminal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn submit(&self, sql: impl Into<String>) -> Call<M, SubmitSql> {
        Call::new(self.shared.clone(), SubmitSql(RawSql::new(sql)))
    }

    /// Reads the status of an operation once. `request_id` is the id from the response to the submit. The
    /// statuses `FAILED` and `INVALID` are outputs here, not errors; an empty id is an error of the kind
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
    ///
    /// Vendor's page: [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let submitted = client.show_clusters().submit()?;
    /// let status = client.get_status(&submitted.request_id).send()?;
    /// println!("{}", status.api_status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_status(&self, request_id: impl Into<String>) -> Call<M, GetStatus> {
        Call::new(self.shared.clone(), GetStatus(request_id.into()))
    }

    /// Waits for the end of an operation that this process or another one has submitted. Submits nothing.
    ///
    /// `request_id` is the id from the response to the submit, or that of an error ([`Error::request_id`]).
    /// If the operation ends as `FAILED` or `INVALID`, the call fails with
    /// [`OperationFailed`](ErrorKind::OperationFailed). An empty id is an error of the kind
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # let id = client.show_clusters().submit()?.request_id;
    /// let done = client.resume(id).send()?;
    /// println!("{}", done.api_status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "wait")]
    pub fn resume(&self, request_id: impl Into<String>) -> Call<M, Resume> {
        Call::new(self.shared.clone(), Resume(request_id.into()))
    }
}

/// Settings of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use controlplane::onehouse::{Client, Credentials};
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::builder()
///     .credentials(credentials)
///     .timeout(Duration::from_secs(600))
///     .rate_limit(5)
///     .build()?;
/// # client.show_clusters().send()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<Onehouse, M>;

impl<M> ClientBuilder<M> {
    /// Sets the credentials, which include the project and the base URL. Default: those of
    /// [`Credentials::from_env`], which are looked up when the client is built.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.setup.credentials = Some(credentials);
        self
    }

    /// Sets the profile of the credentials file, for a client whose credentials come from the environment and
    /// the file. Default: that of [`CredentialsBuilder::profile`](super::CredentialsBuilder::profile). If
    /// [`credentials`](ClientBuilder::credentials) are set too, `build` fails with
    /// [`InvalidArgument`](ErrorKind::InvalidArgument): such credentials have the profile with which they
    /// were built.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let builder = Client::builder().profile("dev").base_url("http://127.0.0.1:8080");
    /// # let _ = builder;
    /// ```
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.setup.profile = Some(name.into());
        self
    }

    /// Sets the base URL of the API, for a client whose credentials come from the environment and the file.
    /// Default: that of [`CredentialsBuilder::base_url`](super::CredentialsBuilder::base_url). If
    /// [`credentials`](ClientBuilder::credentials) are set too, `build` fails with
    /// [`InvalidArgument`](ErrorKind::InvalidArgument): such credentials have a base URL already.
    #[doc(alias = "endpoint")]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.setup.base_url = Some(url.into());
        self
    }
}
