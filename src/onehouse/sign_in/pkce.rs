//! Proof key for code exchange (RFC 7636), by S256 alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind};

/// The secret that proves that the program which redeems a code is the one that asked for it.
pub(super) struct Verifier(SecretString);

impl Verifier {
    /// 43 characters.
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self(random(32)?.into()))
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.0
    }

    /// The hash that goes through the browser in place of the verifier.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.expose_secret().as_bytes()))
    }
}

/// So many random bytes as base64url without padding.
pub(super) fn random(bytes: usize) -> Result<String, Error> {
    let mut buffer = vec![0; bytes];
    SystemRandom::new().fill(&mut buffer).map_err(|_| {
        Error::new(ErrorKind::Transport, "signing in to Onehouse", "the system has no random numbers")
    })?;
    Ok(URL_SAFE_NO_PAD.encode(buffer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        // Appendix B of the RFC.
        let verifier = Verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn verifiers_differ_and_have_43_characters() {
        let (one, other) = (Verifier::new().unwrap(), Verifier::new().unwrap());
        assert_eq!(one.secret().expose_secret().len(), 43);
        assert_ne!(one.secret().expose_secret(), other.secret().expose_secret());
        assert_eq!(random(16).unwrap().len(), 22);
    }
}
