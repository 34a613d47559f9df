//! `flow`: flows, which bring data into tables.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    AlterFlow, CreateFlow, DeleteFlow, DescribeFlow, FlowChange, NewFlow, PartitionKey, PerformanceProfile,
    ShowFlows, TableType, WriteMode,
};

use crate::failure::{Failure, Result};

use super::choices::{FLOW_STATES, PERFORMANCE_PROFILES, TABLE_TYPES, WRITE_MODES, choice};
use super::partition_key::partition_key;
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Flow {
    /// Create a flow
    Create(Box<Create>),
    /// Describe a flow
    Describe {
        /// Name of the flow, or its id NAME:TABLE
        name: String,
    },
    /// List the flows
    Show,
    /// Change one property of a flow
    Alter(Box<Alter>),
    /// Delete a flow; its table stays
    Delete {
        /// Name of the flow
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the flow
    name: String,
    /// Source that the flow reads
    #[arg(long, allow_hyphen_values = true)]
    source: String,
    /// Lake of the flow's table
    #[arg(long, allow_hyphen_values = true)]
    lake: String,
    /// Database of the flow's table
    #[arg(long, allow_hyphen_values = true)]
    database: String,
    /// Table that the flow writes to
    #[arg(long, value_name = "TABLE", allow_hyphen_values = true)]
    table_name: String,
    /// Whether records may change
    #[arg(long, value_parser = choice::<WriteMode>(WRITE_MODES), ignore_case = true)]
    write_mode: WriteMode,
    /// Cluster that the flow runs on
    #[arg(long, allow_hyphen_values = true)]
    cluster: String,
    /// Optimization of writes
    #[arg(long, value_parser = choice::<PerformanceProfile>(PERFORMANCE_PROFILES), ignore_case = true)]
    performance_profile: Option<PerformanceProfile>,
    /// Type of the flow's table
    #[arg(long, value_parser = choice::<TableType>(TABLE_TYPES), ignore_case = true)]
    table_type: Option<TableType>,
    /// Schema of the source's data
    #[arg(long, value_name = "SCHEMA", allow_hyphen_values = true)]
    source_data_schema: Option<String>,
    /// Field of the record key; repeatable
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    record_key_fields: Vec<String>,
    /// Field of the partition key: FIELD[:TYPE[:INPUT_FORMAT[:OUTPUT_FORMAT]]] with `\:` for a colon in a
    /// format, or a JSON object; repeatable
    #[arg(long, value_name = "KEY", value_parser = partition_key, allow_hyphen_values = true)]
    partition_key_fields: Vec<PartitionKey>,
    /// Field that decides which of two records is newer
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    precombine_key_field: Option<String>,
    /// Field to sort by; repeatable
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sorting_key_fields: Vec<String>,
    /// Smallest number of minutes between two syncs
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true)]
    min_sync_frequency_mins: Option<i64>,
    #[command(flatten)]
    quarantine: Quarantine,
    /// Catalog in which the flow's table is registered; repeatable
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    catalogs: Vec<String>,
    /// Transformation to apply; repeatable
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    transformations: Vec<String>,
    /// Validation to apply; repeatable
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    validations: Vec<String>,
    #[command(flatten)]
    with: With,
}

/// Exactly one of these, with options if it is not the state; options alone are advanced configurations.
#[derive(Args, Debug)]
pub(super) struct Alter {
    /// Name of the flow
    name: String,
    /// State to set
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(FLOW_STATES), ignore_case = true)]
    state: Option<String>,
    /// New source
    #[arg(long, allow_hyphen_values = true)]
    source: Option<String>,
    /// New cluster
    #[arg(long, allow_hyphen_values = true)]
    cluster: Option<String>,
    /// New performance profile
    #[arg(long, value_parser = choice::<PerformanceProfile>(PERFORMANCE_PROFILES), ignore_case = true)]
    performance_profile: Option<PerformanceProfile>,
    /// New smallest number of minutes between two syncs
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true)]
    min_sync_frequency_mins: Option<i64>,
    /// New transformation; repeatable
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    transformations: Vec<String>,
    /// New validation; repeatable
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    validations: Vec<String>,
    #[command(flatten)]
    quarantine: Quarantine,
    /// Set the WITH options as advanced configurations; implied if nothing else is changed
    #[arg(long)]
    advanced_configs: bool,
    #[command(flatten)]
    with: With,
}

