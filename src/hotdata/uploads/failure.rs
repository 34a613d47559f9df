//! The reason why an upload did not succeed, for programs.

use std::error::Error as StdError;

use crate::error::{Error, ErrorKind, shown};
use crate::transport::{SendError, SendErrorKind};

/// The step in which an upload failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadFailureKind {
    /// The request that creates the upload session failed. No data were written. If the
    /// [status](Error::status) is 501, clients cannot write to the service's storage directly. If the kind of
    /// the error is [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), there may be a session without data.
    Session,
    /// The upload session, or the URL of a part that was requested later, cannot be used: the service's
    /// response is invalid, or the session requires too many parts or a PUT request that exceeds the memory
    /// budget.
    MalformedSession,
    /// The size of the upload or of a part is more than 2^63 − 1 bytes, or a reader has more than 10,000
    /// parts.
    SizeLimit,
    /// The input could not be read, or it changed while it was uploaded: its size, its modification time or
    /// the file itself.
    Source,
    /// The request for the URL of a part failed.
    Mint,
    /// The storage rejected a part, or an upload that is one PUT request: [`Error::status`] and
    /// [`Error::body`] say more.
    Storage,
    /// No complete response of the storage arrived.
    StorageTransport,
    /// The storage accepted a part, but its response has no `ETag` header, which is needed to finalize the
    /// upload.
    MissingETag,
    /// The callback of [`try_on_progress`](super::UploadCall::try_on_progress) ended the upload.
    Progress,
    /// The program cancelled the upload with a token: see [`cancel_with`](super::UploadCall::cancel_with).
    Cancelled,
    /// The [`timeout`](super::UploadCall::timeout) of the upload has passed.
    Timeout,
    /// The upload was finalized, and its load failed. Load it by its
    /// [`upload_id`](UploadFailure::upload_id), without uploading the data again. Do not load it again if the
    /// kind of the error is [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), or if the error has the
    /// [id of a job](Error::request_id) that continues.
    Load,
    /// All data were written, and the request that finalizes the upload failed. It is sent once. The upload
    /// is not finalized, unless the kind of the error is [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) or
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse): then it may be finalized.
    Finalize,
}

/// Information about an upload that failed: the [`detail`](Error::detail) of its error.
///
/// Unless the kind is [`Finalize`](UploadFailureKind::Finalize) or [`Load`](UploadFailureKind::Load), the
/// request that finalizes the upload was not sent, so there is nothing to load.
///
/// ```no_run
/// use controlplane::hotdata::Client;
/// use controlplane::hotdata::uploads::UploadFailure;
///
/// # let client = Client::from_env()?;
/// if let Err(error) = client.uploads().upload_path("orders.csv").send() {
///     if let Some(failure) = error.detail::<UploadFailure>() {
///         println!("{:?} in round {}", failure.kind, failure.rounds_attempted);
///     }
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadFailure {
    /// The step in which the upload failed.
    pub kind: UploadFailureKind,
    /// The id of the upload. `None` if the upload failed before there was an upload session.
    pub upload_id: Option<String>,
    /// The number of the part, if the failure is about one part. The first part has the number 1.
    pub part_number: Option<u64>,
    /// The number of rounds that were begun, the first one included. 0 if there was no upload session, and if
    /// the kind is [`MalformedSession`](UploadFailureKind::MalformedSession) or
    /// [`Load`](UploadFailureKind::Load).
    pub rounds_attempted: u32,
    /// True if a part failed in every round: with more rounds
    /// ([`max_extra_rounds`](super::UploadCall::max_extra_rounds)) the upload might have succeeded.
    pub is_exhausted: bool,
}

impl UploadFailure {
    /// The error with this detail, and with the upload as its resource.
    pub(super) fn add_to(self, error: Error) -> Error {
        let error = match &self.upload_id {
            Some(id) => error.with_resource(id.clone()),
            None => error,
        };
        error.with_detail(self)
    }

    /// Returns a failure in this step, for tests of your own code with [`Error::simulated`]. It has no upload
    /// id and no part number, 0 rounds, and `is_exhausted` is false.
    pub fn new(kind: UploadFailureKind) -> Self {
        Self { kind, upload_id: None, part_number: None, rounds_attempted: 0, is_exhausted: false }
    }

    pub(super) fn at(mut self, part_number: Option<u64>) -> Self {
        self.part_number = part_number;
        self
    }
}

/// The error of an upload, and where it failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) failure: UploadFailure,
}

impl Failed {
    pub(super) fn new(error: Error, kind: UploadFailureKind) -> Self {
        Self { error, failure: UploadFailure::new(kind) }
    }

    pub(super) fn at(mut self, part_number: Option<u64>) -> Self {
        self.failure = self.failure.at(part_number);
        self
    }
}

/// The session is invalid.
#[cold]
pub(super) fn malformed(label: &str, why: impl Into<String>) -> Failed {
    let error = Error::new(ErrorKind::UnexpectedResponse, label, why).with_advice(
        "Nothing was finalized. Check whether this is the address of the service, or of a proxy.",
    );
    Failed::new(error, UploadFailureKind::MalformedSession)
}

/// The name of a part in messages.
pub(super) fn named(part_number: Option<u64>) -> String {
    part_number.map_or_else(|| "the data".to_owned(), |number| format!("part {number}"))
}

