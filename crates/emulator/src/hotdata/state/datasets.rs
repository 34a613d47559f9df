//! Datasets, as there were once: tables with versions, outside of any database.

use std::io::{Cursor, Read};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::document::words::{Word, one_of};
use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::pages::{Size, by_offset};
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::{Database, Load, Mode, Source, SourceFormat};
use crate::parameters::Parameters;

use super::loads::{checks, types};
use super::runs::Peek;
use super::tables::{Column, identifier};
use super::uploads::Uploaded;
use super::{MAX_KEPT, Space, room};

/// The pages of lists.
const PAGE: Size = Size { default: 100, most: 1000 };
/// The schema of all of them.
const SCHEMA: &str = "main";
/// How many bytes of an upload are read for its columns.
const BEGINNING: u64 = 1024 * 1024;
/// What datasets are made from.
const SOURCES: [&str; 5] = ["upload", "saved_query", "sql_query", "url", "inline"];

/// A dataset: what it is called and where it came from. Its rows are not kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Dataset {
    id: String,
    label: String,
    table: String,
    #[serde(deserialize_with = "source")]
    source: Word,
    pinned: Option<u64>,
    created: i64,
    updated: i64,
    versions: Vec<(String, i64)>,
    columns: Vec<Column>,
}

fn source<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &SOURCES)
}

impl Dataset {
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "label": self.label,
            "schema_name": SCHEMA,
            "table_name": self.table,
            "latest_version": self.versions.len(),
            "pinned_version": self.pinned,
            "created_at": time(self.created),
            "updated_at": time(self.updated),
        })
    }
}

/// The columns of rows that are read and not kept.
fn columns_of(
    format: SourceFormat,
    open: &dyn Fn() -> std::io::Result<Box<dyn Read + Send>>,
    source: &Fields,
) -> Result<Vec<Column>, Refusal> {
    let types = source.object("columns")?.map(types).transpose()?;
    let checks = source.object("columns")?.map(checks).unwrap_or_default();
    let database = Database::new()?;
    database.load(&Load {
        schema: SCHEMA,
        table: "dataset",
        mode: Mode::Replace,
        key: &[],
        columns: types.as_deref(),
        checks: &checks,
        source: Source::Text(format, open),
    })?;
    let facts = database.table(SCHEMA, "dataset");
    Ok(facts.iter().flat_map(|facts| &facts.columns).map(Column::from).collect())
}

/// The columns of an upload; none if it is Parquet, which the emulator keeps and does not read, or if they cannot
/// be read out of its beginning. All of a large upload would be read while other requests wait.
fn columns_of_upload(upload: &Uploaded, source: &Fields) -> Result<Vec<Column>, Refusal> {
    let named = source.text("format")?;
    let format = match (upload.format(named.as_deref()), named.as_deref()) {
        (Ok(format), _) => format,
        (Err(_), None | Some("parquet")) => return Ok(Vec::new()),
        (Err(refusal), Some(_)) => return Err(refusal),
    };
    let mut text = Vec::new();
    let read = upload.open().and_then(|bytes| bytes.take(BEGINNING + 1).read_to_end(&mut text));
    read.map_err(|e| Refusal::bad(format!("the upload cannot be read: {e}")))?;
    let is_whole = text.len() as u64 <= BEGINNING;
    if !is_whole {
        // The last line is not whole.
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    }
    match columns_of(format, &|| Ok(Box::new(Cursor::new(text.clone()))), source) {
        Err(_) if !is_whole => Ok(Vec::new()),
        found => found,
    }
}

impl Space {
    fn dataset_at(&self, id: &str) -> Result<usize, Refusal> {
        let place = self.datasets.iter().position(|one| one.id == id);
        place.ok_or_else(|| Refusal::missing("dataset", id))
    }

    fn check_dataset_table(&self, table: &str, id: Option<&str>) -> Result<(), Refusal> {
        let is_taken = self.datasets.iter().any(|one| one.table == table && Some(one.id.as_str()) != id);
        if is_taken {
            Err(Refusal::bad(format!("another dataset has the table_name {table}")))
        } else {
            Ok(())
        }
    }

    pub(in super::super) fn list_datasets(&self, query: &Parameters) -> Result<Value, Refusal> {
        by_offset("datasets", query, PAGE, self.datasets.iter().collect(), Dataset::summary)
    }

    /// The query that a new dataset is made from, if it is made from one. `database`: the header, which it needs.
    pub(in super::super) fn query_of_dataset(
        &mut self,
        database: Option<&str>,
        fields: &Fields,
    ) -> Result<Option<Peek>, Refusal> {
        fields.needed("label")?;
        let Some(source) = fields.child("source")? else { return Ok(None) };
        let sql = match source.word("type", &SOURCES)? {
            Some("saved_query") => {
                self.saved_sql(&source.needed("saved_query_id")?, source.number("version")?)?.0
            }
            Some("sql_query") => source.needed("sql")?,
            _ => return Ok(None),
        };
        let database = self.database_of_header(database)?;
        self.peek(database, sql).map(Some)
    }

