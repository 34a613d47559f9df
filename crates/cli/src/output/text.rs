//! Text for a terminal.

use serde_json::Value;

/// Escapes control characters: text from outside must not move the cursor or break a line.
pub(crate) fn visible(text: &str) -> String {
    if !text.chars().any(|c| c.is_control() || is_bidi(c)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_bidi(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Escapes the control characters of text that has lines.
pub(crate) fn lines(text: &str) -> String {
    text.lines().map(|line| visible(line) + "\n").collect()
}

/// True for characters that reorder the ones after them.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Escapes the control characters that JSON allows in strings: some terminals act on them.
pub(super) fn json(text: &str) -> String {
    let acts = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !text.contains(acts) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// A value as the text of one cell.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_acts_on_the_terminal() {
        assert_eq!(visible("prod-1 ü 日本"), "prod-1 ü 日本");
        assert_eq!(visible("a\x1b[2Jb\nc\td\u{202e}e\u{9b}"), "a\\u{1b}[2Jb\\nc\\td\\u{202e}e\\u{9b}");
        let escaped = json("\"a\u{9b}31m\u{7f}\"");
        assert_eq!(escaped, "\"a\\u009b31m\\u007f\"");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "a\u{9b}31m\u{7f}");
    }
}
