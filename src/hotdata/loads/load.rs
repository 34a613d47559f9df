//! Loads that are retried while their table is locked, and loads that wait for their job.

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
/// [`data`](Call::data). While another load has locked the table, the client sends the load again: see
/// [`Call::when_locked`].
///
/// If the response to a load is lost, the service may have accepted the load, and the client does not send it
/// again. There is one exception: `data` with an idempotency key, which the service loads once however often
/// it receives it. The client makes no key itself. Set a key with [`Call::idempotency_key`] and store it, so
/// that the program can also repeat the load after it was restarted.
impl<M> Databases<M> {
    /// Loads rows into a table of a database, or changes or deletes rows of the table, depending on the
    /// [`LoadMode`]. The service creates the table and its schema if they do not exist.
    /// `POST /v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads` (`load_database_table`).
    ///
    /// Set exactly one source: [`upload_id`](Call::upload_id), [`result_id`](Call::result_id) or
    /// [`data`](Call::data). While another load has locked the table, the client sends the load again: see
    /// [`Call::when_locked`]. For a large load, use [`and_wait`](Call::and_wait).
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
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument) if the load does not have exactly one source, or if
    ///   it has an idempotency key or types of columns but no `data`. Nothing was sent;
    /// - [`Rejected`](ErrorKind::Rejected) if the service rejects the data or a setting;
    /// - [`NotFound`](ErrorKind::NotFound) if the database or the source does not exist;
    /// - [`Conflict`](ErrorKind::Conflict) with the code `RESOURCE_LOCKED` if another load still locks the
    ///   table after the last retry. The error has the number of [`attempts`](Error::attempts). Other
    ///   conflicts are not retried, for example `IDEMPOTENCY_KEY_CONFLICT`: the key was used with other data,
    ///   another table or another mode;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if the service may have accepted the load.
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
/// The loads of a managed catalog have the sources, settings and retries of [`Databases::load`].
impl<M> Connections<M> {
    /// Loads rows into a table of a managed catalog, one whose tables Hotdata stores itself, or changes or
    /// deletes rows of the table, depending on the [`LoadMode`].
    /// `POST /v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads` (`load_managed_table`).
    ///
    /// Set exactly one source: [`upload_id`](Call::upload_id), [`result_id`](Call::result_id) or
    /// [`data`](Call::data). While another load has locked the table, the client sends the load again: see
    /// [`Call::when_locked`].
    ///
    /// # Errors
    ///
    /// The errors of [`Databases::load`].
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
    /// Loads rows into a table as [`Databases::load`] does, from a [`LoadDatabaseTable`] or a
    /// [`LoadManagedTable`], whose request may have any of its fields set. The errors are those of
    /// [`Databases::load`].
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

    /// Returns the load in the form in which a batch keeps it.
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

/// Loads rows into a table, and retries while the table is locked: the command of [`Databases::load`],
/// [`Connections::load`] and [`Client::load`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Load<L> {
    /// The table and the request: a [`LoadDatabaseTable`] or a [`LoadManagedTable`].
    pub load: L,
    /// The retries while another load has locked the table. Default: [`BackoffPolicy::of_loads`].
    pub when_locked: BackoffPolicy,
}

impl<L> Load<L> {
    /// Returns the command for this load, with the default retries.
    pub fn new(load: L) -> Self {
        Self { load, when_locked: BackoffPolicy::of_loads() }
    }
}

/// Loads rows into a table in the background and waits for the job: the command of
/// [`databases().load(…).and_wait()`](Call::and_wait).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoadAndWait<L> {
    /// The load, which runs in the background.
    pub load: Load<L>,
}

/// A command that contains a [`Load`]. The call of the command has the methods that set the load.
pub trait HoldsLoad {
    #[doc(hidden)]
    type Load: LoadCommand;

    /// Whether the command waits for the job of the load.
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

    /// Sets the id of a finalized upload as the source of the rows. An upload can be loaded once.
    pub fn upload_id(self, id: impl Into<String>) -> Self {
        self.with(|load| load.upload_id = Some(id.into()))
    }

