//! Results as Arrow record batches (reference, section 9).

mod decoder;
mod lz4;
mod query;
mod reading;
mod requests;
#[cfg(test)]
mod tests;

/// The crates whose types these are, for programs that have them in no other version.
pub use {arrow_array, arrow_schema};

pub use query::{QueryArrow, QueryInfo};
#[cfg(feature = "async")]
pub use reading::ArrowStream;
pub use reading::{ArrowInfo, ArrowReader, ArrowTable};
pub use requests::{Batches, GetArrow, Whole};

/// What is asked for, and what is answered.
pub(super) const CONTENT_TYPE: &str = "application/vnd.apache.arrow.stream";
