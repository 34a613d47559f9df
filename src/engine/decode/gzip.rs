//! gzip (RFC 1952) within a limit.

use std::io::{ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

/// Returns `None` if there is more than the limit. Holds at most one byte more than the limit.
pub(super) fn gunzipped(compressed: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    if compressed.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let mut body = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match MultiGzDecoder::new(compressed).take(most).read_to_end(&mut body) {
        Ok(_) if body.len() > limit => Ok(None),
        Ok(_) => Ok(Some(body)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err("it ends too early".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
