//! What steps write: read at once, and followed while it is written.

mod follow;
mod lines;
mod model;
mod reading;
mod run;
mod text;

pub use follow::LogPosition;
pub use model::{LogChunk, OutputStream, StepLogs};
pub use reading::{LogFollow, LogTextLines};
#[cfg(feature = "async")]
pub use reading::{LogStream, LogTextStream};
pub use run::{FollowLogs, LogSource, RunLogChunk, RunLogLine, RunLogLines, RunLogPosition, RunLogs};
#[cfg(feature = "async")]
pub use run::{RunLogLineStream, RunLogStream};

#[cfg(test)]
pub(super) use follow::follow as follow_machine;
pub(super) use lines::LogLines;
