//! Queries, and what follows them to their end.

mod background;
mod model;
mod plain;
mod query;

pub use background::QueryAndWait;
pub use model::{AsyncQueryResponse, Dialect, QueryOutcome, QueryRequest, QueryResponse};
pub use plain::Query;
pub use query::{FollowedQuery, HoldsQuery};

#[cfg(feature = "arrow")]
pub(super) use background::answer_of;
