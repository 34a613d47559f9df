//! Waits: a status request, and a rule that says pending, done or failed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::client::{Action, Running, not_run};
use crate::eloq::client::{Client, Eloq};
use crate::eloq::command::{Call, CallOptions, Command, Core, advised, says_not_found, with_ids};
use crate::eloq::project::Ids;
use crate::eloq::protocol::Protocol;
use crate::eloq::wire::Envelope;
use crate::engine::{Effect, Judgement, Operation, Sequence, Service};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Request, Response};

use super::commands::{ClusterCreate, ClusterDelete, describe_request, quoted};
use super::model::{Cluster, ClusterStatus};

/// How long a wait may take unless the client or the call has more.
const WAIT: Duration = Duration::from_secs(15 * 60);

/// How long after the beginning of a wait a cluster may be unknown: a new one may not show at once.
const GRACE: Duration = Duration::from_secs(30);

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    /// It takes connections, and everything that connecting needs is there.
    Usable,
    Status(ClusterStatus),
    Gone,
}

/// The rule of one wait.
struct Wait {
    protocol: Arc<Protocol>,
    /// Asks for the cluster.
    request: Request,
    name: String,
    goal: Goal,
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("name", &self.name).field("goal", &self.goal).finish_non_exhaustive()
    }
}

impl Service for Wait {
    fn explain(&self, response: &Response) -> Option<String> {
        self.protocol.explain(response)
    }

    fn message(&self, response: &Response) -> Option<String> {
        self.protocol.message(response)
    }

    fn code(&self, response: &Response) -> Option<String> {
        self.protocol.code(response)
    }

    fn status(&self, response: &Response) -> u16 {
        self.protocol.status(response)
    }

    fn secrets(&self) -> &[SecretString] {
        self.protocol.secrets()
    }

    fn how_to_check(&self) -> &'static str {
        self.protocol.how_to_check()
    }

    /// Create and delete give no id: the cluster's name is as good.
    fn accepted(&self, response: &Response) -> Result<(String, Value), String> {
        let envelope = Envelope::read(response)?;
        if envelope.bare.is_some() {
            return Err("it has neither code nor message nor data".to_owned());
        }
        Ok((self.name.clone(), Value::Null))
    }

    fn status_request(&self, _: &str) -> Request {
        self.request.clone()
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        let data = Envelope::read(response)?.data.unwrap_or_default();
        // The admin's password does not travel on: errors and progress have the status alone.
        let cluster: Cluster =
            serde_json::from_value(data.clone()).map_err(|e| format!("of its data: {e}"))?;
        let status = cluster.status.as_written().to_owned();
        let is_reached = match &self.goal {
            Goal::Usable => cluster.is_usable(),
            Goal::Status(wanted) => cluster.status.as_str().eq_ignore_ascii_case(wanted.as_str()),
            Goal::Gone => false,
        };
        Ok(if is_reached {
            Judgement::Done { status, body: data }
        } else if cluster.status.is_failure() && self.goal != Goal::Gone {
            let Cluster { elb_state, region, zone, .. } = cluster;
            Judgement::Failed {
                status,
                detail: json!({ "elb_state": elb_state, "region": region, "zone": zone }),
            }
        } else {
            let status = match (&self.goal, cluster.missing_access()) {
                (Goal::Usable, Some(missing)) if cluster.status.is_usable() => {
                    format!("{status}, but without {missing}")
                }
                _ => status,
            };
            Judgement::Pending { status }
        })
    }

    /// That there is no such cluster is what a deletion waits for; a new one may not show at once.
    fn judge_refusal(&self, response: &Response, elapsed: Duration) -> Option<Judgement> {
        let is_missing = match self.status(response) {
            404 => true,
            403 => self.message(response).is_some_and(|message| says_not_found(&message)),
            _ => false,
        };
        match self.goal {
            _ if !is_missing => None,
            Goal::Gone => Some(Judgement::Done { status: "gone".to_owned(), body: Value::Null }),
            _ if elapsed < GRACE => Some(Judgement::Pending { status: "not found".to_owned() }),
            _ => None,
        }
    }
}