    /// Sets the id of a saved result of a query as the source of the rows. The service copies the result, so
    /// it can be loaded several times. The service does not load a result in the background.
    pub fn result_id(self, id: impl Into<String>) -> Self {
        // Not in the background, which `and_wait` may have set.
        self.with(|load| {
            load.result_id = Some(id.into());
            (load.r#async, load.async_after_ms) = (None, None);
        })
    }

    /// Sets CSV text with a header row as the source of the rows, at most 2 MiB. The service rejects more
    /// ([`Rejected`](ErrorKind::Rejected)): upload it, and set [`upload_id`](Call::upload_id).
    pub fn data(self, csv: impl Into<String>) -> Self {
        self.with(|load| load.data = Some(csv.into()))
    }

    /// Sets the format of the upload. Default: the service detects the format by the content type of the
    /// upload, then by its bytes.
    pub fn format(self, format: LoadFormat) -> Self {
        self.with(|load| load.format = Some(format))
    }

    /// Sets the type of one column of [`data`](Call::data). If one column has a type, all columns need one.
    pub fn column(self, name: impl Into<String>, column: impl Into<ColumnDefinition>) -> Self {
        self.with(|load| {
            load.columns.get_or_insert_default().insert(name.into(), column.into());
        })
    }

    /// Sets the columns that identify a row, for the modes delete, update and upsert. Default: the key that
    /// was declared with the table.
    pub fn key<I: IntoIterator<Item: Into<String>>>(self, columns: I) -> Self {
        self.with(|load| load.key = Some(columns.into_iter().map(Into::into).collect()))
    }

    /// Sets the idempotency key of [`data`](Call::data), at most 255 characters. The service loads the data
    /// of a key once, and rejects the key with other data, another table or another mode
    /// ([`Conflict`](ErrorKind::Conflict)). With a key, the client sends a load again if its response is
    /// lost.
    pub fn idempotency_key(self, key: impl Into<String>) -> Self {
        self.with(|load| load.idempotency_key = Some(key.into()))
    }

    /// Sets the retries of the load while another load has locked the table (HTTP 409 with the code
    /// `RESOURCE_LOCKED`). Default: [`BackoffPolicy::of_loads`], 10 retries within 60 s.
    pub fn when_locked(mut self, policy: BackoffPolicy) -> Self {
        self.command.held().when_locked = policy;
        self
    }
}

impl<M, L: LoadCommand> Call<M, Load<L>> {
    /// Makes the load run in the background. The call then returns a job
    /// ([`LoadOutcome::Submitted`]), for [`jobs().wait_for_job(…)`](crate::hotdata::Jobs::wait_for_job). Not
    /// with [`result_id`](Call::result_id).
    pub fn background(self) -> Self {
        self.with(|load| load.r#async = Some(true))
    }

    /// Makes the load run in the background if it has not ended after this time in milliseconds, at least
    /// 1000. The call then returns a job; otherwise it returns the loaded table. Not with
    /// [`result_id`](Call::result_id).
    pub fn async_after_ms(self, after: u64) -> Self {
        self.with(|load| (load.r#async, load.async_after_ms) = (Some(true), Some(after)))
    }

    /// Makes the load run in the background and waits for its job. Use it for large loads, whose response
    /// would take longer than a connection lasts. The call polls the job at the intervals of
    /// [`jobs().wait_for_job(…)`](crate::hotdata::Jobs::wait_for_job). A load of a saved result has no job,
    /// because the service does not load a result in the background.
    ///
    /// The load and the wait together have to end within the timeout of the call ([`Call::timeout`]), which
    /// is 300 s unless the client has another timeout. A load may succeed in part: see [`JobEnd`].
    ///
    /// # Errors
    ///
    /// The errors of [`Databases::load`]. [`OperationFailed`](ErrorKind::OperationFailed) if the job failed;
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if the job has not ended within the timeout. Errors
    /// about the job have its id as [`request_id`](Error::request_id). After a timeout, do not load again:
    /// wait for the job with [`jobs().wait_for_job(…)`](crate::hotdata::Jobs::wait_for_job).
    pub fn and_wait(self) -> Call<M, LoadAndWait<L>> {
        let mut call = self.map(|load| LoadAndWait { load });
        let load = call.command.load.load.request_mut();
        if load.result_id.is_none() {
            load.r#async = Some(true);
        }
        call
    }
}

/// Checks that there is exactly one source, and that no setting needs another source.
pub(crate) fn check(label: &str, load: &LoadManagedTableRequest) -> Result<(), Error> {
    let sources = [&load.upload_id, &load.result_id, &load.data];
    let happened = match sources.iter().filter(|source| source.is_some()).count() {
        0 => "no source is set",
        1 if load.data.is_none() && load.idempotency_key.is_some() => {
            "`idempotency_key` is set, but the source is not `data`"
        }
        1 if load.data.is_none() && load.columns.is_some() => {
            "`columns` is set, but the source is not `data`"
        }
        1 => return Ok(()),
        _ => "more than one source is set",
    };
    Err(Error::invalid(label, happened)
        .with_advice("Nothing was sent. Set exactly one of `upload_id`, `result_id` and `data`; `idempotency_key` and `columns` need `data`."))
}

/// The retries of loads after a failed response: only a load whose table is locked is sent again.
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

/// Returns the requests of a load, after a check of its request.
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
        // No check: the source of a load of an upload is set only when it is sent.
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
