//! Runners.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, FieldMask, Spec, label};
use crate::h2o_workflows::names::{Kind, collection_request, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Runner, RunnersPage};

/// See [`RunnerClient::list_runners`](crate::h2o_workflows::clients::RunnerClient::list_runners).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListRunners {
    /// What they are in: `workspaces/{workspace}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListRunners {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListRunners {
    type Output = RunnersPage;

    fn spec(&self) -> Spec {
        Spec::reads("runner.list_runners")
    }

    fn label(&self) -> String {
        label("list_runners", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request = page_request(
            &self.label(),
            Kind::Workspace,
            &self.parent,
            "runners",
            self.page_size,
            &self.page_token,
        )?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<RunnersPage, Error> {
        answer.whole()
    }
}

impl List for ListRunners {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`RunnerClient::get_runner`](crate::h2o_workflows::clients::RunnerClient::get_runner).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetRunner {
    /// `workspaces/{workspace}/runners/{runner}`.
    pub name: String,
}

impl GetRunner {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetRunner {
    type Output = Runner;

    fn spec(&self) -> Spec {
        Spec::reads("runner.get_runner")
    }

    fn label(&self) -> String {
        label("get_runner", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::Runner, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<Runner, Error> {
        answer.part("runner")
    }
}

/// What of a runner is sent.
pub(super) fn runner_body(runner: &Runner) -> Vec<u8> {
    let body = json!({
        "sandboxEngineImage": runner.sandbox_engine_image,
        "sandboxEngineTemplate": runner.sandbox_engine_template,
        "displayName": runner.display_name,
        "aliases": runner.aliases,
    });
    body.to_string().into_bytes()
}

/// See [`RunnerClient::create_runner`](crate::h2o_workflows::clients::RunnerClient::create_runner).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateRunner {
    /// `workspaces/{workspace}`.
    pub parent: String,
    /// What is to be created.
    pub runner: Runner,
    /// The last part of its name.
    pub runner_id: String,
}

impl CreateRunner {
    /// This one, in this workspace, with this id.
    pub fn new(parent: impl Into<String>, runner: Runner, runner_id: impl Into<String>) -> Self {
        Self { parent: parent.into(), runner, runner_id: runner_id.into() }
    }
}

impl Command for CreateRunner {
    type Output = Runner;

    fn spec(&self) -> Spec {
        Spec::changes("runner.create_runner")
    }

    fn label(&self) -> String {
        label("create_runner", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request =
            collection_request(&self.label(), Method::Post, Kind::Workspace, &self.parent, "runners")?;
        request.query.push(("runnerId".to_owned(), self.runner_id.clone()));
        request.body = Some(runner_body(&self.runner).into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Runner, Error> {
        answer.part("runner")
    }
}

/// See [`RunnerClient::update_runner`](crate::h2o_workflows::clients::RunnerClient::update_runner).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateRunner {
    /// What it is to be, under its name.
    pub runner: Runner,
    /// Which fields count. Default: all.
    #[serde(default)]
    pub update_mask: FieldMask,
}

impl UpdateRunner {
    /// To be this, all of it.
    pub fn new(runner: Runner) -> Self {
        Self { runner, update_mask: FieldMask::all() }
    }
}

impl Command for UpdateRunner {
    type Output = Runner;

    fn spec(&self) -> Spec {
        Spec::changes("runner.update_runner")
    }

    fn label(&self) -> String {
        label("update_runner", &self.runner.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Patch, Kind::Runner, &self.runner.name, "")?;
        self.update_mask.add_to(&mut request);
        request.body = Some(runner_body(&self.runner).into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Runner, Error> {
        answer.part("runner")
    }
}

impl<M> Call<M, UpdateRunner> {
    /// Which fields count: `display_name`, `aliases`, `sandbox_engine_image`, `sandbox_engine_template`. Default: all, so
    /// that everything is overwritten with what the value holds.
    pub fn update_mask(mut self, mask: impl Into<FieldMask>) -> Self {
        self.command.update_mask = mask.into();
        self
    }
}

/// See [`RunnerClient::delete_runner`](crate::h2o_workflows::clients::RunnerClient::delete_runner).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteRunner {
    /// `workspaces/{workspace}/runners/{runner}`.
    pub name: String,
}

impl DeleteRunner {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteRunner {
    type Output = ();

    fn spec(&self) -> Spec {
        Spec::changes("runner.delete_runner")
    }

    fn label(&self) -> String {
        label("delete_runner", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Delete, Kind::Runner, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<(), Error> {
        answer.nothing()
    }
}
