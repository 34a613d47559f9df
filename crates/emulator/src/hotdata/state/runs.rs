//! Query runs: what was asked, how it stands, and what came of it.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::analysis::hash;
use crate::hotdata::common::{Common, ends_within, time};
use crate::hotdata::engine::{Answered, Engine, preview};
use crate::hotdata::fields::Fields;
use crate::hotdata::journal::Taken;
use crate::hotdata::pages::{Size, by_cursor};
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::{Database, Scope, SqlError};
use crate::moment::Moment;
use crate::parameters::Parameters;
use crate::time::End;

use super::databases::{is_database_id, without_nulls};
use super::tables::Column;
use super::{Space, is_of};

/// The pages of a list, as an older server has them; the largest is the emulator's own.
const PAGE: Size = Size { default: 100, most: 1000 };
/// The most runs that are kept: the oldest are forgotten.
pub(super) const MAX_RUNS: usize = 10_000;
/// The dialects; the first is the default.
const DIALECTS: [&str; 4] = ["hotsql", "duckdb", "postgres", "snowflake"];
/// The longest SQL, in bytes.
const MAX_SQL: usize = 1_000_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Run {
    pub(in super::super) id: String,
    pub(in super::super) database: String,
    sql: String,
    snapshot: String,
    trace: String,
    created: i64,
    /// Until then it runs.
    end: End,
    /// Its result, if one is kept.
    pub(in super::super) result: Option<String>,
    rows: Option<u64>,
    milliseconds: u64,
    outcome: Outcome,
    warning: Option<String>,
    saved: Option<(String, u64)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Succeeded,
    Failed(String),
    /// As the emulator was told.
    Told(String),
}

/// What is asked.
#[derive(Clone, Debug)]
pub(in super::super) struct Question {
    pub(in super::super) database: String,
    pub(in super::super) sql: String,
    pub(in super::super) default_catalog: Option<String>,
    pub(in super::super) default_schema: Option<String>,
    /// `None`: to be answered at once; else how long to wait before it goes on in the background.
    pub(in super::super) background: Option<Option<u64>>,
    pub(in super::super) saved: Option<(String, u64)>,
    /// The answer is to be Arrow.
    pub(in super::super) arrow: bool,
}

/// A query that is good to run, and what it sees: it runs while others look at the workspace and change it.
#[derive(Debug)]
pub(in super::super) struct Asked {
    /// Tells whether the workspace is still the same.
    common: Arc<Common>,
    operation: &'static str,
    question: Question,
    scope: Scope,
    began: Moment,
    now: i64,
}

impl Asked {
    /// Runs it.
    pub(in super::super) fn run(&self, engine: &Engine) -> Result<Answered, SqlError> {
        engine.query(&self.scope, &self.question.sql, self.now)
    }
}

/// A query of which only the columns are wanted. It runs without the lock of the state.
#[derive(Debug)]
pub(in super::super) struct Peek {
    scope: Scope,
    sql: String,
    now: i64,
}

impl Peek {
    /// The columns.
    pub(in super::super) fn run(&self, engine: &Engine) -> Result<Vec<Column>, Refusal> {
        let result = engine.peek(&self.scope, &self.sql, self.now)?;
        Ok(result.columns().iter().map(Column::from).collect())
    }
}

/// What is said to a query.
#[derive(Debug)]
pub(in super::super) enum Said {
    /// The result, or the beginning of it.
    Inline(Inline),
    /// Where to ask.
    Accepted { body: Value, result: Option<String> },
}

/// A result that comes with the answer.
#[derive(Debug)]
pub(in super::super) struct Inline {
    pub(in super::super) run: String,
    pub(in super::super) result: Option<String>,
    pub(in super::super) answered: Answered,
    /// How many rows of it.
    pub(in super::super) rows: u64,
    pub(in super::super) milliseconds: u64,
    pub(in super::super) warning: Option<String>,
    /// It is to be Arrow.
    pub(in super::super) arrow: bool,
}

