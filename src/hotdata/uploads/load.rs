//! An upload and the load of it, in one call.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Action, Blocking, CancelToken};
use crate::engine::blocking::driver::Clock;
use crate::engine::{Observer, Progress};
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::Call;
use crate::hotdata::loads::{
    HoldsLoad, Load, LoadAndWait, LoadCommand, LoadFormat, LoadManagedTableRequest, check,
};

use super::call::UploadCall;
use super::failure::{UploadFailure, UploadFailureKind};
use super::model::FinalizeUploadResponse;
use super::plan::Plan;
use super::source::Source;

/// The largest data of a load request: 2 MiB (hotdata 0.12.0).
const MAX_INLINE: u64 = 2 * 1024 * 1024;

/// An upload with its load into a table. The load begins when the upload is finalized. Returned by
/// [`UploadCall::and_load`]; nothing is uploaded until `send`.
#[must_use = "nothing is uploaded until it is sent"]
pub struct UploadAndLoad<M, H> {
    pub(super) upload: UploadCall<M>,
    pub(super) load: Call<M, H>,
    /// For upload and load together.
    pub(super) timeout: Option<Duration>,
    /// They have one callback.
    pub(super) is_observed: bool,
}

impl<M, H> fmt::Debug for UploadAndLoad<M, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadAndLoad").field("upload", &self.upload).finish_non_exhaustive()
    }
}

impl<M> UploadCall<M> {
    /// Adds a load to the upload: once the upload is finalized, it is loaded into a table.
    ///
    /// The load must have no source of its own, because the upload is its source. The upload and the load
    /// keep the settings that they have; a setting of [`UploadAndLoad`], such as its timeout, replaces the
    /// setting of both. A cancel token of the upload also cancels the load, unless the load has a token of
    /// its own.
    ///
    /// If clients cannot write to the service's storage directly (the request for a session has the status
    /// 501), small CSV is sent in the request of the load instead: up to 2 MiB of UTF-8 without compression.
    /// Whether the data are CSV is decided by the first of these that is set: the format of the load, the
    /// content type (`text/csv`), the file name (`.csv`). Other data are not loaded, and the call ends with
    /// the error of the upload.
    ///
    /// An upload of a path with its load can be one call of a [`Batch`](crate::hotdata::Batch).
    ///
    /// ```no_run
    /// # use controlplane::hotdata::{Client, LoadMode};
    /// # let client = Client::from_env()?;
    /// let load = client.databases().load("dbid7h2k9q4m1x8c", "main", "orders", LoadMode::Append);
    /// let outcome = client.uploads().upload_path("orders.csv").and_load(load).send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn and_load<H: HoldsLoad>(self, mut load: Call<M, H>) -> UploadAndLoad<M, H> {
        if load.options.cancel.is_none() {
            load.options.cancel = self.cancel.clone();
        }
        UploadAndLoad { upload: self, load, timeout: None, is_observed: false }
    }
}

impl<M, L: LoadCommand> UploadAndLoad<M, Load<L>> {
    /// Loads the upload in the background, and waits until the job of the load has ended, as
    /// [`and_wait`](Call::and_wait) of the load does.
    pub fn and_wait(self) -> UploadAndLoad<M, LoadAndWait<L>> {
        let Self { upload, load, timeout, is_observed } = self;
        UploadAndLoad { upload, load: load.and_wait(), timeout, is_observed }
    }
}

/// # Settings of the upload and of the load
impl<M, H> UploadAndLoad<M, H> {
    /// Sets the time limit of the upload and the load together. It replaces the time limits that were set on
    /// the upload and on the load. Default: none for the upload, and for the load the time limit of its call
    /// (300 s, unless it was set on the call or the client). See [`docs::timeouts`](crate::docs::timeouts).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self.upload = self.upload.timeout(timeout);
        self
    }

    /// Sets the time limit of one HTTP request to the service: of those that create the upload session and
    /// finalize the upload, and of those of the load. Default: the client's `http_timeout`, which is 300 s by
    /// default. The requests that write parts have other limits: see
    /// [`UploadCall::http_timeout`] and [`docs::timeouts`](crate::docs::timeouts).
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.upload = self.upload.http_timeout(timeout);
        self.load = self.load.http_timeout(timeout);
        self
    }

    /// Sets a callback for the progress of the upload and the load. It replaces the callbacks that were set
    /// on the upload and on the load. It should return soon, because both wait for it.
    pub fn on_progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        let callback = Arc::new(callback);
        let of_upload = callback.clone();
        self.upload = self.upload.on_progress(move |progress| of_upload(progress));
        self.load.options.observer = Observer::new(move |progress| callback(progress));
        self.is_observed = true;
        self
    }

    /// Sets a token with which another thread or task can cancel the upload and the load: see
    /// [`CancelToken`]. It replaces the tokens that were set on the upload and on the load.
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.upload = self.upload.cancel_with(token);
        self.load = self.load.cancel_with(token);
        self
    }
}

