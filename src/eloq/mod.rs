//! EloqCloud: typed calls for organizations, clusters and SKUs, and waits for clusters.
//!
//! Made after the vendor's Python client eloq-sdk 0.1.4 and the vendor's HTTP pages; where the two and the client's own
//! documentation disagree, the docs of each item say what counts here.
//!
//! | Vendor's client | Here |
//! |---|---|
//! | `from_environ()` | [`Client::from_env`] |
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
//! What is otherwise than there: failures of create and delete are errors and not results; both codes of a success are
//! understood, and a failing code in a 200 is an error; the zone is sent only when it is given; names are encoded; org-info
//! is asked for once. [`docs::errors`](crate::docs::errors) has a table of the vendor's exceptions.
//!
//! Timestamps are text, in the two forms that the API has.

pub mod client;
mod clusters;
mod command;
mod credentials;
mod enums;
mod org;
mod project;
mod protocol;
mod skus;
mod wire;

pub use crate::client::Action;
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, Eloq};
#[cfg(feature = "async")]
pub use clusters::ClusterStream;
pub use clusters::{
    Cluster, ClusterCreate, ClusterCredentials, ClusterDelete, ClusterIter, ClusterList, ClusterListItem,
    ClusterStatus, Clusters, CreateAndWait, DeleteAndWait, GetCluster, GetClusterCredentials,
    OperationResult, WaitForCluster, WaitUntilDeleted,
};
pub use command::{AnyCommand, AnyOutput, Call, Command, Spec, may_be_missing};
pub use credentials::DEFAULT_BASE_URL;
pub use enums::{CloudProvider, EloqModule, SkuType};
pub use org::{Info, Org, OrgInfo, SimpleOrgInfo, SimpleProjectInfo, UserOrgInfo};
pub use project::Project;
pub use skus::{GetSkus, SkuInfo};
pub use wire::Spelled;

/// The client whose calls block the thread.
///
/// ```
/// use controlplane::eloq::Client;
///
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # let (key, url) = (emulator.api_key(), emulator.url());
/// let client = Client::from_key_and_url(key, url)?; // or `Client::from_env()?`
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
