//! How services write things in JSON: null for what is missing, bytes as base64, large integers as text.

use serde::{Deserialize, Deserializer};

/// For `deserialize_with`, together with `default`: null is as good as nothing.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Standard base64, strictly: nothing that is not of the alphabet, padding where it belongs, no bits left over.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    if text.len() % 4 != 0 {
        return None;
    }
    let digits = text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text);
    let (mut bytes, mut bits, mut width) = (Vec::with_capacity(digits.len() / 4 * 3), 0_u32, 0);
    for c in digits.bytes() {
        bits = bits << 6 | u32::from(value(c)?);
        width += 6;
        if width >= 8 {
            width -= 8;
            bytes.push(u8::try_from(bits >> width & 0xff).ok()?);
            bits &= (1 << width) - 1;
        }
    }
    (bits == 0).then_some(bytes)
}

/// The same the other way.
#[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| bits << 8 | u32::from(group.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * i) & 63).unwrap_or_default();
            text.push(if i <= group.len() { char::from(ALPHABET[digit]) } else { '=' });
        }
    }
    text
}

/// An integer that may come as a number or as text; nothing and null are `None`.
#[cfg(feature = "h2o-workflows")]
pub(crate) fn integer<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr + Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Number(T),
        Text(String),
    }
    match Option::<Either<T>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Either::Number(number)) => Ok(Some(number)),
        Some(Either::Text(text)) => {
            text.parse().map(Some).map_err(|_| serde::de::Error::custom("an integer in text is not one"))
        }
    }
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

    #[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
    #[test]
    fn base64_there_and_back() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", &[0, 255, 128, 7]] {
            assert_eq!(base64(&to_base64(bytes)).as_deref(), Some(bytes));
        }
    }
}
