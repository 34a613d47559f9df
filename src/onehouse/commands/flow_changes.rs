//! Changes of flows: pause and resume them, move them, configure them.
//!
//! Vendor's pages: SQL reference
//! [`ALTER FLOW`](https://docs.onehouse.ai/api/sql-command-reference/alter-capture-stream),
//! [Actions and Editing](https://docs.onehouse.ai/product/ingest-data/flows/flow-actions),
//! [`oh flow`](https://docs.onehouse.ai/cli/commands/flow).

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::sql_value::{Bare, Upper};
use crate::onehouse::statement::{MARGIN, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::OpenEnum;

use super::{Command, PerformanceProfile};

/// The change that `ALTER FLOW` makes: one at a time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FlowChange {
    /// Pauses the flow, which keeps its position in the source. The services of its table pause as well.
    Pause,
    /// Resumes the flow where it was paused. The services of its table resume as well.
    Resume,
    /// Archives the table, and starts again with the earliest data in the source and a new version of the
    /// table. Not for flows with a `table.configured.base.path`.
    CleanAndRestart,
    /// Sets a state that this version does not know. Unlike the known states, it is written in quotes.
    OtherState(String),
    /// Sets the source that the flow reads. The options of the call name what to read from the source: see
    /// [`Client::create_flow`].
    Source(String),
    /// Sets the cluster that the flow runs on.
    Cluster(String),
    /// Sets what the flow's writes are optimized for. Only for flows with the write mode
    /// [`Immutable`](super::WriteMode::Immutable), which append.
    PerformanceProfile(PerformanceProfile),
    /// Sets the smallest number of minutes between two syncs.
    MinSyncFrequencyMins(i64),
    /// Replaces all transformations of the flow. The list must not be empty, so they cannot all be removed.
    Transformations(Vec<String>),
    /// Replaces all validations of the flow. The list must not be empty, so they cannot all be removed.
    Validations(Vec<String>),
    /// Sets whether records that fail a validation go to a quarantine table.
    QuarantineEnabled(bool),
    /// Sets advanced configurations. They are the options of the call, for example
    /// `flow.deduplicationPolicy`.
    AdvancedConfigs,
}

/// Pauses, resumes, restarts or changes a flow (`ALTER FLOW`): see [`Client::alter_flow`].
///
/// In JSON the change is exactly one of these keys: `state` (`PAUSE`, `RESUME`, `CLEAN_AND_RESTART`, or
/// `{"other": "…"}`), `source`, `cluster`, `performance_profile`, `min_sync_frequency_mins`,
/// `transformations`, `validations`, `quarantine_enabled` or `advanced_configs` (`true`).
///
/// ```
/// use controlplane::onehouse::{AlterFlow, FlowChange};
///
/// let command: AlterFlow = serde_json::from_str(r#"{"name": "pipe", "state": "PAUSE"}"#)?;
/// assert_eq!(command, AlterFlow::new("pipe", FlowChange::Pause));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "AlterFlowJson", into = "AlterFlowJson")]
#[non_exhaustive]
pub struct AlterFlow {
    /// The flow's name.
    pub name: String,
    /// The change.
    pub change: FlowChange,
    /// `WITH` options. They are not allowed with a change of state.
    pub options: Options,
}

impl AlterFlow {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, change: FlowChange) -> Self {
        Self { name: name.into(), change, options: Options::new() }
    }
}

impl Command for AlterFlow {
    const NAME: &'static str = "alter_flow";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        use FlowChange::*;
        sql.words("ALTER FLOW").name("name", &self.name);
        // Known states are keywords, without quotes. What is not known to be one is quoted.
        match &self.change {
            Pause => sql.clause(MARGIN, "SET STATE", &Bare("PAUSE")),
            Resume => sql.clause(MARGIN, "SET STATE", &Bare("RESUME")),
            CleanAndRestart => sql.clause(MARGIN, "SET STATE", &Bare("CLEAN_AND_RESTART")),
            OtherState(state) => sql.clause(MARGIN, "SET STATE", state),
            Source(source) => sql.clause(MARGIN, "SET SOURCE", source),
            Cluster(cluster) => sql.clause(MARGIN, "SET CLUSTER", cluster),
            PerformanceProfile(profile) => sql.clause(MARGIN, "SET PERFORMANCE_PROFILE", profile),
            MinSyncFrequencyMins(mins) => sql.clause(MARGIN, "SET MIN_SYNC_FREQUENCY_MINS", mins),
            Transformations(names) => sql.clause(MARGIN, "SET TRANSFORMATIONS", names),
            Validations(names) => sql.clause(MARGIN, "SET VALIDATIONS", names),
            QuarantineEnabled(enabled) => sql.clause(MARGIN, "SET QUARANTINE_ENABLED", &Upper(*enabled)),
            AdvancedConfigs => sql.words_after(MARGIN, "SET ADVANCED_CONFIGS"),
        };
        let is_state = matches!(self.change, Pause | Resume | CleanAndRestart | OtherState(_));
        if is_state && !self.options.is_empty() {
            // The vendor's SDK drops them without a word.
            sql.refuse_command("a change of state takes no options: send the options with another change");
        }
        sql.with(MARGIN, &self.options);
    }
}

impl<M> Call<M, AlterFlow> {
    /// Adds a `WITH` option: what to read from a new source, or an advanced configuration. With a change of
    /// state the call fails with [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn option(mut self, key: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        self.command.options.set(key, value);
        self
    }

    /// Adds several `WITH` options, from a map or from pairs of keys and values.
    pub fn options<K: Into<String>, V: Into<OptionValue>>(
        mut self,
        options: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.command.options.extend(options);
        self
    }
}

