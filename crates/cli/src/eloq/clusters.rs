//! Clusters: lists, creation, deletion, waits, and what a program needs to connect.

use clap::Subcommand;
use controlplane::{Effect, Error};

use crate::command;
use crate::confirm;
use crate::failure::{Failure, Result, shell_word};
use crate::show;
use crate::watch::failed_wait;

use super::{Eloq, failure};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Clusters {
    #[command(flatten)]
    list: List,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a cluster and wait until it can be used
    Create(Create),
    /// Show a cluster
    #[command(alias = "get")]
    Show(Named),
    /// List the clusters
    #[command(alias = "ls")]
    List(List),
    /// Delete a cluster and wait until it is gone
    Delete(Named),
    /// Show host, port and user of a cluster
    Credentials(Credentials),
    /// Wait until a cluster can be used or, with --deleted, until it is gone
    Wait(Wait),
}

#[derive(Debug, clap::Args)]
struct List {
    /// Largest number of clusters to show [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// Name of the cluster
    pub(super) name: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Name of the cluster
    name: String,
    /// Region, for example us-west-1
    #[arg(long)]
    region: String,
    /// Id of the SKU, which is the kind of the cluster: `eloq get-skus` lists them
    #[arg(long, value_name = "ID")]
    sku_id: i64,
    /// Availability zone, for example us-west-1a [default: the service chooses]
    #[arg(long)]
    zone: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Credentials {
    /// Name of the cluster
    name: String,
    /// Also print the password
    #[arg(long)]
    show_password: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Wait {
    /// Name of the cluster
    name: String,
    /// Wait until the cluster is gone
    #[arg(long)]
    deleted: bool,
}

impl Wait {
    /// The wait until a cluster can be used.
    pub(super) fn usable(name: &str) -> Self {
        Self { name: name.to_owned(), deleted: false }
    }
}

const COLUMNS: [&str; 6] = ["cluster_name", "status", "region", "zone", "module_type", "create_at"];

pub(super) fn run(eloq: &Eloq<'_>, args: Clusters) -> Result {
    match args.command {
        None => list(eloq, &args.list),
        Some(Command::List(args)) => list(eloq, &args),
        Some(Command::Show(args)) => one(eloq, args),
        Some(Command::Create(args)) => create(eloq, args),
        Some(Command::Delete(args)) => delete(eloq, args),
        Some(Command::Credentials(args)) => credentials(eloq, args),
        Some(Command::Wait(args)) => wait(eloq, args),
    }
}

fn list(eloq: &Eloq<'_>, args: &List) -> Result {
    let call = eloq.of_project(eloq.client.clusters());
    command::list(eloq.app, call, |call| call.iter(), args.limit, &COLUMNS)
}

pub(super) fn one(eloq: &Eloq<'_>, args: Named) -> Result {
    command::send_named(eloq.app, eloq.of_project(eloq.client.cluster(&*args.name)), &args.name)
}

pub(super) fn create(eloq: &Eloq<'_>, args: Create) -> Result {
    let mut call = eloq.client.cluster_create(&*args.name, args.region, args.sku_id);
    if let Some(zone) = args.zone {
        call = call.zone(zone);
    }
    if eloq.app.globals.dry_run || eloq.app.globals.no_wait {
        return command::send_named(eloq.app, eloq.of_project(call), &args.name);
    }
    let label = format!("creating {}", args.name);
    let created = eloq.prepared(call.and_wait(), &label, Effect::Changes).send();
    super::show_named(eloq.app, &created.map_err(|error| again(error, &args.name, ""))?, &args.name)
}

pub(super) fn delete(eloq: &Eloq<'_>, args: Named) -> Result {
    let call = eloq.client.cluster_delete(&*args.name);
    if eloq.app.globals.dry_run {
        return eloq.send(call);
    }
    confirm::ask(eloq.app, &format!("Delete the cluster {}", args.name))?;
    if eloq.app.globals.no_wait {
        return command::send_named(eloq.app, eloq.of_project(call), &args.name);
    }
    let label = format!("deleting {}", args.name);
    let gone = eloq.prepared(call.and_wait(), &label, Effect::Changes).send();
    gone.map_err(|error| again(error, &args.name, " --deleted"))?;
    show::outcome(eloq.app, &args.name, "deleted")
}

pub(super) fn credentials(eloq: &Eloq<'_>, args: Credentials) -> Result {
    let call = eloq.client.cluster_credentials(args.name);
    if args.show_password && !eloq.app.globals.dry_run {
        let call = command::prepared(eloq.app, eloq.of_project(call));
        return show::value(eloq.app, &call.send().map_err(failure)?);
    }
    eloq.send(call)
}

pub(super) fn wait(eloq: &Eloq<'_>, args: Wait) -> Result {
    if eloq.app.globals.dry_run {
        return eloq.send(eloq.client.cluster(args.name));
    }
    let label = format!("waiting for {}", args.name);
    if args.deleted {
        let call = eloq.client.wait_for_cluster_deletion(&*args.name);
        let gone = eloq.prepared(call, &label, Effect::Repeatable).send();
        gone.map_err(|error| again(error, &args.name, " --deleted"))?;
        return show::outcome(eloq.app, &args.name, "deleted");
    }
    let cluster = eloq.prepared(eloq.client.wait_for_cluster(&*args.name), &label, Effect::Repeatable).send();
    super::show_named(eloq.app, &cluster.map_err(|error| again(error, &args.name, ""))?, &args.name)
}

/// The failure of a wait, with the command that continues it.
fn again(error: Error, name: &str, option: &str) -> Failure {
    if controlplane::eloq::may_be_missing(&error) {
        return failure(error);
    }
    failed_wait(error, || format!("controlplane eloq wait {}{option}", shell_word(name)))
}
