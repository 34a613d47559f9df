//! A call of a batch as it is kept, and the machines that carry it out.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::batch::{Job, JobContext, PlannedCall, not_resumable};
use crate::engine::Effect;
use crate::error::Error;
use crate::hotdata::any::{AnyCommand, AnyOutput};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::Command;
use crate::hotdata::databases::{BulkCreateAndWait, BulkCreateDatabases};
use crate::hotdata::indexes::{CreateIndex, CreateIndexAndWait};
use crate::hotdata::jobs::{GetJob, ResumedJob, WaitForJob};
use crate::hotdata::loads::{Load, LoadAndWait, LoadCommand, LoadDatabaseTable, LoadManagedTable, check};
use crate::hotdata::protocol::plain_headers;
use crate::hotdata::queries::{FollowedQuery, QueryAndWait, QueryOutcome, ResumedQuery};
use crate::hotdata::query_runs::{GetQueryRun, WaitForQueryRun};
use crate::hotdata::results::{FetchReadyResult, GetResult, WaitForResult};
use crate::hotdata::uploads::KeptUpload;
#[cfg(operation_batches)]
use crate::hotdata::uploads::UploadAndLoadFile;
use crate::hotdata::workspaces::{ListWorkspaces, WaitForWorkspace};
use crate::http::Request;

use super::uploading::job;

/// A call as a batch and its journal keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Planned {
    /// A command.
    Command(Box<AnyCommand>),
    /// A load, and whether its job is waited for.
    LoadDatabaseTable { load: Box<Load<LoadDatabaseTable>>, waits: bool },
    /// A load, and whether its job is waited for.
    LoadManagedTable { load: Box<Load<LoadManagedTable>>, waits: bool },
    /// An upload, whether the time limit of the call includes it, and its load.
    UploadAndLoad { upload: Box<KeptUpload>, is_timed: bool, load: Box<Planned> },
    /// A query, and whether it is waited for in the background.
    Query { query: Box<FollowedQuery>, waits: bool },
    /// An index, and the wait for its job.
    CreateIndexAndWait { create: Box<CreateIndex> },
    /// Databases, and the wait for their job.
    BulkCreateAndWait { create: BulkCreateDatabases },
    /// A wait.
    WaitForJob { id: String, accept_failure: bool },
    /// A wait.
    WaitForQueryRun { id: String, x_database_id: Option<String>, accept_failure: bool },
    /// A wait.
    WaitForResult { id: String, x_database_id: Option<String>, within: Duration, accept_failure: bool },
    /// A wait, and the result.
    FetchReadyResult(FetchReadyResult),
    /// A wait.
    WaitForWorkspace {
        public_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organization_public_id: Option<String>,
        accept_failure: bool,
    },
}

impl Planned {
    pub(super) fn of_load<L: LoadCommand>(load: &Load<L>, waits: bool) -> Self {
        L::planned(Box::new(Load { when_locked: load.when_locked.kept(), ..load.clone() }), waits)
    }

    pub(super) fn of_query(query: &FollowedQuery, waits: bool) -> Self {
        let query = FollowedQuery { when_busy: query.when_busy.kept(), ..query.clone() };
        Self::Query { query: Box::new(query), waits }
    }

    /// Checks what can be checked before anything is sent.
    pub(super) fn checked(self) -> Result<Self, Error> {
        match &self {
            Self::LoadDatabaseTable { load, .. } => check(&self.label(), load.load.request())?,
            Self::LoadManagedTable { load, .. } => check(&self.label(), load.load.request())?,
            _ => {}
        }
        self.to_request()?;
        Ok(self)
    }