impl Inline {
    pub(in super::super) fn is_truncated(&self) -> bool {
        self.rows < self.answered.rows()
    }
}

impl Run {
    /// What is wrong with one that was read.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        // More than any query takes or finds; less than what overflows.
        const MOST: u64 = 1 << 42;
        if self.milliseconds > MOST || self.rows.unwrap_or(0) > MOST || self.created.unsigned_abs() > 1 << 62
        {
            return Err("milliseconds, rows or created is out of range");
        }
        Ok(())
    }

    fn status(&self, is_over: bool) -> &str {
        match &self.outcome {
            _ if !is_over => "running",
            Outcome::Succeeded => "succeeded",
            Outcome::Failed(_) => "failed",
            Outcome::Told(status) => status,
        }
    }

    /// The status, for those who look at the emulator.
    pub(super) fn seen(&self, now: Moment) -> &str {
        self.status(self.end.has_come(now))
    }

    fn shown(&self, is_over: bool) -> Value {
        let mut shown = json!({
            "id": self.id,
            "status": self.status(is_over),
            "created_at": time(self.created),
            "sql_text": self.sql,
            "sql_hash": hash(&self.sql),
            "snapshot_id": self.snapshot,
            "trace_id": self.trace,
            "user_public_id": "usr_emulator",
        });
        if let Some((id, version)) = &self.saved {
            shown["saved_query_id"] = json!(id);
            shown["saved_query_version"] = json!(version);
        }
        if !is_over {
            return shown;
        }
        shown["completed_at"] = json!(time(self.created + 1000 * self.milliseconds as i64));
        shown["execution_time_ms"] = json!(self.milliseconds);
        shown["server_processing_ms"] = json!(self.milliseconds);
        match &self.outcome {
            Outcome::Succeeded => {
                shown["result_id"] = json!(self.result);
                shown["row_count"] = json!(self.rows);
                shown["rows_scanned"] = json!(self.rows);
                shown["bytes_scanned"] = json!(self.rows.map(|rows| rows * SCANNED_PER_ROW));
                shown["warning_message"] = json!(self.warning);
            }
            Outcome::Failed(why) => shown["error_message"] = json!(why),
            Outcome::Told(status) => {
                shown["error_message"] =
                    json!(format!("{status} because of the setting run-status of the emulator"));
            }
        }
        without_nulls(shown)
    }
}

/// What a row counts as, in bytes: nothing is measured.
const SCANNED_PER_ROW: u64 = 64;

impl Question {
    /// By the header and the body of a query: exactly one of them names the database, or both the same one.
    pub(in super::super) fn read(
        space: &Space,
        header: Option<&str>,
        fields: &Fields,
        arrow: bool,
    ) -> Result<Self, Refusal> {
        let sql = fields.needed("sql")?;
        if sql.len() > MAX_SQL {
            return Err(Refusal::bad(format!("sql is longer than {MAX_SQL} bytes")));
        }
        let body = fields.text("database_id")?;
        let database = match (header, body.as_deref()) {
            (Some(header), Some(body)) if header != body => {
                return Err(Refusal::bad("X-Database-Id and database_id name different databases"));
            }
            (Some(id), _) | (None, Some(id)) => {
                is_database_id("the database id", id)?;
                space.database(id)?.id.clone()
            }
            // Once queries were of the workspace.
            (None, None) if space.common.behaviour().older_surface => String::new(),
            (None, None) => {
                return Err(Refusal::bad(
                    "no database is named: send the header X-Database-Id or the field database_id",
                ));
            }
        };
        fields.word("dialect", &DIALECTS)?;
        Ok(Self {
            database,
            sql,
            default_catalog: fields.text("default_catalog")?,
            default_schema: fields.text("default_schema")?,
            background: fields.background()?,
            saved: None,
            arrow,
        })
    }
}

