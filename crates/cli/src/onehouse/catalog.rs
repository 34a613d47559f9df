//! `catalog`: catalogs of other vendors.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    CatalogType, CreateCatalog, CredentialType, DeleteCatalog, DescribeCatalog, ShowCatalogs,
};

use super::choices::{CATALOG_TYPES, CREDENTIAL_TYPES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Catalog {
    /// Create a catalog
    Create(Create),
    /// Describe a catalog
    Describe {
        /// Name of the catalog
        name: String,
    },
    /// List the catalogs
    Show,
    /// Delete a catalog
    Delete {
        /// Name of the catalog
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the catalog
    name: String,
    /// Kind of the catalog
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::<CatalogType>(CATALOG_TYPES), ignore_case = true)]
    catalog_type: CatalogType,
    /// Where the secrets of the catalog are kept
    #[arg(long, value_parser = choice::<CredentialType>(CREDENTIAL_TYPES), ignore_case = true)]
    credential_type: CredentialType,
    #[command(flatten)]
    with: With,
}

impl Catalog {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create(Create { name, catalog_type, credential_type, with }) => {
                let mut command = CreateCatalog::new(&name, catalog_type);
                command.credential_type = Some(credential_type);
                command.options = with.into_options();
                Task::change(command, format!("Catalog '{name}' created."))
            }
            Self::Delete { name } => Task::delete(DeleteCatalog::new(&name), &format!("catalog '{name}'")),
            Self::Describe { name } => Task::read(DescribeCatalog::new(name)),
            Self::Show => Task::read(ShowCatalogs::new()),
        }
    }
}
