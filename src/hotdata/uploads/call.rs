//! The call that uploads, and what can be chosen about it.

use std::error::Error as StdError;
use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, CancelToken, Shared};
use crate::error::{Error, shown};
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, Core};

use super::api::Api;
use super::failure::{self, Failed, UploadFailureKind};
use super::machine::{Plan, Upload as Machine};
use super::model::FinalizeUploadResponse;
use super::progress::UploadProgress;
use super::rules::{
    DEFAULT_MAX_CONCURRENCY, DEFAULT_MAX_EXTRA_ROUNDS, DEFAULT_MEMORY_BUDGET, DEFAULT_ROUND_BASE_DELAY,
    PartRetry,
};
use super::source::{Input, Source};

/// What a callback may end an upload with.
type BoxError = Box<dyn StdError + Send + Sync>;
type Callback = Box<dyn FnMut(UploadProgress) -> Result<(), BoxError> + Send>;

/// An upload that does nothing until it is sent: see [`Uploads::upload_path`](super::Uploads::upload_path).
///
/// Sent, it makes a session, writes the bytes to the storage directly, part by part and several at a time, and finalizes. What
/// fails on the way is tried again, first at once ([`part_retry`](UploadCall::part_retry)), then in rounds
/// ([`max_extra_rounds`](UploadCall::max_extra_rounds)); what was written is not written again. Finalizing is tried once.
///
/// The storage sees nothing of the client but its bytes: no key, no workspace, no default header.
#[must_use = "an upload does nothing until it is sent"]
pub struct UploadCall<M> {
    client: Client<M>,
    input: Input,
    /// An explicit size.
    size: Option<u64>,
    plan: Plan,
    callback: Option<Callback>,
    cancel: Option<CancelToken>,
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
            Input::Path(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            _ => None,
        };
        let plan = Plan {
            label: String::new(),
            size: None,
            filename,
            content_type: None,
            content_encoding: None,
            part_size: None,
            max_concurrency: DEFAULT_MAX_CONCURRENCY,
            memory_budget: DEFAULT_MEMORY_BUDGET,
            part_retry: PartRetry::default(),
            max_extra_rounds: DEFAULT_MAX_EXTRA_ROUNDS,
            round_base_delay: DEFAULT_ROUND_BASE_DELAY,
            request_timeout: None,
            timeout: None,
        };
        Self { client, input, size: None, plan, callback: None, cancel: None }
    }

    /// Its media type, as `text/csv`, by which a load tells the format. Default: none is said.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.plan.content_type = Some(content_type.into());
        self
    }

    /// How it is compressed, as `gzip`. Default: none is said.
    pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.plan.content_encoding = Some(encoding.into());
        self
    }

    /// A name for it. Default: that of the file, where there is a path.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.plan.filename = Some(name.into());
        self
    }

    /// How many bytes to take from where the file stands. If it has fewer, the upload ends with
    /// [`Source`](crate::ErrorKind::Source) and is not finalized. Default: all up to its end. Not for a reader, which
    /// is read to its end.
    pub fn size(mut self, size: u64) -> Self {
        self.size = Some(size);
        self
    }

    /// The wanted size of a part in bytes; the service has the last word. Default: 8 MiB, and more for what would have more
    /// than 9000 parts: [`auto_part_size_hint`](super::auto_part_size_hint).
    pub fn part_size(mut self, size: u64) -> Self {
        self.plan.part_size = Some(size);
        self
    }

    /// How many parts are written at a time, as far as the memory goes. Default: 10. 0 counts as 1.
    pub fn max_concurrency(mut self, parts: usize) -> Self {
        self.plan.max_concurrency = parts;
        self
    }

    /// How many bytes of parts are held in memory at most. Default: 256 MiB. One part is held in any case, however large the
    /// service makes it, and so are up to 8 MiB that the service wants as one PUT, or that a reader begins with.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.plan.memory_budget = bytes;
        self
    }

    /// How often one PUT of a part is tried again at once. An upload that the service wants as one PUT is not tried again.
    pub fn part_retry(mut self, retry: PartRetry) -> Self {
        self.plan.part_retry = retry;
        self
    }

    /// How many rounds follow the first one, each for the parts that failed in the one before, half as many at a time.
    /// Default: 3. 0: none.
    pub fn max_extra_rounds(mut self, rounds: u32) -> Self {
        self.plan.max_extra_rounds = rounds;
        self
    }

    /// The pause before the first extra round; before each later one it is twice as long. Default: 2 s.
    pub fn round_base_delay(mut self, delay: Duration) -> Self {
        self.plan.round_base_delay = delay;
        self
    }

    /// How long the requests may take that make the session and finalize. Default: the client's
    /// [`http_timeout`](crate::hotdata::ClientBuilder::http_timeout). The PUT of a part has a time of its own:
    /// [`part_put_timeout`](super::part_put_timeout).
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.plan.request_timeout = Some(timeout);
        self
    }

    /// How long all of it may take. Default: as long as each of its parts may.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.plan.timeout = Some(timeout);
        self
    }

    /// Calls back with how far it is: on the thread that waits, or in the task. It should return soon.
    pub fn on_upload_progress(self, mut callback: impl FnMut(UploadProgress) + Send + 'static) -> Self {
        self.try_on_upload_progress(move |progress| {
            callback(progress);
            Ok(())
        })
    }

    /// The same with a callback that may end the upload, with an error of its own, which becomes the
    /// [`source`](std::error::Error::source) of the call's error. Nothing is finalized then.
    pub fn try_on_upload_progress(
        mut self,
        callback: impl FnMut(UploadProgress) -> Result<(), BoxError> + Send + 'static,
    ) -> Self {
        self.callback = Some(Box::new(callback));
        self
    }

    /// Ends the upload soon after this token is cancelled, also in the middle of a part; nothing is finalized then. Once the
    /// request that finalizes is under way, its answer counts.
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    pub(super) fn client(&self) -> &Shared<Hotdata, M> {
        &self.client.shared
    }

    /// What ends it.
    pub(super) fn cancel_token(&self) -> Option<CancelToken> {
        self.cancel.clone()
    }

    /// What was said of its content type, its encoding, its name and its size.
    pub(super) fn said(&self) -> (Option<&str>, Option<&str>, Option<&str>, Option<u64>) {
        let plan = &self.plan;
        (plan.content_type.as_deref(), plan.content_encoding.as_deref(), plan.filename.as_deref(), self.size)
    }

    /// Opens what is to be uploaded. Sends nothing.
    pub(super) fn prepare(self, core: &Core) -> Result<(Machine, Source, Attendant), Error> {
        let Self { client, input, size, mut plan, callback, cancel } = self;
        plan.label = match (&plan.filename, &input) {
            (Some(name), _) => format!("uploading {}", shown(name)),
            (None, input) => format!("uploading {input:?}"),
        };
        let attendant = Attendant { callback, cancel };
        if attendant.is_cancelled() {
            let Failed { error, failure } = failure::cancelled(&plan.label);
            return Err(error.with_upload(failure));
        }
        let (source, whole) = Source::open(input, &plan.label)?;
        plan.size = match (whole, size) {
            (Some(_), Some(size)) => Some(size),
            (None, Some(_)) => {
                return Err(Error::invalid(
                    plan.label,
                    "a reader is read to its end, whatever size is given",
                ));
            }
            (whole, None) => whole,
        };
        let options = Call::new(client.shared.clone(), ()).into_parts().2;
        let api = Api::new(core, options, plan.label.clone())?;
        Ok((Machine::new(plan, api), source, attendant))
    }
}

