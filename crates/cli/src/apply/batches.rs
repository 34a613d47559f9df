//! The batch of a plan or of a journal.

use std::path::Path;
use std::time::Duration;

use controlplane::batch::AnyClient;
use controlplane::client::CallState;
use controlplane::{AnyOutput, Batch, PlanCommand, eloq, h2o_workflows, hotdata, onehouse};
use serde_json::Value;

use crate::app::App;
use crate::call;
use crate::failure::Result;
use crate::resume::onehouse_client;
use crate::show::request_json;

use super::plan::Plan;
use super::service::Service;

/// A call of a batch.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) after: Vec<String>,
    pub(super) service: String,
    pub(super) state: CallState,
    /// The statement that it sends as text, or its first request as an object.
    pub(super) shown: Value,
    /// The call with all that it will send, to compare it. Never printed: it may have secrets.
    pub(super) whole: Value,
    pub(super) deletes: bool,
    /// Its output has a secret that the service shows once.
    pub(super) creates_secret: bool,
}

impl Listed {
    fn of(call: controlplane::batch::BatchCall<'_>) -> Self {
        let shown: Value = match call.sql() {
            Some(sql) => sql.into(),
            None => call.to_request().as_ref().map(request_json).unwrap_or_default(),
        };
        let whole = call.to_json().unwrap_or_default();
        let service = call.service();
        Self {
            key: call.key().to_owned(),
            after: call.after().map(str::to_owned).collect(),
            service: Service::of_journal(service).map_or(service, Service::name).to_owned(),
            state: call.state(),
            deletes: deletes(&shown) || names(&whole, call::deletes),
            creates_secret: shown.as_str().is_some_and(creates_secret)
                || names(&whole, |name| SECRETS.contains(&name)),
            shown,
            whole,
        }
    }
}

impl Listed {
    /// Returns the file that it uploads, if it uploads one.
    pub(super) fn file(&self) -> Option<&Path> {
        self.whole.pointer("/upload_and_load/upload/path")?.as_str().map(Path::new)
    }

    /// True if nothing of it is left to do.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, CallState::Done { .. } | CallState::Failed { .. } | CallState::Unknown)
    }
}

/// Returns the calls as they were added.
pub(super) fn calls(batch: &Batch) -> Vec<Listed> {
    batch.calls().map(Listed::of).collect()
}

/// Returns the calls in an order in which they may be sent.
pub(super) fn order(batch: &Batch) -> Result<Vec<Listed>> {
    Ok(batch.order()?.into_iter().map(Listed::of).collect())
}

/// The commands whose outputs have secrets that are shown once: the tokens that finish uploads of Hotdata.
pub(crate) const SECRETS: [&str; 2] =
    ["create_upload_session_handler", "create_upload_sessions_batch_handler"];

/// True for the statement that creates an API token of Onehouse, whose secret is shown once.
pub(crate) fn creates_secret(sql: &str) -> bool {
    let mut words = words(sql);
    ["CREATE", "API_TOKEN"]
        .iter()
        .all(|word| words.next().is_some_and(|next| next.eq_ignore_ascii_case(word)))
}

/// The words of a statement, without the comments before it.
fn words(sql: &str) -> std::str::SplitWhitespace<'_> {
    let mut rest = sql.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("--") => rest.find('\n').map(|at| at + 1),
            _ if rest.starts_with("/*") => rest.find("*/").map(|at| at + 2),
            _ => return rest.split_whitespace(),
        };
        rest = rest[end.unwrap_or(rest.len())..].trim_start();
    }
}

/// True if the name of a command is one of these, whatever its first request is. A command is an object with
/// one key, its name; it may be in another with the name of what is waited for.
fn names(call: &Value, is_one: impl Fn(&str) -> bool) -> bool {
    let mut inner = call;
    for _ in 0..3 {
        let Some(entries) = inner.as_object() else { return false };
        if entries.keys().any(|name| is_one(name)) {
            return true;
        }
        let Some((_, value)) = entries.iter().next() else { return false };
        inner = value;
    }
    false
}

/// True if a statement or a request deletes something.
fn deletes(shown: &Value) -> bool {
    match shown {
        Value::String(sql) => {
            let first = words(sql).next().unwrap_or_default();
            ["DELETE", "DROP", "REVOKE"].iter().any(|word| first.eq_ignore_ascii_case(word))
        }
        request => {
            let path = request["path"].as_str().unwrap_or_default();
            request["method"] == "DELETE" || path.to_ascii_lowercase().ends_with("/delete")
        }
    }
}

/// Returns an output as JSON: null if there is none.
pub(super) fn output(output: AnyOutput) -> Value {
    match output {
        AnyOutput::Onehouse(done) => done.api_response,
        AnyOutput::Eloq(output) => {
            let mut value = json(&output);
            crate::eloq::hide_passwords(&mut value);
            value
        }
        AnyOutput::H2oWorkflows(output) => json(&output),
        AnyOutput::Hotdata(output) => json(&output),
        // That of a service of a later version of the library.
        _ => Value::Null,
    }
}

fn json(output: &impl serde::Serialize) -> Value {
    serde_json::to_value(output).unwrap_or_default()
}

/// The clients of a batch, made when the first call needs them.
struct Clients<'a> {
    app: &'a App,
    is_offline: bool,
    /// False for what sends nothing.
    looks_up: bool,
    poll: Option<Duration>,
    onehouse: Option<onehouse::Client>,
    eloq: Option<eloq::Client>,
    h2o: Option<h2o_workflows::Client>,
    hotdata: Option<hotdata::Client>,
}

