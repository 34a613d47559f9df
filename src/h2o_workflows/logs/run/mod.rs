//! The logs of a whole run: all attempts, jobs and steps, one step after the other.

mod call;
mod find;
mod follow;
mod level;
mod lines;
mod model;
mod pages;
mod position;
mod reading;

pub use call::FollowLogs;
pub use model::{LogSource, RunLogChunk, RunLogLine};
pub use position::RunLogPosition;
#[cfg(feature = "async")]
pub use reading::{RunLogLineStream, RunLogStream};
pub use reading::{RunLogLines, RunLogs};
