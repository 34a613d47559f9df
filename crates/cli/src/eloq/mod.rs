//! `controlplane eloq`: the calls of EloqCloud, under the names of the vendor's client.

mod clusters;

use std::time::Duration;

use clap::Subcommand;
use controlplane::eloq::{
    Blocking, Call, Client, CloudProvider, Command as EloqCommand, EloqModule, Project, SkuType,
    may_be_missing,
};
use controlplane::{Effect, Error};
use serde::Serialize;
use serde_json::Value;

use crate::advice::translated;
use crate::app::App;
use crate::call;
use crate::duration;
use crate::failure::{Exit, Failure, Result};
use crate::show;
use crate::watch::watched;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Project of the clusters: its name or its id [default: the first of the organization]
    #[arg(long, global = true, value_name = "PROJECT")]
    project: Option<String>,
    /// First interval between two polls, for example 500ms or 5s; a bare number is seconds
    #[arg(long, global = true, value_parser = duration::interval, value_name = "DURATION")]
    poll_interval: Option<Duration>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the user of the key, the organization and its projects
    Info,
    /// Show the organization
    Org,
    /// List the clusters
    Clusters(clusters::List),
    /// Show a cluster
    Cluster(clusters::Named),
    /// Create a cluster and wait until it can be used
    #[command(alias = "cluster_create")]
    ClusterCreate(clusters::Create),
    /// Delete a cluster and wait until it is gone
    #[command(alias = "cluster_delete")]
    ClusterDelete(clusters::Named),
    /// Show host, port and user of a cluster
    #[command(alias = "cluster_credentials")]
    ClusterCredentials(clusters::Credentials),
    /// List the SKUs, which are kinds of clusters
    #[command(alias = "get_skus", visible_alias = "skus")]
    GetSkus(Skus),
    /// Wait until a cluster can be used, or with --deleted until it is gone
    Wait(clusters::Wait),
    /// Send any command of the service, as JSON
    Call(call::Args),
}

#[derive(Debug, clap::Args)]
struct Skus {
    /// serverless or dedicated
    #[arg(long = "type", value_name = "TYPE", default_value = "serverless")]
    sku_type: String,
    /// eloqkv or eloqdoc
    #[arg(long, value_name = "MODULE", default_value = "eloqkv")]
    module: String,
    /// aws or gcp
    #[arg(long, value_name = "PROVIDER", default_value = "aws")]
    cloud: String,
}

/// Waits until a cluster can be used.
pub(crate) fn resume(app: &App, name: &str) -> Result {
    clusters::wait(
        &Eloq { app, client: client(app, None, None)?, project: None },
        clusters::Wait::usable(name),
    )
}

/// Shows a cluster.
pub(crate) fn status(app: &App, name: &str) -> Result {
    let eloq = Eloq { app, client: client(app, None, None)?, project: None };
    eloq.send(eloq.client.cluster(name))
}

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
    let eloq = Eloq { app, client: client(app, project.clone(), args.poll_interval)?, project };
    match args.command {
        Command::Info => eloq.send(eloq.client.info()),
        Command::Org => eloq.send(eloq.client.org()),
        Command::Clusters(args) => clusters::list(&eloq, args),
        Command::Cluster(args) => eloq.send(eloq.client.cluster(args.name)),
        Command::ClusterCreate(args) => clusters::create(&eloq, args),
        Command::ClusterDelete(args) => clusters::delete(&eloq, args),
        Command::ClusterCredentials(args) => clusters::credentials(&eloq, args),
        Command::GetSkus(args) => skus(&eloq, &args),
        Command::Wait(args) => clusters::wait(&eloq, args),
        Command::Call(_) => Ok(()),
    }
}

/// The client; without credentials for a dry run.
pub(crate) fn client(app: &App, project: Option<Project>, poll: Option<Duration>) -> Result<Client> {
    if app.globals.dry_run {
        return Ok(Client::offline());
    }
    let builder = Client::builder();
    let builder = match project {
        Some(project) => builder.project(project),
        None => builder,
    };
    let builder = match poll {
        Some(interval) => builder.poll_interval(interval),
        None => builder,
    };
    Ok(builder.build()?)
}

impl Eloq<'_> {
    /// The call as the options of the program want it.
    fn prepared<C>(&self, call: Call<Blocking, C>, label: &str, effect: Effect) -> Call<Blocking, C> {
        let call = watched(self.app, call, label, effect);
        match &self.project {
            Some(project) => call.project(project.clone()),
            None => call,
        }
    }

    /// The command as the options of the program want it.
    fn command<C: EloqCommand>(&self, call: Call<Blocking, C>) -> Call<Blocking, C> {
        let (label, effect) = (call.command().label(), call.command().effect());
        self.prepared(call, &label, effect)
    }

    /// Sends a command and prints its output, or prints its request.
    fn send<C: EloqCommand>(&self, call: Call<Blocking, C>) -> Result
    where
        C::Output: Serialize,
    {
        let call = self.command(call);
        if self.app.globals.dry_run {
            return show::request(self.app, &call.to_request()?);
        }
        self.show(&call.send().map_err(failure)?)
    }

    /// Prints a value without its passwords.
    fn show(&self, value: &impl Serialize) -> Result {
        let mut value = show::to_value(value)?;
        if hide_passwords(&mut value) {
            self.app
                .progress
                .note("Passwords are not shown. `eloq cluster-credentials --show-password` prints them.");
        }
        self.app.out.value(&value)
    }
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

fn skus(eloq: &Eloq<'_>, args: &Skus) -> Result {
    let sku_type = args.sku_type.parse::<SkuType>()?;
    let module = args.module.parse::<EloqModule>()?;
    let cloud = args.cloud.parse::<CloudProvider>()?;
    let call = eloq.command(eloq.client.get_skus(sku_type, module, cloud));
    if eloq.app.globals.dry_run {
        return show::request(eloq.app, &call.to_request()?);
    }
    let columns = ["sku_id", "sku_name", "sku_type", "module_type", "version", "cloud_provider"];
    show::list(eloq.app, call.send()?.into_iter().map(Ok), None, &columns)
}
