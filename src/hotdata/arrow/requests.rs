//! Results asked for as Arrow.

use std::marker::PhantomData;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::client::{Async, Shared};
use crate::client::{Blocking, Cancellable, CancellableClock, cancelled, not_run};
#[cfg(feature = "async")]
use crate::engine::asynchronous;
use crate::engine::{Context, Exchange, Machine, RetryPolicy, blocking};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Method, Request, Response};
#[cfg(feature = "async")]
use crate::transport::AsyncPieces;
use crate::transport::Pieces;

#[cfg(feature = "async")]
use super::super::client::Hotdata;
use super::super::command::{Call, CallOptions, Core, RequestParts, Scope, about};
use super::super::path::path;
use super::super::results::{GetResult, GetResultResponse, Results, asked_to_wait, database_of};
use super::CONTENT_TYPE;
#[cfg(feature = "async")]
use super::reading::ArrowStream;
use super::reading::{ArrowInfo, ArrowReader, ArrowTable, Reading};

/// The largest batch that is taken, unless it is said otherwise.
pub(super) const MAX_BATCH: u64 = 256 * 1024 * 1024;

/// See [`Results::arrow`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetArrow<K = Whole> {
    /// The result, and which part of it; the format is Arrow whatever it says.
    pub result: GetResult,
    /// The largest batch that is taken, in bytes: as it comes, and decompressed.
    pub max_batch_bytes: u64,
    as_what: PhantomData<fn() -> K>,
}

/// Of a [`GetArrow`]: all batches at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {}

/// Of a [`GetArrow`]: one batch after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batches {}

impl<K> GetArrow<K> {
    /// All of this result.
    pub fn new(id: impl Into<String>) -> Self {
        Self { result: GetResult::new(id), max_batch_bytes: MAX_BATCH, as_what: PhantomData }
    }

    fn label(&self) -> String {
        about("result as Arrow", &self.result.id)
    }

    fn request(&self) -> Result<Request, Error> {
        let result = &self.result;
        let path = path(&self.label(), "/v1/results/{id}", &[("id", &result.id)])?;
        let mut request = Request::new(Method::Get, "", path)
            .query("offset", result.offset)
            .query("limit", result.limit)
            .query("format", Some("arrow"))
            .database(result.x_database_id.as_deref())?;
        request.headers.push("Accept", CONTENT_TYPE);
        // Batches are compressed already, if at all.
        request.headers.push("Accept-Encoding", "identity");
        Ok(request)
    }
}

/// # As Arrow
///
/// One request gives the whole result, or one part of it with [`offset`](Call::offset) and [`limit`](Call::limit), in an order of
/// rows that another request may not have. The time of the call counts until the result begins to come; after that, each
/// piece has as long as one HTTP request may take.
///
/// A result that is not there yet is the error [`ResultNotReady`](ErrorKind::ResultNotReady): wait for it with
/// [`wait`](Results::wait), or better for its query's run.
impl<M> Results<M> {
    /// A whole result as record batches, in memory: `GET /v1/results/{id}?format=arrow` (`get_result_arrow`).
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// let table = client.results().arrow("rslt9z8y7x6w5v4u3t2s1r0q9p8o7n").send()?;
    /// println!("{} rows of {:?}", table.num_rows(), table.schema);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ResultNotReady`](ErrorKind::ResultNotReady), with the result's status and when to ask again;
    /// [`OperationFailed`](ErrorKind::OperationFailed) for a result that has failed;
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) for a stream that is cut short, makes no sense, or has a batch
    /// larger than [`max_batch_bytes`](Call::max_batch_bytes); [`Transport`](ErrorKind::Transport) for a connection that
    /// breaks. All have the result's id as [`request_id`](Error::request_id).
    #[doc(alias = "get_result_arrow")]
    pub fn arrow(&self, id: impl Into<String>) -> Call<M, GetArrow> {
        Call::new(self.client.shared.clone(), GetArrow::new(id))
    }

    /// A result as record batches, one after the other, with no more than one in memory: an iterator, or a stream of futures.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// let mut rows = 0;
    /// for batch in client.results().stream_arrow("rslt9z8y7x6w5v4u3t2s1r0q9p8o7n").send()? {
    ///     rows += batch?.num_rows();
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`arrow`](Results::arrow), before the first batch or as the last item.
    #[doc(alias = "stream_result_arrow")]
    pub fn stream_arrow(&self, id: impl Into<String>) -> Call<M, GetArrow<Batches>> {
        Call::new(self.client.shared.clone(), GetArrow::new(id))
    }
}

