//! Waits for clusters: until one can be used, is in some state, or is gone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::batch::own_rule;
use crate::client::{Action, Running, Seen};
use crate::eloq::call::{Call, CallOptions, Core, with_ids};
use crate::eloq::client::{Client, Eloq};
use crate::eloq::command::Command;
use crate::eloq::errors::{advised, says_not_found};
use crate::eloq::wire::Envelope;
use crate::engine::{Accept, Accepted, BoxMachine, Effect, Failure, Id, Judgement, Machine, Operation, Poll};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};

use super::commands::{CreateCluster, DeleteCluster, describe_request, quoted};
use super::model::Cluster;

/// The time-out of a wait unless the client's or the call's is longer.
const WAIT: Duration = Duration::from_secs(15 * 60);

/// How long after the beginning of a wait a cluster may be unknown: a new one may not be listed at once.
const GRACE: Duration = Duration::from_secs(30);

type Rule = dyn Fn(&Cluster) -> Seen + Send + Sync;

/// What a wait waits for.
#[derive(Clone)]
enum Goal {
    /// The rule says that it is done.
    Rule {
        rule: Arc<Rule>,
        /// The caller has set the rule.
        is_own: bool,
        accepts_failure: bool,
    },
    /// The cluster is gone.
    Gone,
}

impl fmt::Debug for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rule { .. } => "Rule",
            Self::Gone => "Gone",
        })
    }
}

/// The status of a cluster that is missing.
const NOT_FOUND: &str = "not found";

impl Goal {
    /// The cluster accepts connections, and everything that connecting needs is known.
    fn usable() -> Self {
        let rule = |cluster: &Cluster| match cluster.missing_access() {
            _ if cluster.is_usable() => Seen::Done,
            Some(missing) if cluster.status.is_usable() => {
                Seen::Pending(format!("{}, but without {missing}", cluster.status.as_written()))
            }
            _ => Seen::Pending(String::new()),
        };
        Self::Rule { rule: Arc::new(rule), is_own: false, accepts_failure: false }
    }

    /// The cluster accepts connections, or has failed if that is accepted.
    fn kept(accepts_failure: bool) -> Self {
        let mut goal = Self::usable();
        if accepts_failure {
            goal.accept_failure();
        }
        goal
    }

    /// Returns whether a failure is accepted.
    ///
    /// # Errors
    ///
    /// The rule is the caller's own.
    fn keep(&self, label: &str) -> Result<bool, Error> {
        match self {
            Self::Rule { is_own: true, .. } => Err(own_rule(label)),
            Self::Rule { accepts_failure, .. } => Ok(*accepts_failure),
            Self::Gone => Ok(false),
        }
    }

    fn set_rule(&mut self, rule: Arc<Rule>) {
        let accepts_failure = matches!(self, Self::Rule { accepts_failure: true, .. });
        *self = Self::Rule { rule, is_own: true, accepts_failure };
    }

    fn accept_failure(&mut self) {
        if let Self::Rule { accepts_failure, .. } = self {
            *accepts_failure = true;
        }
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        let data = Envelope::read(response)?.data.unwrap_or_default();
        // The admin's password stays in `data`: errors and progress get the status alone.
        let cluster: Cluster = serde_json::from_value(data.clone()).map_err(|e| format!("`data`: {e}"))?;
        let status = cluster.status.as_written().to_owned();
        let failed = |status: String, cluster: Cluster| {
            let Cluster { elb_state, region, zone, .. } = cluster;
            let detail = json!({ "elb_state": elb_state, "region": region, "zone": zone });
            Ok(Judgement::Failed { status, detail })
        };
        let Self::Rule { rule, accepts_failure, .. } = self else {
            return Ok(Judgement::Pending { status });
        };
        match rule(&cluster) {
            Seen::Done => Ok(Judgement::Done { status, body: data }),
            Seen::Failed(seen) => failed(if seen.is_empty() { status } else { seen }, cluster),
            Seen::Unclear(why) => Err(why),
            Seen::Pending(_) if cluster.status.is_failure() => {
                if *accepts_failure {
                    Ok(Judgement::Done { status, body: data })
                } else {
                    failed(status, cluster)
                }
            }
            Seen::Pending(seen) => {
                Ok(Judgement::Pending { status: if seen.is_empty() { status } else { seen } })
            }
        }
    }

    /// A deletion waits for a cluster that is missing; a new cluster may be missing for a while.
    fn judge_failure(&self, failure: &Failure, elapsed: Duration) -> Option<Judgement> {
        let is_missing = match failure.status {
            404 => true,
            403 => failure.message.as_deref().is_some_and(says_not_found),
            _ => false,
        };
        match self {
            _ if !is_missing => None,
            Self::Gone => Some(Judgement::Done { status: "gone".to_owned(), body: Value::Null }),
            Self::Rule { .. } if elapsed < GRACE => Some(Judgement::Pending { status: NOT_FOUND.to_owned() }),
            Self::Rule { .. } => None,
        }
    }
}

