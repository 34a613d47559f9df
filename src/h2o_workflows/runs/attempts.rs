//! Attempts of runs.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Command, Spec, label};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{RunAttempt, RunAttemptsPage};

/// See [`RunAttemptClient::list_run_attempts`](crate::h2o_workflows::clients::RunAttemptClient::list_run_attempts).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListRunAttempts {
    /// What they are in: `…/revisions/{revision}/runs/{run}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListRunAttempts {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListRunAttempts {
    type Output = RunAttemptsPage;

    fn spec(&self) -> Spec {
        Spec::reads("run_attempt.list_run_attempts")
    }

    fn label(&self) -> String {
        label("list_run_attempts", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request = page_request(
            &self.label(),
            Kind::Run,
            &self.parent,
            "attempts",
            self.page_size,
            &self.page_token,
        )?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<RunAttemptsPage, Error> {
        answer.whole()
    }
}

impl List for ListRunAttempts {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`RunAttemptClient::get_run_attempt`](crate::h2o_workflows::clients::RunAttemptClient::get_run_attempt).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetRunAttempt {
    /// `…/runs/{run}/attempts/{attempt}`.
    pub name: String,
}

impl GetRunAttempt {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetRunAttempt {
    type Output = RunAttempt;

    fn spec(&self) -> Spec {
        Spec::reads("run_attempt.get_run_attempt")
    }

    fn label(&self) -> String {
        label("get_run_attempt", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::RunAttempt, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<RunAttempt, Error> {
        answer.part("runAttempt")
    }
}
