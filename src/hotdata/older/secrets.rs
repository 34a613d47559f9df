//! Secrets of the older API (reference, section 12). Today, secrets come from what connections and embedding providers are given.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::super::secret::Secret;
use super::Older;

/// Secrets, of the older API: see [`Older::secrets`].
#[derive(Debug)]
pub struct Secrets<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Stored secrets. What they hold is never given.
    pub fn secrets(&self) -> Secrets<M> {
        Secrets { client: self.client.clone() }
    }
}

impl<M> Secrets<M> {
    /// Stores a secret. `POST /v1/secrets` (`create_secret`).
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if there is one of this name.
    #[doc(alias = "create_secret")]
    pub fn create(&self, name: impl Into<String>, value: impl Into<Secret>) -> Call<M, CreateSecret> {
        self.client.call(CreateSecret::new(name, value))
    }

    /// All secrets, by name. `GET /v1/secrets` (`list_secrets`).
    #[doc(alias = "list_secrets")]
    pub fn list(&self) -> Call<M, ListSecrets> {
        self.client.call(ListSecrets::new())
    }

    /// What is known of a secret, without what it holds. `GET /v1/secrets/{name}` (`get_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "get_secret")]
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetSecret> {
        self.client.call(GetSecret::new(name))
    }

    /// Stores something else under the same name. `PUT /v1/secrets/{name}` (`update_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "update_secret")]
    pub fn update(&self, name: impl Into<String>, value: impl Into<Secret>) -> Call<M, UpdateSecret> {
        self.client.call(UpdateSecret::new(name, value))
    }

    /// Deletes a secret. `DELETE /v1/secrets/{name}` (`delete_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "delete_secret")]
    pub fn delete(&self, name: impl Into<String>) -> Call<M, DeleteSecret> {
        self.client.call(DeleteSecret::new(name))
    }
}

/// See [`Secrets::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSecret {
    /// What is stored.
    pub create_secret_request: CreateSecretRequest,
}

impl CreateSecret {
    /// This under this name.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { create_secret_request: CreateSecretRequest::new(name, value) }
    }
}

impl Command for CreateSecret {
    type Output = CreateSecretResponse;
    const NAME: &'static str = "create_secret";

    fn endpoint(&self) -> Endpoint<'_, CreateSecretResponse> {
        Endpoint::post(Self::NAME, "/v1/secrets")
            .about(&self.create_secret_request.name)
            .json(&self.create_secret_request)
            .secrets(vec![self.create_secret_request.value.to_masked()])
    }
}

/// See [`Secrets::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListSecrets {}

impl ListSecrets {
    /// All.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListSecrets {
    type Output = ListSecretsResponse;
    const NAME: &'static str = "list_secrets";

    fn endpoint(&self) -> Endpoint<'_, ListSecretsResponse> {
        Endpoint::get(Self::NAME, "/v1/secrets")
    }
}

/// See [`Secrets::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetSecret {
    /// Its name.
    pub name: String,
}

impl GetSecret {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetSecret {
    type Output = SecretInfo;
    const NAME: &'static str = "get_secret";

    fn endpoint(&self) -> Endpoint<'_, SecretInfo> {
        Endpoint::get(Self::NAME, "/v1/secrets/{name}").at("name", &self.name)
    }
}

/// See [`Secrets::update`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSecret {
    /// Its name.
    pub name: String,
    /// What is stored.
    pub update_secret_request: UpdateSecretRequest,
}

impl UpdateSecret {
    /// This under this name.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { name: name.into(), update_secret_request: UpdateSecretRequest::new(value) }
    }
}

impl Command for UpdateSecret {
    type Output = UpdateSecretResponse;
    const NAME: &'static str = "update_secret";

    fn endpoint(&self) -> Endpoint<'_, UpdateSecretResponse> {
        Endpoint::put(Self::NAME, "/v1/secrets/{name}")
            .at("name", &self.name)
            .json(&self.update_secret_request)
            .secrets(vec![self.update_secret_request.value.to_masked()])
    }
}

/// See [`Secrets::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteSecret {
    /// Its name.
    pub name: String,
}

impl DeleteSecret {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteSecret {
    type Output = ();
    const NAME: &'static str = "delete_secret";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/secrets/{name}").at("name", &self.name).nothing()
    }
}

/// A new secret. `Debug` does not show what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSecretRequest {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value: Secret,
}

impl CreateSecretRequest {
    /// This under this name.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// What a secret is to hold. `Debug` does not show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSecretRequest {
    /// What it holds.
    pub value: Secret,
}

impl UpdateSecretRequest {
    /// This.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into() }
    }
}

/// A secret that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateSecretResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// What is known of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecretInfo {
    /// Its name.
    pub name: String,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// All secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSecretsResponse {
    /// The secrets.
    pub secrets: Vec<SecretInfo>,
}

/// A secret that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateSecretResponse {
    /// Its name.
    pub name: String,
    /// When it was changed.
    pub updated_at: Timestamp,
}
