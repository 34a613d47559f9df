//! Jobs: what goes on in the background.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage, next_untold};
use crate::hotdata::query_runs::one_more;

use super::model::{JobStatus, JobStatusResponse, JobType, ListJobsResponse};

/// Jobs: see [`Client::jobs`].
#[derive(Debug)]
pub struct Jobs<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Operations about jobs.
    pub fn jobs(&self) -> Jobs<M> {
        Jobs { client: self.clone() }
    }
}

impl<M> Jobs<M> {
    /// One job: `GET /v1/jobs/{id}` (`get_job`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of this id.
    #[doc(alias = "get_job")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetJob> {
        self.client.call(GetJob::new(id))
    }

    /// A page of jobs, 50 unless it is said otherwise: `GET /v1/jobs` (`list_jobs`). The service's own housekeeping is not
    /// among them.
    #[doc(alias = "list_jobs")]
    pub fn list(&self) -> Call<M, ListJobs> {
        self.client.call(ListJobs::default())
    }
}

/// See [`Jobs::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetJob {
    /// Its id.
    pub id: String,
}

impl GetJob {
    /// The one of this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for GetJob {
    type Output = JobStatusResponse;
    const NAME: &'static str = "get_job";

    fn endpoint(&self) -> Endpoint<'_, JobStatusResponse> {
        Endpoint::get(Self::NAME, "/v1/jobs/{id}").at("id", &self.id)
    }
}

/// See [`Jobs::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// Only jobs of this type. The service refuses what it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_type: Option<JobType>,
    /// Only jobs with one of these statuses: `pending,running`. The service refuses what it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many a page may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How many come before the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListJobs {
    /// All jobs.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> Call<M, ListJobs> {
    /// Only jobs of this type.
    pub fn job_type(mut self, job_type: JobType) -> Self {
        self.command.job_type = Some(job_type);
        self
    }

    /// Only jobs with this status; called again, with one of these.
    pub fn status(mut self, status: &JobStatus) -> Self {
        one_more(&mut self.command.status, status.as_str());
        self
    }

    /// Sets the page size. Default: 50, the service's own.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// How many come before the page.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }
}

impl Command for ListJobs {
    type Output = ListJobsResponse;
    const NAME: &'static str = "list_jobs";

    fn endpoint(&self) -> Endpoint<'_, ListJobsResponse> {
        Endpoint::get(Self::NAME, "/v1/jobs")
            .query("job_type", self.job_type.as_ref())
            .query("status", self.status.as_ref())
            .query("limit", self.limit)
            .query("offset", self.offset)
    }
}

impl List for ListJobs {
    type Item = JobStatusResponse;

    fn split(&self, page: ListJobsResponse) -> (Vec<JobStatusResponse>, NextPage) {
        let next = next_untold(self.offset, self.limit, page.jobs.len());
        (page.jobs, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}
