//! Tables.

use clap::Subcommand;
use controlplane::hotdata::TableDecl;
use serde_json::{Value, json};

use crate::command;
use crate::confirm;
use crate::failure::{Failure, Result};
use crate::show;

use super::name::{self, TableName, table};
use super::{Hotdata, load};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a table, before anything is loaded into it
    #[command(alias = "add")]
    Create {
        /// Table; the database by its name or its id
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        name: TableName,
        /// Columns that identify a row
        #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
        key: Vec<String>,
    },
    /// List the tables of the database (-d), or of the workspace
    #[command(alias = "ls")]
    List {
        /// List only tables of the connection with this id; not together with -d
        #[arg(long, value_name = "ID")]
        connection: Option<String>,
        /// List only tables whose schema matches this pattern; % stands for any text
        #[arg(long, value_name = "PATTERN")]
        schema: Option<String>,
        /// List only tables whose name matches this pattern; % stands for any text
        #[arg(long, value_name = "PATTERN")]
        table: Option<String>,
        /// Include the columns
        #[arg(long)]
        columns: bool,
        /// Largest number of tables to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Delete a table
    Delete {
        /// Table; the database by its name or its id
        #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
        name: TableName,
    },
    /// Load an upload into a table and wait until it is loaded
    Load(load::Args),
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, client) = (hotdata.app, &hotdata.client);
    match command {
        Command::List { connection, schema, table, columns, limit } => {
            let mut call = client.information_schema().list();
            // A connection is one of any database.
            let database = hotdata.database().filter(|_| connection.is_none());
            if let Some(id) = connection_of(hotdata, connection)? {
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
            let Some(rows) = command::listed(app, call, |call| call.iter(), limit)? else { return Ok(()) };
            if app.out.wants_names() {
                return names(hotdata, database.as_deref(), &rows);
            }
            show::rows_of(app, rows, &["table", "schema", "connection", "synced", "last_sync", "columns"])
        }
        Command::Create { name, key } => {
            let (id, text) = (name::id(hotdata, &name.database)?, name.text());
            let mut declared = TableDecl::new(name.table);
            if !key.is_empty() {
                declared = declared.key(key);
            }
            command::send_named(app, client.databases().add_table(id, name.schema, declared), &text)
        }
        Command::Load(args) => load::run(hotdata, args),
        Command::Delete { name } => {
            let text = name.text();
            let TableName { database, schema, table } = name;
            if app.globals.dry_run {
                let connection = name::connection(hotdata, &database)?;
                return hotdata.send(client.connections().delete_table(connection, schema, table));
            }
            confirm::before_look_up(app, &format!("Delete the table {text}"))?;
            let found = name::database(hotdata, &database)?;
            confirm::ask(
                app,
                &format!("Delete the table {text} of the database {} with its rows", found.id),
            )?;
            let connection = found.default_connection_id;
            hotdata.sent(client.connections().delete_table(connection, &*schema, &*table))?;
            show::outcome(app, &text, "deleted")
        }
    }
}

/// Prints tables as other commands take them: with the database that was named. The service does not say to which
/// database a table belongs, so without one the connection stands in its place.
fn names(hotdata: &Hotdata<'_>, database: Option<&str>, rows: &[Value]) -> Result {
    if database.is_none() && !rows.is_empty() {
        hotdata.app.progress.note(
            "These names begin with a connection. Add -d DATABASE to print names that other commands accept.",
        );
    }
    let part = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let name = |row: &Value| {
        let database = database.map_or_else(|| part(row, "connection"), str::to_owned);
        TableName { database, schema: part(row, "schema"), table: part(row, "table") }.text()
    };
    let names = rows.iter().map(|row| json!({"name": name(row)})).collect();
    show::rows_of(hotdata.app, names, &["name"])
}

/// The connection whose tables are listed: that of the option, or of the database.
fn connection_of(hotdata: &Hotdata<'_>, connection: Option<String>) -> Result<Option<String>> {
    match (connection, hotdata.database()) {
        (Some(_), _) if hotdata.named.is_some() => {
            Err(Failure::usage("listing tables: --connection and --database exclude each other")
                .hint("Nothing was sent. A database has a connection of its own."))
        }
        (Some(id), _) => Ok(Some(id)),
        (None, Some(database)) => name::connection(hotdata, &database).map(Some),
        (None, None) => Ok(None),
    }
}
