//! Query runs: the states and the statistics of executed queries.

mod commands;
mod model;
mod waits;

pub use commands::{GetQueryRun, ListQueryRuns, QueryRuns};
pub use model::{ListQueryRunsResponse, QueryRunInfo, QueryRunStatus};
pub use waits::WaitForQueryRun;

pub(super) use commands::one_more;
pub(super) use waits::run_wait;
