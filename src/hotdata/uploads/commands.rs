//! The four plain operations about uploads. `upload_path` and similar methods send all of them in order.

use serde::{Deserialize, Serialize};

use crate::hotdata::Secret;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;

use super::Uploads;
use super::model::{
    BatchCreateUploadRequest, BatchCreateUploadResponse, CreateUploadRequest, FinalizeUploadRequest,
    FinalizeUploadResponse, MintUploadPartsRequest, MintUploadPartsResponse, UploadSessionResponse,
};

impl<M> Uploads<M> {
    /// Creates an upload session: URLs to which the data of an upload are written, and a token with which the
    /// upload is [finalized](Uploads::finalize). `POST /v1/uploads` (`create_upload_session_handler`).
    ///
    /// [`upload_path`](Uploads::upload_path) and the similar methods send all requests of an upload.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the upload is too large, or if the algorithm of the
    /// checksum is unknown to the service; [`Server`](crate::ErrorKind::Server) with the status 501 and the
    /// code `PRESIGN_UNSUPPORTED` if clients cannot write to the service's storage directly.
    #[doc(alias = "create_upload_session_handler")]
    pub fn create_session(&self, request: CreateUploadRequest) -> Call<M, CreateUploadSession> {
        self.client.call(CreateUploadSession::new(request))
    }

    /// Creates several upload sessions, all or none. `POST /v1/uploads/batch`
    /// (`create_upload_sessions_batch_handler`).
    ///
    /// # Errors
    ///
    /// The same as those of [`create_session`](Uploads::create_session).
    #[doc(alias = "create_upload_sessions_batch_handler")]
    pub fn create_sessions(
        &self,
        uploads: impl IntoIterator<Item = CreateUploadRequest>,
    ) -> Call<M, CreateUploadSessionsBatch> {
        self.client.call(CreateUploadSessionsBatch::new(BatchCreateUploadRequest::new(uploads)))
    }

    /// Returns the URLs to which the parts with these numbers are written. The first part has the number 1.
    /// `POST /v1/uploads/{upload_id}/parts` (`mint_upload_parts_handler`).
    ///
    /// The finalize token is in the response of [`create_session`](Uploads::create_session).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the token or a number is wrong, if there are too many
    /// numbers, or if the upload is not written in parts; [`NotFound`](crate::ErrorKind::NotFound) if no
    /// upload has this id; [`Server`](crate::ErrorKind::Server) with the status 501 and the code
    /// `PRESIGN_UNSUPPORTED` if clients cannot write to the service's storage directly.
    #[doc(alias = "mint_upload_parts_handler")]
    pub fn mint_parts(
        &self,
        upload_id: impl Into<String>,
        finalize_token: impl Into<Secret>,
        part_numbers: impl IntoIterator<Item = i64>,
    ) -> Call<M, MintUploadParts> {
        let request = MintUploadPartsRequest::new(part_numbers);
        self.client.call(MintUploadParts::new(upload_id, finalize_token, request))
    }

    /// Finalizes an upload, so that it can be loaded. `POST /v1/uploads/{upload_id}/finalize`
    /// (`finalize_upload_handler`). An upload can be finalized only once, so a request that the service may
    /// have accepted is not sent again.
    ///
    /// The finalize token is in the response of [`create_session`](Uploads::create_session).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the token or the size is wrong, if data are missing, or if
    /// the upload is already finalized; [`NotFound`](crate::ErrorKind::NotFound) if no upload has this id;
    /// [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) if the service may have finalized the upload.
    #[doc(alias = "finalize_upload_handler")]
    pub fn finalize(
        &self,
        upload_id: impl Into<String>,
        finalize_token: impl Into<Secret>,
        request: FinalizeUploadRequest,
    ) -> Call<M, FinalizeUpload> {
        let mut command = FinalizeUpload::new(upload_id, finalize_token);
        command.finalize_upload_request = Some(request);
        self.client.call(command)
    }
}

/// Creates an upload session: the command of [`Uploads::create_session`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateUploadSession {
    /// The request body: the properties of the upload.
    pub create_upload_request: CreateUploadRequest,
}

