//! Why an upload did not succeed, for programs.

use crate::error::{Error, ErrorKind, shown};
use crate::transport::{SendError, SendErrorKind};

/// Where an upload failed. [`Error::upload`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadFailureKind {
    /// The session could not be made. Nothing was written. With the status 501, the storage cannot be written to directly.
    Session,
    /// The session, or a minted URL, makes no sense.
    MalformedSession,
    /// A size that cannot be sent, or more parts than the service takes. Nothing was finalized.
    SizeLimit,
    /// What is to be uploaded could not be read, or is not as long as it was.
    Source,
    /// No URL for a part could be had.
    Mint,
    /// The storage refused: [`Error::status`] and [`Error::body`] say more.
    Storage,
    /// No answer of the storage arrived.
    StorageTransport,
    /// The storage took a part and said no `ETag`.
    MissingETag,
    /// The program's own callback ended it.
    Progress,
    /// It was cancelled.
    Cancelled,
    /// The time of the call was over.
    Timeout,
    /// It was uploaded and finalized, and could not be loaded: [`upload_id`](UploadFailure::upload_id) can be, without
    /// uploading it again; unless the kind is [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), or the error has the
    /// [id of a job](Error::request_id) that goes on.
    Load,
    /// Everything was written, and finalizing failed, once. Unless the kind is
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), nothing came of it.
    Finalize,
}

/// What is known of an upload that did not succeed. Unless its kind is [`Finalize`](UploadFailureKind::Finalize) or
/// [`Load`](UploadFailureKind::Load), finalizing was not tried, so that nothing can be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadFailure {
    /// Where it failed.
    pub kind: UploadFailureKind,
    /// The upload's id, once there is a session.
    pub upload_id: Option<String>,
    /// The part, if it is about one. The first one is 1.
    pub part_number: Option<u64>,
    /// How many rounds there were, the first one included; 0 before anything was written.
    pub rounds_attempted: u32,
    /// True if the rounds were used up: it might have passed with more.
    pub is_exhausted: bool,
}

impl Error {
    /// Where an upload to Hotdata failed, if the error is about one: which part, after how many rounds.
    pub fn upload(&self) -> Option<&UploadFailure> {
        self.detail()
    }

    pub(super) fn with_upload(self, failure: UploadFailure) -> Self {
        self.with_detail(failure)
    }
}

impl UploadFailure {
    pub(super) fn new(kind: UploadFailureKind) -> Self {
        Self { kind, upload_id: None, part_number: None, rounds_attempted: 0, is_exhausted: false }
    }

    pub(super) fn at(mut self, part_number: Option<u64>) -> Self {
        self.part_number = part_number;
        self
    }
}

/// A step that cannot be done, and where.
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

/// What the session says makes no sense.
#[cold]
pub(super) fn malformed(label: &str, why: impl Into<String>) -> Failed {
    let error = Error::new(ErrorKind::UnexpectedResponse, label, why)
        .with_advice("Nothing was finalized. Is this the address of the service, or of a proxy in between?");
    Failed::new(error, UploadFailureKind::MalformedSession)
}

/// The part as messages name it.
pub(super) fn named(part_number: Option<u64>) -> String {
    part_number.map_or_else(|| "the data".to_owned(), |number| format!("part {number}"))
}

/// The storage refused.
#[cold]
pub(super) fn refused(label: &str, part: Option<u64>, host: &str, status: u16, body: String) -> Failed {
    let said = said(&body).map(|said| format!(" ({said})")).unwrap_or_default();
    let happened = format!("the storage at {host} answered {} with HTTP {status}{said}", named(part));
    let error = Error::new(ErrorKind::Storage, label, happened)
        .with_status(status)
        .with_body(body)
        .with_retryable(status == 403 || status == 408 || status == 429 || status >= 500)
        .with_advice(
            "Nothing was finalized. Upload it again, or ask the service's operators if it stays so.",
        );
    Failed::new(error, UploadFailureKind::Storage).at(part)
}

/// The code and message in a storage's XML. The rest may repeat what was signed.
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

/// No answer of the storage.
#[cold]
pub(super) fn unanswered(label: &str, part: Option<u64>, error: SendError) -> Failed {
    let kind = match error.kind() {
        SendErrorKind::InvalidRequest => ErrorKind::InvalidArgument,
        SendErrorKind::Tls | SendErrorKind::Certificate => ErrorKind::Tls,
        SendErrorKind::Protocol | SendErrorKind::BodyTooLarge => ErrorKind::UnexpectedResponse,
        _ => ErrorKind::Transport,
    };
    let timeout = error.kind() == SendErrorKind::Timeout;
    let happened = format!("writing {} to the storage: {}", named(part), shown(&error.to_string()));
    let error = Error::new(kind, label, happened)
        .with_timeout(timeout)
        .with_retryable(kind == ErrorKind::Transport)
        .with_source(error)
        .with_advice(
            "Nothing was finalized. Check the network and the proxy settings, then upload it again.",
        );
    Failed::new(error, UploadFailureKind::StorageTransport).at(part)
}

/// A part without its ETag.
#[cold]
pub(super) fn no_etag(label: &str, part: u64) -> Failed {
    let happened =
        format!("the storage took part {part} and gave no ETag, without which nothing can be finalized");
    let error = Error::new(ErrorKind::UnexpectedResponse, label, happened)
        .with_retryable(true)
        .with_advice("Nothing was finalized. Does something in between remove the header?");
    Failed::new(error, UploadFailureKind::MissingETag).at(Some(part))
}

/// It could not be read.
#[cold]
pub(super) fn unreadable(
    label: &str,
    part: Option<u64>,
    why: &str,
    source: Option<std::io::Error>,
) -> Failed {
    let happened = format!("reading {}: {why}", named(part));
    let mut error = Error::new(ErrorKind::Source, label, happened)
        .with_advice("Nothing was finalized. Was it changed while it was read?");
    if let Some(source) = source {
        error = error.with_source(source);
    }
    Failed::new(error, UploadFailureKind::Source).at(part)
}

/// A size that does not fit.
#[cold]
pub(super) fn too_large(label: &str, why: impl Into<String>) -> Failed {
    Failed::new(Error::invalid(label, why), UploadFailureKind::SizeLimit)
}

#[cold]
pub(super) fn cancelled(label: &str) -> Failed {
    let error =
        Error::new(ErrorKind::Cancelled, label, "it was cancelled").with_advice("Nothing was finalized.");
    Failed::new(error, UploadFailureKind::Cancelled)
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
        assert!(shown.contains("part 2 with HTTP 403 (SignatureDoesNotMatch: No.)"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(failed.error.body(), Some(body));
        assert_eq!(said("<Code>"), None);
        assert_eq!(said("<Code></Code><Message>m</Message>").as_deref(), Some("m"));
        assert_eq!(said("not xml"), None);
    }
}