impl Space {
    /// What a query in this database sees: its own catalog and those that are attached, by their names there.
    fn scope(&mut self, question: &Question) -> Result<Scope, Refusal> {
        if question.database.is_empty() {
            return self.scope_of_all(question);
        }
        let database = self.database(&question.database)?;
        let (own, default_catalog) = (database.connection.clone(), database.default_catalog.clone());
        let schema = question.default_schema.clone().unwrap_or_else(|| database.default_schema.clone());
        let attachments = database.attachments.clone();
        let mut names = vec!["default".to_owned()];
        if default_catalog != "default" {
            names.push(default_catalog.clone());
        }
        let mut catalogs = vec![(names, self.catalog_mut(&own)?.data()?)];
        for (connection, alias) in attachments {
            let catalog = self.catalog_mut(&connection)?;
            let name = alias.unwrap_or_else(|| catalog.name.to_ascii_lowercase());
            catalogs.push((vec![name], catalog.data()?));
        }
        let wanted = question.default_catalog.as_ref().map(|name| name.to_ascii_lowercase());
        let default_catalog = wanted.unwrap_or(default_catalog);
        if !catalogs.iter().any(|(names, _)| names.contains(&default_catalog)) {
            return Err(Refusal::bad("default_catalog is not a catalog of this database"));
        }
        Ok(Scope { catalogs, default_catalog, default_schema: schema.to_ascii_lowercase() })
    }

    /// What a query without a database sees: all connections, by their names, and an empty catalog.
    fn scope_of_all(&mut self, question: &Question) -> Result<Scope, Refusal> {
        let mut catalogs = vec![(vec!["default".to_owned()], Database::new()?)];
        for catalog in self.catalogs.iter_mut().filter(|one| one.database.is_none()) {
            catalogs.push((vec![catalog.name.to_ascii_lowercase()], catalog.data()?));
        }
        let word = |given: &Option<String>, default: &str| {
            given.as_ref().map_or_else(|| default.to_owned(), |name| name.to_ascii_lowercase())
        };
        let default_catalog = word(&question.default_catalog, "default");
        if !catalogs.iter().any(|(names, _)| names.contains(&default_catalog)) {
            return Err(Refusal::bad("default_catalog is not the name of a connection"));
        }
        Ok(Scope { catalogs, default_catalog, default_schema: word(&question.default_schema, "main") })
    }

    /// A query of which only the columns are wanted.
    pub(super) fn peek(&mut self, database: String, sql: String) -> Result<Peek, Refusal> {
        let question = Question {
            database,
            sql,
            default_catalog: None,
            default_schema: None,
            background: None,
            saved: None,
            arrow: false,
        };
        let scope = self.scope(&question)?;
        Ok(Peek { scope, sql: question.sql, now: self.common.now() })
    }

    /// A query that is good to run.
    pub(in super::super) fn prepare(
        &mut self,
        operation: &'static str,
        question: Question,
    ) -> Result<Asked, Refusal> {
        let scope = self.scope(&question)?;
        let (began, now) = (self.common.instant(), self.common.now());
        Ok(Asked { common: Arc::clone(&self.common), operation, question, scope, began, now })
    }

