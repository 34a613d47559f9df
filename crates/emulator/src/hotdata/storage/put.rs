//! One PUT to storage: its bytes come in pieces, and count when they are all there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ring::digest::{Context, SHA256};

use crate::server::lock;

use super::sign::hex;
use super::spool::Spool;
use super::uploads::{NewUpload, Part, Phase, Shared, Upload, UploadError, Uploads};

/// The bytes of a body or a part while they come.
pub(crate) struct Put {
    shared: Arc<Shared>,
    upload: String,
    part: u32,
    spool: Spool,
    digest: Context,
    /// How many bytes are still to come; none: nobody said.
    left: Option<u64>,
    most: u64,
}

impl fmt::Debug for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put").field("upload", &self.upload).field("part", &self.part).finish_non_exhaustive()
    }
}

fn denied(code: &'static str, message: &str) -> UploadError {
    UploadError::new(403, code, message)
}

impl Uploads {
    /// Whether this path and query are of a URL that was signed here.
    pub(crate) fn has_signed(&self, path: &str, query: &str) -> bool {
        self.shared.signer.read(path, query).is_some()
    }

    /// A PUT to this path and query begins, with so many bytes by its `Content-Length`.
    ///
    /// # Errors
    ///
    /// 403 for a URL that was not signed here or has expired, 404 for an upload that takes no more, 411
    /// without a length, 400 for too large a part.
    pub(crate) fn begin_put(
        &self,
        path: &str,
        query: &str,
        length: Option<u64>,
        now: i64,
    ) -> Result<Put, UploadError> {
        let shared = &self.shared;
        let Some((id, part, until)) = shared.signer.read(path, query) else {
            return Err(denied("SignatureDoesNotMatch", "the signature of the URL does not match"));
        };
        if until <= now {
            return Err(denied("AccessDenied", "the URL has expired"));
        }
        let Some(length) = length else {
            return Err(UploadError::new(
                411,
                "MissingContentLength",
                "a PUT to storage needs Content-Length",
            ));
        };
        let uploads = self.uploads();
        let open = |upload: &&Upload| upload.phase == Phase::Open && upload.expires(&shared.limits) > now;
        if uploads.get(id).filter(open).is_none() {
            return Err(UploadError::new(
                404,
                "NoSuchUpload",
                "the upload is finalized, has expired, or never existed",
            ));
        }
        let most = shared.limits.max_part;
        if length > most {
            return Err(UploadError::new(400, "EntityTooLarge", format!("a part has at most {most} bytes")));
        }
        Ok(self.put(id, part, Some(length), most))
    }

    /// The whole of an upload that has no session comes, as `POST /v1/files` had it. It is ready when it is
    /// finished.
    ///
    /// # Errors
    ///
    /// 503 if too many uploads are kept.
    pub(crate) fn begin_whole(
        &self,
        id: &str,
        content_type: Option<String>,
        now: i64,
    ) -> Result<Put, UploadError> {
        let new = NewUpload { content_type, ..NewUpload::default() };
        let upload = Upload {
            new,
            token: String::new(),
            created_at: now,
            part_size: None,
            parts: BTreeMap::new(),
            phase: Phase::Open,
        };
        let mut uploads = self.uploads();
        self.room(&mut uploads, 1, now)?;
        uploads.insert(id.to_owned(), upload);
        Ok(self.put(id, 0, None, self.shared.limits.max_size))
    }

    fn put(&self, id: &str, part: u32, left: Option<u64>, most: u64) -> Put {
        Put {
            shared: Arc::clone(&self.shared),
            upload: id.to_owned(),
            part,
            spool: Spool::new(&self.shared.pool),
            digest: Context::new(&SHA256),
            left,
            most,
        }
    }
}

impl Put {
    /// Bytes that have come.
    ///
    /// # Errors
    ///
    /// 400 if they are more than was said or may be, 500 if they cannot be kept.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        let more = bytes.len() as u64;
        if let Some(left) = self.left {
            match left.checked_sub(more) {
                Some(left) => self.left = Some(left),
                None => {
                    return Err(UploadError::new(400, "BadDigest", "the body is longer than Content-Length"));
                }
            }
        }
        if self.spool.len() + more > self.most {
            return Err(UploadError::new(
                400,
                "EntityTooLarge",
                format!("the body has more than {} bytes", self.most),
            ));
        }
        self.digest.update(bytes);
        self.spool.push(bytes).map_err(|e| UploadError::new(500, "InternalError", e.to_string()))
    }

    /// All bytes have come. What was put there before is replaced. Gives the ETag, in its quotes.
    ///
    /// # Errors
    ///
    /// 400 if bytes are missing, 404 if the upload takes no more.
    pub(crate) fn finish(self) -> Result<String, UploadError> {
        if self.left.is_some_and(|left| left > 0) {
            return Err(UploadError::new(400, "IncompleteBody", "the body is shorter than Content-Length"));
        }
        let digest = self.digest.finish();
        let etag = format!("\"{}\"", hex(&digest.as_ref()[..16]));
        let mut uploads = lock(&self.shared.uploads);
        match uploads.get_mut(&self.upload) {
            Some(upload) if upload.phase == Phase::Open => {
                let part = Part { bytes: Arc::new(self.spool), etag: etag.clone() };
                upload.parts.insert(self.part, part);
                // Without a token there was no session to finalize.
                if upload.token.is_empty() {
                    upload.phase = Phase::Ready { since: upload.created_at };
                }
                Ok(etag)
            }
            _ => Err(UploadError::new(
                404,
                "NoSuchUpload",
                "the upload is finalized, has expired, or never existed",
            )),
        }
    }
}
