//! Requests and responses about indexes.

use serde::{Deserialize, Serialize};

use crate::hotdata::jobs::SubmitJobResponse;
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// The request of [`Indexes::create`](crate::hotdata::Indexes::create): an index to build on a table.
///
/// The service rejects an index on a table without data, an index on a table that was declared with a sort
/// order, and a second vector index on a table. A vector index with an embedding provider must be the only
/// index of its table, and the table must not be partitioned.
///
/// ```
/// use controlplane::hotdata::{CreateIndexRequest, IndexAlgorithm, VectorMetric};
///
/// let request = CreateIndexRequest::vector("notes_nearest", ["embedding"])
///     .algorithm(IndexAlgorithm::Ivf)
///     .metric(VectorMetric::Cosine)
///     .nlist(128)
///     .background();
/// # assert_eq!(request.r#async, Some(true));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateIndexRequest {
    /// The name of the index.
    pub index_name: String,
    /// The indexed columns.
    pub columns: Vec<String>,
    /// The type of the index. Default: `sorted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_type: Option<IndexType>,
    /// The search algorithm of a vector index. Default: `hnsw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<IndexAlgorithm>,
    /// The distance metric of a vector index. Default: that of the embedding provider if the index has one,
    /// else `l2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<VectorMetric>,
    /// The precision of the stored vectors of a vector index. Default: `int8` for the algorithm `ivf`; for
    /// `hnsw`, the precision of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_precision: Option<VectorPrecision>,
    /// The number of clusters of the algorithm `ivf`: 1 to 65 536. Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nlist: Option<u64>,
    /// The fraction of the clusters that a search with the algorithm `ivf` reads: more than 0, at most 1.
    /// Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_fraction: Option<f64>,
    /// The id of the embedding provider that turns a text column into vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_provider_id: Option<String>,
    /// The number of dimensions of the vectors that the embedding provider makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u64>,
    /// The name of the column for the vectors that the embedding provider makes. Default: the name of the
    /// text column with `_embedding` appended. The column remains when the index is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_column: Option<String>,
    /// A description of the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a job builds the index in the background. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// Only with `async`: the time in milliseconds that the service waits for the index before it responds
    /// with the job; at least 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl CreateIndexRequest {
    /// Returns a request for a sorted index over these columns.
    pub fn new(index_name: impl Into<String>, columns: impl IntoIterator<Item: Into<String>>) -> Self {
        Self {
            index_name: index_name.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            index_type: None,
            algorithm: None,
            metric: None,
            vector_precision: None,
            nlist: None,
            probe_fraction: None,
            embedding_provider_id: None,
            dimensions: None,
            output_column: None,
            description: None,
            r#async: None,
            async_after_ms: None,
        }
    }

    /// Returns a request for a full-text index.
    pub fn bm25(index_name: impl Into<String>, columns: impl IntoIterator<Item: Into<String>>) -> Self {
        Self::new(index_name, columns).index_type(IndexType::Bm25)
    }

    /// Returns a request for a vector index over a vector column, or over a text column that is embedded.
    pub fn vector(index_name: impl Into<String>, columns: impl IntoIterator<Item: Into<String>>) -> Self {
        Self::new(index_name, columns).index_type(IndexType::Vector)
    }

    /// Sets the type of the index. Default: [`Sorted`](IndexType::Sorted).
    pub fn index_type(mut self, index_type: IndexType) -> Self {
        self.index_type = Some(index_type);
        self
    }

    /// Sets the search algorithm of a vector index. Default: `hnsw`.
    pub fn algorithm(mut self, algorithm: IndexAlgorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Sets the distance metric of a vector index. Default: that of the embedding provider if the index has
    /// one, else `l2`.
    pub fn metric(mut self, metric: VectorMetric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Sets the precision of the stored vectors of a vector index. Default: `int8` for the algorithm `ivf`;
    /// for `hnsw`, the precision of the column.
    pub fn vector_precision(mut self, vector_precision: VectorPrecision) -> Self {
        self.vector_precision = Some(vector_precision);
        self
    }

    /// Sets the number of clusters of the algorithm `ivf`: 1 to 65 536. Default: the service's own.
    pub fn nlist(mut self, nlist: u64) -> Self {
        self.nlist = Some(nlist);
        self
    }

    /// Sets the fraction of the clusters that a search with the algorithm `ivf` reads: more than 0 and not
    /// more than 1. Default: the service's own.
    pub fn probe_fraction(mut self, probe_fraction: f64) -> Self {
        self.probe_fraction = Some(probe_fraction);
        self
    }

    /// Sets the id of the embedding provider that turns a text column into vectors. See
    /// [`EmbeddingProviders`](crate::hotdata::EmbeddingProviders).
    pub fn embedding_provider_id(mut self, embedding_provider_id: impl Into<String>) -> Self {
        self.embedding_provider_id = Some(embedding_provider_id.into());
        self
    }

    /// Sets the number of dimensions of the vectors that the embedding provider makes.
    pub fn dimensions(mut self, dimensions: u64) -> Self {
        self.dimensions = Some(dimensions);
        self
    }

    /// Sets the name of the column for the vectors that the embedding provider makes. Default: the name of
    /// the text column with `_embedding` appended. The column remains when the index is deleted.
    pub fn output_column(mut self, output_column: impl Into<String>) -> Self {
        self.output_column = Some(output_column.into());
        self
    }

    /// Sets a description of the index.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets `async`: a job builds the index in the background, and the response names the job.
    /// [`Call::and_wait`](crate::hotdata::Call::and_wait) sets it too.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Sets `async`, and the time in milliseconds, at least 1000, that the service waits for the index. If
    /// the index is built within this time, the response is the index; else it names the job that builds it
    /// in the background.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexInfoResponse {
    /// The name.
    pub index_name: String,
    /// The type of the index.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub index_type: IndexType,
    /// The indexed columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<String>,
    /// Whether the index can be used.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: IndexStatus,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// The search algorithm of a vector index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<IndexAlgorithm>,
    /// The distance metric of a vector index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<VectorMetric>,
    /// The precision of the stored vectors of a vector index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_precision: Option<VectorPrecision>,
    /// The text column that an embedding provider turns into vectors, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_column: Option<String>,
    /// The number of clusters of the algorithm `ivf`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nlist: Option<u64>,
    /// The fraction of the clusters that a search with the algorithm `ivf` reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_fraction: Option<f64>,
}

/// An index with the names of its table and schema, as an entry of
/// [`Indexes::list_all`](crate::hotdata::Indexes::list_all).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexEntryResponse {
    /// The name.
    pub index_name: String,
    /// The type of the index.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub index_type: IndexType,
    /// The indexed columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<String>,
    /// Whether the index can be used.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: IndexStatus,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// The search algorithm of a vector index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<IndexAlgorithm>,
    /// The distance metric of a vector index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<VectorMetric>,
    /// The precision of the stored vectors of a vector index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_precision: Option<VectorPrecision>,
    /// The text column that an embedding provider turns into vectors, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_column: Option<String>,
    /// The number of clusters of the algorithm `ivf`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nlist: Option<u64>,
    /// The fraction of the clusters that a search with the algorithm `ivf` reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_fraction: Option<f64>,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The id of the connection of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
}

