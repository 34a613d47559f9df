//! Requests and responses about embedding providers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::patch::Patch;
use crate::hotdata::secret::{ConfigJson, Secret};
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// The request of [`EmbeddingProviders::create`](crate::hotdata::EmbeddingProviders::create): a new embedding
/// provider. `Debug` does not show the API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateEmbeddingProviderRequest {
    /// The name.
    pub name: String,
    /// The type of the provider.
    pub provider_type: EmbeddingProviderType,
    /// The settings of the provider, for example `model`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigJson>,
    /// The API key of the provider, which the service stores as a secret. Set at most one of `api_key` and
    /// `secret_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// The name of a secret that the service has stored already. The service sends it to approved origins
    /// only, by default to OpenAI's public API. Set at most one of `api_key` and `secret_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
}

impl CreateEmbeddingProviderRequest {
    /// Returns a request with this name and type, without settings and key.
    pub fn new(name: impl Into<String>, provider_type: EmbeddingProviderType) -> Self {
        Self { name: name.into(), provider_type, config: None, api_key: None, secret_name: None }
    }

    /// Sets one field of the settings, for example `model`.
    pub fn config(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.config.get_or_insert_default().set(field, value);
        self
    }

    /// Sets the API key of the provider, which the service stores as a secret. Set at most one of `api_key`
    /// and `secret_name`.
    pub fn api_key(mut self, api_key: impl Into<Secret>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Sets the name of a secret that the service has stored already. The service sends it to approved
    /// origins only, by default to OpenAI's public API. Set at most one of `api_key` and `secret_name`.
    pub fn secret_name(mut self, secret_name: impl Into<String>) -> Self {
        self.secret_name = Some(secret_name.into());
        self
    }
}

/// The request of [`EmbeddingProviders::update`](crate::hotdata::EmbeddingProviders::update): changes of an
/// embedding provider. A field that is [`Patch::Keep`] is not sent and remains unchanged. `Debug` does not
/// show the API key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateEmbeddingProviderRequest {
    /// The new name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// The new settings, which replace all earlier ones.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub config: Patch<ConfigJson>,
    /// The new API key, which the service stores as a secret.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub api_key: Patch<Secret>,
    /// The name of a secret that the service has stored already. `Clear` removes the secret from the
    /// provider.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub secret_name: Patch<String>,
}

impl UpdateEmbeddingProviderRequest {
    /// Returns a request that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the new name.
    pub fn name(mut self, name: impl Into<Patch<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the new settings, which replace all earlier ones.
    pub fn config(mut self, config: impl Into<Patch<ConfigJson>>) -> Self {
        self.config = config.into();
        self
    }

    /// Sets the new API key, which the service stores as a secret.
    pub fn api_key(mut self, api_key: impl Into<Patch<Secret>>) -> Self {
        self.api_key = api_key.into();
        self
    }

    /// Sets the name of a secret that the service has stored already. `None` or [`Patch::Clear`] removes the
    /// secret from the provider.
    pub fn secret_name(mut self, secret_name: impl Into<Patch<String>>) -> Self {
        self.secret_name = secret_name.into();
        self
    }
}

/// The response of [`EmbeddingProviders::create`](crate::hotdata::EmbeddingProviders::create): the new
/// embedding provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateEmbeddingProviderResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type of the provider.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub provider_type: EmbeddingProviderType,
    /// The settings.
    #[serde(default, deserialize_with = "or_default")]
    pub config: ConfigJson,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// An embedding provider, which turns text into vectors for vector indexes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmbeddingProviderResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type of the provider.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub provider_type: EmbeddingProviderType,
    /// The settings.
    #[serde(default, deserialize_with = "or_default")]
    pub config: ConfigJson,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// True if the provider has an API key or a stored secret.
    #[serde(default, deserialize_with = "or_default")]
    pub has_secret: bool,
    /// The owner: the service or a user.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub source: EmbeddingProviderSource,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// All embedding providers: the response of
/// [`EmbeddingProviders::list`](crate::hotdata::EmbeddingProviders::list).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListEmbeddingProvidersResponse {
    /// The providers.
    #[serde(default, deserialize_with = "or_default")]
    pub embedding_providers: Vec<EmbeddingProviderResponse>,
}

/// The response of [`EmbeddingProviders::update`](crate::hotdata::EmbeddingProviders::update).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateEmbeddingProviderResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The time of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// The type of an embedding provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingProviderType {
    /// `local`
    Local,
    /// `service`
    Service,
    /// Any other value.
    Other(String),
}

impl_open_enum!(EmbeddingProviderType, "type of embedding provider", {
    Local => "local",
    Service => "service",
});

/// The owner of an embedding provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingProviderSource {
    /// `system`: the provider belongs to the service
    System,
    /// `user`: the provider belongs to a user
    User,
    /// Any other value.
    Other(String),
}

impl_open_enum!(EmbeddingProviderSource, "source of embedding providers", {
    System => "system",
    User => "user",
});