    /// `found`: the columns of the query that it is made from.
    pub(in super::super) fn create_dataset(
        &mut self,
        fields: &Fields,
        found: Option<Vec<Column>>,
    ) -> Result<Value, Refusal> {
        let label = fields.needed("label")?;
        let source = fields.child("source")?.ok_or_else(|| Refusal::bad("source is missing"))?;
        let kind = source.word("type", &SOURCES)?.ok_or_else(|| Refusal::bad("source.type is missing"))?;
        let source_type = SOURCES.iter().find(|one| **one == kind).copied().unwrap_or("inline");
        // Nothing is taken before everything is known to be good.
        let mut uploaded = None;
        let columns = match source_type {
            "upload" => {
                let one =
                    self.claim(&source.needed("upload_id")?).map_err(|refusal| match refusal.status {
                        409 => Refusal::bad(refusal.message),
                        _ => refusal,
                    })?;
                let columns = columns_of_upload(&one, &source)?;
                uploaded = Some(one);
                columns
            }
            "saved_query" | "sql_query" => found.unwrap_or_default(),
            "url" => {
                source.needed("url")?;
                Vec::new()
            }
            _ => {
                let inline =
                    source.child("inline")?.ok_or_else(|| Refusal::bad("source.inline is missing"))?;
                let content = inline.needed("content")?.into_bytes();
                let format = SourceFormat::parse(&inline.needed("format")?)?;
                let open = || -> std::io::Result<Box<dyn Read + Send>> {
                    Ok(Box::new(Cursor::new(content.clone())))
                };
                columns_of(format, &open, &inline)?
            }
        };
        let table = match fields.text("table_name")? {
            Some(name) => identifier("table", &name)?,
            None => {
                let good = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
                identifier("table", &format!("up_{}", label.chars().map(good).collect::<String>()))?
            }
        };
        self.check_dataset_table(&table, None)?;
        room(&self.datasets, "datasets")?;
        let (id, now) = (self.common.id("data"), self.common.now());
        let versions = vec![(self.common.id("dver"), now)];
        let dataset = Dataset {
            id: id.clone(),
            label,
            table,
            source: source_type,
            pinned: None,
            created: now,
            updated: now,
            versions,
            columns,
        };
        if let Some(uploaded) = uploaded {
            uploaded.consume();
        }
        let shown = json!({
            "id": id,
            "label": dataset.label,
            "schema_name": SCHEMA,
            "table_name": dataset.table,
            "status": "ready",
            "created_at": time(now),
        });
        self.datasets.push(dataset);
        self.note("create_dataset", &id);
        Ok(shown)
    }

    pub(in super::super) fn get_dataset(&self, id: &str) -> Result<Value, Refusal> {
        let dataset = &self.datasets[self.dataset_at(id)?];
        let mut shown = dataset.summary();
        shown["source_type"] = json!(dataset.source);
        shown["columns"] = dataset.columns.iter().map(Column::shown).collect();
        Ok(shown)
    }

    pub(in super::super) fn update_dataset(&mut self, id: &str, fields: &Fields) -> Result<Value, Refusal> {
        let place = self.dataset_at(id)?;
        let label = fields.text("label")?;
        let table = fields.text("table_name")?.map(|name| identifier("table", &name)).transpose()?;
        let pinned = fields.value("pinned_version").map(|_| fields.number("pinned_version")).transpose()?;
        if let Some(table) = &table {
            self.check_dataset_table(table, Some(id))?;
        }
        let versions = self.datasets[place].versions.len() as u64;
        if pinned.flatten().is_some_and(|version| !(1..=versions).contains(&version)) {
            return Err(Refusal::bad(format!("pinned_version must be from 1 to {versions}, or null")));
        }
        if versions > MAX_KEPT as u64 {
            return Err(Refusal::full("versions", MAX_KEPT));
        }
        let now = self.common.now();
        let dataset = &mut self.datasets[place];
        if let Some(label) = label {
            dataset.label = label;
        }
        if let Some(table) = table {
            dataset.table = table;
        }
        if let Some(pinned) = pinned {
            dataset.pinned = pinned;
        }
        dataset.updated = now;
        let mut shown = dataset.summary();
        if let Some(shown) = shown.as_object_mut() {
            shown.remove("schema_name");
            shown.remove("created_at");
        }
        self.note("update_dataset", id);
        Ok(shown)
    }

    pub(in super::super) fn delete_dataset(&mut self, id: &str) -> Result<(), Refusal> {
        let place = self.dataset_at(id)?;
        self.datasets.remove(place);
        self.note("delete_dataset", id);
        Ok(())
    }

    pub(in super::super) fn list_dataset_versions(
        &self,
        id: &str,
        query: &Parameters,
    ) -> Result<Value, Refusal> {
        let dataset = &self.datasets[self.dataset_at(id)?];
        let numbered: Vec<(usize, &(String, i64))> = dataset.versions.iter().enumerate().rev().collect();
        let shown = |(place, (version, created)): (usize, &(String, i64))| {
            json!({
                "id": version,
                "version": place + 1,
                "source_type": dataset.source,
                "created_at": time(*created),
            })
        };
        let mut page = by_offset("versions", query, PAGE, numbered, shown)?;
        page["dataset_id"] = json!(id);
        Ok(page)
    }
}
