//! `controlplane onehouse`: the commands of the vendor's `oh` 0.4.0, with its spelling.

mod catalog;
mod choices;
mod cluster;
mod configure;
mod database;
mod flow;
mod job;
mod lake;
mod partition_key;
mod send;
mod service_principal;
mod sign_in;
mod source;
mod sql;
mod table;
mod task;
mod transformation;
mod validation;
mod with;

pub(crate) use send::TIMEOUT;

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
    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,

    #[command(flatten)]
    options: Options,

    #[command(subcommand)]
    group: Group,
}

/// Options that `oh` does not have.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Onehouse options")]
pub(crate) struct Options {
    /// Send requests to this base URL, not to the one of the credentials
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
    /// Manage lakes
    #[command(subcommand)]
    Lake(lake::Lake),
    /// Manage databases of lakes
    #[command(subcommand)]
    Database(database::Database),
    /// Manage tables and their services
    #[command(subcommand)]
    Table(table::Table),
    /// Manage catalogs of other vendors
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Manage sources of flows
    #[command(subcommand)]
    Source(source::Source),
    /// Manage flows, which bring data into tables
    #[command(subcommand)]
    Flow(flow::Flow),
    /// Manage transformations of flows
    #[command(subcommand)]
    Transformation(transformation::Transformation),
    /// Manage validations of flows
    #[command(subcommand)]
    Validation(validation::Validation),
    /// Manage jobs, their runs, and jars
    #[command(subcommand)]
    Job(job::Job),
    /// Manage service principals
    #[command(subcommand)]
    ServicePrincipal(service_principal::ServicePrincipal),
    /// Manage API tokens of service principals
    #[command(subcommand)]
    ApiToken(service_principal::ApiToken),
    /// Execute SQL, or read the status of a request
    #[command(subcommand)]
    Sql(sql::Sql),
    /// Send any command of the service, as JSON
    Call(call::Args),
    /// Sign in through a browser; commands then run as you, without an API key
    Login(sign_in::Login),
    /// Sign out
    Logout,
    /// Ask for credentials and write them into the credentials file
    Configure,
}

impl Args {
    pub(crate) fn run(self, app: &App) -> Result {
        let options = &self.options;
        let task = match self.group {
            Group::Cluster(command) => command.task(),
            Group::Lake(command) => command.task(),
            Group::Database(command) => command.task(),
            Group::Table(command) => command.task(),
            Group::Catalog(command) => command.task(),
            Group::Source(command) => command.task(),
            Group::Flow(command) => command.task()?,
            Group::Transformation(command) => command.task(),
            Group::Validation(command) => command.task(),
            Group::Job(command) => command.task()?,
            Group::ServicePrincipal(command) => command.task(),
            Group::ApiToken(command) => command.task(),
            Group::Sql(command) => return command.run(app, options),
            Group::Call(args) => return call::onehouse(app, args, || send::client(app, options)),
            Group::Login(command) => return command.run(app, options),
            Group::Logout => return sign_in::logout(app, options),
            Group::Configure => return configure::run(app),
        };
        task.run(app, options)
    }
}
