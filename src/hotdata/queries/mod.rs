//! Queries: single requests, and calls that fetch all rows.

mod background;
mod follow;
mod model;
mod pages;
mod plain;
mod query;

pub use background::QueryAndWait;
pub use model::{AsyncQueryResponse, Dialect, QueryOutcome, QueryRequest, QueryResponse};
pub use plain::Query;
pub(super) use plain::{MAX_RESPONSE, read_outcome};
pub use query::FollowedQuery;

#[cfg(feature = "arrow")]
pub(super) use background::response_of;
pub(super) use follow::ResumedQuery;
#[cfg(feature = "arrow")]
pub(super) use query::HoldsQuery;
