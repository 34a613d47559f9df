//! Workflows and their revisions.

use clap::Subcommand;
use controlplane::h2o_workflows::Workflow;

use crate::command;
use crate::confirm;
use crate::failure::{Exit, Failure, Result};
use crate::input;
use crate::show;

use super::H2o;
use super::names::workspace;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a workflow from a YAML file
    Create {
        /// Workspace, as w or workspaces/w
        #[arg(long, short)]
        workspace: String,
        /// YAML file; - reads standard input
        file: String,
        /// Also activate the workflow, so that it can be run
        #[arg(long)]
        activate: bool,
    },
    /// Show a workflow
    #[command(alias = "get")]
    Show {
        /// Name, as workspaces/w/workflows/f
        name: String,
    },
    /// List the workflows of a workspace
    #[command(alias = "ls")]
    List {
        /// Workspace, as w or workspaces/w
        #[arg(long, short)]
        workspace: String,
        /// Largest number of workflows to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Replace the YAML of a workflow, which makes a new revision
    Update {
        /// Name, as workspaces/w/workflows/f
        name: String,
        /// YAML file; - reads standard input
        file: String,
    },
    /// Delete a workflow
    Delete {
        /// Name, as workspaces/w/workflows/f
        name: String,
    },
    /// Activate the latest revision of a workflow
    Activate {
        /// Name, as workspaces/w/workflows/f
        name: String,
    },
    /// Deactivate a workflow
    Deactivate {
        /// Name, as workspaces/w/workflows/f
        name: String,
    },
    /// Check a YAML file without creating anything; exits with 1 if it has errors
    Validate {
        /// Workspace, as w or workspaces/w
        #[arg(long, short)]
        workspace: String,
        /// YAML file; - reads standard input
        file: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Revisions {
    /// Show a revision
    #[command(alias = "get")]
    Show {
        /// Name, as workspaces/w/workflows/f/revisions/r, or …/revisions/active
        name: String,
    },
    /// List the revisions of a workflow
    #[command(alias = "ls")]
    List {
        /// Workflow, as workspaces/w/workflows/f
        workflow: String,
        /// Largest number of revisions to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
}

pub(super) fn run(h2o: &H2o<'_>, command: Command) -> Result {
    let client = h2o.client.workflow();
    match command {
        Command::List { workspace: name, limit } => {
            let call = client.list_workflows(workspace(&name));
            let columns = ["name", "displayName", "state", "activeRevision", "updateTime"];
            command::list(h2o.app, call, |call| call.iter(), limit, &columns)
        }
        Command::Show { name } => h2o.send(client.get_workflow(name)),
        Command::Create { workspace: name, file, activate } => {
            let workflow = Workflow::new(input::text(h2o.app, &file)?);
            let create = client.create_workflow(workspace(&name), workflow);
            if !activate {
                return h2o.send(create);
            }
            if h2o.app.globals.dry_run {
                let name = format!(
                    "{}/workflows/{}",
                    workspace(&name),
                    show::placeholder("id of the created workflow")
                );
                let activate = client.activate_workflow(name);
                return show::requests(h2o.app, &[h2o.request(&create)?, h2o.request(&activate)?]);
            }
            let Some(created) = h2o.sent(create)? else { return Ok(()) };
            let name = created.name;
            let activated = h2o.sent(client.activate_workflow(&*name)).map_err(|failure| {
                failure.hint(format!(
                    "The workflow {name} was created, but its activation was not confirmed. Do not create it again; activate \
                     it with `controlplane h2o workflows activate {name}`."
                ))
            })?;
            match activated {
                Some(workflow) => show::value(h2o.app, &workflow),
                None => Ok(()),
            }
        }
        Command::Update { name, file } => {
            let workflow = Workflow::new(input::text(h2o.app, &file)?).named(name);
            h2o.send(client.update_workflow(workflow))
        }
        Command::Delete { name } => {
            if !h2o.app.globals.dry_run {
                confirm::ask(h2o.app, &format!("Delete the workflow {name}"))?;
            }
            let Some(()) = h2o.sent(client.delete_workflow(&*name))? else { return Ok(()) };
            show::outcome(h2o.app, &name, "deleted")
        }
        Command::Activate { name } => h2o.send(client.activate_workflow(name)),
        Command::Deactivate { name } => h2o.send(client.deactivate_workflow(name)),
        Command::Validate { workspace: name, file } => {
            let source = input::text(h2o.app, &file)?;
            let Some(validation) = h2o.sent(client.validate_workflow(workspace(&name), source))? else {
                return Ok(());
            };
            show::value(h2o.app, &validation)?;
            if validation.is_valid {
                return Ok(());
            }
            Err(Failure::new(Exit::Failed, format!("validating {file}: it has errors")))
        }
    }
}

pub(super) fn revisions(h2o: &H2o<'_>, command: Revisions) -> Result {
    let client = h2o.client.workflow_revision();
    match command {
        Revisions::List { workflow, limit } => {
            let call = client.list_workflow_revisions(workflow);
            let columns = ["name", "state", "creator", "createTime"];
            command::list(h2o.app, call, |call| call.iter(), limit, &columns)
        }
        Revisions::Show { name } => h2o.send(client.get_workflow_revision(name)),
    }
}
