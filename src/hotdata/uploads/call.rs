//! The call that uploads, and its settings.

use std::error::Error as StdError;
use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, CancelToken, Shared};
use crate::engine::{Observer, Progress};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, shown};
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, Core};

use super::api::Api;
#[cfg(doc)]
use super::failure::UploadFailureKind;
use super::failure::{self, Failed};
use super::machine::Upload as Machine;
use super::model::FinalizeUploadResponse;
use super::plan::{Plan, name_of};
use super::progress::Events;
use super::rules::PartRetry;
use super::source::{Input, Source};

/// The error of a callback that ends an upload.
pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// A callback whose error ends the upload.
type Fallible = dyn FnMut(&Progress) -> Result<(), BoxError> + Send;

/// A callback of the program.
pub(super) enum Callback {
    Plain(Observer),
    Fallible(Box<Fallible>),
}

impl Callback {
    fn call(&mut self, progress: &Progress) -> Result<(), BoxError> {
        match self {
            Self::Plain(observer) => observer.call(progress),
            Self::Fallible(callback) => return callback(progress),
        }
        Ok(())
    }
}

/// An upload. It does nothing until it is sent: see [`Uploads::upload_path`](super::Uploads::upload_path).
///
/// Sent, it creates a session, writes the bytes to the storage directly, part by part and several parts at a
/// time, and finalizes the session. A part that fails is repeated, first at once
/// ([`part_retry`](UploadCall::part_retry)), then in rounds
/// ([`max_extra_rounds`](UploadCall::max_extra_rounds)); parts that were written are not written again.
/// Finalizing is sent once.
///
/// The storage receives nothing of the client but the bytes: no key, no workspace, no default header.
#[must_use = "an upload does nothing until it is sent"]
pub struct UploadCall<M> {
    pub(super) client: Client<M>,
    pub(super) input: Input,
    /// An explicit size.
    pub(super) size: Option<u64>,
    pub(super) plan: Plan,
    pub(super) callback: Option<Callback>,
    pub(super) cancel: Option<CancelToken>,
}

