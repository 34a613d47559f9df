//! Tokens of a statement, with their positions.
//!
//! White space is free between tokens, a statement does not end with `;`, names are bare, in backticks or in
//! double quotes, strings are in single quotes with `''` for one quote, and no comment is part of the
//! grammar.

use std::fmt;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Where it ends, in bytes.
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare name: letters, digits, `_`, `-`, and no `--`.
    Word,
    /// Digits, possibly after a `-`.
    Integer,
    /// A name in backticks or double quotes, without them.
    Name(String),
    /// A string, unquoted.
    Text(String),
    /// `=`
    Equals,
    /// `,`
    Comma,
    /// `(`
    Open,
    /// `)`
    Close,
    /// The statement ends here.
    End,
    /// This is not a token, and nothing after it was looked at.
    Bad(String),
}

/// The error of [`parse`](super::parse): why a text is not a statement, and the place in the text.
///
/// `Display` writes the text that the emulator sends in the header `grpc-message`. Its beginning,
/// `Invalid sql query: `, is that of the real service; the rest is the emulator's own.
///
/// ```
/// let error = controlplane_emulator::onehouse::parse("DELETE CLUSTER `prod`;").unwrap_err();
/// assert_eq!((error.offset(), error.line(), error.column()), (21, 1, 22));
/// assert_eq!(
///     error.to_string(),
///     "Invalid sql query: Encountered \";\" at line 1, column 22 (offset 21): \
///      a statement does not end with `;`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    offset: usize,
    line: usize,
    column: usize,
    found: String,
    why: String,
}

impl SyntaxError {
    pub(super) fn new(sql: &str, start: usize, end: usize, why: impl Into<String>) -> Self {
        let before = sql.get(..start).unwrap_or(sql);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let found = match sql.get(start..end) {
            None | Some("") => "<EOF>".to_owned(),
            Some(text) => crate::text::one_line(text, 60),
        };
        Self {
            offset: start,
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            found,
            why: why.into(),
        }
    }

    /// Returns the place of the error in the statement, in bytes from 0.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the line of the error, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the place of the error in its [line](SyntaxError::line), in characters from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns the text at the place of the error, cut to about 60 bytes; `<EOF>` at the end of the
    /// statement. It may be a secret.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Returns what was expected at the place of the error, or what is wrong with the text there.
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl SyntaxError {
    /// The message without the text of the statement, which may be a secret.
    pub(super) fn without_text(&self) -> String {
        let Self { line, column, offset, why, .. } = self;
        format!("Invalid sql query: line {line}, column {column} (offset {offset}): {why}")
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Invalid sql query: Encountered \"{}\" at line {}, column {} (offset {}): {}",
            self.found, self.line, self.column, self.offset, self.why
        )
    }
}

impl std::error::Error for SyntaxError {}

/// All tokens. The last one, and only that, is [`Kind::End`] or [`Kind::Bad`].
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let token = token(sql, at);
        at = token.end;
        let last = matches!(token.kind, Kind::End | Kind::Bad(_));
        tokens.push(token);
        if last {
            return tokens;
        }
    }
}

fn token(sql: &str, from: usize) -> Token {
    let rest = &sql[from..];
    let start = from + (rest.len() - rest.trim_start_matches(is_space).len());
    let rest = &sql[start..];
    let token = |length, kind| Token { kind, start, end: start + length };
    let bad = |length, why: &str| token(length, Kind::Bad(why.to_owned()));
    let Some(first) = rest.chars().next() else {
        return token(0, Kind::End);
    };
    match first {
        '=' => token(1, Kind::Equals),
        ',' => token(1, Kind::Comma),
        '(' => token(1, Kind::Open),
        ')' => token(1, Kind::Close),
        ';' => bad(1, "a statement does not end with `;`"),
        '\'' => text(rest, start),
        '`' | '"' => name(rest, start, first),
        _ if rest.starts_with("--") || rest.starts_with("/*") => bad(2, "a statement cannot have a comment"),
        c if c.is_ascii_alphanumeric() || c == '_' => {
            let length = word(rest);
            let digits = rest[..length].bytes().all(|b| b.is_ascii_digit());
            token(length, if digits { Kind::Integer } else { Kind::Word })
        }
        '-' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
            let length = 1 + word(&rest[1..]);
            let digits = rest[1..length].bytes().all(|b| b.is_ascii_digit());
            token(length, if digits { Kind::Integer } else { Kind::Word })
        }
        c => bad(c.len_utf8(), "no token begins with this character"),
    }
}

