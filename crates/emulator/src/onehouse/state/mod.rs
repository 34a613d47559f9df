//! What a project holds, and what statements make of it.
//!
//! The rules are those that the pages of the Onehouse SQL reference, the vendor's Terraform provider and its
//! command-line tool 0.4.0 state. Where no source has a rule that a project needs, it is the emulator's own
//! and says so where it stands.

mod check;
mod clusters;
mod extra;
mod flows;
mod jobs;
mod lakes;
mod listed;
mod service_principals;
mod sources;
mod table_services;
mod transformations;

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::document::words::{one_of, pairs};
use crate::moment::Moment;
use crate::secrets::{REDACTED, is_secret_key};
use controlplane::onehouse::{AnyCommand, OptionValue, Options};

use super::extra::Parsed;
use super::operations::{Fault, Ids, Operations, Outcome};
use super::words::{Spelling, Word};
use crate::time::End;

use clusters::Cluster;
use extra::Access;
use flows::Flow;
use jobs::{Jar, Job};
use lakes::{Database, Lake};
use service_principals::ServicePrincipal;
use sources::Connection;
use table_services::Table;
use transformations::Step;

/// Everything in the project, by name.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    clusters: BTreeMap<String, Cluster>,
    lakes: BTreeMap<String, Lake>,
    /// Names of databases are unique across all lakes.
    databases: BTreeMap<String, Database>,
    /// By database and name.
    #[serde(with = "pairs")]
    tables: BTreeMap<(String, String), Table>,
    catalogs: BTreeMap<String, Connection>,
    sources: BTreeMap<String, Connection>,
    flows: BTreeMap<String, Flow>,
    /// By name in lower case.
    transformations: BTreeMap<String, Step>,
    validations: BTreeMap<String, Step>,
    jobs: BTreeMap<String, Job>,
    jars: BTreeMap<String, Jar>,
    service_principals: BTreeMap<String, ServicePrincipal>,
    access: Access,
}

/// What a statement needs to know beside the state.
pub(super) struct Context<'a> {
    /// The id of the operation that the statement has become.
    pub(super) operation: &'a str,
    /// Where other ids come from.
    pub(super) ids: &'a mut Ids,
    /// The operations before it.
    pub(super) operations: &'a Operations,
    /// The time at which the statement is carried out.
    pub(super) now: Moment,
    /// When its operation ends.
    pub(super) end: End,
}

impl State {
    /// A new project.
    pub(super) fn new() -> Self {
        Self {
            clusters: clusters::of_every_project(),
            lakes: BTreeMap::new(),
            databases: BTreeMap::new(),
            tables: BTreeMap::new(),
            catalogs: BTreeMap::new(),
            sources: BTreeMap::new(),
            flows: BTreeMap::new(),
            transformations: BTreeMap::new(),
            validations: BTreeMap::new(),
            jobs: BTreeMap::new(),
            jars: BTreeMap::new(),
            service_principals: BTreeMap::new(),
            access: Access::default(),
        }
    }

    /// Carries out one statement. Nothing is changed before everything has been checked.
    pub(super) fn execute(&mut self, parsed: &Parsed, context: &mut Context<'_>) -> Outcome {
        match parsed {
            Parsed::Helper(command) => self.command(command, context),
            Parsed::Extra(command) => self.extra(command, context),
        }
    }

