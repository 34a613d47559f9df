//! Files, of the older API (reference, section 12): gone since 0.9. Today, uploads go to storage directly.

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

/// Files, of the older API: see [`Older::files`].
#[derive(Debug)]
pub struct Files<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Files that go through the API itself.
    pub fn files(&self) -> Files<M> {
        Files { client: self.client.clone() }
    }
}

impl<M> Files<M> {
    /// Uploads bytes as they are, from memory; the service takes up to 20 GB. The `id` of the answer is what a load takes as
    /// `upload_id`. `POST /v1/files` (`upload_stream`).
    ///
    /// Today, [`uploads`](super::super::Client::uploads) is what there is: with parts, retries and memory that is
    /// bounded.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for what cannot be taken.
    #[doc(alias = "upload_stream")]
    pub fn upload(&self, body: impl Into<FileBody>) -> Call<M, UploadStream> {
        self.client.call(UploadStream::new(body))
    }

    /// Files that were uploaded, or those of one status. `GET /v1/files` (`list_uploads`).
    #[doc(alias = "list_uploads")]
    pub fn list(&self) -> Call<M, ListUploads> {
        self.client.call(ListUploads::new())
    }
}

/// See [`Files::upload`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UploadStream {
    /// The bytes; as JSON, base64.
    pub body: FileBody,
    /// What they are. Default: `application/octet-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl UploadStream {
    /// These.
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
    /// What they are. Default: `application/octet-stream`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.command.content_type = Some(content_type.into());
        self
    }
}

/// See [`Files::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListUploads {
    /// Only those of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl ListUploads {
    /// All.
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
    /// Only those of this status.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.command.status = Some(status.into());
        self
    }
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadResponse {
    /// Its id: the `upload_id` of a load.
    pub id: String,
    /// How far it is.
    pub status: String,
    /// How many bytes it has.
    pub size_bytes: i64,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// Files that were uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListUploadsResponse {
    /// The files.
    pub uploads: Vec<UploadResponse>,
}

/// The bytes of a file. As JSON, they are base64.
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
        bytes.map(Self::from).map_err(|_| de::Error::custom("the bytes of a file are not base64"))
    }
}
