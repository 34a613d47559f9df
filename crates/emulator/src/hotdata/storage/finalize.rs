//! The end of an upload session: whether what was put is what was meant.

use super::sign::is_digest;
use super::uploads::{Finalized, Phase, Upload, UploadError, UploadLimits, Uploads, admit, bad, digest};

impl Uploads {
    /// Finalizes an upload: a single body without `parts`, another with all of them.
    ///
    /// # Errors
    ///
    /// 404 for an unknown upload. 400 for a wrong token, for what is finalized or expired, for bytes that are
    /// missing or too many, for parts that are none, out of order, twice, too small, or have another ETag,
    /// and for another digest than was said. After an error the upload is as it was.
    pub(crate) fn finalize(
        &self,
        id: &str,
        token: &str,
        parts: Option<&[(i64, String)]>,
        now: i64,
    ) -> Result<Finalized, UploadError> {
        let limits = &self.shared.limits;
        let (used, checksum, stream) = {
            let uploads = self.uploads();
            let upload = admit(&uploads, id, token)?;
            let used = upload.used(parts, limits, now)?;
            (used, upload.new.checksum_value.clone(), upload.stream())
        };
        // Without the lock: a large upload takes a while to read. What is put meanwhile makes the next check
        // fail.
        if let Some(expected) = checksum {
            let found =
                digest(stream).map_err(|e| UploadError::new(500, "INTERNAL_SERVER_ERROR", e.to_string()))?;
            if !is_digest(&expected, &found) {
                return bad("checksum_value is not the SHA-256 of the uploaded bytes");
            }
        }
        let mut uploads = self.uploads();
        if admit(&uploads, id, token)?.used(parts, limits, now)? != used {
            return bad("a part was uploaded again while the upload was being finalized: finalize it again");
        }
        let Some(upload) = uploads.get_mut(id) else { return Err(super::uploads::unknown(id)) };
        upload.phase = Phase::Ready { since: now };
        Ok(upload.facts(id))
    }
}

impl Upload {
    /// The ETags of the parts it consists of, if all is well.
    fn used(
        &self,
        listed: Option<&[(i64, String)]>,
        limits: &UploadLimits,
        now: i64,
    ) -> Result<Vec<String>, UploadError> {
        if self.phase != Phase::Open {
            return bad("the upload is already finalized");
        }
        if self.expires(limits) <= now {
            return bad("the upload session has expired");
        }
        match (self.part_size, listed) {
            (None, Some(_)) => return bad("the upload has one body and no parts: leave out parts"),
            (Some(_), None) => {
                return bad(
                    "parts is missing: a multipart upload is finalized with the list of all its parts",
                );
            }
            (None, None) if self.parts.is_empty() => {
                return bad("there is no file: upload the bytes to the url of the session first");
            }
            (Some(_), Some(listed)) => self.check_parts(listed, limits)?,
            (None, None) => {}
        }
        let size = self.size();
        match self.new.declared_size_bytes {
            Some(declared) if declared != size => {
                bad(format!("size mismatch: {declared} bytes were declared and {size} uploaded"))
            }
            None if size == 0 => bad("a streaming upload cannot be empty"),
            None if size > limits.max_size => bad(format!("an upload has at most {} bytes", limits.max_size)),
            _ => Ok(self.parts.values().map(|part| part.etag.clone()).collect()),
        }
    }

    fn check_parts(&self, listed: &[(i64, String)], limits: &UploadLimits) -> Result<(), UploadError> {
        if listed.is_empty() {
            return bad("parts is empty");
        }
        let mut before = 0;
        for (at, (number, etag)) in listed.iter().enumerate() {
            if *number <= before {
                return bad("the part numbers must ascend from 1, each once");
            }
            if *number != before + 1 {
                return bad(format!("part {} is missing", before + 1));
            }
            before = *number;
            let Some(part) = u32::try_from(*number).ok().and_then(|number| self.parts.get(&number)) else {
                return bad(format!("part {number} is listed, but was not uploaded"));
            };
            if part.etag != *etag {
                return bad(format!("the ETag of part {number} is not the one that its upload returned"));
            }
            let is_last = at + 1 == listed.len();
            if !is_last && part.bytes.len() < limits.min_part {
                let least = limits.min_part;
                return bad(format!("part {number} has fewer than {least} bytes and is not the last"));
            }
        }
        if !self.is_streaming() && listed.len() != self.last_part(limits) as usize {
            return bad(format!(
                "the upload has {} parts, but {} are listed",
                self.last_part(limits),
                listed.len()
            ));
        }
        if self.parts.len() != listed.len() {
            return bad("a part was uploaded that is not listed");
        }
        Ok(())
    }
}
