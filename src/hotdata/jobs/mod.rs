//! Jobs: work that the service does in the background.

mod commands;
mod model;
mod waits;

pub use commands::{GetJob, Jobs, ListJobs};
pub use model::{JobResult, JobStatus, JobStatusResponse, JobType, ListJobsResponse, SubmitJobResponse};
pub use waits::{JobEnd, WaitForJob};

pub(super) use waits::{ByJob, JobPlan, ResumedJob, Started};
