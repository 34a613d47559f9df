//! Waits until a cluster, a flow or a table service is in a state.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::batch::own_rule;
use crate::client::{Action, Running, Seen};
use crate::engine::Machine;
use crate::error::{Error, one_line};

use super::super::choice::{Checks, Choice};
use super::super::commands::{
    AnyCommand, Command, DescribeCluster, DescribeFlow, DescribeTableService, TableService,
};
use super::status::{ClusterStatus, FlowStatus, TableServiceStatus, WantedState};
use super::{
    Call, CallOptions, Client, Core, NameCheck, Onehouse, RESOURCE_TIMEOUT, Rule, Statement, StatusResponse,
    unclear, wait, waiting,
};

/// The time limit of a cluster operation in the vendor's Airflow provider: 1200 s.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// The wait until a resource is in a state: see [`Client::wait_for_cluster`], [`Client::wait_for_flow`],
/// [`Client::wait_for_table_service`].
#[derive(Clone)]
pub struct WaitForState {
    check: AnyCommand,
    name: String,
    wanted: String,
    /// The known state that is similar to the one to wait for.
    meant: Option<&'static str>,
    failures: Vec<String>,
    accepts_failure: bool,
    rule: Option<Arc<Rule>>,
}

impl fmt::Debug for WaitForState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForState")
            .field("check", &self.check.name())
            .field("wanted", &self.wanted)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

impl<M> Call<M, WaitForState> {
    /// Adds a failure state, which ends the wait at once with
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed). Upper and lower case are not distinguished.
    /// `FAILED` and all states whose last word is `FAILED` (`START_FAILED`) are failure states by default. The
    /// state to wait for is never a failure state. With a rule of its own (`until`) the wait has no failure
    /// states: the rule alone decides.
    pub fn fail_on(mut self, state: impl fmt::Display) -> Self {
        self.command.failures.push(state.to_string());
        self
    }

    /// Makes the response with a failure state the output of the call. Default: it is an error of the kind
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed).
    pub fn accept_failure(mut self) -> Self {
        self.command.accepts_failure = true;
        self
    }

    /// Replaces the rule that decides when the wait ends. By default the rule compares the state of the
    /// resource. The new rule is called with the output of each check that has ended with a success, and
    /// returns a [`Seen`], or `true` for done and `false` for pending. A wait with a rule of its own cannot
    /// be part of a batch.
    pub fn until<R: Into<Seen>>(
        mut self,
        rule: impl Fn(&StatusResponse) -> R + Send + Sync + 'static,
    ) -> Self {
        self.command.rule = Some(Arc::new(move |answer: &StatusResponse| rule(answer).into()));
        self
    }

    /// Relaxes the check of names, as [`Call::unchecked_names`] does for a command. A flow that is named by
    /// its id in `SHOW FLOWS`, `name:table_name`, needs this.
    pub fn unchecked_names(mut self) -> Self {
        self.options.own.names = NameCheck::Unchecked;
        self
    }
}

/// Returns true for a state of a failure: its last word is `FAILED`.
fn is_failed(state: &str) -> bool {
    state.rsplit(['_', ' ']).next().is_some_and(|word| word.eq_ignore_ascii_case("FAILED"))
}

/// Compares the state with the one that is waited for.
fn see(answer: &StatusResponse, wanted: &str, failures: &[String]) -> Seen {
    match answer.state() {
        Some(state) if state.eq_ignore_ascii_case(wanted) => Seen::Done,
        Some(state)
            if is_failed(&state) || failures.iter().any(|failure| state.eq_ignore_ascii_case(failure)) =>
        {
            Seen::Failed(state)
        }
        Some(state) => Seen::Pending(state),
        None => unclear(answer.payload(), "`state` and no `status`"),
    }
}

impl WaitForState {
    /// Returns the wait as a batch and its journal keep it.
    pub(in crate::onehouse) fn keep(&self, options: &CallOptions) -> Result<StateWait, Error> {
        let wait = self.rendered(options)?;
        match self.rule {
            None => Ok(wait),
            Some(_) => Err(own_rule(&wait.label())),
        }
    }

