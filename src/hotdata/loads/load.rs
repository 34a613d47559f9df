//! Loads that wait for a locked table, and for their job.

use serde::{Deserialize, Serialize};

use crate::client::{Action, Running};
use crate::engine::Failure;
use crate::engine::retry::Verdict;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::hotdata::backoff_policy::BackoffPolicy;
use crate::hotdata::batch::Planned;
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::composite::Composite;
use crate::hotdata::connections::Connections;
use crate::hotdata::databases::Databases;
use crate::hotdata::jobs::{ByJob, JobEnd, JobPlan, JobResult, Started};
use crate::hotdata::protocol::RESOURCE_LOCKED;

use super::commands::{LoadDatabaseTable, LoadManagedTable};
use super::model::{
    ColumnDefinition, LoadFormat, LoadManagedTableRequest, LoadManagedTableResponse, LoadMode, LoadOutcome,
};

/// # Loading
///
/// A load has exactly one source: [`upload_id`](Call::upload_id), [`result_id`](Call::result_id) or
/// [`data`](Call::data). While another load holds the table, it is sent again: see [`Call::when_locked`].
///
/// A load that the service may have accepted is not sent again, with one exception: data with an idempotency
/// key, which the service loads once however often it arrives. The client makes no key itself. Set one with
/// [`Call::idempotency_key`] and store it, so that the load can also be repeated after the program was
/// restarted.
impl<M> Databases<M> {
    /// Loads a table of a database: `POST /v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads`
    /// (`load_database_table`). The service creates the table and its schema if they do not exist.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::{Client, LoadMode};
    /// # let client = Client::from_env()?;
    /// client
    ///     .databases()
    ///     .load("dbid7h2k9q4m1x8c", "main", "orders", LoadMode::Append)
    ///     .data("id,amount\n1,2.5\n")
    ///     .idempotency_key("orders-2026-03-01")
    ///     .send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) unless there is exactly one source: nothing was sent;
    /// [`Conflict`](ErrorKind::Conflict) with the code `RESOURCE_LOCKED` and the number of
    /// [`attempts`](Error::attempts) if the table stays locked, and with other codes for conflicts that are
    /// not retried; [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if the service may have accepted the load.
    #[doc(alias = "load_database_table")]
    pub fn load(
        &self,
        database_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        mode: LoadMode,
    ) -> Call<M, Load<LoadDatabaseTable>> {
        let request = LoadManagedTableRequest::new(mode);
        let load = LoadDatabaseTable::new(database_id, schema, table, request);
        Call::new(self.client.shared.clone(), Load::new(load))
    }
}

/// # Loading
///
/// As [`Databases::load`] does it.
impl<M> Connections<M> {
    /// Loads a table of a managed catalog: `POST
    /// /v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads` (`load_managed_table`).
    ///
    /// # Errors
    ///
    /// As those of [`Databases::load`].
    #[doc(alias = "load_managed_table")]
    pub fn load(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        mode: LoadMode,
    ) -> Call<M, Load<LoadManagedTable>> {
        let request = LoadManagedTableRequest::new(mode);
        let load = LoadManagedTable::new(connection_id, schema, table, request);
        Call::new(self.client.shared.clone(), Load::new(load))
    }
}

impl<M> Client<M> {
    /// Loads a table as [`Databases::load`] does, with all fields of the request: with a
    /// [`LoadDatabaseTable`] or a [`LoadManagedTable`].
    pub fn load<L: LoadCommand>(&self, load: L) -> Call<M, Load<L>> {
        Call::new(self.shared.clone(), Load::new(load))
    }
}

/// A command that loads a table: [`LoadDatabaseTable`] or [`LoadManagedTable`].
pub trait LoadCommand: Command<Output = LoadOutcome> {
    #[doc(hidden)]
    fn request(&self) -> &LoadManagedTableRequest;

    #[doc(hidden)]
    fn request_mut(&mut self) -> &mut LoadManagedTableRequest;

    /// The load as a batch keeps it.
    #[doc(hidden)]
    fn planned(load: Box<Load<Self>>, waits: bool) -> Planned;
}

impl LoadCommand for LoadDatabaseTable {
    fn request(&self) -> &LoadManagedTableRequest {
        &self.load_managed_table_request
    }

    fn request_mut(&mut self) -> &mut LoadManagedTableRequest {
        &mut self.load_managed_table_request
    }

    fn planned(load: Box<Load<Self>>, waits: bool) -> Planned {
        Planned::LoadDatabaseTable { load, waits }
    }
}

impl LoadCommand for LoadManagedTable {
    fn request(&self) -> &LoadManagedTableRequest {
        &self.load_managed_table_request
    }

