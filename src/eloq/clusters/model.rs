//! Models of clusters.

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
    /// The number of clusters on all pages.
    #[serde(default, deserialize_with = "or_default")]
    pub total: u64,
}

/// A cluster in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClusterListItem {
    /// The cloud provider.
    #[serde(default, deserialize_with = "or_default")]
    pub cloud_provider: Spelled<CloudProvider>,
    /// The name, which all other calls take.
    pub cluster_name: String,
    /// The time of its creation: `2025-08-26T08:06:41Z`.
    #[serde(default, deserialize_with = "or_default")]
    pub create_at: String,
    /// The database that it runs.
    #[serde(default, deserialize_with = "or_default")]
    pub module_type: Spelled<EloqModule>,
    /// The region: `us-west-1`.
    #[serde(default, deserialize_with = "or_default")]
    pub region: String,
    /// The status.
    #[serde(default, deserialize_with = "or_default")]
    pub status: Spelled<ClusterStatus>,
    /// The version of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub version: String,
    /// The availability zone: `us-west-1a`.
    #[serde(default, deserialize_with = "or_default")]
    pub zone: String,
    /// The name of its SKU. On the vendor's HTTP pages, but not in its Python client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku_name: Option<String>,
}

/// A cluster with all its fields.
///
/// `admin_user` and `admin_password` are in base64, as the server sends them; `cluster_credentials` returns
/// them decoded. `Debug` does not show the password; `Serialize` writes it, as in the server's JSON.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias = "DescClusterDTO")]
pub struct Cluster {
    /// The password of its administrator, in base64. Empty while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub admin_password: String,
    /// The name of its administrator, in base64. Empty while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub admin_user: String,
    /// The cloud provider.
    #[serde(default, deserialize_with = "or_default")]
    pub cloud_provider: Spelled<CloudProvider>,
    /// The kind of deployment: `txWithInternalLog`, for example.
    #[serde(default, deserialize_with = "or_default")]
    pub cluster_deploy_mode: String,
    /// The time of its creation: `2025-08-26T08:06:41Z`.
    #[serde(default, deserialize_with = "or_default")]
    pub create_at: String,
    /// The name, which all other calls take.
    pub display_cluster_name: String,
    /// The host of its load balancer. Empty while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub elb_addr: String,
    /// The port of its load balancer. 0 while there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub elb_port: i64,
    /// The state of its load balancer: `active`, `provisioning`.
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
    /// The database that it runs.
    #[serde(default, deserialize_with = "or_default")]
    pub module_type: Spelled<EloqModule>,
    /// The id of its organization.
    #[serde(default, deserialize_with = "or_default")]
    pub org_name: String,
    /// The id of its project.
    #[serde(default, deserialize_with = "or_default")]
    pub project_name: String,
    /// The region: `us-west-1`.
    #[serde(default, deserialize_with = "or_default")]
    pub region: String,
    /// The status.
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
    /// The availability zone: `us-west-1a`.
    #[serde(default, deserialize_with = "or_default")]
    pub zone: String,
}

impl Cluster {
    /// True if it accepts connections: its status says so, and it has an address, a user and a password.
    pub fn is_usable(&self) -> bool {
        self.status.is_usable() && self.missing_access().is_none()
    }

    /// The first value that connecting needs and that is missing.
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

/// Does not show the password.
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

/// The response to a creation or a deletion that was accepted. The work continues at the service: see
/// [`wait_for_cluster`](crate::eloq::client::Client::wait_for_cluster).
///
/// Failures are errors here, so `success` is always true; the field is the vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationResult {
    /// Always true.
    pub success: bool,
    /// The server's message, which is mostly empty. If the response has no message, the text of the vendor's
    /// client.
    pub message: String,
}

/// The status of a cluster. The vendor has no complete list: these are the values that its pages name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterStatus {
    /// `provisioning`: it is being created and cannot be used yet.
    Provisioning,
    /// `available`: it runs. The only status in which a cluster can be deleted.
    Available,
    /// `idle`: a serverless cluster without resources until it is used. It accepts connections.
    Idle,
    /// `active`: only in samples of the vendor's TypeScript SDK, where it accepts connections.
    Active,
    /// `unavailable`: it cannot be used; whether it recovers is not documented.
    Unavailable,
    /// A status that this version does not know, as the server spells it.
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
    /// True if a cluster accepts connections in this status: `available`, `idle`, `active`.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Available | Self::Idle | Self::Active)
    }

    /// True for a status that contains `fail` or `error`. The vendor documents no status of a failure.
    pub fn is_failure(&self) -> bool {
        let text = self.as_str().to_ascii_lowercase();
        text.contains("fail") || text.contains("error")
    }
}
