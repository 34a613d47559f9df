//! Datasets, of the older API, removed in version 0.5 of the vendor's client. Today's API has managed tables
//! in databases.

use serde::{Deserialize, Serialize};

use super::super::Older;
use super::model::{
    CreateDatasetRequest, CreateDatasetResponse, DatasetDetail, DatasetSource, DatasetSummary,
    DatasetVersion, ListDatasetVersionsResponse, ListDatasetsResponse, UpdateDatasetRequest,
    UpdateDatasetResponse,
};
use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::pages::{List, NextPage, next_offset};
use crate::hotdata::sql;

/// The operations about datasets, of the [older API](crate::hotdata::older): tables with versions, whose rows
/// come from a file, a query, a URL or the request itself. Returned by [`Older::datasets`].
///
/// In today's API, tables in [databases](Client::databases) replace datasets.
#[derive(Debug)]
pub struct Datasets<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about datasets: tables with versions, whose rows come from a file, a query, a
    /// URL or the request itself.
    pub fn datasets(&self) -> Datasets<M> {
        Datasets { client: self.client.clone() }
    }
}

impl<M> Datasets<M> {
    /// Lists a page of datasets, by default of 100. `GET /v1/datasets` (`list_datasets`).
    ///
    /// [`iter`](Call::iter) returns the datasets of all pages.
    #[doc(alias = "list_datasets")]
    pub fn list(&self) -> Call<M, ListDatasets> {
        self.client.call(ListDatasets::new())
    }

    /// Creates a dataset: a table with the rows of a source. A source that is a query or a saved query needs
    /// a database. `POST /v1/datasets` (`create_dataset`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the request is invalid, for example if the name of the
    /// table is in use; [`NotFound`](crate::ErrorKind::NotFound) if something that the source names does not
    /// exist; [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "create_dataset")]
    pub fn create(&self, label: impl Into<String>, source: DatasetSource) -> Call<M, CreateDataset> {
        self.client.call(CreateDataset::new(label, source))
    }

    /// Returns a dataset with its columns. `GET /v1/datasets/{id}` (`get_dataset`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no dataset has this id.
    #[doc(alias = "get_dataset")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetDataset> {
        self.client.call(GetDataset::new(id))
    }

    /// Updates a dataset: changes its label, the name of its table or the version that queries read. Fields
    /// that the request does not set remain unchanged. `PUT /v1/datasets/{id}` (`update_dataset`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the request is invalid;
    /// [`NotFound`](crate::ErrorKind::NotFound) if no dataset has this id;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "update_dataset")]
    pub fn update(
        &self,
        id: impl Into<String>,
        update_dataset_request: UpdateDatasetRequest,
    ) -> Call<M, UpdateDataset> {
        self.client.call(UpdateDataset::new(id, update_dataset_request))
    }

    /// Deletes a dataset with all its versions. `DELETE /v1/datasets/{id}` (`delete_dataset`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no dataset has this id.
    #[doc(alias = "delete_dataset")]
    pub fn delete(&self, id: impl Into<String>) -> Call<M, DeleteDataset> {
        self.client.call(DeleteDataset::new(id))
    }

    /// Lists a page of the versions of a dataset. `GET /v1/datasets/{id}/versions` (`list_dataset_versions`).
    ///
    /// [`iter`](Call::iter) returns the versions of all pages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no dataset has this id.
    #[doc(alias = "list_dataset_versions")]
    pub fn versions(&self, id: impl Into<String>) -> Call<M, ListDatasetVersions> {
        self.client.call(ListDatasetVersions::new(id))
    }
}

/// Lists a page of datasets: the command of [`Datasets::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListDatasets {
    /// The page size: the largest number of datasets on a page, at most 1000. Default: 100, the service's
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The number of datasets to skip before the page. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListDatasets {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListDatasets {
    type Output = ListDatasetsResponse;
    const NAME: &'static str = "list_datasets";

    fn endpoint(&self) -> Endpoint<'_, ListDatasetsResponse> {
        Endpoint::get(Self::NAME, "/v1/datasets").query("limit", self.limit).query("offset", self.offset)
    }
}

impl<M> Call<M, ListDatasets> {
    /// Sets the page size: the largest number of datasets on a page, at most 1000. Default: 100, the
    /// service's own.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the number of datasets to skip before the page. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }
}

impl List for ListDatasets {
    type Item = DatasetSummary;

