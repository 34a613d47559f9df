//! Indexes of tables. They speed nothing up; their rules are kept.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::document::words::{Word, one_of, one_of_or_none};
use crate::hotdata::common::{ends_within, time};
use crate::hotdata::fields::Fields;
use crate::hotdata::pages::{Size, by_cursor};
use crate::hotdata::refusal::Refusal;
use crate::parameters::Parameters;

use super::databases::without_nulls;
use super::tables::Table;
use super::{Space, room};

/// The pages of a list; both numbers are the emulator's own.
const PAGE: Size = Size { default: 100, most: 1000 };

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Index {
    pub(in super::super) connection: String,
    pub(in super::super) schema: String,
    pub(in super::super) table: String,
    pub(in super::super) name: String,
    #[serde(deserialize_with = "kind")]
    kind: Word,
    columns: Vec<String>,
    #[serde(deserialize_with = "algorithm")]
    algorithm: Option<Word>,
    #[serde(deserialize_with = "metric")]
    metric: Option<Word>,
    #[serde(deserialize_with = "precision")]
    precision: Option<Word>,
    nlist: Option<u64>,
    probe_fraction: Option<f64>,
    embedded: Option<String>,
    created: i64,
    updated: i64,
    /// The work that makes it, until that is done.
    job: Option<String>,
}

const KINDS: [&str; 3] = ["sorted", "bm25", "vector"];
const ALGORITHMS: [&str; 2] = ["hnsw", "ivf"];
const METRICS: [&str; 3] = ["l2", "cosine", "dot"];
const PRECISIONS: [&str; 5] = ["float64", "float32", "float16", "float8", "int8"];

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &KINDS)
}

fn algorithm<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Word>, D::Error> {
    one_of_or_none(from, &ALGORITHMS)
}

fn metric<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Word>, D::Error> {
    one_of_or_none(from, &METRICS)
}

fn precision<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Word>, D::Error> {
    one_of_or_none(from, &PRECISIONS)
}

impl Index {
    fn shown(&self) -> Value {
        without_nulls(json!({
            "index_name": self.name,
            "index_type": self.kind,
            "columns": self.columns,
            "status": if self.job.is_some() { "pending" } else { "ready" },
            "created_at": time(self.created),
            "updated_at": time(self.updated),
            "algorithm": self.algorithm,
            "metric": self.metric,
            "vector_precision": self.precision,
            "nlist": self.nlist,
            "probe_fraction": self.probe_fraction,
            "source_column": self.embedded,
        }))
    }

    fn entry(&self) -> Value {
        let mut shown = self.shown();
        shown["connection_id"] = json!(self.connection);
        shown["schema_name"] = json!(self.schema);
        shown["table_name"] = json!(self.table);
        shown
    }

    fn is_on(&self, connection: &str, schema: &str, table: &str) -> bool {
        self.connection == connection && self.schema == schema && self.table == table
    }

    /// Whether a fork has it, too.
    pub(super) fn is_carried_over(&self) -> bool {
        self.algorithm != Some("ivf") && self.job.is_none()
    }

    pub(super) fn carried_to(&self, connection: &str) -> Self {
        Self { connection: connection.to_owned(), ..self.clone() }
    }
}

