//! Uploads as the service tells of them: what becomes of the bytes is the storage's business.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::journal::Taken;
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::SourceFormat;
use crate::hotdata::storage::{Claim, Finalized, NewUpload, Session, Shape, UploadError};

use super::{Space, room};

/// The most sessions that are begun at a time. The real limit is not documented.
const MAX_BATCH: usize = 100;
/// The most parts whose addresses are given at a time. The real limit is not documented.
const MAX_MINTED: usize = 1000;

/// An upload of this workspace.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Known {
    pub(super) id: String,
    content_encoding: Option<String>,
    /// It came without a session.
    is_file: bool,
}

impl From<UploadError> for Refusal {
    fn from(error: UploadError) -> Self {
        Self::new(error.status, error.code, error.message)
    }
}

/// An upload, and where its bytes come from.
#[derive(Debug)]
pub(super) struct Uploaded {
    claim: Claim,
    content_encoding: Option<String>,
}

impl Uploaded {
    /// From the beginning, with the encoding taken off.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self.content_encoding.as_deref() {
            None | Some("" | "identity") => Ok(Box::new(self.claim.open())),
            Some("gzip") => Ok(Box::new(flate2::read::MultiGzDecoder::new(self.claim.open()))),
            Some(_) => {
                Err(io::Error::other("the only content_encoding that the emulator can decode is gzip"))
            }
        }
    }

    /// Its format: as it was named, else by its content type and its first bytes.
    pub(super) fn format(&self, named: Option<&str>) -> Result<SourceFormat, Refusal> {
        let mut first = [0; 4096];
        let read = self.open().and_then(|mut bytes| bytes.read(&mut first));
        let read = read.map_err(|e| Refusal::bad(format!("the upload cannot be read: {e}")))?;
        Ok(match named {
            Some(format) => SourceFormat::parse(format)?,
            None => SourceFormat::detect(self.claim.upload().content_type.as_deref(), &first[..read])?,
        })
    }

    /// A load has taken it.
    pub(super) fn consume(self) {
        self.claim.consume();
    }
}

impl Space {
    fn no_presign(&self) -> Result<(), Refusal> {
        if self.common.behaviour().presign {
            return Ok(());
        }
        Err(Refusal::new(
            501,
            "PRESIGN_UNSUPPORTED",
            "the storage does not sign URLs, because the setting presign of the emulator is off",
        ))
    }

    /// Refuses an upload of another workspace, as if it were not there.
    fn known(&self, id: &str) -> Result<&Known, Refusal> {
        self.known.iter().find(|one| one.id == id).ok_or_else(|| Refusal::missing("upload", id))
    }

    fn wanted(&self, fields: &Fields) -> Result<NewUpload, Refusal> {
        if fields.value("declared_size_bytes").is_some_and(Value::is_null) {
            return Err(Refusal::bad("declared_size_bytes is null: leave it out for a streaming upload"));
        }
        let told = self.common.behaviour().part_size;
        let (checksum_algo, checksum_value) = (fields.text("checksum_algo")?, fields.text("checksum_value")?);
        if checksum_algo.is_some() != checksum_value.is_some() {
            return Err(Refusal::bad("give both checksum_algo and checksum_value, or neither"));
        }
        Ok(NewUpload {
            declared_size_bytes: fields.number("declared_size_bytes")?,
            part_size: told.or(fields.number("part_size")?),
            filename: fields.text("filename")?,
            content_type: fields.text("content_type")?,
            content_encoding: fields.text("content_encoding")?,
            checksum_algo,
            checksum_value,
        })
    }

    /// Begins sessions, all or none, in order. `base`: how the client called this server.
    fn begin(
        &mut self,
        operation: &'static str,
        base: &str,
        wanted: Vec<NewUpload>,
    ) -> Result<Vec<Value>, Refusal> {
        self.no_presign()?;
        room(&self.known, "uploads")?;
        let new = |one: NewUpload| (self.common.id("upld"), self.common.letters(40), one);
        let wanted: Vec<_> = wanted.into_iter().map(new).collect();
        let known = wanted.iter().map(|(id, _, one)| Known {
            id: id.clone(),
            content_encoding: one.content_encoding.clone(),
            is_file: false,
        });
        let known: Vec<Known> = known.collect();
        let sessions = self.uploads.create(wanted, self.common.now())?;
        for one in &known {
            self.note(operation, &one.id);
        }
        self.known.extend(known);
        Ok(sessions.iter().map(|session| shown(base, session)).collect())
    }

    pub(in super::super) fn create_upload(&mut self, base: &str, fields: &Fields) -> Result<Value, Refusal> {
        self.no_presign()?;
        let wanted = vec![self.wanted(fields)?];
        let mut sessions = self.begin("create_upload_session_handler", base, wanted)?;
        sessions.pop().ok_or_else(|| Refusal::bad("there is no upload"))
    }

    pub(in super::super) fn create_uploads(&mut self, base: &str, fields: &Fields) -> Result<Value, Refusal> {
        self.no_presign()?;
        let wanted = fields.objects("uploads")?;
        if wanted.is_empty() || wanted.len() > MAX_BATCH {
            return Err(Refusal::bad(format!("uploads must have 1 to {MAX_BATCH} entries")));
        }
        let wanted = wanted.iter().map(|fields| self.wanted(fields)).collect::<Result<_, _>>()?;
        let sessions = self.begin("create_upload_sessions_batch_handler", base, wanted)?;
        Ok(json!({ "uploads": sessions }))
    }

