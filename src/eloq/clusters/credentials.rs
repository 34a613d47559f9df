//! What a program needs to connect to a cluster.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::Effect;
use crate::eloq::call::Call;
use crate::eloq::client::Client;
use crate::eloq::command::{Command, Success};
use crate::eloq::protocol::unusable;
use crate::eloq::wire::{Spelled, base64};
use crate::error::{Error, ErrorKind, shown};
use crate::http::Request;

use super::commands::{describe_request, quoted};
use super::model::{Cluster, ClusterStatus};

/// The address, port, user and password of a cluster. If the service has not set one of them yet, the
/// call fails with [`NotReady`](ErrorKind::NotReady).
///
/// `Debug` does not show the password. `Serialize` writes it, as the vendor's client does: write it only
/// where it may be read.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct ClusterCredentials {
    /// The administrator.
    pub username: String,
    /// The administrator's password.
    #[serde(serialize_with = "exposed")]
    pub password: SecretString,
    /// The host of the load balancer.
    pub host: String,
    /// The port of the load balancer.
    pub port: u16,
    /// The status of the cluster.
    pub status: Spelled<ClusterStatus>,
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

impl fmt::Debug for ClusterCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterCredentials")
            .field("username", &self.username)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The command of [`Client::cluster_credentials`](crate::eloq::client::Client::cluster_credentials).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetClusterCredentials {
    /// The cluster's name.
    pub cluster_name: String,
}

impl GetClusterCredentials {
    /// Returns the command for the cluster of this name.
    pub fn new(cluster_name: impl Into<String>) -> Self {
        Self { cluster_name: cluster_name.into() }
    }
}

impl Command for GetClusterCredentials {
    const NAME: &'static str = "cluster_credentials";

    type Output = ClusterCredentials;

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn label(&self) -> String {
        format!("reading the credentials of the cluster {}", quoted(&self.cluster_name))
    }

    fn to_request(&self) -> Result<Request, Error> {
        describe_request(&self.label(), &self.cluster_name)
    }

    fn read(&self, mut success: Success<'_>) -> Result<ClusterCredentials, Error> {
        let (label, response) = (success.label, success.response);
        let unusable = |why: &str| unusable(label, Effect::Repeatable, response, why);
        let cluster: Cluster = success.data()?;
        if let Some(missing) = cluster.missing_access() {
            return Err(not_ready(label, &cluster, missing));
        }
        let decode = |what: &str, text: &str| {
            base64(text)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| unusable(&format!("the field `{what}` is not text in base64")))
        };
        let username = decode("admin_user", &cluster.admin_user)?;
        let password = decode("admin_password", &cluster.admin_password)?;
        let port = u16::try_from(cluster.elb_port).map_err(|_| unusable("its elb_port is not a port"))?;
        Ok(ClusterCredentials {
            username,
            password: password.into(),
            host: cluster.elb_addr,
            port,
            status: cluster.status,
        })
    }
}

#[cold]
fn not_ready(label: &str, cluster: &Cluster, missing: &str) -> Error {
    let status = shown(cluster.status.as_written());
    let happened = format!("it has no {missing} yet; its status is {status}");
    Error::new(ErrorKind::NotReady, label, happened)
        .with_api_status(Some(cluster.status.as_written().to_owned()))
        .with_advice("Wait with `wait_for_cluster`, then request them again.")
        .with_retryable(true)
}

/// # Credentials of a cluster
impl<M> Client<M> {
    /// Returns the host, port, user and password of a cluster, decoded.
    ///
    /// `GET orgs/{org}/projects/{project}/clusters/{name}`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::Client;
    /// use controlplane::ExposeSecret;
    ///
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// # client.cluster_create("c1", "us-west-1", 3).and_wait().send()?;
    /// let access = client.cluster_credentials("c1").send()?;
    /// println!("{}:{} as {}", access.host, access.port, access.username);
    /// let password: &str = access.password.expose_secret();
    /// # assert!(!password.is_empty() && !format!("{access:?}").contains(password));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Besides those of every call, [`NotReady`](ErrorKind::NotReady) while the cluster has no address or no
    /// user yet, and [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if user or password is not base64.
    /// The vendor's client gives empty or wrong credentials in both cases.
    pub fn cluster_credentials(&self, cluster_name: impl Into<String>) -> Call<M, GetClusterCredentials> {
        self.call(GetClusterCredentials::new(cluster_name))
    }
}
