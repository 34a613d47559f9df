//! Masks known secrets in text from outside, in the forms in which a server may repeat them.

use secrecy::{ExposeSecret, SecretBox};

use super::REDACTED;

/// Shorter secrets are not masked: they are words and numbers of ordinary text.
pub(crate) const MIN_MASKED: usize = 8;
/// The most backslashes before an escape: a JSON text in a string of a JSON text in a string.
const MAX_BACKSLASHES: usize = 8;
/// The longest escape: `\\\\\\\\u{10ffff}`.
const MAX_ESCAPE: usize = 20;

/// Returns the text with these secrets masked.
///
/// A secret is found as it is, in the escapes of JSON, Rust's `Debug`, URLs and HTML, mixed and nested, and
/// in base64. So is one that is cut off at the end of the text.
pub(crate) fn masked<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    Forms::of(secrets).mask(text)
}

/// The texts that some secrets are looked for in, made once for many texts: see [`masked`].
pub(super) struct Forms {
    /// The longest first, because one may be the beginning of another.
    forms: Vec<Form>,
    /// True for each byte that one may begin with.
    begins: [bool; 256],
}

impl Forms {
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut forms: Vec<Form> = Vec::new();
        for secret in secrets.filter(|secret| secret.len() >= MIN_MASKED) {
            forms.push(Form { chars: SecretBox::new(Box::new(secret.chars().collect())), is_base64: false });
            forms.extend(base64_forms(secret.as_bytes()));
        }
        forms.sort_by_key(|form| std::cmp::Reverse(form.chars().len()));
        forms.dedup_by(|a, b| a.chars() == b.chars());
        let mut begins = [false; 256];
        for form in &forms {
            for first in form.chars().first().into_iter().flat_map(|c| [*c, '\\', '%', '&', '+']) {
                let mut bytes = [0; 4];
                begins[usize::from(first.encode_utf8(&mut bytes).as_bytes()[0])] = true;
            }
        }
        Self { forms, begins }
    }

    pub(super) fn mask(&self, text: &str) -> String {
        let mut out = String::new();
        let (mut at, mut copied) = (0, 0);
        while at < text.len() {
            let is_candidate = self.begins[usize::from(text.as_bytes()[at])] && text.is_char_boundary(at);
            match is_candidate.then(|| self.forms.iter().find_map(|form| form.end(text, at))).flatten() {
                Some(end) => {
                    out.push_str(&text[copied..at]);
                    out.push_str(REDACTED);
                    (at, copied) = (end, end);
                }
                None => at += 1,
            }
        }
        out.push_str(&text[copied..]);
        out
    }
}

/// A text to look for. It is wiped from memory when it is dropped, as the secret is.
struct Form {
    chars: SecretBox<Vec<char>>,
    /// The characters that stand for a whole secret and nothing else, without those at the ends that also
    /// stand for something else.
    is_base64: bool,
}

impl Form {
    fn chars(&self) -> &[char] {
        self.chars.expose_secret()
    }

    /// Returns the end of this text if it begins here.
    fn end(&self, text: &str, at: usize) -> Option<usize> {
        // More than one if a backslash may be itself or begin an escape.
        let mut ends = vec![at];
        for (matched, c) in self.chars().iter().enumerate() {
            let mut next = Vec::new();
            for end in &ends {
                char_ends(text, *end, *c, &mut next);
            }
            if next.is_empty() {
                let is_cut = |end: &&usize| is_cut_off(&text[**end..]);
                return ends.iter().find(is_cut).filter(|_| matched >= MIN_MASKED).copied();
            }
            next.sort_unstable();
            next.dedup();
            ends = next;
        }
        let end = ends.last().copied()?;
        Some(if self.is_base64 { end + padding(&text[end..]) } else { end })
    }
}

/// True if the text ends here, perhaps in the middle of an escape.
fn is_cut_off(rest: &str) -> bool {
    rest.is_empty()
        || rest == "…"
        || (rest.len() < MAX_ESCAPE
            && rest.starts_with(['\\', '%', '&'])
            && !rest[1..].contains(|c: char| !c.is_ascii_alphanumeric() && !"\\{#%…".contains(c)))
}

