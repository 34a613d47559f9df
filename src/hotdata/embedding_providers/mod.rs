//! Embedding providers.

mod commands;
mod model;

pub use commands::{
    CreateEmbeddingProvider, DeleteEmbeddingProvider, EmbeddingProviders, GetEmbeddingProvider,
    ListEmbeddingProviders, UpdateEmbeddingProvider,
};
pub use model::{
    CreateEmbeddingProviderRequest, CreateEmbeddingProviderResponse, EmbeddingProviderResponse,
    EmbeddingProviderSource, EmbeddingProviderType, ListEmbeddingProvidersResponse,
    UpdateEmbeddingProviderRequest, UpdateEmbeddingProviderResponse,
};
