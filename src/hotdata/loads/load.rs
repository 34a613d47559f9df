//! Loads that wait for a locked table, and for their job (reference, section 8).

use std::time::Duration;

use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Chain, Next, Plan};
use crate::engine::operation::Completed;
use crate::engine::{Progress, RetryPolicy};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::connections::Connections;
use crate::hotdata::databases::Databases;
use crate::hotdata::jobs::{JobEnd, JobResult, job_wait};
use crate::hotdata::parts::{Parts, RetryRule};
use crate::http::Response;

use super::commands::{LoadDatabaseTable, LoadManagedTable};
use super::model::{
    ColumnDefinition, LoadFormat, LoadManagedTableRequest, LoadManagedTableResponse, LoadMode, LoadOutcome,
};

/// What to do about a locked table: see [`Call::when_locked`].
fn locked_policy() -> RetryPolicy {
    RetryPolicy {
        retries: 10,
        first_delay: Duration::from_secs(1),
        factor: 2.0,
        max_delay: Duration::from_secs(15),
        jitter: 0.5,
        on_top: true,
        deadline: Some(Duration::from_secs(60)),
    }
}

/// # Loading
///
/// A load says with [`upload_id`](Call::upload_id), [`result_id`](Call::result_id) or [`data`](Call::data) what is loaded:
/// with exactly one of them. A table that another load holds is tried again: see [`Call::when_locked`].
///
/// A load that may have been taken is not sent again, with one exception: data with an idempotency key, which the service
/// loads once however often it comes. The client makes no key of its own; whoever wants that safety gives one with
/// [`Call::idempotency_key`], and keeps it, so that it also holds after the program was ended and begun again.
impl<M> Databases<M> {
    /// Loads a table of a database: `POST /v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads`
    /// (`load_database_table`). The table and its schema are created if they are not there.
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
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) unless exactly one source is given: nothing was sent;
    /// [`Conflict`](ErrorKind::Conflict) with the code `RESOURCE_LOCKED` and the number of
    /// [`attempts`](Error::attempts) if the table stays locked, with other codes for other conflicts, which are not tried
    /// again; [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if it may have been taken.
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
    /// A load with all that can be said of it: a [`LoadDatabaseTable`] or a [`LoadManagedTable`]. See [`Databases::load`].
    pub fn load<L: LoadCommand>(&self, load: L) -> Call<M, Load<L>> {
        Call::new(self.shared.clone(), Load::new(load))
    }
}

/// A plain load. Not to be implemented outside this crate.
pub trait LoadCommand: Command<Output = LoadOutcome> + Sync {
    #[doc(hidden)]
    fn request(&self) -> &LoadManagedTableRequest;

    #[doc(hidden)]
    fn request_mut(&mut self) -> &mut LoadManagedTableRequest;
}

impl LoadCommand for LoadDatabaseTable {
    fn request(&self) -> &LoadManagedTableRequest {
        &self.load_managed_table_request
    }

    fn request_mut(&mut self) -> &mut LoadManagedTableRequest {
        &mut self.load_managed_table_request
    }
}

impl LoadCommand for LoadManagedTable {
    fn request(&self) -> &LoadManagedTableRequest {
        &self.load_managed_table_request
    }

    fn request_mut(&mut self) -> &mut LoadManagedTableRequest {
        &mut self.load_managed_table_request
    }
}

/// See [`Databases::load`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Load<L> {
    /// The load itself.
    pub load: L,
    /// What to do about a locked table.
    pub when_locked: RetryPolicy,
}

impl<L> Load<L> {
    /// This load, with the policy that is usual.
    pub fn new(load: L) -> Self {
        Self { load, when_locked: locked_policy() }
    }
}

/// See [`Call::and_wait`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoadAndWait<L> {
    /// The load, in the background.
    pub load: Load<L>,
}

/// What holds a [`Load`], so that its settings are settings of the call. Not to be implemented outside this crate.
pub trait HoldsLoad {
    #[doc(hidden)]
    type Load: LoadCommand;

    #[doc(hidden)]
    fn held(&mut self) -> &mut Load<Self::Load>;
}

