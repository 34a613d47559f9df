//! What is told of clusters.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::eloq::enums::{CloudProvider, EloqModule};
use crate::eloq::wire::{Spelled, or_default};
use crate::open_enum::impl_open_enum;

/// A page of clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClusterList {
    /// The clusters of this page. Their order is not documented.
    #[serde(default, deserialize_with = "or_default")]
    pub cluster_list: Vec<ClusterListItem>,
    /// How many there are on all pages.
    #[serde(default, deserialize_with = "or_default")]
    pub total: u64,
}

/// A cluster in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClusterListItem {
    /// Whose cloud.
    #[serde(default, deserialize_with = "or_default")]
    pub cloud_provider: Spelled<CloudProvider>,
    /// Its name, which all other calls take.
    pub cluster_name: String,
    /// When it was made: `2025-08-26T08:06:41Z`.
    #[serde(default, deserialize_with = "or_default")]
    pub create_at: String,
    /// Which database.
    #[serde(default, deserialize_with = "or_default")]
    pub module_type: Spelled<EloqModule>,
    /// Where it is: `us-west-1`.
    #[serde(default, deserialize_with = "or_default")]
    pub region: String,
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub status: Spelled<ClusterStatus>,
    /// The version of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub version: String,
    /// Where exactly: `us-west-1a`.
    #[serde(default, deserialize_with = "or_default")]
    pub zone: String,
    /// What it is made of. On the vendor's HTTP pages, but not in its Python client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku_name: Option<String>,
}

/// A cluster with everything about it.
///
/// `admin_user` and `admin_password` are as they came, in base64; use `cluster_credentials` for what they
/// say. `Debug` does not show the password; `Serialize` writes it, as the wire's own JSON has it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias = "DescClusterDTO")]
pub struct Cluster {
    /// The password of its administrator: base64. Empty while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub admin_password: String,
    /// The name of its administrator: base64. Empty while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub admin_user: String,
    /// Whose cloud.
    #[serde(default, deserialize_with = "or_default")]
    pub cloud_provider: Spelled<CloudProvider>,
    /// `txWithInternalLog`, for instance.
    #[serde(default, deserialize_with = "or_default")]
    pub cluster_deploy_mode: String,
    /// When it was made: `2025-08-26T08:06:41Z`.
    #[serde(default, deserialize_with = "or_default")]
    pub create_at: String,
    /// Its name, which all other calls take.
    pub display_cluster_name: String,
    /// The host of its load balancer. Empty while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub elb_addr: String,
    /// The port of its load balancer. 0 while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub elb_port: i64,
    /// What its load balancer is doing: `active`, `provisioning`.
    #[serde(default, deserialize_with = "or_default")]
    pub elb_state: String,
    /// CPUs of the log service. 0 is a normal value.
    #[serde(default, deserialize_with = "or_default")]
    pub log_cpu_limit: f64,
    /// Memory of the log service, in MiB.
    #[serde(default, deserialize_with = "or_default")]
    pub log_memory_mi_limit: f64,
    /// Replicas of the log service.
    #[serde(default, deserialize_with = "or_default")]
    pub log_replica: i64,
    /// Which database.
    #[serde(default, deserialize_with = "or_default")]
    pub module_type: Spelled<EloqModule>,
    /// The organization that it is in.
    #[serde(default, deserialize_with = "or_default")]
    pub org_name: String,
    /// The project that it is in.
    #[serde(default, deserialize_with = "or_default")]
    pub project_name: String,
    /// Where it is: `us-west-1`.
    #[serde(default, deserialize_with = "or_default")]
    pub region: String,
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub status: Spelled<ClusterStatus>,
    /// CPUs of the transaction service. 0 is a normal value.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_cpu_limit: f64,
    /// Memory of the transaction service, in MiB.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_memory_mi_limit: f64,
    /// Replicas of the transaction service.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_replica: i64,
    /// The version of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub version: String,
    /// Where exactly: `us-west-1a`.
    #[serde(default, deserialize_with = "or_default")]
    pub zone: String,
}

impl Cluster {
    /// True if it takes connections: its status says so, and it has an address, a user and a password.
    pub fn is_usable(&self) -> bool {
        self.status.is_usable() && self.missing_access().is_none()
    }

    /// The first thing that connecting would lack.
    pub(super) fn missing_access(&self) -> Option<&'static str> {
        // Not `elb_state`: it may be out of date, and its values are not documented.
        [
            (!self.elb_addr.is_empty(), "host"),
            (self.elb_port != 0, "port"),
            (!self.admin_user.is_empty(), "user"),
            (!self.admin_password.is_empty(), "password"),
        ]
        .into_iter()
        .find_map(|(is_there, what)| (!is_there).then_some(what))
    }
}

/// The password does not show.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("display_cluster_name", &self.display_cluster_name)
            .field("status", &self.status)
            .field("module_type", &self.module_type)
            .field("cloud_provider", &self.cloud_provider)
            .field("region", &self.region)
            .field("zone", &self.zone)
            .field("elb_addr", &self.elb_addr)
            .field("elb_port", &self.elb_port)
            .field("elb_state", &self.elb_state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What creating or deleting says, once it is taken. The work itself goes on: see
/// [`wait_for_cluster`](crate::eloq::client::Client::wait_for_cluster).
///
/// Failures are errors here, so `success` is always true; the field is the vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationResult {
    /// Always true.
    pub success: bool,
    /// What the server says: mostly nothing. Where it has no message at all, the vendor's text.
    pub message: String,
}

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

    /// True for what reads like a failure. The vendor documents no such status: this is any that holds `fail`
    /// or `error`.
    pub fn is_failure(&self) -> bool {
        let text = self.as_str().to_ascii_lowercase();
        text.contains("fail") || text.contains("error")
    }
}