    fn command(&mut self, command: &AnyCommand, context: &mut Context<'_>) -> Outcome {
        use AnyCommand::*;
        match command {
            CreateCluster(command) => self.create_cluster(command, context),
            AlterCluster(command) => self.alter_cluster(command, context),
            DeleteCluster(command) => self.delete_cluster(command),
            DescribeCluster(command) => self.describe_cluster(command, context),
            ShowClusters(_) => self.show_clusters(context),
            CreateLake(command) => self.create_lake(command),
            AlterLake(command) => self.alter_lake(command),
            DeleteLake(command) => self.delete_lake(command),
            ShowLakes(_) => self.show_lakes(),
            CreateDatabase(command) => self.create_database(command),
            DeleteDatabase(command) => self.delete_database(command),
            ShowDatabases(command) => self.show_databases(command),
            ShowTables(command) => self.show_tables(command),
            CreateCatalog(command) => self.create_catalog(command),
            DeleteCatalog(command) => self.delete_catalog(command),
            DescribeCatalog(command) => self.describe_catalog(command),
            ShowCatalogs(_) => self.show_catalogs(),
            CreateSource(command) => self.create_source(command),
            DeleteSource(command) => self.delete_source(command),
            DescribeSource(command) => self.describe_source(command),
            ShowSources(_) => self.show_sources(),
            CreateFlow(command) => self.create_flow(command),
            AlterFlow(command) => self.alter_flow(command),
            DeleteFlow(command) => self.delete_flow(command),
            DescribeFlow(command) => self.describe_flow(command),
            ShowFlows(_) => self.show_flows(),
            CreateTransformation(command) => self.create_transformation(command),
            DeleteTransformation(command) => self.delete_transformation(command),
            DescribeTransformation(command) => self.describe_transformation(command),
            ShowTransformations(_) => self.show_transformations(),
            CreateValidation(command) => self.create_validation(command),
            DeleteValidation(command) => self.delete_validation(command),
            DescribeValidation(command) => self.describe_validation(command),
            ShowValidations(_) => self.show_validations(),
            CreateTableService(command) => self.create_table_service(command, context),
            AlterTableService(command) => self.alter_table_service(command, context),
            AlterServicesClusterInTable(command) => self.alter_services_cluster_in_table(command),
            RunServiceInTable(command) => self.run_service_in_table(command, context),
            PauseTableService(command) => self.pause_table_service(command, context),
            ResumeTableService(command) => self.resume_table_service(command, context),
            CancelTableService(command) => self.cancel_table_service(command, context),
            DescribeTableService(command) => self.describe_table_service(command, context),
            ShowTableServices(command) => self.show_table_services(command, context),
            ShowRunsInTableService(command) => self.show_runs_in_table_service(command, context),
            CreateJob(command) => self.create_job(command),
            CreateAndRunJob(command) => self.create_and_run_job(command, context),
            AlterJob(command) => self.alter_job(command),
            DeleteJob(command) => self.delete_job(command),
            RunJob(command) => self.run_job(command, context),
            CancelJobRun(command) => self.cancel_job_run(command, context),
            DescribeJob(command) => self.describe_job(command),
            DescribeJobRun(command) => self.describe_job_run(command, context),
            ShowJobs(_) => self.show_jobs(),
            ShowRunsInJob(command) => self.show_runs_in_job(command, context),
            UploadJar(command) => self.upload_jar(command),
            ReplaceJar(command) => self.replace_jar(command),
            CreateServicePrincipal(command) => self.create_service_principal(command, context),
            AlterServicePrincipal(command) => self.alter_service_principal(command),
            DeleteServicePrincipal(command) => self.delete_service_principal(command),
            ShowServicePrincipals(_) => self.show_service_principals(),
            CreateApiToken(command) => self.create_api_token(command, context),
            DeleteApiToken(command) => self.delete_api_token(command),
            // The parser makes no other.
            _ => Err(Fault::invalid("the emulator does not know this statement")),
        }
    }

    /// Everything that uses something, as `flow 'f'`.
    fn users(
        &self,
        of_flow: impl Fn(&Flow) -> bool,
        of_lake: impl Fn(&Lake) -> bool,
        of_table: impl Fn(&Table) -> bool,
        of_job: impl Fn(&Job) -> bool,
    ) -> Vec<String> {
        let flows =
            self.flows.iter().filter(|(_, flow)| of_flow(flow)).map(|(name, _)| format!("flow '{name}'"));
        let lakes =
            self.lakes.iter().filter(|(_, lake)| of_lake(lake)).map(|(name, _)| format!("lake '{name}'"));
        let tables = self
            .tables
            .iter()
            .filter(|(_, table)| of_table(table))
            .map(|((_, name), _)| format!("table '{name}'"));
        let jobs = self.jobs.iter().filter(|(_, job)| of_job(job)).map(|(name, _)| format!("job '{name}'"));
        flows.chain(lakes).chain(tables).chain(jobs).collect()
    }
}

// ---- Checks -------------------------------------------------------------------------------------

fn find<'m, T>(map: &'m BTreeMap<String, T>, what: &str, name: &str) -> Result<&'m T, Fault> {
    map.get(name).ok_or_else(|| Fault::unknown(what, name))
}

