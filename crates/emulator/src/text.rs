//! Text of others in messages: on one line, and not too long.

/// The most bytes of foreign text in one message.
const MAX_SHOWN: usize = 500;

/// The text on one line, cut to about `max` bytes. Control characters are escaped.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        if out.len() >= max {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// The text on one line, cut to about 500 bytes.
pub(crate) fn shown(text: &str) -> String {
    one_line(text, MAX_SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_bounded_line() {
        assert_eq!(one_line(" a\nb\tc\u{7}ü ", 100), "a b c\\u{7}ü");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert!(shown(&"x".repeat(1000)).len() < 510);
    }
}
