//! gzip (RFC 1952) within a limit.

use super::inflate::{Fault, inflate};

/// Returns `None` if there is more than the limit. Never holds more than the limit.
pub(super) fn gunzipped(compressed: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    let (mut rest, mut body) = (compressed, Vec::new());
    while !rest.is_empty() {
        match member(rest, &mut body, limit) {
            Ok(length) => rest = &rest[length..],
            Err(Fault::TooLarge) => return Ok(None),
            Err(Fault::Short) => return Err("it ends too early".to_owned()),
            Err(Fault::Invalid(why)) => return Err(why.to_owned()),
        }
    }
    Ok(Some(body))
}

/// Appends the contents of the first member, and returns the number of its bytes.
fn member(bytes: &[u8], body: &mut Vec<u8>, limit: usize) -> Result<usize, Fault> {
    const CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    let short = |length: usize| bytes.get(..length).ok_or(Fault::Short).map(|_| length);
    let mut at = short(10)?;
    if bytes[..2] != super::MAGIC[..2] {
        return Err(Fault::Invalid("it does not begin as gzip does"));
    }
    if bytes[2] != super::MAGIC[2] {
        return Err(Fault::Invalid("the method of compression is unknown"));
    }
    let flags = bytes[3];
    if flags & EXTRA != 0 {
        short(at + 2)?;
        at = short(at + 2 + usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]])))?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let length = bytes[at..].iter().position(|byte| *byte == 0).ok_or(Fault::Short)?;
            at += length + 1;
        }
    }
    if flags & CHECKSUM != 0 {
        at = short(at + 2)?;
    }
    let start = body.len();
    at += inflate(&bytes[at..], body, limit)?;
    let trailer = bytes.get(at..at + 8).ok_or(Fault::Short)?;
    let (checksum, length) = trailer.split_at(4);
    let contents = &body[start..];
    if checksum != crc32(contents).to_le_bytes() {
        return Err(Fault::Invalid("the checksum is wrong"));
    }
    // The length is kept modulo 2^32.
    if length != (contents.len() as u32).to_le_bytes() {
        return Err(Fault::Invalid("the length is wrong"));
    }
    Ok(at + 8)
}

const CRC_TABLE: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut value = i as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ value >> 1 } else { value >> 1 };
            bit += 1;
        }
        table[i] = value;
        i += 1;
    }
    table
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}
