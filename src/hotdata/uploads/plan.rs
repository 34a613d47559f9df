//! The settings of an upload.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::commands::CreateUploadSession;
use super::model::CreateUploadRequest;
use super::rules::{PartRetry, STREAMING_THRESHOLD, auto_part_size_hint};

/// The settings of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// For messages.
    #[serde(skip)]
    pub(super) label: String,
    /// The size; `None` if the source can be read only once, up to its end.
    #[serde(skip)]
    pub(super) size: Option<u64>,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) part_size: Option<u64>,
    pub(super) max_concurrency: usize,
    pub(super) memory_budget: u64,
    pub(super) part_retry: PartRetry,
    pub(super) max_extra_rounds: u32,
    pub(super) round_base_delay: Duration,
    /// The time limit of the requests that create the session and finalize it.
    pub(super) http_timeout: Option<Duration>,
    /// The time limit of the whole upload.
    pub(super) timeout: Option<Duration>,
}

impl Plan {
    /// The command that creates the session of so many bytes.
    pub(super) fn session(&self, size: Option<u64>) -> CreateUploadSession {
        CreateUploadSession::new(CreateUploadRequest {
            declared_size_bytes: size.filter(|size| *size <= STREAMING_THRESHOLD),
            part_size: Some(self.part_size.unwrap_or_else(|| auto_part_size_hint(size.unwrap_or(0)))),
            filename: self.filename.clone(),
            content_type: self.content_type.clone(),
            content_encoding: self.content_encoding.clone(),
            checksum_algo: None,
            checksum_value: None,
        })
    }
}
