//! Clusters: list, describe, create, delete.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::eloq::call::Call;
use crate::eloq::client::Client;
use crate::eloq::command::{Command, Success, checked_name, name_segment};
use crate::eloq::project::{ORG, PROJECT};
use crate::error::{Error, shown};
use crate::http::{Method, Request};

use super::model::{Cluster, ClusterList, OperationResult};

/// The default number of clusters on a page, that of the vendor's client.
const PER_PAGE: u32 = 20;
/// The largest number of clusters on a page.
pub(super) const MAX_PER_PAGE: u32 = 50;

fn clusters_path(rest: &str) -> String {
    format!("/orgs/{ORG}/projects/{PROJECT}/clusters{rest}")
}

/// The request for one cluster.
pub(super) fn describe_request(what: &str, name: &str) -> Result<Request, Error> {
    let name = name_segment(what, name)?;
    Ok(Request::new(Method::Get, "", clusters_path(&format!("/{name}"))))
}

/// The command of [`Client::clusters`](crate::eloq::client::Client::clusters).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListClusters {
    /// The number of the page, from 1. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The number of clusters on a page: 1 to 50. Default: 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

impl ListClusters {
    /// Returns the command for the first page.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListClusters {
    const NAME: &'static str = "clusters";

    type Output = ClusterList;

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn label(&self) -> String {
        "listing the clusters".to_owned()
    }

    fn to_request(&self) -> Result<Request, Error> {
        let (page, per_page) = (self.page.unwrap_or(1), self.per_page.unwrap_or(PER_PAGE));
        let refuse = |why: String| Err(Error::invalid(self.label(), why).with_advice("Nothing was sent."));
        if page == 0 {
            return refuse("the page is 0, but pages are counted from 1".to_owned());
        }
        if per_page == 0 || per_page > MAX_PER_PAGE {
            return refuse(format!("a page has 1 to {MAX_PER_PAGE} clusters, not {per_page}"));
        }
        let mut request = Request::new(Method::Get, "", clusters_path(""));
        request.query =
            vec![("page".to_owned(), page.to_string()), ("perPage".to_owned(), per_page.to_string())];
        Ok(request)
    }

    fn read(&self, mut success: Success<'_>) -> Result<ClusterList, Error> {
        success.data()
    }
}

/// The command of [`Client::cluster`](crate::eloq::client::Client::cluster).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetCluster {
    /// The cluster's name.
    pub cluster_name: String,
}

impl GetCluster {
    /// Returns the command for the cluster of this name.
    pub fn new(cluster_name: impl Into<String>) -> Self {
        Self { cluster_name: cluster_name.into() }
    }
}

impl Command for GetCluster {
    const NAME: &'static str = "cluster";

    type Output = Cluster;

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn label(&self) -> String {
        format!("describing the cluster {}", quoted(&self.cluster_name))
    }

    fn to_request(&self) -> Result<Request, Error> {
        describe_request(&self.label(), &self.cluster_name)
    }

    fn read(&self, mut success: Success<'_>) -> Result<Cluster, Error> {
        success.data()
    }
}

/// The command of [`Client::cluster_create`](crate::eloq::client::Client::cluster_create).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
#[doc(alias = "CreateClusterRequest")]
pub struct CreateCluster {
    /// The cluster's name. The vendor does not document which names are allowed.
    pub cluster_name: String,
    /// The region: `us-west-1`.
    pub region: String,
    /// The id of the SKU, from `get_skus`.
    pub sku_id: i64,
    /// The availability zone: `us-west-1a`. Default: none is sent, and the service chooses. The vendor's
    /// client always sends `us-west-1a`, whatever the region.
    #[serde(default, alias = "requiredZone", alias = "zone", skip_serializing_if = "Option::is_none")]
    pub required_zone: Option<String>,
}

impl CreateCluster {
    /// Returns the command for a cluster of this name, region and SKU.
    pub fn new(cluster_name: impl Into<String>, region: impl Into<String>, sku_id: i64) -> Self {
        Self { cluster_name: cluster_name.into(), region: region.into(), sku_id, required_zone: None }
    }
}

/// The body, in the vendor's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateBody<'a> {
    cluster_name: &'a str,
    region: &'a str,
    sku_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_zone: Option<&'a str>,
}

impl Command for CreateCluster {
    const NAME: &'static str = "cluster_create";

    type Output = OperationResult;

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn label(&self) -> String {
        format!("creating the cluster {}", quoted(&self.cluster_name))
    }

    fn to_request(&self) -> Result<Request, Error> {
        checked_name(&self.label(), &self.cluster_name)?;
        let body = CreateBody {
            cluster_name: &self.cluster_name,
            region: &self.region,
            sku_id: self.sku_id,
            required_zone: self.required_zone.as_deref(),
        };
        let mut request = Request::new(Method::Post, "", clusters_path(""));
        let body = serde_json::to_vec(&body).map_err(|e| Error::invalid(self.label(), e.to_string()))?;
        request.body = Some(body.into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<OperationResult, Error> {
        accepted(success, "Cluster created successfully")
    }
}

/// The command of [`Client::cluster_delete`](crate::eloq::client::Client::cluster_delete).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteCluster {
    /// The cluster's name.
    pub cluster_name: String,
}

impl DeleteCluster {
    /// Returns the command for the cluster of this name.
    pub fn new(cluster_name: impl Into<String>) -> Self {
        Self { cluster_name: cluster_name.into() }
    }
}

impl Command for DeleteCluster {
    const NAME: &'static str = "cluster_delete";

