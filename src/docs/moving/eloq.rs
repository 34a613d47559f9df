//! Moving from eloq-sdk 0.1.4.
//!
//! The variable `ELOQ_API_KEY` is the vendor's. `ELOQ_BASE_URL`, for another address, is this crate's own.
//!
//! ```python
//! import os
//!
//! import eloq_sdk
//! from eloq_sdk import exceptions, schema
//!
//! client = eloq_sdk.from_key_and_url(os.environ["ELOQ_API_KEY"], os.environ["ELOQ_BASE_URL"])
//! skus = client.get_skus(
//!     sku_type=schema.SKUType.SERVERLESS,
//!     eloq_module=schema.EloqModule.ELOQKV,
//!     cloud_provider=schema.CloudProvider.AWS,
//! )
//! result = client.cluster_create(cluster_name="c1", region="us-west-1", sku_id=skus[0].sku_id)
//! if not result.success:
//!     print("failed:", result.message)
//!
//! for cluster in client.clusters(page=1, per_page=50).cluster_list:
//!     print(cluster.cluster_name, cluster.status)
//!
//! try:
//!     access = client.cluster_credentials("c1")
//!     print(access.host, access.port, access.username)
//! except exceptions.EloqNotFoundError:
//!     print("no such cluster")
//! ```
//!
//! ```
//! use controlplane::eloq::{Client, CloudProvider, EloqModule, SkuType, may_be_missing};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?;
//! # };
//! let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).send()?;
//! let sku = skus.first().ok_or("there is no SKU")?;
//! if let Err(error) = client.cluster_create("c1", "us-west-1", sku.sku_id).and_wait().send() {
//!     println!("failed: {error}");
//! }
//!
//! for cluster in client.clusters().iter() {
//!     let cluster = cluster?;
//!     println!("{} {}", cluster.cluster_name, cluster.status);
//! }
//!
//! match client.cluster_credentials("c1").send() {
//!     Ok(access) => println!("{} {} {}", access.host, access.port, access.username),
//!     Err(error) if may_be_missing(&error) => println!("no such cluster"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The calls have the vendor's names; [`eloq`](crate::eloq) lists them.
//!
//! Differences that a program may notice:
//!
//! | eloq-sdk | This crate |
//! |---|---|
//! | Creation and deletion return `OperationResult(success=False, message=…)` for every failure, network failures included | they fail with an error |
//! | has no waits | `.and_wait()` waits until the cluster can be used or is gone |
//! | `cluster_credentials` of a cluster that has no address yet returns empty fields | fails with [`NotReady`](crate::ErrorKind::NotReady) |
//! | `org()` raises `AttributeError` | returns the organization |
//! | requests org-info once for each call, and uses the first project | requests it once for each client, and can use any project |
//! | sends the zone `us-west-1a`, whatever the region | sends no zone unless `.zone(…)` sets one |
//! | A request may wait without end, and is not retried | requests have timeouts and are retried |
//! | A missing or null field of a response raises a `ValidationError` | is tolerated, except the name of a cluster and the id of a SKU: without it, the whole response fails |