    pub(in super::super) fn mint(
        &mut self,
        base: &str,
        id: &str,
        token: Option<&str>,
        fields: &Fields,
    ) -> Result<Value, Refusal> {
        self.no_presign()?;
        self.known(id)?;
        let numbers = fields.given("part_numbers").and_then(Value::as_array);
        let numbers = numbers.and_then(|list| list.iter().map(Value::as_i64).collect::<Option<Vec<i64>>>());
        let numbers = numbers.ok_or_else(|| Refusal::bad("part_numbers is not a list of whole numbers"))?;
        if numbers.len() > MAX_MINTED {
            return Err(Refusal::bad(format!("part_numbers has more than {MAX_MINTED} numbers")));
        }
        let minted = self.uploads.mint(id, token.unwrap_or_default(), &numbers, self.common.now())?;
        let parts = minted.into_iter();
        let parts: Vec<Value> = parts
            .map(|(part, path)| json!({ "part_number": part, "url": format!("{base}{path}") }))
            .collect();
        self.note("mint_upload_parts_handler", id);
        Ok(json!({ "parts": parts }))
    }

    pub(in super::super) fn finalize(
        &mut self,
        id: &str,
        token: Option<&str>,
        fields: &Fields,
    ) -> Result<Value, Refusal> {
        self.known(id)?;
        if fields.value("parts").is_some_and(Value::is_null) {
            return Err(Refusal::bad("parts is null: leave it out for an upload without parts"));
        }
        let read = |one: Fields| -> Result<(i64, String), Refusal> {
            let number = one.number("part_number")?.and_then(|number| i64::try_from(number).ok());
            let number = number.ok_or_else(|| Refusal::bad("parts: an entry has no part_number"))?;
            Ok((number, one.needed("e_tag")?))
        };
        let parts = match fields.value("parts") {
            None => None,
            Some(_) => {
                let parts = fields.objects("parts")?;
                Some(parts.into_iter().map(read).collect::<Result<Vec<_>, _>>()?)
            }
        };
        let token = token.unwrap_or_default();
        let done = self.uploads.finalize(id, token, parts.as_deref(), self.common.now())?;
        self.note_with(Taken {
            operation: "finalize_upload_handler",
            id: id.to_owned(),
            bytes: Some(done.size_bytes),
            ..Taken::default()
        });
        Ok(finalized("upload_id", &done))
    }

    /// Bytes have come without a session, as there was once.
    pub(in super::super) fn file_has_come(&mut self, id: &str) -> Result<Value, Refusal> {
        room(&self.known, "uploads")?;
        let done = self.uploads.get(id, self.common.now()).ok_or_else(|| Refusal::missing("upload", id))?;
        self.known.push(Known { id: id.to_owned(), content_encoding: None, is_file: true });
        self.note_with(Taken {
            operation: "upload_file",
            id: id.to_owned(),
            bytes: Some(done.size_bytes),
            ..Taken::default()
        });
        Ok(file(&done, true))
    }

    /// By id.
    pub(in super::super) fn list_files(&self, status: Option<&str>) -> Value {
        let all = self.uploads.all(self.common.now());
        let shown = all.iter().filter_map(|one| {
            let shown = file(one, self.known(&one.upload_id).ok()?.is_file);
            status.is_none_or(|status| shown["status"] == status).then_some(shown)
        });
        json!({ "uploads": shown.collect::<Vec<_>>() })
    }

    /// An upload that a load had for itself when the state was written.
    pub(super) fn claim_again(&self, id: &str) -> Result<Uploaded, Refusal> {
        let content_encoding = self.known(id)?.content_encoding.clone();
        let claim = self.uploads.claim_again(id).ok_or_else(|| Refusal::missing("upload", id))?;
        Ok(Uploaded { claim, content_encoding })
    }

    /// An upload for a load alone.
    pub(super) fn claim(&self, id: &str) -> Result<Uploaded, Refusal> {
        let content_encoding = self.known(id)?.content_encoding.clone();
        let claim = self.uploads.claim(id, self.common.now())?;
        Ok(Uploaded { claim, content_encoding })
    }
}

fn shown(base: &str, session: &Session) -> Value {
    let mut shown = json!({
        "upload_id": session.upload_id,
        "finalize_token": session.finalize_token,
        "headers": {},
    });
    let url = |path: &String| json!(format!("{base}{path}"));
    match &session.shape {
        Shape::Single { path } => {
            shown["mode"] = json!("single");
            shown["url"] = url(path);
        }
        Shape::Parts { part_size, paths } => {
            shown["mode"] = json!("multipart");
            shown["part_size"] = json!(part_size);
            shown["part_urls"] = paths.iter().map(url).collect();
        }
        Shape::Streaming { part_size } => {
            shown["mode"] = json!("multipart");
            shown["part_size"] = json!(part_size);
        }
    }
    shown
}

/// An upload as the older surface shows it: one that came without a session is `pending` until it is loaded.
fn file(done: &Finalized, is_file: bool) -> Value {
    let mut shown = finalized("id", done);
    if is_file && done.status == "ready" {
        shown["status"] = json!("pending");
    }
    shown
}

/// An upload that is whole. `id`: what its id is called, once `id` and now `upload_id`.
fn finalized(id: &str, done: &Finalized) -> Value {
    json!({
        id: done.upload_id,
        "size_bytes": done.size_bytes,
        "status": done.status,
        "content_type": done.content_type,
        "created_at": time(done.created_at),
    })
}
