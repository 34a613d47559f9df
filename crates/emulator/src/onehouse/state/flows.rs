//! Flows.
//!
//! The emulator's own: the states `RUNNING` and `PAUSED`, the default profile `BALANCED`, that a sync
//! frequency is at least a minute, that a flow may write a table which an earlier flow has left, and that
//! `ADVANCED_CONFIGS` without options is refused.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    AlterFlow, CreateFlow, DeleteFlow, DescribeFlow, FlowChange, Options, WriteMode,
};

use crate::document::words::one_of;

use super::super::operations::{Fault, Outcome};
use super::super::words::{Spelling, Word};
use super::table_services::{ServiceState, Table};
use super::{State, check_free, check_known, check_option, find, find_mut, shown_options, text_option};

/// A flow: what it was created with, as altered since.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flow {
    pub(super) spec: CreateFlow,
    #[serde(deserialize_with = "state")]
    state: Spelling,
}

fn state<'de, D: Deserializer<'de>>(from: D) -> Result<Spelling, D::Error> {
    one_of(from, &[RUNNING, PAUSED])
}

impl Flow {
    pub(super) fn state(&self) -> &'static str {
        self.state
    }
}

const RUNNING: &str = "RUNNING";
const PAUSED: &str = "PAUSED";
/// The type of a table whose flow names none.
const MERGE_ON_READ: &str = "MERGE_ON_READ";
const BALANCED: &str = "BALANCED";

/// Which keys belong to which source: the service checks that they match (page CREATE FLOW).
const KEYS: [(&str, &[&str]); 6] = [
    ("kafka.", &["APACHE_KAFKA", "MSK_KAFKA", "CONFLUENT_KAFKA"]),
    ("s3.", &["S3"]),
    ("gcs.", &["GCS"]),
    ("source.table.", &["ONEHOUSE_TABLE"]),
    ("postgres.", &["POSTGRES"]),
    ("mysql.", &["MY_SQL"]),
];

impl Flow {
    fn table(&self) -> (String, String) {
        (self.spec.database.clone(), self.spec.table_name.clone())
    }
}

impl State {
    pub(super) fn create_flow(&mut self, command: &CreateFlow) -> Outcome {
        check_known(&command.write_mode)?;
        check_option(command.performance_profile.as_ref())?;
        let table_type = check_option(command.table_type.as_ref())?.unwrap_or(MERGE_ON_READ);
        for key in command.partition_key_fields.iter().flatten() {
            check_known(&key.partition_type)?;
        }
        check_frequency(command.min_sync_frequency_mins)?;
        check_free(&self.flows, "flow", &command.name)?;
        self.check_source(&command.source, &command.options)?;
        self.check_database(&command.lake, &command.database)?;
        find(&self.clusters, "cluster", &command.cluster)?;
        for name in command.catalogs.iter().flatten() {
            find(&self.catalogs, "catalog", name)?;
        }
        self.check_steps(&command.transformations, &command.validations)?;
        let table = (command.database.clone(), command.table_name.clone());
        if let Some((other, _)) = self.flows.iter().find(|(_, flow)| flow.table() == table) {
            return Err(Fault::forbidden(format!(
                "table '{}' is written by flow '{other}' already",
                table.1
            )));
        }
        self.tables
            .entry(table)
            .or_insert_with(|| Table::of_flow(table_type))
            .set_services(ServiceState::Active);
        let flow = Flow { spec: command.clone(), state: RUNNING };
        let payload = json!({
            "id": id(&command.name, &flow),
            "name": command.name,
            "lake": command.lake,
            "database": command.database,
            "table_name": command.table_name,
        });
        self.flows.insert(command.name.clone(), flow);
        Ok(payload)
    }

    pub(super) fn alter_flow(&mut self, command: &AlterFlow) -> Outcome {
        use FlowChange::*;
        let flow = find(&self.flows, "flow", &command.name)?;
        let (table, is_mutable) = (flow.table(), flow.spec.write_mode != WriteMode::Immutable);
        match &command.change {
            OtherState(state) => {
                return Err(Fault::invalid(format!(
                    "unknown state of a flow '{state}'; known values: PAUSE, RESUME, CLEAN_AND_RESTART"
                )));
            }
            CleanAndRestart if flow.spec.options.get("table.configured.base.path").is_some() => {
                return Err(Fault::forbidden(
                    "a flow with its own base path (table.configured.base.path) cannot be cleaned and restarted",
                ));
            }
            PerformanceProfile(profile) => {
                check_known(profile)?;
                if is_mutable {
                    return Err(Fault::forbidden(
                        "the performance profile can be changed only for append-only flows, with WRITE_MODE 'IMMUTABLE'",
                    ));
                }
            }
            MinSyncFrequencyMins(mins) => check_frequency(Some(*mins))?,
            Source(source) => self.check_source(source, &command.options)?,
            Cluster(cluster) => {
                find(&self.clusters, "cluster", cluster)?;
            }
            Transformations(names) => self.check_steps(&Some(names.clone()), &None)?,
            Validations(names) => self.check_steps(&None, &Some(names.clone()))?,
            AdvancedConfigs if command.options.is_empty() => {
                return Err(Fault::invalid("ADVANCED_CONFIGS needs options: add WITH 'key' = 'value'"));
            }
            // The parser makes no others.
            _ => {}
        }
        let flow = find_mut(&mut self.flows, "flow", &command.name)?;
        flow.spec.options.extend(command.options.iter().map(|(key, value)| (key, value.clone())));
        let services = match &command.change {
            Pause => {
                flow.state = PAUSED;
                Some(ServiceState::Paused)
            }
            Resume | CleanAndRestart => {
                flow.state = RUNNING;
                Some(ServiceState::Active)
            }
            _ => None,
        };
        match command.change.clone() {
            Source(source) => flow.spec.source = source,
            Cluster(cluster) => flow.spec.cluster = cluster,
            PerformanceProfile(profile) => flow.spec.performance_profile = Some(profile),
            MinSyncFrequencyMins(mins) => flow.spec.min_sync_frequency_mins = Some(mins),
            Transformations(names) => flow.spec.transformations = Some(names),
            Validations(names) => flow.spec.validations = Some(names),
            QuarantineEnabled(enabled) => flow.spec.quarantine_enabled = Some(enabled),
            _ => {}
        }
        let state = flow.state;
        if let Some(table) = self.tables.get_mut(&table) {
            if let Some(services) = services {
                table.set_services(services);
            }
            if command.change == CleanAndRestart {
                // The version before is archived, where no statement reaches it.
                table.version = table.version.saturating_add(1);
            }
        }
        Ok(json!({ "name": command.name, "state": state }))
    }

