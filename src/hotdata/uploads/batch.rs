//! Uploads as calls of a batch: kept by the path of the file, and carried out beside the other calls.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::batch::Addable;
#[cfg(feature = "async")]
use crate::client::mode::Returning;
use crate::client::{Blocking, CancelToken, Shared};
use crate::engine::batch::{Errand, Returned};
use crate::engine::{Observer, Progress};
use crate::error::{Error, shown};
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, CallOptions, Command};
use crate::hotdata::loads::{HoldsLoad, Load, LoadManagedTableRequest};
use crate::http::{Interrupt, Request};

use super::call::{Callback, UploadCall, uploading};
use super::load::{Known, UploadAndLoad};
use super::plan::Plan;
use super::source::Input;

pub(in crate::hotdata) use super::load::Loadable;

/// An upload of a file as a batch and its journal keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptUpload {
    /// As the program has it.
    path: PathBuf,
    /// An explicit size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    settings: Plan,
}

impl KeptUpload {
    /// The upload, or why a batch cannot keep it.
    fn of<M>(upload: &UploadCall<M>) -> Result<Self, Error> {
        let refuse = |happened: &str| Error::invalid("adding an upload to a batch", happened);
        let what = match &upload.input {
            Input::Path(path) if path.to_str().is_none() => {
                let path = shown(&path.display().to_string());
                let happened = format!("the path {path} is not UTF-8, but a batch keeps paths as text");
                return Err(refuse(&happened).with_advice(
                    "Nothing was sent. Rename the file, or the folder whose name is not UTF-8.",
                ));
            }
            Input::Path(path) if matches!(upload.callback, None | Some(Callback::Plain(_))) => {
                return Ok(Self { path: path.clone(), size: upload.size, settings: upload.plan.clone() });
            }
            Input::Path(_) => {
                return Err(refuse("a batch cannot run an upload that has `try_on_progress`").with_advice(
                    "Nothing was sent. Use `on_progress` instead; to end the upload early, use a token (`cancel_with`).",
                ));
            }
            Input::Bytes(_) => "bytes",
            Input::File(..) => "a file that is open",
            Input::Reader(_) => "a reader",
        };
        Err(refuse(&format!("its input is {what}, but a batch uploads only files that are given by their path"))
            .with_advice(
                "Nothing was sent. Use `upload_path`, or upload the data first and add a load with the `upload_id`.",
            ))
    }

    /// What it does, for messages.
    pub(in crate::hotdata) fn label(&self) -> String {
        match &self.settings.filename {
            Some(name) => uploading(name),
            None => uploading(&self.path.display().to_string()),
        }
    }

    /// The request that creates its session. The size of the file, which may not exist yet, is known to be in
    /// it only if it was set.
    pub(in crate::hotdata) fn to_request(&self) -> Result<Request, Error> {
        self.settings.session(self.size).to_request()
    }

    /// Checks a load of it.
    pub(in crate::hotdata) fn seen(&self, load: &LoadManagedTableRequest) -> Known {
        Known::seen(load, &self.settings, self.size)
    }
}

/// The command of an upload with its load, in a batch.
#[derive(Debug)]
pub struct UploadFirst<L> {
    /// The upload, if a batch can keep it.
    pub(in crate::hotdata) upload: Result<KeptUpload, Error>,
    pub(in crate::hotdata) load: Load<L>,
    /// Whether the job of the load is waited for.
    pub(in crate::hotdata) waits: bool,
    /// Whether the time limit of the call includes the upload.
    pub(in crate::hotdata) is_timed: bool,
}

impl<M, H: HoldsLoad> Addable<M> for UploadAndLoad<M, H> {
    type Platform = Hotdata;
    type Command = UploadFirst<H::Load>;

