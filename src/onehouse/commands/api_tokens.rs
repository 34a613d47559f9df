//! API tokens: the key and secret with which a service principal calls the API.
//!
//! Vendor's pages: [`oh api-token`](https://docs.onehouse.ai/cli/commands/api-token), SQL reference
//! [`CREATE API_TOKEN`](https://docs.onehouse.ai/api/sql-command-reference/create-api-token),
//! `DELETE API_TOKEN`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};

use super::Command;

/// Creates an API token for a service principal (`CREATE API_TOKEN`): see [`Client::create_api_token`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateApiToken {
    /// The token's name, unique for its service principal.
    pub name: String,
    /// The service principal that the token belongs to.
    pub service_principal: String,
}

impl CreateApiToken {
    /// Returns the command.
    pub fn new(name: impl Into<String>, service_principal: impl Into<String>) -> Self {
        Self { name: name.into(), service_principal: service_principal.into() }
    }
}

impl Command for CreateApiToken {
    const NAME: &'static str = "create_api_token";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE API_TOKEN").name("name", &self.name).clause(
            CLAUSE,
            "SERVICE_PRINCIPAL",
            &self.service_principal,
        );
    }
}

/// Deletes an API token (`DELETE API_TOKEN`): see [`Client::delete_api_token`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteApiToken {
    /// The token's name, unique for its service principal.
    pub name: String,
    /// The service principal that the token belongs to.
    pub service_principal: String,
}

impl DeleteApiToken {
    /// Returns the command.
    pub fn new(name: impl Into<String>, service_principal: impl Into<String>) -> Self {
        Self { name: name.into(), service_principal: service_principal.into() }
    }
}

impl Command for DeleteApiToken {
    const NAME: &'static str = "delete_api_token";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE API_TOKEN").name("name", &self.name).clause(
            CLAUSE,
            "SERVICE_PRINCIPAL",
            &self.service_principal,
        );
    }
}

/// # API tokens
impl<M> Client<M> {
    /// Creates an API token for a service principal: `CREATE API_TOKEN`.
    ///
    /// The name is unique for its service principal. The payload's `secret` is shown **this once** and never
    /// again: store it before anything else, and keep the payload out of logs.
    ///
    /// Vendor's page:
    /// [`CREATE API_TOKEN`](https://docs.onehouse.ai/api/sql-command-reference/create-api-token).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.create_api_token("ci_token", "ci_bot");
    /// assert_eq!(call.to_sql()?, "CREATE API_TOKEN `ci_token`\n  SERVICE_PRINCIPAL = 'ci_bot'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_api_token(
        &self,
        name: impl Into<String>,
        service_principal: impl Into<String>,
    ) -> Call<M, CreateApiToken> {
        self.call(CreateApiToken::new(name, service_principal))
    }

    /// Deletes an API token: `DELETE API_TOKEN`. The API has no command that lists tokens, so keep a note of
    /// their names.
    ///
    /// Vendor's page: [`oh api-token`](https://docs.onehouse.ai/cli/commands/api-token).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.delete_api_token("ci_token", "ci_bot");
    /// assert_eq!(call.to_sql()?, "DELETE API_TOKEN `ci_token`\n  SERVICE_PRINCIPAL = 'ci_bot'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_api_token(
        &self,
        name: impl Into<String>,
        service_principal: impl Into<String>,
    ) -> Call<M, DeleteApiToken> {
        self.call(DeleteApiToken::new(name, service_principal))
    }
}