    fn split(&self, page: ListDatasetsResponse) -> (Vec<DatasetSummary>, NextPage) {
        let next = next_offset(self.offset, self.limit, page.datasets.len(), page.has_more);
        (page.datasets, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}

/// Creates a dataset: the command of [`Datasets::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDataset {
    /// The label, the table and the source of the new dataset.
    pub create_dataset_request: CreateDatasetRequest,
    /// The id of the database in which the query of the source runs. Default: the default database of the
    /// client, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
}

impl CreateDataset {
    /// Returns the command with its required parameters.
    pub fn new(label: impl Into<String>, source: DatasetSource) -> Self {
        Self { create_dataset_request: CreateDatasetRequest::new(label, source), x_database_id: None }
    }
}

impl Command for CreateDataset {
    type Output = CreateDatasetResponse;
    const NAME: &'static str = "create_dataset";

    fn endpoint(&self) -> Endpoint<'_, CreateDatasetResponse> {
        Endpoint::post(Self::NAME, "/v1/datasets")
            .of(Scope::OptionalDatabase)
            .about(&self.create_dataset_request.label)
            .database(self.x_database_id.as_deref())
            .secrets(match &self.create_dataset_request.source {
                DatasetSource::SqlQuery { sql, .. } => sql::secrets(sql),
                _ => Vec::new(),
            })
            .json(&self.create_dataset_request)
    }
}

impl<M> Call<M, CreateDataset> {
    /// Sets the id of the database in which the query of the source runs. Default: the client's default
    /// database, if it has one.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the name of the table of the dataset. Default: the service chooses a name.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.command.create_dataset_request.table_name = Some(table_name.into());
        self
    }
}

/// Returns a dataset with its columns: the command of [`Datasets::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDataset {
    /// The id of the dataset.
    pub id: String,
}

impl GetDataset {
    /// Returns the command with its required parameters.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for GetDataset {
    type Output = DatasetDetail;
    const NAME: &'static str = "get_dataset";

    fn endpoint(&self) -> Endpoint<'_, DatasetDetail> {
        Endpoint::get(Self::NAME, "/v1/datasets/{id}").at("id", &self.id)
    }
}

/// Updates a dataset: the command of [`Datasets::update`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateDataset {
    /// The id of the dataset.
    pub id: String,
    /// The changes of the dataset.
    pub update_dataset_request: UpdateDatasetRequest,
}

impl UpdateDataset {
    /// Returns the command with its required parameters.
    pub fn new(id: impl Into<String>, update_dataset_request: UpdateDatasetRequest) -> Self {
        Self { id: id.into(), update_dataset_request }
    }
}

impl Command for UpdateDataset {
    type Output = UpdateDatasetResponse;
    const NAME: &'static str = "update_dataset";

    fn endpoint(&self) -> Endpoint<'_, UpdateDatasetResponse> {
        Endpoint::put(Self::NAME, "/v1/datasets/{id}").at("id", &self.id).json(&self.update_dataset_request)
    }
}

/// Deletes a dataset with all its versions: the command of [`Datasets::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteDataset {
    /// The id of the dataset.
    pub id: String,
}

impl DeleteDataset {
    /// Returns the command with its required parameters.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for DeleteDataset {
    type Output = ();
    const NAME: &'static str = "delete_dataset";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/datasets/{id}").at("id", &self.id).nothing()
    }
}

/// Lists a page of the versions of a dataset: the command of [`Datasets::versions`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListDatasetVersions {
    /// The id of the dataset.
    pub id: String,
    /// The page size: the largest number of versions on a page. Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The number of versions to skip before the page. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListDatasetVersions {
    /// Returns the command with its required parameters.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), limit: None, offset: None }
    }
}

impl Command for ListDatasetVersions {
    type Output = ListDatasetVersionsResponse;
    const NAME: &'static str = "list_dataset_versions";

    fn endpoint(&self) -> Endpoint<'_, ListDatasetVersionsResponse> {
        Endpoint::get(Self::NAME, "/v1/datasets/{id}/versions")
            .at("id", &self.id)
            .query("limit", self.limit)
            .query("offset", self.offset)
    }
}

impl<M> Call<M, ListDatasetVersions> {
    /// Sets the page size: the largest number of versions on a page. Default: the service's own.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the number of versions to skip before the page. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }
}

impl List for ListDatasetVersions {
    type Item = DatasetVersion;

    fn split(&self, page: ListDatasetVersionsResponse) -> (Vec<DatasetVersion>, NextPage) {
        let next = next_offset(self.offset, self.limit, page.versions.len(), page.has_more);
        (page.versions, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}
