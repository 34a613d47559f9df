//! Reading results as Arrow record batches.

mod decoder;
mod info;
mod lz4;
mod query;
mod readers;
mod reading;
mod requests;
#[cfg(test)]
mod tests;

/// The crates of the types of this module, so that programs need not depend on the same versions.
pub use {arrow_array, arrow_schema};

pub use info::{ArrowInfo, QueryInfo};
pub use query::QueryArrow;
#[cfg(feature = "async")]
pub use readers::ArrowStream;
pub use readers::{ArrowReader, ArrowTable};
pub use requests::{Batches, GetArrow, Whole};

/// The content type of an Arrow stream.
const CONTENT_TYPE: &str = "application/vnd.apache.arrow.stream";