/// All indexes of a table: the response of [`Indexes::list`](crate::hotdata::Indexes::list).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListIndexesResponse {
    /// The indexes.
    #[serde(default, deserialize_with = "or_default")]
    pub indexes: Vec<IndexInfoResponse>,
}

/// A page of the indexes of a database: the response of
/// [`Indexes::list_all`](crate::hotdata::Indexes::list_all).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListIndexesPageResponse {
    /// The indexes.
    #[serde(default, deserialize_with = "or_default")]
    pub indexes: Vec<IndexEntryResponse>,
    /// The number of items on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The outcome of [`Indexes::create`](crate::hotdata::Indexes::create): the index, or the job that builds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum IndexOutcome {
    /// The index was built (HTTP 201).
    Created(Box<IndexInfoResponse>),
    /// This job builds the index in the background (HTTP 202).
    Submitted(SubmitJobResponse),
}

impl IndexOutcome {
    /// Returns the index, if it was built. `None` if a job builds it.
    pub fn created(self) -> Option<IndexInfoResponse> {
        match self {
            Self::Created(index) => Some(*index),
            Self::Submitted(_) => None,
        }
    }

    /// Returns the job, if one builds the index in the background.
    pub fn submitted(self) -> Option<SubmitJobResponse> {
        match self {
            Self::Created(_) => None,
            Self::Submitted(job) => Some(job),
        }
    }
}

/// The type of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexType {
    /// `sorted`: the default
    #[default]
    Sorted,
    /// `bm25`: full-text search
    Bm25,
    /// `vector`: search for the nearest vectors; a table can have at most one
    Vector,
    /// Any other value.
    Other(String),
}

impl_open_enum!(IndexType, "index type", {
    Sorted => "sorted",
    Bm25 => "bm25",
    Vector => "vector",
});

/// The search algorithm of a vector index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexAlgorithm {
    /// `hnsw`: the default; the SQL function `vector_search` searches it
    #[default]
    Hnsw,
    /// `ivf`: the SQL clause `ORDER BY vector_distance(column, <query>) LIMIT k` searches it; a copy of the
    /// database ([`Databases::fork`](crate::hotdata::Databases::fork)) does not have the index
    Ivf,
    /// Any other value.
    Other(String),
}

impl_open_enum!(IndexAlgorithm, "index algorithm", {
    Hnsw => "hnsw",
    Ivf => "ivf",
});

/// The distance metric of a vector index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorMetric {
    /// `l2`: the default, unless the index has an embedding provider with another metric
    #[default]
    L2,
    /// `cosine`
    Cosine,
    /// `dot`: not for the algorithm `ivf`
    Dot,
    /// Any other value.
    Other(String),
}

impl_open_enum!(VectorMetric, "metric", {
    L2 => "l2",
    Cosine => "cosine",
    Dot => "dot",
});

/// The precision of the stored vectors of a vector index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorPrecision {
    /// `float64`: for the algorithm `hnsw` over a column of doubles
    Float64,
    /// `float32`: for both algorithms, `hnsw` and `ivf`
    Float32,
    /// `float16`: for the algorithm `hnsw`
    Float16,
    /// `float8`: for the algorithm `hnsw`
    Float8,
    /// `int8`: for the algorithm `ivf`, of which it is the default
    Int8,
    /// Any other value.
    Other(String),
}

impl_open_enum!(VectorPrecision, "vector precision", {
    Float64 => "float64",
    Float32 => "float32",
    Float16 => "float16",
    Float8 => "float8",
    Int8 => "int8",
});

/// The state of an index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexStatus {
    /// `ready`: the index can be used
    Ready,
    /// `pending`: the index is being built
    Pending,
    /// Any other value.
    Other(String),
}

impl_open_enum!(IndexStatus, "index status", {
    Ready => "ready",
    Pending => "pending",
});
