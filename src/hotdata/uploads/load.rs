//! An upload and the load of it, in one call.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Action, Blocking};
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::loads::{HoldsLoad, LoadCommand, LoadFormat, check};

use super::call::UploadCall;
use super::failure::{UploadFailure, UploadFailureKind};
use super::model::FinalizeUploadResponse;
use super::source::Source;

/// As much as a load takes within its own request: 2 MiB (reference, section 4.3).
const MAX_INLINE: u64 = 2 * 1024 * 1024;

/// An upload, and a load of it: see [`UploadCall::and_load`].
#[must_use = "nothing is uploaded until it is sent"]
pub struct UploadAndLoad<M, H> {
    upload: UploadCall<M>,
    load: Call<M, H>,
}

impl<M, H> fmt::Debug for UploadAndLoad<M, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadAndLoad").field("upload", &self.upload).finish_non_exhaustive()
    }
}

impl<M> UploadCall<M> {
    /// Loads the upload into a table once it is finalized. Where the service's storage cannot be written to directly (501), CSV
    /// of up to 2 MiB goes with the load itself; nothing else does.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::{Client, LoadMode};
    /// # let client = Client::from_env()?;
    /// let load = client.databases().load("dbid7h2k9q4m1x8c", "main", "orders", LoadMode::Append);
    /// let outcome = client.uploads().upload_path("orders.csv").and_load(load).send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn and_load<H: HoldsLoad>(self, load: Call<M, H>) -> UploadAndLoad<M, H> {
        UploadAndLoad { upload: self, load }
    }
}

/// What is known before anything is sent.
struct Ways {
    /// What it looks like is CSV, as text that can be part of JSON.
    is_csv: bool,
    size: Option<u64>,
}

impl<M, H: HoldsLoad> UploadAndLoad<M, H> {
    /// Sends nothing. What the load cannot be is told here, and not after everything was uploaded.
    fn ways(&mut self) -> Result<Ways, Error> {
        let load = &self.load.command.held().load;
        let request = load.request();
        if request.upload_id.is_some() || request.result_id.is_some() || request.data.is_some() {
            return Err(Error::invalid("loading an upload", "the load says already what is loaded")
                .with_advice("Nothing was sent. Give it neither `upload_id`, `result_id` nor `data`."));
        }
        let mut tried = load.clone();
        tried.request_mut().upload_id = Some("upload".to_owned());
        check(&tried.label(), tried.request())?;
        tried.to_request()?;
        let (content_type, encoding, filename, size) = self.upload.said();
        let looks = match content_type {
            Some(content_type) => content_type.to_ascii_lowercase().starts_with("text/csv"),
            None => filename.is_some_and(|name| name.to_ascii_lowercase().ends_with(".csv")),
        };
        let is_csv = request.format.as_ref().map_or(looks, |format| *format == LoadFormat::Csv);
        Ok(Ways { is_csv: is_csv && encoding.is_none(), size })
    }
}

/// The CSV that goes with the load in place of an upload, or why there is none.
fn inline(error: Error, ways: &Ways, source: &Source) -> Result<String, Error> {
    let is_refused = error.upload().is_some_and(|failure| failure.kind == UploadFailureKind::Session);
    if !is_refused || error.status() != Some(501) {
        return Err(error);
    }
    let advice = "The storage cannot be written to directly, and only CSV of up to 2 MiB can go with the load. Try the older \
                  way to upload (`client.older()`).";
    if !ways.is_csv {
        return Err(error.with_advice(advice));
    }
    match source.small(ways.size, MAX_INLINE) {
        Ok(Some(bytes)) => String::from_utf8(bytes.to_vec()).map_err(|_| error.with_advice(advice)),
        Ok(None) => Err(error.with_advice(advice)),
        Err(cause) => Err(error.with_more(&format!("reading it failed too: {cause}"))),
    }
}

/// The load could not be made of what was uploaded.
fn not_loaded(error: Error, uploaded: &FinalizeUploadResponse) -> Error {
    let mut failure = UploadFailure::new(UploadFailureKind::Load);
    failure.upload_id = Some(uploaded.upload_id.clone());
    let id = shown(&uploaded.upload_id);
    // Of a load that may have been taken, or whose job goes on, only that.
    let more = match error.kind() {
        ErrorKind::OutcomeUnknown => format!("the upload is {id}"),
        _ if error.request_id().is_some() => format!("the upload is {id}"),
        _ => format!("the upload {id} is there, and can be loaded without uploading it again"),
    };
    error.with_more(&more).with_upload(failure)
}

impl<H: HoldsLoad + Action<Hotdata>> UploadAndLoad<Blocking, H> {
    /// Uploads it, then loads it. The upload's token ends both, unless the load has one of its own.
    ///
    /// # Errors
    ///
    /// As those of the upload and of the load. If the upload is there and could not be loaded,
    /// [`Error::upload`] says [`Load`](UploadFailureKind::Load) and its id: load it again rather than uploading it again.
    pub fn send(mut self) -> Result<H::Output, Error> {
        let ways = self.ways()?;
        if self.load.options.cancel.is_none() {
            self.load.options.cancel = self.upload.cancel_token();
        }
        let client = self.upload.client().clone();
        let (machine, source, attendant) = self.upload.prepare(client.core())?;
        let source = Arc::new(source);
        match super::blocking::run(&client, machine, &source, attendant) {
            Ok(uploaded) => {
                let load = self.load.upload_id(uploaded.upload_id.clone());
                load.send().map_err(|error| not_loaded(error, &uploaded))
            }
            Err(error) => self.load.data(inline(error, &ways, &source)?).send(),
        }
    }
}

#[cfg(feature = "async")]
impl<H: HoldsLoad + Action<Hotdata>> UploadAndLoad<Async, H> {
    /// Uploads it, then loads it.
    ///
    /// # Errors
    ///
    /// As those of the upload and of the load. If the upload is there and could not be loaded,
    /// [`Error::upload`] says [`Load`](UploadFailureKind::Load) and its id: load it again rather than uploading it again.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime that has I/O and time switched on, as Tokio's own futures do.
    pub async fn send(mut self) -> Result<H::Output, Error> {
        let ways = self.ways()?;
        let client = self.upload.client().clone();
        let (machine, source, attendant) = self.upload.prepare(client.core())?;
        let source = Arc::new(source);
        match super::futures::run(client, machine, source.clone(), attendant).await {
            Ok(uploaded) => {
                let load = self.load.upload_id(uploaded.upload_id.clone());
                load.send().await.map_err(|error| not_loaded(error, &uploaded))
            }
            Err(error) => self.load.data(inline(error, &ways, &source)?).send().await,
        }
    }
}
