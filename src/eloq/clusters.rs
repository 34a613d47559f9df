//! Clusters: list, describe, create, delete.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, shown};
use crate::http::{Method, Request};

use super::client::Client;
use super::command::{Answer, Call, Command, Spec, checked_name, name_segment, read_data};
use super::enums::{CloudProvider, ClusterStatus, EloqModule};
use super::project::{ORG, PROJECT};
use super::wire::{Spelled, or_default};

/// The page size where none is given: the vendor's.
const PER_PAGE: u32 = 20;
/// The largest page that the API gives.
pub(super) const MAX_PER_PAGE: u32 = 50;

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
/// `admin_user` and `admin_password` are as they came, in base64; use `cluster_credentials` for what they say. `Debug`
/// does not show the password; `Serialize` writes it, as the wire's own JSON has it.
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
        let elb_is_up = self.elb_state.is_empty() || self.elb_state.eq_ignore_ascii_case("active");
        [
            (elb_is_up, "load balancer"),
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

fn clusters_path(rest: &str) -> String {
    format!("/orgs/{ORG}/projects/{PROJECT}/clusters{rest}")
}

/// The request for one cluster.
pub(super) fn describe_request(what: &str, name: &str) -> Result<Request, Error> {
    let name = name_segment(what, name)?;
    Ok(Request::new(Method::Get, "", clusters_path(&format!("/{name}"))))
}

/// See [`Client::clusters`](crate::eloq::client::Client::clusters).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Clusters {
    /// Which page, from 1. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// How many on a page: 1 to 50. Default: 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

impl Clusters {
    /// The first page.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for Clusters {
    type Output = ClusterList;

    fn spec(&self) -> Spec {
        Spec::reads("clusters")
    }

    fn label(&self) -> String {
        "listing the clusters".to_owned()
    }

    fn to_request(&self) -> Result<Request, Error> {
        let (page, per_page) = (self.page.unwrap_or(1), self.per_page.unwrap_or(PER_PAGE));
        let refuse = |why: String| Err(Error::invalid(self.label(), why).with_advice("Nothing was sent."));
        if page == 0 {
            return refuse("pages are counted from 1".to_owned());
        }
        if per_page == 0 || per_page > MAX_PER_PAGE {
            return refuse(format!("a page has 1 to {MAX_PER_PAGE} clusters, not {per_page}"));
        }
        let mut request = Request::new(Method::Get, "", clusters_path(""));
        request.query =
            vec![("page".to_owned(), page.to_string()), ("perPage".to_owned(), per_page.to_string())];
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<ClusterList, Error> {
        read_data(answer)
    }
}

/// See [`Client::cluster`](crate::eloq::client::Client::cluster).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetCluster {
    /// The cluster's name.
    pub cluster_name: String,
}

impl GetCluster {
    /// The cluster of this name.
    pub fn new(cluster_name: impl Into<String>) -> Self {
        Self { cluster_name: cluster_name.into() }
    }
}

impl Command for GetCluster {
    type Output = Cluster;

    fn spec(&self) -> Spec {
        Spec::reads("cluster")
    }

    fn label(&self) -> String {
        format!("describing the cluster {}", quoted(&self.cluster_name))
    }

    fn to_request(&self) -> Result<Request, Error> {
        describe_request(&self.label(), &self.cluster_name)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Cluster, Error> {
        read_data(answer)
    }
}

/// See [`Client::cluster_create`](crate::eloq::client::Client::cluster_create).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
#[doc(alias = "CreateClusterRequest")]
pub struct ClusterCreate {
    /// The cluster's name. What names are allowed is not documented.
    pub cluster_name: String,
    /// Where: `us-west-1`.
    pub region: String,
    /// What of: from `get_skus`.
    pub sku_id: i64,
    /// Where exactly: `us-west-1a`. Default: not said, so that the service chooses. The vendor's client always sends
    /// `us-west-1a`, whatever the region.
    #[serde(default, alias = "requiredZone", alias = "zone", skip_serializing_if = "Option::is_none")]
    pub required_zone: Option<String>,
}

impl ClusterCreate {
    /// A cluster of this name, place and size.
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

impl Command for ClusterCreate {
    type Output = OperationResult;

    fn spec(&self) -> Spec {
        Spec::changes("cluster_create")
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

    fn read(&self, answer: Answer<'_>) -> Result<OperationResult, Error> {
        taken(answer, "Cluster created successfully")
    }
}

/// See [`Client::cluster_delete`](crate::eloq::client::Client::cluster_delete).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ClusterDelete {
    /// The cluster's name.
    pub cluster_name: String,
}

impl ClusterDelete {
    /// The cluster of this name.
    pub fn new(cluster_name: impl Into<String>) -> Self {
        Self { cluster_name: cluster_name.into() }
    }
}

impl Command for ClusterDelete {
    type Output = OperationResult;

    fn spec(&self) -> Spec {
        Spec::changes("cluster_delete")
    }

    fn label(&self) -> String {
        format!("deleting the cluster {}", quoted(&self.cluster_name))
    }

    fn to_request(&self) -> Result<Request, Error> {
        let name = name_segment(&self.label(), &self.cluster_name)?;
        // The verb, and the word again: so the API has it.
        Ok(Request::new(Method::Delete, "", clusters_path(&format!("/{name}/delete"))))
    }

    fn read(&self, answer: Answer<'_>) -> Result<OperationResult, Error> {
        taken(answer, "Cluster deleted successfully")
    }
}

fn taken(answer: Answer<'_>, text: &str) -> Result<OperationResult, Error> {
    if answer.envelope.bare.is_some() {
        return Err(answer.unusable("it has neither code nor message nor data"));
    }
    let text = if answer.envelope.has_message { "" } else { text };
    let message = answer.envelope.message.unwrap_or_else(|| text.to_owned());
    Ok(OperationResult { success: true, message })
}

/// A name in a message.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", shown(name))
}

/// # Clusters
impl<M> Client<M> {
    /// One page of the clusters of the project: the first 20, unless [`page`](Call::page) and
    /// [`per_page`](Call::per_page) say otherwise. For all of them: [`Call::iter`], [`Call::stream`].
    ///
    /// `GET orgs/{org}/projects/{project}/clusters`.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// let page = client.clusters().page(1).per_page(50).send()?;
    /// println!("{} of {}", page.cluster_list.len(), page.total);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clusters(&self) -> Call<M, Clusters> {
        self.call(Clusters::new())
    }

    /// One cluster, with everything about it.
    ///
    /// `GET orgs/{org}/projects/{project}/clusters/{name}`. A cluster that is not there gives
    /// [`NotFound`](crate::ErrorKind::NotFound) or [`PermissionDenied`](crate::ErrorKind::PermissionDenied): see
    /// [`may_be_missing`](crate::eloq::may_be_missing).
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

    /// A new cluster. Returns as soon as it is taken; [`create_and_wait`](Client::create_and_wait) waits until the cluster
    /// can be used.
    ///
    /// `POST orgs/{org}/projects/{project}/clusters`. Sent once and not again after it may have been taken: then the
    /// error is [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
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
    ) -> Call<M, ClusterCreate> {
        self.call(ClusterCreate::new(cluster_name, region, sku_id))
    }

    /// Deletes a cluster, which must be `available`. Returns as soon as it is taken;
    /// [`delete_and_wait`](Client::delete_and_wait) waits until the cluster is gone.
    ///
    /// `DELETE orgs/{org}/projects/{project}/clusters/{name}/delete`. Sent once and not again after it may have been
    /// taken: then the error is [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// # client.cluster_create("c1", "us-west-1", 3).send()?;
    /// client.cluster_delete("c1").send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cluster_delete(&self, cluster_name: impl Into<String>) -> Call<M, ClusterDelete> {
        self.call(ClusterDelete::new(cluster_name))
    }
}

/// # Options of `clusters`
impl<M> Call<M, Clusters> {
    /// Which page, from 1. Default: 1.
    pub fn page(mut self, page: u32) -> Self {
        self.command.page = Some(page);
        self
    }

    /// How many on a page: 1 to 50. Default: 20; 50 for [`iter`](Call::iter) and [`stream`](Call::stream).
    pub fn per_page(mut self, per_page: u32) -> Self {
        self.command.per_page = Some(per_page);
        self
    }
}

/// # Options of `cluster_create`
impl<M> Call<M, ClusterCreate> {
    /// Where exactly: `us-west-1a`. Default: the service chooses.
    #[doc(alias = "required_zone")]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.command.required_zone = Some(zone.into());
        self
    }
}
