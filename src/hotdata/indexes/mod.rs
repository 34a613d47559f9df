//! Indexes.

mod commands;
mod model;
mod waits;

pub use commands::{CreateIndex, DeleteIndex, Indexes, ListIndexes, ListIndexesCollection};
pub use model::{
    CreateIndexRequest, IndexAlgorithm, IndexEntryResponse, IndexInfoResponse, IndexOutcome, IndexStatus,
    IndexType, ListIndexesPageResponse, ListIndexesResponse, VectorMetric, VectorPrecision,
};
pub use waits::CreateIndexAndWait;
