//! Waits for databases that are made in the background (reference, section 5).

use crate::client::{Action, Running, not_run};
use crate::engine::chain::Chain;
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::jobs::{AtOnce, Begun, Ended, JobEnd, JobResult};
use crate::hotdata::parts::Parts;

use super::batches::BulkCreateDatabases;
use super::model::{BulkCreateDatabasesResult, DatabaseBatchResponse};

/// See [`Call::and_wait`] of [`BulkCreateDatabases`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkCreateAndWait {
    /// The databases.
    pub create: BulkCreateDatabases,
}

impl<M> Call<M, BulkCreateDatabases> {
    /// Waits until the job that creates them has ended.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job fails,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it does not end within the time of the call. Both have the job's
    /// id as [`request_id`](Error::request_id): wait for it with [`jobs().wait(…)`](Jobs::wait).
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the service names no job, with the batch as the request id.
    pub fn and_wait(self) -> Call<M, BulkCreateAndWait> {
        self.map(|create| BulkCreateAndWait { create })
    }
}

impl Action<Hotdata> for BulkCreateAndWait {
    type Output = JobEnd<BulkCreateDatabasesResult>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let label = self.create.label();
        let plan = Begun {
            parts: Parts::new(core, options, label.clone())?,
            command: self.create.clone(),
            was_asked: false,
            has_begun: false,
            what: |parts, command, answer| {
                let batch: DatabaseBatchResponse = parts.read(command, answer)?;
                match batch.job_id {
                    Some(id) => Ok(AtOnce::<()>::Job(id)),
                    None => Err(Error::new(
                        ErrorKind::UnexpectedResponse,
                        &*parts.label,
                        "it was taken, and no job is named to wait for",
                    )
                    .with_request_id(batch.batch_id)
                    .with_advice(
                        "Look with `databases().batch(…)` how many there are; do not begin it again.",
                    )),
                }
            },
        };
        Ok(Running::new(Chain::new(plan), move |chain| {
            match chain.finish().unwrap_or_else(|| Err(not_run()))? {
                Ended::AtOnce(()) => Err(not_run()),
                Ended::Job(completed) => JobEnd::of(&label, completed, |result| match result {
                    JobResult::BulkCreateDatabases(result) => Some(result),
                    _ => None,
                }),
            }
        }))
    }
}
