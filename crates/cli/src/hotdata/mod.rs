//! `controlplane hotdata`: queries, uploads, databases, tables, indexes, jobs and runs.

mod arrow;
mod databases;
mod indexes;
mod jobs;
mod load;
mod name;
mod query;
mod rows;
mod runs;
mod stdin;
mod tables;
mod upload;

use std::ffi::OsString;
use std::time::Duration;

use clap::Subcommand;
use controlplane::hotdata::{AnyCommand, Blocking, Call, Client, Command as HotdataCommand, Credentials};
use controlplane::{Effect, Error, ErrorKind};
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::call;
use crate::command::{self, CommandCall, Polling};
use crate::failure::{Failure, Result, shell_word};
use crate::show;
use crate::watch::{failed_wait_of, watched};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Database of calls that need one, by its name or its id [env: HOTDATA_DATABASE]
    #[arg(long, short, global = true, value_name = "DATABASE")]
    database: Option<String>,
    #[command(flatten)]
    polling: Polling,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the workspaces of the key
    Workspaces {
        #[command(subcommand)]
        command: Option<Workspaces>,
    },
    /// Create, show, list, delete, count and copy databases
    #[command(visible_alias = "db")]
    Databases {
        #[command(subcommand)]
        command: databases::Command,
    },
    /// List, create, load and delete tables
    Tables {
        #[command(subcommand)]
        command: tables::Command,
    },
    /// List, create and delete indexes
    Indexes {
        #[command(subcommand)]
        command: indexes::Command,
    },
    /// Upload a file, and load it into a table
    Upload(upload::Args),
    /// Run a query and print its rows, or write them to an Arrow file
    Query(query::Args),
    /// List and show runs of queries, wait for them, and print their rows
    Runs {
        #[command(subcommand)]
        command: runs::Command,
    },
    /// List and show jobs, and wait for them
    Jobs {
        #[command(subcommand)]
        command: jobs::Command,
    },
    /// Send any command of the service, as JSON
    Call(call::Args),
}

#[derive(Debug, Subcommand)]
enum Workspaces {
    /// List the workspaces of the key
    #[command(alias = "ls")]
    List,
}

/// The variable of the database.
const DATABASE: &str = "HOTDATA_DATABASE";

/// The kinds of things that ids belong to, in the words of the service.
const JOB: &str = "job";
const QUERY_RUN: &str = "query run";

/// The client, and the program that uses it.
struct Hotdata<'a> {
    app: &'a App,
    poll: Option<Duration>,
    client: Client,
    /// The database of the command line, as it was written.
    named: Option<String>,
    /// The id of the database, once it was looked up: see [`Hotdata::in_database`].
    database_id: Option<String>,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let database = args.database;
    if let Command::Call(args) = args.command {
        return call::hotdata(app, args, |command| {
            let hotdata = Hotdata::new(app, database, None)?;
            // Only for a command that takes a database, and names none.
            if naming(&command, "").is_none() {
                return Ok((hotdata.client, command));
            }
            let hotdata = hotdata.in_database()?;
            let named = hotdata.database_id.as_deref().and_then(|id| naming(&command, id));
            Ok((hotdata.client, named.unwrap_or(command)))
        });
    }
    let hotdata = Hotdata::new(app, database, args.polling.poll_interval)?;
    match args.command {
        Command::Query(args) => query::run(hotdata, args),
        Command::Upload(args) => upload::run(&hotdata, args),
        Command::Databases { command } => databases::run(&hotdata, command),
        Command::Tables { command } => tables::run(&hotdata, command),
        Command::Indexes { command } => indexes::run(hotdata, command),
        Command::Jobs { command } => jobs::run(&hotdata, command),
        Command::Runs { command } => runs::run(&hotdata.in_database()?, command),
        Command::Workspaces { command: None | Some(Workspaces::List) } => {
            let call = hotdata.client.workspaces().list();
            let columns = ["public_id", "name", "provision_status", "active"];
            command::list(app, call, |call| call.iter(), None, &columns)
        }
        Command::Call(_) => Ok(()),
    }
}

/// Waits for the query run with this id, or else the job.
pub(crate) fn resume(app: &App, id: &str) -> Result {
    let hotdata = Hotdata::new(app, None, None)?.in_database()?;
    match is_run(&hotdata, id)? {
        true => show::value(app, &runs::wait(&hotdata, id)?),
        false => jobs::wait(&hotdata, id),
    }
}

/// Shows the query run with this id, or else the job.
pub(crate) fn status(app: &App, id: &str) -> Result {
    let hotdata = Hotdata::new(app, None, None)?.in_database()?;
    match is_run(&hotdata, id)? {
        true => hotdata.send(hotdata.client.query_runs().get(id)),
        false => hotdata.send(hotdata.client.jobs().get(id)),
    }
}

