//! Files, of the older API: `upload` was removed in version 0.9 of the vendor's client. Today's uploads go to
//! the storage directly.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::http::Bytes;
use crate::timestamp::Timestamp;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::Older;
use crate::hotdata::wire::or_default;

/// The operations about files that are sent through the API, of the [older API](crate::hotdata::older).
/// Returned by [`Older::files`].
///
/// In today's API, [`Client::uploads`] sends files to the storage directly.
#[derive(Debug)]
pub struct Files<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about files that are sent through the API, instead of directly to the storage.
    pub fn files(&self) -> Files<M> {
        Files { client: self.client.clone() }
    }
}

impl<M> Files<M> {
    /// Uploads a file in one request, for a later load into a table; the service accepts up to 20 GB.
    /// `POST /v1/files` (`upload_stream`).
    ///
    /// The bytes of the file have to be in memory. The `id` of the output is the `upload_id` of a load: see
    /// [`LoadManagedTableRequest`](crate::hotdata::LoadManagedTableRequest).
    ///
    /// In today's API, use [`Client::uploads`] instead: it sends a large file in parts, retries parts that
    /// fail, and limits the memory that it uses.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service does not accept the file.
    #[doc(alias = "upload_stream")]
    pub fn upload(&self, body: impl Into<FileBody>) -> Call<M, UploadStream> {
        self.client.call(UploadStream::new(body))
    }

    /// Lists all uploaded files, or those with one status. `GET /v1/files` (`list_uploads`).
    #[doc(alias = "list_uploads")]
    pub fn list(&self) -> Call<M, ListUploads> {
        self.client.call(ListUploads::new())
    }
}

/// Uploads a file in one request: the command of [`Files::upload`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UploadStream {
    /// The bytes of the file; in JSON, as base64.
    pub body: FileBody,
    /// The content type of the file. Default: `application/octet-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl UploadStream {
    /// Returns the command with its required parameters.
    pub fn new(body: impl Into<FileBody>) -> Self {
        Self { body: body.into(), content_type: None }
    }
}

impl Command for UploadStream {
    type Output = UploadResponse;
    const NAME: &'static str = "upload_stream";

    fn endpoint(&self) -> Endpoint<'_, UploadResponse> {
        Endpoint::post(Self::NAME, "/v1/files")
            .bytes(&self.body.0, self.content_type.as_deref().unwrap_or("application/octet-stream"))
    }
}

impl<M> Call<M, UploadStream> {
    /// Sets the content type of the file. Default: `application/octet-stream`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.command.content_type = Some(content_type.into());
        self
    }
}

/// Lists the uploaded files: the command of [`Files::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListUploads {
    /// The status of the files to list, for example `pending`. Default: files with any status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl ListUploads {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListUploads {
    type Output = ListUploadsResponse;
    const NAME: &'static str = "list_uploads";

    fn endpoint(&self) -> Endpoint<'_, ListUploadsResponse> {
        Endpoint::get(Self::NAME, "/v1/files").query("status", self.status.as_deref())
    }
}

impl<M> Call<M, ListUploads> {
    /// Sets the status of the files to list, for example `pending`. Default: files with any status.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.command.status = Some(status.into());
        self
    }
}

/// An uploaded file: the response of [`Files::upload`], and an entry of [`Files::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadResponse {
    /// The id of the file: the `upload_id` of a load, see
    /// [`LoadManagedTableRequest`](crate::hotdata::LoadManagedTableRequest).
    pub id: String,
    /// The status of the file, as the service writes it, for example `pending`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// The size of the file in bytes.
    #[serde(default, deserialize_with = "or_default")]
    pub size_bytes: i64,
    /// The content type of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The time of the upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// The uploaded files: the response of [`Files::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListUploadsResponse {
    /// The files.
    #[serde(default, deserialize_with = "or_default")]
    pub uploads: Vec<UploadResponse>,
}

/// The bytes of a file. In JSON, they are text in base64. `Debug` shows only their number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FileBody(pub Bytes);

impl<T: Into<Bytes>> From<T> for FileBody {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for FileBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for FileBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for FileBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let bytes = BASE64.decode(&*text);
        bytes.map(Self::from).map_err(|_| {
            de::Error::custom("the bytes of the file are not valid base64 (standard alphabet, with padding)")
        })
    }
}