/// The machine of a wait, after a request or without one. `name`: the vendor's name of the request.
fn start(
    core: &Core,
    options: &CallOptions,
    label: String,
    cluster_name: &str,
    goal: &Goal,
    first: Option<(&'static str, Request)>,
) -> Result<BoxMachine<Value>, Error> {
    if cluster_name.trim().is_empty()
        || cluster_name.len() > 1024
        || cluster_name.chars().any(char::is_control)
    {
        return Err(Error::invalid(
            label,
            "the cluster's name is blank, longer than 1024 bytes, or has a control character",
        )
        .with_advice("Nothing was sent."));
    }
    let mut describe = describe_request(&label, cluster_name)?;
    let protocol = core.protocol()?.clone();
    let context = core.context(protocol.clone(), label, Vec::new(), options);
    let (method, first) = first.map_or(("cluster", None), |(method, request)| (method, Some(request)));
    let (has_first, goal) = (first.is_some(), goal.clone());
    let template = first.unwrap_or_else(|| describe.clone());
    // Create and delete return no id: the cluster is named by its name.
    let id = Id::Resource(cluster_name.to_owned());
    with_ids(core, options, &context.clone(), template, move |ids, request| {
        if let Some(ids) = ids {
            ids.fill(&mut describe);
        }
        let is_gone = matches!(goal, Goal::Gone);
        let refused = goal.clone();
        let mut poll = Poll::new(protocol.complete(describe), move |response| goal.judge(response));
        poll.judge_failure = Some(Arc::new(move |failure, elapsed| refused.judge_failure(failure, elapsed)));
        let operation = if has_first {
            Operation::submit(context, request, Effect::Changes, accept(id, poll))
        } else {
            Operation::resume(context, id, poll)
        };
        Box::new(operation.map(move |outcome| {
            let ended = outcome.map_err(|error| after(error, method, is_gone, has_first))?;
            Ok(ended.body)
        }))
    })
}

/// Creation and deletion are accepted if the response has the envelope of the API.
fn accept(id: Id, poll: Poll) -> Accept {
    Arc::new(move |response| match Envelope::read(response)?.bare {
        Some(_) => Err("missing `code`, `message` and `data`".to_owned()),
        None => Ok(Accepted { id: id.clone(), body: Value::Null, poll: Some(poll.clone()) }),
    })
}

/// `has_first`: the wait began with a request of its own, which was accepted if the error has a resource.
fn after(error: Error, method: &str, is_gone: bool, has_first: bool) -> Error {
    let wait = if is_gone { "wait_for_cluster_deletion" } else { "wait_for_cluster" };
    let was_seen = has_first || error.api_status().is_some_and(|status| status != NOT_FOUND);
    match (error.kind(), error.resource()) {
        (ErrorKind::OperationTimeout | ErrorKind::Cancelled, Some(_)) if !was_seen => error.with_advice(
            "No poll found the cluster. Check its name and the project; `clusters` lists the clusters of the project.",
        ),
        (ErrorKind::OperationTimeout | ErrorKind::Cancelled, Some(_)) => error.with_advice(format!(
            "The work may continue at the server: wait for it with `{wait}`; do not create or delete the cluster again."
        )),
        // After the first request was accepted: not to be explained by that request.
        (_, Some(_)) => advised("cluster", error),
        (_, None) => advised(method, error),
    }
}

fn cluster(outcome: Result<Value, Error>) -> Result<Cluster, Error> {
    serde_json::from_value(outcome?).map_err(|e| {
        let happened = format!("HTTP 200 with an invalid body: {e}");
        Error::new(ErrorKind::UnexpectedResponse, "reading the cluster that was waited for", happened)
    })
}

/// The wait for a cluster: see [`Client::wait_for_cluster`](crate::eloq::client::Client::wait_for_cluster).
#[derive(Clone, Debug)]
pub struct WaitForCluster {
    cluster_name: String,
    goal: Goal,
}

impl Action<Eloq> for WaitForCluster {
    type Output = Cluster;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Cluster>, Error> {
        let machine = start(core, options, self.label(), &self.cluster_name, &self.goal, None)?;
        Ok(Running::new(machine.map(cluster)))
    }
}

/// The wait for a deletion: see
/// [`Client::wait_for_cluster_deletion`](crate::eloq::client::Client::wait_for_cluster_deletion).
#[derive(Clone, Debug)]
pub struct WaitForClusterDeletion {
    cluster_name: String,
}

impl Action<Eloq> for WaitForClusterDeletion {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let machine = start(core, options, self.label(), &self.cluster_name, &Goal::Gone, None)?;
        Ok(Running::new(machine.map(|outcome| outcome.map(drop))))
    }
}

