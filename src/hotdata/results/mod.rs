//! Results: the saved rows of queries.

mod commands;
mod failure;
mod model;
mod waits;

pub use commands::{GetResult, ListResults, Results};
pub use failure::{Measure, ResultFailure};
pub use model::{
    GetResultResponse, ListResultsResponse, ResultBytes, ResultFormat, ResultInfo, ResultOutcome,
    ResultStatus, ResultText,
};
pub use waits::{FetchReadyResult, WaitForResult};

#[cfg(feature = "arrow")]
pub(super) use commands::asked_to_wait;
pub(super) use waits::{READY_WITHIN, ready_wait};