    fn rendered(&self, options: &CallOptions) -> Result<StateWait, Error> {
        let wanted = self.wanted.trim().to_owned();
        if wanted.is_empty() {
            return Err(
                Error::invalid("waiting for a state", "the state is empty").with_advice("Nothing was sent.")
            );
        }
        if let (Some(meant), None) = (self.meant, &self.rule) {
            let happened = format!("{wanted:?} is not a known state; did you mean {meant:?}?");
            return Err(Error::invalid("waiting for a state", happened).with_advice(
                "Nothing was sent. To wait for a state with exactly this spelling, use the `Other` variant of its enum.",
            ));
        }
        Ok(StateWait {
            check: options.own.statement(&self.check)?,
            name: self.name.clone(),
            wanted,
            failures: self.failures.clone(),
            accept_failure: self.accepts_failure,
        })
    }
}

impl Action<Onehouse> for WaitForState {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<StatusResponse>, Error> {
        let wait = self.rendered(options)?;
        match self.rule.clone() {
            None => wait.start(core, options),
            Some(rule) => wait.start_with(core, options, wait.label(), rule),
        }
    }
}

/// A [`WaitForState`] without a rule of its own, rendered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateWait {
    pub(in crate::onehouse) check: Statement,
    name: String,
    wanted: String,
    failures: Vec<String>,
    accept_failure: bool,
}

impl StateWait {
    /// What is waited for, without its state.
    fn label(&self) -> String {
        let thing = match &*self.check.kind {
            "DESCRIBE CLUSTER" => "cluster",
            "DESCRIBE FLOW" => "flow",
            _ => "the service of table",
        };
        format!("waiting for {thing} `{}`", one_line(&self.name, 100))
    }

    /// Returns what the wait does, for messages.
    pub(in crate::onehouse) fn described(&self) -> String {
        format!("{} to be {}", self.label(), one_line(&self.wanted, 100))
    }

    fn start_with(
        &self,
        core: &Core,
        options: &CallOptions,
        label: String,
        rule: Arc<Rule>,
    ) -> Result<Running<StatusResponse>, Error> {
        let context = waiting(core, options, &self.check, label)?;
        let wait = wait(core.protocol()?, context, &self.check, rule, self.accept_failure);
        let name = self.name.clone();
        Ok(Running::new(wait.map(|outcome| outcome.map_err(|error| error.with_resource(name)))))
    }
}

impl Action<Onehouse> for StateWait {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<StatusResponse>, Error> {
        let (wanted, failures) = (self.wanted.clone(), self.failures.clone());
        let rule = Arc::new(move |answer: &StatusResponse| see(answer, &wanted, &failures));
        self.start_with(core, options, self.described(), rule)
    }
}

/// # Waits for a state
///
/// The state is that of [`StatusResponse::state`]; upper and lower case are not distinguished. The output is
/// the response with the wanted state. The errors are those of [`wait_for`](Client::wait_for). Errors after
/// the first request have the name of the cluster, the flow or the table as their
/// [`resource`](Error::resource).
impl<M> Client<M> {
    fn wait_for_state<E>(
        &self,
        check: impl Into<AnyCommand>,
        name: String,
        state: WantedState<E>,
        time: Duration,
    ) -> Call<M, WaitForState> {
        let WantedState { text, meant, .. } = state;
        let wait = WaitForState {
            check: check.into(),
            name,
            wanted: text,
            meant,
            failures: Vec::new(),
            accepts_failure: false,
            rule: None,
        };
        Call::new(self.shared.clone(), wait).default_timeout(time)
    }