/// What is known before anything is sent.
#[derive(Clone, Copy, Debug)]
pub(in crate::hotdata) struct Known {
    /// It seems to be CSV, as text that can be part of JSON.
    is_csv: bool,
    size: Option<u64>,
}

impl Known {
    /// Checks the load, so that a bad one is an error before anything was uploaded. `size`: that was set.
    pub(super) fn of<L: LoadCommand>(load: &L, upload: &Plan, size: Option<u64>) -> Result<Self, Error> {
        let request = load.request();
        if request.upload_id.is_some() || request.result_id.is_some() || request.data.is_some() {
            return Err(Error::invalid("loading an upload", "the load has another source").with_advice(
                "Nothing was sent. Leave out `upload_id`, `result_id` and `data`: the upload is the source.",
            ));
        }
        let mut tried = load.clone();
        tried.request_mut().upload_id = Some("upload".to_owned());
        check(&tried.endpoint().label(), tried.request())?;
        tried.to_request()?;
        Ok(Self::seen(request, upload, size))
    }

    /// Without a check.
    pub(super) fn seen(load: &LoadManagedTableRequest, upload: &Plan, size: Option<u64>) -> Self {
        let seems = match (&upload.content_type, &upload.filename) {
            (Some(content_type), _) => content_type.to_ascii_lowercase().starts_with("text/csv"),
            (None, filename) => {
                filename.as_ref().is_some_and(|name| name.to_ascii_lowercase().ends_with(".csv"))
            }
        };
        let is_csv = load.format.as_ref().map_or(seems, |format| *format == LoadFormat::Csv);
        Self { is_csv: is_csv && upload.content_encoding.is_none(), size }
    }
}

/// The source of the load.
#[derive(Debug)]
pub(in crate::hotdata) enum Loadable {
    Upload(FinalizeUploadResponse),
    /// CSV that is sent in the request of the load instead.
    Data(String),
}

impl Loadable {
    /// What there is to load after an upload that succeeded or failed.
    pub(super) fn of(
        uploaded: Result<FinalizeUploadResponse, Error>,
        known: Known,
        source: &Source,
    ) -> Result<Self, Error> {
        match uploaded {
            Ok(uploaded) => Ok(Self::Upload(uploaded)),
            Err(error) => inline(error, known, source).map(Self::Data),
        }
    }

    /// Makes this the source of the load.
    pub(in crate::hotdata) fn set(&self, load: &mut LoadManagedTableRequest) {
        match self {
            Self::Upload(uploaded) => load.upload_id = Some(uploaded.upload_id.clone()),
            Self::Data(csv) => load.data = Some(csv.clone()),
        }
    }

    /// The error of the load of it.
    pub(in crate::hotdata) fn not_loaded(&self, error: Error) -> Error {
        match self {
            Self::Upload(uploaded) => not_loaded(error, uploaded),
            Self::Data(_) => error,
        }
    }
}

impl<M, H: HoldsLoad> UploadAndLoad<M, H> {
    fn known(&mut self) -> Result<Known, Error> {
        Known::of(&self.load.command.held().load, &self.upload.plan, self.upload.size)
    }
}

/// The load of this, with the time that the upload has left of `timeout`.
fn after<M, H: HoldsLoad>(
    mut load: Call<M, H>,
    timeout: Option<Duration>,
    spent: Duration,
    loadable: &Loadable,
) -> Call<M, H> {
    loadable.set(load.command.held().load.request_mut());
    match timeout {
        Some(timeout) => load.timeout(timeout.saturating_sub(spent)),
        None => load,
    }
}

