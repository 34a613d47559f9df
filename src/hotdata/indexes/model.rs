//! What is asked and told of indexes (reference, section 4.8).

use serde::{Deserialize, Serialize};

use crate::hotdata::jobs::SubmitJobResponse;
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A new index, as it is asked for.
///
/// The service refuses an index on a table without data, on one that is sorted, and a second one over vectors. One that
/// embeds text has to be the only index of its table, which may not be partitioned.
///
/// ```
/// use controlplane::hotdata::{CreateIndexRequest, IndexAlgorithm, VectorMetric};
///
/// let asked = CreateIndexRequest::vector("notes_nearest", ["embedding"])
///     .algorithm(IndexAlgorithm::Ivf)
///     .metric(VectorMetric::Cosine)
///     .nlist(128)
///     .background();
/// # assert_eq!(asked.r#async, Some(true));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateIndexRequest {
    /// Its name.
    pub index_name: String,
    /// The columns that it is over.
    pub columns: Vec<String>,
    /// What kind it is of. Default: sorted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_type: Option<IndexType>,
    /// How it is searched, if it is over vectors. Default: `hnsw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<IndexAlgorithm>,
    /// What it calls near. Default: `l2`, or what the embedding provider has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<VectorMetric>,
    /// How exactly it keeps numbers. Default: as the column; `int8` for `ivf`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_precision: Option<VectorPrecision>,
    /// For `ivf`: how many clusters, 1 to 65 536.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nlist: Option<u64>,
    /// For `ivf`: which share of them is searched, more than 0 and up to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_fraction: Option<f64>,
    /// Makes vectors of a text column with this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_provider_id: Option<String>,
    /// How many numbers such a vector has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u64>,
    /// The column that such vectors are kept in. Default: `{column}_embedding`. It stays when the index goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_column: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// In the background, as a job. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: how long the service waits before it gives a ticket, in milliseconds; 1000 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl CreateIndexRequest {
    /// A sorted one of this name, over these columns.
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

    /// One for full text.
    pub fn bm25(index_name: impl Into<String>, columns: impl IntoIterator<Item: Into<String>>) -> Self {
        Self::new(index_name, columns).index_type(IndexType::Bm25)
    }

    /// One over vectors, or over a text that they are made of.
    pub fn vector(index_name: impl Into<String>, columns: impl IntoIterator<Item: Into<String>>) -> Self {
        Self::new(index_name, columns).index_type(IndexType::Vector)
    }

    /// What kind it is of.
    pub fn index_type(mut self, index_type: IndexType) -> Self {
        self.index_type = Some(index_type);
        self
    }

    /// How it is searched, if it is over vectors. Default: `hnsw`.
    pub fn algorithm(mut self, algorithm: IndexAlgorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// What it calls near. Default: `l2`, or what the embedding provider has.
    pub fn metric(mut self, metric: VectorMetric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// How exactly it keeps numbers. Default: as the column; `int8` for `ivf`.
    pub fn vector_precision(mut self, vector_precision: VectorPrecision) -> Self {
        self.vector_precision = Some(vector_precision);
        self
    }

    /// For `ivf`: how many clusters, 1 to 65 536.
    pub fn nlist(mut self, nlist: u64) -> Self {
        self.nlist = Some(nlist);
        self
    }

    /// For `ivf`: which share of them is searched, more than 0 and up to 1.
    pub fn probe_fraction(mut self, probe_fraction: f64) -> Self {
        self.probe_fraction = Some(probe_fraction);
        self
    }

    /// Makes vectors of a text column with this provider.
    pub fn embedding_provider_id(mut self, embedding_provider_id: impl Into<String>) -> Self {
        self.embedding_provider_id = Some(embedding_provider_id.into());
        self
    }

    /// How many numbers such a vector has.
    pub fn dimensions(mut self, dimensions: u64) -> Self {
        self.dimensions = Some(dimensions);
        self
    }

    /// The column that such vectors are kept in. Default: `{column}_embedding`. It stays when the index goes.
    pub fn output_column(mut self, output_column: impl Into<String>) -> Self {
        self.output_column = Some(output_column.into());
        self
    }

    /// What it is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// In the background, as a job.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// In the background, unless it is done within so many milliseconds: 1000 or more.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// An index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexInfoResponse {
    /// Its name.
    pub index_name: String,
    /// What kind it is of.
    pub index_type: IndexType,
    /// The columns that it is over.
    pub columns: Vec<String>,
    /// Whether it can be used.
    pub status: IndexStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How it is searched, if it is over vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<IndexAlgorithm>,
    /// What it calls near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<VectorMetric>,
    /// How exactly it keeps numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_precision: Option<VectorPrecision>,
    /// The text that its vectors are made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_column: Option<String>,
    /// How many clusters it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nlist: Option<u64>,
    /// Which share of them is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_fraction: Option<f64>,
}

/// An index of a database, with the table that it is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexEntryResponse {
    /// Its name.
    pub index_name: String,
    /// What kind it is of.
    pub index_type: IndexType,
    /// The columns that it is over.
    pub columns: Vec<String>,
    /// Whether it can be used.
    pub status: IndexStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How it is searched, if it is over vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<IndexAlgorithm>,
    /// What it calls near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<VectorMetric>,
    /// How exactly it keeps numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_precision: Option<VectorPrecision>,
    /// The text that its vectors are made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_column: Option<String>,
    /// How many clusters it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nlist: Option<u64>,
    /// Which share of them is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_fraction: Option<f64>,
    /// The schema.
    pub schema_name: String,
    /// The table.
    pub table_name: String,
    /// The connection that the table is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
}

