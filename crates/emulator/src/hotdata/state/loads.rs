//! Loads of tables.

use std::io::{Cursor, Read};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::document::words::{Word, one_of_or_none};
use crate::hotdata::analysis::hash;
use crate::hotdata::common::ends_within;
use crate::hotdata::fields::Fields;
use crate::hotdata::journal::Taken;
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::{Check, ColumnType, Load, Mode, Source as Rows, SourceFormat};

use super::tables::{Column, Loaded, Schema, Table, identifier};
use super::uploads::Uploaded;
use super::{Space, room};

/// The most inline data, in bytes.
pub(in super::super) const MAX_INLINE: usize = 2 * 1024 * 1024;
/// The longest idempotency key.
const MAX_KEY: usize = 255;
/// How long to wait for a table that is locked, in seconds.
const LOCKED: u64 = 5;

/// A load that is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Plan {
    /// What the ledger calls it. Of one that is kept, it is there already.
    #[serde(skip, default = "in_background")]
    operation: Word,
    connection: String,
    schema: String,
    table: String,
    mode: Mode,
    key: Option<Vec<String>>,
    source: Source,
    #[serde(deserialize_with = "format")]
    format: Option<Word>,
    columns: Option<Vec<(String, ColumnType)>>,
    checks: Vec<(String, Check)>,
    idempotency: Option<(String, String)>,
}

fn in_background() -> Word {
    "managed_load"
}

fn format<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Word>, D::Error> {
    one_of_or_none(from, &["csv", "json", "parquet"])
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Data(String),
    Upload(String),
    Result(String),
}

/// What a key was used for, and what came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Used {
    key: String,
    /// Of data, table and mode.
    print: String,
    /// `None` while it runs.
    answer: Option<Value>,
}

/// A load in the background.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Running {
    job: String,
    plan: Plan,
    /// What it has for itself alone; claimed again when a state is restored.
    #[serde(skip)]
    uploaded: Option<Uploaded>,
}

impl Running {
    /// The upload that it loads.
    pub(super) fn upload(&self) -> Option<&str> {
        match &self.plan.source {
            Source::Upload(id) => Some(id),
            _ => None,
        }
    }

    pub(super) fn job(&self) -> &str {
        &self.job
    }

    pub(super) fn set_uploaded(&mut self, uploaded: Uploaded) {
        self.uploaded = Some(uploaded);
    }
}

impl Plan {
    pub(in super::super) fn read(
        operation: &'static str,
        path: (&str, &str, &str),
        fields: &Fields,
    ) -> Result<Self, Refusal> {
        let mode = Mode::parse(&fields.needed("mode")?)?;
        let sources = (fields.text("data")?, fields.text("upload_id")?, fields.text("result_id")?);
        let source = match sources {
            (Some(data), None, None) => Source::Data(data),
            (None, Some(upload), None) => Source::Upload(upload),
            (None, None, Some(result)) => Source::Result(result),
            _ => return Err(Refusal::bad("exactly one of upload_id, result_id and data must be given")),
        };
        if matches!(&source, Source::Data(data) if data.len() > MAX_INLINE) {
            let why = "data is larger than 2 MiB: upload it and give its upload_id";
            return Err(Refusal::new(413, "INLINE_DATA_TOO_LARGE", why));
        }
        let format = fields.word("format", &["csv", "json", "parquet"])?;
        match (&source, format) {
            (Source::Data(_), Some(other)) if other != "csv" => {
                return Err(Refusal::bad("format must be csv for inline data"));
            }
            (Source::Result(_), Some(_)) => {
                return Err(Refusal::bad("format cannot be given together with result_id"));
            }
            _ => {}
        }
        let columns = fields.object("columns")?.map(types).transpose()?;
        let checks = fields.object("columns")?.map(checks).unwrap_or_default();
        if columns.is_some() && !matches!(source, Source::Data(_)) {
            return Err(Refusal::bad("columns can only be given together with data"));
        }
        let key = fields.text("idempotency_key")?;
        if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > MAX_KEY) {
            return Err(Refusal::bad("idempotency_key is empty or longer than 255 bytes"));
        }
        let (schema, table) = (identifier("schema", path.1)?, identifier("table", path.2)?);
        let idempotency = match (key, &source) {
            (None, _) => None,
            (Some(key), Source::Data(data)) => {
                let print = hash(&format!("{}/{schema}/{table}/{mode:?}/{data}", path.0));
                Some((key, print))
            }
            (Some(_), _) => return Err(Refusal::bad("idempotency_key can only be given together with data")),
        };
        Ok(Self {
            operation,
            connection: path.0.to_owned(),
            schema,
            table,
            mode,
            key: fields.texts("key")?.filter(|key| !key.is_empty()),
            source,
            format,
            columns,
            checks,
            idempotency,
        })
    }

    fn id(&self) -> String {
        format!("{}/{}/{}", self.connection, self.schema, self.table)
    }

    fn taken(&self, operation: &'static str, rows: Option<u64>) -> Taken {
        Taken {
            operation,
            id: self.id(),
            mode: Some(name_of(self.mode).to_owned()),
            rows,
            ..Taken::default()
        }
    }
}

