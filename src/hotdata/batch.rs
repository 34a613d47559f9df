//! Batches of Hotdata: what a call becomes in a batch.

mod planned;
mod uploading;

use std::path::Path;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::batch::{BatchCommand, BatchPlatform, Job, JobContext, Member, Owner};
#[cfg(feature = "async")]
use crate::client::mode::Returning;
use crate::client::{Blocking, Shared};
use crate::engine::batch::{Errand, Returned};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::Request;

use super::any::{AnyCommand, AnyOutput};
use super::client::{Client, Hotdata};
use super::command::{CallOptions, Command, Core};
use super::databases::BulkCreateAndWait;
use super::indexes::CreateIndexAndWait;
use super::jobs::WaitForJob;
use super::loads::{Load, LoadAndWait, LoadCommand};
use super::protocol::Protocol;
use super::queries::{FollowedQuery, QueryAndWait};
use super::query_runs::WaitForQueryRun;
use super::results::{FetchReadyResult, WaitForResult};
use super::uploads::{self, UploadFirst};
use super::workspaces::WaitForWorkspace;

pub(super) use planned::Planned;

/// A batch: many calls of any kind, sent under the client's rate limit if it has one. With a journal, a file
/// that records its progress, an interrupted batch can be continued.
///
/// [`Client::batch`] makes an empty batch, and [`Client::batch_from`] one from the journal of an interrupted
/// batch. A call of a batch may be a command, a query, a load, a command with `and_wait`, a wait without a
/// rule of its own (`until`), or an upload with its load. Arrow results cannot be part of a batch, because
/// they are read piece by piece. [`client::Batch`](crate::client::Batch) describes the rate limit, stopping
/// and continuing.
///
/// ```
/// use controlplane::hotdata::{AnyOutput, Client, CreateDatabaseRequest, LoadMode};
///
/// # use controlplane::hotdata::Credentials;
/// # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
/// # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
/// # let credentials = Credentials::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
/// # let client = Client::new(credentials)?;
/// let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
/// let mut batch = client.batch();
/// for table in ["orders", "returns"] {
///     let load = client.databases().load(&database, "main", table, LoadMode::Append);
///     batch.add(table, load.data("id,amount\n1,2.5\n").and_wait());
/// }
/// let sum = client.query("SELECT sum(amount) FROM orders").database_id(&database);
/// batch.add("sum", sum).after("orders");
/// for finished in batch.run()? {
///     match finished.result? {
///         AnyOutput::LoadEnd(end) => println!("{}: {} rows", finished.key, end.into_result().row_count),
///         _ => println!("{} is done", finished.key),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Uploads
///
/// [`upload_path(…).and_load(…)`](crate::hotdata::uploads::UploadCall::and_load) is one call of a batch: the
/// file is uploaded while other calls run, and then its load is sent. A client runs at most four uploads at a
/// time.
///
/// ```
/// use controlplane::hotdata::{Client, CreateDatabaseRequest, LoadMode};
///
/// # use controlplane::hotdata::Credentials;
/// # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
/// # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
/// # let credentials = Credentials::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
/// # let client = Client::new(credentials)?;
/// # let orders = std::env::temp_dir().join(format!("batch-orders-{}.csv", std::process::id()));
/// # std::fs::write(&orders, "id,amount\n1,2.5\n")?;
/// let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
/// let mut batch = client.batch();
/// let load = client.databases().load(&database, "main", "orders", LoadMode::Append).and_wait();
/// let upload = client.uploads().upload_path(&orders).content_type("text/csv");
/// batch.add("orders", upload.and_load(load));
/// batch.add("sum", client.query("SELECT sum(amount) FROM orders").database_id(&database)).after("orders");
/// for finished in batch.run()? {
///     finished.result?;
/// }
/// # std::fs::remove_file(&orders)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// - The file is opened when the call begins. If the file is missing, the call ends with
///   [`Io`](ErrorKind::Io), and the other calls continue.
/// - The journal keeps the path unchanged; a relative path is relative to the working directory of the
///   process that runs the batch. Before anything is sent, `run` refuses uploads of bytes, open files and
///   readers, paths that are not UTF-8, uploads with `try_on_progress`, and an upload and a load with
///   different cancel tokens.
/// - Until its load is sent, the state of the call is [`Todo`](crate::client::CallState::Todo), and a batch
///   that is continued uploads the file again, with its contents at that time. Once the load was sent, a
///   continued batch does not repeat it if it may have been accepted, and waits for its job if one was
///   started.
/// - By default the load has a time limit and the upload has none, as outside of a batch.
///   [`UploadAndLoad::timeout`](crate::hotdata::uploads::UploadAndLoad::timeout) limits upload and load
///   together, and [`timeout`](crate::client::Batch::timeout) of the batch limits the whole batch. Requests
///   of an upload to the service count against the rate limit, requests to the storage do not; both are
///   retried as outside of a batch.
/// - The progress callbacks of the upload and of the load are both called with the progress of the upload and
///   of the load.
/// - In a plan (calls in a JSON file), an upload with its load is `upload_and_load` of
///   [`PlanCommand`](crate::hotdata::PlanCommand).
pub type Batch<M> = crate::client::Batch<Hotdata, M>;

/// A call of a [`Batch`] before the batch runs: its key, state and first request.
pub type BatchCall<'a> = crate::client::BatchCall<'a, Hotdata>;

/// The result of a call of a [`Batch`], with the key of the call.
pub type Finished = crate::client::Finished<AnyOutput>;

/// An iterator over the results of a blocking [`Batch`], in the order in which its calls finish.
pub type BatchResults = crate::client::Results<Hotdata>;

