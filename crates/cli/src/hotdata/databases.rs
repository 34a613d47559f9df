//! Databases.

use clap::Subcommand;
use controlplane::hotdata::CreateDatabaseRequest;

use crate::confirm;
use crate::failure::Result;
use crate::show;

use super::Hotdata;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the databases of the workspace
    List {
        /// Only those whose name contains this text
        #[arg(long)]
        search: Option<String>,
        /// Largest number of databases to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Count the databases of the workspace
    Count,
    /// Show a database
    Get {
        /// Id, or name
        id: String,
    },
    /// Create a database
    Create {
        /// Name
        name: Option<String>,
        /// Return the database of this name if there is one
        #[arg(long)]
        if_not_exists: bool,
        /// Time at which it expires: 7d, or a date and time of RFC 3339
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        /// Name of its own catalog in queries
        #[arg(long)]
        default_catalog: Option<String>,
        /// Schema of table names without a schema
        #[arg(long)]
        default_schema: Option<String>,
    },
    /// Copy a database
    Fork {
        /// Id
        id: String,
        /// Name of the copy
        #[arg(long)]
        name: Option<String>,
        /// Time at which the copy expires: 7d, or a date and time of RFC 3339
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
    /// Delete a database
    Delete {
        /// Id
        id: String,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, databases) = (hotdata.app, hotdata.client.databases());
    match command {
        Command::List { search, limit } => {
            let mut call = hotdata.command(databases.list());
            if let Some(search) = search {
                call = call.search(search);
            }
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            show::list(
                app,
                call.iter(),
                limit,
                &["id", "name", "default_catalog", "created_at", "expires_at"],
            )
        }
        Command::Count => hotdata.send(databases.count()),
        Command::Get { id } if app.globals.dry_run => hotdata.send(databases.get(id)),
        Command::Get { id } => show::value(app, &super::name::database(hotdata, &id)?),
        Command::Create { name, if_not_exists, expires_at, default_catalog, default_schema } => {
            let mut request = CreateDatabaseRequest::new();
            if if_not_exists {
                request = request.if_not_exists(true);
            }
            (request.name, request.expires_at) = (name, expires_at);
            (request.default_catalog, request.default_schema) = (default_catalog, default_schema);
            hotdata.send(databases.create(request))
        }
        Command::Fork { id, name, expires_at } => {
            let mut call = databases.fork(id);
            if let Some(name) = name {
                call = call.name(name);
            }
            if let Some(time) = expires_at {
                call = call.expires_at(time);
            }
            hotdata.send(call)
        }
        Command::Delete { id } => {
            if !app.globals.dry_run {
                confirm::ask(app, &format!("Delete the database {id} with all its tables"))?;
            }
            let Some(()) = hotdata.sent(databases.delete(&*id))? else { return Ok(()) };
            show::outcome(app, &id, "deleted")
        }
    }
}