impl UploadCall<Blocking> {
    /// Uploads it, and waits until it is finalized.
    ///
    /// # Errors
    ///
    /// [`Error::upload`] says where it failed. The kinds:
    ///
    /// - [`InvalidArgument`](crate::ErrorKind::InvalidArgument), [`Source`](crate::ErrorKind::Source): what was given
    ///   cannot be uploaded, or not be read;
    /// - [`Storage`](crate::ErrorKind::Storage): the storage refused, and rounds did not help;
    /// - [`Transport`](crate::ErrorKind::Transport), [`Tls`](crate::ErrorKind::Tls): no answer;
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse): what the service or the storage said makes no sense;
    /// - [`Cancelled`](crate::ErrorKind::Cancelled), [`OperationTimeout`](crate::ErrorKind::OperationTimeout);
    /// - [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown): a request that makes the session, or finalizes, may have been
    ///   taken, and no answer tells;
    /// - those of an HTTP status: the service refused. 501 with the code `PRESIGN_UNSUPPORTED`: its storage cannot be written
    ///   to directly.
    ///
    /// With all but a failed finalizing, nothing was finalized, and it can be uploaded again.
    pub fn send(self) -> Result<FinalizeUploadResponse, Error> {
        let client = self.client.shared.clone();
        let (machine, source, attendant) = self.prepare(client.core())?;
        super::blocking::run(&client, machine, &Arc::new(source), attendant)
    }
}

#[cfg(feature = "async")]
impl UploadCall<Async> {
    /// Uploads it, and waits until it is finalized. `.await` on the call itself does the same. Dropping the future ends it, and
    /// nothing is finalized then, unless that was under way.
    ///
    /// # Errors
    ///
    /// As those of the blocking call.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime that has I/O and time switched on, as Tokio's own futures do.
    pub async fn send(self) -> Result<FinalizeUploadResponse, Error> {
        let client = self.client.shared.clone();
        let (machine, source, attendant) = self.prepare(client.core())?;
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

/// Who hears of an upload and may end it.
pub(super) struct Attendant {
    callback: Option<Callback>,
    cancel: Option<CancelToken>,
}

impl Attendant {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    #[cfg(feature = "async")]
    pub(super) fn token(&self) -> Option<&CancelToken> {
        self.cancel.as_ref()
    }

    /// Calls back when it is cancelled, as long as the callback is there.
    pub(super) fn on_cancel(&self, callback: &Arc<dyn Fn() + Send + Sync>) {
        if let Some(token) = &self.cancel {
            token.interrupt().on_trip(callback);
        }
    }

    /// Tells what is new, and ends the upload if somebody wants that.
    pub(super) fn look_after(&mut self, upload: &mut Machine) {
        while let Some(progress) = upload.progress() {
            let Some(callback) = &mut self.callback else { continue };
            if let Err(error) = callback(progress) {
                let happened = format!("the program's own callback ended it: {}", shown(&error.to_string()));
                upload.stop(Failed::of_program(happened, error));
                self.callback = None;
            }
        }
        if self.is_cancelled() {
            upload.cancel();
        }
    }
}

impl Failed {
    fn of_program(happened: String, source: BoxError) -> Self {
        let error = Error::new(crate::ErrorKind::Cancelled, "uploading", happened)
            .with_advice("Nothing was finalized.")
            .with_source(source);
        Self::new(error, UploadFailureKind::Progress)
    }
}