impl CreateUploadSession {
    /// Returns the command with this request.
    pub fn new(request: CreateUploadRequest) -> Self {
        Self { create_upload_request: request }
    }
}

impl Command for CreateUploadSession {
    type Output = UploadSessionResponse;
    const NAME: &'static str = "create_upload_session_handler";

    fn endpoint(&self) -> Endpoint<'_, UploadSessionResponse> {
        Endpoint::post(Self::NAME, "/v1/uploads").json(&self.create_upload_request).secret_response()
    }
}

/// Creates several upload sessions, all or none: the command of [`Uploads::create_sessions`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateUploadSessionsBatch {
    /// The request body: the properties of each upload.
    pub batch_create_upload_request: BatchCreateUploadRequest,
}

impl CreateUploadSessionsBatch {
    /// Returns the command with this request.
    pub fn new(request: BatchCreateUploadRequest) -> Self {
        Self { batch_create_upload_request: request }
    }
}

impl Command for CreateUploadSessionsBatch {
    type Output = BatchCreateUploadResponse;
    const NAME: &'static str = "create_upload_sessions_batch_handler";

    fn endpoint(&self) -> Endpoint<'_, BatchCreateUploadResponse> {
        Endpoint::post(Self::NAME, "/v1/uploads/batch")
            .json(&self.batch_create_upload_request)
            .secret_response()
    }
}

/// Returns the URLs to which parts of an upload are written: the command of [`Uploads::mint_parts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct MintUploadParts {
    /// The id of the upload.
    pub upload_id: String,
    /// The [`finalize_token`](UploadSessionResponse::finalize_token) of the upload session.
    pub x_upload_finalize_token: Secret,
    /// The request body: the numbers of the parts.
    pub mint_upload_parts_request: MintUploadPartsRequest,
}

impl MintUploadParts {
    /// Returns the command for the parts in this request.
    pub fn new(
        upload_id: impl Into<String>,
        finalize_token: impl Into<Secret>,
        request: MintUploadPartsRequest,
    ) -> Self {
        Self {
            upload_id: upload_id.into(),
            x_upload_finalize_token: finalize_token.into(),
            mint_upload_parts_request: request,
        }
    }
}

impl Command for MintUploadParts {
    type Output = MintUploadPartsResponse;
    const NAME: &'static str = "mint_upload_parts_handler";

    fn endpoint(&self) -> Endpoint<'_, MintUploadPartsResponse> {
        Endpoint::post(Self::NAME, "/v1/uploads/{upload_id}/parts")
            .at("upload_id", &self.upload_id)
            .finalize_token(&self.x_upload_finalize_token)
            .json(&self.mint_upload_parts_request)
            .secret_response()
    }
}

/// Finalizes an upload, so that it can be loaded: the command of [`Uploads::finalize`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct FinalizeUpload {
    /// The id of the upload.
    pub upload_id: String,
    /// The [`finalize_token`](UploadSessionResponse::finalize_token) of the upload session.
    pub x_upload_finalize_token: Secret,
    /// The request body: the parts of the upload. Default: no body, for an upload that was written with one
    /// PUT request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalize_upload_request: Option<FinalizeUploadRequest>,
}

impl FinalizeUpload {
    /// Returns the command for an upload that was written with one PUT request.
    pub fn new(upload_id: impl Into<String>, finalize_token: impl Into<Secret>) -> Self {
        Self {
            upload_id: upload_id.into(),
            x_upload_finalize_token: finalize_token.into(),
            finalize_upload_request: None,
        }
    }
}

impl Command for FinalizeUpload {
    type Output = FinalizeUploadResponse;
    const NAME: &'static str = "finalize_upload_handler";

    fn endpoint(&self) -> Endpoint<'_, FinalizeUploadResponse> {
        Endpoint::post(Self::NAME, "/v1/uploads/{upload_id}/finalize")
            .at("upload_id", &self.upload_id)
            .finalize_token(&self.x_upload_finalize_token)
            .maybe_json(self.finalize_upload_request.as_ref())
    }
}