/// The length of the word at the beginning: a `--` in it begins a comment.
fn word(rest: &str) -> usize {
    let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    rest[..end].find("--").unwrap_or(end)
}

fn text(rest: &str, start: usize) -> Token {
    let mut text = String::new();
    let mut at = 1;
    loop {
        let Some(length) = rest[at..].find('\'') else {
            return Token {
                kind: Kind::Bad("this string has no closing quote".to_owned()),
                start,
                end: start + rest.len(),
            };
        };
        text.push_str(&rest[at..at + length]);
        at += length + 1;
        if !rest[at..].starts_with('\'') {
            break;
        }
        text.push('\'');
        at += 1;
    }
    let kind = if text.contains(['\n', '\r', '\0']) {
        Kind::Bad("a string cannot contain a line break or a NUL character".to_owned())
    } else {
        Kind::Text(text)
    };
    Token { kind, start, end: start + at }
}

fn name(rest: &str, start: usize, quote: char) -> Token {
    let (kind, length) = match rest[1..].find(quote) {
        None => (Kind::Bad(format!("this name has no closing {quote}")), rest.len()),
        Some(length) => {
            let name = &rest[1..1 + length];
            let kind = if name.is_empty() {
                Kind::Bad("a name cannot be empty".to_owned())
            } else if name.contains(|c: char| c.is_control() || matches!(c, '`' | '\'' | '"' | ';')) {
                Kind::Bad("a name cannot contain quotes, backticks, `;` or control characters".to_owned())
            } else {
                Kind::Name(name.to_owned())
            };
            (kind, length + 2)
        }
    };
    Token { kind, start, end: start + length }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<Kind> {
        tokens(sql).into_iter().map(|t| t.kind).collect()
    }

    #[test]
    fn tokens_of_every_kind() {
        use Kind::*;
        let sql = "SET\tx_1='it''s'\r\n( `a b` , \"c.d\" ) -12 0 a-b 8c3f-1";
        assert_eq!(
            kinds(sql),
            [
                Word,
                Word,
                Equals,
                Text("it's".into()),
                Open,
                Name("a b".into()),
                Comma,
                Name("c.d".into()),
                Close,
                Integer,
                Integer,
                Word,
                Word,
                End
            ]
        );
        assert_eq!(kinds(""), [End]);
        assert_eq!(kinds(" \n"), [End]);
        assert_eq!(kinds("''"), [Text(String::new()), End]);
        assert_eq!(kinds("''''"), [Text("'".into()), End]);
        assert_eq!(kinds("'\\'"), [Text("\\".into()), End]);
    }

    #[test]
    fn what_is_no_token_ends_the_list_with_a_reason() {
        for (sql, at, length, why) in [
            ("a;", 1, 1, "`;`"),
            ("a -- b", 2, 2, "comment"),
            ("a--b", 1, 2, "comment"),
            ("1--1", 1, 2, "comment"),
            ("a /* b */", 2, 2, "comment"),
            ("a 'b", 2, 2, "no closing quote"),
            ("'''", 0, 3, "no closing quote"),
            ("'a\nb'", 0, 5, "line break"),
            ("'a\0b'", 0, 5, "NUL"),
            ("`a", 0, 2, "no closing `"),
            ("\"a", 0, 2, "no closing \""),
            ("``", 0, 2, "cannot be empty"),
            ("`a;b`", 0, 5, "`;`"),
            ("`a\u{7}`", 0, 4, "control"),
            ("a\u{a0}b", 1, 2, "no token"),
            ("ü", 0, 2, "no token"),
            ("- 1", 0, 1, "no token"),
            ("a.b", 1, 1, "no token"),
        ] {
            let last = tokens(sql).pop().unwrap();
            let Kind::Bad(reason) = last.kind else { panic!("{sql:?}: {last:?}") };
            assert_eq!((last.start, last.end - last.start), (at, length), "{sql:?}");
            assert!(reason.contains(why), "{sql:?}: {reason}");
        }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let error = SyntaxError::new("ab\n üx", 6, 7, "why");
        assert_eq!((error.line(), error.column(), error.offset()), (2, 3, 6));
        assert_eq!(error.found(), "x");
        assert_eq!(SyntaxError::new("ab", 2, 2, "why").found(), "<EOF>");
    }
}