impl Space {
    /// Loads a table: the status of the answer, and its body.
    pub(in super::super) fn load(
        &mut self,
        plan: Plan,
        background: Option<Option<u64>>,
    ) -> Result<(u16, Value), Refusal> {
        self.managed(&plan.connection)?;
        if background.is_some() && matches!(plan.source, Source::Result(_)) {
            return Err(Refusal::bad("async cannot be given together with result_id"));
        }
        if let Some(answer) = self.used_before(&plan)? {
            return Ok((200, answer));
        }
        self.check_lock(&plan)?;
        let uploaded = self.source_of(&plan)?;
        let Some(wait) = background else {
            let done = self.perform(&plan, uploaded)?;
            self.remember(&plan, Some(done.clone()));
            return Ok((200, done));
        };
        let end = self.common.end(self.common.pending);
        let wait = Duration::from_millis(wait.unwrap_or(0));
        if !wait.is_zero() && ends_within(end, self.common.instant(), wait) {
            let done = self.perform(&plan, uploaded)?;
            self.remember(&plan, Some(done.clone()));
            return Ok((200, done));
        }
        let job = self.begin_job("managed_load", end)?;
        self.remember(&plan, None);
        let taken = plan.taken(plan.operation, None);
        self.loads.push(Running { job: job.clone(), plan, uploaded });
        self.note_with(taken);
        Ok((202, self.ticket(&job)))
    }

    /// The answer that a load with this key had before.
    fn used_before(&self, plan: &Plan) -> Result<Option<Value>, Refusal> {
        let Some((key, print)) = &plan.idempotency else { return Ok(None) };
        match self.used.iter().find(|used| used.key == *key) {
            None => Ok(None),
            Some(used) if used.print != *print => {
                let why = "idempotency_key was used for a load of other data, another table or another mode";
                Err(Refusal::new(409, "IDEMPOTENCY_KEY_CONFLICT", why))
            }
            Some(Used { answer: None, .. }) => {
                Err(Refusal::conflict("the load with this idempotency_key is still running"))
            }
            Some(Used { answer, .. }) => Ok(answer.clone()),
        }
    }

    fn remember(&mut self, plan: &Plan, answer: Option<Value>) {
        let Some((key, print)) = &plan.idempotency else { return };
        self.used.retain(|used| used.key != *key);
        if room(&self.used, "idempotency keys").is_err() {
            self.used.remove(0);
        }
        self.used.push(Used { key: key.clone(), print: print.clone(), answer });
    }

    /// Whether a load of this table is running.
    pub(super) fn is_being_loaded(&self, connection: &str, schema: &str, table: &str) -> bool {
        self.loads.iter().any(|one| {
            one.plan.connection == connection && one.plan.schema == schema && one.plan.table == table
        })
    }

    /// Refuses a load of a table that another one holds. It is a look at that one.
    fn check_lock(&mut self, plan: &Plan) -> Result<(), Refusal> {
        let locked = || {
            Refusal::new(
                409,
                "RESOURCE_LOCKED",
                "another load of this table is running: try again after it has ended",
            )
            .retry_after(LOCKED)
        };
        {
            let mut behaviour = self.common.behaviour();
            if behaviour.locked_loads > 0 {
                behaviour.locked_loads -= 1;
                return Err(locked());
            }
        }
        let other = self.loads.iter().find(|one| one.plan.id() == plan.id()).map(|one| one.job.clone());
        match other {
            Some(job) => {
                self.look_at_job(&job);
                Err(locked())
            }
            None => Ok(()),
        }
    }

    /// That there is something to load. An upload is the load's alone from now on.
    fn source_of(&self, plan: &Plan) -> Result<Option<Uploaded>, Refusal> {
        match &plan.source {
            Source::Data(_) => Ok(None),
            Source::Result(id) => self.ready_result(id).map(|_| None),
            Source::Upload(id) => self.claim(id).map(Some),
        }
    }

