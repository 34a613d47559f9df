//! Until a cluster, a flow or a table service is in a state.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, one_line};

use super::super::commands::{DescribeCluster, DescribeFlow, DescribeTableService, TableService};
use super::{
    Action, Call, CallOptions, Client, Command, Core, NameCheck, Onehouse, Running, Seen, StatusResponse,
    answered, unclear, wait,
};

/// The wait until something is in a state: see [`Client::wait_for_cluster`], [`Client::wait_for_flow`],
/// [`Client::wait_for_table_service`].
#[derive(Clone)]
pub struct WaitForState {
    check: Arc<dyn Command + Send + Sync>,
    wanted: String,
    failures: Vec<String>,
}

impl fmt::Debug for WaitForState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForState")
            .field("check", &self.check.spec().helper)
            .field("wanted", &self.wanted)
            .field("failures", &self.failures)
            .finish()
    }
}

impl<M> Call<M, WaitForState> {
    /// A state, whatever its case, in which the wait ends at once with
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed). May be given more than once. Default: none, because the
    /// vendor does not publish the states of resources; `Failed` for table services.
    pub fn fail_on(mut self, state: impl Into<String>) -> Self {
        self.command.failures.push(state.into());
        self
    }

    /// Relaxes the check of names, as [`Call::unchecked_names`] does for a command. For a flow that is named by the id
    /// that `SHOW FLOWS` has, `name:table_name`, this is needed.
    pub fn unchecked_names(mut self) -> Self {
        self.options.own = NameCheck::Unchecked;
        self
    }
}

impl WaitForState {
    fn new(check: impl Command + Send + Sync + 'static, wanted: impl Into<String>) -> Self {
        Self { check: Arc::new(check), wanted: wanted.into(), failures: Vec::new() }
    }
}

/// What a state is to those who want another.
fn see(answer: &StatusResponse, wanted: &str, failures: &[String]) -> Seen {
    match answer.state() {
        Some(state) if state.eq_ignore_ascii_case(wanted) => Seen::Done,
        Some(state) if failures.iter().any(|failure| state.eq_ignore_ascii_case(failure)) => {
            Seen::Failed(state)
        }
        Some(state) => Seen::Pending(state),
        None => unclear(answer.payload(), "`state` and no `status`"),
    }
}

impl Action<Onehouse> for WaitForState {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<StatusResponse>, Error> {
        let wanted = self.wanted.trim().to_owned();
        if wanted.is_empty() {
            return Err(
                Error::invalid("waiting for a state", "the state is empty").with_advice("Nothing was sent.")
            );
        }
        let goal = format!(" until {}", one_line(&wanted, 100));
        let failures = self.failures.clone();
        wait(core, options, &*self.check, &goal, move |answer| see(answer, &wanted, &failures)).map(answered)
    }
}

/// # Waiting for a state
///
/// The state is what [`StatusResponse::state`] finds, compared whatever the case. The output is the answer that had
/// the state. For the rest see [`wait_until`](Client::wait_until).
impl<M> Client<M> {
    /// Waits until a cluster is in a state, for instance `RUNNING`.
    ///
    /// `DESCRIBE CLUSTER` tells the state of a cluster under `state`, and `RUNNING` is the only one that the vendor's
    /// pages name. Others have to be seen: [`Progress`](crate::Progress) tells them, and so does the error if the time
    /// is over.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::onehouse::{Client, ClusterType};
    /// # let emulator = controlplane_emulator::onehouse::Emulator::start()?;
    /// # let client = Client::builder()
    /// #     .credentials(emulator.credentials()).poll_interval(Duration::ZERO).build()?;
    /// client.create_cluster("prod", ClusterType::Managed).send()?;
    /// let cluster = client.wait_for_cluster("prod", "RUNNING").timeout(Duration::from_secs(20 * 60)).send()?;
    /// assert_eq!(cluster.state().as_deref(), Some("RUNNING"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_cluster(
        &self,
        name: impl Into<String>,
        state: impl Into<String>,
    ) -> Call<M, WaitForState> {
        Call::new(self.shared.clone(), WaitForState::new(DescribeCluster::new(name), state))
    }

    /// Waits until a flow is in a state.
    ///
    /// No source says what `DESCRIBE FLOW` answers, nor which states there are. That the state stands under `state` or
    /// else `status` is this crate's reading, by what is known of clusters and runs of jobs. If the service differs,
    /// the wait ends with [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse), which names the keys that are
    /// there, and [`wait_until`](Client::wait_until) can look at them.
    ///
    /// The states of this example are the emulator's own.
    ///
    /// ```
    /// # use controlplane::onehouse::{Client, FlowChange, LakeType, SourceType, WriteMode};
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
    /// # client.create_database("db", "raw").send()?;
    /// # client.create_source("s3", SourceType::S3).send()?;
    /// # client.create_flow("orders", "s3", "raw", "db", "orders", WriteMode::Immutable, "System").send()?;
    /// client.alter_flow("orders", FlowChange::Pause).send()?;
    /// client.wait_for_flow("orders", "PAUSED").fail_on("FAILED").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_flow(&self, name: impl Into<String>, state: impl Into<String>) -> Call<M, WaitForState> {
        Call::new(self.shared.clone(), WaitForState::new(DescribeFlow::new(name), state))
    }

    /// Waits until a service of a table is in a state: after [`run_service_in_table`](Client::run_service_in_table),
    /// until it is `Active` again.
    ///
    /// The vendor's pages name the states `Active`, `Running`, `Failed` and `Paused` of its console. No source says what
    /// `DESCRIBE TABLE_SERVICE` answers: that it has these words under `state` or else `status` is this crate's
    /// reading. Once the service is `Failed` the wait ends with
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed), unless that is the state to wait for.
    ///
    /// ```
    /// # use controlplane::onehouse::{Client, LakeType, RunnableService, SourceType, TableService, WriteMode};
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
    /// # client.create_database("db", "raw").send()?;
    /// # client.create_source("s3", SourceType::S3).send()?;
    /// # client.create_flow("orders", "s3", "raw", "db", "orders", WriteMode::Immutable, "System").send()?;
    /// client.run_service_in_table("raw", "db", "orders", RunnableService::Clean).send()?;
    /// client.wait_for_table_service("raw", "db", "orders", TableService::Clean, "Active").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_table_service(
        &self,
        lake: impl Into<String>,
        database: impl Into<String>,
        table: impl Into<String>,
        service: TableService,
        state: impl Into<String>,
    ) -> Call<M, WaitForState> {
        let check = DescribeTableService::new(lake, database, table, service);
        Call::new(self.shared.clone(), WaitForState::new(check, state)).fail_on("Failed")
    }
}
