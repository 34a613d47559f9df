//! `controlplane h2o`: workflows, their revisions, runs and logs on H2O Workflows.

mod inputs;
mod logs;
mod names;
mod runs;
mod workflows;

use std::time::Duration;

use clap::Subcommand;
use controlplane::h2o_workflows::{Blocking, Call, Client, Command as H2oCommand};
use controlplane::http::Request;
use controlplane::{Effect, Error, ErrorKind};
use serde::Serialize;

use crate::app::App;
use crate::call;
use crate::command::{self, CommandCall, Polling};
use crate::failure::{Failure, Result, shell_word};
use crate::stderr;
use crate::watch::{failed_wait, watched};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    polling: Polling,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create, show, list, update and delete workflows
    Workflows {
        #[command(subcommand)]
        command: workflows::Command,
    },
    /// Show and list the revisions of a workflow
    Revisions {
        #[command(subcommand)]
        command: workflows::Revisions,
    },
    /// Run a workflow or one of its revisions, and wait until the run has ended
    Run(runs::Start),
    /// Show, list, delete, cancel and retry runs, and wait for them
    Runs {
        #[command(subcommand)]
        command: runs::Command,
    },
    /// Print the logs of a run, or of one step
    Logs(logs::Args),
    /// Send any command of the service, as JSON
    Call(call::Args),
}

/// The client, and the program that uses it.
struct H2o<'a> {
    app: &'a App,
    client: Client,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    if let Command::Call(args) = args.command {
        return call::h2o(app, args);
    }
    let h2o = H2o { app, client: client(app, args.polling.poll_interval)? };
    match args.command {
        Command::Workflows { command } => workflows::run(&h2o, command),
        Command::Revisions { command } => workflows::revisions(&h2o, command),
        Command::Run(args) => runs::start(&h2o, args),
        Command::Runs { command } => runs::run(&h2o, command),
        Command::Logs(args) => logs::run(&h2o, args),
        Command::Call(_) => Ok(()),
    }
}

/// Waits until a run has ended.
pub(crate) fn resume(app: &App, name: &str) -> Result {
    runs::run(&H2o { app, client: client(app, None)? }, runs::Command::Wait { name: name.to_owned() })
}

/// Shows a run.
pub(crate) fn status(app: &App, name: &str) -> Result {
    runs::run(&H2o { app, client: client(app, None)? }, runs::Command::Show { name: name.to_owned() })
}

/// The client; without credentials for a dry run.
pub(crate) fn client(app: &App, poll: Option<Duration>) -> Result<Client> {
    if app.globals.dry_run {
        return Ok(Client::offline());
    }
    let rotated = move |_: &controlplane::SecretString| {
        stderr::say(
            "warning: the issuer has replaced the platform token, and the old one may not be accepted again. Get a new \
             one with `h2o config update-platform-token`, or set H2O_CLOUD_CLIENT_PLATFORM_TOKEN anew.",
        );
    };
    let mut builder = Client::builder().on_token_rotated(rotated);
    if let Some(interval) = poll {
        builder = builder.poll_interval(interval);
    }
    Ok(builder.build()?)
}

impl H2o<'_> {
    /// The call as the options of the program want it.
    fn prepared<C>(&self, call: Call<Blocking, C>, label: &str, effect: Effect) -> Call<Blocking, C> {
        watched(self.app, call, label, effect)
    }

    /// The command as the options of the program want it.
    fn command<C: H2oCommand>(&self, call: Call<Blocking, C>) -> Call<Blocking, C> {
        command::prepared(self.app, call)
    }

    /// The request of a command.
    fn request<C: H2oCommand>(&self, call: &Call<Blocking, C>) -> Result<Request> {
        call.to_request().map_err(failure)
    }

    /// Sends a command and returns its output, or prints its request.
    fn sent<C: H2oCommand>(&self, call: Call<Blocking, C>) -> Result<Option<C::Output>> {
        command::sent(self.app, call)
    }

    /// Sends a command and prints its output, or prints its request.
    fn send<C: H2oCommand>(&self, call: Call<Blocking, C>) -> Result
    where
        Call<Blocking, C>: CommandCall<Output: Serialize>,
    {
        command::send(self.app, call)
    }
}

/// The failure of a call. Names are paths, whose form a person cannot guess.
pub(crate) fn failure(error: Error) -> Failure {
    let form = (error.kind() == ErrorKind::InvalidArgument).then(|| error.to_string());
    let form = form.as_deref().and_then(|text| text.lines().next()?.split_once(" the form "));
    let failure = Failure::from(error);
    match form.map(|(_, form)| names::example(form)) {
        Some(Some(advice)) => failure.hint(format!("Nothing was sent. {advice}")),
        _ => failure,
    }
}

/// The failure of a wait for a run, with the command that continues it.
fn again(error: Error, run: &str) -> Failure {
    if error.kind() == ErrorKind::InvalidArgument {
        return failure(error);
    }
    let run = error.resource().unwrap_or(run).to_owned();
    failed_wait(error, || format!("controlplane h2o runs wait {}", shell_word(&run)))
}