/// # What can be said of a result as Arrow
impl<M, K> Call<M, GetArrow<K>> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.result.x_database_id = Some(id.into());
        self
    }

    /// How many rows are left out before the first. Default: none.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.result.offset = Some(offset);
        self
    }

    /// How many rows are given at most. Default: all.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.result.limit = Some(limit);
        self
    }

    /// The largest batch that is taken, in bytes, as it comes and decompressed. Default: 256 MiB.
    pub fn max_batch_bytes(mut self, bytes: u64) -> Self {
        self.command.max_batch_bytes = bytes;
        self
    }
}

/// A request for a stream on its way.
pub(super) struct Opening {
    pub(super) exchange: Exchange,
    pub(super) context: Arc<Context>,
}

impl Opening {
    pub(super) fn new(
        core: &Core,
        options: &CallOptions,
        label: String,
        scope: Scope,
        request: Request,
        effect: crate::Effect,
        retry: Option<RetryPolicy>,
    ) -> Result<Self, Error> {
        let protocol = core.protocol()?.clone();
        let request = Arc::new(protocol.complete(&label, scope, request)?);
        let mut options = options.clone();
        if let Some(retry) = retry {
            options.settings.retry = retry;
        }
        let context = core.context(protocol, label, Vec::new(), &options);
        Ok(Self { exchange: Exchange::new(context.clone(), request, effect), context })
    }

    /// The answer, without the body of a 200.
    pub(super) fn finish(&mut self) -> Result<Response, Error> {
        self.exchange.finish().unwrap_or_else(|| Err(not_run()))
    }
}

/// Runs a machine on a blocking client, which a token may stop.
pub(super) fn run_blocking<T>(
    call: &Call<Blocking, T>,
    machine: &mut dyn Machine,
    label: &str,
) -> Result<Option<Pieces>, Error> {
    let (transport, clock) = (call.client.transport(), call.client.core().clock());
    let idle = call.options.settings.http_timeout;
    let Some(token) = &call.options.cancel else {
        return Ok(blocking::driver::open(transport, clock, machine, idle));
    };
    let mut machine = Cancellable::new(machine, token);
    let clock = CancellableClock { clock, token };
    let pieces = blocking::driver::open(transport, &clock, &mut machine, idle);
    if machine.is_stopped() { Err(cancelled(label)) } else { Ok(pieces) }
}

/// Runs a machine on a client of futures.
#[cfg(feature = "async")]
pub(super) async fn run_async(
    shared: &Shared<Hotdata, Async>,
    options: &CallOptions,
    machine: &mut dyn Machine,
) -> Option<AsyncPieces> {
    let clock = asynchronous::driver::SystemClock;
    let idle = options.settings.http_timeout;
    asynchronous::driver::open(shared.transport(), &clock, machine, idle).await
}

impl<K> GetArrow<K> {
    pub(super) fn opening(&self, core: &Core, options: &CallOptions) -> Result<Opening, Error> {
        let label = self.label();
        let named = self.result.x_database_id.as_deref();
        let mut get = GetArrow::<K>::new(self.result.id.clone());
        get.result = self.result.clone();
        get.result.x_database_id = Some(database_of(core.protocol()?, &label, named)?);
        let (request, scope) = (get.request()?, Scope::Database);
        Opening::new(core, options, label, scope, request, crate::Effect::Repeatable, None)
    }

    /// The same, one batch after the other.
    fn batches(self) -> GetArrow<Batches> {
        let Self { result, max_batch_bytes, .. } = self;
        GetArrow { result, max_batch_bytes, as_what: PhantomData }
    }