    fn request_mut(&mut self) -> &mut LoadManagedTableRequest {
        &mut self.load_managed_table_request
    }

    fn planned(load: Box<Load<Self>>, waits: bool) -> Planned {
        Planned::LoadManagedTable { load, waits }
    }
}

/// The command of [`Databases::load`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Load<L> {
    /// The load itself.
    pub load: L,
    /// The retries while the table is locked.
    pub when_locked: BackoffPolicy,
}

impl<L> Load<L> {
    /// Returns the load with the default policy.
    pub fn new(load: L) -> Self {
        Self { load, when_locked: BackoffPolicy::of_loads() }
    }
}

/// The command of [`Call::and_wait`] of [`Load`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoadAndWait<L> {
    /// The load, in the background.
    pub load: Load<L>,
}

/// A command with a [`Load`] in it, whose settings are settings of the call.
pub trait HoldsLoad {
    #[doc(hidden)]
    type Load: LoadCommand;

    /// Whether the job of the load is waited for.
    #[doc(hidden)]
    const WAITS: bool;

    #[doc(hidden)]
    fn held(&mut self) -> &mut Load<Self::Load>;
}

impl<L: LoadCommand> HoldsLoad for Load<L> {
    type Load = L;

    const WAITS: bool = false;

    fn held(&mut self) -> &mut Self {
        self
    }
}

impl<L: LoadCommand> HoldsLoad for LoadAndWait<L> {
    type Load = L;

    const WAITS: bool = true;

    fn held(&mut self) -> &mut Load<L> {
        &mut self.load
    }
}

/// # Settings of a load
impl<M, H: HoldsLoad> Call<M, H> {
    fn with(mut self, set: impl FnOnce(&mut LoadManagedTableRequest)) -> Self {
        set(self.command.held().load.request_mut());
        self
    }

    /// Sets the source: a finalized upload. It can be loaded once.
    pub fn upload_id(self, id: impl Into<String>) -> Self {
        self.with(|load| load.upload_id = Some(id.into()))
    }

    /// Sets the source: a saved result, which is copied. Such a load never runs in the background.
    pub fn result_id(self, id: impl Into<String>) -> Self {
        self.with(|load| load.result_id = Some(id.into()))
    }

    /// Sets the source: CSV with a header row, 2 MiB at most.
    pub fn data(self, csv: impl Into<String>) -> Self {
        self.with(|load| load.data = Some(csv.into()))
    }

    /// Sets the format of the upload. Default: detected from its content type or its bytes.
    pub fn format(self, format: LoadFormat) -> Self {
        self.with(|load| load.format = Some(format))
    }

    /// Sets the type of one column of the data. If one column has a type, all of them need one.
    pub fn column(self, name: impl Into<String>, column: impl Into<ColumnDefinition>) -> Self {
        self.with(|load| {
            load.columns.get_or_insert_default().insert(name.into(), column.into());
        })
    }

    /// Sets the columns that identify a row. Default: those that the table was declared with.
    pub fn key<I: IntoIterator<Item: Into<String>>>(self, columns: I) -> Self {
        self.with(|load| load.key = Some(columns.into_iter().map(Into::into).collect()))
    }

    /// Sets the idempotency key of [`data`](Call::data), 255 characters at most. The service loads the data
    /// of a key once, and rejects other data under the same key. With a key, a load whose response was lost
    /// is sent again.
    pub fn idempotency_key(self, key: impl Into<String>) -> Self {
        self.with(|load| load.idempotency_key = Some(key.into()))
    }

    /// Sets the retries of a load while another load holds the table. Default: [`BackoffPolicy::of_loads`],
    /// 10 retries within 60 s.
    pub fn when_locked(mut self, policy: BackoffPolicy) -> Self {
        self.command.held().when_locked = policy;
        self
    }
}

