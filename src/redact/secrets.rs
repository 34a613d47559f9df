//! The secrets of a client, and the texts that they are looked for in.

use std::fmt;
use std::sync::OnceLock;

use secrecy::{ExposeSecret, SecretString};

use super::mask::Forms;

/// The secrets that a client keeps for as long as it lives, to mask them in all that it receives.
///
/// The forms in which a secret is looked for take longer to make than most texts take to search, so they are kept.
#[derive(Default)]
pub(crate) struct Secrets {
    list: Vec<SecretString>,
    forms: OnceLock<Forms>,
}

impl From<Vec<SecretString>> for Secrets {
    fn from(list: Vec<SecretString>) -> Self {
        Self { list, forms: OnceLock::new() }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Returns the secrets.
    pub(crate) fn list(&self) -> &[SecretString] {
        &self.list
    }

    /// Returns the text with these secrets masked, in any form that [`masked`](super::masked) knows.
    pub(crate) fn mask(&self, text: &str) -> String {
        let forms = || Forms::of(self.list.iter().map(ExposeSecret::expose_secret));
        self.forms.get_or_init(forms).mask(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_each_text_and_not_shown() {
        let secrets = Secrets::from(vec!["hunter2-hunter3".into(), "hunter2-".into()]);
        for _ in 0..2 {
            assert_eq!(secrets.mask("a hunter2-hunter3, b hunter2-"), "a [redacted], b [redacted]");
        }
        assert!(!format!("{secrets:?}").contains("hunter"));
        assert_eq!(Secrets::default().mask("hunter2-hunter3"), "hunter2-hunter3");
    }
}
