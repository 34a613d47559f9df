//! Commands about steps and their logs.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, Single, Success};
use crate::h2o_workflows::logs::{LogChunk, LogLines, OutputStream, StepLogs};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Step, StepsPage};

/// Lists the steps of a job, one page per request: see
/// [`StepClient::list_steps`](crate::h2o_workflows::clients::StepClient::list_steps).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListSteps {
    /// The job that they belong to: `…/attempts/{attempt}/jobs/{job}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListSteps {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListSteps {
    const NAME: &'static str = "step.list_steps";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = StepsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Job, &self.parent, "steps", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<StepsPage, Error> {
        success.whole()
    }
}

impl List for ListSteps {
    type Item = Step;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: StepsPage) -> (Vec<Step>, String) {
        (page.steps, page.next_page_token)
    }
}

/// Returns a step: see [`StepClient::get_step`](crate::h2o_workflows::clients::StepClient::get_step).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetStep {
    /// The step: `…/jobs/{job}/steps/{step}`.
    pub name: String,
}

impl GetStep {
    /// Returns the command for the step of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetStep {
    const NAME: &'static str = "step.get_step";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Step;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::Step, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<Step, Error> {
        success.part("step")
    }
}

/// Returns the log of a step: see
/// [`StepClient::get_step_logs`](crate::h2o_workflows::clients::StepClient::get_step_logs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetStepLogs {
    /// The step: `…/jobs/{job}/steps/{step}`.
    pub name: String,
    /// Which output of the step is returned. Default: both.
    #[serde(default)]
    pub stream: OutputStream,
}

impl GetStepLogs {
    /// Returns the command for both outputs of this step.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), stream: OutputStream::Unspecified }
    }
}

impl Single for GetStepLogs {
    const NAME: &'static str = "step.get_step_logs";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = StepLogs;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Get, Kind::Step, &self.name, ":logs")?;
        request.query.push(("stream".to_owned(), self.stream.as_str().to_owned()));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<StepLogs, Error> {
        success.whole()
    }
}

impl<M> Call<M, GetStepLogs> {
    /// Sets which output of the step is returned. Default: both.
    pub fn output(mut self, stream: OutputStream) -> Self {
        self.command.stream = stream;
        self
    }
}

/// Returns the log of a step: piece by piece with `follow`, or complete, after the step has ended, with `send`. See
/// [`StepClient::stream_step_logs`](crate::h2o_workflows::clients::StepClient::stream_step_logs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct StreamStepLogs {
    /// The step: `…/jobs/{job}/steps/{step}`.
    pub name: String,
    /// The byte of the output to begin with. Default: 0.
    #[serde(default)]
    pub offset: u64,
    /// Which output of the step is returned. Default: both.
    #[serde(default)]
    pub stream: OutputStream,
}

impl StreamStepLogs {
    /// Returns the command for both outputs of this step, from their beginning.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), offset: 0, stream: OutputStream::Unspecified }
    }
}

impl Single for StreamStepLogs {
    const NAME: &'static str = "step.stream_step_logs";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Vec<LogChunk>;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Get, Kind::Step, &self.name, ":streamLogs")?;
        request.query.push(("offset".to_owned(), self.offset.to_string()));
        request.query.push(("stream".to_owned(), self.stream.as_str().to_owned()));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Vec<LogChunk>, Error> {
        LogLines::whole(&self.label(), self.offset, &success.response.body)
    }
}

impl<M> Call<M, StreamStepLogs> {
    /// Sets which output of the step is returned. Default: both.
    pub fn output(mut self, stream: OutputStream) -> Self {
        self.command.stream = stream;
        self
    }

    /// Sets the byte of the output to begin with. To continue a log, pass the `offset` of the last chunk that was
    /// read, which is the position after its last byte. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = offset;
        self
    }
}