/// The machine of a wait, after a request or without one.
fn start(
    core: &Core,
    options: &CallOptions,
    label: &str,
    name: &str,
    goal: Goal,
    first: Option<Request>,
) -> Result<Sequence<Operation>, Error> {
    if name.trim().is_empty() || name.len() > 1024 || name.chars().any(char::is_control) {
        return Err(
            Error::invalid(label, "such a name cannot be waited for").with_advice("Nothing was sent.")
        );
    }
    let mut describe = describe_request(label, name)?;
    let template = first.clone().unwrap_or_else(|| describe.clone());
    let protocol = core.protocol()?.clone();
    let context = core.context(protocol.clone(), label.to_owned(), Vec::new(), options);
    let (name, changes) = (name.to_owned(), first.is_some());
    with_ids(core, options, template, label, move |ids: Option<Ids>, request| {
        if let Some(ids) = ids {
            ids.fill(&mut describe);
        }
        let wait = Wait { request: protocol.complete(describe), protocol, name: name.clone(), goal };
        let context = Arc::new(context.with_service(Arc::new(wait)));
        if changes {
            Operation::submit(context, request, Effect::Changes)
        } else {
            Operation::resume(context, name)
        }
    })
}

/// The cluster at the end of a wait; `None` if it is gone. `method`: the vendor's name of what went before.
fn finish(machine: Sequence<Operation>, method: &str, waits_on: &str) -> Result<Option<Cluster>, Error> {
    let mut operation = machine.finish().map_err(|e| advised("info", e))?.ok_or_else(not_run)?;
    let done = operation.finish().unwrap_or_else(|| Err(not_run())).map_err(|error| {
        match (error.kind(), error.request_id()) {
            (ErrorKind::OperationTimeout, Some(_)) => {
                error.with_advice(format!("The work goes on at the server: wait on with `{waits_on}`."))
            }
            // Taken, and then refused: not for what the first request might be refused for.
            (_, Some(_)) => advised("cluster", error),
            (_, None) => advised(method, error),
        }
    })?;
    if done.body.is_null() {
        return Ok(None);
    }
    // It was read once already, to judge it.
    serde_json::from_value(done.body).map(Some).map_err(|_| not_run())
}

fn cluster(machine: Sequence<Operation>) -> Result<Cluster, Error> {
    finish(machine, "cluster_create", "wait_until_usable")?.ok_or_else(not_run)
}

fn gone(machine: Sequence<Operation>) -> Result<(), Error> {
    finish(machine, "cluster_delete", "wait_until_deleted").map(drop)
}

/// See [`Client::wait_for_cluster`](crate::eloq::client::Client::wait_for_cluster).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitForCluster {
    /// The cluster's name.
    pub cluster_name: String,
    /// What it is to reach; `None`: it can be used.
    pub status: Option<ClusterStatus>,
}

impl Action<Eloq> for WaitForCluster {
    type Output = Cluster;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Cluster>, Error> {
        let (name, goal) = (&self.cluster_name, self.status.clone().map_or(Goal::Usable, Goal::Status));
        let until =
            self.status.as_ref().map_or("can be used".to_owned(), |s| format!("is {}", shown(s.as_str())));
        let label = format!("waiting until the cluster {} {until}", quoted(name));
        Ok(Running::new(start(core, options, &label, name, goal, None)?, cluster))
    }
}

/// See [`Client::wait_until_deleted`](crate::eloq::client::Client::wait_until_deleted).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitUntilDeleted {
    /// The cluster's name.
    pub cluster_name: String,
}

impl Action<Eloq> for WaitUntilDeleted {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let label = format!("waiting until the cluster {} is gone", quoted(&self.cluster_name));
        let machine = start(core, options, &label, &self.cluster_name, Goal::Gone, None)?;
        Ok(Running::new(machine, gone))
    }
}

/// See [`Client::create_and_wait`](crate::eloq::client::Client::create_and_wait).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAndWait(pub ClusterCreate);

impl Action<Eloq> for CreateAndWait {
    type Output = Cluster;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Cluster>, Error> {
        let (label, request) = (self.0.label(), self.0.to_request()?);
        let machine = start(core, options, &label, &self.0.cluster_name, Goal::Usable, Some(request))?;
        Ok(Running::new(machine, cluster))
    }
}

/// See [`Client::delete_and_wait`](crate::eloq::client::Client::delete_and_wait).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteAndWait(pub ClusterDelete);

impl Action<Eloq> for DeleteAndWait {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let (label, request) = (self.0.label(), self.0.to_request()?);
        let machine = start(core, options, &label, &self.0.cluster_name, Goal::Gone, Some(request))?;
        Ok(Running::new(machine, gone))
    }
}

