//! `controlplane eloq`: the calls of EloqCloud, under the names of the vendor's client and as `clusters COMMAND`.

mod clusters;

use std::time::Duration;

use clap::Subcommand;
use controlplane::eloq::{
    Blocking, Call, Client, CloudProvider, EloqModule, GetSkus, Project, SkuType, may_be_missing,
};
use controlplane::{Effect, Error};
use serde::Serialize;
use serde_json::Value;

use crate::advice::translated;
use crate::app::App;
use crate::call;
use crate::choices::choice;
use crate::command::{self, CommandCall, Polling};
use crate::failure::{Exit, Failure, Result};
use crate::watch::watched;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Project of the clusters: its name or its id [default: the first of the organization]
    #[arg(long, global = true, value_name = "PROJECT")]
    project: Option<String>,
    #[command(flatten)]
    polling: Polling,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create, show, list and delete clusters; without a command: list them
    Clusters(clusters::Clusters),
    /// Create a cluster and wait until it can be used, as `clusters create` does
    #[command(alias = "cluster_create")]
    ClusterCreate(clusters::Create),
    /// Show a cluster, as `clusters show` does
    Cluster(clusters::Named),
    /// Delete a cluster and wait until it is gone, as `clusters delete` does
    #[command(alias = "cluster_delete")]
    ClusterDelete(clusters::Named),
    /// Show host, port and user of a cluster, as `clusters credentials` does
    #[command(alias = "cluster_credentials")]
    ClusterCredentials(clusters::Credentials),
    /// Wait until a cluster can be used or, with --deleted, until it is gone
    Wait(clusters::Wait),
    /// List the SKUs, which are kinds of clusters
    #[command(alias = "get_skus", visible_alias = "skus")]
    GetSkus(Skus),
    /// Show the organization
    Org,
    /// Show the user of the key, the organization and its projects
    Info,
    /// Send any command of the service, as JSON
    Call(call::Args),
}

#[derive(Debug, clap::Args)]
struct Skus {
    /// Type of the SKUs
    #[arg(long = "type", value_name = "TYPE", default_value = "serverless", ignore_case = true, value_parser = choice::<SkuType>(SKU_TYPES))]
    sku_type: SkuType,
    /// Module of the SKUs
    #[arg(long, value_name = "MODULE", default_value = "eloqkv", ignore_case = true, value_parser = choice::<EloqModule>(MODULES))]
    module: EloqModule,
    /// Provider of the SKUs
    #[arg(long, value_name = "PROVIDER", default_value = "aws", ignore_case = true, value_parser = choice::<CloudProvider>(PROVIDERS))]
    cloud: CloudProvider,
}

const SKU_TYPES: &[&str] = &["serverless", "dedicated"];
const MODULES: &[&str] = &["eloqkv", "eloqdoc"];
const PROVIDERS: &[&str] = &["aws", "gcp"];

/// The client, and the program that uses it.
struct Eloq<'a> {
    app: &'a App,
    client: Client,
    project: Option<Project>,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let project = args.project.map(|project| match project.parse::<i64>() {
        Ok(id) => Project::Id(id),
        Err(_) => Project::Name(project),
    });
    if let Command::Call(args) = args.command {
        return call::eloq(app, args, project);
    }
    let eloq = Eloq { app, client: client(app, project.clone(), args.polling.poll_interval)?, project };
    match args.command {
        Command::Info => eloq.send(eloq.client.info()),
        Command::Org => eloq.send(eloq.client.org()),
        Command::Clusters(args) => clusters::run(&eloq, args),
        Command::Cluster(args) => clusters::one(&eloq, args),
        Command::ClusterCreate(args) => clusters::create(&eloq, args),
        Command::ClusterDelete(args) => clusters::delete(&eloq, args),
        Command::ClusterCredentials(args) => clusters::credentials(&eloq, args),
        Command::GetSkus(args) => skus(&eloq, args),
        Command::Wait(args) => clusters::wait(&eloq, args),
        Command::Call(_) => Ok(()),
    }
}

/// Waits until a cluster can be used.
pub(crate) fn resume(app: &App, name: &str) -> Result {
    clusters::wait(&plain(app)?, clusters::Wait::usable(name))
}

