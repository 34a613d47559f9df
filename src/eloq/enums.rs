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

/// What a cluster is doing. The vendor has no closed list: these are the values that its pages name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterStatus {
    /// `provisioning`: being made, not usable yet.
    Provisioning,
    /// `available`: running. The only status from which a cluster can be deleted.
    Available,
    /// `idle`: a serverless cluster without resources until it is used. It takes connections.
    Idle,
    /// `active`: in samples of the vendor's TypeScript SDK only; it takes connections there.
    Active,
    /// `unavailable`: not usable; whether it recovers is not documented.
    Unavailable,
    /// Any other.
    Other(String),
}

impl_open_enum!(ClusterStatus, "cluster status", {
    Provisioning => "provisioning",
    Available => "available",
    Idle => "idle",
    Active => "active",
    Unavailable => "unavailable",
});

impl ClusterStatus {
    /// True if a cluster takes connections in this status: `available`, `idle`, `active`.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Available | Self::Idle | Self::Active)
    }

    /// True for what reads like a failure. The vendor documents no such status: this is any that holds `fail` or
    /// `error`.
    pub fn is_failure(&self) -> bool {
        let text = self.as_str().to_ascii_lowercase();
        text.contains("fail") || text.contains("error")
    }
}
