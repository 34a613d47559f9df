//! All commands in one type.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::http::Request;

use super::clusters::{
    Cluster, ClusterCredentials, ClusterList, CreateCluster, DeleteCluster, GetCluster,
    GetClusterCredentials, ListClusters, OperationResult,
};
use super::command::{Command, Success};
use super::org::{GetInfo, GetOrg, SimpleOrgInfo, UserOrgInfo};
use super::skus::{GetSkus, SkuInfo};

/// All commands in one type, under the names of the vendor's client, so that a plan can be a JSON file.
///
/// ```
/// use controlplane::eloq::{AnyCommand, Command};
///
/// let plan = r#"[
///     {"info": {}},
///     {"get_skus": {"sku_type": "serverless", "eloq_module": "eloqkv", "cloud_provider": "aws"}},
///     {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}}
/// ]"#;
/// let plan: Vec<AnyCommand> = serde_json::from_str(plan)?;
/// for command in &plan {
///     let request = command.to_request()?;
///     println!("{} {}", request.method.as_str(), request.path);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AnyCommand {
    /// [`GetInfo`]
    #[serde(rename = "info")]
    GetInfo(GetInfo),
    /// [`GetOrg`]
    #[serde(rename = "org")]
    GetOrg(GetOrg),
    /// [`ListClusters`]
    #[serde(rename = "clusters")]
    ListClusters(ListClusters),
    /// [`GetCluster`]
    #[serde(rename = "cluster")]
    GetCluster(GetCluster),
    /// [`CreateCluster`]
    #[serde(rename = "cluster_create")]
    CreateCluster(CreateCluster),
    /// [`DeleteCluster`]
    #[serde(rename = "cluster_delete")]
    DeleteCluster(DeleteCluster),
    /// [`GetClusterCredentials`]
    #[serde(rename = "cluster_credentials")]
    GetClusterCredentials(GetClusterCredentials),
    /// [`GetSkus`]
    #[serde(rename = "get_skus")]
    GetSkus(GetSkus),
}

/// The result of an [`AnyCommand`], or of a call of a [`Batch`](super::Batch). Serializes as the JSON of the
/// API.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AnyOutput {
    /// The result of `info`.
    Info(UserOrgInfo),
    /// The result of `org`.
    Org(SimpleOrgInfo),
    /// The result of `clusters`.
    Clusters(ClusterList),
    /// The result of `cluster`.
    Cluster(Box<Cluster>),
    /// The result of `cluster_create` and `cluster_delete`.
    Operation(OperationResult),
    /// The result of `cluster_credentials`.
    Credentials(ClusterCredentials),
    /// The result of `get_skus`.
    Skus(Vec<SkuInfo>),
    /// The result of a wait for a deletion, which returns nothing.
    Nothing(()),
}

impl From<GetInfo> for AnyCommand {
    fn from(command: GetInfo) -> Self {
        Self::GetInfo(command)
    }
}

impl From<GetOrg> for AnyCommand {
    fn from(command: GetOrg) -> Self {
        Self::GetOrg(command)
    }
}

impl From<ListClusters> for AnyCommand {
    fn from(command: ListClusters) -> Self {
        Self::ListClusters(command)
    }
}

impl From<GetCluster> for AnyCommand {
    fn from(command: GetCluster) -> Self {
        Self::GetCluster(command)
    }
}

impl From<CreateCluster> for AnyCommand {
    fn from(command: CreateCluster) -> Self {
        Self::CreateCluster(command)
    }
}

impl From<DeleteCluster> for AnyCommand {
    fn from(command: DeleteCluster) -> Self {
        Self::DeleteCluster(command)
    }
}

impl From<GetClusterCredentials> for AnyCommand {
    fn from(command: GetClusterCredentials) -> Self {
        Self::GetClusterCredentials(command)
    }
}

impl From<GetSkus> for AnyCommand {
    fn from(command: GetSkus) -> Self {
        Self::GetSkus(command)
    }
}

impl AnyCommand {
    /// Returns the JSON Schema (draft 2020-12) of a command: its name, its fields and what they mean. The same
    /// text is in the folder `schemas/` of the repository.
    ///
    /// ```
    /// use controlplane::eloq::AnyCommand;
    ///
    /// let schema: serde_json::Value = serde_json::from_str(AnyCommand::schema())?;
    /// assert_eq!(schema["$defs"]["cluster"]["required"][0], "cluster_name");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn schema() -> &'static str {
        include_str!("../../schemas/eloq-command.schema.json")
    }
}

impl Command for AnyCommand {
    /// The name of the type itself; [`name`](Command::name) returns the one of the command in it.
    const NAME: &'static str = "any";

    type Output = AnyOutput;

    fn name(&self) -> &'static str {
        match self {
            Self::GetInfo(c) => c.name(),
            Self::GetOrg(c) => c.name(),
            Self::ListClusters(c) => c.name(),
            Self::GetCluster(c) => c.name(),
            Self::CreateCluster(c) => c.name(),
            Self::DeleteCluster(c) => c.name(),
            Self::GetClusterCredentials(c) => c.name(),
            Self::GetSkus(c) => c.name(),
        }
    }

    fn effect(&self) -> Effect {
        match self {
            Self::GetInfo(c) => c.effect(),
            Self::GetOrg(c) => c.effect(),
            Self::ListClusters(c) => c.effect(),
            Self::GetCluster(c) => c.effect(),
            Self::CreateCluster(c) => c.effect(),
            Self::DeleteCluster(c) => c.effect(),
            Self::GetClusterCredentials(c) => c.effect(),
            Self::GetSkus(c) => c.effect(),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::GetInfo(c) => c.label(),
            Self::GetOrg(c) => c.label(),
            Self::ListClusters(c) => c.label(),
            Self::GetCluster(c) => c.label(),
            Self::CreateCluster(c) => c.label(),
            Self::DeleteCluster(c) => c.label(),
            Self::GetClusterCredentials(c) => c.label(),
            Self::GetSkus(c) => c.label(),
        }
    }

    fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::GetInfo(c) => c.to_request(),
            Self::GetOrg(c) => c.to_request(),
            Self::ListClusters(c) => c.to_request(),
            Self::GetCluster(c) => c.to_request(),
            Self::CreateCluster(c) => c.to_request(),
            Self::DeleteCluster(c) => c.to_request(),
            Self::GetClusterCredentials(c) => c.to_request(),
            Self::GetSkus(c) => c.to_request(),
        }
    }

    fn read(&self, success: Success<'_>) -> Result<AnyOutput, Error> {
        Ok(match self {
            Self::GetInfo(c) => AnyOutput::Info(c.read(success)?),
            Self::GetOrg(c) => AnyOutput::Org(c.read(success)?),
            Self::ListClusters(c) => AnyOutput::Clusters(c.read(success)?),
            Self::GetCluster(c) => AnyOutput::Cluster(Box::new(c.read(success)?)),
            Self::CreateCluster(c) => AnyOutput::Operation(c.read(success)?),
            Self::DeleteCluster(c) => AnyOutput::Operation(c.read(success)?),
            Self::GetClusterCredentials(c) => AnyOutput::Credentials(c.read(success)?),
            Self::GetSkus(c) => AnyOutput::Skus(c.read(success)?),
        })
    }
}
