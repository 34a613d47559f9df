//! Where the secrets of a source or a catalog are kept.
//!
//! Vendor's page: [Credential
//! Management](https://docs.onehouse.ai/product/external-integrations/credential-management).

use crate::open_enum::impl_open_enum;

/// Where the secrets of a source or a catalog are kept. A project supports one of the two ways.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialType {
    /// Onehouse stores the secrets.
    Onehouse,
    /// The secret manager of the AWS or GCP account stores them. Onehouse has the name of the secret, which
    /// must have the tag `accessibleTo` = `onehouse`.
    SecretManager,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands CredentialType, "credential type", {
    Onehouse => "CREDENTIAL_TYPE_ONEHOUSE",
    SecretManager => "CREDENTIAL_TYPE_SECRET_MANAGER",
});