/// The CSV that is sent in the request of the load instead of an upload, or why there is none.
fn inline(error: Error, known: Known, source: &Source) -> Result<String, Error> {
    let is_session =
        error.detail::<UploadFailure>().is_some_and(|failure| failure.kind == UploadFailureKind::Session);
    if !is_session || error.status() != Some(501) {
        return Err(error);
    }
    let advice = "Clients cannot write to the storage directly, and only CSV of up to 2 MiB can be sent in the request of the \
                  load. Try the upload of the older API: `client.older().files().upload(…)`.";
    if !known.is_csv {
        return Err(error.with_advice(advice));
    }
    match source.small(known.size, MAX_INLINE) {
        Ok(Some(bytes)) => String::from_utf8(bytes.to_vec()).map_err(|_| error.with_advice(advice)),
        Ok(None) => Err(error.with_advice(advice)),
        Err(cause) => {
            let why = "the data cannot be sent in the request of the load instead, because reading the input failed";
            Err(error.with_more(&format!("{why}: {cause}")))
        }
    }
}

/// The error of a load of what was uploaded.
fn not_loaded(error: Error, uploaded: &FinalizeUploadResponse) -> Error {
    let mut failure = UploadFailure::new(UploadFailureKind::Load);
    failure.upload_id = Some(uploaded.upload_id.clone());
    let id = shown(&uploaded.upload_id);
    // A load that may have been accepted, or whose job goes on, is not to be repeated.
    let more = match error.kind() {
        ErrorKind::OutcomeUnknown => format!("the id of the upload is {id}"),
        kind if error.request_id().is_some() && kind != ErrorKind::OperationFailed => {
            format!("the id of the upload is {id}")
        }
        _ => format!("the upload {id} is finalized, and can be loaded without uploading it again"),
    };
    failure.add_to(error.with_more(&more))
}

impl<H: HoldsLoad + Action<Hotdata>> UploadAndLoad<Blocking, H> {
    /// Uploads the input, then loads it into the table. Returns the output of the load.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the load has a source of its own: nothing was sent.
    /// Otherwise the errors of the upload (see [`UploadCall::send`]) and of the load.
    ///
    /// If the upload was finalized and its load failed, the [`detail`](Error::detail) of the error is an
    /// [`UploadFailure`] of the kind [`Load`](UploadFailureKind::Load) with the id of the upload. Load this
    /// upload again rather than uploading the data again, unless the kind of the error is
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) or the error has the [id of a job](Error::request_id)
    /// that continues.
    pub fn send(mut self) -> Result<H::Output, Error> {
        let known = self.known()?;
        let client = self.upload.client().clone();
        let clock = client.core().clock();
        let began = clock.now();
        let (machine, source, attendant) = self.upload.prepare(client.core(), None)?;
        let source = Arc::new(source);
        let uploaded = super::blocking::run(&client, machine, &source, attendant);
        let spent = clock.now().saturating_duration_since(began);
        let loadable = Loadable::of(uploaded, known, &source)?;
        let load = after(self.load, self.timeout, spent, &loadable);
        load.send().map_err(|error| loadable.not_loaded(error))
    }
}

#[cfg(feature = "async")]
impl<H: HoldsLoad + Action<Hotdata>> UploadAndLoad<Async, H> {
    /// Uploads the input, then loads it into the table. Returns the output of the load.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the load has a source of its own: nothing was sent.
    /// Otherwise the errors of the upload (see [`UploadCall::send`]) and of the load.
    ///
    /// If the upload was finalized and its load failed, the [`detail`](Error::detail) of the error is an
    /// [`UploadFailure`] of the kind [`Load`](UploadFailureKind::Load) with the id of the upload. Load this
    /// upload again rather than uploading the data again, unless the kind of the error is
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) or the error has the [id of a job](Error::request_id)
    /// that continues.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled outside a Tokio runtime with I/O and time enabled, as Tokio's own
    /// futures do.
    pub async fn send(mut self) -> Result<H::Output, Error> {
        let known = self.known()?;
        let client = self.upload.client().clone();
        let began = tokio::time::Instant::now();
        let (machine, source, attendant) = self.upload.prepare(client.core(), None)?;
        let source = Arc::new(source);
        let uploaded = super::futures::run(client, machine, source.clone(), attendant).await;
        let loadable = Loadable::of(uploaded, known, &source)?;
        let load = after(self.load, self.timeout, began.elapsed(), &loadable);
        load.send().await.map_err(|error| loadable.not_loaded(error))
    }
}
