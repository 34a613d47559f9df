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
//! # Many calls in a Tokio service
//!
//! A call owns its command and a clone of its client, so its future can move to another task. All clones of a
//! client share one rate limit:
//!
//! ```
//! use controlplane::onehouse::{AsyncClient, ClusterType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = AsyncClient::new(emulator.credentials())?;
//! let mut tasks = Vec::new();
//! for name in ["ingest", "queries", "jobs"] {
//!     tasks.push(tokio::spawn(client.create_cluster(name, ClusterType::Managed).send()));
//! }
//! for task in tasks {
//!     println!("{}", task.await??.api_status);
//! }
//! println!("{} clusters", client.show_clusters().await?.rows().len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The blocking client in async code
//!
//! It may be called on any thread, also on a worker of a runtime: it has no runtime of its own, so it does
//! not panic there. But it blocks that worker until the call ends. Except at start-up and in tests, move the
//! call to a thread for blocking work:
//!
//! ```
//! use controlplane::onehouse::Client;
//! use controlplane_emulator::onehouse::Emulator;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! let call = client.show_lakes();
//! let done = tokio::task::spawn_blocking(move || call.send()).await??;
//! # assert!(done.is_terminal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
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
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let client = AsyncClient::new(emulator.credentials())?;
//! let done = runtime.block_on(client.show_lakes().send())?;
//! # assert!(done.is_terminal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Both at once
//!
//! Clients of the two modes share nothing: each has its own connections and its own rate limit. If both are
//! used for one Onehouse project, give each a part of the ten requests per second with `rate_limit`. The same
//! holds for clients in several processes. Batches and waits slow down by themselves when the server responds
//! with 429.
