//! `controlplane hotdata`: queries, uploads, databases, tables, indexes, jobs and runs.

mod arrow;
mod databases;
mod indexes;
mod jobs;
mod name;
mod query;
mod rows;
mod runs;
mod stdin;
mod tables;
mod upload;

use std::time::Duration;

use clap::Subcommand;
use controlplane::hotdata::{Blocking, Call, Client, Command as HotdataCommand};
use controlplane::{Effect, ErrorKind};
use serde::Serialize;

use crate::app::App;
use crate::call;
use crate::duration;
use crate::failure::Result;
use crate::show;
use crate::watch::watched;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Database of calls that need one, by its id [env: HOTDATA_DATABASE]
    #[arg(long, short, global = true, value_name = "ID")]
    database: Option<String>,
    /// First interval between two polls, for example 500ms or 5s; a bare number is seconds
    #[arg(long, global = true, value_parser = duration::interval, value_name = "DURATION")]
    poll_interval: Option<Duration>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a query and print its rows, or write them to an Arrow file
    Query(query::Args),
    /// Upload a file, and load it into a table
    Upload(upload::Args),
    /// List, show, create, copy and delete databases
    #[command(visible_alias = "db")]
    Databases {
        #[command(subcommand)]
        command: databases::Command,
    },
    /// List, declare and delete tables
    Tables {
        #[command(subcommand)]
        command: tables::Command,
    },
    /// List, build and delete indexes
    Indexes {
        #[command(subcommand)]
        command: indexes::Command,
    },
    /// List and show jobs, and wait for them
    Jobs {
        #[command(subcommand)]
        command: jobs::Command,
    },
    /// List and show runs of queries, wait for them, and print their rows
    Runs {
        #[command(subcommand)]
        command: runs::Command,
    },
    /// List the workspaces of the key
    Workspaces,
    /// Send any command of the service, as JSON
    Call(call::Args),
}

/// The client, and the program that uses it.
struct Hotdata<'a> {
    app: &'a App,
    client: Client,
    database: Option<String>,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    if let Command::Call(call) = args.command {
        return call::hotdata(app, call, args.database);
    }
    let client = client(app, args.database.clone(), args.poll_interval)?;
    let hotdata = Hotdata { app, client, database: args.database };
    match args.command {
        Command::Query(args) => query::run(&hotdata, args),
        Command::Upload(args) => upload::run(&hotdata, args),
        Command::Databases { command } => databases::run(&hotdata, command),
        Command::Tables { command } => tables::run(&hotdata, command),
        Command::Indexes { command } => indexes::run(&hotdata, command),
        Command::Jobs { command } => jobs::run(&hotdata, command),
        Command::Runs { command } => runs::run(&hotdata, command),
        Command::Workspaces => {
            let call = hotdata.command(hotdata.client.workspaces().list());
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            show::list(app, call.iter(), None, &["public_id", "name", "provision_status", "active"])
        }
        Command::Call(_) => Ok(()),
    }
}

/// Waits for the query run with this id, or else the job.
pub(crate) fn resume(app: &App, id: &str) -> Result {
    let hotdata = Hotdata { app, client: client(app, None, None)?, database: None };
    match is_run(&hotdata, id)? {
        true => show::value(app, &runs::wait(&hotdata, id)?),
        false => jobs::wait(&hotdata, id),
    }
}

/// Shows the query run with this id, or else the job.
pub(crate) fn status(app: &App, id: &str) -> Result {
    let hotdata = Hotdata { app, client: client(app, None, None)?, database: None };
    match is_run(&hotdata, id)? {
        true => hotdata.send(hotdata.client.query_runs().get(id)),
        false => hotdata.send(hotdata.client.jobs().get(id)),
    }
}

/// True if there is a query run with this id. Runs belong to a database: without one the id is that of a job.
fn is_run(hotdata: &Hotdata<'_>, id: &str) -> Result<bool> {
    match hotdata.command(hotdata.client.query_runs().get(id)).send() {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() || error.kind() == ErrorKind::InvalidArgument => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The client; without credentials for a dry run.
pub(crate) fn client(app: &App, database: Option<String>, poll: Option<Duration>) -> Result<Client> {
    if app.globals.dry_run {
        return Ok(Client::offline());
    }
    let builder = Client::builder();
    let builder = match database {
        Some(id) => builder.database_id(id),
        None => builder,
    };
    let builder = match poll {
        Some(interval) => builder.poll_interval(interval),
        None => builder,
    };
    Ok(builder.build()?)
}

impl Hotdata<'_> {
    /// The call as the options of the program want it.
    fn prepared<C>(&self, call: Call<Blocking, C>, label: &str, effect: Effect) -> Call<Blocking, C> {
        watched(self.app, call, label, effect)
    }

    /// The command as the options of the program want it.
    fn command<C: HotdataCommand>(&self, call: Call<Blocking, C>) -> Call<Blocking, C> {
        let (label, effect) = (call.command().name(), call.command().effect());
        self.prepared(call, label, effect)
    }

    /// Sends a command and returns its output, or prints its request.
    fn sent<C: HotdataCommand>(&self, call: Call<Blocking, C>) -> Result<Option<C::Output>> {
        let call = self.command(call);
        if self.app.globals.dry_run {
            show::request(self.app, &call.to_request()?)?;
            return Ok(None);
        }
        Ok(Some(call.send()?))
    }

    /// Sends a command and prints its output, or prints its request.
    fn send<C: HotdataCommand>(&self, call: Call<Blocking, C>) -> Result
    where
        C::Output: Serialize,
    {
        match self.sent(call)? {
            Some(output) => show::value(self.app, &output),
            None => Ok(()),
        }
    }

    /// The option `-d` of a command that continues a wait: the database that was named by it.
    fn database_option(&self) -> String {
        match &self.database {
            Some(id) => format!(" -d {}", crate::failure::shell_word(id)),
            None => String::new(),
        }
    }
}
