//! The reason why an upload did not succeed, for programs.

use std::error::Error as StdError;

use crate::error::{Error, ErrorKind, shown};
use crate::transport::{SendError, SendErrorKind};

/// The step in which an upload failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadFailureKind {
    /// The session could not be created. Nothing was written. With the status 501, clients cannot write to
    /// the storage directly.
    Session,
    /// The session, or a URL that was minted, is invalid.
    MalformedSession,
    /// A size that cannot be sent, or more parts than the service accepts. Nothing was finalized.
    SizeLimit,
    /// The input could not be read, or it changed while it was uploaded: its size, its modification time or
    /// the file itself.
    Source,
    /// There was no URL for a part.
    Mint,
    /// The storage rejected a part: [`Error::status`] and [`Error::body`] say more.
    Storage,
    /// No response of the storage arrived.
    StorageTransport,
    /// The storage accepted a part and sent no `ETag`.
    MissingETag,
    /// The program's own callback ended the upload.
    Progress,
    /// The upload was cancelled.
    Cancelled,
    /// The upload timed out.
    Timeout,
    /// The upload was finalized and could not be loaded: [`upload_id`](UploadFailure::upload_id) can be
    /// loaded without uploading it again, unless the kind is [`OutcomeUnknown`](ErrorKind::OutcomeUnknown),
    /// or the error has the [id of a job](Error::request_id) that goes on.
    Load,
    /// Everything was written, and the request that finalizes failed. It is sent once. Unless the kind is
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), nothing was finalized.
    Finalize,
}

/// Information about an upload that did not succeed: the [`Error::detail`] of its error.
///
/// Unless its kind is [`Finalize`](UploadFailureKind::Finalize) or [`Load`](UploadFailureKind::Load), the
/// request that finalizes was not sent, so that nothing can be loaded.
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
    /// The upload's id, once there is a session.
    pub upload_id: Option<String>,
    /// The part, if the failure is about one. The first one is 1.
    pub part_number: Option<u64>,
    /// The number of rounds, the first one included; 0 before anything was written.
    pub rounds_attempted: u32,
    /// True if all rounds were used: with more rounds the upload might have succeeded.
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

    /// Returns the detail of an upload that failed in this step, without an id, a part and rounds. For tests
    /// of your own code, with [`Error::simulated`].
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
            "Nothing was finalized. Upload it again. If that fails too, ask the service's operators.",
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
    let advice = error.advice().unwrap_or("Check the network and the proxy settings, then upload it again.");
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
        .with_advice("Nothing was finalized. Check whether a proxy between this machine and the storage removes the header `ETag`, then upload it again.");
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
        .with_advice("Nothing was finalized. Did the input change while it was read?");
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
                "Nothing was finalized: what was written may mix old and new data. Upload it again.",
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
    let happened = format!("the callback of the program ended it: {}", shown(&source.to_string()));
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
