//! Jobs: work in the background.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage, next_offset};
use crate::hotdata::query_runs::one_more;

use super::model::{JobStatus, JobStatusResponse, JobType, ListJobsResponse};

/// The operations about jobs, which the service runs in the background, for example a load. Returned by
/// [`Client::jobs`].
#[derive(Debug)]
pub struct Jobs<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about jobs, which the service runs in the background, for example a load.
    pub fn jobs(&self) -> Jobs<M> {
        Jobs { client: self.clone() }
    }
}

impl<M> Jobs<M> {
    /// Returns a job with its status, and its result if it has one. `GET /v1/jobs/{id}` (`get_job`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no job has this id.
    #[doc(alias = "get_job")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetJob> {
        self.client.call(GetJob::new(id))
    }

    /// Lists a page of jobs, by default of 50. Jobs of the service's internal maintenance are not in the
    /// list. `GET /v1/jobs` (`list_jobs`).
    ///
    /// [`iter`](Call::iter) returns the jobs of all pages.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the type or a status to filter by is unknown to the
    /// service.
    #[doc(alias = "list_jobs")]
    pub fn list(&self) -> Call<M, ListJobs> {
        self.client.call(ListJobs::default())
    }
}

/// Returns a job: the command of [`Jobs::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetJob {
    /// The id of the job.
    pub id: String,
}

impl GetJob {
    /// Returns the command with its required parameters.
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

/// Lists a page of jobs: the command of [`Jobs::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// The type of job to filter by; the service rejects an unknown type. Default: all types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_type: Option<JobType>,
    /// The statuses to filter by, separated by commas: `pending,running`. The service rejects an unknown
    /// status. Default: all statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The page size: the largest number of jobs on a page. Default: 50, the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The number of jobs to skip before the page. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListJobs {
    /// Returns the command without filters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> Call<M, ListJobs> {
    /// Sets the type of job to filter by; the service rejects an unknown type. Default: all types.
    pub fn job_type(mut self, job_type: JobType) -> Self {
        self.command.job_type = Some(job_type);
        self
    }

    /// Adds a status to filter by; the service rejects an unknown status. Call it again for more statuses.
    /// Default: all statuses.
    pub fn status(mut self, status: &JobStatus) -> Self {
        one_more(&mut self.command.status, status.as_str());
        self
    }

    /// Sets the page size: the largest number of jobs on a page. Default: 50, the service's own.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the number of jobs to skip before the page. Default: 0.
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
        let next = next_offset(self.offset, self.limit, page.jobs.len(), None);
        (page.jobs, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}