    type Output = OperationResult;

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn label(&self) -> String {
        format!("deleting the cluster {}", quoted(&self.cluster_name))
    }

    fn to_request(&self) -> Result<Request, Error> {
        let name = name_segment(&self.label(), &self.cluster_name)?;
        // The method DELETE and a path that ends with `/delete`: the API has both.
        Ok(Request::new(Method::Delete, "", clusters_path(&format!("/{name}/delete"))))
    }

    fn read(&self, success: Success<'_>) -> Result<OperationResult, Error> {
        accepted(success, "Cluster deleted successfully")
    }
}

fn accepted(success: Success<'_>, text: &str) -> Result<OperationResult, Error> {
    if success.envelope.bare.is_some() {
        return Err(success.unusable("missing `code`, `message` and `data`"));
    }
    let text = if success.envelope.has_message { "" } else { text };
    let message = success.envelope.message.unwrap_or_else(|| text.to_owned());
    Ok(OperationResult { success: true, message })
}

/// Returns a name for a message.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", shown(name))
}

/// # Clusters
impl<M> Client<M> {
    /// Returns one page of the clusters of the project: the first 20, unless [`page`](Call::page) and
    /// [`page_size`](Call::page_size) say otherwise.
    ///
    /// [`Call::iter`] returns all of them, and so does `Call::stream` with the feature `async`.
    ///
    /// `GET orgs/{org}/projects/{project}/clusters`.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// let page = client.clusters().page(1).page_size(50).send()?;
    /// println!("{} of {}", page.cluster_list.len(), page.total);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clusters(&self) -> Call<M, ListClusters> {
        self.call(ListClusters::new())
    }

    /// Returns one cluster, with all its fields.
    ///
    /// `GET orgs/{org}/projects/{project}/clusters/{name}`. A missing cluster is an error of the kind
    /// [`NotFound`](crate::ErrorKind::NotFound) or [`PermissionDenied`](crate::ErrorKind::PermissionDenied):
    /// see [`may_be_missing`](crate::eloq::may_be_missing).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// # client.cluster_create("c1", "us-west-1", 3).send()?;
    /// let cluster = client.cluster("c1").send()?;
    /// println!("{} is {}", cluster.display_cluster_name, cluster.status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cluster(&self, cluster_name: impl Into<String>) -> Call<M, GetCluster> {
        self.call(GetCluster::new(cluster_name))
    }

    /// Creates a cluster. Returns as soon as the request is accepted, before the cluster can be used.
    ///
    /// With [`and_wait`](Call::and_wait), the call waits until the cluster can be used.
    ///
    /// `POST orgs/{org}/projects/{project}/clusters`. Never sent again after it may have been accepted; if
    /// that is unknown, the error is [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// client.cluster_create("c1", "us-west-1", 3).zone("us-west-1a").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cluster_create(
        &self,
        cluster_name: impl Into<String>,
        region: impl Into<String>,
        sku_id: i64,
    ) -> Call<M, CreateCluster> {
        self.call(CreateCluster::new(cluster_name, region, sku_id))
    }

    /// Deletes a cluster, which must be `available`. Returns as soon as the request is accepted, before the
    /// cluster is gone.
    ///
    /// With [`and_wait`](Call::and_wait), the call waits until the cluster is gone.
    ///
    /// `DELETE orgs/{org}/projects/{project}/clusters/{name}/delete`. Never sent again after it may have been
    /// accepted; if that is unknown, the error is [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// # client.cluster_create("c1", "us-west-1", 3).send()?;
    /// client.cluster_delete("c1").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cluster_delete(&self, cluster_name: impl Into<String>) -> Call<M, DeleteCluster> {
        self.call(DeleteCluster::new(cluster_name))
    }
}

/// # Options of `clusters`
impl<M> Call<M, ListClusters> {
    /// Sets the number of the page to read, from 1. Default: 1. With 0, the call fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn page(mut self, page: u32) -> Self {
        self.command.page = Some(page);
        self
    }

    /// Sets the number of clusters on a page: 1 to 50. Default: 20; 50 for [`iter`](Call::iter) and
    /// `stream`. With another number, the call fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    #[doc(alias = "per_page")]
    pub fn page_size(mut self, clusters: u32) -> Self {
        self.command.per_page = Some(clusters);
        self
    }
}

/// # Options of `cluster_create`
impl<M> Call<M, CreateCluster> {
    /// Sets the availability zone: `us-west-1a`. Default: the service chooses.
    #[doc(alias = "required_zone")]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.command.required_zone = Some(zone.into());
        self
    }
}
