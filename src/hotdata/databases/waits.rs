//! Databases that are created in the background.

use crate::client::{Action, Running};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::composite::Composite;
#[cfg(doc)]
use crate::hotdata::jobs::Jobs;
use crate::hotdata::jobs::{ByJob, JobEnd, JobPlan, JobResult, Started};

use super::batches::BulkCreateDatabases;
use super::model::{BulkCreateDatabasesResult, DatabaseBatchResponse};

/// The command of [`Call::and_wait`] of [`BulkCreateDatabases`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkCreateAndWait {
    /// The databases.
    pub create: BulkCreateDatabases,
}

impl<M> Call<M, BulkCreateDatabases> {
    /// Waits until the job that creates the databases has ended.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job failed,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it has not ended within the timeout of the call.
    /// Both have the job's id as [`request_id`](Error::request_id): wait for it with
    /// [`jobs().wait_for_job(…)`](Jobs::wait_for_job). [`UnexpectedResponse`](ErrorKind::UnexpectedResponse)
    /// if the response names no job, with the batch as [`resource`](Error::resource).
    pub fn and_wait(self) -> Call<M, BulkCreateAndWait> {
        self.map(|create| BulkCreateAndWait { create })
    }
}

fn started(label: &str, batch: DatabaseBatchResponse) -> Result<Started<BulkCreateDatabasesResult>, Error> {
    batch.job_id.map(Started::Job).ok_or_else(|| {
        Error::new(ErrorKind::UnexpectedResponse, label, "it was accepted, and the response names no job")
            .with_resource(batch.batch_id)
            .with_advice("See with `databases().batch(…)` how many there are; do not create them again.")
    })
}

impl BulkCreateAndWait {
    fn plan(
        &self,
        core: &Core,
        options: &CallOptions,
    ) -> Result<JobPlan<BulkCreateDatabases, BulkCreateDatabasesResult>, Error> {
        let calls = Composite::new(core, options, self.create.endpoint().label())?;
        Ok(JobPlan::new(calls, self.create.clone(), started, |result| match result {
            JobResult::BulkCreateDatabases(result) => Some(result),
            _ => None,
        }))
    }
}

impl Action<Hotdata> for BulkCreateAndWait {
    type Output = JobEnd<BulkCreateDatabasesResult>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        Ok(self.plan(core, options)?.running())
    }
}

impl ByJob for BulkCreateAndWait {
    fn resume(&self, job: &str, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        Ok(self.plan(core, options)?.resumed(job).running())
    }
}
