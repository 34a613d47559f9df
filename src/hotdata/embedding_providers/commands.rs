//! Embedding providers.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage};
use crate::hotdata::secret::{ConfigJson, Secret};

use super::model::{
    CreateEmbeddingProviderRequest, CreateEmbeddingProviderResponse, EmbeddingProviderResponse,
    ListEmbeddingProvidersResponse, UpdateEmbeddingProviderRequest, UpdateEmbeddingProviderResponse,
};

/// The operations about embedding providers, which turn text into vectors for vector indexes. Returned by
/// [`Client::embedding_providers`].
#[derive(Debug)]
pub struct EmbeddingProviders<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about embedding providers, which turn text into vectors for vector indexes.
    pub fn embedding_providers(&self) -> EmbeddingProviders<M> {
        EmbeddingProviders { client: self.clone() }
    }
}

impl<M> EmbeddingProviders<M> {
    /// Lists all embedding providers, including those that the service itself offers.
    /// `GET /v1/embedding-providers` (`list_embedding_providers`).
    #[doc(alias = "list_embedding_providers")]
    pub fn list(&self) -> Call<M, ListEmbeddingProviders> {
        self.client.call(ListEmbeddingProviders::new())
    }

    /// Creates an embedding provider. `POST /v1/embedding-providers` (`create_embedding_provider`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the request is invalid;
    /// [`Conflict`](crate::ErrorKind::Conflict) if a provider with this name exists.
    #[doc(alias = "create_embedding_provider")]
    pub fn create(
        &self,
        create_embedding_provider_request: CreateEmbeddingProviderRequest,
    ) -> Call<M, CreateEmbeddingProvider> {
        self.client.call(CreateEmbeddingProvider::new(create_embedding_provider_request))
    }

    /// Returns an embedding provider. `GET /v1/embedding-providers/{id}` (`get_embedding_provider`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no embedding provider has this id.
    #[doc(alias = "get_embedding_provider")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetEmbeddingProvider> {
        self.client.call(GetEmbeddingProvider::new(id))
    }

    /// Updates an embedding provider. Fields that the request does not set remain unchanged.
    /// `PUT /v1/embedding-providers/{id}` (`update_embedding_provider`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no embedding provider has this id.
    #[doc(alias = "update_embedding_provider")]
    pub fn update(
        &self,
        id: impl Into<String>,
        update_embedding_provider_request: UpdateEmbeddingProviderRequest,
    ) -> Call<M, UpdateEmbeddingProvider> {
        self.client.call(UpdateEmbeddingProvider::new(id, update_embedding_provider_request))
    }

    /// Deletes an embedding provider. `DELETE /v1/embedding-providers/{id}` (`delete_embedding_provider`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no embedding provider has this id.
    #[doc(alias = "delete_embedding_provider")]
    pub fn delete(&self, id: impl Into<String>) -> Call<M, DeleteEmbeddingProvider> {
        self.client.call(DeleteEmbeddingProvider::new(id))
    }
}

/// Lists all embedding providers: the command of [`EmbeddingProviders::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListEmbeddingProviders {}

impl ListEmbeddingProviders {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListEmbeddingProviders {
    type Output = ListEmbeddingProvidersResponse;
    const NAME: &'static str = "list_embedding_providers";

    fn endpoint(&self) -> Endpoint<'_, ListEmbeddingProvidersResponse> {
        Endpoint::get(Self::NAME, "/v1/embedding-providers")
    }
}

impl List for ListEmbeddingProviders {
    type Item = EmbeddingProviderResponse;

    fn split(&self, page: ListEmbeddingProvidersResponse) -> (Vec<EmbeddingProviderResponse>, NextPage) {
        (page.embedding_providers, Ok(None))
    }
}

/// Creates an embedding provider: the command of [`EmbeddingProviders::create`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateEmbeddingProvider {
    /// The new embedding provider.
    pub create_embedding_provider_request: CreateEmbeddingProviderRequest,
}

impl CreateEmbeddingProvider {
    /// Returns the command with its required parameters.
    pub fn new(create_embedding_provider_request: CreateEmbeddingProviderRequest) -> Self {
        Self { create_embedding_provider_request }
    }
}

impl Command for CreateEmbeddingProvider {
    type Output = CreateEmbeddingProviderResponse;
    const NAME: &'static str = "create_embedding_provider";

    fn endpoint(&self) -> Endpoint<'_, CreateEmbeddingProviderResponse> {
        Endpoint::post(Self::NAME, "/v1/embedding-providers")
            .about(&self.create_embedding_provider_request.name)
            .json(&self.create_embedding_provider_request)
            .secrets(self.create_embedding_provider_request.secrets())
    }
}

impl CreateEmbeddingProviderRequest {
    /// Returns the secrets of the request, to mask them in errors.
    fn secrets(&self) -> Vec<SecretString> {
        let key = self.api_key.iter().map(Secret::to_masked);
        key.chain(self.config.iter().flat_map(ConfigJson::secrets)).collect()
    }
}

/// Returns an embedding provider: the command of [`EmbeddingProviders::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetEmbeddingProvider {
    /// The id of the embedding provider.
    pub id: String,
}

impl GetEmbeddingProvider {
    /// Returns the command with its required parameters.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for GetEmbeddingProvider {
    type Output = EmbeddingProviderResponse;
    const NAME: &'static str = "get_embedding_provider";

    fn endpoint(&self) -> Endpoint<'_, EmbeddingProviderResponse> {
        Endpoint::get(Self::NAME, "/v1/embedding-providers/{id}").at("id", &self.id)
    }
}

/// Updates an embedding provider: the command of [`EmbeddingProviders::update`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateEmbeddingProvider {
    /// The id of the embedding provider.
    pub id: String,
    /// The changes.
    pub update_embedding_provider_request: UpdateEmbeddingProviderRequest,
}

impl UpdateEmbeddingProvider {
    /// Returns the command with its required parameters.
    pub fn new(
        id: impl Into<String>,
        update_embedding_provider_request: UpdateEmbeddingProviderRequest,
    ) -> Self {
        Self { id: id.into(), update_embedding_provider_request }
    }
}

impl Command for UpdateEmbeddingProvider {
    type Output = UpdateEmbeddingProviderResponse;
    const NAME: &'static str = "update_embedding_provider";

    fn endpoint(&self) -> Endpoint<'_, UpdateEmbeddingProviderResponse> {
        Endpoint::put(Self::NAME, "/v1/embedding-providers/{id}")
            .at("id", &self.id)
            .json(&self.update_embedding_provider_request)
            .secrets(self.update_embedding_provider_request.secrets())
    }
}

impl UpdateEmbeddingProviderRequest {
    /// Returns the secrets of the request, to mask them in errors.
    fn secrets(&self) -> Vec<SecretString> {
        let key = self.api_key.value().map(Secret::to_masked).into_iter();
        key.chain(self.config.value().into_iter().flat_map(ConfigJson::secrets)).collect()
    }
}

/// Deletes an embedding provider: the command of [`EmbeddingProviders::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteEmbeddingProvider {
    /// The id of the embedding provider.
    pub id: String,
}

impl DeleteEmbeddingProvider {
    /// Returns the command with its required parameters.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

impl Command for DeleteEmbeddingProvider {
    type Output = ();
    const NAME: &'static str = "delete_embedding_provider";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/embedding-providers/{id}").at("id", &self.id).nothing()
    }
}
