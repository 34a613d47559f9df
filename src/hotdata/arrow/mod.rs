//! Reading results of queries as Arrow record batches.
//!
//! | Method | Result |
//! |---|---|
//! | [`Call::arrow`](crate::hotdata::Call::arrow) of a query | runs the query and returns its rows batch by batch |
//! | [`Results::stream_arrow`](crate::hotdata::Results::stream_arrow) | returns a saved result batch by batch |
//! | [`Results::arrow`](crate::hotdata::Results::arrow) | returns a saved result in memory, all batches together |

mod decoder;
mod info;
mod lz4;
mod query;
mod readers;
mod reading;
mod requests;
#[cfg(test)]
mod tests;

/// The crates whose types this module uses, re-exported so that a program does not have to depend on the same
/// versions.
pub use {arrow_array, arrow_schema};

pub use info::{ArrowInfo, QueryInfo};
pub use query::QueryArrow;
#[cfg(feature = "async")]
pub use readers::ArrowStream;
pub use readers::{ArrowReader, ArrowTable};
pub use requests::{Batches, GetArrow, Whole};

/// The content type of an Arrow stream.
const CONTENT_TYPE: &str = "application/vnd.apache.arrow.stream";
