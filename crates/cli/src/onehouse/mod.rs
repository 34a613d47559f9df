//! `controlplane onehouse`: the commands of the vendor's `oh` 0.4.0, with its spelling.

mod choices;
mod cluster;
mod send;
mod sql;
mod task;
mod with;

use std::time::Duration;

use clap::{ArgAction, Subcommand};

use crate::app::App;
use crate::call;
use crate::duration;
use crate::failure::Result;

/// Onehouse: the commands of the vendor's `oh`, so that `alias oh='controlplane onehouse'` works
#[derive(Debug, clap::Args)]
#[command(version, disable_version_flag = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,

    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,

    #[command(subcommand)]
    group: Group,
}

/// What `oh` has no options for.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Onehouse options")]
pub(crate) struct Options {
    /// Send the request to this address, in place of that of the credentials
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,

    /// First interval between two polls, for example 500ms or 5s; a bare number is seconds
    #[arg(long, global = true, value_parser = duration::interval, value_name = "DURATION")]
    poll_interval: Option<Duration>,

    /// Accept names that the vendor's pattern rejects, as 'Default Managed Cluster - 2'
    #[arg(long, global = true)]
    unchecked_names: bool,
}

#[derive(Debug, Subcommand)]
enum Group {
    /// Manage compute clusters
    #[command(subcommand)]
    Cluster(cluster::Cluster),
    /// Execute SQL, or read the status of a request
    #[command(subcommand)]
    Sql(sql::Sql),
    /// Send any command of the service, as JSON
    Call(call::Args),
}

impl Args {
    pub(crate) fn run(self, app: &App) -> Result {
        let options = &self.options;
        let task = match self.group {
            Group::Cluster(command) => command.task(),
            Group::Sql(command) => return command.run(app, options),
            Group::Call(args) => return call::onehouse(app, args, || send::client(app, options)),
        };
        task.run(app, options)
    }
}
