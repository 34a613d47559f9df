//! A client for the control planes of managed data platforms: Onehouse first, EloqCloud, H2O
//! Workflows and Hotdata on the same engine.
//!
//! Blocking: a command-line tool or a script links it and calls it, without a runtime. With the feature `async` a Tokio
//! application gets the same calls as futures, beside the blocking ones. A statement that changes
//! something is never sent twice after it may have been taken; everything else is retried, polled and bounded for
//! you. And there is a local emulator, so that nothing of this needs an account to be tried or tested.
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType};
//!
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?; // arguments > environment > ~/.onehouse/credentials, for each field
//! # };
//! let done = client
//!     .create_cluster("prod", ClusterType::Managed) // what it must have: arguments
//!     .max_ocu(10) // what it may have: methods
//!     .option("worker.type", "oh-general-4")
//!     .send()?;
//! println!("{} {}", done.api_status, done.api_response);
//!
//! for cluster in client.show_clusters().send()?.rows() {
//!     println!("{} is {}", cluster["name"], cluster["state"]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! - [`onehouse::Client`] has a method for each of the 62 commands, and raw SQL. Methods return a
//!   [`Call`](onehouse::Call), which does nothing until `.send()`, `.submit()` or `.to_sql()`.
//! - `onehouse::AsyncClient` (feature `async`) has the same methods, and what is sent is awaited.
//!   [`docs::blocking_and_async`] tells how the two go together.
//! - `eloq::Client` (feature `eloq`), `h2o_workflows::Clients` (feature `h2o-workflows`) and `hotdata::Client` (feature `hotdata`)
//!   are built the same way: calls that do nothing until they are sent, commands as data, waits, and all of it as futures.
//! - [`onehouse::AnyCommand`] is all commands as data, in JSON if you like: plans can live in files.
//! - `eloq::Client` (feature `eloq`) has the eight calls of EloqCloud's client, and waits for clusters.
//! - `auth` (feature `h2o-workflows`) is where access tokens come from, for services that have such.
//! - [`onehouse::Batch`] is many calls under one rate limit, with a journal to go on from when it was interrupted.
//! - [`Error`] is the one error. [`docs::errors`] lists its kinds, what to do about each, and where the vendor's
//!   exceptions went.
//! - [`RetryPolicy`], [`PollPolicy`] and [`Progress`] are what can be chosen about, and heard of, a running call.
//! - [`transport`] is the one place that touches the network; you can put your own there.
//! - The package `controlplane-emulator` has a local server of each service for tests.
//!
//! # Cookbook
//!
//! Wait longer, and show that something happens:
//!
//! ```
//! # use std::time::Duration;
//! # use controlplane::{Progress, onehouse::{Client, ClusterType}};
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//! client
//!     .create_cluster("prod", ClusterType::Managed)
//!     .timeout(Duration::from_secs(20 * 60))
//!     .on_progress(|progress| {
//!         if let Progress::Polled { status, elapsed, .. } = progress {
//!             eprintln!("{status} after {elapsed:.0?}");
//!         }
//!     })
//!     .send()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Submit now, wait later, perhaps in another process:
//!
//! ```
//! # use controlplane::onehouse::Client;
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//! let id = client.show_lakes().submit()?.request_id;
//! let done = client.resume(id).send()?;
//! # assert!(done.is_terminal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Run a job, and wait until the run is over and not only until it has started:
//!
//! ```
//! # use std::time::Duration;
//! # use controlplane::onehouse::{Client, ClusterType, JobType};
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::builder()
//! #     .credentials(emulator.credentials()).poll_interval(Duration::ZERO).build()?;
//! # client.create_cluster("spark", ClusterType::Spark).send()?;
//! # client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark").send()?;
//! client.wait_for_cluster("spark", "RUNNING").timeout(Duration::from_secs(20 * 60)).send()?;
//! let run = client.run_job("etl").and_wait().timeout(Duration::from_secs(60 * 60)).send()?;
//! println!("{} {}", run.job_run_id, run.status);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! See the SQL without sending it, without credentials:
//!
//! ```
//! # use controlplane::onehouse::Client;
//! let client = Client::offline();
//! assert_eq!(client.delete_lake("raw").cascade().to_sql()?, "DELETE LAKE `raw` CASCADE");
//! # Ok::<(), controlplane::Error>(())
//! ```
//!
//! Test your program against a local server that knows the rules:
//!
//! ```
//! use controlplane_emulator::onehouse::Emulator;
//! use controlplane::onehouse::Client;
//!
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! client.create_service_principal("ci_bot").send()?;
//! assert_eq!(emulator.ledger().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Crate features
//!
//! | Feature | Default | Brings |
//! |---|---|---|
//! | `onehouse` | yes | the Onehouse client |
//! | `eloq` | no | the EloqCloud client |
//! | `h2o-workflows` | no | the H2O Workflows clients: both logins, waits for runs, logs |
//! | `hotdata` | no | the Hotdata client: queries, loads, uploads |
//! | `arrow` | no | results of Hotdata as Arrow record batches |
//! | `async` | no | the clients of futures, for Tokio |
//! | `tracing` | no | progress as events of `tracing`, in a span for each call |
//!
//! Features only ever add.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented)]

#[cfg(tokens)]
pub mod auth;
#[cfg(service)]
pub mod client;
pub mod docs;
#[cfg(feature = "eloq")]
pub mod eloq;
#[cfg(service)]
mod engine;
mod error;
#[cfg(feature = "h2o-workflows")]
pub mod h2o_workflows;
#[cfg(feature = "hotdata")]
pub mod hotdata;
pub mod http;
#[cfg(feature = "onehouse")]
pub mod onehouse;
#[cfg(service)]
mod open_enum;
#[cfg(service)]
mod redact;
#[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
mod timestamp;
pub mod transport;
#[cfg(any(feature = "eloq", feature = "h2o-workflows"))]
mod wire;

#[cfg(service)]
pub use client::CancelToken;
#[cfg(service)]
pub use engine::blocking::driver::Clock;
#[cfg(service)]
pub use engine::{Effect, PollPolicy, Progress, RetryPolicy};
pub use error::{Error, ErrorKind, Result};
#[doc(no_inline)]
pub use secrecy::{ExposeSecret, SecretString};
