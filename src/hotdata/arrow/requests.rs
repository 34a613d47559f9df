//! Results that are requested as Arrow.

use std::marker::PhantomData;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Action, Blocking, Running};
use crate::engine::sequence::then;
use crate::engine::{CallContext, Machine};
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core};
use crate::hotdata::composite::Composite;
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::results::{GetResult, GetResultResponse, Results, asked_to_wait};
use crate::http::Response;

use super::CONTENT_TYPE;
use super::info::ArrowInfo;
use super::readers::{ArrowReader, ArrowTable, open};
#[cfg(feature = "async")]
use super::readers::{ArrowStream, open_async};
use super::reading::{Reading, UntilSchema, WholeTable};

/// The largest batch that is accepted by default.
pub(super) const MAX_BATCH: u64 = 256 * 1024 * 1024;

/// Reads a saved result as Arrow record batches: the command of [`Results::arrow`], and with `K` =
/// [`Batches`] that of [`Results::stream_arrow`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetArrow<K = Whole> {
    /// The id of the result, its database, and the part of its rows to read. The field `format` in it is
    /// ignored: the format is always Arrow.
    pub result: GetResult,
    /// The largest batch that is accepted, in bytes, both as it arrives and decompressed. Default: 256 MiB. A
    /// larger batch is the error [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    pub max_batch_bytes: u64,
    kind: PhantomData<fn() -> K>,
}

/// Marks a [`GetArrow`] that returns all batches together, as an [`ArrowTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {}

/// Marks a [`GetArrow`] that returns one batch after the other, as an [`ArrowReader`] or an `ArrowStream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batches {}

impl<K> GetArrow<K> {
    /// Returns the command that reads all rows of this result, with the default limit of a batch.
    pub fn new(id: impl Into<String>) -> Self {
        Self { result: GetResult::new(id), max_batch_bytes: MAX_BATCH, kind: PhantomData }
    }

    fn endpoint(&self) -> Endpoint<'_, ()> {
        let result = &self.result;
        Endpoint::get("get_result_arrow", "/v1/results/{id}")
            .nothing()
            .of(Scope::Database)
            .at("id", &result.id)
            .query("offset", result.offset)
            .query("limit", result.limit)
            .query("format", Some("arrow"))
            .database(result.x_database_id.as_deref())
            .header("Accept", Some(CONTENT_TYPE))
            // Batches are compressed by themselves, if at all.
            .header("Accept-Encoding", Some("identity"))
    }

    /// Opens the result: the outcome reads its batches.
    pub(super) fn open(&self, calls: &Composite) -> Result<impl Machine<Output = Reading> + use<K>, Error> {
        let exchange = calls.open(self.endpoint(), None)?;
        let exchange = exchange.map(|response| response.map_err(GetResult::explain));
        let (id, max_batch_bytes) = (self.result.id.clone(), self.max_batch_bytes);
        let is_part = self.result.offset.is_some() || self.result.limit.is_some();
        let context = calls.context().clone();
        Ok(then(calls.context().clone(), exchange, move |response| {
            let reading = reading(&context, &id, &response, max_batch_bytes)?;
            let reading = if is_part { reading.of_part() } else { reading };
            Ok(Box::new(UntilSchema::new(reading)))
        }))
    }

    /// The machine as that of a call about this result: its errors have the result's id.
    fn running<T: 'static>(&self, machine: impl Machine<Output = T> + 'static) -> Running<T> {
        let id = self.result.id.clone();
        Running::new(machine.map(move |outcome| {
            outcome.map_err(|error| if error.resource().is_some() { error } else { error.with_resource(id) })
        }))
    }

    fn calls(&self, core: &Core, options: &CallOptions) -> Result<Composite, Error> {
        Composite::new(core, options, self.endpoint().label())
    }
}

impl GetArrow<Batches> {
    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Reading>, Error> {
        Ok(self.running(self.open(&self.calls(core, options)?)?))
    }
}

/// What to read of a response to a request for a result.
fn reading(
    context: &Arc<CallContext>,
    id: &str,
    response: &Response,
    max_batch_bytes: u64,
) -> Result<Reading, Error> {
    match response.status {
        200 => check_type(&context.label, response)?,
        202 => return Err(not_ready(&context.label, id, response)),
        status => {
            let happened =
                format!("HTTP {status}: expected 200 (a result) or 202 (a result that is not ready)");
            let label = context.label.clone();
            return Err(Error::new(ErrorKind::UnexpectedResponse, label, happened).with_status(status));
        }
    }
    let info = ArrowInfo::of(&response.headers);
    Ok(Reading::new(context.clone(), Some(id.to_owned()), info, max_batch_bytes))
}

/// Checks that a 200 has Arrow, and that it is not compressed once more.
pub(super) fn check_type(label: &str, response: &Response) -> Result<(), Error> {
    let header = |name: &str| response.headers.text(name).unwrap_or_default().into_owned();
    let (kind, encoding) = (header("content-type"), header("content-encoding"));
    let (name, encoding) = (kind.split(';').next().unwrap_or_default().trim(), encoding.trim());
    let happened = if !name.is_empty() && !name.eq_ignore_ascii_case(CONTENT_TYPE) {
        format!("HTTP 200 with the content type {:?}; an Arrow stream was expected", shown(name))
    } else if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        format!("HTTP 200 with the content encoding {:?}, which was not requested", shown(encoding))
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::UnexpectedResponse, label, happened)
        .with_status(200)
        .with_advice("Check whether the base URL is the address of the service, or of a proxy."))
}