impl<L: LoadCommand> HoldsLoad for Load<L> {
    type Load = L;

    fn held(&mut self) -> &mut Self {
        self
    }
}

impl<L: LoadCommand> HoldsLoad for LoadAndWait<L> {
    type Load = L;

    fn held(&mut self) -> &mut Load<L> {
        &mut self.load
    }
}

/// # What can be said of a load
impl<M, H: HoldsLoad> Call<M, H> {
    fn said(mut self, say: impl FnOnce(&mut LoadManagedTableRequest)) -> Self {
        say(self.command.held().load.request_mut());
        self
    }

    /// What is loaded: a finalized upload. It can be loaded once.
    pub fn upload_id(self, id: impl Into<String>) -> Self {
        self.said(|load| load.upload_id = Some(id.into()))
    }

    /// What is loaded: a saved result, which is copied. Never in the background.
    pub fn result_id(self, id: impl Into<String>) -> Self {
        self.said(|load| load.result_id = Some(id.into()))
    }

    /// What is loaded: CSV with a header row, 2 MiB at most.
    pub fn data(self, csv: impl Into<String>) -> Self {
        self.said(|load| load.data = Some(csv.into()))
    }

    /// What the upload is. Default: what its content type or its bytes say.
    pub fn format(self, format: LoadFormat) -> Self {
        self.said(|load| load.format = Some(format))
    }

    /// The type of one column of the data: all of them have to be given then.
    pub fn column(self, name: impl Into<String>, column: impl Into<ColumnDefinition>) -> Self {
        self.said(|load| {
            load.columns.get_or_insert_default().insert(name.into(), column.into());
        })
    }

    /// The columns that tell rows apart. Default: those that the table was declared with.
    pub fn key<I: IntoIterator<Item: Into<String>>>(self, columns: I) -> Self {
        self.said(|load| load.key = Some(columns.into_iter().map(Into::into).collect()))
    }

    /// Makes a repetition harmless, for [`data`](Call::data): 255 characters at most, the same for the same data, and no
    /// other data under the same key. With it a load whose answer was lost is sent again.
    pub fn idempotency_key(self, key: impl Into<String>) -> Self {
        self.said(|load| load.idempotency_key = Some(key.into()))
    }

    /// How often, after how long and for how long a load is sent again that found its table locked. Default: 10 times, 1 s
    /// × 2, at most 15 s, up to half of it added by chance, for 60 s; a `Retry-After` counts instead and is cut by nothing but
    /// those 60 s.
    pub fn when_locked(mut self, policy: RetryPolicy) -> Self {
        self.command.held().when_locked = policy;
        self
    }
}

