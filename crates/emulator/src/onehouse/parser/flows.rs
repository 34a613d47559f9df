//! Statements about flows. The older pages, as CREATE STREAM CAPTURE, call them stream captures.

use controlplane::onehouse::{AlterFlow, CreateFlow, FlowChange, NewFlow, PartitionKey};

use super::super::lexer::Kind;
use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_flow(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let source = self.clause("SOURCE", Self::text)?;
        let lake = self.clause("LAKE", Self::text)?;
        let database = self.clause("DATABASE", Self::text)?;
        let table_name = self.clause("TABLE_NAME", Self::text)?;
        let write_mode = self.clause("WRITE_MODE", Self::choice)?;
        let cluster = self.clause("CLUSTER", Self::text)?;
        let flow = NewFlow {
            source: &source,
            lake: &lake,
            database: &database,
            table_name: &table_name,
            write_mode,
            cluster: &cluster,
        };
        let mut command = CreateFlow::new(name, flow);
        command.performance_profile = self.optional("PERFORMANCE_PROFILE", Self::choice)?;
        command.source_data_schema = self.optional("SOURCE_DATA_SCHEMA", Self::text)?;
        command.catalogs = self.optional("CATALOGS", Self::texts)?;
        command.transformations = self.optional("TRANSFORMATIONS", Self::texts)?;
        command.record_key_fields = self.optional("RECORD_KEY_FIELDS", Self::texts)?;
        command.partition_key_fields =
            self.optional("PARTITION_KEY_FIELDS", |parser| parser.list(Self::partition_key))?;
        command.precombine_key_field = self.optional("PRECOMBINE_KEY_FIELD", Self::text)?;
        command.sorting_key_fields = self.optional("SORTING_KEY_FIELDS", Self::texts)?;
        command.min_sync_frequency_mins = self.optional("MIN_SYNC_FREQUENCY_MINS", Self::integer)?;
        command.quarantine_enabled = self.optional("QUARANTINE_ENABLED", Self::boolean)?;
        command.validations = self.optional("VALIDATIONS", Self::texts)?;
        command.table_type = self.optional("TABLE_TYPE", Self::choice)?;
        command.options = self.with()?;
        Ok(command.into())
    }

    /// Four fields without commas between them.
    fn partition_key(&mut self) -> Parse<PartitionKey> {
        let mut key = PartitionKey::new(self.clause("field", Self::text)?);
        key.partition_type = self.clause("partition_type", Self::exact_choice)?;
        key.input_format = self.clause("input_format", Self::text)?;
        key.output_format = self.clause("output_format", Self::text)?;
        Ok(key)
    }

    pub(super) fn alter_flow(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        self.keyword("SET")?;
        if let Some(change) = self.optional("STATE", Self::flow_state)? {
            return Ok(AlterFlow::new(name, change).into());
        }
        let change = if let Some(source) = self.optional("SOURCE", Self::text)? {
            FlowChange::Source(source)
        } else if let Some(cluster) = self.optional("CLUSTER", Self::text)? {
            FlowChange::Cluster(cluster)
        } else if let Some(profile) = self.optional("PERFORMANCE_PROFILE", Self::choice)? {
            FlowChange::PerformanceProfile(profile)
        } else if let Some(mins) = self.optional("MIN_SYNC_FREQUENCY_MINS", Self::integer)? {
            FlowChange::MinSyncFrequencyMins(mins)
        } else if let Some(names) = self.optional("TRANSFORMATIONS", Self::texts)? {
            FlowChange::Transformations(names)
        } else if let Some(names) = self.optional("VALIDATIONS", Self::texts)? {
            FlowChange::Validations(names)
        } else if let Some(enabled) = self.optional("QUARANTINE_ENABLED", Self::boolean)? {
            FlowChange::QuarantineEnabled(enabled)
        } else {
            self.keyword("ADVANCED_CONFIGS")?;
            FlowChange::AdvancedConfigs
        };
        let mut command = AlterFlow::new(name, change);
        command.options = self.with()?;
        Ok(command.into())
    }

    /// A state as newer clients write it, bare, or in single quotes as the older pages have it.
    fn flow_state(&mut self) -> Parse<FlowChange> {
        let quoted = matches!(self.token().kind, Kind::Text(_));
        let known = [
            ("PAUSE", FlowChange::Pause),
            ("RESUME", FlowChange::Resume),
            ("CLEAN_AND_RESTART", FlowChange::CleanAndRestart),
        ];
        for (state, change) in known {
            let same = matches!(&self.token().kind, Kind::Text(text) if text.eq_ignore_ascii_case(state));
            if same || self.is_word(0, state) {
                self.step();
                return Ok(change);
            }
            self.expected.push(state);
        }
        if quoted {
            return self.text().map(FlowChange::OtherState);
        }
        Err(self.unexpected())
    }
}
