//! Service principals: identities for programs. They belong to the account, not to a project.
//!
//! Vendor's pages:
//! [Service Principals](https://docs.onehouse.ai/docs/product/project-settings/identity/service-principals),
//! `oh service-principal`, SQL reference `CREATE SERVICE_PRINCIPAL`, `ALTER SERVICE_PRINCIPAL`,
//! `DELETE SERVICE_PRINCIPAL`, `SHOW SERVICE_PRINCIPALS`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};

use super::Command;

/// Creates a service principal (`CREATE SERVICE_PRINCIPAL`): see [`Client::create_service_principal`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateServicePrincipal {
    /// The service principal's name.
    pub name: String,
}

impl CreateServicePrincipal {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for CreateServicePrincipal {
    const NAME: &'static str = "create_service_principal";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE SERVICE_PRINCIPAL").name("name", &self.name);
    }
}

/// Renames a service principal (`ALTER SERVICE_PRINCIPAL`): see [`Client::alter_service_principal`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AlterServicePrincipal {
    /// The current name of the service principal.
    pub name: String,
    /// The new name. It is written in quotes, so it may be any text without line breaks and NUL.
    pub new_name: String,
}

impl AlterServicePrincipal {
    /// Returns the command.
    pub fn new(name: impl Into<String>, new_name: impl Into<String>) -> Self {
        Self { name: name.into(), new_name: new_name.into() }
    }
}

impl Command for AlterServicePrincipal {
    const NAME: &'static str = "alter_service_principal";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("ALTER SERVICE_PRINCIPAL").name("name", &self.name).clause(
            CLAUSE,
            "NEW_NAME",
            &self.new_name,
        );
    }
}

/// Deletes a service principal (`DELETE SERVICE_PRINCIPAL`): see [`Client::delete_service_principal`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteServicePrincipal {
    /// The service principal's name.
    pub name: String,
}

impl DeleteServicePrincipal {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteServicePrincipal {
    const NAME: &'static str = "delete_service_principal";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE SERVICE_PRINCIPAL").name("name", &self.name);
    }
}

/// Lists the service principals (`SHOW SERVICE_PRINCIPALS`): see [`Client::show_service_principals`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowServicePrincipals {}

impl ShowServicePrincipals {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowServicePrincipals {
    const NAME: &'static str = "show_service_principals";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW SERVICE_PRINCIPALS");
    }
}

/// # Service principals
impl<M> Client<M> {
    /// Creates a service principal: `CREATE SERVICE_PRINCIPAL`. It has no permissions until it is granted
    /// roles or privileges. [`create_api_token`](Client::create_api_token) creates its tokens.
    ///
    /// Vendor's page: [Service
    /// Principals](https://docs.onehouse.ai/docs/product/project-settings/identity/service-principals).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.create_service_principal("ci_bot").to_sql()?, "CREATE SERVICE_PRINCIPAL `ci_bot`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_service_principal(&self, name: impl Into<String>) -> Call<M, CreateServicePrincipal> {
        self.call(CreateServicePrincipal::new(name))
    }

    /// Renames a service principal: `ALTER SERVICE_PRINCIPAL`.
    ///
    /// The new name may be any text without line breaks. A service principal with a space in its name needs
    /// `.unchecked_names()` when it is renamed again or deleted.
    ///
    /// Vendor's page: [Service
    /// Principals](https://docs.onehouse.ai/docs/product/project-settings/identity/service-principals).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.alter_service_principal("ci_bot", "ci bot 2");
    /// assert_eq!(call.to_sql()?, "ALTER SERVICE_PRINCIPAL `ci_bot`\n  NEW_NAME = 'ci bot 2'");
    /// let call = client.delete_service_principal("ci bot 2").unchecked_names();
    /// assert_eq!(call.to_sql()?, "DELETE SERVICE_PRINCIPAL `ci bot 2`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_service_principal(
        &self,
        name: impl Into<String>,
        new_name: impl Into<String>,
    ) -> Call<M, AlterServicePrincipal> {
        self.call(AlterServicePrincipal::new(name, new_name))
    }

    /// Deletes a service principal: `DELETE SERVICE_PRINCIPAL`.
    ///
    /// Vendor's page: [Service
    /// Principals](https://docs.onehouse.ai/docs/product/project-settings/identity/service-principals).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_service_principal("ci_bot").to_sql()?, "DELETE SERVICE_PRINCIPAL `ci_bot`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_service_principal(&self, name: impl Into<String>) -> Call<M, DeleteServicePrincipal> {
        self.call(DeleteServicePrincipal::new(name))
    }

    /// Lists the service principals: `SHOW SERVICE_PRINCIPALS`. There is no command that describes a single
    /// service principal.
    ///
    /// Vendor's page: [Service
    /// Principals](https://docs.onehouse.ai/docs/product/project-settings/identity/service-principals).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_service_principals().to_sql()?, "SHOW SERVICE_PRINCIPALS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_service_principals")]
    pub fn show_service_principals(&self) -> Call<M, ShowServicePrincipals> {
        self.call(ShowServicePrincipals::new())
    }
}
