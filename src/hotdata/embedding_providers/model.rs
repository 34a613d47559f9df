//! What is asked and told of embedding providers (reference, section 4.9).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::patch::Patch;
use crate::hotdata::secret::{ConfigJson, Secret};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A new embedding provider, as it is asked for. `Debug` does not show its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateEmbeddingProviderRequest {
    /// Its name.
    pub name: String,
    /// Where it makes embeddings.
    pub provider_type: EmbeddingProviderType,
    /// Its settings, as `model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigJson>,
    /// Its key, which becomes a stored secret. Not together with `secret_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// A stored secret, which is sent to approved origins only (by default OpenAI's public API).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
}

impl CreateEmbeddingProviderRequest {
    /// Of this name and type.
    pub fn new(name: impl Into<String>, provider_type: EmbeddingProviderType) -> Self {
        Self { name: name.into(), provider_type, config: None, api_key: None, secret_name: None }
    }

    /// One of its settings.
    pub fn config(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.config.get_or_insert_default().set(field, value);
        self
    }

    /// Its key, which becomes a stored secret. Not together with `secret_name`.
    pub fn api_key(mut self, api_key: impl Into<Secret>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// A stored secret, which is sent to approved origins only (by default OpenAI's public API).
    pub fn secret_name(mut self, secret_name: impl Into<String>) -> Self {
        self.secret_name = Some(secret_name.into());
        self
    }
}

/// What of an embedding provider is changed. What is not named stays as it is. `Debug` does not show its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateEmbeddingProviderRequest {
    /// Its name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// Its settings, all of them.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub config: Patch<ConfigJson>,
    /// Its key.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub api_key: Patch<Secret>,
    /// A stored secret. Cleared: none.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub secret_name: Patch<String>,
}

impl UpdateEmbeddingProviderRequest {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name.
    pub fn name(mut self, name: impl Into<Patch<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// Its settings, all of them.
    pub fn config(mut self, config: impl Into<Patch<ConfigJson>>) -> Self {
        self.config = config.into();
        self
    }

    /// Its key.
    pub fn api_key(mut self, api_key: impl Into<Patch<Secret>>) -> Self {
        self.api_key = api_key.into();
        self
    }

    /// A stored secret. Cleared: none.
    pub fn secret_name(mut self, secret_name: impl Into<Patch<String>>) -> Self {
        self.secret_name = secret_name.into();
        self
    }
}

/// An embedding provider that was created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateEmbeddingProviderResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it makes embeddings.
    pub provider_type: EmbeddingProviderType,
    /// Its settings.
    pub config: ConfigJson,
    /// When it was created.
    pub created_at: Timestamp,
}

/// An embedding provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmbeddingProviderResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it makes embeddings.
    pub provider_type: EmbeddingProviderType,
    /// Its settings.
    pub config: ConfigJson,
    /// When it was created.
    pub created_at: Timestamp,
    /// Whether it has a key or a stored secret.
    pub has_secret: bool,
    /// Whose it is.
    pub source: EmbeddingProviderSource,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// All embedding providers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListEmbeddingProvidersResponse {
    /// The providers.
    pub embedding_providers: Vec<EmbeddingProviderResponse>,
}

/// An embedding provider that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateEmbeddingProviderResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was changed.
    pub updated_at: Timestamp,
}

/// Where embeddings are made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingProviderType {
    /// `local`
    Local,
    /// `service`
    Service,
    /// Any other.
    Other(String),
}

impl_open_enum!(EmbeddingProviderType, "type of embedding provider", {
    Local => "local",
    Service => "service",
});

/// Whose an embedding provider is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingProviderSource {
    /// `system`: the service's own
    System,
    /// `user`
    User,
    /// Any other.
    Other(String),
}

impl_open_enum!(EmbeddingProviderSource, "source of embedding providers", {
    System => "system",
    User => "user",
});