    /// The first request of the call.
    pub(super) fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::Command(command) => command.to_request(),
            Self::LoadDatabaseTable { load, .. } => load.load.to_request(),
            Self::LoadManagedTable { load, .. } => load.load.to_request(),
            Self::UploadAndLoad { upload, .. } => upload.to_request(),
            Self::Query { query, .. } => query.query.to_request(),
            Self::CreateIndexAndWait { create } => create.to_request(),
            Self::BulkCreateAndWait { create } => create.to_request(),
            Self::WaitForJob { id, .. } => GetJob::new(id).to_request(),
            Self::WaitForQueryRun { id, x_database_id, .. } => {
                let mut run = GetQueryRun::new(id);
                run.x_database_id.clone_from(x_database_id);
                run.to_request()
            }
            Self::WaitForResult { id, x_database_id, .. } => state_request(id, x_database_id),
            Self::FetchReadyResult(FetchReadyResult { result, .. }) => {
                state_request(&result.id, &result.x_database_id)
            }
            Self::WaitForWorkspace { organization_public_id, .. } => {
                ListWorkspaces { organization_public_id: organization_public_id.clone() }.to_request()
            }
        }
    }

    /// The machine that carries the call out.
    pub(super) fn job<T: 'static>(&self, context: JobContext<Hotdata, T>) -> Result<Job<T>, Error> {
        let (label, effect) = (&*self.label(), self.effect());
        match self {
            Self::Command(command) => context.job(label, &**command, effect, |output| output),
            Self::LoadDatabaseTable { load, waits } => load_job(context, label, load, *waits, effect),
            Self::LoadManagedTable { load, waits } => load_job(context, label, load, *waits, effect),
            Self::UploadAndLoad { upload, is_timed, load } => job(context, label, upload, *is_timed, load),
            Self::Query { query, waits: false } => context.job(label, &**query, effect, outcome),
            Self::Query { query, waits: true } => {
                let action = QueryAndWait { query: FollowedQuery::clone(query) };
                context.job(label, &action, effect, |rows| AnyOutput::QueryResponse(Box::new(rows)))
            }
            Self::CreateIndexAndWait { create } => {
                let action = CreateIndexAndWait { create: CreateIndex::clone(create) };
                context.job(label, &action, effect, |end| AnyOutput::IndexEnd(Box::new(end)))
            }
            Self::BulkCreateAndWait { create } => {
                let action = BulkCreateAndWait { create: create.clone() };
                context.job(label, &action, effect, |end| AnyOutput::BulkCreateEnd(Box::new(end)))
            }
            Self::WaitForJob { id, accept_failure } => {
                let action = WaitForJob::kept(id, *accept_failure);
                context.job(label, &action, effect, |job| AnyOutput::JobStatus(Box::new(job)))
            }
            Self::WaitForQueryRun { id, x_database_id, accept_failure } => {
                let action = WaitForQueryRun::kept(id, x_database_id.clone(), *accept_failure);
                context.job(label, &action, effect, |run| AnyOutput::QueryRunInfo(Box::new(run)))
            }
            Self::WaitForResult { id, x_database_id, within, accept_failure } => {
                let action = WaitForResult::kept(id, x_database_id.clone(), *within, *accept_failure);
                context.job(label, &action, effect, |state| AnyOutput::ResultState(Box::new(state)))
            }
            Self::FetchReadyResult(fetch) => {
                context.job(label, fetch, effect, |result| AnyOutput::ResultOutcome(Box::new(result)))
            }
            Self::WaitForWorkspace { public_id, organization_public_id, accept_failure } => {
                let action =
                    WaitForWorkspace::kept(public_id, organization_public_id.clone(), *accept_failure);
                context.job(label, &action, effect, |workspace| AnyOutput::Workspace(Box::new(workspace)))
            }
        }
    }

    /// The machine that waits for what an earlier run has started: a job, or the run of a query.
    pub(super) fn resumed<T: 'static>(
        &self,
        context: JobContext<Hotdata, T>,
        id: &str,
    ) -> Result<Job<T>, Error> {
        let label = &*self.label();
        match self {
            Self::LoadDatabaseTable { load, waits: true } => resumed_load(context, label, load, id),
            Self::LoadManagedTable { load, waits: true } => resumed_load(context, label, load, id),
            Self::UploadAndLoad { load, .. } => load.resumed(context, id),
            Self::Query { query, waits } => {
                let action = ResumedQuery { query, run_id: id };
                match waits {
                    false => context.resumed(label, &action, outcome),
                    true => context.resumed(label, &action, |found| match found {
                        QueryOutcome::Completed(rows) => AnyOutput::QueryResponse(Box::new(rows)),
                        ticket => outcome(ticket),
                    }),
                }
            }
            Self::CreateIndexAndWait { create } => {
                let call = &CreateIndexAndWait { create: CreateIndex::clone(create) };
                let convert = |end| AnyOutput::IndexEnd(Box::new(end));
                context.resumed(label, &ResumedJob { call, job: id }, convert)
            }
            Self::BulkCreateAndWait { create } => {
                let call = &BulkCreateAndWait { create: create.clone() };
                let convert = |end| AnyOutput::BulkCreateEnd(Box::new(end));
                context.resumed(label, &ResumedJob { call, job: id }, convert)
            }
            _ => Err(not_resumable(label)),
        }
    }
}