/// The length of one more character of base64, which the secret shares with what follows it, and of the
/// padding.
fn padding(rest: &str) -> usize {
    let shared = usize::from(rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c)));
    let mut end = shared;
    while let Some(sign) = ["=", "%3D", "%3d"].iter().find(|sign| rest[end..].starts_with(**sign)) {
        end += sign.len();
    }
    end
}

/// Adds every position at which this character ends if it begins here, as it is or escaped.
fn char_ends(text: &str, at: usize, c: char, ends: &mut Vec<usize>) {
    let rest = &text[at..];
    if rest.starts_with(c) {
        ends.push(at + c.len_utf8());
    }
    match rest.as_bytes().first() {
        Some(b'\\') => backslash_ends(text, at, c, ends),
        Some(b'%') => ends.extend(percent_end(text, at, c)),
        Some(b'+') if c == ' ' => ends.push(at + 1),
        Some(b'&') => {
            // By bytes: the window may end within a character, and `;` is none.
            if let Some(length) = rest.bytes().skip(1).take(11).position(|byte| byte == b';') {
                let name = &rest[1..1 + length];
                if entity(name) == Some(c) {
                    ends.push(at + name.len() + 2);
                }
            }
        }
        _ => {}
    }
}

fn backslash_ends(text: &str, at: usize, c: char, ends: &mut Vec<usize>) {
    let count = text[at..].bytes().take(MAX_BACKSLASHES).take_while(|b| *b == b'\\').count();
    if c == '\\' {
        ends.extend([2, 4, 8].into_iter().filter(|n| *n <= count).map(|n| at + n));
    }
    let after = at + count;
    let short = match text.as_bytes().get(after) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'0') => '\0',
        Some(sign @ (b'"' | b'/' | b'\'')) => char::from(*sign),
        Some(b'u') => {
            ends.extend(unicode_end(text, after, c));
            return;
        }
        _ => return,
    };
    if short == c {
        ends.push(after + 1);
    }
}

/// `u0041`, `u{41}`, or two halves of a pair, each after backslashes. `at`: the position of the `u`.
fn unicode_end(text: &str, at: usize, c: char) -> Option<usize> {
    let rest = &text[at + 1..];
    if let Some(inside) = rest.strip_prefix('{') {
        let digits = &inside[..inside.bytes().take(8).position(|byte| byte == b'}')?];
        return (u32::from_str_radix(digits, 16) == Ok(u32::from(c))).then_some(at + digits.len() + 3);
    }
    let half = |at: usize| u16::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let mut units = [0; 2];
    let mut end = at;
    for (i, unit) in c.encode_utf16(&mut units).iter().enumerate() {
        if i > 0 {
            end += text[end..].bytes().take(MAX_BACKSLASHES).take_while(|b| *b == b'\\').count();
        }
        if text.as_bytes().get(end) != Some(&b'u') || half(end + 1)? != *unit {
            return None;
        }
        end += 5;
    }
    Some(end)
}

/// `%41`, or `%2541` in a URL within a URL, for each byte of the character.
fn percent_end(text: &str, at: usize, c: char) -> Option<usize> {
    let mut bytes = [0; 4];
    let mut end = at;
    for byte in c.encode_utf8(&mut bytes).bytes() {
        end +=
            1 + text[end..].strip_prefix('%').map(|rest| rest.len() - rest.trim_start_matches("25").len())?;
        let value = text.get(end..end + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        // `%25` is the sign itself: its digits were skipped.
        if value == Some(byte) {
            end += 2;
        } else if byte != b'%' || !text[..end].ends_with("%25") {
            return None;
        }
    }
    Some(end)
}

/// The character of an HTML entity without its signs.
fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(hex) => number(hex, 16),
                None => number(digits, 10),
            }
        }
    }
}

