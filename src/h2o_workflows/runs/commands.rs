//! Commands about runs.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, Single, Success, push_text};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Run, RunsPage};
use super::states::RetryMode;

/// Lists the runs of a revision, one page per request: see
/// [`RunClient::list_runs`](crate::h2o_workflows::clients::RunClient::list_runs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListRuns {
    /// The revision that they belong to: `…/workflows/{workflow}/revisions/{revision}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
    /// A filter in the language of AIP-160: `state = STATE_RUNNING`. Empty: all.
    #[serde(default, rename = "filter_", alias = "filter", skip_serializing_if = "String::is_empty")]
    pub filter: String,
}

impl ListRuns {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListRuns {
    const NAME: &'static str = "run.list_runs";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = RunsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = page_request(
            label,
            Kind::WorkflowRevision,
            &self.parent,
            "runs",
            self.page_size,
            &self.page_token,
        )?;
        push_text(&mut request, "filter", &self.filter);
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<RunsPage, Error> {
        success.whole()
    }
}

impl List for ListRuns {
    type Item = Run;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: RunsPage) -> (Vec<Run>, String) {
        (page.runs, page.next_page_token)
    }
}

impl<M> Call<M, ListRuns> {
    /// Sets a filter in the language of AIP-160: `state = STATE_RUNNING OR state = STATE_QUEUED`. Default:
    /// all.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.command.filter = filter.into();
        self
    }
}

/// Returns a run: see [`RunClient::get_run`](crate::h2o_workflows::clients::RunClient::get_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetRun {
    /// The run: `…/revisions/{revision}/runs/{run}`.
    pub name: String,
}

impl GetRun {
    /// Returns the command for the run of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetRun {
    const NAME: &'static str = "run.get_run";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Run;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::Run, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<Run, Error> {
        success.part("run")
    }
}

/// Requests the cancellation of a run: see
/// [`RunClient::cancel_run`](crate::h2o_workflows::clients::RunClient::cancel_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CancelRun {
    /// The run: `…/revisions/{revision}/runs/{run}`.
    pub name: String,
}

impl CancelRun {
    /// Returns the command for the run of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for CancelRun {
    const NAME: &'static str = "run.cancel_run";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Run;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Post, Kind::Run, &self.name, ":cancel")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Run, Error> {
        success.part("run")
    }
}

/// Deletes a run that has ended: see
/// [`RunClient::delete_run`](crate::h2o_workflows::clients::RunClient::delete_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteRun {
    /// The run: `…/revisions/{revision}/runs/{run}`.
    pub name: String,
}

impl DeleteRun {
    /// Returns the command for the run of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for DeleteRun {
    const NAME: &'static str = "run.delete_run";
    const EFFECT: Effect = Effect::Changes;

    type Reply = ();

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Delete, Kind::Run, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<(), Error> {
        success.nothing()
    }
}

/// Starts another attempt of a run: see
/// [`RunClient::retry_run`](crate::h2o_workflows::clients::RunClient::retry_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RetryRun {
    /// The run: `…/revisions/{revision}/runs/{run}`.
    pub name: String,
    /// The jobs that run again. Default: the jobs that failed, and those that were skipped because another job
    /// failed; the service chooses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_mode: Option<RetryMode>,
}

impl RetryRun {
    /// Returns the command that runs the failed jobs of this run again.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), retry_mode: None }
    }
}

impl Single for RetryRun {
    const NAME: &'static str = "run.retry_run";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Run;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Post, Kind::Run, &self.name, ":retry")?;
        let body = match &self.retry_mode {
            Some(mode) => json!({"retryMode": mode}),
            None => json!({}),
        };
        request.body = Some(body.to_string().into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Run, Error> {
        success.part("run")
    }
}

impl<M> Call<M, RetryRun> {
    /// Sets the jobs that run again. Default: those that failed, and those that were skipped because another
    /// job failed.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.command.retry_mode = Some(mode);
        self
    }
}