/// # Waiting
///
/// The vendor's clients have nothing of the kind. A wait asks for the cluster until it is as it should be: at once,
/// then after 5 s, then at growing intervals up to 30 s, for 15 minutes at most or as long as the client's own time-out
/// if that is longer; see [`Call::poll_interval`] and [`Call::timeout`]. What may pass is borne until the time is over:
/// 429, 5xx, broken connections, and for half a minute that the cluster is not found.
///
/// When the time of a wait is over, the error is [`OperationTimeout`](ErrorKind::OperationTimeout), its
/// [`request_id`](Error::request_id) is the cluster's name, and its [`api_status`](Error::api_status) the last status that
/// was seen. The same holds for every error after a cluster was created or its deletion was taken.
impl<M> Client<M> {
    fn wait<A>(&self, action: A) -> Call<M, A> {
        let mut call = Call::new(self.shared.clone(), action);
        let settings = &mut call.options.settings;
        settings.timeout = settings.timeout.max(WAIT);
        call
    }

    /// Waits until a cluster has this status.
    ///
    /// A status that reads like a failure (it holds `fail` or `error`; the vendor documents none) ends the wait with
    /// [`OperationFailed`](ErrorKind::OperationFailed), unless it is the one that is waited for.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::Client;
    /// use controlplane::eloq::ClusterStatus;
    ///
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(1).start()?;
    /// # let client = Client::builder().key(emulator.api_key()).base_url(emulator.url())
    /// #     .poll_interval(Duration::from_millis(10)).build()?;
    /// client.cluster_create("c1", "us-west-1", 3).send()?;
    /// let cluster = client.wait_for_cluster("c1", ClusterStatus::Available).send()?;
    /// assert_eq!(cluster.status, ClusterStatus::Available);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_cluster(
        &self,
        cluster_name: impl Into<String>,
        status: ClusterStatus,
    ) -> Call<M, WaitForCluster> {
        self.wait(WaitForCluster { cluster_name: cluster_name.into(), status: Some(status) })
    }

    /// Waits until a cluster can be used: its status is `available`, `idle` or `active`, and it has an address, a user and a
    /// password.
    ///
    /// Fails as [`wait_for_cluster`](Client::wait_for_cluster) does.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(1).start()?;
    /// # let client = Client::builder().key(emulator.api_key()).base_url(emulator.url())
    /// #     .poll_interval(Duration::from_millis(10)).build()?;
    /// client.cluster_create("c1", "us-west-1", 3).send()?;
    /// assert!(client.wait_until_usable("c1").send()?.is_usable());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_until_usable(&self, cluster_name: impl Into<String>) -> Call<M, WaitForCluster> {
        self.wait(WaitForCluster { cluster_name: cluster_name.into(), status: None })
    }

    /// Waits until a cluster is gone: the service says 404, or 403 with a text that has "not found" in it.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// client.wait_until_deleted("not-there").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_until_deleted(&self, cluster_name: impl Into<String>) -> Call<M, WaitUntilDeleted> {
        self.wait(WaitUntilDeleted { cluster_name: cluster_name.into() })
    }

    /// [`cluster_create`](Client::cluster_create), and the wait until the cluster can be used.
    ///
    /// The creation is sent once and not again after it may have been taken.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(1).start()?;
    /// # let client = Client::builder().key(emulator.api_key()).base_url(emulator.url())
    /// #     .poll_interval(Duration::from_millis(10)).build()?;
    /// let cluster = client.create_and_wait("c1", "us-west-1", 3).send()?;
    /// println!("{} is {}", cluster.display_cluster_name, cluster.status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_and_wait(
        &self,
        cluster_name: impl Into<String>,
        region: impl Into<String>,
        sku_id: i64,
    ) -> Call<M, CreateAndWait> {
        self.wait(CreateAndWait(ClusterCreate::new(cluster_name, region, sku_id)))
    }

    /// [`cluster_delete`](Client::cluster_delete), and the wait until the cluster is gone.
    ///
    /// The deletion is sent once and not again after it may have been taken.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::builder().key(emulator.api_key()).base_url(emulator.url())
    /// #     .poll_interval(Duration::from_millis(10)).build()?;
    /// # client.create_and_wait("c1", "us-west-1", 3).send()?;
    /// client.delete_and_wait("c1").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete_and_wait(&self, cluster_name: impl Into<String>) -> Call<M, DeleteAndWait> {
        self.wait(DeleteAndWait(ClusterDelete::new(cluster_name)))
    }
}

/// # Options of `create_and_wait`
impl<M> Call<M, CreateAndWait> {
    /// Where exactly: `us-west-1a`. Default: the service chooses.
    #[doc(alias = "required_zone")]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.command.0.required_zone = Some(zone.into());
        self
    }
}
