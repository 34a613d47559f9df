//! Secrets in the text of a setting: passwords of URLs and of connection strings.

use std::borrow::Cow;
use std::ops::Range;

#[cfg(settings)]
use percent_encoding::percent_decode_str;

#[cfg(settings)]
use super::is_connection_key;
use super::{REDACTED, is_secret_key};

/// Returns the secrets in the value of this key: the whole value if the key names one, and every password in
/// it, also without the encoding of a URL.
#[cfg(settings)]
pub(crate) fn secrets_of(key: &str, value: &str) -> Vec<String> {
    let mut found = Vec::new();
    if is_secret_key(key) {
        found.push(value.to_owned());
    }
    for range in passwords(value, is_connection_key(key)) {
        let password = &value[range];
        found.push(password.to_owned());
        match percent_decode_str(password).decode_utf8() {
            Ok(Cow::Owned(decoded)) if decoded != password => found.push(decoded),
            _ => {}
        }
    }
    found.retain(|secret| !secret.is_empty());
    found
}

/// Returns the text with the passwords of URLs masked.
pub(crate) fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    // From the end, so that the positions stay good.
    for range in passwords(text, false).into_iter().rev() {
        shown.to_mut().replace_range(range, REDACTED);
    }
    shown
}

/// The positions of passwords, in order: that of a user in a URL, and values of secret keys in `key=value`
/// pairs of a URL or a connection string.
pub(crate) fn passwords(text: &str, is_connection: bool) -> Vec<Range<usize>> {
    let begin = text.find("://").map(|at| at + 3);
    if begin.is_none() && !is_connection {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    if let Some((begin, end)) = begin.and_then(|begin| Some((begin, begin + text[begin..].rfind('@')?))) {
        // It may be longer than the password if that has characters that should be encoded.
        if let Some(colon) = text[begin..end].find(':') {
            found.push(begin + colon + 1..end);
        }
    }
    // From the start: an `@` may come later than the pairs, as in `?token=…&user=a@b`.
    let mut at = 0;
    for pair in text.split([';', '&', '?', ',', ' ', '#']) {
        if let Some((key, value)) = pair.split_once('=') {
            // `sig`: the signature of a shared access signature.
            if is_secret_key(key) || key.eq_ignore_ascii_case("sig") {
                let end = at + pair.len();
                let value = end - value.len()..end;
                match found.iter_mut().find(|one| one.start < value.end && value.start < one.end) {
                    Some(one) => *one = one.start.min(value.start)..one.end.max(value.end),
                    None => found.push(value),
                }
            }
        }
        at += pair.len() + 1;
    }
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| range.start);
    found
}

#[cfg(all(test, settings))]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_urls_and_connection_strings_are_found() {
        for (key, value, secrets) in [
            ("uri", "postgres://me:hunter2@h:5432/d", &["hunter2"][..]),
            ("uri", "postgres://me:p%40ss@h", &["p%40ss", "p@ss"]),
            ("uri", "mongodb://a:hunter/4@h", &["hunter/4"]),
            ("uri", "https://h:8443/x", &[]),
            ("uri", "mailto:a@b", &[]),
            ("uri", "https://h/cb?token=hunter2hunter2&user=a@corp.com", &["hunter2hunter2"]),
            ("uri", "jdbc:sqlserver://h;password=pw123456;user=me@srv", &["pw123456"]),
            ("url", "https://h/c?sv=1&sig=abc%3D&x=1", &["abc%3D", "abc="]),
            ("jdbc.url", "jdbc:x://h/d?user=a&password=pw", &["jdbc:x://h/d?user=a&password=pw", "pw"]),
            ("dsn", "host=db password=pw", &["host=db password=pw", "pw"]),
            ("connectionString", "AccountName=a;AccountKey=k==", &["AccountName=a;AccountKey=k==", "k=="]),
            ("note", "host=db password=pw", &[]),
            ("password", "a", &["a"]),
            ("password", "", &[]),
        ] {
            assert_eq!(secrets_of(key, value), secrets, "{key}={value}");
        }
        assert_eq!(
            without_passwords("postgres://me:pw@h/d?token=t&x=p"),
            "postgres://me:[redacted]@h/d?token=[redacted]&x=p"
        );
    }
}
