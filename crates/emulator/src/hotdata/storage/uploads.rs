//! Upload sessions: begun, filled, finalized, loaded once.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard};

use ring::digest::{Context, Digest, SHA256};

use serde::{Deserialize, Serialize, Serializer};

use crate::server::lock;

use super::sign::Signer;
use super::spool::{Pool, Spool, SpoolReader, kept_spool};

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;
const SECOND: i64 = 1_000_000;
/// The most uploads that are kept.
const MAX_UPLOADS: usize = 10_000;

/// What can be chosen about uploads. The defaults are those of Hotdata's Python SDK 0.12.0, but for
/// `single_up_to`, of which it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadLimits {
    /// Up to this declared size an upload is a single body. 8 MiB.
    pub(crate) single_up_to: u64,
    /// The smallest part but the last. 5 MiB.
    pub(crate) min_part: u64,
    /// The largest part. 5 GiB.
    pub(crate) max_part: u64,
    /// The size of parts if no other is asked for. 8 MiB.
    pub(crate) part_size: u64,
    /// The most parts. 10,000.
    pub(crate) max_parts: u32,
    /// The largest upload. 16 GiB.
    pub(crate) max_size: u64,
    /// How long a storage URL is good for, in microseconds. 30 minutes.
    pub(crate) url_life: i64,
    /// How long a session waits to be finalized. 24 hours.
    pub(crate) session_life: i64,
    /// How long a finalized upload waits to be loaded. 7 days.
    pub(crate) upload_life: i64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            single_up_to: 8 * MIB,
            min_part: 5 * MIB,
            max_part: 5 * GIB,
            part_size: 8 * MIB,
            max_parts: 10_000,
            max_size: 16 * GIB,
            url_life: 30 * 60 * SECOND,
            session_life: 24 * 3600 * SECOND,
            upload_life: 7 * 24 * 3600 * SECOND,
        }
    }
}

/// Why something about an upload is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadError {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The code, of the service or of storage.
    pub(crate) code: &'static str,
    /// The reason, for a person.
    pub(crate) message: String,
}

impl UploadError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

pub(super) fn bad<T>(message: impl Into<String>) -> Result<T, UploadError> {
    Err(UploadError::new(400, "BAD_REQUEST", message))
}

/// What `CreateUploadRequest` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUpload {
    /// The size; none for an upload that is sent as it comes.
    pub(crate) declared_size_bytes: Option<u64>,
    /// The size of parts that is wished for.
    pub(crate) part_size: Option<u64>,
    /// The name of the file.
    pub(crate) filename: Option<String>,
    /// What it is.
    pub(crate) content_type: Option<String>,
    /// How it is packed.
    pub(crate) content_encoding: Option<String>,
    /// Which digest `checksum_value` is.
    pub(crate) checksum_algo: Option<String>,
    /// The digest.
    pub(crate) checksum_value: Option<String>,
}

/// How the bytes are to come. Paths have a query; they are relative to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One body.
    Single {
        /// Where to.
        path: String,
    },
    /// Parts of a known size.
    Parts {
        /// The size of each but the last.
        part_size: u64,
        /// Where to, in order.
        paths: Vec<String>,
    },
    /// Parts as they come; their paths are minted.
    Streaming {
        /// The size of each but the last.
        part_size: u64,
    },
}

/// A session that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// The upload's id.
    pub(crate) upload_id: String,
    /// What finalizing needs.
    pub(crate) finalize_token: String,
    /// How the bytes are to come.
    pub(crate) shape: Shape,
}

/// An upload that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finalized {
    /// The upload's id.
    pub(crate) upload_id: String,
    /// How many bytes it has.
    pub(crate) size_bytes: u64,
    /// What it is, as its session said.
    pub(crate) content_type: Option<String>,
    /// When its session was begun.
    pub(crate) created_at: i64,
    /// `ready`, `processing` while it is loaded, `consumed` after that. The first is seen in the wild, the
    /// others are ours.
    pub(crate) status: &'static str,
}

/// All uploads. Clones are the same uploads.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    pub(super) shared: Arc<Shared>,
}

/// The uploads as a document holds them.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeptUploads(BTreeMap<String, Upload>);

impl Serialize for Uploads {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        self.uploads().serialize(to)
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) limits: UploadLimits,
    pub(super) signer: Signer,
    pub(super) pool: Arc<Pool>,
    pub(super) uploads: Mutex<BTreeMap<String, Upload>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upload {
    pub(super) new: NewUpload,
    pub(super) token: String,
    pub(super) created_at: i64,
    /// None for a single body.
    pub(super) part_size: Option<u64>,
    pub(super) parts: BTreeMap<u32, Part>,
    pub(super) phase: Phase,
}

