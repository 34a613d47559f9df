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

/// Creates many databases and waits for their job: the command of [`and_wait`](Call::and_wait) of
/// [`Databases::bulk_create`](crate::hotdata::Databases::bulk_create).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkCreateAndWait {
    /// The command that creates the databases.
    pub create: BulkCreateDatabases,
}

impl<M> Call<M, BulkCreateDatabases> {
    /// Makes the call wait until the job that creates the databases has ended. Time limit: the
    /// [`timeout`](Call::timeout) of the call, by default 300 s.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job failed,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it has not ended within the timeout of the call.
    /// Both have the job's id as [`request_id`](Error::request_id). After a timeout, wait again with
    /// [`jobs().wait_for_job(…)`](Jobs::wait_for_job) and this id.
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the response names no job, with the id of the
    /// batch as [`resource`](Error::resource).
    pub fn and_wait(self) -> Call<M, BulkCreateAndWait> {
        self.map(|create| BulkCreateAndWait { create })
    }
}

fn started(label: &str, batch: DatabaseBatchResponse) -> Result<Started<BulkCreateDatabasesResult>, Error> {
    batch.job_id.map(Started::Job).ok_or_else(|| {
        Error::new(ErrorKind::UnexpectedResponse, label, "the request was accepted, but the response names no job")
            .with_resource(batch.batch_id)
            .with_advice("Do not create the databases again. Get the batch with `databases().batch(…)` and the resource id of this error to see how many exist.")
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
