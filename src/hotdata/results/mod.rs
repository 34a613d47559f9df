//! Results: what queries have left.

mod commands;
mod model;
mod waits;

pub use commands::{GetResult, ListResults, Results};
pub use model::{
    GetResultResponse, ListResultsResponse, ResultBytes, ResultFormat, ResultInfo, ResultOutcome,
    ResultStatus, ResultText,
};
pub use waits::{FetchReadyResult, WaitForResult};

#[cfg(feature = "arrow")]
pub(super) use commands::asked_to_wait;
#[cfg(feature = "arrow")]
pub(super) use waits::database_of;
pub(super) use waits::{Look, READY_WITHIN, Ready, database};
