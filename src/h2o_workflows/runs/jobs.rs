//! Jobs.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, Spec, label, push_text};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Job, JobsPage};

/// See [`JobClient::list_jobs`](crate::h2o_workflows::clients::JobClient::list_jobs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// What they are in: `…/runs/{run}/attempts/{attempt}`.
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
    /// By `create_time` or `job_id`, with ` desc` behind it for the other way round. Empty: `create_time desc`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_by: String,
}

impl ListJobs {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListJobs {
    type Output = JobsPage;

    fn spec(&self) -> Spec {
        Spec::reads("job.list_jobs")
    }

    fn label(&self) -> String {
        label("list_jobs", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = page_request(
            &self.label(),
            Kind::RunAttempt,
            &self.parent,
            "jobs",
            self.page_size,
            &self.page_token,
        )?;
        push_text(&mut request, "filter", &self.filter);
        push_text(&mut request, "orderBy", &self.order_by);
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<JobsPage, Error> {
        answer.whole()
    }
}

impl List for ListJobs {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

impl<M> Call<M, ListJobs> {
    /// Which ones, in the language of AIP-160: `state = STATE_RUNNING OR state = STATE_QUEUED`. Default: all.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.command.filter = filter.into();
        self
    }

    /// By `create_time` or `job_id`, with ` desc` behind it for the other way round. Default: `create_time desc`.
    pub fn order_by(mut self, order_by: impl Into<String>) -> Self {
        self.command.order_by = order_by.into();
        self
    }
}

/// See [`JobClient::get_job`](crate::h2o_workflows::clients::JobClient::get_job).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetJob {
    /// `…/attempts/{attempt}/jobs/{job}`.
    pub name: String,
}

impl GetJob {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetJob {
    type Output = Job;

    fn spec(&self) -> Spec {
        Spec::reads("job.get_job")
    }

    fn label(&self) -> String {
        label("get_job", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::Job, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<Job, Error> {
        answer.part("job")
    }
}
