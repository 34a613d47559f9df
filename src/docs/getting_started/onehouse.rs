//! Getting started with Onehouse.
//!
//! ```toml
//! [dependencies]
//! # A clone: no version is published yet.
//! controlplane = { path = "../controlplane" }
//! # The emulator, for the programs below; under [dev-dependencies] if only tests use it.
//! controlplane-emulator = { path = "../controlplane/crates/emulator", default-features = false, features = ["onehouse"] }
//! serde = { version = "1", features = ["derive"] }
//! ```
//!
//! # Credentials
//!
//! A call needs seven values. The API key and its secret are the two halves of an API token of a service
//! principal. The link UID is shown as "RequestID" in the console; it is not the request id of an operation.
//! The user has to be an admin of the project, or a service principal. Set them in the environment,
//!
//! ```sh
//! export ONEHOUSE_ACCOUNT_UID=… ONEHOUSE_PROJECT_UID=… ONEHOUSE_USER_UID=…
//! export ONEHOUSE_API_KEY=… ONEHOUSE_API_SECRET=…
//! export ONEHOUSE_LINK_UID=… ONEHOUSE_REGION=us-west-2
//! ```
//!
//! or in a profile of `~/.onehouse/credentials`, the file of the vendor's tools.
//! [`Credentials`](crate::onehouse::Credentials) describes both, and the precedence. With the feature
//! `sign-in`, a person can sign in through the browser instead (`onehouse::SignIn`, or the vendor's
//! `oh login` with `ONEHOUSE_SESSION_STORE=file`).
//!
//! # The first calls
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterStatus, ClusterType, LakeType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?; // for the real service: `Client::from_env()?`
//!
//! client.create_cluster("prod", ClusterType::Managed).max_ocu(4).send()?;
//! client.wait_for_cluster("prod", ClusterStatus::Running).send()?;
//! client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "prod").send()?;
//! client.create_database("events", "raw").send()?;
//!
//! for lake in client.show_lakes().send()?.rows() {
//!     println!("{}", lake.text("name").unwrap_or("?"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call submits a SQL statement and polls until it has ended: `.send()` returns then. Without a timeout of
//! its own a call ends after 60 s, and a wait for a cluster after 20 minutes.
//!
//! # Reading responses
//!
//! The vendor does not document the fields of most payloads, so there are no types for them.
//! [`rows`](crate::onehouse::StatusResponse::rows) reads the known shapes of tables,
//! [`rows_as`](crate::onehouse::StatusResponse::rows_as) reads them as a type of yours, and
//! [`payload`](crate::onehouse::StatusResponse::payload) is the JSON.
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType};
//! use controlplane_emulator::onehouse::Emulator;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Cluster {
//!     name: String,
//!     state: Option<String>,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! client.create_cluster("prod", ClusterType::Managed).send()?;
//! for cluster in client.show_clusters().send()?.rows_as::<Cluster>()? {
//!     println!("{} is {}", cluster.name, cluster.state.as_deref().unwrap_or("?"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Jobs
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType, JobType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! client.create_cluster("spark", ClusterType::Spark).send()?;
//! client.wait_for_cluster("spark", "RUNNING").send()?;
//! client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark").send()?;
//! let run = client.run_job("etl").and_wait().send()?; // until the run has ended
//! println!("{} {}", run.job_run_id, run.status);
//! # Ok(())
//! # }
//! ```
//!
//! # Everything else
//!
//! [`onehouse`](crate::onehouse) lists all helpers by family. Statements without a helper (REVOKE, groups,
//! changes to policies) are sent as SQL:
//!
//! ```
//! use controlplane::onehouse::Client;
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//!
//! let lakes = client.execute("SHOW LAKES").send()?;
//! # assert!(lakes.is_terminal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Next: [long operations](crate::docs::long_operations), [batches and
//! plans](crate::docs::batches_and_plans), [moving from the vendor's Python
//! SDK](crate::docs::moving::onehouse).
