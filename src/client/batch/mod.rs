//! Running a batch: on threads, or as a future.

mod blocking;
#[cfg(feature = "async")]
mod futures;

use std::time::SystemTime;

use crate::engine::Completed;
use crate::engine::batch::Batch;
use crate::error::Error;
use crate::journal::Journal;

pub(crate) use blocking::Lanes;
#[cfg(feature = "async")]
pub(crate) use futures::Flights;

/// Threads that a blocking batch uses unless told otherwise.
pub(crate) const DEFAULT_THREADS: usize = 8;

/// What came of a job, by its place in the batch.
pub(crate) type Concluded = (usize, Result<Completed, Error>);

/// A batch, and where it is written down.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) batch: Batch,
    pub(crate) journal: Option<Journal>,
}

impl Recorded {
    /// Writes down what is about to be done or was done.
    fn write(&mut self, wall: SystemTime) -> Result<(), Error> {
        let records = self.batch.records();
        match &mut self.journal {
            Some(journal) => journal.write(&records, wall),
            None => Ok(()),
        }
    }

    /// Writes down what announces nothing. If that fails, nothing more is submitted; what is in the journal is still true.
    fn write_after(&mut self, wall: SystemTime) {
        if let Err(error) = self.write(wall) {
            log::error!("{error}");
            self.batch.stop("the journal cannot be written");
            // Their outcomes are told to the caller, and to nobody else.
            self.batch.records();
        }
    }
}