    /// The table stays; its services are paused.
    pub(super) fn delete_flow(&mut self, command: &DeleteFlow) -> Outcome {
        let table = find(&self.flows, "flow", &command.name)?.table();
        self.flows.remove(&command.name);
        if let Some(table) = self.tables.get_mut(&table) {
            table.set_services(ServiceState::Paused);
        }
        Ok(json!({ "name": command.name }))
    }

    /// By name, or by the id that SHOW FLOWS has.
    pub(super) fn describe_flow(&self, command: &DescribeFlow) -> Outcome {
        let by_id = || self.flows.iter().find(|(name, flow)| id(name, flow) == command.name);
        match self.flows.get_key_value(&command.name).or_else(by_id) {
            Some((name, flow)) => Ok(described(name, flow)),
            None => Err(Fault::unknown("flow", &command.name)),
        }
    }

    pub(super) fn show_flows(&self) -> Outcome {
        let rows = self.flows.iter().map(|(name, flow)| {
            json!({
                "id": id(name, flow),
                "name": name,
                "state": flow.state,
                "source": flow.spec.source,
                "lake": flow.spec.lake,
                "database": flow.spec.database,
                "table_name": flow.spec.table_name,
            })
        });
        Ok(rows.collect())
    }

    /// The source exists, and options that are about sources are about one of its type.
    fn check_source(&self, name: &str, options: &Options) -> Result<(), Fault> {
        let source = find(&self.sources, "source", name)?;
        for (key, _) in options.iter() {
            for (prefix, kinds) in KEYS {
                if key.starts_with(prefix) && !kinds.contains(&source.kind) {
                    let kind = &source.kind;
                    return Err(Fault::forbidden(format!(
                        "source '{name}' is of type {kind}, which does not have the option '{key}'"
                    )));
                }
            }
        }
        Ok(())
    }

    fn check_steps(
        &self,
        transformations: &Option<Vec<String>>,
        validations: &Option<Vec<String>>,
    ) -> Result<(), Fault> {
        for name in transformations.iter().flatten() {
            find(&self.transformations, "transformation", &name.to_lowercase())?;
        }
        for name in validations.iter().flatten() {
            find(&self.validations, "validation", name)?;
        }
        Ok(())
    }
}

fn check_frequency(mins: Option<i64>) -> Result<(), Fault> {
    match mins {
        Some(mins) if mins < 1 => {
            Err(Fault::invalid(format!("MIN_SYNC_FREQUENCY_MINS is {mins}, but it has to be at least 1")))
        }
        _ => Ok(()),
    }
}

/// The id that SHOW FLOWS has: name and table.
fn id(name: &str, flow: &Flow) -> String {
    format!("{name}:{}", flow.spec.table_name)
}

fn partition_keys(spec: &CreateFlow) -> Value {
    let keys = spec.partition_key_fields.iter().flatten().map(|key| {
        json!({
            "field": key.field,
            "partition_type": key.partition_type.text(),
            "input_format": key.input_format,
            "output_format": key.output_format,
        })
    });
    keys.collect()
}

fn described(name: &str, flow: &Flow) -> Value {
    let spec = &flow.spec;
    let is_kafka = text_option(&spec.options, "kafka.topic.name").is_some();
    let mut options = shown_options(&spec.options);
    if is_kafka && spec.options.get("kafka.startingOffsets").is_none() {
        options["kafka.startingOffsets"] = "earliest".into();
    }
    json!({
        "id": id(name, flow),
        "name": name,
        "state": flow.state,
        "source": spec.source,
        "lake": spec.lake,
        "database": spec.database,
        "table_name": spec.table_name,
        "write_mode": spec.write_mode.text(),
        "cluster": spec.cluster,
        "performance_profile": spec.performance_profile.as_ref().map_or(BALANCED, Word::text),
        "source_data_schema": spec.source_data_schema,
        "catalogs": spec.catalogs.as_deref().unwrap_or_default(),
        "transformations": spec.transformations.as_deref().unwrap_or_default(),
        "record_key_fields": spec.record_key_fields.as_deref().unwrap_or_default(),
        "partition_key_fields": partition_keys(spec),
        "precombine_key_field": spec.precombine_key_field,
        "sorting_key_fields": spec.sorting_key_fields.as_deref().unwrap_or_default(),
        "min_sync_frequency_mins": spec.min_sync_frequency_mins.unwrap_or(1),
        "quarantine_enabled": spec.quarantine_enabled.unwrap_or(false),
        "validations": spec.validations.as_deref().unwrap_or_default(),
        "table_type": spec.table_type.as_ref().map_or(MERGE_ON_READ, Word::text),
        "options": options,
    })
}