/// A stream of the results of an asynchronous [`Batch`], in the order in which its calls finish.
#[cfg(feature = "async")]
pub type AsyncBatchResults = crate::client::AsyncResults<Hotdata>;

impl BatchPlatform for Hotdata {
    type Planned = Planned;
    type Output = AnyOutput;

    const NAME: &'static str = "hotdata";

    fn owner(protocol: &Protocol) -> Owner {
        let workspace = protocol.workspace_id().unwrap_or("none");
        // Calls that name no database are about that of the client.
        let account = match protocol.database_id() {
            Some(database) => format!("workspace {workspace}, database {database}"),
            None => format!("workspace {workspace}"),
        };
        let endpoint = protocol.base_url().to_owned();
        Owner { service: Self::NAME.into(), endpoint, account, organization: None }
    }

    fn job<T: 'static>(
        context: JobContext<Self, T>,
        call: &Planned,
        submitted: Option<&str>,
    ) -> Result<Job<T>, Error> {
        match submitted {
            None => call.job(context),
            Some(id) => call.resumed(context, id),
        }
    }

    fn carry_out(client: &Shared<Self, Blocking>, errand: Errand) -> Returned {
        uploads::carry_out(client, errand)
    }

    #[cfg(feature = "async")]
    fn carry_out_async(client: Shared<Self, Async>, errand: Errand) -> Returning {
        uploads::carry_out_async(client, errand)
    }
}

impl<C: Command + Into<AnyCommand>> BatchCommand<Hotdata> for C {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::Command(Box::new(self.clone().into())).checked()
    }
}

impl<L: LoadCommand> BatchCommand<Hotdata> for Load<L> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::of_load(self, false).checked()
    }
}

impl<L: LoadCommand> BatchCommand<Hotdata> for LoadAndWait<L> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::of_load(&self.load, true).checked()
    }
}

impl<L: LoadCommand> BatchCommand<Hotdata> for UploadFirst<L> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let upload = self.upload.as_ref().map_err(Error::duplicate)?;
        let load = Box::new(Planned::of_load(&self.load, self.waits));
        Planned::UploadAndLoad { upload: Box::new(upload.clone()), is_timed: self.is_timed, load }.checked()
    }
}

impl BatchCommand<Hotdata> for FollowedQuery {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::of_query(self, false).checked()
    }
}

impl BatchCommand<Hotdata> for QueryAndWait {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::of_query(&self.query, true).checked()
    }
}

impl BatchCommand<Hotdata> for CreateIndexAndWait {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::CreateIndexAndWait { create: Box::new(self.create.clone()) }.checked()
    }
}

impl BatchCommand<Hotdata> for BulkCreateAndWait {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::BulkCreateAndWait { create: self.create.clone() }.checked()
    }
}

impl BatchCommand<Hotdata> for WaitForJob {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::WaitForJob { id: self.id.clone(), accept_failure: self.keep()? }.checked()
    }
}

impl BatchCommand<Hotdata> for WaitForQueryRun {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (id, x_database_id) = (self.id.clone(), self.x_database_id.clone());
        Planned::WaitForQueryRun { id, x_database_id, accept_failure: self.keep()? }.checked()
    }
}

impl BatchCommand<Hotdata> for WaitForResult {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (id, x_database_id) = (self.id.clone(), self.x_database_id.clone());
        let (within, accept_failure) = (self.within, self.keep()?);
        Planned::WaitForResult { id, x_database_id, within, accept_failure }.checked()
    }
}

impl BatchCommand<Hotdata> for FetchReadyResult {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::FetchReadyResult(self.clone()).checked()
    }
}

impl BatchCommand<Hotdata> for WaitForWorkspace {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (public_id, organization_public_id) =
            (self.public_id.clone(), self.organization_public_id.clone());
        let accept_failure = self.keep()?;
        Planned::WaitForWorkspace { public_id, organization_public_id, accept_failure }.checked()
    }
}

impl BatchCall<'_> {
    /// Returns the first request of the call, without what the client adds: the address of the API, the key,
    /// the workspace, the client's database and its default headers.
    ///
    /// For a wait, it is the request that each poll repeats. For an upload, it is the request that creates
    /// the upload session, without the size of the file unless the program has set it. `None` if the call
    /// cannot be sent; the `run` of the batch then fails with the reason.
    pub fn to_request(&self) -> Option<Request> {
        self.shown_request()
    }
}

/// # Batches
impl<M> Client<M> {
    /// Returns an empty [`Batch`], to which calls can be added.
    pub fn batch(&self) -> Batch<M> {
        Batch::of(vec![Member::new(self.shared.clone())])
    }

    /// Returns the [`Batch`] that an earlier run recorded in this journal, to continue it.
    ///
    /// - A call that succeeded, or that failed after the service accepted it, is not sent again.
    /// - A job or a query run that was started is waited for, by its id.
    /// - A call that changes something and was being sent when the earlier run ended may have been accepted.
    ///   It ends with [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) and is not sent: check whether it took
    ///   effect, then call [`again`](Batch::again) or [`settled`](Batch::settled).
    /// - All other calls are sent.
    ///
    /// The journal is not changed until the batch runs; the run appends to it.
    ///
    /// # Errors
    ///
    /// [`Journal`](ErrorKind::Journal) if the file cannot be read, is not a journal, or belongs to a client
    /// with another address, workspace or default database.
    pub fn batch_from(&self, journal: impl AsRef<Path>) -> Result<Batch<M>, Error> {
        Batch::continued(&[Member::new(self.shared.clone())], journal.as_ref())
    }
}