impl<M, L: LoadCommand> Call<M, Load<L>> {
    /// In the background: what comes back is the ticket of a job, to be waited for with
    /// [`jobs().wait(…)`](crate::hotdata::Jobs::wait).
    pub fn background(self) -> Self {
        self.said(|load| load.r#async = Some(true))
    }

    /// In the background, unless it ends within so many milliseconds: 1000 or more.
    pub fn async_after_ms(self, after: u64) -> Self {
        self.said(|load| (load.r#async, load.async_after_ms) = (Some(true), Some(after)))
    }

    /// In the background, and waits for the job: for large loads, whose answer would take longer than a connection lasts. A
    /// saved result, which the service loads at once or not at all, is not loaded in the background.
    ///
    /// What was left out of a load that has succeeded in part is told beside what was loaded: see [`JobEnd`].
    ///
    /// # Errors
    ///
    /// As those of [`Databases::load`], and [`OperationFailed`](ErrorKind::OperationFailed) if the job fails,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it does not end within the time of the call. Both have the job's
    /// id as [`request_id`](Error::request_id): wait for it with [`jobs().wait(…)`](crate::hotdata::Jobs::wait), and do not
    /// load again.
    pub fn and_wait(self) -> Call<M, LoadAndWait<L>> {
        let mut call = self.map(|load| LoadAndWait { load });
        let load = call.command.load.load.request_mut();
        if load.result_id.is_none() {
            load.r#async = Some(true);
        }
        call
    }
}

/// Exactly one source, and nothing that belongs to another.
pub(crate) fn check(label: &str, load: &LoadManagedTableRequest) -> Result<(), Error> {
    let sources = [&load.upload_id, &load.result_id, &load.data];
    let happened = match sources.iter().filter(|source| source.is_some()).count() {
        0 => "nothing says what is loaded",
        1 if load.data.is_none() && load.idempotency_key.is_some() => {
            "an idempotency key is for data in the request only"
        }
        1 if load.data.is_none() && load.columns.is_some() => {
            "types of columns are for data in the request only"
        }
        1 => return Ok(()),
        _ => "more than one thing is to be loaded",
    };
    Err(Error::invalid(label, happened)
        .with_advice("Nothing was sent. Give exactly one of `upload_id`, `result_id` and `data`."))
}

/// The plan: load, and perhaps wait for the job.
struct Loading<L> {
    parts: Parts,
    load: Load<L>,
    waits: bool,
    has_begun: bool,
    job: Option<String>,
}

enum Loaded {
    At(LoadOutcome),
    Job(Completed),
}

impl<L: LoadCommand> Loading<L> {
    fn new(core: &Core, options: &CallOptions, load: &Load<L>, waits: bool) -> Result<Self, Error> {
        let parts = Parts::new(core, options, load.load.label())?;
        check(&parts.label, load.load.request())?;
        Ok(Self { parts, load: load.clone(), waits, has_begun: false, job: None })
    }
}

impl<L: LoadCommand> Plan for Loading<L> {
    type Output = Loaded;

    fn next(&mut self, answer: Option<Response>) -> Result<Next<Loaded>, Error> {
        let Some(answer) = answer else {
            if std::mem::replace(&mut self.has_begun, true) {
                return Err(not_run());
            }
            let policy = self.load.when_locked.clone();
            let exchange = self.parts.exchange_with(&self.load.load, policy, RetryRule::LockedTable)?;
            return Ok(Next::Send(exchange));
        };
        match self.parts.read(&self.load.load, &answer)? {
            LoadOutcome::Submitted(ticket) if self.waits => {
                let request_id = ticket.id.clone();
                self.parts.context().observer.emit(&Progress::Submitted { request_id });
                let wait = job_wait(&self.parts, &ticket.id)?;
                self.job = Some(ticket.id);
                Ok(Next::Await(Box::new(wait)))
            }
            outcome => Ok(Next::Done(Loaded::At(outcome))),
        }
    }

    fn has_begun(&self) -> bool {
        self.job.is_some()
    }

    fn ended(&mut self, completed: Completed) -> Result<Next<Loaded>, Error> {
        Ok(Next::Done(Loaded::Job(completed)))
    }
}

impl<L: LoadCommand> Action<Hotdata> for Load<L> {
    type Output = LoadOutcome;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<LoadOutcome>, Error> {
        let plan = Loading::new(core, options, self, false)?;
        Ok(Running::new(Chain::new(plan), |chain| match chain.finish() {
            Some(Ok(Loaded::At(outcome))) => Ok(outcome),
            Some(Err(error)) => Err(error),
            Some(Ok(Loaded::Job(_))) | None => Err(not_run()),
        }))
    }
}

impl<L: LoadCommand> Action<Hotdata> for LoadAndWait<L> {
    type Output = JobEnd<LoadManagedTableResponse>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let plan = Loading::new(core, options, &self.load, true)?;
        let label = plan.parts.label.clone();
        Ok(Running::new(Chain::new(plan), move |chain| match chain.finish() {
            Some(Ok(Loaded::At(LoadOutcome::Loaded(loaded)))) => Ok(JobEnd::Succeeded(loaded)),
            Some(Ok(Loaded::Job(completed))) => JobEnd::of(&label, completed, |result| match result {
                JobResult::Load(loaded) => Some(loaded),
                _ => None,
            }),
            Some(Err(error)) => Err(error),
            Some(Ok(Loaded::At(_))) | None => Err(not_run()),
        }))
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
