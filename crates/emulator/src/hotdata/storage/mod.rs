//! Uploads: sessions, parts, and the bytes themselves. Knows nothing of HTTP.
//!
//! What the vendor's documents leave open and this decides by itself: what a storage URL looks like, what
//! storage says when it refuses, that an ETag is the digest of the part's content, and that an upload of
//! which the load failed can be loaded again.
//!
//! Times are microseconds since 1970, by whatever clock the caller has.

mod finalize;
mod put;
mod sign;
mod spool;
mod uploads;

pub(crate) use put::Put;
pub(crate) use spool::{Pool, Spool};
pub(crate) use uploads::{
    Claim, Finalized, KeptUploads, NewUpload, Session, Shape, UploadError, UploadLimits, Uploads,
};

#[cfg(test)]
mod tests;