fn outcome(outcome: QueryOutcome) -> AnyOutput {
    AnyOutput::QueryOutcome(Box::new(outcome))
}

/// The request for the state of a result, without its rows.
fn state_request(id: &str, x_database_id: &Option<String>) -> Result<Request, Error> {
    let mut result = GetResult::new(id);
    result.x_database_id.clone_from(x_database_id);
    result.limit = Some(0);
    result.to_request()
}

fn load_job<L: LoadCommand, T: 'static>(
    context: JobContext<Hotdata, T>,
    label: &str,
    load: &Load<L>,
    waits: bool,
    effect: Effect,
) -> Result<Job<T>, Error> {
    if !waits {
        return context.job(label, load, effect, |loaded| AnyOutput::LoadOutcome(Box::new(loaded)));
    }
    let action = LoadAndWait { load: load.clone() };
    context.job(label, &action, effect, |end| AnyOutput::LoadEnd(Box::new(end)))
}

fn resumed_load<L: LoadCommand, T: 'static>(
    context: JobContext<Hotdata, T>,
    label: &str,
    load: &Load<L>,
    id: &str,
) -> Result<Job<T>, Error> {
    let call = &LoadAndWait { load: load.clone() };
    let action = ResumedJob { call, job: id };
    context.resumed(label, &action, |end| AnyOutput::LoadEnd(Box::new(end)))
}

impl PlannedCall for Planned {
    fn label(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            Self::Command(command) => command.endpoint().label(),
            Self::LoadDatabaseTable { load, .. } => load.load.endpoint().label(),
            Self::LoadManagedTable { load, .. } => load.load.endpoint().label(),
            Self::UploadAndLoad { upload, load, .. } => format!("{}, {}", upload.label(), load.label()),
            Self::Query { query, .. } => query.query.endpoint().label(),
            Self::CreateIndexAndWait { create } => create.endpoint().label(),
            Self::BulkCreateAndWait { create } => create.endpoint().label(),
            Self::WaitForJob { id, .. } => WaitForJob::kept(id, false).label(),
            Self::WaitForQueryRun { id, .. } => WaitForQueryRun::kept(id, None, false).label(),
            Self::WaitForResult { id, within, .. } => WaitForResult::kept(id, None, *within, false).label(),
            Self::FetchReadyResult(fetch) => fetch.label(),
            Self::WaitForWorkspace { public_id, .. } => {
                WaitForWorkspace::kept(public_id, None, false).label()
            }
        })
    }

    #[cfg(operation_batches)]
    fn kind(&self) -> &str {
        match self {
            Self::Command(command) => command.name(),
            Self::LoadDatabaseTable { .. } => LoadDatabaseTable::NAME,
            Self::LoadManagedTable { .. } => LoadManagedTable::NAME,
            Self::UploadAndLoad { .. } => UploadAndLoadFile::NAME,
            Self::Query { .. } => "query",
            Self::CreateIndexAndWait { .. } => CreateIndex::NAME,
            Self::BulkCreateAndWait { .. } => BulkCreateDatabases::NAME,
            _ => "wait",
        }
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Command(command) => command.effect(),
            Self::LoadDatabaseTable { load, .. } => load.load.effect(),
            Self::LoadManagedTable { load, .. } => load.load.effect(),
            Self::UploadAndLoad { load, .. } => load.effect(),
            Self::Query { query, .. } => query.query.effect(),
            Self::CreateIndexAndWait { create } => create.effect(),
            Self::BulkCreateAndWait { create } => create.effect(),
            _ => Effect::Repeatable,
        }
    }

    fn request(&self) -> Option<Request> {
        let mut request = self.to_request().ok()?;
        plain_headers(request.method, &mut request.headers);
        Some(request)
    }
}
