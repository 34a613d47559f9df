//! Requests and responses about uploads.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::hotdata::{Secret, Timestamp};
use crate::open_enum::impl_open_enum;

/// The request body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateUploadRequest {
    /// The size in bytes. Without one a session is requested in which the URL of each part is requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_size_bytes: Option<u64>,
    /// The requested size of a part in bytes. The size in the response counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The content type, from which a load derives the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The content encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// The algorithm of the checksum. Only `sha256` is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_algo: Option<String>,
    /// The checksum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_value: Option<String>,
}

impl CreateUploadRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the size in bytes.
    pub fn declared_size_bytes(mut self, size: u64) -> Self {
        self.declared_size_bytes = Some(size);
        self
    }

    /// Sets the requested size of a part in bytes.
    pub fn part_size(mut self, size: u64) -> Self {
        self.part_size = Some(size);
        self
    }

    /// Sets the name.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Sets the content type.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the content encoding.
    pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.content_encoding = Some(encoding.into());
        self
    }

    /// Sets the checksum. The only known algorithm is `sha256`.
    pub fn checksum(mut self, algo: impl Into<String>, value: impl Into<String>) -> Self {
        self.checksum_algo = Some(algo.into());
        self.checksum_value = Some(value.into());
        self
    }
}

/// An upload session. `Debug` shows no token, URLs and values of headers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadSessionResponse {
    /// The id, for a load once the upload is finalized.
    pub upload_id: String,
    /// The mode: one PUT, or one for each part.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub mode: UploadMode,
    /// The token for finalizing and for requesting URLs. Only this response has it.
    pub finalize_token: Secret,
    /// The headers that every PUT must have.
    #[serde(default, deserialize_with = "or_default")]
    pub headers: BTreeMap<String, String>,
    /// The URL of the single PUT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
    /// The size of all parts except the last, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// The URLs of the parts. `None`: the URL of each part has to be requested.
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

/// The request to create several upload sessions, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BatchCreateUploadRequest {
    /// The uploads.
    pub uploads: Vec<CreateUploadRequest>,
}

impl BatchCreateUploadRequest {
    /// Returns a request with these uploads.
    pub fn new(uploads: impl IntoIterator<Item = CreateUploadRequest>) -> Self {
        Self { uploads: uploads.into_iter().collect() }
    }
}

/// The response to creating several upload sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchCreateUploadResponse {
    /// The sessions, in the order of the request.
    #[serde(default, deserialize_with = "or_default")]
    pub uploads: Vec<UploadSessionResponse>,
}

/// The request for URLs of parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct MintUploadPartsRequest {
    /// The numbers of the parts, from 1. Not empty.
    pub part_numbers: Vec<i64>,
}

impl MintUploadPartsRequest {
    /// Returns a request for these parts.
    pub fn new(part_numbers: impl IntoIterator<Item = i64>) -> Self {
        Self { part_numbers: part_numbers.into_iter().collect() }
    }
}

/// The response with URLs of parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MintUploadPartsResponse {
    /// The URLs, by number in ascending order.
    #[serde(default, deserialize_with = "or_default")]
    pub parts: Vec<MintedUploadPartResponse>,
}

/// The URL of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MintedUploadPartResponse {
    /// The number of the part.
    pub part_number: i64,
    /// The URL, valid for about half an hour.
    pub url: Secret,
}

/// The request to finalize an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUploadRequest {
    /// All parts in ascending order; left out for an upload that was one PUT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<FinalizeUploadPart>>,
}

impl FinalizeUploadRequest {
    /// Returns a request for an upload that was one PUT.
    pub fn single() -> Self {
        Self::default()
    }

    /// Returns a request for an upload with these parts.
    pub fn multipart(parts: impl IntoIterator<Item = FinalizeUploadPart>) -> Self {
        Self { parts: Some(parts.into_iter().collect()) }
    }
}

/// A part that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUploadPart {
    /// The number.
    pub part_number: i64,
    /// The `ETag` of the storage's response, with its quotes.
    pub e_tag: String,
}

impl FinalizeUploadPart {
    /// Returns a part with this number and ETag.
    pub fn new(part_number: i64, e_tag: impl Into<String>) -> Self {
        Self { part_number, e_tag: e_tag.into() }
    }
}

/// A finalized upload, which can be loaded for a week by the service's default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FinalizeUploadResponse {
    /// The id, for a load.
    pub upload_id: String,
    /// The number of bytes that the storage received.
    #[serde(default, deserialize_with = "or_default")]
    pub size_bytes: u64,
    /// The status, for example `ready`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// The content type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// The mode of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMode {
    /// `single`: one PUT
    Single,
    /// `multipart`: one PUT for each part
    Multipart,
    /// Any other value.
    Other(String),
}

impl_open_enum!(UploadMode, "upload mode", {
    Single => "single",
    Multipart => "multipart",
});
