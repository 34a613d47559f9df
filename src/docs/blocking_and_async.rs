//! Blocking and async: which client to use, and how the two work together.
//!
//! The blocking client needs no runtime: it sends on the thread that calls it. It suits command-line tools,
//! scripts and build programs. With the feature `async` each service also has an `AsyncClient` with the same
//! methods, for Tokio: its calls are futures that need a runtime with I/O and time enabled, and that stop
//! when they are dropped.
//!
//! | Topic | Blocking | Async |
//! |---|---|---|
//! | Cargo feature | none | `async` |
//! | Client | `onehouse::Client`, `eloq::Client`, … | `onehouse::AsyncClient`, `eloq::AsyncClient`, … |
//! | Send a call | `.send()?` | `.send().await?` or `.await?` |
//! | All pages of a list | `.iter()` | `.stream()` |
//! | Many calls at once | a batch, or threads that share a clone of the client | a batch, or tasks that share a clone of the client |
//! | Stop a call | [`CancelToken`](crate::CancelToken) from another thread | drop the future, or a `CancelToken` |
//! | HTTP library | ureq | hyper |
//!
//! Commands, waits, errors, retries and deadlines are the same code in both modes.
//!
//! A manifest for a program with Tokio:
//!
//! ```toml
//! [dependencies]
//! # A clone: no version is published yet.
//! controlplane = { path = "../controlplane", features = ["async"] }
//! # The emulator, for the programs below; under [dev-dependencies] if only tests use it.
//! controlplane-emulator = { path = "../controlplane/crates/emulator", default-features = false, features = ["onehouse"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! The feature `async` of this crate enables the features `net` and `time` of Tokio. `#[tokio::main]` starts
//! a runtime with I/O and time enabled; a program that builds a runtime itself calls `enable_all()`, as
//! below.
//!
//! # Many calls in a Tokio service
//!
//! A call owns its command and a clone of its client, so its future can move to another task. All clones of a
//! client share one rate limit:
//!
//! ```
//! use controlplane::onehouse::{AsyncClient, ClusterType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // For the real service, replace the next two lines with `let client = AsyncClient::from_env()?;`.
//!     let emulator = Emulator::builder().pending_polls(0).start()?;
//!     let client = AsyncClient::new(emulator.credentials())?;
//!     let mut tasks = Vec::new();
//!     for name in ["ingest", "queries", "jobs"] {
//!         tasks.push(tokio::spawn(client.create_cluster(name, ClusterType::Managed).send()));
//!     }
//!     for task in tasks {
//!         println!("{}", task.await??.api_status);
//!     }
//!     println!("{} clusters", client.show_clusters().await?.rows().len());
//!     Ok(())
//! }
//! ```
//!
//! # The blocking client in async code
//!
//! The blocking client can be called on any thread, including a Tokio worker. It starts no runtime, so it
//! does not panic there, but it blocks the worker until the call ends. Except at start-up and in tests, move
//! the call to a thread for blocking work:
//!
//! ```
//! use controlplane::onehouse::Client;
//! use controlplane_emulator::onehouse::Emulator;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let emulator = Emulator::builder().pending_polls(0).start()?;
//!     let client = Client::new(emulator.credentials())?;
//!     let call = client.show_lakes();
//!     let done = tokio::task::spawn_blocking(move || call.send()).await??;
//!     println!("{}", done.api_status);
//!     Ok(())
//! }
//! ```
//!
//! # The async client in a blocking program
//!
//! Start a runtime for the part that is async, and block on its future:
//!
//! ```
//! use controlplane::onehouse::AsyncClient;
//! use controlplane_emulator::onehouse::Emulator;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let emulator = Emulator::builder().pending_polls(0).start()?;
//!     let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//!     let client = AsyncClient::new(emulator.credentials())?;
//!     let done = runtime.block_on(client.show_lakes().send())?;
//!     println!("{}", done.api_status);
//!     Ok(())
//! }
//! ```
//!
//! # Both at once
//!
//! Clients of the two modes share nothing: each has its own connections and its own rate limit. If both are
//! used for one Onehouse project, divide the ten requests per second between them with `rate_limit`. Divide
//! them in the same way between clients in several processes. Batches and waits slow down by themselves when
//! the server responds with 429.
