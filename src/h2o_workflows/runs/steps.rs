//! Steps and what they write.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, Spec, label};
use crate::h2o_workflows::logs::{LogChunk, LogLines, OutputStream, StepLogs};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Step, StepsPage};

/// See [`StepClient::list_steps`](crate::h2o_workflows::clients::StepClient::list_steps).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListSteps {
    /// What they are in: `…/attempts/{attempt}/jobs/{job}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListSteps {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListSteps {
    type Output = StepsPage;

    fn spec(&self) -> Spec {
        Spec::reads("step.list_steps")
    }

    fn label(&self) -> String {
        label("list_steps", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request =
            page_request(&self.label(), Kind::Job, &self.parent, "steps", self.page_size, &self.page_token)?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<StepsPage, Error> {
        answer.whole()
    }
}

impl List for ListSteps {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`StepClient::get_step`](crate::h2o_workflows::clients::StepClient::get_step).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetStep {
    /// `…/jobs/{job}/steps/{step}`.
    pub name: String,
}

impl GetStep {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetStep {
    type Output = Step;

    fn spec(&self) -> Spec {
        Spec::reads("step.get_step")
    }

    fn label(&self) -> String {
        label("get_step", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::Step, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<Step, Error> {
        answer.part("step")
    }
}

/// See [`StepClient::get_step_logs`](crate::h2o_workflows::clients::StepClient::get_step_logs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetStepLogs {
    /// `…/jobs/{job}/steps/{step}`.
    pub name: String,
    /// Which of its outputs. Default: both.
    #[serde(default)]
    pub stream: OutputStream,
}

impl GetStepLogs {
    /// Both outputs of this step.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), stream: OutputStream::Unspecified }
    }
}

impl Command for GetStepLogs {
    type Output = StepLogs;

    fn spec(&self) -> Spec {
        Spec::reads("step.get_step_logs")
    }

    fn label(&self) -> String {
        label("get_step_logs", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Get, Kind::Step, &self.name, ":logs")?;
        request.query.push(("stream".to_owned(), self.stream.as_str().to_owned()));
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<StepLogs, Error> {
        answer.whole()
    }
}

impl<M> Call<M, GetStepLogs> {
    /// Which of its outputs. Default: both.
    pub fn output(mut self, stream: OutputStream) -> Self {
        self.command.stream = stream;
        self
    }
}

/// See [`StepClient::stream_step_logs`](crate::h2o_workflows::clients::StepClient::stream_step_logs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct StreamStepLogs {
    /// `…/jobs/{job}/steps/{step}`.
    pub name: String,
    /// From which byte of the output on. Default: 0.
    #[serde(default)]
    pub offset: u64,
    /// Which of its outputs. Default: both.
    #[serde(default)]
    pub stream: OutputStream,
}

impl StreamStepLogs {
    /// Both outputs of this step, from their beginning.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), offset: 0, stream: OutputStream::Unspecified }
    }
}

impl Command for StreamStepLogs {
    type Output = Vec<LogChunk>;

    fn spec(&self) -> Spec {
        Spec::reads("step.stream_step_logs")
    }

    fn label(&self) -> String {
        label("stream_step_logs", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Get, Kind::Step, &self.name, ":streamLogs")?;
        request.query.push(("offset".to_owned(), self.offset.to_string()));
        request.query.push(("stream".to_owned(), self.stream.as_str().to_owned()));
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Vec<LogChunk>, Error> {
        LogLines::whole(&self.label(), self.offset, &answer.response.body)
    }
}

impl<M> Call<M, StreamStepLogs> {
    /// Which of its outputs. Default: both.
    pub fn output(mut self, stream: OutputStream) -> Self {
        self.command.stream = stream;
        self
    }

    /// From which byte of the output on: the offset of the last chunk that was seen. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = offset;
        self
    }
}