impl<M, L: LoadCommand> Call<M, Load<L>> {
    /// Loads in the background: the output is the ticket of a job, for
    /// [`jobs().wait_for_job(…)`](crate::hotdata::Jobs::wait_for_job).
    pub fn background(self) -> Self {
        self.with(|load| load.r#async = Some(true))
    }

    /// Loads in the background, unless the load ends within so many milliseconds: 1000 or more.
    pub fn async_after_ms(self, after: u64) -> Self {
        self.with(|load| (load.r#async, load.async_after_ms) = (Some(true), Some(after)))
    }

    /// Loads in the background and waits for the job: for large loads, whose response would take longer than
    /// a connection lasts. A saved result is loaded at once, because the service does not load it in the
    /// background.
    ///
    /// A load may succeed in part: see [`JobEnd`].
    ///
    /// # Errors
    ///
    /// As those of [`Databases::load`], and [`OperationFailed`](ErrorKind::OperationFailed) if the job
    /// failed, [`OperationTimeout`](ErrorKind::OperationTimeout) if it has not ended within the time of the
    /// call. Both have the job's id as [`request_id`](Error::request_id): wait for it with
    /// [`jobs().wait_for_job(…)`](crate::hotdata::Jobs::wait_for_job), and do not load again.
    pub fn and_wait(self) -> Call<M, LoadAndWait<L>> {
        let mut call = self.map(|load| LoadAndWait { load });
        let load = call.command.load.load.request_mut();
        if load.result_id.is_none() {
            load.r#async = Some(true);
        }
        call
    }
}

/// Checks that there is exactly one source, and nothing that belongs to another.
pub(crate) fn check(label: &str, load: &LoadManagedTableRequest) -> Result<(), Error> {
    let sources = [&load.upload_id, &load.result_id, &load.data];
    let happened = match sources.iter().filter(|source| source.is_some()).count() {
        0 => "no source is set",
        1 if load.data.is_none() && load.idempotency_key.is_some() => {
            "an idempotency key needs `data` as the source"
        }
        1 if load.data.is_none() && load.columns.is_some() => "types of columns need `data` as the source",
        1 => return Ok(()),
        _ => "more than one source is set",
    };
    Err(Error::invalid(label, happened)
        .with_advice("Nothing was sent. Set exactly one of `upload_id`, `result_id` and `data`; `idempotency_key` and `columns` need `data`."))
}

/// The retries of loads: nothing is sent again but a load that found its table locked, and what was not sent
/// at all.
fn only_locked(failure: &Failure, verdict: Verdict) -> Verdict {
    // An error that is a code alone, without a message, is not the service's.
    let is_locked = failure.status == 409
        && failure.code.as_deref() == Some(RESOURCE_LOCKED)
        && failure.message.is_some();
    match verdict {
        _ if is_locked => Verdict::Retry,
        Verdict::Retry => Verdict::Permanent,
        verdict => verdict,
    }
}

/// The calls of a load whose request is good.
fn calls<L: LoadCommand>(core: &Core, options: &CallOptions, load: &Load<L>) -> Result<Composite, Error> {
    let calls = Composite::new(core, options, load.load.endpoint().label())?;
    check(calls.label(), load.load.request())?;
    Ok(calls)
}

fn started(_: &str, outcome: LoadOutcome) -> Result<Started<LoadManagedTableResponse>, Error> {
    Ok(match outcome {
        LoadOutcome::Loaded(loaded) => Started::Done(loaded),
        LoadOutcome::Submitted(ticket) => Started::Job(ticket.id),
    })
}

impl<L: LoadCommand> Action<Hotdata> for Load<L> {
    type Output = LoadOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<LoadOutcome>, Error> {
        let retries = self.when_locked.retries(Some(only_locked));
        Ok(Running::new(calls(core, options, self)?.send_with(&self.load, Some(retries))?))
    }
}

impl<L: LoadCommand> LoadAndWait<L> {
    fn plan(&self, calls: Composite) -> JobPlan<L, LoadManagedTableResponse> {
        let plan = JobPlan::new(calls, self.load.load.clone(), started, |result| match result {
            JobResult::Load(loaded) => Some(loaded),
            _ => None,
        });
        plan.retrying(self.load.when_locked.retries(Some(only_locked)))
    }
}

impl<L: LoadCommand> Action<Hotdata> for LoadAndWait<L> {
    type Output = JobEnd<LoadManagedTableResponse>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        Ok(self.plan(calls(core, options, &self.load)?).running())
    }
}

impl<L: LoadCommand> ByJob for LoadAndWait<L> {
    fn resume(&self, job: &str, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        // A load of an upload of a batch has had a source when it was sent.
        let calls = Composite::new(core, options, self.load.load.endpoint().label())?;
        Ok(self.plan(calls).resumed(job).running())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_load_has_exactly_one_source() {
        let load = || LoadManagedTableRequest::new(LoadMode::Append);
        for good in [load().upload_id("u"), load().result_id("r"), load().data("a\n").idempotency_key("k")] {
            assert!(check("load", &good).is_ok(), "{good:?}");
        }
        for bad in [
            load(),
            load().upload_id("u").data("a\n"),
            load().upload_id("u").result_id("r"),
            load().upload_id("u").idempotency_key("k"),
            load().result_id("r").column("a", "BIGINT"),
        ] {
            let error = check("load", &bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad:?}");
        }
    }
}
