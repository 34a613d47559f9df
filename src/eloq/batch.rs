//! Batches of EloqCloud: what a call becomes in a batch.

use std::borrow::Cow;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::client::batch::{
    BatchCommand, BatchPlatform, Job, JobContext, Member, Owner, PlannedCall, not_resumable,
};
use crate::engine::Effect;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::Request;

use super::any::{AnyCommand, AnyOutput};
use super::call::{CallOptions, Core};
use super::client::{Client, Eloq};
use super::clusters::{
    CreateCluster, CreateClusterAndWait, DeleteCluster, DeleteClusterAndWait, GetCluster, WaitForCluster,
    WaitForClusterDeletion,
};
use super::command::Command;
use super::project::Project;
use super::protocol::{Protocol, plain_headers};

/// Many calls of any kind, sent under the client's rate limit if it has one; a journal can continue them.
///
/// Made by [`Client::batch`], or by [`Client::batch_from`] from the journal of an interrupted one. A call may
/// be a command, a command with [`and_wait`](super::Call::and_wait), or a wait. For what a batch does with
/// the rate limit, and how it is stopped and continued, see [`client::Batch`](crate::client::Batch).
///
/// ```
/// # use std::time::Duration;
/// # use controlplane::eloq::{Client, Credentials};
/// use controlplane::eloq::AnyOutput;
///
/// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = Credentials::builder().api_key(emulator.api_key()).base_url(emulator.url()).build()?;
/// # let client =
/// #     Client::builder().credentials(credentials).poll_interval(Duration::from_millis(10)).build()?;
/// let mut batch = client.batch();
/// batch.add("cluster", client.cluster_create("c1", "us-west-1", 3).and_wait());
/// batch.add("key", client.cluster_credentials("c1")).after("cluster");
/// for finished in batch.run()? {
///     match finished.result? {
///         AnyOutput::Cluster(cluster) => println!("{} is {}", cluster.display_cluster_name, cluster.status),
///         _ => println!("{} is done", finished.key),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Batch<M> = crate::client::Batch<Eloq, M>;

/// A call of a batch before it runs.
pub type BatchCall<'a> = crate::client::BatchCall<'a, Eloq>;

/// The result of a call of a batch.
pub type Finished = crate::client::Finished<AnyOutput>;

/// The results of a blocking batch, as its calls finish.
pub type Results = crate::client::Results<Eloq>;

/// The results of a batch of futures, as its calls finish.
#[cfg(feature = "async")]
pub type AsyncResults = crate::client::AsyncResults<Eloq>;

/// A call as a batch and its journal keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The project of the call. `None`: the first one of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<Project>,
    what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum What {
    Command(AnyCommand),
    CreateAndWait { create: CreateCluster, accept_failure: bool },
    DeleteAndWait { delete: DeleteCluster },
    WaitForCluster { cluster_name: String, accept_failure: bool },
    WaitForClusterDeletion { cluster_name: String },
}

impl What {
    /// The first request of the call, except for those that find out ids.
    fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::Command(command) => command.to_request(),
            Self::CreateAndWait { create, .. } => create.to_request(),
            Self::DeleteAndWait { delete } => delete.to_request(),
            Self::WaitForCluster { cluster_name, .. } | Self::WaitForClusterDeletion { cluster_name } => {
                GetCluster::new(cluster_name).to_request()
            }
        }
    }

    /// With the project that the call or the client names, as far as anything is named.
    fn planned(self, core: &Core, options: &CallOptions) -> Result<Planned, Error> {
        self.to_request()?;
        let of_client = core.protocol().ok().and_then(|protocol| protocol.project.clone());
        Ok(Planned { project: options.own.clone().or(of_client), what: self })
    }
}

impl PlannedCall for Planned {
    fn label(&self) -> Cow<'_, str> {
        Cow::Owned(match &self.what {
            What::Command(command) => command.label(),
            What::CreateAndWait { create, .. } => create.label(),
            What::DeleteAndWait { delete } => delete.label(),
            What::WaitForCluster { cluster_name, .. } => WaitForCluster::kept(cluster_name, false).label(),
            What::WaitForClusterDeletion { cluster_name } => {
                WaitForClusterDeletion::kept(cluster_name).label()
            }
        })
    }

    #[cfg(operation_batches)]
    fn kind(&self) -> &str {
        match &self.what {
            What::Command(command) => command.name(),
            What::CreateAndWait { .. } => CreateCluster::NAME,
            What::DeleteAndWait { .. } => DeleteCluster::NAME,
            What::WaitForCluster { .. } | What::WaitForClusterDeletion { .. } => "wait",
        }
    }

    fn effect(&self) -> Effect {
        match &self.what {
            What::Command(command) => command.effect(),
            What::CreateAndWait { create, .. } => create.effect(),
            What::DeleteAndWait { delete } => delete.effect(),
            What::WaitForCluster { .. } | What::WaitForClusterDeletion { .. } => Effect::Repeatable,
        }
    }

    fn request(&self) -> Option<Request> {
        let mut request = self.what.to_request().ok()?;
        request.headers = plain_headers();
        Some(request)
    }
}

impl BatchPlatform for Eloq {
    type Planned = Planned;
    type Output = AnyOutput;