impl<M> fmt::Debug for UploadCall<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadCall")
            .field("input", &self.input)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl<M> UploadCall<M> {
    pub(super) fn new(client: Client<M>, input: Input) -> Self {
        let filename = match &input {
            Input::Path(path) => name_of(path),
            _ => None,
        };
        Self { client, input, size: None, plan: Plan::new(filename), callback: None, cancel: None }
    }

    /// Sets the media type, as `text/csv`, by which a load detects the format. Default: none.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.plan.content_type = Some(content_type.into());
        self
    }

    /// Sets the compression, as `gzip`. Default: none.
    pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.plan.content_encoding = Some(encoding.into());
        self
    }

    /// Sets the name. Default: that of the file, if there is a path.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.plan.filename = Some(name.into());
        self
    }

    /// Sets the number of bytes to upload, from the position of the file. If the file has fewer, the upload
    /// ends with [`Io`](ErrorKind::Io) and is not finalized; if it has more, it may grow while its first
    /// bytes are uploaded. Default: all bytes up to its end. Not for a reader, which is always read to its
    /// end.
    pub fn size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Sets the size of a part in bytes. The service may choose another. Default: 8 MiB, or more for an
    /// upload of more than 9000 parts: [`auto_part_size_hint`](super::auto_part_size_hint).
    pub fn part_size(mut self, size: u64) -> Self {
        self.plan.part_size = Some(size);
        self
    }

    /// Sets the number of parts that are written at a time, within the memory budget. Default: 10. 0 counts
    /// as 1.
    pub fn max_concurrency(mut self, parts: usize) -> Self {
        self.plan.max_concurrency = parts;
        self
    }

    /// Sets the largest number of bytes of parts in memory. Default: 256 MiB. One part is held in any case,
    /// however large the service makes it, and so are up to 8 MiB that the service wants as one PUT, or that
    /// a reader begins with.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.plan.memory_budget = bytes;
        self
    }

    /// Sets the retries of one PUT: of a part, or of an upload that the service wants as one PUT. Writing the
    /// same bytes to the same URL again changes nothing. A whole upload is not retried, as with the vendor's
    /// client, if its connection breaks after it was sent.
    pub fn part_retry(mut self, retry: PartRetry) -> Self {
        self.plan.part_retry = retry;
        self
    }

    /// Sets the number of rounds after the first one. Each repeats the parts that failed in the one before,
    /// with half as many at a time. An upload that the service wants as one PUT gets them if the storage is
    /// busy (408, 425, 429, 5xx) or cannot be reached. Default: 3. 0: none.
    pub fn max_extra_rounds(mut self, rounds: u32) -> Self {
        self.plan.max_extra_rounds = rounds;
        self
    }

    /// Sets the pause before the first extra round. It doubles before each later one. Default: 2 s.
    pub fn round_base_delay(mut self, delay: Duration) -> Self {
        self.plan.round_base_delay = delay;
        self
    }

    /// Sets the time limit of the whole upload. Default: none, because an upload can be large; each of its
    /// requests has a limit. See [`docs::timeouts`](crate::docs::timeouts).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.plan.timeout = Some(timeout);
        self
    }

    /// Sets the time limit of each of the two requests that create the session and finalize it. Default: the
    /// client's, 300 s unless it was set. The PUT of a part has a limit by its size:
    /// [`part_put_timeout`](super::part_put_timeout). See [`docs::timeouts`](crate::docs::timeouts).
    #[doc(alias = "request_timeout")]
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.plan.http_timeout = Some(timeout);
        self
    }

    /// Sets a callback for the progress of the upload. It runs on the thread that waits, or in the task, so
    /// it should return soon.
    ///
    /// [`Progress::Transferred`] reports the bytes that the storage has accepted: 0 first, then more each
    /// time, and all of them at the end of an upload that succeeds.
    pub fn on_progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.callback = Some(Callback::Plain(Observer::new(callback)));
        self
    }

    /// Sets a callback as [`on_progress`](UploadCall::on_progress) does. An error of the callback ends the
    /// upload, which is not finalized, and is the [`source`](std::error::Error::source) of its error.
    pub fn try_on_progress(
        mut self,
        callback: impl FnMut(&Progress) -> Result<(), BoxError> + Send + 'static,
    ) -> Self {
        self.callback = Some(Callback::Fallible(Box::new(callback)));
        self
    }

    /// Sets a token with which another thread or task can cancel the upload: see [`CancelToken`]. Parts that
    /// are being written are aborted, and nothing is finalized. Once the request that finalizes was sent, its
    /// response decides.
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    pub(super) fn client(&self) -> &Shared<Hotdata, M> {
        &self.client.shared
    }

    /// Opens the input. Sends nothing. `key`: that of the call in its batch.
    pub(super) fn prepare(
        self,
        core: &Core,
        key: Option<Arc<str>>,
    ) -> Result<(Machine, Source, Attendant), Error> {
        let Self { client, input, size, mut plan, callback, cancel } = self;
        plan.label = match (&plan.filename, &input) {
            (Some(name), _) => uploading(name),
            (None, input) => format!("uploading {}", input.described()),
        };
        let attendant = Attendant { callback, events: Events::default(), cancel };
        if attendant.is_cancelled() {
            let Failed { error, failure } = failure::cancelled(&plan.label);
            return Err(failure.add_to(error));
        }
        let (mut source, whole) = Source::open(input, &plan.label)?;
        if let Some(size) = size {
            source.limit(size);
        }
        plan.size = match (whole, size) {
            (Some(_), Some(size)) => Some(size),
            (None, Some(_)) => {
                let happened = "a reader is read to its end, so it takes no size";
                return Err(Error::invalid(plan.label, happened).with_advice("Nothing was sent."));
            }
            (whole, None) => whole,
        };
        let mut options = Call::new(client.shared.clone(), ()).options;
        options.key = key;
        if attendant.callback.is_some() {
            options.observer = attendant.events.observer();
        }
        options.observer = options.observer.of(&plan.label, "hotdata");
        let api = Api::new(core, options, plan.label.clone())?;
        Ok((Machine::new(plan, api), source, attendant))
    }
}

