//! A client for the control planes of managed data platforms: Onehouse, EloqCloud, H2O Workflows and Hotdata.
//!
//! The client is blocking: command-line tools and scripts link it and call it, without an async runtime. With
//! the feature `async`, Tokio applications get the same calls as futures. A request that changes something is
//! never sent again after the service may have accepted it, unless it has an idempotency key (Hotdata).
//! Requests that only read are retried. The client handles waits, timeouts and rate limits. The package
//! `controlplane-emulator` has a local emulator of each service, so trials and tests need no account.
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
//!     .create_cluster("prod", ClusterType::Managed) // required parameters are arguments
//!     .max_ocu(10) // optional ones are methods
//!     .option("worker.type", "oh-general-4")
//!     .send()?;
//! println!("{} {}", done.api_status, done.api_response);
//!
//! for cluster in client.show_clusters().send()?.rows() {
//!     println!("{:?} is {:?}", cluster.text("name"), cluster.text("state"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `async`, a Tokio program lists the clusters like this:
//!
#![cfg_attr(all(feature = "async", feature = "onehouse"), doc = "```")]
#![cfg_attr(not(all(feature = "async", feature = "onehouse")), doc = "```ignore")]
//! use controlplane::onehouse::AsyncClient;
//!
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! # let client = AsyncClient::new(emulator.credentials())?;
//! # const HIDDEN: &str = stringify! {
//! let client = AsyncClient::from_env()?;
//! # };
//! for cluster in client.show_clusters().await?.rows() {
//!     println!("{:?} is {:?}", cluster.text("name"), cluster.text("state"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! - [`onehouse::Client`] has a method for each of the 62 commands of the vendor's SDK and for four more, and
//!   raw SQL. Methods return a [`Call`][onehouse::Call], which does nothing until `.send()`, `.submit()` or
//!   `.to_sql()`.
//! - [`eloq::Client`], [`h2o_workflows::Client`] and [`hotdata::Client`] are the clients of the other
//!   services, each behind its own feature. They have the same builders, calls, waits and errors.
//! - `AsyncClient` in each of these modules (feature `async`), for example [`onehouse::AsyncClient`], has the
//!   same methods, whose results are awaited. [`docs::blocking_and_async`] describes how blocking and async
//!   clients work together.
//! - [`onehouse::AnyCommand`], and the `AnyCommand` of each other service, holds any command as data, which
//!   can be read from JSON and written as JSON.
//! - [`Batch`] sends many calls of one service or of several, those of each client under its rate limit, with
//!   a journal from which an interrupted batch continues. [`onehouse::Batch`], and the `Batch` of each other
//!   service, sends the calls of one client.
//! - [`Error`] is the one error type. [`docs::errors`] lists its kinds, what to do about each, what is
//!   retried, and which exceptions of the vendors the kinds stand for.
//! - [`RetryPolicy`], [`PollPolicy`] and [`CancelToken`] control a running call, and [`Progress`] reports on
//!   it. [`docs::timeouts`] lists the time limits and their defaults.
//! - [`transport`] sends the requests; programs can bring a transport of their own.
//! - [`auth`] obtains access tokens (features `h2o-workflows` and `sign-in`).
//! - [`docs`] has the guides: [getting started](docs::getting_started) with each service, [long
//!   operations](docs::long_operations), [testing](docs::testing) and more.
//! - The package `controlplane-emulator` has a local server of each service for tests.
//!
//! # Cookbook
//!
//! Wait longer, and report progress:
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
//! Submit a call now, and wait for its end later, perhaps in another process:
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
//! Run a job, and wait for the end of the run rather than its start:
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
//! Test your program against a local emulator:
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
//! | Feature | Default | Adds |
//! |---|---|---|
//! | `onehouse` | yes | the Onehouse client |
//! | `sign-in` | no | sign-in to Onehouse through the browser, and access tokens in place of an API key |
//! | `eloq` | no | the EloqCloud client |
//! | `h2o-workflows` | no | the H2O Workflows clients |
//! | `hotdata` | no | the Hotdata client |
//! | `arrow` | no | with `hotdata`: results as Arrow record batches |
//! | `async` | no | `AsyncClient` of each service, for Tokio |
//! | `native-roots` | no | trust in the system's certificate authorities in place of the built-in ones, if it has any |
//! | `tracing` | no | progress as events of `tracing`, in a span for each call |
//!
//! No feature removes an item. Three features also change behaviour: `native-roots` replaces the trusted
//! authorities, `sign-in` lets a session replace the API key, and `tracing` sends progress to `tracing`,
//! which passes it on to `log` where no subscriber is installed.
//!
#![cfg_attr(feature = "onehouse", doc = "[`onehouse::Client`]: onehouse::Client")]
#![cfg_attr(
    not(feature = "onehouse"),
    doc = "[`onehouse::Client`]: https://docs.rs/controlplane/latest/controlplane/onehouse/type.Client.html"
)]
#![cfg_attr(feature = "onehouse", doc = "[onehouse::Call]: onehouse::Call")]
#![cfg_attr(
    not(feature = "onehouse"),
    doc = "[onehouse::Call]: https://docs.rs/controlplane/latest/controlplane/onehouse/type.Call.html"
)]
#![cfg_attr(
    all(feature = "async", feature = "onehouse"),
    doc = "[`onehouse::AsyncClient`]: onehouse::AsyncClient"
)]
#![cfg_attr(
    not(all(feature = "async", feature = "onehouse")),
    doc = "[`onehouse::AsyncClient`]: https://docs.rs/controlplane/latest/controlplane/onehouse/type.AsyncClient.html"
)]
#![cfg_attr(feature = "onehouse", doc = "[`onehouse::AnyCommand`]: onehouse::AnyCommand")]
#![cfg_attr(
    not(feature = "onehouse"),
    doc = "[`onehouse::AnyCommand`]: https://docs.rs/controlplane/latest/controlplane/onehouse/enum.AnyCommand.html"
)]
#![cfg_attr(feature = "onehouse", doc = "[`onehouse::Batch`]: onehouse::Batch")]
#![cfg_attr(
    not(feature = "onehouse"),
    doc = "[`onehouse::Batch`]: https://docs.rs/controlplane/latest/controlplane/onehouse/type.Batch.html"
)]
#![cfg_attr(feature = "eloq", doc = "[`eloq::Client`]: eloq::Client")]
#![cfg_attr(
    not(feature = "eloq"),
    doc = "[`eloq::Client`]: https://docs.rs/controlplane/latest/controlplane/eloq/type.Client.html"
)]
#![cfg_attr(feature = "h2o-workflows", doc = "[`h2o_workflows::Client`]: h2o_workflows::Client")]
#![cfg_attr(
    not(feature = "h2o-workflows"),
    doc = "[`h2o_workflows::Client`]: https://docs.rs/controlplane/latest/controlplane/h2o_workflows/type.Client.html"
)]
#![cfg_attr(feature = "hotdata", doc = "[`hotdata::Client`]: hotdata::Client")]
#![cfg_attr(
    not(feature = "hotdata"),
    doc = "[`hotdata::Client`]: https://docs.rs/controlplane/latest/controlplane/hotdata/type.Client.html"
)]
#![cfg_attr(tokens, doc = "[`auth`]: mod@auth")]
#![cfg_attr(not(tokens), doc = "[`auth`]: https://docs.rs/controlplane/latest/controlplane/auth/index.html")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a service there is little to link to.
#![cfg_attr(not(service), allow(rustdoc::broken_intra_doc_links))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented)]

#[cfg(tokens)]
pub mod auth;
#[cfg(service)]
pub mod batch;
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
pub mod plan;
#[cfg(service)]
mod redact;
#[cfg(tables)]
mod rows;
#[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
mod timestamp;
pub mod transport;
#[cfg(service)]
mod wire;

/// Compiles the examples of the README.
#[cfg(all(
    doctest,
    feature = "arrow",
    feature = "eloq",
    feature = "h2o-workflows",
    feature = "hotdata",
    feature = "onehouse"
))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(all(service, feature = "async"))]
pub use batch::AsyncBatch;
#[cfg(service)]
pub use batch::{AnyOutput, Batch, PlanCommand};
#[cfg(service)]
pub use client::CancelToken;
#[cfg(service)]
pub use engine::blocking::driver::Clock;
#[cfg(service)]
pub use engine::{Effect, PollPolicy, Progress, RetryPolicy};
pub use error::{Error, ErrorKind, Result, SimulatedError};
#[cfg(tables)]
pub use rows::Row;
#[doc(no_inline)]
pub use secrecy::{ExposeSecret, SecretString};