    /// Waits until a cluster is in a state, for example [`Running`](ClusterStatus::Running).
    ///
    /// `DESCRIBE CLUSTER` returns the state of a cluster as `state`. `RUNNING` is the only state that the
    /// vendor's [page about clusters](https://docs.onehouse.ai/docs/product/compute/clusters) names.
    /// [`Progress`](crate::Progress) events and the error at the timeout show the states that the service
    /// returns. A state whose last word is `FAILED` ends the wait with
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed), unless it is the state to wait for.
    ///
    /// The default time limit is 20 minutes, as in the vendor's Airflow provider, unless the client has one.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use controlplane::onehouse::{ClusterStatus, ClusterType};
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::start()?;
    /// # let client = Client::builder()
    /// #     .credentials(emulator.credentials()).poll_interval(Duration::ZERO).build()?;
    /// client.create_cluster("prod", ClusterType::Managed).send()?;
    /// let cluster = client.wait_for_cluster("prod", ClusterStatus::Running).send()?;
    /// assert_eq!(cluster.state().as_deref(), Some("RUNNING"));
    /// // A text is accepted too, but not one that is nearly a known state.
    /// assert!(client.wait_for_cluster("prod", "RUNING").send().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_cluster(
        &self,
        name: impl Into<String>,
        state: impl Into<WantedState<ClusterStatus>>,
    ) -> Call<M, WaitForState> {
        let name = name.into();
        self.wait_for_state(DescribeCluster::new(&*name), name, state.into(), CLUSTER_TIMEOUT)
    }

    /// Waits until a flow is in a state, for example [`Paused`](FlowStatus::Paused).
    ///
    /// The default time limit is 30 minutes, as in the vendor's Terraform provider, unless the client has
    /// one.
    ///
    /// The vendor documents neither the response to `DESCRIBE FLOW` nor the states of flows. This crate
    /// expects the state as `state` or else `status`, as for clusters and job runs. If the response has
    /// neither key, the wait ends with [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse). This
    /// error names the keys of the response; [`until`](Call::until) sets a rule that reads them. A state
    /// whose last word is `FAILED` ends the wait with [`OperationFailed`](crate::ErrorKind::OperationFailed),
    /// unless it is the state to wait for.
    ///
    /// The states of this example are those of the emulator.
    ///
    /// ```
    /// # use controlplane::onehouse::{Client, FlowChange, FlowStatus, LakeType, NewFlow, SourceType, WriteMode};
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
    /// # client.create_database("db", "raw").send()?;
    /// # client.create_source("s3", SourceType::S3).send()?;
    /// # client.create_flow("orders", NewFlow {
    /// #     source: "s3", lake: "raw", database: "db", table_name: "orders",
    /// #     write_mode: WriteMode::Immutable, cluster: "System",
    /// # }).send()?;
    /// client.alter_flow("orders", FlowChange::Pause).send()?;
    /// client.wait_for_flow("orders", FlowStatus::Paused).send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_flow(
        &self,
        name: impl Into<String>,
        state: impl Into<WantedState<FlowStatus>>,
    ) -> Call<M, WaitForState> {
        let name = name.into();
        self.wait_for_state(DescribeFlow::new(&*name), name, state.into(), RESOURCE_TIMEOUT)
    }

    /// Waits until a service of a table is in a state. For example, after
    /// [`run_service_in_table`](Client::run_service_in_table), wait until the service is `Active` again.
    ///
    /// The vendor's pages name the states `Active`, `Running`, `Failed` and `Paused` of its console. They do
    /// not show the response to `DESCRIBE TABLE_SERVICE`: this crate expects one of these words as `state` or
    /// else `status`. The state `Failed` ends the wait with
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed), unless it is the state to wait for. Errors
    /// after the first request have the table's name as their [`resource`](Error::resource).
    ///
    /// The default time limit is 30 minutes, as in the vendor's Terraform provider, unless the client has
    /// one.
    ///
    /// ```
    /// # use controlplane::onehouse::{
    /// #     Client, LakeType, NewFlow, RunnableService, SourceType, TableService, TableServiceStatus, WriteMode,
    /// # };
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
    /// # client.create_database("db", "raw").send()?;
    /// # client.create_source("s3", SourceType::S3).send()?;
    /// # client.create_flow("orders", NewFlow {
    /// #     source: "s3", lake: "raw", database: "db", table_name: "orders",
    /// #     write_mode: WriteMode::Immutable, cluster: "System",
    /// # }).send()?;
    /// client.run_service_in_table("raw", "db", "orders", RunnableService::Clean).send()?;
    /// client.wait_for_table_service("raw", "db", "orders", TableService::Clean, TableServiceStatus::Active).send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: impl Choice<TableService>,
        state: impl Into<WantedState<TableServiceStatus>>,
    ) -> Call<M, WaitForState> {
        let (mut checks, table) = (Checks::default(), table.into());
        let check = DescribeTableService::new(lake, database, &*table, checks.choose(service));
        let mut call = self.wait_for_state(check, table, state.into(), RESOURCE_TIMEOUT);
        call.options.own = checks;
        call
    }
}
