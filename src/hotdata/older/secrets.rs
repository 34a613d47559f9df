//! Secrets, of the older API. In today's API connections and embedding providers store their secrets.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::super::secret::Secret;
use super::Older;
use crate::hotdata::wire::or_default;

/// The operations about stored secrets, of the older API: see [`Older::secrets`].
#[derive(Debug)]
pub struct Secrets<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about stored secrets. Their values are never returned.
    pub fn secrets(&self) -> Secrets<M> {
        Secrets { client: self.client.clone() }
    }
}

impl<M> Secrets<M> {
    /// Stores a secret. `POST /v1/secrets` (`create_secret`).
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if the name is in use.
    #[doc(alias = "create_secret")]
    pub fn create(&self, name: impl Into<String>, value: impl Into<Secret>) -> Call<M, CreateSecret> {
        self.client.call(CreateSecret::new(name, value))
    }

    /// Lists all secrets by name. `GET /v1/secrets` (`list_secrets`).
    #[doc(alias = "list_secrets")]
    pub fn list(&self) -> Call<M, ListSecrets> {
        self.client.call(ListSecrets::new())
    }

    /// Returns a secret without its value. `GET /v1/secrets/{name}` (`get_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "get_secret")]
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetSecret> {
        self.client.call(GetSecret::new(name))
    }

    /// Replaces the value of a secret. `PUT /v1/secrets/{name}` (`update_secret`).
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

/// The command of [`Secrets::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSecret {
    /// The request body.
    pub create_secret_request: CreateSecretRequest,
}

impl CreateSecret {
    /// Returns the command with its required parameters.
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

/// The command of [`Secrets::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListSecrets {}

impl ListSecrets {
    /// Returns the command without optional parameters.
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

/// The command of [`Secrets::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetSecret {
    /// The name.
    pub name: String,
}

impl GetSecret {
    /// Returns the command with its required parameters.
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

/// The command of [`Secrets::update`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSecret {
    /// The name.
    pub name: String,
    /// The request body.
    pub update_secret_request: UpdateSecretRequest,
}

impl UpdateSecret {
    /// Returns the command with its required parameters.
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

/// The command of [`Secrets::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteSecret {
    /// The name.
    pub name: String,
}

impl DeleteSecret {
    /// Returns the command with its required parameters.
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

/// The request to store a secret. `Debug` does not show its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSecretRequest {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Secret,
}

impl CreateSecretRequest {
    /// Returns a request with its required fields.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The request to replace the value of a secret. `Debug` does not show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSecretRequest {
    /// The value.
    pub value: Secret,
}

impl UpdateSecretRequest {
    /// Returns a request with its required fields.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into() }
    }
}

/// The response to storing a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateSecretResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A stored secret without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecretInfo {
    /// The name.
    pub name: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// All secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSecretsResponse {
    /// The secrets.
    #[serde(default, deserialize_with = "or_default")]
    pub secrets: Vec<SecretInfo>,
}

/// The response to replacing the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateSecretResponse {
    /// The name.
    pub name: String,
    /// The time of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}
