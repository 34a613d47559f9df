//! Datasets, of the older API.

mod commands;
mod model;

pub use commands::{
    CreateDataset, Datasets, DeleteDataset, GetDataset, ListDatasetVersions, ListDatasets, UpdateDataset,
};
pub use model::{
    CreateDatasetRequest, CreateDatasetResponse, DatasetDetail, DatasetSource, DatasetSummary,
    DatasetVersion, InlineData, ListDatasetVersionsResponse, ListDatasetsResponse, UpdateDatasetRequest,
    UpdateDatasetResponse,
};
