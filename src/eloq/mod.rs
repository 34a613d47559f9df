//! EloqCloud: typed calls for organizations, clusters and SKUs, and waits for clusters.
//!
//! The sources are the vendor's Python client eloq-sdk 0.1.4 and the vendor's HTTP pages; where they
//! disagree, the docs of each item say which one is followed.
//!
//! | Vendor's client | Here |
//! |---|---|
//! | `from_environ()` | [`Client::from_env`], `Client::from_environ` |
//! | `from_key(key)` | [`Client::from_key`] |
//! | `from_key_and_url(key, url)` | [`Client::from_key_and_url`] |
//! | `info()` | [`info`](client::Client::info) |
//! | `org()` | [`org`](client::Client::org) |
//! | `clusters(page, per_page)` | [`clusters`](client::Client::clusters) |
//! | `cluster(name)` | [`cluster`](client::Client::cluster) |
//! | `cluster_create(name, region, sku_id)` | [`cluster_create`](client::Client::cluster_create) |
//! | `cluster_delete(name)` | [`cluster_delete`](client::Client::cluster_delete) |
//! | `cluster_credentials(name)` | [`cluster_credentials`](client::Client::cluster_credentials) |
//! | `get_skus(type, module, provider)` | [`get_skus`](client::Client::get_skus) |
//!
//! This module also has waits for clusters ([`wait_for_cluster`](client::Client::wait_for_cluster)) and
//! [batches](client::Client::batch).
//!
//! Differences to the vendor's client: failures of create and delete are errors, not results; the codes 0 and
//! 200 in a response both mean success, and any other code in a 200 is an error; the zone is sent only when
//! it is given; names are encoded in URLs; the ids of the organization and its projects (`GET org-info`) are
//! read once. [`docs::errors`](crate::docs::errors) has a table of the vendor's exceptions.
//!
//! Timestamps are texts as the API sends them: `2025-08-20 08:20:21` without a time zone, or
//! `2025-08-26T08:06:41Z`.

mod any;
mod batch;
mod call;
pub mod client;
mod clusters;
mod command;
mod credentials;
mod enums;
mod errors;
mod org;
mod project;
mod protocol;
mod skus;
mod wire;

pub use crate::client::{Action, Added, CallState, Seen};
pub use any::{AnyCommand, AnyOutput};
#[cfg(feature = "async")]
pub use batch::AsyncResults;
pub use batch::{Batch, BatchCall, Finished, Results};
pub use call::Call;
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder};
#[cfg(feature = "async")]
pub use clusters::ClusterStream;
pub use clusters::{
    Cluster, ClusterCredentials, ClusterIter, ClusterList, ClusterListItem, ClusterStatus, CreateCluster,
    CreateClusterAndWait, DeleteCluster, DeleteClusterAndWait, GetCluster, GetClusterCredentials,
    ListClusters, OperationResult, WaitForCluster, WaitForClusterDeletion,
};
pub use command::Command;
pub use credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL};
pub use enums::{CloudProvider, EloqModule, SkuType};
pub use errors::may_be_missing;
pub use org::{GetInfo, GetOrg, OrgInfo, SimpleOrgInfo, SimpleProjectInfo, UserOrgInfo};
pub use project::Project;
pub use skus::{GetSkus, SkuInfo};
pub use wire::Spelled;

/// The client whose calls block the thread.
///
/// ```
/// use controlplane::eloq::Client;
///
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # const HIDDEN: &str = stringify! {
/// let client = Client::from_env()?; // ELOQ_API_KEY
/// # };
/// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
/// for cluster in client.clusters().iter() {
///     println!("{}", cluster?.cluster_name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
pub type Client = client::Client<Blocking>;

/// The client whose calls are futures for Tokio.
///
/// ```
/// use controlplane::eloq::AsyncClient;
///
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # let (key, url) = (emulator.api_key(), emulator.url());
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let client = AsyncClient::from_key_and_url(key, url)?; // or `AsyncClient::from_env()?`
/// println!("{}", client.org().send().await?.org_name);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
#[cfg(feature = "async")]
pub type AsyncClient = client::Client<Async>;