/// The storage rejected a part.
#[cold]
pub(super) fn refused(label: &str, part: Option<u64>, host: &str, status: u16, body: String) -> Failed {
    let said = said(&body).map(|said| format!(" ({said})")).unwrap_or_default();
    let happened = format!("the storage at {host} rejected {} with HTTP {status}{said}", named(part));
    let error = Error::new(ErrorKind::of_status(status), label, happened)
        .with_status(status)
        .with_body(body)
        .with_retryable(status == 403 || status == 408 || status == 429 || status >= 500)
        .with_advice(
            "Nothing was finalized. Upload the data again. If that fails too, ask the service's operators.",
        );
    Failed::new(error, UploadFailureKind::Storage).at(part)
}

/// The code and message in a storage's XML. The rest may repeat the text that was signed.
fn said(body: &str) -> Option<String> {
    let text = |tag: &str| {
        let rest = &body[body.find(&format!("<{tag}>"))? + tag.len() + 2..];
        Some(rest[..rest.find('<')?].trim()).filter(|text| !text.is_empty()).map(shown)
    };
    match (text("Code"), text("Message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message),
    }
}

/// No response of the storage arrived.
#[cold]
pub(super) fn no_response(label: &str, part: Option<u64>, error: SendError) -> Failed {
    let kind = match error.kind() {
        SendErrorKind::InvalidRequest => ErrorKind::InvalidArgument,
        SendErrorKind::Tls | SendErrorKind::Certificate | SendErrorKind::CertificateExpired => ErrorKind::Tls,
        SendErrorKind::Protocol | SendErrorKind::BodyTooLarge => ErrorKind::UnexpectedResponse,
        _ => ErrorKind::Transport,
    };
    let timeout = error.kind() == SendErrorKind::Timeout;
    let happened = format!("writing {} to the storage: {}", named(part), shown(&error.to_string()));
    let advice =
        error.advice().unwrap_or("Check the network and the proxy settings, then upload the data again.");
    let advice = format!("Nothing was finalized. {advice}");
    let error = Error::new(kind, label, happened)
        .with_timeout(timeout)
        .with_retryable(kind == ErrorKind::Transport && error.kind() != SendErrorKind::ProxyAuthentication)
        .with_source(error)
        .with_advice(advice);
    Failed::new(error, UploadFailureKind::StorageTransport).at(part)
}

/// The storage sent no ETag.
#[cold]
pub(super) fn no_etag(label: &str, part: u64) -> Failed {
    let happened =
        format!("the storage accepted part {part} and sent no ETag, which is needed to finalize the upload");
    let error = Error::new(ErrorKind::UnexpectedResponse, label, happened)
        .with_retryable(true)
        .with_advice("Nothing was finalized. Check whether a proxy between this machine and the storage removes the header `ETag`, then upload the data again.");
    Failed::new(error, UploadFailureKind::MissingETag).at(Some(part))
}

/// The input could not be read.
#[cold]
pub(super) fn unreadable(
    label: &str,
    part: Option<u64>,
    why: &str,
    source: Option<std::io::Error>,
) -> Failed {
    let happened = format!("reading {}: {why}", named(part));
    let mut error = Error::new(ErrorKind::Io, label, happened)
        .with_advice("Nothing was finalized. Check that the input can be read and does not change meanwhile, then upload it again.");
    if let Some(source) = source {
        error = error.with_source(source);
    }
    Failed::new(error, UploadFailureKind::Source).at(part)
}

/// The input is not what it was when it was opened.
#[cold]
pub(super) fn changed(label: &str, change: &str) -> Failed {
    let error =
        Error::new(ErrorKind::Io, label, format!("the input changed while it was uploaded: {change}"))
            .with_advice(
                "Nothing was finalized, because the storage may have a mix of old and new data. Upload the input again.",
            );
    Failed::new(error, UploadFailureKind::Source)
}

/// A size exceeds a limit.
#[cold]
pub(super) fn too_large(label: &str, why: impl Into<String>) -> Failed {
    Failed::new(Error::invalid(label, why), UploadFailureKind::SizeLimit)
}

#[cold]
pub(super) fn cancelled(label: &str) -> Failed {
    let error = Error::new(ErrorKind::Cancelled, label, "cancelled").with_advice("Nothing was finalized.");
    Failed::new(error, UploadFailureKind::Cancelled)
}

/// The program's own callback ended the upload.
#[cold]
pub(super) fn of_callback(source: Box<dyn StdError + Send + Sync>) -> Failed {
    let happened =
        format!("the program's progress callback returned an error: {}", shown(&source.to_string()));
    let error = Error::new(ErrorKind::Cancelled, "uploading", happened)
        .with_advice("Nothing was finalized.")
        .with_source(source);
    Failed::new(error, UploadFailureKind::Progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_storages_answer_the_code_shows_and_what_was_signed_does_not() {
        let body = "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>No.\n</Message>\
                    <StringToSign>hunter2</StringToSign></Error>";
        let failed = refused("uploading a.csv", Some(2), "s.example", 403, body.to_owned());
        let shown = format!("{} {:?}", failed.error, failed.error);
        assert!(shown.contains("rejected part 2 with HTTP 403 (SignatureDoesNotMatch: No.)"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(failed.error.body(), Some(body));
        assert_eq!(said("<Code>"), None);
        assert_eq!(said("<Code></Code><Message>m</Message>").as_deref(), Some("m"));
        assert_eq!(said("not xml"), None);
    }
}
