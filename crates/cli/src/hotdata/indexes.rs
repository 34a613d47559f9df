//! Indexes.

use clap::Subcommand;
use controlplane::Effect;
use controlplane::hotdata::{CreateIndexRequest, IndexType, VectorMetric};
use serde_json::Value;

use crate::choices::choice;
use crate::command;
use crate::confirm;
use crate::failure::Result;
use crate::show;

use super::name::{self, TableName, table};
use super::{Hotdata, job_failure};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build an index and wait until it is built
    Create {
        /// Table; the database by its name or its id
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        table: TableName,
        /// Name of the index
        name: String,
        /// Columns of the index
        #[arg(long, short, required = true, value_name = "COLUMN", value_delimiter = ',')]
        columns: Vec<String>,
        /// Type of the index
        #[arg(long = "type", value_name = "TYPE", default_value = "sorted", ignore_case = true, value_parser = choice::<IndexType>(INDEX_TYPES))]
        index_type: IndexType,
        /// Distance of a vector index
        #[arg(long, value_name = "METRIC", ignore_case = true, value_parser = choice::<VectorMetric>(METRICS))]
        metric: Option<VectorMetric>,
        /// Embedding provider that turns a text column into vectors
        #[arg(long, value_name = "ID")]
        embedding_provider: Option<String>,
    },
    /// List the indexes of the database (-d), or of one table
    #[command(alias = "ls")]
    List {
        /// Table; the database by its name or its id
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        table: Option<TableName>,
        /// Largest number of indexes to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Delete an index
    Delete {
        /// Table; the database by its name or its id
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        table: TableName,
        /// Name of the index
        name: String,
    },
}

pub(super) const INDEX_TYPES: &[&str] = &["sorted", "bm25", "vector"];
pub(super) const METRICS: &[&str] = &["l2", "cosine", "dot"];
const COLUMNS: [&str; 7] =
    ["index_name", "index_type", "schema_name", "table_name", "columns", "status", "metric"];

pub(super) fn run(hotdata: Hotdata<'_>, command: Command) -> Result {
    let app = hotdata.app;
    match command {
        Command::List { table: None, limit } => {
            let hotdata = hotdata.in_database()?;
            let mut call = hotdata.client.indexes().list_all();
            if let Some(id) = &hotdata.database_id {
                call = call.database_id(id);
            }
            command::list(app, call, |call| call.iter(), limit, &COLUMNS)
        }
        Command::List { table: Some(table), limit } => {
            let connection = name::connection(&hotdata, &table.database)?;
            let call = hotdata.client.indexes().list(connection, table.schema, table.table);
            command::list(app, call, |call| call.iter(), limit, &COLUMNS)
        }
        Command::Create { table, name, columns, index_type, metric, embedding_provider } => {
            let mut request = CreateIndexRequest::new(&*name, columns).index_type(index_type);
            if let Some(metric) = metric {
                request = request.metric(metric);
            }
            if let Some(id) = embedding_provider {
                request = request.embedding_provider_id(id);
            }
            create(&hotdata, table, &name, request)
        }
        Command::Delete { table, name } => {
            let text = format!("{name} of the table {}", table.text());
            if !app.globals.dry_run {
                confirm::ask(app, &format!("Delete the index {text}"))?;
            }
            let connection = name::connection(&hotdata, &table.database)?;
            let call = hotdata.client.indexes().delete(connection, table.schema, table.table, &*name);
            let Some(()) = hotdata.sent(call)? else { return Ok(()) };
            show::outcome(app, &name, "deleted")
        }
    }
}

fn create(hotdata: &Hotdata<'_>, table: TableName, name: &str, request: CreateIndexRequest) -> Result {
    let (app, indexes) = (hotdata.app, hotdata.client.indexes());
    let connection = name::connection(hotdata, &table.database)?;
    if app.globals.no_wait || app.globals.dry_run {
        let request = request.background();
        let call = indexes.create(connection, table.schema, table.table, request);
        let Some(started) = hotdata.sent(call)? else { return Ok(()) };
        let started = show::to_value(&started)?;
        // The job, unless the index is built already.
        let id = started.get("id").and_then(Value::as_str).unwrap_or(name).to_owned();
        return app.out.named(&started, &id);
    }
    let call = indexes.create(connection, table.schema, table.table, request).and_wait();
    let built = hotdata.prepared(call, &format!("building {name}"), Effect::Changes).send();
    show::named(app, &built.map_err(|error| job_failure(error, ""))?, name)
}
