//! Requests and responses about uploads.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::hotdata::{Secret, Timestamp};
use crate::open_enum::impl_open_enum;

/// The body of the request that creates an upload session: see
/// [`Uploads::create_session`](crate::hotdata::Uploads::create_session).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateUploadRequest {
    /// The size of the upload in bytes. Without a size, the session has no URLs: the URL of each part is
    /// requested with [`mint_parts`](crate::hotdata::Uploads::mint_parts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_size_bytes: Option<u64>,
    /// The requested size of a part in bytes. The service may choose another size: the `part_size` of the
    /// session counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// The file name of the upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The content type, for example `text/csv`, by which a load detects the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The content encoding: the compression of the data, for example `gzip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// The algorithm of `checksum_value`. The service knows only `sha256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_algo: Option<String>,
    /// The checksum of the data, by the algorithm in `checksum_algo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum_value: Option<String>,
}

impl CreateUploadRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the size of the upload in bytes. Without a size, the session has no URLs: the URL of each part is
    /// requested with [`mint_parts`](crate::hotdata::Uploads::mint_parts).
    pub fn declared_size_bytes(mut self, size: u64) -> Self {
        self.declared_size_bytes = Some(size);
        self
    }

    /// Sets the requested size of a part in bytes. The service may choose another size: the `part_size` of
    /// the session counts.
    pub fn part_size(mut self, size: u64) -> Self {
        self.part_size = Some(size);
        self
    }

    /// Sets the file name of the upload.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Sets the content type, for example `text/csv`, by which a load detects the format.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the content encoding: the compression of the data, for example `gzip`.
    pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.content_encoding = Some(encoding.into());
        self
    }

    /// Sets the algorithm and the value of the checksum of the data. The service knows only the algorithm
    /// `sha256`.
    pub fn checksum(mut self, algo: impl Into<String>, value: impl Into<String>) -> Self {
        self.checksum_algo = Some(algo.into());
        self.checksum_value = Some(value.into());
        self
    }
}

/// An upload session: what is needed to write the data of an upload to the storage, and to finalize it. The
/// response of [`Uploads::create_session`](crate::hotdata::Uploads::create_session).
///
/// A session lasts about 24 hours, and its URLs about half an hour. `Debug` shows neither the token nor the
/// URLs nor the values of the headers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadSessionResponse {
    /// The id of the upload. A load can use it once the upload is finalized.
    pub upload_id: String,
    /// The mode: whether the data are written with one PUT request, or with one for each part.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub mode: UploadMode,
    /// The token that is needed to finalize the upload and to request URLs of parts. Only this response has
    /// it: the service does not show it again.
    pub finalize_token: Secret,
    /// The headers that every PUT request to the storage must have.
    #[serde(default, deserialize_with = "or_default")]
    pub headers: BTreeMap<String, String>,
    /// In mode `single`: the URL for the PUT request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
    /// In mode `multipart`: the size of each part in bytes. The last part has the rest, which may be smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// In mode `multipart`: the URLs of the parts, in order. `None` if the URL of each part has to be
    /// requested with [`mint_parts`](crate::hotdata::Uploads::mint_parts).
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

/// The body of the request that creates several upload sessions, all or none: see
/// [`Uploads::create_sessions`](crate::hotdata::Uploads::create_sessions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BatchCreateUploadRequest {
    /// The requests, one for each session.
    pub uploads: Vec<CreateUploadRequest>,
}

impl BatchCreateUploadRequest {
    /// Returns a request for these upload sessions.
    pub fn new(uploads: impl IntoIterator<Item = CreateUploadRequest>) -> Self {
        Self { uploads: uploads.into_iter().collect() }
    }
}

/// Several upload sessions: the response of
/// [`Uploads::create_sessions`](crate::hotdata::Uploads::create_sessions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BatchCreateUploadResponse {
    /// The sessions, in the order of the request.
    #[serde(default, deserialize_with = "or_default")]
    pub uploads: Vec<UploadSessionResponse>,
}

/// The body of the request for the URLs to which parts of an upload are written: see
/// [`Uploads::mint_parts`](crate::hotdata::Uploads::mint_parts).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct MintUploadPartsRequest {
    /// The numbers of the parts, at least one. The first part has the number 1.
    pub part_numbers: Vec<i64>,
}

impl MintUploadPartsRequest {
    /// Returns a request for the URLs of the parts with these numbers. The first part has the number 1.
    pub fn new(part_numbers: impl IntoIterator<Item = i64>) -> Self {
        Self { part_numbers: part_numbers.into_iter().collect() }
    }
}

/// The URLs to which parts of an upload are written: the response of
/// [`Uploads::mint_parts`](crate::hotdata::Uploads::mint_parts).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MintUploadPartsResponse {
    /// The URLs, in ascending order of the part numbers.
    #[serde(default, deserialize_with = "or_default")]
    pub parts: Vec<MintedUploadPartResponse>,
}

/// The URL to which a part of an upload is written, with the number of the part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MintedUploadPartResponse {
    /// The number of the part. The first part has the number 1.
    pub part_number: i64,
    /// The URL for the PUT request of the part. It is valid for about half an hour.
    pub url: Secret,
}

/// The body of the request that finalizes an upload: see
/// [`Uploads::finalize`](crate::hotdata::Uploads::finalize).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUploadRequest {
    /// All parts in ascending order of their numbers. Not set if the upload was written with one PUT request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<FinalizeUploadPart>>,
}

impl FinalizeUploadRequest {
    /// Returns a request to finalize an upload that was written with one PUT request (mode `single`).
    pub fn single() -> Self {
        Self::default()
    }

    /// Returns a request to finalize an upload with these parts, all of them in ascending order of their
    /// numbers (mode `multipart`).
    pub fn multipart(parts: impl IntoIterator<Item = FinalizeUploadPart>) -> Self {
        Self { parts: Some(parts.into_iter().collect()) }
    }
}

/// A part of an upload that was written to the storage, for the request that finalizes the upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUploadPart {
    /// The number of the part. The first part has the number 1.
    pub part_number: i64,
    /// The `ETag` header of the storage's response to the PUT request of the part, with its quotes.
    pub e_tag: String,
}

impl FinalizeUploadPart {
    /// Returns a part with this number and ETag.
    pub fn new(part_number: i64, e_tag: impl Into<String>) -> Self {
        Self { part_number, e_tag: e_tag.into() }
    }
}

/// A finalized upload, which can be loaded: by the service's default within 7 days. The response of
/// [`Uploads::finalize`](crate::hotdata::Uploads::finalize), and what a
/// [`UploadCall`](crate::hotdata::UploadCall) returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FinalizeUploadResponse {
    /// The id of the upload, which a load takes as its `upload_id`.
    pub upload_id: String,
    /// The number of bytes that the storage has received.
    #[serde(default, deserialize_with = "or_default")]
    pub size_bytes: u64,
    /// The status of the upload, for example `ready`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// The content type of the upload, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The time at which the upload was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// The mode of an upload session: how the data are written to the storage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMode {
    /// `single`: with one PUT request
    Single,
    /// `multipart`: with one PUT request for each part
    Multipart,
    /// Any other value.
    Other(String),
}

impl_open_enum!(UploadMode, "upload mode", {
    Single => "single",
    Multipart => "multipart",
});