fn find_mut<'m, T>(map: &'m mut BTreeMap<String, T>, what: &str, name: &str) -> Result<&'m mut T, Fault> {
    map.get_mut(name).ok_or_else(|| Fault::unknown(what, name))
}

fn check_free<T>(map: &BTreeMap<String, T>, what: &str, name: &str) -> Result<(), Fault> {
    if map.contains_key(name) { Err(Fault::taken(what, name)) } else { Ok(()) }
}

/// The emulator's own rule: what is used by something else stays.
fn check_unused(what: &str, name: &str, users: &[String]) -> Result<(), Fault> {
    match users {
        [] => Ok(()),
        users => Err(Fault::forbidden(format!("{what} '{name}' is used by {}", some_of(users)))),
    }
}

/// A list for a message, cut where it would get long.
fn some_of<T: Display>(all: &[T]) -> String {
    let mut text = all.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if all.len() > 5 {
        text.push_str(&format!(" and {} more", all.len() - 5));
    }
    text
}

/// The spelling of a value that the service knows. The parser keeps others, so that they fail as a matter of
/// meaning.
fn check_known<W: Word>(value: &W) -> Result<&'static str, Fault> {
    value.spelling().ok_or_else(|| Fault::invalid(value.unknown()))
}

/// [`check_known`] of a value that may be missing.
fn check_option<W: Word>(value: Option<&W>) -> Result<Option<&'static str>, Fault> {
    value.map(check_known).transpose()
}

/// A value that becomes another one when the operation that changes it ends.
///
/// An operation that nobody asks about would never end by itself, so looking at the resource moves it on too.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settling {
    #[serde(deserialize_with = "settled")]
    now: Spelling,
    next: Option<Next>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    #[serde(deserialize_with = "settled")]
    value: Spelling,
    operation: String,
    end: End,
}

/// The states of clusters and of runs of services.
fn settled<'de, D: Deserializer<'de>>(from: D) -> Result<Spelling, D::Error> {
    one_of(from, &["STARTING", "RUNNING", "STOPPING", "STOPPED", "COMPLETED", "CANCELED"])
}

impl Settling {
    fn still(value: &'static str) -> Self {
        Self { now: value, next: None }
    }

    fn change(&mut self, now: &'static str, then: &'static str, context: &Context<'_>) {
        self.now = now;
        self.next = Some(Next { value: then, operation: context.operation.to_owned(), end: context.end });
    }

    /// Takes the next value if its time has come.
    fn settle(&mut self, context: &Context<'_>) {
        let is_due = |next: &Next| {
            next.end.has_come(context.now) || context.operations.is_over(&next.operation, context.now)
        };
        if let Some(next) = self.next.take_if(|next| is_due(next)) {
            self.now = next.value;
        }
    }

    /// The value that the next look would find, without the look.
    fn seen(&self, operations: &Operations, now: Moment) -> &'static str {
        match &self.next {
            Some(next) if next.end.has_come(now) || operations.is_over(&next.operation, now) => next.value,
            _ => self.now,
        }
    }

    /// What a look at the resource finds.
    fn look(&mut self, context: &Context<'_>) -> &'static str {
        self.settle(context);
        if let Some(next) = &mut self.next {
            next.end.look(context.now);
        }
        self.now
    }
}

/// A name that a statement could use again: the emulator's own rule for new names that are strings.
fn check_new_name(name: &str) -> Result<(), Fault> {
    let sayable = |c: char| !c.is_control() && !matches!(c, '`' | '\'' | '"' | ';');
    if !name.is_empty() && name.chars().all(sayable) {
        Ok(())
    } else {
        Err(Fault::invalid(
            "a new name cannot be empty or contain quotes, backticks, `;` or control characters",
        ))
    }
}

// ---- Payloads -----------------------------------------------------------------------------------

/// Options as a payload shows them: what names a secret is masked.
fn shown_options(options: &Options) -> Value {
    let shown = options.iter().map(|(key, value)| {
        let value = match value {
            _ if is_secret_key(key) => Value::from(REDACTED),
            OptionValue::String(text) => Value::from(text.as_str()),
            other => serde_json::to_value(other).unwrap_or_default(),
        };
        (key.to_owned(), value)
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

fn text_option<'o>(options: &'o Options, key: &str) -> Option<&'o str> {
    match options.get(key)? {
        OptionValue::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
