//! Getting started with EloqCloud.
//!
//! ```toml
//! [dependencies]
//! # A clone: no version is published yet.
//! controlplane = { path = "../controlplane", default-features = false, features = ["eloq"] }
//! # The emulator, for the program below; under [dev-dependencies] if only tests use it.
//! controlplane-emulator = { path = "../controlplane/crates/emulator", default-features = false, features = ["eloq"] }
//! ```
//!
//! # Credentials
//!
//! Create an API key in the dashboard (Settings, API Keys). The key belongs to an organization.
//!
//! ```sh
//! export ELOQ_API_KEY=…
//! ```
//!
//! # A cluster from its creation to its end
//!
//! ```
//! use std::time::Duration;
//! use controlplane::eloq::{Client, CloudProvider, Credentials, EloqModule, SkuType};
//! use controlplane_emulator::eloq::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // For the real service, replace the next four lines with `let client = Client::from_env()?;`.
//! let emulator = Emulator::builder().pending_polls(1).start()?;
//! let credentials = Credentials::builder().env(emulator.variables()).build()?;
//! let client =
//!     Client::builder().credentials(credentials).poll_interval(Duration::from_millis(100)).build()?;
//!
//! let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).send()?;
//! let sku = skus.first().ok_or("there is no SKU")?;
//!
//! let cluster = client.cluster_create("my-cluster", "us-west-1", sku.sku_id).and_wait().send()?;
//! println!("{} is {}", cluster.display_cluster_name, cluster.status);
//!
//! let access = client.cluster_credentials("my-cluster").send()?;
//! println!("connect to {}:{} as {}", access.host, access.port, access.username);
//!
//! for cluster in client.clusters().iter() {
//!     println!("{}", cluster?.cluster_name); // all pages
//! }
//! client.cluster_delete("my-cluster").and_wait().send()?;
//! # Ok(())
//! # }
//! ```
//!
//! Without `.and_wait()`, creation and deletion return when the request was accepted. They have no request
//! id: the name of the cluster is the [`resource`](crate::Error::resource) of their errors. If a wait ends
//! too early, continue with `wait_for_cluster(name)` or `wait_for_cluster_deletion(name)`.
//!
//! A missing cluster may be reported as HTTP 403 or 404:
//! [`may_be_missing`](crate::eloq::may_be_missing) recognizes both.
//!
//! Calls go to the first project of the organization, as with the vendor's client;
//! [`ClientBuilder::project`](crate::eloq::ClientBuilder::project) chooses another.
//!
//! Next: [`eloq`](crate::eloq) has all calls, [moving](crate::docs::moving::eloq) shows them beside the
//! vendor's Python client.
