//! The values that the API names, each with room for those that it may add.

use crate::open_enum::impl_open_enum;

/// How a cluster is run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "SKUType")]
pub enum SkuType {
    /// `serverless`
    Serverless,
    /// `dedicated`
    Dedicated,
    /// `unspecified`: seen in answers only.
    Unspecified,
    /// Any other.
    Other(String),
}

impl_open_enum!(SkuType, "SKU type", {
    Serverless => "serverless",
    Dedicated => "dedicated",
    Unspecified => "unspecified",
});

/// Which database. Requests write it in small letters, answers as `EloqKV`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EloqModule {
    /// `eloqkv`
    EloqKv,
    /// `eloqdoc`
    EloqDoc,
    /// `eloqsql`: seen in answers only.
    EloqSql,
    /// Any other.
    Other(String),
}

impl_open_enum!(EloqModule, "Eloq module", {
    EloqKv => "eloqkv",
    EloqDoc => "eloqdoc",
    EloqSql => "eloqsql",
});

/// Whose cloud. Requests write it in small letters, answers either way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloudProvider {
    /// `aws`
    Aws,
    /// `gcp`: in the vendor's client, but not on its HTTP pages.
    Gcp,
    /// Any other.
    Other(String),
}

impl_open_enum!(CloudProvider, "cloud provider", { Aws => "aws", Gcp => "gcp" });
