//! Storage URLs that cannot be guessed, and digests as text.

use ring::digest::Digest;
use ring::hmac;

/// Where storage lies on the server.
pub(super) const BASE: &str = "/storage/";

/// Signs paths.
#[derive(Debug)]
pub(super) struct Signer(hmac::Key);

impl Signer {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Path and query under which a part may be put until then; part 0 is the whole.
    pub(super) fn path(&self, upload: &str, part: u32, until: i64) -> String {
        let signature = hmac::sign(&self.0, text(upload, part, until).as_bytes());
        format!("{BASE}{upload}/{part}?expires={until}&signature={}", hex(signature.as_ref()))
    }

    /// What a path and its query are for, and until when; none if they were not signed here.
    pub(super) fn read<'a>(&self, path: &'a str, query: &str) -> Option<(&'a str, u32, i64)> {
        let (upload, part) = path.strip_prefix(BASE)?.split_once('/')?;
        let (mut until, mut signature) = (None, None);
        for pair in query.split('&') {
            match pair.split_once('=')? {
                ("expires", value) => until = value.parse().ok(),
                ("signature", value) => signature = unhex(value),
                _ => return None,
            }
        }
        let (part, until) = (part.parse().ok()?, until?);
        hmac::verify(&self.0, text(upload, part, until).as_bytes(), &signature?).ok()?;
        Some((upload, part, until))
    }
}

fn text(upload: &str, part: u32, until: i64) -> String {
    format!("{upload}/{part}/{until}")
}

/// Bytes as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// Whether a text is this digest, as hexadecimal digits or as Base64: the vendor's documents do not say which.
pub(super) fn is_digest(text: &str, digest: &Digest) -> bool {
    text.eq_ignore_ascii_case(&hex(digest.as_ref())) || text == base64(digest.as_ref())
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_is_read() {
        let signer = Signer::new(b"one");
        let url = signer.path("upld1", 7, 1_000);
        let (path, query) = url.split_once('?').unwrap();
        assert_eq!(signer.read(path, query), Some(("upld1", 7, 1_000)));
        assert_eq!(Signer::new(b"two").read(path, query), None);
        assert_eq!(signer.read("/storage/upld1/8", query), None);
        assert_eq!(signer.read(path, &query.replace("expires=1000", "expires=9000")), None);
        for query in ["", "expires=1000", "expires=1000&signature=", "expires=x&signature=00", "signature=0"]
        {
            assert_eq!(signer.read(path, query), None, "{query}");
        }
    }

    #[test]
    fn digests_are_known_in_both_writings() {
        let digest = ring::digest::digest(&ring::digest::SHA256, b"");
        assert!(is_digest("E3B0C44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", &digest));
        assert!(is_digest("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", &digest));
        assert!(!is_digest("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", &digest));
    }
}
