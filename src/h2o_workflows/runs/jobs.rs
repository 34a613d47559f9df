//! Commands about jobs.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, Single, Success, push_text};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Job, JobsPage};

/// Lists the jobs of an attempt, one page per request: see
/// [`JobClient::list_jobs`](crate::h2o_workflows::clients::JobClient::list_jobs).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// The attempt that they belong to: `…/runs/{run}/attempts/{attempt}`.
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
    /// `create_time` or `job_id`, with ` desc` after it for descending order. Empty: `create_time desc`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_by: String,
}

impl ListJobs {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListJobs {
    const NAME: &'static str = "job.list_jobs";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = JobsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request =
            page_request(label, Kind::RunAttempt, &self.parent, "jobs", self.page_size, &self.page_token)?;
        push_text(&mut request, "filter", &self.filter);
        push_text(&mut request, "orderBy", &self.order_by);
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<JobsPage, Error> {
        success.whole()
    }
}

impl List for ListJobs {
    type Item = Job;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: JobsPage) -> (Vec<Job>, String) {
        (page.jobs, page.next_page_token)
    }
}

impl<M> Call<M, ListJobs> {
    /// Sets a filter in the language of AIP-160: `state = STATE_RUNNING OR state = STATE_QUEUED`. Default:
    /// all.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.command.filter = filter.into();
        self
    }

    /// Sets the order: `create_time` or `job_id`, with ` desc` after it for descending order. Default:
    /// `create_time desc`.
    pub fn order_by(mut self, order_by: impl Into<String>) -> Self {
        self.command.order_by = order_by.into();
        self
    }
}

/// Returns a job: see [`JobClient::get_job`](crate::h2o_workflows::clients::JobClient::get_job).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetJob {
    /// The job: `…/attempts/{attempt}/jobs/{job}`.
    pub name: String,
}

impl GetJob {
    /// Returns the command for the job of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetJob {
    const NAME: &'static str = "job.get_job";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Job;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::Job, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<Job, Error> {
        success.part("job")
    }
}