    const NAME: &'static str = "eloq";

    fn owner(protocol: &Protocol) -> Owner {
        // The key is secret.
        let account = match &protocol.project {
            None => "the first project".to_owned(),
            Some(Project::Id(id)) => format!("project {id}"),
            Some(Project::Name(name)) => format!("project {name:?}"),
            Some(Project::InOrg { org_id, project_id }) => format!("project {project_id} of {org_id}"),
        };
        // Known once the client has read org-info.
        let organization = protocol.org().map(|org| org.org_id.to_string());
        Owner { service: Self::NAME.into(), endpoint: protocol.root().to_owned(), account, organization }
    }

    fn job<T: 'static>(
        mut context: JobContext<Self, T>,
        call: &Planned,
        submitted: Option<&str>,
    ) -> Result<Job<T>, Error> {
        context.options.own.clone_from(&call.project);
        let (label, effect) = (call.label(), call.effect());
        let cluster = |cluster| AnyOutput::Cluster(Box::new(cluster));
        let gone = |()| AnyOutput::Nothing(());
        match (&call.what, submitted) {
            (What::Command(command), None) => context.job(&label, command, effect, |output| output),
            (What::CreateAndWait { create, accept_failure }, None) => {
                let action = CreateClusterAndWait::kept(create.clone(), *accept_failure);
                context.job(&label, &action, effect, cluster)
            }
            (What::CreateAndWait { accept_failure, .. }, Some(name)) => {
                context.resumed(&label, &WaitForCluster::kept(name, *accept_failure), cluster)
            }
            (What::DeleteAndWait { delete }, None) => {
                context.job(&label, &DeleteClusterAndWait::kept(delete.clone()), effect, gone)
            }
            (What::DeleteAndWait { .. }, Some(name)) => {
                context.resumed(&label, &WaitForClusterDeletion::kept(name), gone)
            }
            (What::WaitForCluster { cluster_name, accept_failure }, None) => {
                context.job(&label, &WaitForCluster::kept(cluster_name, *accept_failure), effect, cluster)
            }
            (What::WaitForClusterDeletion { cluster_name }, None) => {
                context.job(&label, &WaitForClusterDeletion::kept(cluster_name), effect, gone)
            }
            (_, Some(_)) => Err(not_resumable(&label)),
        }
    }
}

impl<C: Command + Into<AnyCommand>> BatchCommand<Eloq> for C {
    fn plan(&self, core: &Core, options: &CallOptions) -> Result<Planned, Error> {
        What::Command(self.clone().into()).planned(core, options)
    }
}

impl BatchCommand<Eloq> for CreateClusterAndWait {
    fn plan(&self, core: &Core, options: &CallOptions) -> Result<Planned, Error> {
        let (create, accept_failure) = self.keep()?;
        What::CreateAndWait { create, accept_failure }.planned(core, options)
    }
}

impl BatchCommand<Eloq> for DeleteClusterAndWait {
    fn plan(&self, core: &Core, options: &CallOptions) -> Result<Planned, Error> {
        What::DeleteAndWait { delete: self.keep() }.planned(core, options)
    }
}

impl BatchCommand<Eloq> for WaitForCluster {
    fn plan(&self, core: &Core, options: &CallOptions) -> Result<Planned, Error> {
        let (cluster_name, accept_failure) = self.keep()?;
        What::WaitForCluster { cluster_name, accept_failure }.planned(core, options)
    }
}

impl BatchCommand<Eloq> for WaitForClusterDeletion {
    fn plan(&self, core: &Core, options: &CallOptions) -> Result<Planned, Error> {
        What::WaitForClusterDeletion { cluster_name: self.keep() }.planned(core, options)
    }
}

impl BatchCall<'_> {
    /// Returns the first request of the call, without the API's address and the key. A wait for something
    /// sends its request again and again. `None` if the call cannot be sent, which `run` reports.
    pub fn to_request(&self) -> Option<Request> {
        self.shown_request()
    }
}

/// # Batches
impl<M> Client<M> {
    /// Returns an empty batch: see [`Batch`].
    pub fn batch(&self) -> Batch<M> {
        Batch::of(vec![Member::new(self.shared.clone())])
    }

    /// Returns the batch that an earlier run of the program wrote into a journal, to continue it.
    ///
    /// A call that succeeded, or that failed after the service accepted it, is not sent again. If a cluster's
    /// creation or deletion was accepted, and the call waits for its end, the batch waits for the cluster by
    /// its name. A call that was being sent when the program ended, and may have been accepted, ends with
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) and is not sent: check it, then call
    /// [`again`](Batch::again) or [`settled`](Batch::settled). All other calls are sent. The file is not
    /// changed until the batch runs, which then continues it.
    ///
    /// # Errors
    ///
    /// [`Journal`](ErrorKind::Journal) if the file cannot be read, is not a journal, or belongs to a client
    /// with another address or another [`project`](super::ClientBuilder::project).
    pub fn batch_from(&self, journal: impl AsRef<Path>) -> Result<Batch<M>, Error> {
        Batch::continued(&[Member::new(self.shared.clone())], journal.as_ref())
    }
}
