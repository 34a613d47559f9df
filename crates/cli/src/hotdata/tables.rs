//! Tables.

use clap::Subcommand;
use controlplane::hotdata::TableDecl;

use crate::confirm;
use crate::failure::Result;
use crate::show;

use super::Hotdata;
use super::name::{TableName, database, table};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the tables of the workspace
    List {
        /// Only those of this connection, by its id
        #[arg(long, value_name = "ID")]
        connection: Option<String>,
        /// Only those of schemas like this; % stands for any text
        #[arg(long, value_name = "PATTERN")]
        schema: Option<String>,
        /// Only those with a name like this; % stands for any text
        #[arg(long, value_name = "PATTERN")]
        table: Option<String>,
        /// Include the columns
        #[arg(long)]
        columns: bool,
        /// Largest number of tables to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Declare a table, before anything is loaded into it
    Add {
        /// Table; the database by its id or its name
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        name: TableName,
        /// Columns that identify a row
        #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
        key: Vec<String>,
    },
    /// Delete a table
    Delete {
        /// Table; the database by its id or its name
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        name: TableName,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, client) = (hotdata.app, &hotdata.client);
    match command {
        Command::List { connection, schema, table, columns, limit } => {
            let mut call = hotdata.command(client.information_schema().list());
            if let Some(id) = connection {
                call = call.connection_id(id);
            }
            if let Some(pattern) = schema {
                call = call.schema(pattern);
            }
            if let Some(pattern) = table {
                call = call.table(pattern);
            }
            if columns {
                call = call.include_columns(true);
            }
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            show::list(
                app,
                call.iter(),
                limit,
                &["connection", "schema", "table", "synced", "last_sync", "columns"],
            )
        }
        Command::Add { name, key } => {
            let id = if app.globals.dry_run { name.database } else { database(hotdata, &name.database)?.id };
            let mut declared = TableDecl::new(name.table);
            if !key.is_empty() {
                declared = declared.key(key);
            }
            hotdata.send(client.databases().add_table(id, name.schema, declared))
        }
        Command::Delete { name } => {
            let TableName { database: id, schema, table } = name;
            if app.globals.dry_run {
                return hotdata.send(client.connections().delete_table(id, schema, table));
            }
            confirm::ask(app, &format!("Delete the table {id}.{schema}.{table} with its rows"))?;
            let connection = database(hotdata, &id)?.default_connection_id;
            hotdata.sent(client.connections().delete_table(connection, &*schema, &*table))?;
            show::outcome(app, &format!("{id}.{schema}.{table}"), "deleted")
        }
    }
}
