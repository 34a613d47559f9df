//! What the four operations about uploads send and give (reference, section 4.7).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hotdata::{Secret, Timestamp};
use crate::open_enum::impl_open_enum;

/// What is to be uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateUploadRequest {
    /// Its size in bytes. `None` asks for a session whose part URLs are minted one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_size_bytes: Option<u64>,
    /// The wanted size of a part in bytes; what the service answers counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// A name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Its media type, by which a load tells the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How it is compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// The algorithm of the checksum: only `sha256` is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_algo: Option<String>,
    /// The checksum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_value: Option<String>,
}

impl CreateUploadRequest {
    /// An upload about which nothing is said.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says its size in bytes.
    pub fn declared_size_bytes(mut self, size: u64) -> Self {
        self.declared_size_bytes = Some(size);
        self
    }

    /// Asks for parts of this size in bytes.
    pub fn part_size(mut self, size: u64) -> Self {
        self.part_size = Some(size);
        self
    }

    /// Gives it a name.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Says its media type.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Says how it is compressed.
    pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.content_encoding = Some(encoding.into());
        self
    }

    /// Gives its checksum. The only algorithm that is known is `sha256`.
    pub fn checksum(mut self, algo: impl Into<String>, value: impl Into<String>) -> Self {
        self.checksum_algo = Some(algo.into());
        self.checksum_value = Some(value.into());
        self
    }
}

/// An upload that can be written to. Its `Debug` shows neither the token nor URLs nor the values of headers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadSessionResponse {
    /// Its id, which a load takes once the upload is finalized.
    pub upload_id: String,
    /// One PUT, or one for each part.
    pub mode: UploadMode,
    /// What finalizing and minting need. Shown this once.
    pub finalize_token: Secret,
    /// What every PUT must carry, as it is.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Where the one PUT goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
    /// The size of all parts but the last, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// Where each part goes. `None`: each part's URL has to be minted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_urls: Option<Vec<Secret>>,
}

impl fmt::Debug for UploadSessionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadSessionResponse")
            .field("upload_id", &self.upload_id)
            .field("mode", &self.mode)
            .field("headers", &self.headers.keys())
            .field("part_size", &self.part_size)
            .field("part_urls", &self.part_urls.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Uploads that are to be begun at once: all of them or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BatchCreateUploadRequest {
    /// The uploads.
    pub uploads: Vec<CreateUploadRequest>,
}

impl BatchCreateUploadRequest {
    /// These uploads.
    pub fn new(uploads: impl IntoIterator<Item = CreateUploadRequest>) -> Self {
        Self { uploads: uploads.into_iter().collect() }
    }
}

/// Uploads that were begun at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchCreateUploadResponse {
    /// In the order in which they were asked for.
    pub uploads: Vec<UploadSessionResponse>,
}

/// Which parts need a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct MintUploadPartsRequest {
    /// The numbers of the parts, which begin at 1. Not empty.
    pub part_numbers: Vec<i64>,
}

impl MintUploadPartsRequest {
    /// These parts.
    pub fn new(part_numbers: impl IntoIterator<Item = i64>) -> Self {
        Self { part_numbers: part_numbers.into_iter().collect() }
    }
}

/// URLs of parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MintUploadPartsResponse {
    /// By number, ascending.
    pub parts: Vec<MintedUploadPartResponse>,
}

/// Where a part goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MintedUploadPartResponse {
    /// The part's number.
    pub part_number: i64,
    /// Good for about half an hour.
    pub url: Secret,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUploadRequest {
    /// All parts, ascending; `None` for an upload that was one PUT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<FinalizeUploadPart>>,
}

impl FinalizeUploadRequest {
    /// After one PUT.
    pub fn single() -> Self {
        Self::default()
    }

    /// After one PUT for each of these parts.
    pub fn multipart(parts: impl IntoIterator<Item = FinalizeUploadPart>) -> Self {
        Self { parts: Some(parts.into_iter().collect()) }
    }
}

/// A part that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUploadPart {
    /// Its number.
    pub part_number: i64,
    /// The `ETag` of the storage's answer as it came, quotes included.
    pub e_tag: String,
}

impl FinalizeUploadPart {
    /// The part of this number.
    pub fn new(part_number: i64, e_tag: impl Into<String>) -> Self {
        Self { part_number, e_tag: e_tag.into() }
    }
}

/// A finished upload, which a load can take, for a week unless the service says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FinalizeUploadResponse {
    /// Its id, for a load.
    pub upload_id: String,
    /// How many bytes arrived.
    pub size_bytes: u64,
    /// In the service's words; `ready` was seen.
    pub status: String,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
}

/// How the bytes of an upload travel (reference, section 10.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMode {
    /// `single`: one PUT
    Single,
    /// `multipart`: one PUT for each part
    Multipart,
    /// Any other.
    Other(String),
}

impl_open_enum!(UploadMode, "upload mode", {
    Single => "single",
    Multipart => "multipart",
});