    /// Loads that are due.
    pub(super) fn settle_loads(&mut self) {
        for job in self.due("managed_load") {
            let Some(place) = self.loads.iter().position(|one| one.job == job) else { continue };
            let Running { plan, uploaded, .. } = self.loads.remove(place);
            let quiet = Plan { operation: "managed_load", ..plan.clone() };
            let result = self.perform(&quiet, uploaded);
            match &result {
                Ok(done) => self.remember(&plan, Some(done.clone())),
                Err(_) => {
                    if let Some((key, _)) = &plan.idempotency {
                        self.used.retain(|used| used.key != *key);
                    }
                }
            }
            self.end_job(&job, result.map_err(|refusal| refusal.message));
        }
    }

    /// Puts the rows into the table, or leaves it as it was.
    fn perform(&mut self, plan: &Plan, uploaded: Option<Uploaded>) -> Result<Value, Refusal> {
        let behind = self.managed(&plan.connection)?;
        let declared = behind.schema(&plan.schema).and_then(|schema| schema.table(&plan.table)).cloned();
        let declared = declared.unwrap_or_else(|| Table::new(plan.table.clone()));
        let key = plan.key.clone().unwrap_or_else(|| declared.key.clone());
        if plan.mode.is_keyed() && key.is_empty() {
            return Err(Refusal::bad(format!(
                "mode {} needs a key: name its columns in `key`, because the table was declared without a key",
                name_of(plan.mode)
            )));
        }
        let data = self.managed(&plan.connection)?.data()?;
        let load = |source: Rows<'_>| {
            data.load(&Load {
                schema: &plan.schema,
                table: &plan.table,
                mode: plan.mode,
                key: &key,
                columns: plan.columns.as_deref(),
                checks: &plan.checks,
                source,
            })
        };
        let done = match &plan.source {
            Source::Data(text) => {
                let open = || -> std::io::Result<Box<dyn Read + Send>> {
                    Ok(Box::new(Cursor::new(text.clone().into_bytes())))
                };
                load(Rows::Text(SourceFormat::Csv, &open))
            }
            Source::Upload(id) => {
                let uploaded = uploaded.as_ref().ok_or_else(|| Refusal::missing("upload", id))?;
                let open = || uploaded.open();
                let format = uploaded.format(plan.format)?;
                load(Rows::Text(format, &open))
            }
            Source::Result(id) => load(Rows::Result(&self.ready_result(id)?)),
        }?;
        if let Some(uploaded) = uploaded {
            uploaded.consume();
        }
        self.note_with(plan.taken(plan.operation, Some(done.row_count)));
        let profile = self.common.end(self.common.pending);
        let at = self.common.now();
        let facts = data.table(&plan.schema, &plan.table);
        let columns = facts.iter().flat_map(|facts| &facts.columns).map(Column::from).collect();
        let shown = json!({
            "connection_id": plan.connection,
            "schema_name": plan.schema,
            "table_name": plan.table,
            "row_count": done.row_count,
            "arrow_schema_json": done.arrow_schema_json,
        });
        let loaded = Loaded { at, rows: done.row_count, columns, profile };
        let catalog = self.managed(&plan.connection)?;
        if catalog.schema(&plan.schema).is_none() {
            catalog.add_schema(Schema::new(plan.schema.clone()))?;
        }
        if let Some(schema) = catalog.schema_mut(&plan.schema) {
            if schema.table(&plan.table).is_none() {
                schema.add(declared)?;
            }
            if let Some(table) = schema.table_mut(&plan.table) {
                table.loaded = Some(loaded);
            }
        }
        Ok(shown)
    }
}

fn name_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Replace => "replace",
        Mode::Append => "append",
        Mode::Delete => "delete",
        Mode::Update => "update",
        Mode::Upsert => "upsert",
    }
}

/// The types of columns, by their names.
pub(super) fn types(columns: &Map<String, Value>) -> Result<Vec<(String, ColumnType)>, Refusal> {
    let read = |(name, definition): (&String, &Value)| Ok((name.clone(), ColumnType::from_json(definition)?));
    columns.iter().map(read).collect()
}

/// What the values of columns have to be beyond their types.
pub(super) fn checks(columns: &Map<String, Value>) -> Vec<(String, Check)> {
    columns.iter().map(|(name, definition)| (name.clone(), Check::from_json(definition))).collect()
}