impl<'a> Clients<'a> {
    fn new(app: &'a App, is_offline: bool, looks_up: bool, poll: Option<Duration>) -> Self {
        Self { app, is_offline, looks_up, poll, onehouse: None, eloq: None, h2o: None, hotdata: None }
    }

    fn onehouse(&mut self) -> Result<onehouse::Client> {
        let (app, poll, is_offline) = (self.app, self.poll, self.is_offline);
        let make = || if is_offline { Ok(onehouse::Client::offline()) } else { onehouse_client(app, poll) };
        once(&mut self.onehouse, make)
    }

    fn eloq(&mut self) -> Result<eloq::Client> {
        let (app, poll, is_offline) = (self.app, self.poll, self.is_offline);
        let make =
            || if is_offline { Ok(eloq::Client::offline()) } else { crate::eloq::client(app, None, poll) };
        once(&mut self.eloq, make)
    }

    fn h2o(&mut self) -> Result<h2o_workflows::Client> {
        let (app, poll, is_offline) = (self.app, self.poll, self.is_offline);
        let make =
            || if is_offline { Ok(h2o_workflows::Client::offline()) } else { crate::h2o::client(app, poll) };
        once(&mut self.h2o, make)
    }

    fn hotdata(&mut self) -> Result<hotdata::Client> {
        let (app, poll, is_offline, looks_up) = (self.app, self.poll, self.is_offline, self.looks_up);
        let make = || match looks_up {
            _ if is_offline => Ok(hotdata::Client::offline()),
            true => crate::hotdata::batch_client(app, poll),
            false => crate::hotdata::client(app, None, poll),
        };
        once(&mut self.hotdata, make)
    }
}

fn once<C: Clone>(client: &mut Option<C>, make: impl FnOnce() -> Result<C>) -> Result<C> {
    if let Some(client) = client {
        return Ok(client.clone());
    }
    let made = make()?;
    *client = Some(made.clone());
    Ok(made)
}

/// Returns the batch of a plan. Offline it needs no credentials and cannot be sent.
///
/// `waits`: what a command starts is waited for, which is so unless `--no-wait` is given: clusters of
/// EloqCloud, runs of H2O, queries, loads, indexes and bulk creations of Hotdata.
pub(super) fn of_plan(
    app: &App,
    plan: &Plan,
    is_offline: bool,
    poll: Option<Duration>,
    waits: bool,
) -> Result<Batch> {
    let mut clients = Clients::new(app, is_offline, true, poll);
    let mut batch = Batch::new();
    for step in &plan.steps {
        let key = step.key.clone();
        let mut added = match step.command.clone() {
            PlanCommand::Onehouse(command) => batch.add(key, clients.onehouse()?.call(command)),
            PlanCommand::Eloq(command) => {
                use eloq::AnyCommand as Any;
                let client = clients.eloq()?;
                match command {
                    Any::CreateCluster(create) if waits => batch.add(key, client.call(create).and_wait()),
                    Any::DeleteCluster(delete) if waits => batch.add(key, client.call(delete).and_wait()),
                    command => batch.add(key, client.call(command)),
                }
            }
            PlanCommand::H2oWorkflows(command) => {
                use h2o_workflows::AnyCommand as Any;
                let client = clients.h2o()?;
                match command {
                    Any::RunWorkflowRevision(run) if waits => batch.add(key, client.call(run).and_wait()),
                    Any::RetryRun(retry) if waits => batch.add(key, client.call(retry).and_wait()),
                    command => batch.add(key, client.call(command)),
                }
            }
            PlanCommand::Hotdata(hotdata::PlanCommand::UploadAndLoad(file)) => {
                let call = clients.hotdata()?.upload_and_load(file);
                if waits { batch.add(key, call.and_wait()) } else { batch.add(key, call) }
            }
            PlanCommand::Hotdata(hotdata::PlanCommand::Command(command)) => {
                use hotdata::AnyCommand as Any;
                let client = clients.hotdata()?;
                match command {
                    Any::Query(query) if waits => batch.add(key, client.follow_query(query).and_wait()),
                    Any::LoadDatabaseTable(load) if waits => batch.add(key, client.load(load).and_wait()),
                    Any::LoadManagedTable(load) if waits => batch.add(key, client.load(load).and_wait()),
                    Any::CreateIndex(create) if waits => batch.add(key, client.call(create).and_wait()),
                    Any::BulkCreateDatabases(bulk) if waits => batch.add(key, client.call(bulk).and_wait()),
                    command => batch.add(key, client.call(command)),
                }
            }
            // `Plan::read` knows the services and their commands.
            _ => continue,
        };
        for key in &step.after {
            added = added.after(key);
        }
    }
    Ok(batch)
}

/// Returns the batch in a journal of these services. `looks_up`: requests that read may be sent for it.
pub(super) fn of_journal(
    app: &App,
    services: &[Service],
    path: &Path,
    poll: Option<Duration>,
    looks_up: bool,
) -> Result<Batch> {
    let mut clients = Clients::new(app, false, looks_up, poll);
    let mut all = Vec::new();
    for service in services {
        all.push(match service {
            Service::Onehouse => AnyClient::from(&clients.onehouse()?),
            Service::Eloq => AnyClient::from(&clients.eloq()?),
            Service::H2o => AnyClient::from(&clients.h2o()?),
            Service::Hotdata => AnyClient::from(&clients.hotdata()?),
        });
    }
    Ok(Batch::from_journal(path, all)?)
}
