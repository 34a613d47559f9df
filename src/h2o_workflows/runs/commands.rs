//! Runs.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, Spec, label, push_text};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Run, RunsPage};
use super::states::RetryMode;

/// See [`RunClient::list_runs`](crate::h2o_workflows::clients::RunClient::list_runs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListRuns {
    /// What they are in: `…/workflows/{workflow}/revisions/{revision}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
    /// Which ones, in the language of AIP-160: `state = STATE_RUNNING`. Empty: all.
    #[serde(default, rename = "filter_", alias = "filter", skip_serializing_if = "String::is_empty")]
    pub filter: String,
}

impl ListRuns {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListRuns {
    type Output = RunsPage;

    fn spec(&self) -> Spec {
        Spec::reads("run.list_runs")
    }

    fn label(&self) -> String {
        label("list_runs", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = page_request(
            &self.label(),
            Kind::WorkflowRevision,
            &self.parent,
            "runs",
            self.page_size,
            &self.page_token,
        )?;
        push_text(&mut request, "filter", &self.filter);
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<RunsPage, Error> {
        answer.whole()
    }
}

impl List for ListRuns {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

impl<M> Call<M, ListRuns> {
    /// Which ones, in the language of AIP-160: `state = STATE_RUNNING OR state = STATE_QUEUED`. Default: all.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.command.filter = filter.into();
        self
    }
}

/// See [`RunClient::get_run`](crate::h2o_workflows::clients::RunClient::get_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetRun {
    /// `…/revisions/{revision}/runs/{run}`.
    pub name: String,
}

impl GetRun {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetRun {
    type Output = Run;

    fn spec(&self) -> Spec {
        Spec::reads("run.get_run")
    }

    fn label(&self) -> String {
        label("get_run", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::Run, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<Run, Error> {
        answer.part("run")
    }
}

/// See [`RunClient::cancel_run`](crate::h2o_workflows::clients::RunClient::cancel_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CancelRun {
    /// `…/revisions/{revision}/runs/{run}`.
    pub name: String,
}

impl CancelRun {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for CancelRun {
    type Output = Run;

    fn spec(&self) -> Spec {
        Spec::changes("run.cancel_run")
    }

    fn label(&self) -> String {
        label("cancel_run", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Post, Kind::Run, &self.name, ":cancel")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Run, Error> {
        answer.part("run")
    }
}

/// See [`RunClient::delete_run`](crate::h2o_workflows::clients::RunClient::delete_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteRun {
    /// `…/revisions/{revision}/runs/{run}`.
    pub name: String,
}

impl DeleteRun {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteRun {
    type Output = ();

    fn spec(&self) -> Spec {
        Spec::changes("run.delete_run")
    }

    fn label(&self) -> String {
        label("delete_run", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Delete, Kind::Run, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<(), Error> {
        answer.nothing()
    }
}

/// See [`RunClient::retry_run`](crate::h2o_workflows::clients::RunClient::retry_run).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RetryRun {
    /// `…/revisions/{revision}/runs/{run}`.
    pub name: String,
    /// Which jobs run again. Default: the service's choice, those that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_mode: Option<RetryMode>,
}

impl RetryRun {
    /// The failed jobs of this run.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), retry_mode: None }
    }
}

impl Command for RetryRun {
    type Output = Run;

    fn spec(&self) -> Spec {
        Spec::changes("run.retry_run")
    }

    fn label(&self) -> String {
        label("retry_run", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Post, Kind::Run, &self.name, ":retry")?;
        let body = match &self.retry_mode {
            Some(mode) => json!({"retryMode": mode}),
            None => json!({}),
        };
        request.body = Some(body.to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Run, Error> {
        answer.part("run")
    }
}

impl<M> Call<M, RetryRun> {
    /// Which jobs run again. Default: those that failed, or were skipped because another failed.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.command.retry_mode = Some(mode);
        self
    }
}
