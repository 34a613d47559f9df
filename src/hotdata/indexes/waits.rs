//! Indexes that are built in the background.

use crate::client::{Action, Running};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::composite::Composite;
#[cfg(doc)]
use crate::hotdata::jobs::Jobs;
use crate::hotdata::jobs::{ByJob, JobEnd, JobPlan, JobResult, Started};

use super::commands::CreateIndex;
use super::model::{IndexInfoResponse, IndexOutcome};

/// Builds an index in the background and waits for the job: the command of [`and_wait`](Call::and_wait) of
/// [`Indexes::create`](crate::hotdata::Indexes::create).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateIndexAndWait {
    /// The command that creates the index. Its request has `async` set.
    pub create: CreateIndex,
}

impl<M> Call<M, CreateIndex> {
    /// Makes the call build the index in the background and wait until it is built. Time limit: the
    /// [`timeout`](Call::timeout) of the call, by default 300 s.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job failed,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it has not ended within the timeout of the call.
    /// Both have the job's id as [`request_id`](Error::request_id). After a timeout, wait again with
    /// [`jobs().wait_for_job(…)`](Jobs::wait_for_job) and this id.
    pub fn and_wait(self) -> Call<M, CreateIndexAndWait> {
        self.map(|mut create| {
            create.create_index_request.r#async = Some(true);
            CreateIndexAndWait { create }
        })
    }
}

fn started(_: &str, outcome: IndexOutcome) -> Result<Started<IndexInfoResponse>, Error> {
    Ok(match outcome {
        IndexOutcome::Created(index) => Started::Done(*index),
        IndexOutcome::Submitted(ticket) => Started::Job(ticket.id),
    })
}

impl CreateIndexAndWait {
    fn plan(
        &self,
        core: &Core,
        options: &CallOptions,
    ) -> Result<JobPlan<CreateIndex, IndexInfoResponse>, Error> {
        let calls = Composite::new(core, options, self.create.endpoint().label())?;
        Ok(JobPlan::new(calls, self.create.clone(), started, |result| match result {
            JobResult::Index(index) => Some(index),
            _ => None,
        }))
    }
}

impl Action<Hotdata> for CreateIndexAndWait {
    type Output = JobEnd<IndexInfoResponse>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        Ok(self.plan(core, options)?.running())
    }
}

impl ByJob for CreateIndexAndWait {
    fn resume(&self, job: &str, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        Ok(self.plan(core, options)?.resumed(job).running())
    }
}
