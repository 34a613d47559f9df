//! Commands about attempts of runs.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Single, Success};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{RunAttempt, RunAttemptsPage};

/// Lists the attempts of a run, one page per request: see
/// [`RunAttemptClient::list_run_attempts`](crate::h2o_workflows::clients::RunAttemptClient::list_run_attempts).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListRunAttempts {
    /// The run that they belong to: `…/revisions/{revision}/runs/{run}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListRunAttempts {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListRunAttempts {
    const NAME: &'static str = "run_attempt.list_run_attempts";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = RunAttemptsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Run, &self.parent, "attempts", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<RunAttemptsPage, Error> {
        success.whole()
    }
}

impl List for ListRunAttempts {
    type Item = RunAttempt;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: RunAttemptsPage) -> (Vec<RunAttempt>, String) {
        (page.run_attempts, page.next_page_token)
    }
}

/// Returns an attempt of a run: see
/// [`RunAttemptClient::get_run_attempt`](crate::h2o_workflows::clients::RunAttemptClient::get_run_attempt).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetRunAttempt {
    /// The attempt: `…/runs/{run}/attempts/{attempt}`; its id may be `latest`.
    pub name: String,
}

impl GetRunAttempt {
    /// Returns the command for the attempt of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetRunAttempt {
    const NAME: &'static str = "run_attempt.get_run_attempt";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = RunAttempt;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::RunAttempt, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<RunAttempt, Error> {
        success.part("runAttempt")
    }
}
