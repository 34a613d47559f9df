//! The batches of the services behind one trait.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::plan::Step;
use controlplane::{CancelToken, Error, Progress, eloq, h2o_workflows, hotdata, onehouse};
use serde_json::Value;

use crate::app::App;
use crate::failure::Result;
use crate::resume::onehouse_client;
use crate::show::request_json;

use super::service::Service;

/// A call of a batch.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) after: Vec<String>,
    pub(super) service: &'static str,
    pub(super) state: CallState,
    /// What it sends: a statement as text, a request as an object.
    pub(super) shown: Value,
    pub(super) deletes: bool,
}

/// What is set before a batch runs.
pub(super) struct Settings<'a> {
    pub(super) journal: Option<&'a Path>,
    pub(super) stop_on_failure: bool,
}

/// A callback for the progress of all calls, with the key of the call.
pub(super) type Watcher = Arc<dyn Fn(&str, &Progress) + Send + Sync>;

/// The outcomes of calls as they end, each with the key of its call.
pub(super) type Outcomes = Box<dyn Iterator<Item = (String, std::result::Result<Value, Error>)>>;

/// A batch of any service.
pub(super) trait Runs {
    /// The calls as they were added.
    fn calls(&self) -> Vec<Listed>;
    /// The calls in an order in which they may be sent.
    fn order(&self) -> Result<Vec<Listed>>;
    fn set(&mut self, settings: &Settings<'_>);
    fn decide(&mut self, again: &[String], settled: &[String]);
    fn watch(&mut self, watcher: Watcher, token: &CancelToken, timeout: Option<Duration>);
    fn start(self: Box<Self>) -> Result<Outcomes>;
}

/// Implements [`Runs`] for the batch of a service. The batches are types of one generic type, but the trait
/// that they have in common is private to the library.
macro_rules! runs {
    ($batch:ty, $call:ty, $service:expr, $shown:expr, $output:expr) => {
        impl Runs for $batch {
            fn calls(&self) -> Vec<Listed> {
                self.calls().map(|call| listed!(call, $service, $shown)).collect()
            }

            fn order(&self) -> Result<Vec<Listed>> {
                Ok(self.order()?.into_iter().map(|call| listed!(call, $service, $shown)).collect())
            }

            fn set(&mut self, settings: &Settings<'_>) {
                if let Some(journal) = settings.journal {
                    self.journal(journal);
                }
                self.stop_on_failure(settings.stop_on_failure);
            }

            fn decide(&mut self, again: &[String], settled: &[String]) {
                for key in again {
                    self.again(key);
                }
                for key in settled {
                    self.settled(key);
                }
            }

            fn watch(&mut self, watcher: Watcher, token: &CancelToken, timeout: Option<Duration>) {
                if let Some(timeout) = timeout {
                    self.timeout(timeout);
                }
                self.cancel_with(token).on_progress(move |key, progress| watcher(key, progress));
            }

            fn start(self: Box<Self>) -> Result<Outcomes> {
                let results = self.run()?;
                Ok(Box::new(results.map(|finished| (finished.key, finished.result.map($output)))))
            }
        }
    };
}

/// A call of a batch of a service as a [`Listed`].
macro_rules! listed {
    ($call:expr, $service:expr, $shown:expr) => {{
        let call = $call;
        let shown: Value = $shown(&call);
        Listed {
            key: call.key().to_owned(),
            after: call.after().map(str::to_owned).collect(),
            service: $service.name(),
            state: call.state(),
            deletes: deletes(&shown),
            shown,
        }
    }};
}

runs!(
    onehouse::Batch<onehouse::Blocking>,
    onehouse::BatchCall,
    Service::Onehouse,
    |call: &onehouse::BatchCall<'_>| Value::from(call.sql()),
    |done: onehouse::StatusResponse| done.api_response
);
runs!(
    eloq::Batch<eloq::Blocking>,
    eloq::BatchCall,
    Service::Eloq,
    |call: &eloq::BatchCall<'_>| call.to_request().as_ref().map(request_json).unwrap_or_default(),
    |done: eloq::AnyOutput| {
        let mut value = json(&done);
        crate::eloq::hide_passwords(&mut value);
        value
    }
);
runs!(
    h2o_workflows::Batch<h2o_workflows::Blocking>,
    h2o_workflows::BatchCall,
    Service::H2o,
    |call: &h2o_workflows::BatchCall<'_>| call.to_request().as_ref().map(request_json).unwrap_or_default(),
    |done: h2o_workflows::AnyOutput| json(&done)
);
runs!(
    hotdata::Batch<hotdata::Blocking>,
    hotdata::BatchCall,
    Service::Hotdata,
    |call: &hotdata::BatchCall<'_>| call.to_request().as_ref().map(request_json).unwrap_or_default(),
    |done: hotdata::AnyOutput| json(&done)
);

/// An output as JSON; null if it has none.
fn json(output: &impl serde::Serialize) -> Value {
    serde_json::to_value(output).unwrap_or_default()
}

/// True if a statement or a request deletes something.
fn deletes(shown: &Value) -> bool {
    match shown {
        Value::String(sql) => {
            let first = sql.split_whitespace().next().unwrap_or_default();
            ["DELETE", "DROP", "REVOKE"].iter().any(|word| first.eq_ignore_ascii_case(word))
        }
        request => {
            let path = request["path"].as_str().unwrap_or_default();
            request["method"] == "DELETE" || path.to_ascii_lowercase().ends_with("/delete")
        }
    }
}

/// Adds a call and the keys that it comes after.
macro_rules! add {
    ($batch:expr, $step:expr, $call:expr) => {{
        let mut added = $batch.add(&$step.key, $call);
        for key in &$step.after {
            added = added.after(key);
        }
        let _ = added;
    }};
}

pub(super) fn onehouse(
    app: &App,
    is_offline: bool,
    poll: Option<Duration>,
    steps: &[Step<onehouse::AnyCommand>],
) -> Result<Box<dyn Runs>> {
    let client = if is_offline { onehouse::Client::offline() } else { onehouse_client(app, poll)? };
    let mut batch = client.batch();
    for step in steps {
        add!(batch, step, client.call(step.command.clone()));
    }
    Ok(Box::new(batch))
}

/// Creations and deletions of clusters are waited for unless `--no-wait` is given.
pub(super) fn eloq(
    app: &App,
    is_offline: bool,
    poll: Option<Duration>,
    waits: bool,
    steps: &[Step<eloq::AnyCommand>],
) -> Result<Box<dyn Runs>> {
    use eloq::AnyCommand;
    let client = if is_offline { eloq::Client::offline() } else { crate::eloq::client(app, None, poll)? };
    let mut batch = client.batch();
    for step in steps {
        match step.command.clone() {
            AnyCommand::CreateCluster(create) if waits => add!(batch, step, client.call(create).and_wait()),
            AnyCommand::DeleteCluster(delete) if waits => add!(batch, step, client.call(delete).and_wait()),
            command => add!(batch, step, client.call(command)),
        }
    }
    Ok(Box::new(batch))
}

/// Runs are waited for unless `--no-wait` is given.
pub(super) fn h2o(
    app: &App,
    is_offline: bool,
    poll: Option<Duration>,
    waits: bool,
    steps: &[Step<h2o_workflows::AnyCommand>],
) -> Result<Box<dyn Runs>> {
    use h2o_workflows::AnyCommand;
    let client = if is_offline { h2o_workflows::Client::offline() } else { crate::h2o::client(app, poll)? };
    let mut batch = client.batch();
    for step in steps {
        match step.command.clone() {
            AnyCommand::RunWorkflowRevision(run) if waits => add!(batch, step, client.call(run).and_wait()),
            AnyCommand::RetryRun(retry) if waits => add!(batch, step, client.call(retry).and_wait()),
            command => add!(batch, step, client.call(command)),
        }
    }
    Ok(Box::new(batch))
}

/// Queries, loads, indexes and bulk creations are waited for unless `--no-wait` is given.
pub(super) fn hotdata(
    app: &App,
    is_offline: bool,
    poll: Option<Duration>,
    waits: bool,
    steps: &[Step<hotdata::AnyCommand>],
) -> Result<Box<dyn Runs>> {
    use hotdata::AnyCommand;
    let client =
        if is_offline { hotdata::Client::offline() } else { crate::hotdata::client(app, None, poll)? };
    let mut batch = client.batch();
    for step in steps {
        match step.command.clone() {
            AnyCommand::Query(query) if waits => add!(batch, step, client.follow_query(query).and_wait()),
            AnyCommand::LoadDatabaseTable(load) if waits => add!(batch, step, client.load(load).and_wait()),
            AnyCommand::LoadManagedTable(load) if waits => add!(batch, step, client.load(load).and_wait()),
            AnyCommand::CreateIndex(create) if waits => add!(batch, step, client.call(create).and_wait()),
            AnyCommand::BulkCreateDatabases(bulk) if waits => add!(batch, step, client.call(bulk).and_wait()),
            command => add!(batch, step, client.call(command)),
        }
    }
    Ok(Box::new(batch))
}

/// Returns the batch in a journal.
pub(super) fn of_journal(
    app: &App,
    service: Service,
    path: &Path,
    poll: Option<Duration>,
) -> Result<Box<dyn Runs>> {
    Ok(match service {
        Service::Onehouse => Box::new(onehouse_client(app, poll)?.batch_from(path)?),
        Service::Eloq => Box::new(crate::eloq::client(app, None, poll)?.batch_from(path)?),
        Service::H2o => Box::new(crate::h2o::client(app, poll)?.batch_from(path)?),
        Service::Hotdata => Box::new(crate::hotdata::client(app, None, poll)?.batch_from(path)?),
    })
}