impl UploadCall<Blocking> {
    /// Uploads the input, and waits until it is finalized.
    ///
    /// # Errors
    ///
    /// [`Error::detail`] has an [`UploadFailure`](super::UploadFailure) that says where the upload failed.
    /// The kinds:
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument), [`Io`](ErrorKind::Io): the input cannot be uploaded
    ///   or read;
    /// - [`Transport`](ErrorKind::Transport), [`Tls`](ErrorKind::Tls): no response;
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse): a response of the service or the storage is
    ///   invalid;
    /// - [`Cancelled`](ErrorKind::Cancelled), [`OperationTimeout`](ErrorKind::OperationTimeout);
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown): the service may have accepted the request that
    ///   creates the session, or the one that finalizes it, and there is no response;
    /// - the kinds of an HTTP status: the service rejected a request, or the storage rejected a part and the
    ///   rounds did not help ([`UploadFailureKind::Storage`]). 501 with the code `PRESIGN_UNSUPPORTED`:
    ///   clients cannot write to the storage of this service directly.
    ///
    /// Unless finalizing failed, nothing was finalized, and the input can be uploaded again. If there is a
    /// session, its upload id is the [`resource`](Error::resource) of the error.
    pub fn send(self) -> Result<FinalizeUploadResponse, Error> {
        let client = self.client.shared.clone();
        let (machine, source, attendant) = self.prepare(client.core(), None)?;
        super::blocking::run(&client, machine, &Arc::new(source), attendant)
    }
}

#[cfg(feature = "async")]
impl UploadCall<Async> {
    /// Uploads the input, and waits until it is finalized. `.await` on the call itself does the same.
    /// Dropping the future ends the upload, and nothing is finalized, unless that was under way.
    ///
    /// # Errors
    ///
    /// As those of the blocking call.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime that has I/O and time enabled, as Tokio's own futures do.
    pub async fn send(self) -> Result<FinalizeUploadResponse, Error> {
        let client = self.client.shared.clone();
        let (machine, source, attendant) = self.prepare(client.core(), None)?;
        super::futures::run(client, machine, Arc::new(source), attendant).await
    }
}

/// `.await` on an upload is `.send().await`.
#[cfg(feature = "async")]
impl IntoFuture for UploadCall<Async> {
    type Output = Result<FinalizeUploadResponse, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// What an upload of this name does, for messages.
pub(super) fn uploading(name: &str) -> String {
    format!("uploading {}", shown(name))
}

/// The callback and the token of an upload.
pub(super) struct Attendant {
    callback: Option<Callback>,
    events: Events,
    cancel: Option<CancelToken>,
}

impl Attendant {
    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    #[cfg(feature = "async")]
    pub(super) fn token(&self) -> Option<&CancelToken> {
        self.cancel.as_ref()
    }

    /// Calls back when the upload is cancelled, as long as the callback exists.
    pub(super) fn on_cancel(&self, callback: &Arc<dyn Fn() + Send + Sync>) {
        if let Some(token) = &self.cancel {
            token.interrupt().on_trip(callback);
        }
    }

    /// Passes new events to the callback, and ends the upload if the callback or the token says so.
    pub(super) fn look_after(&mut self, upload: &mut Machine) {
        while let Some(progress) = self.events.next() {
            let Some(callback) = &mut self.callback else { continue };
            if let Err(error) = callback.call(&progress) {
                upload.stop(failure::of_callback(error));
                self.callback = None;
            }
        }
        if self.is_cancelled() {
            upload.cancel();
        }
    }
}
