//! Uploads: sessions, parts, and the bytes themselves (10.1 of the reference). Knows nothing of HTTP.
//!
//! What the reference leaves open and this decides by itself: what a storage URL looks like, that an ETag is the digest of the
//! part's content, and that an upload of which the load failed can be loaded again.

mod spool;

pub(crate) use spool::{Pool, Spool, SpoolReader};