    /// What to read, of an answer that is a stream.
    pub(super) fn reading(&self, opening: &mut Opening) -> Result<Reading, Error> {
        let id = &self.result.id;
        let label = &opening.context.label.clone();
        let response = opening.finish().map_err(|error| {
            GetResult::failed_result(&error).unwrap_or_else(|| error.with_request_id(id.clone()))
        })?;
        match response.status {
            200 => check_type(label, &response).map_err(|error| error.with_request_id(id.clone()))?,
            202 => return Err(not_ready(label, id, &response)),
            status => {
                let happened = format!("HTTP {status}, which is neither a result nor that it is to come");
                return Err(Error::new(ErrorKind::UnexpectedResponse, &**label, happened)
                    .with_status(status)
                    .with_request_id(id.clone()));
            }
        }
        let info = ArrowInfo::of(&response.headers);
        Ok(Reading::new(opening.context.clone(), Some(id.clone()), info, self.max_batch_bytes))
    }
}

/// A 200 has to say that it is Arrow, or nothing.
pub(super) fn check_type(label: &str, response: &Response) -> Result<(), Error> {
    let kind = response.headers.text("content-type").unwrap_or_default();
    let name = kind.split(';').next().unwrap_or_default().trim();
    if name.is_empty() || name.eq_ignore_ascii_case(CONTENT_TYPE) {
        return Ok(());
    }
    let happened = format!("HTTP 200, but of the type {:?} and not Arrow", shown(name));
    Err(Error::new(ErrorKind::UnexpectedResponse, label, happened)
        .with_status(200)
        .with_advice("Is this the address of the service, or of a proxy in between?"))
}

#[cold]
fn not_ready(label: &str, id: &str, response: &Response) -> Error {
    let told: Option<GetResultResponse> = serde_json::from_slice(&response.body).ok();
    let status = told.as_ref().map_or("pending", |told| told.status.as_str()).to_owned();
    let id = told.as_ref().map_or(id, |told| &told.result_id).to_owned();
    Error::new(ErrorKind::ResultNotReady, label, format!("the result is {}", shown(&status)))
        .with_status(202)
        .with_request_id(id)
        .with_api_status(Some(status))
        .with_retry_after(asked_to_wait(response))
        .with_retryable(true)
        .with_advice("It is to come. Wait for it with `results().wait(…)`, then ask again.")
}

impl Call<Blocking, GetArrow<Batches>> {
    /// Asks for the result, and gives it when its first bytes have come.
    ///
    /// # Errors
    ///
    /// As [`Results::arrow`] has them.
    pub fn send(self) -> Result<ArrowReader, Error> {
        let get = &self.command;
        let mut opening = get.opening(self.client.core(), &self.options)?;
        let pieces = run_blocking(&self, &mut opening.exchange, &get.label())?;
        let reading = get.reading(&mut opening)?;
        ArrowReader::begin(reading, pieces.ok_or_else(not_run)?, self.options.cancel.clone())
    }
}

impl Call<Blocking, GetArrow<Whole>> {
    /// Asks for the result, and reads it to its end.
    ///
    /// # Errors
    ///
    /// As [`Results::arrow`] has them.
    pub fn send(self) -> Result<ArrowTable, Error> {
        self.map(GetArrow::batches).send()?.read_all()
    }
}

#[cfg(feature = "async")]
impl Call<Async, GetArrow<Batches>> {
    /// Asks for the result, and gives it when its first bytes have come.
    ///
    /// # Errors
    ///
    /// As [`Results::arrow`] has them.
    pub async fn send(self) -> Result<ArrowStream, Error> {
        let get = &self.command;
        let mut opening = get.opening(self.client.core(), &self.options)?;
        let pieces = run_async(&self.client, &self.options, &mut opening.exchange).await;
        let reading = get.reading(&mut opening)?;
        ArrowStream::begin(reading, pieces.ok_or_else(not_run)?).await
    }
}

#[cfg(feature = "async")]
impl Call<Async, GetArrow<Whole>> {
    /// Asks for the result, and reads it to its end.
    ///
    /// # Errors
    ///
    /// As [`Results::arrow`] has them.
    pub async fn send(self) -> Result<ArrowTable, Error> {
        self.map(GetArrow::batches).send().await?.read_all().await
    }
}