/// The creation of a cluster and the wait for it: see [`Call::and_wait`].
#[derive(Clone, Debug)]
pub struct CreateClusterAndWait {
    create: CreateCluster,
    goal: Goal,
}

impl Action<Eloq> for CreateClusterAndWait {
    type Output = Cluster;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Cluster>, Error> {
        let first = Some((CreateCluster::NAME, self.create.to_request()?));
        let name = &self.create.cluster_name;
        let machine = start(core, options, self.create.label(), name, &self.goal, first)?;
        Ok(Running::new(machine.map(cluster)))
    }
}

/// The deletion of a cluster and the wait until it is gone: see [`Call::and_wait`].
#[derive(Clone, Debug)]
pub struct DeleteClusterAndWait {
    delete: DeleteCluster,
}

impl Action<Eloq> for DeleteClusterAndWait {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let first = Some((DeleteCluster::NAME, self.delete.to_request()?));
        let name = &self.delete.cluster_name;
        let machine = start(core, options, self.delete.label(), name, &Goal::Gone, first)?;
        Ok(Running::new(machine.map(|outcome| outcome.map(drop))))
    }
}

/// Conversions to and from the form that a journal keeps.
impl CreateClusterAndWait {
    pub(in crate::eloq) fn kept(create: CreateCluster, accept_failure: bool) -> Self {
        Self { create, goal: Goal::kept(accept_failure) }
    }

    pub(in crate::eloq) fn keep(&self) -> Result<(CreateCluster, bool), Error> {
        Ok((self.create.clone(), self.goal.keep(&self.create.label())?))
    }
}

impl DeleteClusterAndWait {
    pub(in crate::eloq) fn kept(delete: DeleteCluster) -> Self {
        Self { delete }
    }

    pub(in crate::eloq) fn keep(&self) -> DeleteCluster {
        self.delete.clone()
    }
}

impl WaitForCluster {
    pub(in crate::eloq) fn kept(cluster_name: &str, accept_failure: bool) -> Self {
        Self { cluster_name: cluster_name.to_owned(), goal: Goal::kept(accept_failure) }
    }

    pub(in crate::eloq) fn keep(&self) -> Result<(String, bool), Error> {
        Ok((self.cluster_name.clone(), self.goal.keep(&self.label())?))
    }

    pub(in crate::eloq) fn label(&self) -> String {
        format!("waiting for the cluster {}", quoted(&self.cluster_name))
    }
}

impl WaitForClusterDeletion {
    pub(in crate::eloq) fn kept(cluster_name: &str) -> Self {
        Self { cluster_name: cluster_name.to_owned() }
    }

    pub(in crate::eloq) fn keep(&self) -> String {
        self.cluster_name.clone()
    }

    pub(in crate::eloq) fn label(&self) -> String {
        format!("waiting for the deletion of the cluster {}", quoted(&self.cluster_name))
    }
}

fn with_time<M, A>(mut call: Call<M, A>) -> Call<M, A> {
    let settings = &mut call.options.settings;
    settings.timeout = settings.timeout.max(WAIT);
    call
}

/// # Waiting
///
/// The vendor's client has no waits. A wait reads the cluster until the rule is satisfied: at once, then
/// after 5 s, then at growing intervals up to 30 s ([`Call::poll_interval`]), for 15 minutes at most, or as
/// long as the client's timeout if that is longer ([`Call::timeout`],
/// [`docs::timeouts`](crate::docs::timeouts)). It goes on after failures that may pass: 429, 5xx and broken
/// connections; a cluster that is missing counts as one during the first 30 s of the wait.
///
/// At the timeout, the error is [`OperationTimeout`](ErrorKind::OperationTimeout), its
/// [`resource`](Error::resource) is the cluster's name, and its [`api_status`](Error::api_status) the last
/// status. Every other error after the creation or deletion was accepted has the name as its `resource`
/// too, and an `api_status` if a poll has returned a status.
impl<M> Client<M> {
    /// Waits until a cluster can be used: its status is `available`, `idle` or `active`, and it has an
    /// address, a user and a password. [`until`](Call::until) sets another rule.
    ///
    /// A status that reads like a failure (it contains `fail` or `error`; the vendor documents none) ends the
    /// wait with [`OperationFailed`](ErrorKind::OperationFailed), unless the rule or
    /// [`accept_failure`](Call::accept_failure) accepts it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::{Client, Credentials};
    /// use controlplane::eloq::ClusterStatus;
    ///
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(1).start()?;
    /// # let credentials = Credentials::builder().api_key(emulator.api_key()).base_url(emulator.url()).build()?;
    /// # let client =
    /// #     Client::builder().credentials(credentials).poll_interval(Duration::from_millis(10)).build()?;
    /// client.cluster_create("c1", "us-west-1", 3).send()?;
    /// assert!(client.wait_for_cluster("c1").send()?.is_usable());
    /// client.wait_for_cluster("c1").until(|cluster| cluster.status == ClusterStatus::Available).send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_cluster(&self, cluster_name: impl Into<String>) -> Call<M, WaitForCluster> {
        let wait = WaitForCluster { cluster_name: cluster_name.into(), goal: Goal::usable() };
        with_time(Call::new(self.shared.clone(), wait))
    }

    /// Waits until a cluster is gone: the service returns 404, or 403 with a text that contains "not found".
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// client.wait_for_cluster_deletion("not-there").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_cluster_deletion(
        &self,
        cluster_name: impl Into<String>,
    ) -> Call<M, WaitForClusterDeletion> {
        let wait = WaitForClusterDeletion { cluster_name: cluster_name.into() };
        with_time(Call::new(self.shared.clone(), wait))
    }
}