    /// Records what a query has found: that is decided, whenever it is told.
    pub(in super::super) fn answer(
        &mut self,
        asked: Asked,
        answered: Result<Answered, SqlError>,
    ) -> Result<Said, Refusal> {
        let Asked { common, operation, question, began, .. } = asked;
        if !Arc::ptr_eq(&common, &self.common) {
            let why = "the emulator was reset while the query ran: send the query again";
            return Err(Refusal::new(503, "SERVICE_UNAVAILABLE", why));
        }
        let passed = self.common.instant().saturating_duration_since(began);
        let milliseconds = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
        let behaviour = self.common.behaviour().clone();
        let end = match question.background {
            None if !behaviour.accept_queries => End::AfterLooks(0),
            _ => self.common.end(self.common.pending),
        };
        let mut run = Run {
            id: self.common.id("qrun"),
            database: question.database.clone(),
            sql: question.sql.clone(),
            snapshot: self.common.id("snap"),
            trace: hash(&format!("{}", self.common.number())),
            created: self.common.now(),
            end,
            result: None,
            rows: None,
            milliseconds,
            outcome: Outcome::Succeeded,
            warning: None,
            saved: question.saved.clone(),
        };
        let wait = question.background.flatten().map(Duration::from_millis);
        let in_time = match wait {
            Some(wait) => ends_within(end, began, wait),
            None => question.background.is_none(),
        };
        let told_to_accept = behaviour.accept_queries;
        let inline = in_time && !told_to_accept;
        let taken = Taken { operation, id: run.id.clone(), ..Taken::default() };
        let answered = match answered {
            Err(why) => {
                run.outcome = Outcome::Failed(why.message().to_owned());
                self.note_with(taken);
                if inline {
                    run.end = End::AfterLooks(0);
                }
                let said = if inline { Err(why.into()) } else { Ok(accepted(&run, "", None)) };
                self.keep_run(run);
                return said;
            }
            Ok(answered) => answered,
        };
        run.rows = Some(answered.rows());
        self.note_with(Taken { rows: run.rows, ..taken });
        if let Some(status) = behaviour.run_status {
            run.outcome = Outcome::Told(status.clone());
            if inline {
                run.end = End::AfterLooks(0);
            }
            let said = match inline {
                true => Err(Refusal::new(
                    500,
                    "INTERNAL_SERVER_ERROR",
                    format!("the query was {status} because of the setting run-status of the emulator"),
                )),
                false => Ok(accepted(&run, "", None)),
            };
            self.keep_run(run);
            return said;
        }
        let rows = preview(&answered, behaviour.preview_rows);
        let is_truncated = rows < answered.rows();
        if behaviour.unsaved_results {
            if is_truncated && inline {
                run.outcome = Outcome::Failed("the result could not be saved".to_owned());
                self.keep_run(run);
                let why = "the result is too large for the response, and could not be saved";
                return Err(Refusal::new(503, "PERSISTENCE_UNAVAILABLE", why).retry_after(1));
            }
            run.warning = Some("the result could not be saved".to_owned());
        } else {
            let id = self.keep_result(&question.database, answered.clone());
            run.result = Some(id);
        }
        let (result, warning) = (run.result.clone(), run.warning.clone());
        // Arrow comes whole, or not at all.
        let inline = inline && !(question.arrow && is_truncated);
        let said = if inline {
            run.end = End::AfterLooks(0);
            if let Some(id) = &result {
                self.result_follows(id);
            }
            let (run, arrow) = (run.id.clone(), question.arrow);
            Said::Inline(Inline { run, result, answered, rows, milliseconds, warning, arrow })
        } else {
            let reason = match (question.arrow && is_truncated, told_to_accept) {
                (true, _) => "the result is too large for the response",
                (false, true) => "the setting accept-queries of the emulator is on",
                (false, false) => "exceeded async_after_ms",
            };
            let result = result.filter(|_| question.arrow && is_truncated);
            accepted(&run, if question.background == Some(None) { "" } else { reason }, result)
        };
        self.keep_run(run);
        Ok(said)
    }

    fn keep_run(&mut self, run: Run) {
        if self.runs.len() >= MAX_RUNS {
            self.runs.remove(0);
        }
        self.runs.push(run);
    }

    /// Whether a run has come to its end: its own, and that of saving its result.
    fn is_over(&self, run: &Run) -> bool {
        let saved = run.result.as_ref().is_none_or(|id| self.result_is_settled(id));
        run.end.has_come(self.common.instant()) && saved
    }

    pub(in super::super) fn run_has_ended(&self, id: &str) -> bool {
        self.runs.iter().any(|run| run.id == id && self.is_over(run))
    }

