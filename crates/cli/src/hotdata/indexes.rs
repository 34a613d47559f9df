//! Indexes.

use clap::Subcommand;
use controlplane::Effect;
use controlplane::hotdata::{CreateIndexRequest, IndexType, VectorMetric};

use crate::confirm;
use crate::failure::{Result, shell_word};
use crate::show;
use crate::watch::failed_wait;

use super::Hotdata;
use super::name::{TableName, database, table};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the indexes of the database, or of one table
    List {
        /// Table; the database by its id or its name
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        table: Option<TableName>,
        /// Largest number of indexes to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Build an index and wait until it is built
    Create {
        /// Table; the database by its id or its name
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        table: TableName,
        /// Name of the index
        name: String,
        /// Columns of the index
        #[arg(long, short, required = true, value_name = "COLUMN", value_delimiter = ',')]
        columns: Vec<String>,
        /// sorted, bm25 or vector
        #[arg(long = "type", value_name = "TYPE", default_value = "sorted")]
        index_type: String,
        /// Distance of a vector index: l2, cosine or dot
        #[arg(long)]
        metric: Option<String>,
        /// Embedding provider that turns a text column into vectors
        #[arg(long, value_name = "ID")]
        embedding_provider: Option<String>,
    },
    /// Delete an index
    Delete {
        /// Table; the database by its id or its name
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        table: TableName,
        /// Name of the index
        name: String,
    },
}

const COLUMNS: [&str; 7] =
    ["index_name", "index_type", "schema_name", "table_name", "columns", "status", "metric"];

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, indexes) = (hotdata.app, hotdata.client.indexes());
    match command {
        Command::List { table: None, limit } => {
            let mut call = hotdata.command(indexes.list_all());
            if let Some(id) = &hotdata.database {
                call = call.database_id(id);
            }
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            show::list(app, call.iter(), limit, &COLUMNS)
        }
        Command::List { table: Some(table), limit } => {
            let connection = connection(hotdata, &table)?;
            let call = hotdata.command(indexes.list(connection, table.schema, table.table));
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            show::list(app, call.iter(), limit, &COLUMNS)
        }
        Command::Create { table, name, columns, index_type, metric, embedding_provider } => {
            let mut request = CreateIndexRequest::new(&*name, columns);
            request = request.index_type(index_type.parse::<IndexType>()?);
            if let Some(metric) = metric {
                request = request.metric(metric.parse::<VectorMetric>()?);
            }
            if let Some(id) = embedding_provider {
                request = request.embedding_provider_id(id);
            }
            let connection = connection(hotdata, &table)?;
            if app.globals.no_wait || app.globals.dry_run {
                let request = request.background();
                return hotdata.send(indexes.create(connection, table.schema, table.table, request));
            }
            let call = indexes.create(connection, table.schema, table.table, request).and_wait();
            let built = hotdata.prepared(call, &format!("building {name}"), Effect::Changes).send();
            let built = built.map_err(|error| {
                let id = error.request_id().unwrap_or_default().to_owned();
                failed_wait(error, || format!("controlplane hotdata jobs wait {}", shell_word(&id)))
            })?;
            show::value(app, &built)
        }
        Command::Delete { table, name } => {
            if !app.globals.dry_run {
                confirm::ask(app, &format!("Delete the index {name}"))?;
            }
            let connection = connection(hotdata, &table)?;
            let call = indexes.delete(connection, table.schema, table.table, &*name);
            let Some(()) = hotdata.sent(call)? else { return Ok(()) };
            show::outcome(app, &name, "deleted")
        }
    }
}

/// The connection of the database's own catalog. In a dry run the name of the database stands for it.
fn connection(hotdata: &Hotdata<'_>, table: &TableName) -> Result<String> {
    if hotdata.app.globals.dry_run {
        return Ok(table.database.clone());
    }
    Ok(database(hotdata, &table.database)?.default_connection_id)
}