/// The secret in both alphabets of base64, after any number of other bytes.
fn base64_forms(secret: &[u8]) -> impl Iterator<Item = Form> + '_ {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    [STANDARD, URL_SAFE].into_iter().flat_map(move |alphabet| {
        (0..3).map(move |before: usize| {
            let bit = |i: usize| {
                let byte = secret[i / 8 - before];
                byte >> (7 - i % 8) & 1
            };
            // Only groups of six bits that are the secret's alone.
            let groups = (before * 8).div_ceil(6)..(before + secret.len()) * 8 / 6;
            let sign = |group: usize| {
                let value = (group * 6..group * 6 + 6).fold(0, |value, i| value << 1 | usize::from(bit(i)));
                char::from(alphabet[value])
            };
            Form { chars: SecretBox::new(Box::new(groups.map(sign).collect())), is_base64: true }
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(text: &str, secret: &str) -> String {
        masked(text, std::iter::once(secret))
    }

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let secret = "to/ken \"ä\\\n😀&x";
        for form in [
            secret,
            r#"to/ken \"ä\\\n😀&x"#,
            r#"to\/ken \"\u00e4\\\n\ud83d\uDE00&x"#,
            r#"\u0074o\/ken\u0020\u0022ä\u005c\u000a😀\u0026x"#,
            r#"to/ken \\\"ä\\\\\\n\\ud83d\\ude00&x"#,
            r#"to/ken \"\u{e4}\\\n\u{1f600}&x"#,
            "to%2Fken%20%22%C3%A4%5C%0A%F0%9F%98%80%26x",
            "to%2fken+%22%c3%a4%5c%0a%f0%9f%98%80%26x",
            "%74%6f%252Fken%2520%2522%25C3%25A4%255C%250A%25F0%259F%2598%2580%2526x",
            "to/ken &quot;&#228;\\\n&#x1F600;&amp;x",
        ] {
            assert_eq!(mask(&format!("a {form} b"), secret), "a [redacted] b", "{form}");
        }
        assert_eq!(mask("100%25sure-it-is %", "100%sure-it-is"), "[redacted] %");
    }

    #[test]
    fn a_secret_is_masked_in_base64_wherever_it_begins() {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
        let secret = "hunter2?>hunter3";
        for before in ["", "u:", "u:v", "me:x"] {
            for after in ["", "!", "!!", "!!!"] {
                let plain = format!("{before}{secret}{after}");
                for form in [STANDARD.encode(&plain), STANDARD_NO_PAD.encode(&plain), URL_SAFE.encode(&plain)]
                {
                    let shown = mask(&format!("Basic {form}"), secret);
                    assert!(shown.contains(REDACTED), "{plain}: {shown}");
                    assert!(shown.len() <= "Basic [redacted]".len() + 12, "{plain}: {shown}");
                    let in_json = mask(&form.replace('/', "\\/"), secret);
                    assert!(in_json.contains(REDACTED), "{plain}: {in_json}");
                }
            }
        }
    }

    #[test]
    fn a_secret_that_is_cut_off_is_masked() {
        for text in ["x hunter2hun", "x hunter2hun…", "x hunter2hunte\\u00", "x hunter2hunte%7"] {
            assert!(mask(text, "hunter2hunter3").starts_with("x [redacted]"), "{text}");
        }
        assert_eq!(mask("x hunter2", "hunter2hunter3"), "x hunter2");
        assert_eq!(mask("x hunter2hun y", "hunter2hunter3"), "x hunter2hun y");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "the wrong value % & \\ \\u \\u{ %2 &amp &#; + ä 😀 \\ud83d …";
        assert_eq!(mask(text, "wrong"), text);
        assert_eq!(mask(text, "another secret"), text);
        assert_eq!(masked(text, ["", "wrong value"].into_iter()).matches(REDACTED).count(), 1);
        // The longer of two that begin alike.
        let both = masked("hunter2-hunter3", ["hunter2-", "hunter2-hunter3"].into_iter());
        assert_eq!(both, REDACTED);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}", secret in ".{0,12}") {
            mask(&text, &secret);
            mask(&format!("{text}{secret}"), &secret);
        }

        #[test]
        fn what_is_not_secret_stays(text in "[a-z %&+\\\\\"]{0,40}") {
            prop_assert_eq!(mask(&text, "SECRET-SECRET"), text);
        }
    }
}
