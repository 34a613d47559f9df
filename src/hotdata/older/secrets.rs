//! Secrets, of the older API. In today's API connections and embedding providers store their secrets.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::super::secret::Secret;
use super::Older;
use crate::hotdata::wire::or_default;

/// The operations about secrets that the service stores under a name, for example the password of a
/// connection, of the [older API](crate::hotdata::older). Returned by [`Older::secrets`].
///
/// In today's API, the service stores the secrets that the settings of [connections](Client::connections) and
/// [embedding providers](Client::embedding_providers) contain.
#[derive(Debug)]
pub struct Secrets<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about secrets that the service stores under a name, for example the password of
    /// a connection. The service never returns the value of a secret.
    pub fn secrets(&self) -> Secrets<M> {
        Secrets { client: self.client.clone() }
    }
}

impl<M> Secrets<M> {
    /// Stores a new secret under a name. `POST /v1/secrets` (`create_secret`).
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if the name is in use;
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service does not accept the name, for example because
    /// it contains a space.
    #[doc(alias = "create_secret")]
    pub fn create(&self, name: impl Into<String>, value: impl Into<Secret>) -> Call<M, CreateSecret> {
        self.client.call(CreateSecret::new(name, value))
    }

    /// Lists all secrets, without their values. `GET /v1/secrets` (`list_secrets`).
    #[doc(alias = "list_secrets")]
    pub fn list(&self) -> Call<M, ListSecrets> {
        self.client.call(ListSecrets::new())
    }

    /// Returns a secret without its value. `GET /v1/secrets/{name}` (`get_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no secret has this name.
    #[doc(alias = "get_secret")]
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetSecret> {
        self.client.call(GetSecret::new(name))
    }

    /// Replaces the value of a secret. `PUT /v1/secrets/{name}` (`update_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no secret has this name.
    #[doc(alias = "update_secret")]
    pub fn update(&self, name: impl Into<String>, value: impl Into<Secret>) -> Call<M, UpdateSecret> {
        self.client.call(UpdateSecret::new(name, value))
    }

    /// Deletes a secret. `DELETE /v1/secrets/{name}` (`delete_secret`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no secret has this name. A server may accept the deletion
    /// of a secret that it has deleted before.
    #[doc(alias = "delete_secret")]
    pub fn delete(&self, name: impl Into<String>) -> Call<M, DeleteSecret> {
        self.client.call(DeleteSecret::new(name))
    }
}

/// Stores a new secret: the command of [`Secrets::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSecret {
    /// The name and the value of the new secret.
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

/// Lists all secrets, without their values: the command of [`Secrets::list`].
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

/// Returns a secret without its value: the command of [`Secrets::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetSecret {
    /// The name of the secret.
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

/// Replaces the value of a secret: the command of [`Secrets::update`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSecret {
    /// The name of the secret.
    pub name: String,
    /// The new value of the secret.
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

/// Deletes a secret: the command of [`Secrets::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteSecret {
    /// The name of the secret.
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

/// The request of [`Secrets::create`]: the name and the value of a new secret. `Debug` does not show the
/// value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSecretRequest {
    /// The name of the new secret.
    pub name: String,
    /// The value of the new secret.
    pub value: Secret,
}

impl CreateSecretRequest {
    /// Returns a request with this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The request of [`Secrets::update`]: the new value of a secret. `Debug` does not show the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSecretRequest {
    /// The new value of the secret.
    pub value: Secret,
}

impl UpdateSecretRequest {
    /// Returns a request with this value.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into() }
    }
}

/// A secret that was just stored, without its value: the response of [`Secrets::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateSecretResponse {
    /// The id of the secret.
    pub id: String,
    /// The name of the secret.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A stored secret without its value: the response of [`Secrets::get`], and an entry of [`Secrets::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecretInfo {
    /// The name of the secret.
    pub name: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// All secrets, without their values: the response of [`Secrets::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSecretsResponse {
    /// The secrets.
    #[serde(default, deserialize_with = "or_default")]
    pub secrets: Vec<SecretInfo>,
}

/// The response of [`Secrets::update`]: which secret was changed, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateSecretResponse {
    /// The name of the secret.
    pub name: String,
    /// The time of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}