    /// Somebody has looked at a run, or at its result.
    pub(super) fn look_at_run(&mut self, id: &str) {
        let now = self.common.instant();
        let Some(run) = self.runs.iter_mut().find(|run| run.id == id) else { return };
        if run.end.has_come(now) {
            if let Some(result) = run.result.clone() {
                self.look_at_result(&result);
            }
        } else {
            run.end.look(now);
        }
    }

    /// Runs that have come to their end: now their results are saved.
    pub(super) fn settle_runs(&mut self) {
        let now = self.common.instant();
        let waiting = self.results.iter().filter(|one| one.waits()).map(|one| one.id.clone());
        let waiting: Vec<String> = waiting.collect();
        for result in waiting {
            let run = self.runs.iter().find(|run| run.result.as_ref() == Some(&result));
            if run.is_none_or(|run| run.end.has_come(now)) {
                self.result_follows(&result);
            }
        }
    }

    /// The run whose result this is.
    pub(super) fn run_of_result(&self, result: &str) -> Option<String> {
        self.runs.iter().find(|run| run.result.as_deref() == Some(result)).map(|run| run.id.clone())
    }

    pub(super) fn run_is_pending(&self, id: &str) -> bool {
        let now = self.common.instant();
        self.runs.iter().any(|run| run.id == id && !run.end.has_come(now))
    }

    pub(in super::super) fn get_run(&mut self, database: &str, id: &str) -> Result<Value, Refusal> {
        let run = self.runs.iter().find(|run| run.id == id && is_of(&run.database, database));
        let run = run.ok_or_else(|| Refusal::missing("query run", id))?;
        let shown = run.shown(self.is_over(run));
        self.look_at_run(id);
        Ok(shown)
    }

    /// The newest first. It is a look at each that is shown and that runs.
    pub(in super::super) fn list_runs(
        &mut self,
        database: &str,
        query: &Parameters,
    ) -> Result<Value, Refusal> {
        let statuses: Option<Vec<&str>> = query.text("status").map(|text| text.split(',').collect());
        let saved = query.text("saved_query_id");
        let fits = |run: &&Run| {
            let of_saved = |id: &str| run.saved.as_ref().is_some_and(|(own, _)| own == id);
            is_of(&run.database, database)
                && statuses.as_ref().is_none_or(|any| any.contains(&run.status(self.is_over(run))))
                && saved.is_none_or(of_saved)
        };
        let found = self.runs.iter().rev().filter(fits).map(|run| (run.id.clone(), run)).collect();
        let list = format!("runs {database} {statuses:?} {saved:?}");
        let show = |run: &Run| run.shown(self.is_over(run));
        let page = by_cursor("query_runs", &list, self.common.seed, query, PAGE, found, show)?;
        let ids = page["query_runs"].as_array().into_iter().flatten().filter_map(|run| run["id"].as_str());
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        ids.iter().for_each(|id| self.look_at_run(id));
        Ok(page)
    }

    /// How many queries ended since then, well or not, and what they read.
    pub(super) fn used(&self, since: i64) -> (usize, u64) {
        let ended = self.runs.iter().filter(|run| run.created >= since && self.is_over(run));
        ended.fold((0, 0), |(count, bytes), run| match run.outcome {
            Outcome::Told(_) => (count, bytes),
            _ => {
                let scanned = run.rows.unwrap_or(0).saturating_mul(SCANNED_PER_ROW);
                (count + 1, bytes.saturating_add(scanned))
            }
        })
    }
}

fn accepted(run: &Run, reason: &str, result: Option<String>) -> Said {
    let mut body = json!({
        "query_run_id": run.id,
        "status": "running",
        "status_url": format!("/v1/query-runs/{}", run.id),
    });
    if !reason.is_empty() {
        body["reason"] = json!(reason);
    }
    Said::Accepted { body, result }
}
