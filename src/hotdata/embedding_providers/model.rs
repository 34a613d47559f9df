//! Requests and responses about embedding providers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::patch::Patch;
use crate::hotdata::secret::{ConfigJson, Secret};
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// The request to create an embedding provider. `Debug` does not show its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateEmbeddingProviderRequest {
    /// The name.
    pub name: String,
    /// The type of the provider.
    pub provider_type: EmbeddingProviderType,
    /// The settings, for example `model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigJson>,
    /// The API key, which becomes a stored secret. Not together with `secret_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// The name of a stored secret, which the service sends to approved origins only (by default OpenAI's
    /// public API).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
}

impl CreateEmbeddingProviderRequest {
    /// Returns a request with its required fields.
    pub fn new(name: impl Into<String>, provider_type: EmbeddingProviderType) -> Self {
        Self { name: name.into(), provider_type, config: None, api_key: None, secret_name: None }
    }

    /// Sets one of the settings.
    pub fn config(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.config.get_or_insert_default().set(field, value);
        self
    }

    /// Sets the API key, which becomes a stored secret. Not together with `secret_name`.
    pub fn api_key(mut self, api_key: impl Into<Secret>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Sets the name of a stored secret, which the service sends to approved origins only (by default
    /// OpenAI's public API).
    pub fn secret_name(mut self, secret_name: impl Into<String>) -> Self {
        self.secret_name = Some(secret_name.into());
        self
    }
}

/// The request to update an embedding provider. Fields that are not set remain as they are. `Debug` does not
/// show its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateEmbeddingProviderRequest {
    /// The name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// The settings, which replace all earlier ones.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub config: Patch<ConfigJson>,
    /// The API key.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub api_key: Patch<Secret>,
    /// The name of a stored secret, or cleared.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub secret_name: Patch<String>,
}

impl UpdateEmbeddingProviderRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<Patch<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the settings, which replace all earlier ones.
    pub fn config(mut self, config: impl Into<Patch<ConfigJson>>) -> Self {
        self.config = config.into();
        self
    }

    /// Sets the API key.
    pub fn api_key(mut self, api_key: impl Into<Patch<Secret>>) -> Self {
        self.api_key = api_key.into();
        self
    }

    /// Sets the name of a stored secret, or cleared.
    pub fn secret_name(mut self, secret_name: impl Into<Patch<String>>) -> Self {
        self.secret_name = secret_name.into();
        self
    }
}

/// The response to creating an embedding provider.
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

/// An embedding provider.
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
    /// Whether it has an API key or a stored secret.
    #[serde(default, deserialize_with = "or_default")]
    pub has_secret: bool,
    /// The owner.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub source: EmbeddingProviderSource,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// All embedding providers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListEmbeddingProvidersResponse {
    /// The providers.
    #[serde(default, deserialize_with = "or_default")]
    pub embedding_providers: Vec<EmbeddingProviderResponse>,
}

/// The response to updating an embedding provider.
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
    /// `system`: the service's own
    System,
    /// `user`
    User,
    /// Any other value.
    Other(String),
}

impl_open_enum!(EmbeddingProviderSource, "source of embedding providers", {
    System => "system",
    User => "user",
});