/// What a request says of the vectors of an index.
fn vector(space: &Space, index: &mut Index, fields: &Fields, table: &Table) -> Result<(), Refusal> {
    let algorithm = fields.word("algorithm", &ALGORITHMS)?.unwrap_or("hnsw");
    let is_ivf = algorithm == "ivf";
    let metric = fields.word("metric", &METRICS)?.unwrap_or("l2");
    if is_ivf && metric == "dot" {
        return Err(Refusal::bad("an ivf index cannot have the metric dot"));
    }
    let precision = fields.word("vector_precision", &PRECISIONS)?;
    let allowed = match precision {
        Some("int8") => is_ivf,
        Some("float32") | None => true,
        Some(_) => !is_ivf,
    };
    if !allowed {
        return Err(Refusal::bad(format!(
            "an {algorithm} index cannot have the vector_precision {}",
            precision.unwrap_or("")
        )));
    }
    index.nlist = fields.number("nlist")?;
    if index.nlist.is_some_and(|n| !(1..=65_536).contains(&n)) {
        return Err(Refusal::bad("nlist must be from 1 to 65536"));
    }
    if let Some(value) = fields.given("probe_fraction") {
        let fraction = value.as_f64().filter(|x| *x > 0.0 && *x <= 1.0);
        index.probe_fraction =
            Some(fraction.ok_or_else(|| Refusal::bad("probe_fraction must be above 0 and at most 1"))?);
    }
    if !is_ivf && (index.nlist.is_some() || index.probe_fraction.is_some()) {
        return Err(Refusal::bad("only an ivf index can have nlist and probe_fraction"));
    }
    let [column] = index.columns.as_slice() else {
        return Err(Refusal::bad("columns must name exactly one column for a vector index"));
    };
    if let Some(provider) = fields.text("embedding_provider_id")? {
        if !space.has_provider(&provider) {
            return Err(Refusal::bad("there is no embedding provider with this embedding_provider_id"));
        }
        if !table.partition_by.is_empty() {
            return Err(Refusal::bad("a partitioned table cannot have an index with embedding_provider_id"));
        }
        fields.number("dimensions")?;
        let output = fields.text("output_column")?.unwrap_or_else(|| format!("{column}_embedding"));
        index.embedded = Some(column.clone());
        index.columns = vec![output];
    }
    index.algorithm = Some(algorithm);
    index.metric = Some(metric);
    index.precision = Some(precision.unwrap_or(if is_ivf { "int8" } else { "float32" }));
    Ok(())
}

impl Space {
    /// The table of a path: its names as they are kept.
    fn table_of(&mut self, path: (&str, &str, &str)) -> Result<(String, String, Table), Refusal> {
        let table = self.table_mut(path.0, path.1, path.2)?.clone();
        Ok((path.1.to_ascii_lowercase(), table.name.clone(), table))
    }

    /// The status of the answer, and its body.
    pub(in super::super) fn create_index(
        &mut self,
        path: (&str, &str, &str),
        fields: &Fields,
    ) -> Result<(u16, Value), Refusal> {
        self.managed(path.0)?;
        let (schema, name, table) = self.table_of(path)?;
        let now = self.common.now();
        let mut index = Index {
            connection: path.0.to_owned(),
            schema,
            table: name,
            name: fields.needed("index_name")?,
            kind: fields.word("index_type", &KINDS)?.unwrap_or("sorted"),
            columns: fields.texts("columns")?.unwrap_or_default(),
            algorithm: None,
            metric: None,
            precision: None,
            nlist: None,
            probe_fraction: None,
            embedded: None,
            created: now,
            updated: now,
            job: None,
        };
        let background = fields.background()?;
        self.check_index(&index, &table)?;
        if index.kind == "vector" {
            vector(self, &mut index, fields, &table)?;
        }
        let here: Vec<&Index> = self
            .indexes
            .iter()
            .filter(|one| one.is_on(&index.connection, &index.schema, &index.table))
            .collect();
        if here.iter().any(|one| one.name == index.name) {
            return Err(Refusal::bad("the table already has an index with this name"));
        }
        if index.kind == "vector" && here.iter().any(|one| one.kind == "vector") {
            return Err(Refusal::bad("the table already has a vector index"));
        }
        if here.iter().any(|one| one.embedded.is_some()) || (index.embedded.is_some() && !here.is_empty()) {
            return Err(Refusal::bad("an index with embeddings must be the only index of its table"));
        }
        room(&self.indexes, "indexes")?;
        let id = format!("{}/{}/{}/{}", index.connection, index.schema, index.table, index.name);
        let answer = match background {
            None => (201, index.shown()),
            Some(wait) => {
                let end = self.common.end(self.common.pending);
                let wait = std::time::Duration::from_millis(wait.unwrap_or(0));
                let job = self.begin_job("create_index", end)?;
                if !wait.is_zero() && ends_within(end, self.common.instant(), wait) {
                    self.end_job(&job, Ok(index.shown()));
                    (201, index.shown())
                } else {
                    index.job = Some(job.clone());
                    (202, self.ticket(&job))
                }
            }
        };
        self.indexes.push(index);
        self.note("create_index", &id);
        Ok(answer)
    }

    fn check_index(&self, index: &Index, table: &Table) -> Result<(), Refusal> {
        if index.columns.is_empty() {
            return Err(Refusal::bad("columns is missing or empty"));
        }
        let Some(loaded) = &table.loaded else {
            return Err(Refusal::bad("the table has no data: load it first"));
        };
        if !table.sorted_by.is_empty() {
            return Err(Refusal::bad("a table with sorted_by cannot have an index"));
        }
        for column in &index.columns {
            if !loaded.columns.iter().any(|one| one.name == *column) {
                let shown = crate::text::one_line(column, 60);
                return Err(Refusal::bad(format!("the table has no column {shown}")));
            }
        }
        Ok(())
    }