#[cold]
fn not_ready(label: &str, id: &str, response: &Response) -> Error {
    let result: Option<GetResultResponse> = serde_json::from_slice(&response.body).ok();
    let status = result.as_ref().map_or("pending", |result| result.status.as_str()).to_owned();
    let id = result.as_ref().map_or(id, |result| &result.result_id).to_owned();
    Error::new(ErrorKind::NotReady, label, format!("the result is {}", shown(&status)))
        .with_status(202)
        .with_resource(id)
        .with_api_status(Some(status))
        .with_retry_after(asked_to_wait(response))
        .with_retryable(true)
        .with_advice(
            "The service may still be saving the result. Wait with `results().wait_for_result(…)`, then request it again.",
        )
}

/// # As Arrow
///
/// One request returns the whole result, or the part of it that [`offset`](Call::offset) and
/// [`limit`](Call::limit) set. The order of the rows may differ between two requests. The timeout of the call
/// ends when the head of the response has arrived; after that, each piece of the body has to arrive within
/// the [`http_timeout`](Call::http_timeout), and all pieces together may take any time.
///
/// If the service has not yet saved the result, the error is [`NotReady`](ErrorKind::NotReady): wait with
/// [`wait_for_result`](Results::wait_for_result) or, better, for the run of the query with
/// [`wait_for_query_run`](crate::hotdata::QueryRuns::wait_for_query_run).
impl<M> Results<M> {
    /// Returns a result as record batches, all in memory: `GET /v1/results/{id}?format=arrow`
    /// (`get_result_arrow`).
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
    /// [`NotReady`](ErrorKind::NotReady), with the result's status and the delay that the service asks for;
    /// [`OperationFailed`](ErrorKind::OperationFailed) for a result that failed;
    /// [`NotFound`](ErrorKind::NotFound) if the database has no result with this id;
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) for a stream that is truncated or invalid, or
    /// has a batch larger than [`max_batch_bytes`](Call::max_batch_bytes);
    /// [`Transport`](ErrorKind::Transport) for a broken connection. Each has the result's id as
    /// [`resource`](Error::resource).
    #[doc(alias = "get_result_arrow")]
    pub fn arrow(&self, id: impl Into<String>) -> Call<M, GetArrow> {
        Call::new(self.client.shared.clone(), GetArrow::new(id))
    }

    /// Returns a result as record batches, one after the other, with about one batch in memory at a time: an
    /// [`ArrowReader`] (blocking) or an `ArrowStream` (asynchronous).
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
    /// The errors of [`arrow`](Results::arrow). Those that occur after the columns have arrived are the last
    /// item.
    #[doc(alias = "stream_result_arrow")]
    pub fn stream_arrow(&self, id: impl Into<String>) -> Call<M, GetArrow<Batches>> {
        Call::new(self.client.shared.clone(), GetArrow::new(id))
    }
}

/// # Settings of a result as Arrow
impl<M, K> Call<M, GetArrow<K>> {
    /// Sets the id of the database that the result belongs to. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.result.x_database_id = Some(id.into());
        self
    }

    /// Sets the number of rows to skip. Default: 0.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.result.offset = Some(offset);
        self
    }

    /// Sets the largest number of rows to return. Default: all rows.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.result.limit = Some(limit);
        self
    }

    /// Sets the largest batch that is accepted, in bytes, both as it arrives and decompressed. Default: 256
    /// MiB. A larger batch is the error [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    pub fn max_batch_bytes(mut self, bytes: u64) -> Self {
        self.command.max_batch_bytes = bytes;
        self
    }
}

impl Action<Hotdata> for GetArrow<Whole> {
    type Output = ArrowTable;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<ArrowTable>, Error> {
        let calls = self.calls(core, options)?;
        let opened = self.open(&calls)?;
        let whole = then(calls.context().clone(), opened, |reading| Ok(Box::new(WholeTable::new(reading))));
        Ok(self.running(whole))
    }
}

impl Call<Blocking, GetArrow<Batches>> {
    /// Requests the result, and returns a reader of its batches as soon as the columns have arrived.
    ///
    /// # Errors
    ///
    /// See [`Results::arrow`].
    pub fn send(self) -> Result<ArrowReader, Error> {
        open(self, GetArrow::start).map(ArrowReader::new)
    }
}

#[cfg(feature = "async")]
impl Call<Async, GetArrow<Batches>> {
    /// Requests the result, and returns a stream of its batches as soon as the columns have arrived.
    ///
    /// # Errors
    ///
    /// See [`Results::arrow`].
    pub async fn send(self) -> Result<ArrowStream, Error> {
        open_async(self, GetArrow::start).await.map(ArrowStream::new)
    }
}