impl<M> Call<M, CreateCluster> {
    /// Creates the cluster, then waits until it can be used, as
    /// [`wait_for_cluster`](Client::wait_for_cluster) does.
    ///
    /// The creation is never sent again after it may have been accepted.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::{Client, Credentials};
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(1).start()?;
    /// # let credentials = Credentials::builder().api_key(emulator.api_key()).base_url(emulator.url()).build()?;
    /// # let client =
    /// #     Client::builder().credentials(credentials).poll_interval(Duration::from_millis(10)).build()?;
    /// let cluster = client.cluster_create("c1", "us-west-1", 3).and_wait().send()?;
    /// println!("{} is {}", cluster.display_cluster_name, cluster.status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn and_wait(self) -> Call<M, CreateClusterAndWait> {
        with_time(self.map(|create| CreateClusterAndWait { create, goal: Goal::usable() }))
    }
}

impl<M> Call<M, DeleteCluster> {
    /// Deletes the cluster, then waits until it is gone, as
    /// [`wait_for_cluster_deletion`](Client::wait_for_cluster_deletion) does.
    ///
    /// The deletion is never sent again after it may have been accepted.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::{Client, Credentials};
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
    /// # let credentials = Credentials::builder().api_key(emulator.api_key()).base_url(emulator.url()).build()?;
    /// # let client =
    /// #     Client::builder().credentials(credentials).poll_interval(Duration::from_millis(10)).build()?;
    /// # client.cluster_create("c1", "us-west-1", 3).and_wait().send()?;
    /// client.cluster_delete("c1").and_wait().send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn and_wait(self) -> Call<M, DeleteClusterAndWait> {
        with_time(self.map(|delete| DeleteClusterAndWait { delete }))
    }
}

impl<M> Call<M, WaitForCluster> {
    /// Sets the rule of the wait, which is called with the cluster of each poll: `true` or [`Seen::Done`]
    /// ends the wait. Default: the cluster can be used ([`Cluster::is_usable`]).
    pub fn until<S: Into<Seen>>(mut self, rule: impl Fn(&Cluster) -> S + Send + Sync + 'static) -> Self {
        self.command.goal.set_rule(Arc::new(move |cluster| rule(cluster).into()));
        self
    }

    /// Ends the wait successfully also when the status of the cluster is a failure
    /// ([`is_failure`](super::ClusterStatus::is_failure)). Default: a failure is an error.
    pub fn accept_failure(mut self) -> Self {
        self.command.goal.accept_failure();
        self
    }
}

impl<M> Call<M, CreateClusterAndWait> {
    /// Sets the rule of the wait, which is called with the cluster of each poll: `true` or [`Seen::Done`]
    /// ends the wait. Default: the cluster can be used ([`Cluster::is_usable`]).
    pub fn until<S: Into<Seen>>(mut self, rule: impl Fn(&Cluster) -> S + Send + Sync + 'static) -> Self {
        self.command.goal.set_rule(Arc::new(move |cluster| rule(cluster).into()));
        self
    }

    /// Ends the wait successfully also when the status of the cluster is a failure
    /// ([`is_failure`](super::ClusterStatus::is_failure)). Default: a failure is an error.
    pub fn accept_failure(mut self) -> Self {
        self.command.goal.accept_failure();
        self
    }

    /// Sets the availability zone: `us-west-1a`. Default: the service chooses.
    #[doc(alias = "required_zone")]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.command.create.required_zone = Some(zone.into());
        self
    }
}