/// All indexes of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListIndexesResponse {
    /// The indexes.
    pub indexes: Vec<IndexInfoResponse>,
}

/// A page of the indexes of a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListIndexesPageResponse {
    /// The indexes.
    pub indexes: Vec<IndexEntryResponse>,
    /// How many are on this page.
    pub count: u64,
    /// How many there may be on one.
    pub limit: u64,
    /// Whether there is another page.
    pub has_more: bool,
    /// Where that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What came of creating an index.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum IndexOutcome {
    /// It is there.
    Created(Box<IndexInfoResponse>),
    /// It is being built in the background: the ticket of the job.
    Submitted(SubmitJobResponse),
}

impl IndexOutcome {
    /// The index, if it is there.
    pub fn created(self) -> Option<IndexInfoResponse> {
        match self {
            Self::Created(index) => Some(*index),
            Self::Submitted(_) => None,
        }
    }

    /// The ticket, if it is being built in the background.
    pub fn submitted(self) -> Option<SubmitJobResponse> {
        match self {
            Self::Created(_) => None,
            Self::Submitted(job) => Some(job),
        }
    }
}

/// What kind an index is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexType {
    /// `sorted`: the default
    #[default]
    Sorted,
    /// `bm25`: full text
    Bm25,
    /// `vector`: nearest vectors; one in a table
    Vector,
    /// Any other.
    Other(String),
}

impl_open_enum!(IndexType, "index type", {
    Sorted => "sorted",
    Bm25 => "bm25",
    Vector => "vector",
});

/// How a vector index is searched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexAlgorithm {
    /// `hnsw`: the default; searched with the SQL function `vector_search`
    #[default]
    Hnsw,
    /// `ivf`: searched with `ORDER BY vector_distance(column, <query>) LIMIT k`; not carried over to a fork
    Ivf,
    /// Any other.
    Other(String),
}

impl_open_enum!(IndexAlgorithm, "index algorithm", {
    Hnsw => "hnsw",
    Ivf => "ivf",
});

/// What a vector index calls near.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorMetric {
    /// `l2`: the default, unless the embedding provider has another
    #[default]
    L2,
    /// `cosine`
    Cosine,
    /// `dot`: not for `ivf`
    Dot,
    /// Any other.
    Other(String),
}

impl_open_enum!(VectorMetric, "metric", {
    L2 => "l2",
    Cosine => "cosine",
    Dot => "dot",
});

/// How exactly a vector index keeps numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorPrecision {
    /// `float64`: over a column of doubles only
    Float64,
    /// `float32`: for both algorithms
    Float32,
    /// `float16`: for `hnsw`
    Float16,
    /// `float8`: for `hnsw`
    Float8,
    /// `int8`: for `ivf`, where it is the default
    Int8,
    /// Any other.
    Other(String),
}

impl_open_enum!(VectorPrecision, "vector precision", {
    Float64 => "float64",
    Float32 => "float32",
    Float16 => "float16",
    Float8 => "float8",
    Int8 => "int8",
});

/// Whether an index can be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexStatus {
    /// `ready`
    Ready,
    /// `pending`: it is being built
    Pending,
    /// Any other.
    Other(String),
}

impl_open_enum!(IndexStatus, "index status", {
    Ready => "ready",
    Pending => "pending",
});