/// True if there is a query run with this id. Runs belong to a database: without one the id is that of a job.
fn is_run(hotdata: &Hotdata<'_>, id: &str) -> Result<bool> {
    match command::prepared(hotdata.app, hotdata.client.query_runs().get(id)).send() {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() || error.kind() == ErrorKind::InvalidArgument => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The client; without credentials for a dry run.
pub(crate) fn client(app: &App, database_id: Option<String>, poll: Option<Duration>) -> Result<Client> {
    if app.globals.dry_run {
        return Ok(Client::offline());
    }
    let mut builder = Client::builder();
    if std::env::var_os(DATABASE).is_some() {
        // It may be a name, and the SDK takes it for an id: it is looked up instead.
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let kept = std::env::vars_os().filter_map(text).filter(|(name, _)| name != DATABASE);
        builder = builder.credentials(Credentials::builder().env(kept).build()?);
    }
    if let Some(id) = database_id {
        builder = builder.database_id(id);
    }
    if let Some(interval) = poll {
        builder = builder.poll_interval(interval);
    }
    Ok(builder.build()?)
}

/// The client of a batch. The database of the environment, which may be a name, is looked up.
pub(crate) fn batch_client(app: &App, poll: Option<Duration>) -> Result<Client> {
    Ok(Hotdata::new(app, None, poll)?.in_database()?.client)
}

impl<'a> Hotdata<'a> {
    fn new(app: &'a App, database: Option<String>, poll: Option<Duration>) -> Result<Self> {
        Ok(Self { app, poll, client: client(app, None, poll)?, named: database, database_id: None })
    }

    /// The database of the command line, or else of the environment.
    fn database(&self) -> Option<String> {
        let of_environment = || std::env::var(DATABASE).ok().filter(|text| !text.trim().is_empty());
        self.named.clone().or_else(of_environment)
    }

    /// Looks the database up, and makes it that of all calls.
    fn in_database(self) -> Result<Self> {
        let Some(database) = self.database() else { return Ok(self) };
        let id = name::id(&self, &database)?;
        Ok(Self { client: client(self.app, Some(id.clone()), self.poll)?, database_id: Some(id), ..self })
    }

    /// The call as the options of the program want it.
    fn prepared<C>(&self, call: Call<Blocking, C>, label: &str, effect: Effect) -> Call<Blocking, C> {
        watched(self.app, call, label, effect)
    }

    /// Sends a command and returns its output, or prints its request.
    fn sent<C: HotdataCommand>(&self, call: Call<Blocking, C>) -> Result<Option<C::Output>> {
        command::sent(self.app, call)
    }

    /// Sends a command and prints its output, or prints its request.
    fn send<C: HotdataCommand>(&self, call: Call<Blocking, C>) -> Result
    where
        Call<Blocking, C>: CommandCall<Output: Serialize>,
    {
        command::send(self.app, call)
    }

    /// The option `-d` of a command that continues a wait: the database that was named by it.
    fn database_option(&self) -> String {
        match &self.named {
            Some(name) => format!(" -d {}", shell_word(name)),
            None => String::new(),
        }
    }

    /// The failure of a wait for a query run, with the command that continues it.
    fn run_failure(&self, error: Error, command: &str, run: &str) -> Failure {
        failed_wait_of(QUERY_RUN, error, || {
            format!("controlplane hotdata runs {command} {}{}", shell_word(run), self.database_option())
        })
    }
}

/// The command with this database in its header. `None` if it takes none, or names one.
fn naming(command: &AnyCommand, database_id: &str) -> Option<AnyCommand> {
    // By way of text, as commands are read everywhere else: the code that reads all of them from a `Value` is large.
    let mut value: Value = serde_json::from_str(&serde_json::to_string(command).ok()?).ok()?;
    let fields = value.as_object_mut()?.values_mut().next()?.as_object_mut()?;
    let is_named = fields.contains_key("x_database_id")
        || fields.values().any(|field| field.get("database_id").is_some_and(|id| !id.is_null()));
    if is_named {
        return None;
    }
    fields.insert("x_database_id".to_owned(), database_id.into());
    serde_json::from_str(&value.to_string()).ok()
}

/// The failure of a wait for a job, with the command that continues it.
fn job_failure(error: Error, job: &str) -> Failure {
    let job = error.request_id().unwrap_or(job).to_owned();
    failed_wait_of(JOB, error, || format!("controlplane hotdata jobs wait {}", shell_word(&job)))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use controlplane::hotdata;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_options_are_those_of_the_sdk() {
        fn check<E: FromStr<Err: std::fmt::Debug> + ToString>(known: &[&str], is_in_schema: bool) {
            for text in known {
                assert_eq!(text.to_uppercase().parse::<E>().unwrap().to_string(), *text);
            }
            let listed = AnyCommand::schema();
            let ours = serde_json::to_string(known).unwrap();
            assert!(!is_in_schema || listed.contains(&ours), "{ours} is not in the schema");
        }
        check::<hotdata::LoadMode>(load::MODES, true);
        check::<hotdata::LoadFormat>(load::FORMATS, true);
        check::<hotdata::IndexType>(indexes::INDEX_TYPES, true);
        check::<hotdata::VectorMetric>(indexes::METRICS, true);
        check::<hotdata::Dialect>(query::DIALECTS, true);
        check::<hotdata::JobStatus>(jobs::STATUSES, false);
        check::<hotdata::JobType>(jobs::JOB_TYPES, false);
    }

    #[test]
    fn a_command_gets_the_database_if_it_takes_one_and_names_none() {
        for (command, takes) in [
            (json!({"query": {"query_request": {"sql": "SELECT 1"}}}), true),
            (json!({"list_query_runs": {}}), true),
            (json!({"query": {"query_request": {"sql": "SELECT 1", "database_id": "a"}}}), false),
            (json!({"list_query_runs": {"x_database_id": "a"}}), false),
            (json!({"list_jobs": {}}), false),
        ] {
            let read: AnyCommand = serde_json::from_value(command.clone()).unwrap();
            let named = naming(&read, "dbid1").map(|named| serde_json::to_value(named).unwrap());
            assert_eq!(named.is_some(), takes, "{command}");
            if let Some(named) = named {
                assert_eq!(named.as_object().unwrap().values().next().unwrap()["x_database_id"], "dbid1");
            }
        }
    }
}