#[derive(Args, Debug)]
struct Quarantine {
    /// Keep bad records in quarantine
    #[arg(long, overrides_with = "no_quarantine_enabled")]
    quarantine_enabled: bool,
    /// Fail on bad records
    #[arg(long, overrides_with = "quarantine_enabled")]
    no_quarantine_enabled: bool,
}

impl Quarantine {
    fn value(&self) -> Option<bool> {
        (self.quarantine_enabled || self.no_quarantine_enabled).then_some(self.quarantine_enabled)
    }
}

/// A list that was given; one without entries was not.
fn given<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

impl Flow {
    pub(super) fn task(self) -> Result<Task> {
        Ok(match self {
            Self::Create(create) => create.task(),
            Self::Alter(alter) => alter.task()?,
            Self::Delete { name } => Task::delete(DeleteFlow::new(&name), &format!("flow '{name}'")),
            Self::Describe { name } => {
                let is_id = name.contains(':');
                Task::read(DescribeFlow::new(name)).unchecked_if(is_id)
            }
            Self::Show => Task::read(ShowFlows::new()),
        })
    }
}

impl Create {
    fn task(self) -> Task {
        let flow = NewFlow {
            source: &self.source,
            lake: &self.lake,
            database: &self.database,
            table_name: &self.table_name,
            write_mode: self.write_mode,
            cluster: &self.cluster,
        };
        let mut command = CreateFlow::new(&self.name, flow);
        command.performance_profile = self.performance_profile;
        command.source_data_schema = self.source_data_schema;
        command.catalogs = given(self.catalogs);
        command.transformations = given(self.transformations);
        command.record_key_fields = given(self.record_key_fields);
        command.partition_key_fields = given(self.partition_key_fields);
        command.precombine_key_field = self.precombine_key_field;
        command.sorting_key_fields = given(self.sorting_key_fields);
        command.min_sync_frequency_mins = self.min_sync_frequency_mins;
        command.quarantine_enabled = self.quarantine.value();
        command.validations = given(self.validations);
        command.table_type = self.table_type;
        command.options = self.with.into_options();
        Task::change(command, format!("Flow '{}' created.", self.name))
    }
}

impl Alter {
    fn task(self) -> Result<Task> {
        let name = self.name;
        let options = self.with.into_options();
        let state = self.state.map(|state| match state.to_ascii_uppercase().as_str() {
            "PAUSE" => FlowChange::Pause,
            "RESUME" => FlowChange::Resume,
            _ => FlowChange::CleanAndRestart,
        });
        let mut changes: Vec<FlowChange> = [
            state,
            self.source.map(FlowChange::Source),
            self.cluster.map(FlowChange::Cluster),
            self.performance_profile.map(FlowChange::PerformanceProfile),
            self.min_sync_frequency_mins.map(FlowChange::MinSyncFrequencyMins),
            given(self.transformations).map(FlowChange::Transformations),
            given(self.validations).map(FlowChange::Validations),
            self.quarantine.value().map(FlowChange::QuarantineEnabled),
            self.advanced_configs.then_some(FlowChange::AdvancedConfigs),
        ]
        .into_iter()
        .flatten()
        .collect();
        if changes.is_empty() && !options.is_empty() {
            changes.push(FlowChange::AdvancedConfigs);
        }
        let change = match (changes.pop(), changes.is_empty()) {
            (Some(change), true) => change,
            (None, _) => return Err(refused(&name, "nothing to change", "Give one of its options")),
            (Some(_), false) => {
                return Err(refused(&name, "one change at a time", "Send one command for each option"));
            }
        };
        let mut command = AlterFlow::new(&name, change);
        command.options = options;
        Ok(Task::change(command, format!("Flow '{name}' altered.")))
    }
}

fn refused(name: &str, why: &str, advice: &str) -> Failure {
    Failure::usage(format!("flow alter '{name}': {why}; nothing was sent"))
        .hint(format!("{advice}: `controlplane onehouse flow alter --help` lists them."))
}
