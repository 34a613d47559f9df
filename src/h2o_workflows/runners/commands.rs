//! Commands about runners.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, FieldMask, Single, Success};
use crate::h2o_workflows::names::{Kind, collection_request, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Bytes, Method, Request};

use super::model::{Runner, RunnersPage};

/// Lists the runners of a workspace, one page per request: see
/// [`RunnerClient::list_runners`](crate::h2o_workflows::clients::RunnerClient::list_runners).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListRunners {
    /// The workspace that they belong to: `workspaces/{workspace}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListRunners {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListRunners {
    const NAME: &'static str = "runner.list_runners";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = RunnersPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Workspace, &self.parent, "runners", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<RunnersPage, Error> {
        success.whole()
    }
}

impl List for ListRunners {
    type Item = Runner;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: RunnersPage) -> (Vec<Runner>, String) {
        (page.runners, page.next_page_token)
    }
}

/// Returns a runner: see
/// [`RunnerClient::get_runner`](crate::h2o_workflows::clients::RunnerClient::get_runner).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetRunner {
    /// The runner: `workspaces/{workspace}/runners/{runner}`.
    pub name: String,
}

impl GetRunner {
    /// Returns the command for the runner of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetRunner {
    const NAME: &'static str = "runner.get_runner";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Runner;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::Runner, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<Runner, Error> {
        success.part("runner")
    }
}

/// The fields of a runner that are sent.
fn runner_body(runner: &Runner) -> Bytes {
    let body = json!({
        "sandboxEngineImage": runner.sandbox_engine_image,
        "sandboxEngineTemplate": runner.sandbox_engine_template,
        "displayName": runner.display_name,
        "aliases": runner.aliases,
    });
    body.to_string().into()
}

/// Creates a runner: see
/// [`RunnerClient::create_runner`](crate::h2o_workflows::clients::RunnerClient::create_runner).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateRunner {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
    /// The runner to create.
    pub runner: Runner,
    /// The last part of its name.
    pub runner_id: String,
}

impl CreateRunner {
    /// Returns the command that creates this runner in this workspace with this id.
    pub fn new(parent: impl Into<String>, runner: Runner, runner_id: impl Into<String>) -> Self {
        Self { parent: parent.into(), runner, runner_id: runner_id.into() }
    }
}

impl Single for CreateRunner {
    const NAME: &'static str = "runner.create_runner";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Runner;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = collection_request(label, Method::Post, Kind::Workspace, &self.parent, "runners")?;
        request.query.push(("runnerId".to_owned(), self.runner_id.clone()));
        request.body = Some(runner_body(&self.runner));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Runner, Error> {
        success.part("runner")
    }
}

/// Changes a runner: see
/// [`RunnerClient::update_runner`](crate::h2o_workflows::clients::RunnerClient::update_runner).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateRunner {
    /// The runner with its name and its new values.
    pub runner: Runner,
    /// The fields that are overwritten. Default: all.
    #[serde(default)]
    pub update_mask: FieldMask,
}

impl UpdateRunner {
    /// Returns the command that overwrites all fields.
    pub fn new(runner: Runner) -> Self {
        Self { runner, update_mask: FieldMask::all() }
    }
}

impl Single for UpdateRunner {
    const NAME: &'static str = "runner.update_runner";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Runner;

    fn subject(&self) -> &str {
        &self.runner.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Patch, Kind::Runner, &self.runner.name, "")?;
        self.update_mask.add_to(&mut request);
        request.body = Some(runner_body(&self.runner));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Runner, Error> {
        success.part("runner")
    }
}

impl<M> Call<M, UpdateRunner> {
    /// Sets the fields that are overwritten: `display_name`, `aliases`, `sandbox_engine_image`,
    /// `sandbox_engine_template`. Default: all.
    pub fn update_mask(mut self, mask: impl Into<FieldMask>) -> Self {
        self.command.update_mask = mask.into();
        self
    }
}

/// Deletes a runner: see
/// [`RunnerClient::delete_runner`](crate::h2o_workflows::clients::RunnerClient::delete_runner).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteRunner {
    /// The runner: `workspaces/{workspace}/runners/{runner}`.
    pub name: String,
}

impl DeleteRunner {
    /// Returns the command for the runner of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for DeleteRunner {
    const NAME: &'static str = "runner.delete_runner";
    const EFFECT: Effect = Effect::Changes;

    type Reply = ();

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Delete, Kind::Runner, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<(), Error> {
        success.nothing()
    }
}
