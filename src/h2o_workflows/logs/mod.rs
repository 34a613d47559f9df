//! What steps write: as it is told, and followed.

mod follow;
mod model;

#[cfg(feature = "async")]
pub use follow::LogStream;
pub use follow::{LogFollow, LogTextLines};
pub use model::{LogChunk, OutputStream, StepLogs};

pub(super) use model::LogLines;
