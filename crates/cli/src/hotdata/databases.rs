//! Databases.

use clap::Subcommand;
use controlplane::hotdata::CreateDatabaseRequest;

use crate::command;
use crate::confirm;
use crate::failure::Result;
use crate::show;

use super::{Hotdata, name};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a database
    Create {
        /// Name of the database
        name: Option<String>,
        /// Return the database of this name if it exists
        #[arg(long)]
        if_not_exists: bool,
        /// When the database expires: after a time such as 90m, 24h or 7d, or at a date and time of RFC 3339
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        /// Name of the database's own catalog in queries
        #[arg(long)]
        default_catalog: Option<String>,
        /// Schema of table names without a schema
        #[arg(long)]
        default_schema: Option<String>,
    },
    /// Show a database
    #[command(alias = "get")]
    Show {
        /// Name or id
        #[arg(value_name = "DATABASE")]
        database: String,
    },
    /// List the databases of the workspace
    #[command(alias = "ls")]
    List {
        /// List only databases whose name contains this text
        #[arg(long)]
        search: Option<String>,
        /// Largest number of databases to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Delete a database
    Delete {
        /// Name or id
        #[arg(value_name = "DATABASE")]
        database: String,
    },
    /// Count the databases of the workspace
    Count,
    /// Copy a database
    Fork {
        /// Name or id
        #[arg(value_name = "DATABASE")]
        database: String,
        /// Name of the copy
        #[arg(long)]
        name: Option<String>,
        /// When the copy expires: after a time such as 90m, 24h or 7d, or at a date and time of RFC 3339
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, databases) = (hotdata.app, hotdata.client.databases());
    match command {
        Command::List { search, limit } => {
            let mut call = databases.list();
            if let Some(search) = search {
                call = call.search(search);
            }
            let columns = ["name", "id", "default_catalog", "created_at", "expires_at"];
            command::list(app, call, |call| call.iter(), limit, &columns)
        }
        Command::Count => hotdata.send(databases.count()),
        Command::Show { database } if app.globals.dry_run => {
            hotdata.send(databases.get(name::id(hotdata, &database)?))
        }
        Command::Show { database } => show::value(app, &name::database(hotdata, &database)?),
        Command::Create { name, if_not_exists, expires_at, default_catalog, default_schema } => {
            let mut request = CreateDatabaseRequest::new();
            if if_not_exists {
                request = request.if_not_exists(true);
            }
            (request.name, request.expires_at) = (name, expires_at);
            (request.default_catalog, request.default_schema) = (default_catalog, default_schema);
            hotdata.send(databases.create(request))
        }
        Command::Fork { database, name, expires_at } => {
            let mut call = databases.fork(name::id(hotdata, &database)?);
            if let Some(name) = name {
                call = call.name(name);
            }
            if let Some(time) = expires_at {
                call = call.expires_at(time);
            }
            hotdata.send(call)
        }
        Command::Delete { database } if app.globals.dry_run => {
            hotdata.sent(databases.delete(name::id(hotdata, &database)?)).map(drop)
        }
        Command::Delete { database } => {
            confirm::before_look_up(app, &format!("Delete the database {database}"))?;
            let found = name::database(hotdata, &database)?;
            let shown = match &found.name {
                Some(name) => format!("{name} ({})", found.id),
                None => found.id.clone(),
            };
            confirm::ask(app, &format!("Delete the database {shown} with all its tables"))?;
            hotdata.sent(databases.delete(&*found.id))?;
            show::outcome(app, found.name.as_deref().unwrap_or(&found.id), "deleted")
        }
    }
}
