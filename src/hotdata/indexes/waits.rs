//! Waits for indexes that are made in the background (reference, section 5).

use crate::client::{Action, Running, not_run};
use crate::engine::chain::Chain;
use crate::error::Error;
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::jobs::{AtOnce, Begun, Ended, JobEnd, JobResult};
use crate::hotdata::parts::Parts;

use super::commands::CreateIndex;
use super::model::{IndexInfoResponse, IndexOutcome};

/// See [`Call::and_wait`] of [`CreateIndex`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateIndexAndWait {
    /// The index, in the background.
    pub create: CreateIndex,
}

impl<M> Call<M, CreateIndex> {
    /// In the background, and waits until the index is there.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job fails,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it does not end within the time of the call. Both have the job's
    /// id as [`request_id`](Error::request_id): wait for it with [`jobs().wait(…)`](Jobs::wait).
    pub fn and_wait(self) -> Call<M, CreateIndexAndWait> {
        self.map(|mut create| {
            create.create_index_request.r#async = Some(true);
            CreateIndexAndWait { create }
        })
    }
}

impl Action<Hotdata> for CreateIndexAndWait {
    type Output = JobEnd<IndexInfoResponse>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let label = self.create.label();
        let plan = Begun {
            parts: Parts::new(core, options, label.clone())?,
            command: self.create.clone(),
            was_asked: false,
            has_begun: false,
            what: |parts, command, answer| {
                Ok(match parts.read(command, answer)? {
                    IndexOutcome::Created(index) => AtOnce::Done(*index),
                    IndexOutcome::Submitted(ticket) => AtOnce::Job(ticket.id),
                })
            },
        };
        Ok(Running::new(Chain::new(plan), move |chain| {
            match chain.finish().unwrap_or_else(|| Err(not_run()))? {
                Ended::AtOnce(index) => Ok(JobEnd::Succeeded(index)),
                Ended::Job(completed) => JobEnd::of(&label, completed, |result| match result {
                    JobResult::Index(index) => Some(index),
                    _ => None,
                }),
            }
        }))
    }
}
