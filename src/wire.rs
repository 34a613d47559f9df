//! How services write things in JSON: null for what is missing, bytes as base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use serde::{Deserialize, Deserializer};

/// For `deserialize_with`, together with `default`: null is as good as nothing.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Decodes standard base64, strictly: with its padding, and without anything else.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_strict() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("MTQ3LWMx", "147-c1"), ("w7w/", "ü?")]
        {
            assert_eq!(base64(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in [
            "Z", "Zg", "Zg=", "Zm9v=", "====", "Zh==", "Zm9=", "!!!!", "Zm 9", "Zm9v\n", "Zg==Zg==", "Zm-_",
            "üü",
        ] {
            assert_eq!(base64(text), None, "{text}");
        }
    }
}