/// Shows a cluster.
pub(crate) fn status(app: &App, name: &str) -> Result {
    let eloq = plain(app)?;
    eloq.send(eloq.client.cluster(name))
}

/// The client without options of the group.
fn plain(app: &App) -> Result<Eloq<'_>> {
    Ok(Eloq { app, client: client(app, None, None)?, project: None })
}

/// The client; without credentials for a dry run.
pub(crate) fn client(app: &App, project: Option<Project>, poll: Option<Duration>) -> Result<Client> {
    if app.globals.dry_run {
        return Ok(Client::offline());
    }
    let mut builder = Client::builder();
    if let Some(project) = project {
        builder = builder.project(project);
    }
    if let Some(interval) = poll {
        builder = builder.poll_interval(interval);
    }
    Ok(builder.build()?)
}

impl Eloq<'_> {
    /// The call with its project, which a dry run needs too.
    fn of_project<C>(&self, call: Call<Blocking, C>) -> Call<Blocking, C> {
        match &self.project {
            Some(project) => call.project(project.clone()),
            None => call,
        }
    }

    /// The call as the options of the program want it.
    fn prepared<C>(&self, call: Call<Blocking, C>, label: &str, effect: Effect) -> Call<Blocking, C> {
        self.of_project(watched(self.app, call, label, effect))
    }

    /// Sends a command and prints its output, or prints its request.
    fn send<C: controlplane::eloq::Command>(&self, call: Call<Blocking, C>) -> Result
    where
        Call<Blocking, C>: CommandCall<Output: Serialize>,
    {
        command::send(self.app, self.of_project(call))
    }
}

/// Prints what a command has created or waited for: a cluster, whose details do not have its name under a key of
/// that name.
fn show_named(app: &App, value: &impl Serialize, name: &str) -> Result {
    if app.out.wants_names() { crate::show::named(app, value, name) } else { show(app, value) }
}

/// Prints a value without its passwords.
pub(crate) fn show(app: &App, value: &impl Serialize) -> Result {
    let mut value = crate::show::to_value(value)?;
    if hide_passwords(&mut value) {
        app.progress.note("Passwords are not shown. `eloq cluster-credentials --show-password` prints them.");
    }
    app.out.value(&value)
}

/// Removes the passwords of clusters. Returns true if there was one.
pub(crate) fn hide_passwords(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|name, _| !matches!(name.as_str(), "password" | "admin_password"));
            let was_there = fields.len() < before;
            fields.values_mut().fold(was_there, |found, value| hide_passwords(value) | found)
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| hide_passwords(item) | found),
        _ => false,
    }
}

/// The failure of a call. The service reports a missing cluster as 403 too.
pub(crate) fn failure(error: Error) -> Failure {
    if !may_be_missing(&error) {
        return error.into();
    }
    let text = error.to_string();
    let (message, advice) = text.split_once('\n').unwrap_or((&text, ""));
    let failure = Failure::new(Exit::Refused, message);
    match translated(advice) {
        Some(advice) => failure.hint(advice),
        None => failure,
    }
}

fn skus(eloq: &Eloq<'_>, args: Skus) -> Result {
    let call = eloq.of_project(eloq.client.get_skus(args.sku_type, args.module, args.cloud));
    let columns = ["sku_id", "sku_name", "sku_type", "module_type", "version", "cloud_provider"];
    let items = |call: Call<Blocking, GetSkus>| match call.send() {
        Ok(skus) => skus.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    };
    command::list(eloq.app, call, |call| items(call).into_iter(), None, &columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_options_are_those_of_the_sdk() {
        for text in SKU_TYPES {
            assert_eq!(text.to_uppercase().parse::<SkuType>().unwrap().to_string(), *text);
        }
        for text in MODULES {
            assert_eq!(text.to_uppercase().parse::<EloqModule>().unwrap().to_string(), *text);
        }
        for text in PROVIDERS {
            assert_eq!(text.to_uppercase().parse::<CloudProvider>().unwrap().to_string(), *text);
        }
    }
}
