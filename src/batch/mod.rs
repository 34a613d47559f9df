//! Batches with the calls of several services.
//!
//! [`Batch`] sends the calls of any clients: the calls of each client under the rate limit of that client,
//! and each call after the calls that it depends on, with one journal and one deadline. It works like the
//! batch of one client, and [`client::Batch`] describes its limits, its end and its journal.
//!
#![cfg_attr(all(feature = "eloq", feature = "onehouse"), doc = "```")]
#![cfg_attr(not(all(feature = "eloq", feature = "onehouse")), doc = "```ignore")]
//! use controlplane::{AnyOutput, Batch, eloq, onehouse};
//!
//! # let lakes = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let clusters = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
//! # let onehouse = onehouse::Client::new(lakes.credentials())?;
//! # let eloq = eloq::Client::from_key_and_url(clusters.api_key(), clusters.url())?;
//! # const HIDDEN: &str = stringify! {
//! let (onehouse, eloq) = (onehouse::Client::from_env()?, eloq::Client::from_env()?);
//! # };
//! let mut batch = Batch::new();
//! batch.add("cache", eloq.cluster_create("cache", "us-west-1", 3).and_wait());
//! batch.add("lake", onehouse.create_lake("raw", onehouse::LakeType::Managed, "s3://bucket/raw/", "System"));
//! batch.add("events", onehouse.create_database("events", "raw")).after("lake").after("cache");
//! for finished in batch.run()? {
//!     match finished.result? {
//!         AnyOutput::Onehouse(done) => println!("{}: {}", finished.key, done.api_status),
//!         AnyOutput::Eloq(output) => println!("{}: {}", finished.key, serde_json::to_string(&output)?),
//!         _ => println!("{} is done", finished.key),
//!     }
//! }
//! # assert_eq!((lakes.ledger().len(), clusters.ledger().len()), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The clients of a batch are all blocking or all async. Several of them may be of one service: clients of
//! two projects of Onehouse, for example.

mod any;
mod plan_command;

use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::batch::{BatchPlatform, BatchScope, Includes, Member};
#[cfg(feature = "async")]
use crate::client::mode::AsyncSender;
use crate::client::mode::Sender;
use crate::client::{self, Blocking, Shared};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::Request;

pub use any::{AnyClient, AnyOutput};
pub use plan_command::PlanCommand;

/// A batch with the calls of several clients and services: see [`batch`](crate::batch).
///
/// A client joins the batch when the first of its calls is added.
pub type Batch<M = Blocking> = client::Batch<Services, M>;

/// An async batch with the calls of several clients and services: see [`batch`](crate::batch).
#[cfg(feature = "async")]
pub type AsyncBatch = client::Batch<Services, Async>;

/// A call of a batch before the batch runs: its key, its command and its state.
pub type BatchCall<'a> = client::BatchCall<'a, Services>;

/// The result of a call of a batch, with the key of the call.
pub type Finished = client::Finished<AnyOutput>;

/// An iterator over the results of a blocking batch, in the order in which its calls finish. The first
/// `next()` starts the batch, and dropping the iterator stops it: see [`client::Results`].
pub type Results = client::Results<Services>;

/// A stream of the results of an async batch, in the order in which its calls finish. The batch runs while a
/// result is awaited, and dropping the results stops it: see [`client::AsyncResults`].
#[cfg(feature = "async")]
pub type AsyncResults = client::AsyncResults<Services>;

/// The type parameter of [`Batch`] that allows calls of any service.
#[derive(Clone, Copy, Debug)]
pub struct Services(());

impl BatchScope for Services {
    type Output = AnyOutput;
    type Client<M> = AnyClient<M>;

    const IS_OPEN: bool = true;

    fn sender(client: AnyClient<Blocking>) -> Arc<dyn Sender> {
        client.sender()
    }

    #[cfg(feature = "async")]
    fn async_sender(client: AnyClient<Async>) -> Arc<dyn AsyncSender> {
        client.async_sender()
    }
}

/// A service whose outputs and clients are variants of [`AnyOutput`] and [`AnyClient`].
trait Listed: BatchPlatform {
    fn output(output: Self::Output) -> AnyOutput;

    fn listed<M>(client: Shared<Self, M>) -> AnyClient<M>;
}

impl<P: Listed> Includes<P> for Services {
    fn output(output: P::Output) -> AnyOutput {
        P::output(output)
    }

    fn client<M>(client: Shared<P, M>) -> AnyClient<M> {
        P::listed(client)
    }
}

impl<M> client::Batch<Services, M> {
    /// Returns an empty batch.
    pub fn new() -> Self {
        Self::of(Vec::new())
    }

    /// Returns the batch that an earlier run wrote into a journal, to continue it with these clients:
    /// `[(&onehouse).into(), (&eloq).into()]`.
    ///
    /// For each client of the earlier run there has to be a client of the same service, address and account;
    /// other clients are ignored. The journal of a batch of one client can be continued too. `batch_from` of
    /// each client, for example `onehouse::Client::batch_from`, describes which calls are sent again.
    ///
    /// # Errors
    ///
    /// - [`Journal`](ErrorKind::Journal) if the file cannot be read or is not a journal, or if a client is
    ///   missing;
    /// - [`Credentials`](ErrorKind::Credentials) if a client was made with `Client::offline()`.
    pub fn from_journal(
        journal: impl AsRef<Path>,
        clients: impl IntoIterator<Item = AnyClient<M>>,
    ) -> Result<Self, Error> {
        let members: Vec<Member<Services, M>> = clients.into_iter().map(AnyClient::member).collect();
        Self::continued(&members, journal.as_ref())
    }
}

impl<M> Default for client::Batch<Services, M> {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchCall<'_> {
    /// Returns the name of the service: `onehouse`, `eloq`, `h2o_workflows` or `hotdata`.
    pub fn service(&self) -> &'static str {
        self.service_name()
    }

    /// Returns the SQL statement of a call of Onehouse, or `None` for a call of another service.
    pub fn sql(&self) -> Option<&str> {
        self.shown_statement()
    }

    /// Returns the first request of a call of EloqCloud, H2O Workflows or Hotdata, without the service's
    /// address and the credentials. A wait sends this request repeatedly. `None` for a call of Onehouse, and
    /// for a call that cannot be shown as a request.
    pub fn to_request(&self) -> Option<Request> {
        self.shown_request()
    }
}
