//! How services write things in JSON: null for what is missing, bytes as base64, and text that no parser
//! accepts.

#[cfg(base64_fields)]
use base64::Engine;
#[cfg(base64_fields)]
use base64::prelude::BASE64_STANDARD as STANDARD;
#[cfg(models)]
use serde::{Deserialize, Deserializer};

/// For `deserialize_with`, together with `default`: null is as good as nothing.
#[cfg(models)]
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// The byte order mark of UTF-8, which some servers and proxies put in front of JSON.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Makes JSON readable that differs from the standard in what carries no meaning: a byte order mark and white
/// space or NUL around it are removed, and half of a surrogate pair becomes U+FFFD.
pub(crate) fn clean(json: &mut Vec<u8>) {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let end = json.iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1);
    json.truncate(end);
    let marks = if json.starts_with(BOM) { BOM.len() } else { 0 };
    let start = marks + json.iter().skip(marks).take_while(|byte| is_space(byte)).count();
    json.drain(..start);
    if std::str::from_utf8(json).is_err() {
        replace_encoded_halves(json);
    }
    replace_half_pairs(json);
}

/// Replaces surrogates that were encoded as if they were characters. Other bytes that are not UTF-8 stay an
/// error.
fn replace_encoded_halves(json: &mut [u8]) {
    for at in 0..json.len().saturating_sub(2) {
        if matches!(json[at..at + 3], [0xed, 0xa0..=0xbf, 0x80..=0xbf]) {
            json[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Replaces escapes of half a surrogate pair by the escape of U+FFFD, which is as long.
fn replace_half_pairs(json: &mut [u8]) {
    let mut at = 0;
    while let Some(next) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        match escaped_unit(&json[at..]) {
            Some(0xd800..=0xdbff) if matches!(escaped_unit(&json[at + 6..]), Some(0xdc00..=0xdfff)) => {
                at += 12
            }
            Some(0xd800..=0xdfff) => {
                json[at + 2..at + 6].copy_from_slice(b"FFFD");
                at += 6;
            }
            // The escaped character may be a backslash too.
            _ => at = (at + 2).min(json.len()),
        }
    }
}

/// Returns the value of an escape `\uXXXX` at the beginning.
fn escaped_unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u16::from_str_radix(digits, 16).ok()
}

/// Decodes standard base64, strictly: with its padding, and without anything else.
#[cfg(base64_fields)]
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(json: &[u8]) -> String {
        let mut json = json.to_vec();
        clean(&mut json);
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn what_surrounds_json_is_removed() {
        for json in [&b"{}"[..], b"\xef\xbb\xbf{}", b"\xef\xbb\xbf\r\n{} \x0c\n\0\0", b" \0{}"] {
            assert_eq!(cleaned(json), "{}", "{json:?}");
        }
        for empty in [&b""[..], b"\xef\xbb\xbf", b" \0"] {
            assert_eq!(cleaned(empty), "", "{empty:?}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        for (json, expected) in [
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83dx\uDE00y""#, "\u{fffd}x\u{fffd}y"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\\ud83d""#, r"\ud83d"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
            (r#""\"\udc00\"""#, "\"\u{fffd}\""),
        ] {
            let read: String = serde_json::from_str(&cleaned(json.as_bytes())).unwrap();
            assert_eq!(read, expected, "{json}");
        }
        for cut in [r#""\"#, r#""\u"#, r#""\ud8"#, r#""\ud83d"#, r#""\ud83d\"#] {
            cleaned(cut.as_bytes());
        }
        assert_eq!(cleaned(b"\"\xed\xa0\x80\""), "\"\u{fffd}\"");
        let mut latin = b"\"\xff\"".to_vec();
        clean(&mut latin);
        assert_eq!(latin, b"\"\xff\"");
    }

    #[cfg(base64_fields)]
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
