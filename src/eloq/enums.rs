//! Enums of the API. Each keeps values that this version does not know.

use crate::open_enum::impl_open_enum;

/// The kind of a SKU: how a cluster is run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "SKUType")]
pub enum SkuType {
    /// `serverless`
    Serverless,
    /// `dedicated`
    Dedicated,
    /// `unspecified`: only in responses.
    Unspecified,
    /// A value that this version does not know.
    Other(String),
}

impl_open_enum!(SkuType, "SKU type", {
    Serverless => "serverless",
    Dedicated => "dedicated",
    Unspecified => "unspecified",
});

/// The database that a cluster runs. Requests spell it in small letters (`eloqkv`), responses in
/// mixed case (`EloqKV`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EloqModule {
    /// `eloqkv`
    EloqKv,
    /// `eloqdoc`
    EloqDoc,
    /// `eloqsql`: only in responses.
    EloqSql,
    /// A value that this version does not know.
    Other(String),
}

impl_open_enum!(EloqModule, "Eloq module", {
    EloqKv => "eloqkv",
    EloqDoc => "eloqdoc",
    EloqSql => "eloqsql",
});

/// The cloud provider. Requests have it in small letters, responses in small letters or capitals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloudProvider {
    /// `aws`
    Aws,
    /// `gcp`: in the vendor's client, but not on its HTTP pages.
    Gcp,
    /// A value that this version does not know.
    Other(String),
}

impl_open_enum!(CloudProvider, "cloud provider", { Aws => "aws", Gcp => "gcp" });