    /// Indexes whose work is done.
    pub(super) fn settle_indexes(&mut self) {
        for job in self.due("create_index") {
            let now = self.common.now();
            let found = self.indexes.iter_mut().find(|one| one.job.as_ref() == Some(&job));
            let result = match found {
                Some(index) => {
                    index.job = None;
                    index.updated = now;
                    Ok(index.shown())
                }
                None => Err("the index or its table was deleted before the index was ready".to_owned()),
            };
            self.end_job(&job, result);
        }
    }

    /// It is a look at each that is not ready.
    pub(in super::super) fn list_indexes(&mut self, path: (&str, &str, &str)) -> Result<Value, Refusal> {
        let (schema, name, _) = self.table_of(path)?;
        let here: Vec<&Index> = self.indexes.iter().filter(|one| one.is_on(path.0, &schema, &name)).collect();
        let shown: Vec<Value> = here.iter().map(|one| one.shown()).collect();
        let jobs: Vec<String> = here.iter().filter_map(|one| one.job.clone()).collect();
        jobs.iter().for_each(|job| self.look_at_job(job));
        Ok(json!({ "indexes": shown }))
    }

    pub(in super::super) fn delete_index(
        &mut self,
        path: (&str, &str, &str),
        name: &str,
    ) -> Result<(), Refusal> {
        let (schema, table, _) = self.table_of(path)?;
        let place =
            self.indexes.iter().position(|one| one.is_on(path.0, &schema, &table) && one.name == name);
        let place = place.ok_or_else(|| Refusal::missing("index", name))?;
        if self.is_being_loaded(path.0, &schema, &table) {
            return Err(Refusal::conflict("a load of the table is running: try again after it has ended"));
        }
        self.indexes.remove(place);
        self.note("delete_index", &format!("{}/{schema}/{table}/{name}", path.0));
        Ok(())
    }

    /// Those of a table that is gone.
    pub(super) fn forget_indexes(&mut self, connection: &str, table: Option<(&str, &str)>) {
        self.indexes.retain(|one| {
            one.connection != connection
                || table.is_some_and(|(schema, name)| one.schema != schema || one.table != name)
        });
    }

    /// Those of the catalogs that a database sees.
    pub(in super::super) fn list_all_indexes(
        &mut self,
        database: &str,
        query: &Parameters,
    ) -> Result<Value, Refusal> {
        let database = self.database(database)?;
        let (connection, kind) = (query.text("connection_id"), query.text("index_type"));
        if kind.is_some_and(|kind| !KINDS.contains(&kind)) {
            return Err(Refusal::bad(format!("index_type is not known; known values: {}", KINDS.join(", "))));
        }
        let is_seen = |id: &str| database.connection == id || database.attaches(id);
        if connection.is_some_and(|id| !is_seen(id)) {
            return Err(Refusal::missing("connection", connection.unwrap_or_default()));
        }
        let fits = |one: &&Index| {
            is_seen(&one.connection)
                && connection.is_none_or(|id| one.connection == id)
                && kind.is_none_or(|kind| one.kind == kind)
                && query.text("schema").is_none_or(|name| one.schema.eq_ignore_ascii_case(name))
                && query.text("table").is_none_or(|name| one.table.eq_ignore_ascii_case(name))
        };
        let found: Vec<Index> = self.indexes.iter().filter(fits).cloned().collect();
        let list = format!("indexes {} {}", database.id, query_key(query));
        let entries = found
            .iter()
            .map(|one| (format!("{}/{}/{}/{}", one.connection, one.schema, one.table, one.name), one))
            .collect();
        let page = by_cursor("indexes", &list, self.common.seed, query, PAGE, entries, Index::entry)?;
        let jobs: Vec<String> = found.into_iter().filter_map(|one| one.job).collect();
        jobs.iter().for_each(|job| self.look_at_job(job));
        Ok(page)
    }
}

/// What a list was asked for: a cursor is for this alone.
fn query_key(query: &Parameters) -> String {
    ["connection_id", "schema", "table", "index_type"]
        .iter()
        .map(|name| query.text(name).unwrap_or_default())
        .collect::<Vec<_>>()
        .join(" ")
}
