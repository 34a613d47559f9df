//! The settings of an upload.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::commands::CreateUploadSession;
use super::model::CreateUploadRequest;
use super::rules::{
    DEFAULT_MAX_CONCURRENCY, DEFAULT_MAX_EXTRA_ROUNDS, DEFAULT_MEMORY_BUDGET, DEFAULT_ROUND_BASE_DELAY,
    PartRetry, STREAMING_THRESHOLD, auto_part_size_hint,
};

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
    /// The default settings.
    pub(super) fn new(filename: Option<String>) -> Self {
        Self {
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
            http_timeout: None,
            timeout: None,
        }
    }

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

/// The name of an upload of this file.
pub(super) fn name_of(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}
