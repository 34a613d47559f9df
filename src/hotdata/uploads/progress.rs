//! How far an upload is.

/// How far an upload is: what the callback of `.on_upload_progress(…)` is given.
///
/// The first one says 0, and each later one more than the one before; the last one of an upload that succeeds says everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes that the storage has taken.
    pub transferred: u64,
    /// Bytes that there are. `None` while a reader has not come to its end.
    pub total: Option<u64>,
}

impl UploadProgress {
    pub(super) fn new(transferred: u64, total: Option<u64>) -> Self {
        Self { transferred, total }
    }
}
