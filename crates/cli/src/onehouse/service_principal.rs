//! `service-principal` and `api-token`: identities of programs.

use clap::Subcommand;
use controlplane::onehouse::{
    AlterServicePrincipal, CreateApiToken, CreateServicePrincipal, DeleteApiToken, DeleteServicePrincipal,
    ShowServicePrincipals,
};

use super::task::Task;

#[derive(Debug, Subcommand)]
pub(super) enum ServicePrincipal {
    /// Create a service principal
    Create {
        /// Name of the service principal
        name: String,
    },
    /// List the service principals
    Show,
    /// Rename a service principal
    Alter {
        /// Name of the service principal
        name: String,
        /// New name
        #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
        new_name: String,
    },
    /// Delete a service principal
    Delete {
        /// Name of the service principal
        name: String,
    },
}

impl ServicePrincipal {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create { name } => {
                let done = format!("Service principal '{name}' created.");
                Task::change(CreateServicePrincipal::new(name), done)
            }
            Self::Alter { name, new_name } => {
                let done = format!("Service principal '{name}' renamed to '{new_name}'.");
                Task::change(AlterServicePrincipal::new(name, new_name), done)
            }
            Self::Delete { name } => {
                let what = format!("service principal '{name}'");
                Task::delete(DeleteServicePrincipal::new(name), &what)
            }
            Self::Show => Task::read(ShowServicePrincipals::new()),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum ApiToken {
    /// Create an API token; its secret is shown only now, and cannot be shown again
    Create {
        /// Name of the token
        name: String,
        /// Service principal that the token is for
        #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
        service_principal: String,
    },
    /// Delete an API token
    Delete {
        /// Name of the token
        name: String,
        /// Service principal that the token belongs to
        #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
        service_principal: String,
    },
}

impl ApiToken {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create { name, service_principal } => {
                let done = format!("API token '{name}' created for service principal '{service_principal}'.");
                Task::change(CreateApiToken::new(name, service_principal), done)
            }
            Self::Delete { name, service_principal } => {
                let what = format!("API token '{name}'");
                Task::delete(DeleteApiToken::new(name, service_principal), &what)
            }
        }
    }
}