    fn into_call(self) -> Call<M, UploadFirst<H::Load>> {
        let Self { upload, mut load, timeout, is_observed } = self;
        let refuse = |happened, advice: &str| {
            Err(Error::invalid("adding an upload to a batch", happened).with_advice(advice))
        };
        let checked = if upload.client().number() != load.client.number() {
            refuse(
                "the upload and the load belong to two clients",
                "Nothing was sent. Make the upload and the load with the same client.",
            )
        } else if upload.cancel.is_some() && upload.cancel != load.options.cancel {
            let advice =
                "Nothing was sent. Set one cancel token for both: call `cancel_with` after `and_load`.";
            refuse("the upload and the load have two tokens for cancelling", advice)
        } else {
            Known::of(&load.command.held().load, &upload.plan, upload.size)
        };
        let upload_kept = checked.and_then(|_| KeptUpload::of(&upload));
        let mut call = load.map(|mut load| UploadFirst {
            upload: upload_kept,
            load: load.held().clone(),
            waits: H::WAITS,
            is_timed: timeout.is_some(),
        });
        if let Some(timeout) = timeout {
            call = call.timeout(timeout);
        }
        if let (Some(Callback::Plain(of_upload)), false) = (upload.callback, is_observed) {
            let of_load = std::mem::take(&mut call.options.observer);
            call.options.observer = Observer::new(move |progress: &Progress| {
                of_upload.call(progress);
                of_load.call(progress);
            });
        }
        call
    }
}

/// An upload for the driver of a batch.
pub(in crate::hotdata) struct UploadErrand {
    upload: KeptUpload,
    known: Known,
    observer: Observer,
    key: Option<Arc<str>>,
    http_timeout: Duration,
}

impl UploadErrand {
    pub(in crate::hotdata) fn new(upload: &KeptUpload, known: Known, options: &CallOptions) -> Self {
        Self {
            upload: upload.clone(),
            known,
            observer: options.observer.clone(),
            key: options.key.clone(),
            http_timeout: options.settings.http_timeout,
        }
    }

    /// The upload as a call of the client, whose rate limit is that of the batch.
    fn call<M>(
        self,
        client: Shared<Hotdata, M>,
        cancel: Interrupt,
        timeout: Option<Duration>,
    ) -> UploadCall<M> {
        let KeptUpload { path, size, settings: mut plan } = self.upload;
        plan.http_timeout.get_or_insert(self.http_timeout);
        plan.timeout = plan.timeout.into_iter().chain(timeout).min();
        UploadCall {
            client: Client { shared: client },
            input: Input::Path(path),
            size,
            plan,
            callback: Some(Callback::Plain(self.observer)),
            cancel: Some(CancelToken::of(cancel)),
        }
    }
}

fn packed(loadable: Loadable) -> Box<dyn Any + Send> {
    Box::new(loadable)
}

/// Uploads a file, for its load.
pub(in crate::hotdata) fn carry_out(client: &Shared<Hotdata, Blocking>, errand: Errand) -> Returned {
    let (errand, cancel, timeout) = errand.unpack::<UploadErrand>()?;
    let (known, key) = (errand.known, errand.key.clone());
    let upload = errand.call(client.clone(), cancel, timeout);
    let (machine, source, attendant) = upload.prepare(client.core(), key)?;
    let source = Arc::new(source);
    let uploaded = super::blocking::run(client, machine, &source, attendant);
    Loadable::of(uploaded, known, &source).map(packed)
}

/// Uploads a file, for its load.
#[cfg(feature = "async")]
pub(in crate::hotdata) fn carry_out_async(client: Shared<Hotdata, Async>, errand: Errand) -> Returning {
    Box::pin(async move {
        let (errand, cancel, timeout) = errand.unpack::<UploadErrand>()?;
        let (known, key) = (errand.known, errand.key.clone());
        let upload = errand.call(client.clone(), cancel, timeout);
        let (machine, source, attendant) = upload.prepare(client.core(), key)?;
        let source = Arc::new(source);
        let uploaded = super::futures::run(client, machine, source.clone(), attendant).await;
        Loadable::of(uploaded, known, &source).map(packed)
    })
}