/// The states of [`FlowChange`], for JSON.
#[derive(Clone, PartialEq)]
enum FlowState {
    Pause,
    Resume,
    CleanAndRestart,
    Other(String),
}

impl OpenEnum for FlowState {
    const WHAT: &'static str = "flow state";
    const KNOWN: &'static [(Self, &'static str)] =
        &[(Self::Pause, "PAUSE"), (Self::Resume, "RESUME"), (Self::CleanAndRestart, "CLEAN_AND_RESTART")];

    fn other(text: String) -> Self {
        Self::Other(text)
    }

    fn as_other(&self) -> Option<&str> {
        match self {
            Self::Other(text) => Some(text),
            Self::Pause | Self::Resume | Self::CleanAndRestart => None,
        }
    }
}

/// [`AlterFlow`] as it is in JSON.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlterFlowJson {
    name: String,
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    state: Option<FlowState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    performance_profile: Option<PerformanceProfile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_sync_frequency_mins: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transformations: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validations: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quarantine_enabled: Option<bool>,
    /// `false` is the same as an absent key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    advanced_configs: Option<bool>,
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    options: Options,
}

impl From<AlterFlow> for AlterFlowJson {
    fn from(command: AlterFlow) -> Self {
        use FlowChange::*;
        let mut json = Self { name: command.name, options: command.options, ..Self::default() };
        match command.change {
            Pause => json.state = Some(FlowState::Pause),
            Resume => json.state = Some(FlowState::Resume),
            CleanAndRestart => json.state = Some(FlowState::CleanAndRestart),
            OtherState(state) => json.state = Some(FlowState::Other(state)),
            Source(source) => json.source = Some(source),
            Cluster(cluster) => json.cluster = Some(cluster),
            PerformanceProfile(profile) => json.performance_profile = Some(profile),
            MinSyncFrequencyMins(mins) => json.min_sync_frequency_mins = Some(mins),
            Transformations(names) => json.transformations = Some(names),
            Validations(names) => json.validations = Some(names),
            QuarantineEnabled(enabled) => json.quarantine_enabled = Some(enabled),
            AdvancedConfigs => json.advanced_configs = Some(true),
        }
        json
    }
}

impl TryFrom<AlterFlowJson> for AlterFlow {
    type Error = String;

    fn try_from(json: AlterFlowJson) -> Result<Self, String> {
        const ONE_OF: &str = "state, source, cluster, performance_profile, min_sync_frequency_mins, \
                              transformations, validations, quarantine_enabled, advanced_configs";
        let state = json.state.map(|state| match state {
            FlowState::Pause => FlowChange::Pause,
            FlowState::Resume => FlowChange::Resume,
            FlowState::CleanAndRestart => FlowChange::CleanAndRestart,
            FlowState::Other(state) => FlowChange::OtherState(state),
        });
        let mut changes = [
            state,
            json.source.map(FlowChange::Source),
            json.cluster.map(FlowChange::Cluster),
            json.performance_profile.map(FlowChange::PerformanceProfile),
            json.min_sync_frequency_mins.map(FlowChange::MinSyncFrequencyMins),
            json.transformations.map(FlowChange::Transformations),
            json.validations.map(FlowChange::Validations),
            json.quarantine_enabled.map(FlowChange::QuarantineEnabled),
            json.advanced_configs.filter(|given| *given).map(|_| FlowChange::AdvancedConfigs),
        ]
        .into_iter()
        .flatten();
        match (changes.next(), changes.next()) {
            (Some(change), None) => Ok(Self { name: json.name, change, options: json.options }),
            (None, _) => Err(format!("alter_flow: nothing to change: give one of {ONE_OF}")),
            (Some(_), Some(_)) => Err(format!("alter_flow: one change at a time: give one of {ONE_OF}")),
        }
    }
}

/// # Changes of flows
impl<M> Client<M> {
    /// Pauses, resumes, restarts or changes a flow: `ALTER FLOW`. One change at a time.
    ///
    /// Option of the call: `option`. It cannot be combined with a change of the state (pause, resume, clean
    /// and restart).
    ///
    /// Vendor's page:
    /// [`ALTER FLOW`](https://docs.onehouse.ai/api/sql-command-reference/alter-capture-stream).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, FlowChange};
    ///
    /// let client = Client::offline();
    /// let call = client.alter_flow("pipe", FlowChange::Pause);
    /// assert_eq!(call.to_sql()?, "ALTER FLOW `pipe`\nSET STATE = PAUSE");
    ///
    /// let call = client
    ///     .alter_flow("pipe", FlowChange::Source("clicks2".into()))
    ///     .option("kafka.topic.name", "page_views")
    ///     .option("kafka.startingOffsets", "latest");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "ALTER FLOW `pipe`\nSET SOURCE = 'clicks2'\n\
    ///      WITH 'kafka.topic.name' = 'page_views', 'kafka.startingOffsets' = 'latest'",
    /// );
    ///
    /// let call = client
    ///     .alter_flow("pipe", FlowChange::AdvancedConfigs)
    ///     .option("flow.deduplicationPolicy", "drop");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "ALTER FLOW `pipe`\nSET ADVANCED_CONFIGS\nWITH 'flow.deduplicationPolicy' = 'drop'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_flow(&self, name: impl Into<String>, change: FlowChange) -> Call<M, AlterFlow> {
        self.call(AlterFlow::new(name, change))
    }
}