/// The bytes of one part.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    #[serde(with = "kept_spool")]
    pub(super) bytes: Arc<Spool>,
    pub(super) etag: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Open,
    Ready { since: i64 },
    Claimed { since: i64 },
    Consumed { since: i64 },
}

impl Upload {
    pub(super) fn size(&self) -> u64 {
        self.parts.values().map(|part| part.bytes.len()).sum()
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.new.declared_size_bytes.is_none()
    }

    pub(super) fn expires(&self, limits: &UploadLimits) -> i64 {
        match self.phase {
            Phase::Open => self.created_at.saturating_add(limits.session_life),
            Phase::Ready { since } | Phase::Consumed { since } => since.saturating_add(limits.upload_life),
            Phase::Claimed { .. } => i64::MAX,
        }
    }

    /// The highest number a part can have; 0: there is one body and no parts.
    pub(super) fn last_part(&self, limits: &UploadLimits) -> u32 {
        match (self.part_size, self.new.declared_size_bytes) {
            (None, _) => 0,
            (Some(_), None) => limits.max_parts,
            (Some(size), Some(total)) => u32::try_from(total.div_ceil(size).max(1)).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn facts(&self, id: &str) -> Finalized {
        Finalized {
            upload_id: id.to_owned(),
            size_bytes: self.size(),
            content_type: self.new.content_type.clone(),
            created_at: self.created_at,
            status: match self.phase {
                Phase::Open => "pending",
                Phase::Ready { .. } => "ready",
                Phase::Claimed { .. } => "processing",
                Phase::Consumed { .. } => "consumed",
            },
        }
    }

    pub(super) fn stream(&self) -> SpoolReader {
        SpoolReader::new(self.parts.values().map(|part| Arc::clone(&part.bytes)).collect())
    }
}

impl Uploads {
    /// None yet. Bytes are kept in `pool`; `secret` makes the URLs unlike those of another emulator.
    pub(crate) fn new(limits: UploadLimits, pool: &Arc<Pool>, secret: &[u8]) -> Self {
        let shared =
            Shared { limits, signer: Signer::new(secret), pool: Arc::clone(pool), uploads: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Those of no emulator.
    pub(crate) fn of_nothing() -> Self {
        Self::new(UploadLimits::default(), &Pool::new(0), b"")
    }

    /// Takes over all uploads of a state. An error says which of them no session can have, and why.
    pub(crate) fn restore(&self, kept: KeptUploads) -> Result<(), String> {
        if kept.0.len() > MAX_UPLOADS {
            return Err(format!(": there are more than {MAX_UPLOADS} uploads"));
        }
        for (id, upload) in &kept.0 {
            let last = upload.last_part(&self.shared.limits);
            let fits = |part: &u32| (*part == 0) == (last == 0) && *part <= self.shared.limits.max_parts;
            if upload.part_size == Some(0) || !upload.parts.keys().all(fits) {
                return Err(format!(
                    "/{}: the numbers of its parts do not fit its part_size",
                    crate::text::one_line(id, 60)
                ));
            }
        }
        *self.uploads() = kept.0;
        Ok(())
    }

    /// The ids of those that loads have for themselves.
    pub(crate) fn claimed(&self) -> Vec<String> {
        let uploads = self.uploads();
        let claimed = |(_, upload): &(&String, &Upload)| matches!(upload.phase, Phase::Claimed { .. });
        uploads.iter().filter(claimed).map(|(id, _)| id.clone()).collect()
    }

    /// The claim of a load that has the upload for itself; none if no load has.
    pub(crate) fn claim_again(&self, id: &str) -> Option<Claim> {
        let uploads = self.uploads();
        let upload = uploads.get(id)?;
        let Phase::Claimed { since } = upload.phase else { return None };
        let spools = upload.parts.values().map(|part| Arc::clone(&part.bytes)).collect();
        let facts = upload.facts(id);
        Some(Claim { shared: Arc::clone(&self.shared), facts, since, spools, is_consumed: false })
    }

    /// Forgets an upload with all its bytes.
    pub(crate) fn forget(&self, id: &str) {
        self.uploads().remove(id);
    }

    /// Refuses more uploads than are kept. Those that have expired are forgotten.
    pub(super) fn room(
        &self,
        uploads: &mut BTreeMap<String, Upload>,
        more: usize,
        now: i64,
    ) -> Result<(), UploadError> {
        uploads.retain(|_, upload| upload.expires(&self.shared.limits) > now);
        if uploads.len() + more > MAX_UPLOADS {
            let why = format!("the emulator keeps at most {MAX_UPLOADS} uploads: reset the emulator");
            return Err(UploadError::new(503, "RESOURCE_EXHAUSTED", why));
        }
        Ok(())
    }

    pub(super) fn uploads(&self) -> MutexGuard<'_, BTreeMap<String, Upload>> {
        lock(&self.shared.uploads)
    }

    /// Begins sessions, all or none, in order. Each comes with its id and its finalize token.
    ///
    /// # Errors
    ///
    /// 400 for a size beyond the limit or a checksum of another kind than SHA-256; 503 if too many uploads
    /// are kept.
    pub(crate) fn create(
        &self,
        wanted: Vec<(String, String, NewUpload)>,
        now: i64,
    ) -> Result<Vec<Session>, UploadError> {
        for (_, _, new) in &wanted {
            self.check(new)?;
        }
        let mut uploads = self.uploads();
        self.room(&mut uploads, wanted.len(), now)?;
        let mut sessions = Vec::with_capacity(wanted.len());
        for (upload_id, finalize_token, new) in wanted {
            let shape = self.shape(&upload_id, &new, now);
            let part_size = match shape {
                Shape::Single { .. } => None,
                Shape::Parts { part_size, .. } | Shape::Streaming { part_size } => Some(part_size),
            };
            let upload = Upload {
                new,
                token: finalize_token.clone(),
                created_at: now,
                part_size,
                parts: BTreeMap::new(),
                phase: Phase::Open,
            };
            uploads.insert(upload_id.clone(), upload);
            sessions.push(Session { upload_id, finalize_token, shape });
        }
        Ok(sessions)
    }

    fn check(&self, new: &NewUpload) -> Result<(), UploadError> {
        let most = self.shared.limits.max_size;
        if new.declared_size_bytes.is_some_and(|size| size > most) {
            return bad(format!("declared_size_bytes is larger than the limit of {most} bytes"));
        }
        match (&new.checksum_algo, &new.checksum_value) {
            (Some(algo), _) if algo != "sha256" => bad("checksum_algo must be sha256"),
            (None, Some(_)) => bad("checksum_value needs checksum_algo"),
            _ => Ok(()),
        }
    }

    fn shape(&self, id: &str, new: &NewUpload, now: i64) -> Shape {
        let limits = &self.shared.limits;
        let declared = new.declared_size_bytes;
        if declared.is_some_and(|size| size <= limits.single_up_to) {
            return Shape::Single { path: self.path(id, 0, now) };
        }
        // What is wished for, within bounds; more if the parts would be too many.
        let least = declared.map_or(0, |size| size.div_ceil(u64::from(limits.max_parts.max(1))));
        let part_size = new.part_size.unwrap_or(limits.part_size).max(limits.min_part).min(limits.max_part);
        let part_size = part_size.max(least).max(1);
        match declared {
            None => Shape::Streaming { part_size },
            Some(size) => {
                let count = u32::try_from(size.div_ceil(part_size)).unwrap_or(limits.max_parts).max(1);
                Shape::Parts { part_size, paths: (1..=count).map(|part| self.path(id, part, now)).collect() }
            }
        }
    }

    fn path(&self, id: &str, part: u32, now: i64) -> String {
        self.shared.signer.path(id, part, now.saturating_add(self.shared.limits.url_life))
    }

    /// Paths for parts, ascending.
    ///
    /// # Errors
    ///
    /// 404 for an unknown upload; 400 for a wrong token, a single body, an upload that is finalized or
    /// expired, no numbers, a number twice, or one that no part can have.
    pub(crate) fn mint(
        &self,
        id: &str,
        token: &str,
        numbers: &[i64],
        now: i64,
    ) -> Result<Vec<(u32, String)>, UploadError> {
        let limits = &self.shared.limits;
        let uploads = self.uploads();
        let upload = admit(&uploads, id, token)?;
        if upload.phase != Phase::Open || upload.expires(limits) <= now {
            return bad("the upload is finalized or has expired: it takes no more parts");
        }
        let last = upload.last_part(limits);
        if last == 0 {
            return bad("the upload is not multipart: it has one body and no parts");
        }
        if numbers.is_empty() {
            return bad("part_numbers is empty");
        }
        let mut parts = Vec::with_capacity(numbers.len().min(10_000));
        for number in numbers {
            match u32::try_from(*number) {
                Ok(part) if (1..=last).contains(&part) => parts.push(part),
                _ => return bad(format!("there is no part {number}: parts are from 1 to {last}")),
            }
        }
        parts.sort_unstable();
        if parts.windows(2).any(|two| two[0] == two[1]) {
            return bad("part_numbers has a number twice");
        }
        Ok(parts.into_iter().map(|part| (part, self.path(id, part, now))).collect())
    }

    /// What is known of an upload, finalized or not.
    pub(crate) fn get(&self, id: &str, now: i64) -> Option<Finalized> {
        let uploads = self.uploads();
        let upload = uploads.get(id).filter(|upload| upload.expires(&self.shared.limits) > now)?;
        Some(upload.facts(id))
    }

    /// What is known of all uploads, by id.
    pub(crate) fn all(&self, now: i64) -> Vec<Finalized> {
        let uploads = self.uploads();
        let there = uploads.iter().filter(|(_, upload)| upload.expires(&self.shared.limits) > now);
        there.map(|(id, upload)| upload.facts(id)).collect()
    }

    /// Takes an upload for a load: nobody else can until the claim is dropped, and nobody ever after
    /// [`consume`](Claim::consume).
    ///
    /// # Errors
    ///
    /// 404 for an unknown or expired upload; 409 for one that is not finalized, is being loaded, or was
    /// loaded.
    pub(crate) fn claim(&self, id: &str, now: i64) -> Result<Claim, UploadError> {
        let mut uploads = self.uploads();
        let conflict = |why: &str| Err(UploadError::new(409, "CONFLICT", format!("upload {id} {why}")));
        let upload = match uploads.get_mut(id) {
            Some(upload) if upload.expires(&self.shared.limits) > now => upload,
            _ => return Err(unknown(id)),
        };
        match upload.phase {
            Phase::Open => conflict("is not finalized yet"),
            Phase::Claimed { .. } => conflict("is already in flight in another load"),
            Phase::Consumed { .. } => conflict("has already been consumed by a load"),
            Phase::Ready { since } => {
                upload.phase = Phase::Claimed { since };
                let spools = upload.parts.values().map(|part| Arc::clone(&part.bytes)).collect();
                let facts = upload.facts(id);
                Ok(Claim { shared: Arc::clone(&self.shared), facts, since, spools, is_consumed: false })
            }
        }
    }
}

pub(super) fn unknown(id: &str) -> UploadError {
    UploadError::new(404, "NOT_FOUND", format!("upload {id} not found"))
}

/// The upload, if the token is its own.
pub(super) fn admit<'a>(
    uploads: &'a BTreeMap<String, Upload>,
    id: &str,
    token: &str,
) -> Result<&'a Upload, UploadError> {
    match uploads.get(id) {
        None => Err(unknown(id)),
        Some(upload) if upload.token != token || token.is_empty() => {
            bad("the header X-Upload-Finalize-Token does not have the finalize_token of this upload")
        }
        Some(upload) => Ok(upload),
    }
}

/// An upload that one load has for itself.
#[derive(Debug)]
pub(crate) struct Claim {
    shared: Arc<Shared>,
    facts: Finalized,
    since: i64,
    spools: Vec<Arc<Spool>>,
    is_consumed: bool,
}

impl Claim {
    /// What is known of the upload.
    pub(crate) fn upload(&self) -> &Finalized {
        &self.facts
    }

    /// Its bytes from the beginning, as often as one likes.
    pub(crate) fn open(&self) -> impl Read + Send + use<> {
        SpoolReader::new(self.spools.clone())
    }

    /// It was loaded: nobody can load it again, and its bytes are let go.
    pub(crate) fn consume(mut self) {
        self.is_consumed = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(upload) = lock(&self.shared.uploads).get_mut(&self.facts.upload_id) {
            // Another upload of the same name, after everything was forgotten, is none of our business.
            if upload.phase == (Phase::Claimed { since: self.since }) {
                if self.is_consumed {
                    upload.phase = Phase::Consumed { since: self.since };
                    upload.parts.clear();
                } else {
                    upload.phase = Phase::Ready { since: self.since };
                }
            }
        }
    }
}

/// The SHA-256 of all there is to read.
pub(super) fn digest(mut bytes: impl Read) -> io::Result<Digest> {
    let mut context = Context::new(&SHA256);
    let mut piece = vec![0; 256 * 1024];
    loop {
        match bytes.read(&mut piece)? {
            0 => return Ok(context.finish()),
            read => context.update(&piece[..read]),
        }
    }
}
