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

/// An upload of data to the service's storage. It does nothing until it is sent. The methods that return it
/// begin with `upload_`: see [`Uploads::upload_path`](super::Uploads::upload_path).
///
/// `send` creates an upload session, writes the data to the storage directly, and finalizes the upload, so
/// that a load can read it. The service decides whether the data are written in parts, several at a time, or
/// with one PUT request.
///
/// A part that fails is written again: first with the same URL ([`part_retry`](UploadCall::part_retry), by
/// default 3 times), then in extra rounds ([`max_extra_rounds`](UploadCall::max_extra_rounds), by default 3).
/// Parts that were written are not written again. The request that finalizes the upload is sent once.
///
/// Requests to the storage have only the data and the headers that the session requires. They have no API
/// key, no workspace and no default header of the client.
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

    /// Sets the media type, for example `text/csv`, by which a load detects the format. Default: none.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.plan.content_type = Some(content_type.into());
        self
    }

    /// Sets the compression that the data have, for example `gzip`. The client does not compress them.
    /// Default: none.
    pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.plan.content_encoding = Some(encoding.into());
        self
    }

    /// Sets the file name of the upload. Default: the name of the file with
    /// [`upload_path`](super::Uploads::upload_path), else none.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.plan.filename = Some(name.into());
        self
    }

    /// Sets the number of bytes to upload. Default: all bytes of the input, from its current position to its
    /// end.
    ///
    /// If the input has fewer bytes, the upload ends with [`Io`](ErrorKind::Io) and is not finalized. If a
    /// file has more bytes, only the first ones are uploaded, and the file may grow meanwhile. A reader is
    /// always read to its end: with a size, its upload ends with
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
    pub fn size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// Sets the size of a part in bytes. The service may choose another size. Default: 8 MiB, or more if that
    /// makes more than 9000 parts: see [`auto_part_size_hint`](super::auto_part_size_hint). For a reader,
    /// whose length is not known, it is 8 MiB.
    ///
    /// An upload can have 10,000 parts. A reader that is longer ends the upload with
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
    pub fn part_size(mut self, size: u64) -> Self {
        self.plan.part_size = Some(size);
        self
    }

    /// Sets the largest number of parts that are written at a time. Default: 10. 0 counts as 1. If so many
    /// parts exceed the [`memory_budget`](UploadCall::memory_budget), fewer are written at a time.
    pub fn max_concurrency(mut self, parts: usize) -> Self {
        self.plan.max_concurrency = parts;
        self
    }

    /// Sets the largest number of bytes of parts in memory. Default: 256 MiB.
    ///
    /// Three things may exceed the budget: one part, even if it is larger than the budget; up to 8 MiB that
    /// the service requires as one PUT request; and the first 8 MiB of a reader. If the service requires a
    /// larger upload as one PUT request, and it exceeds the budget, the upload ends with
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.plan.memory_budget = bytes;
        self
    }

    /// Sets the retries of one PUT request to the storage, with the same URL. Default: 3 retries, as
    /// [`PartRetry`] describes.
    ///
    /// A retry of a part is safe, because writing the same bytes to the same URL again changes nothing. There
    /// is one exception, as with the vendor's client: if the service requires the whole upload as one PUT
    /// request, and the connection breaks after a part of this request was sent, the upload ends without a
    /// retry.
    pub fn part_retry(mut self, retry: PartRetry) -> Self {
        self.plan.part_retry = retry;
        self
    }

    /// Sets the number of extra rounds after the first one. Default: 3. 0: none.
    ///
    /// An extra round writes the parts again that failed in the round before it, with half as many parts at a
    /// time. Failures that cannot pass, such as an untrusted certificate, end the upload at once.
    ///
    /// There are two exceptions. A part of a reader, which cannot be read again, stays in memory and has
    /// extra rounds of its own, while other parts are written. An upload that the service requires as one PUT
    /// request has extra rounds only if the storage is busy (HTTP 408, 425, 429, 5xx) or cannot be reached.
    pub fn max_extra_rounds(mut self, rounds: u32) -> Self {
        self.plan.max_extra_rounds = rounds;
        self
    }

    /// Sets the pause before the first extra round. Each later pause is twice as long as the one before it.
    /// Default: 2 s.
    pub fn round_base_delay(mut self, delay: Duration) -> Self {
        self.plan.round_base_delay = delay;
        self
    }

    /// Sets the time limit of the whole upload. Default: none, because an upload can be large; each of its
    /// requests has a limit of its own: see [`docs::timeouts`](crate::docs::timeouts).
    ///
    /// At the limit, the upload ends with [`OperationTimeout`](ErrorKind::OperationTimeout) and is not
    /// finalized, unless the request that finalizes it was already sent. This request has the time that is
    /// left, at least one second, and its response decides whether the upload succeeds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.plan.timeout = Some(timeout);
        self
    }

    /// Sets the time limit of the request that creates the upload session, and of the request that finalizes
    /// the upload. Default: the client's `http_timeout`, which is 300 s by default.
    ///
    /// The other requests have limits that do not depend on this setting: the request for the URL of a part
    /// has 30 s, and the PUT request of a part has a limit by its size:
    /// [`part_put_timeout`](super::part_put_timeout). See [`docs::timeouts`](crate::docs::timeouts).
    #[doc(alias = "request_timeout")]
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.plan.http_timeout = Some(timeout);
        self
    }

    /// Sets a callback for the progress of the upload. It should return soon, because it runs on the thread
    /// that waits for the upload or, with an async client, in the task that awaits it.
    ///
    /// [`Progress::Transferred`] reports the number of bytes that the storage has accepted: 0 at first, later
    /// never fewer than before, and all bytes at the end of an upload that succeeds.
    pub fn on_progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.callback = Some(Callback::Plain(Observer::new(callback)));
        self
    }

    /// Sets a callback for the progress of the upload, which can end the upload by returning an error. It is
    /// called as the callback of [`on_progress`](UploadCall::on_progress) is.
    ///
    /// If the callback returns an error, the upload is not finalized, and ends with
    /// [`Cancelled`](ErrorKind::Cancelled). The [`source`](std::error::Error::source) of this error is the
    /// error of the callback. Once the request that finalizes the upload was sent, an error of the callback
    /// has no effect.
    pub fn try_on_progress(
        mut self,
        callback: impl FnMut(&Progress) -> Result<(), BoxError> + Send + 'static,
    ) -> Self {
        self.callback = Some(Callback::Fallible(Box::new(callback)));
        self
    }

    /// Sets a token with which another thread or task can cancel the upload: see [`CancelToken`].
    ///
    /// The requests in flight are aborted, the upload ends with [`Cancelled`](ErrorKind::Cancelled), and
    /// nothing is finalized. Once the request that finalizes the upload was sent, cancelling has no effect:
    /// the response to this request decides whether the upload succeeds.
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
                let happened = "a reader is read to its end, so its size cannot be set";
                let advice = "Nothing was sent. Leave out `.size(…)`.";
                return Err(Error::invalid(plan.label, happened).with_advice(advice));
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
    /// Uploads the input, and returns when the upload is finalized.
    ///
    /// # Errors
    ///
    /// An upload that has begun and failed has an [`UploadFailure`](super::UploadFailure) as the
    /// [`detail`](Error::detail) of its error. It says in which step the upload failed. If the input cannot
    /// be opened or the credentials are missing, the upload does not begin, and the error has no detail. The
    /// kinds of the error:
    ///
    /// - [`Credentials`](ErrorKind::Credentials): the client has no credentials;
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument): the input is not a regular file or is too large, or
    ///   a size was set for a reader;
    /// - [`Io`](ErrorKind::Io): the input cannot be read, or it changed during the upload;
    /// - [`Transport`](ErrorKind::Transport), [`Tls`](ErrorKind::Tls): no response of the service or of the
    ///   storage arrived;
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse): a response of the service or of the storage
    ///   is invalid, or the service requires too many parts, or a request that exceeds the
    ///   [`memory_budget`](UploadCall::memory_budget);
    /// - [`Cancelled`](ErrorKind::Cancelled): the program cancelled the upload with a token or in a callback;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout): the [`timeout`](UploadCall::timeout) has passed;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown): the service may have accepted the request that
    ///   creates the session, or the one that finalizes the upload. There was no response, or one from which
    ///   this is not clear, such as 503;
    /// - the kind of an HTTP status, such as [`Rejected`](ErrorKind::Rejected): the service rejected a
    ///   request, or the storage rejected data and extra rounds did not help
    ///   ([`UploadFailureKind::Storage`]). [`Server`](ErrorKind::Server) with the status 501 and the code
    ///   `PRESIGN_UNSUPPORTED`: clients cannot write to the service's storage directly.
    ///
    /// Nothing was finalized, and the input can be uploaded again, unless the step that failed is
    /// [`UploadFailureKind::Finalize`]. Once there is a session, its upload id is the
    /// [`resource`](Error::resource) of the error.
    pub fn send(self) -> Result<FinalizeUploadResponse, Error> {
        let client = self.client.shared.clone();
        let (machine, source, attendant) = self.prepare(client.core(), None)?;
        super::blocking::run(&client, machine, &Arc::new(source), attendant)
    }
}

#[cfg(feature = "async")]
impl UploadCall<Async> {
    /// Uploads the input, and returns when the upload is finalized. `.await` on the call itself does the
    /// same.
    ///
    /// Dropping the future ends the upload. Nothing is finalized then, unless the request that finalizes the
    /// upload was already sent.
    ///
    /// # Errors
    ///
    /// The same as those of `send` of a blocking client, on this page.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled outside a Tokio runtime with I/O and time enabled, as Tokio's own
    /// futures do.
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
