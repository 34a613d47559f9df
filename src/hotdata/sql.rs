//! The secrets in SQL: `CREATE SECRET`, passwords of users, connection strings. The service repeats parts of a
//! statement in its errors.

use std::ops::Range;

use secrecy::SecretString;

use crate::redact::mask::MIN_MASKED;
use crate::redact::{REDACTED, is_secret_key, masked, passwords, secrets_of};

/// The most words before `SECRET` in a statement that creates or changes one: `CREATE OR REPLACE PERSISTENT`.
const MAX_BEFORE_SECRET: usize = 6;

/// Returns the secrets of a statement, to mask them in errors.
pub(super) fn secrets(sql: &str) -> Vec<SecretString> {
    let mut found = Vec::new();
    for literal in literals(sql) {
        let value = &sql[literal.value.clone()];
        if !literal.is_secret {
            // A connection string, as `ATTACH` has one, may hold a password.
            found.extend(passwords(value, true).into_iter().map(|range| value[range].to_owned()));
            found.extend(secrets_of("", value));
            continue;
        }
        found.push(value.to_owned());
        found.push(value.replace("''", "'"));
        if value.len() < MIN_MASKED {
            // Too short to be found among other text, so with the word before it.
            found.push(sql[literal.from..literal.end].to_owned());
        }
    }
    found.retain(|secret| secret.len() >= MIN_MASKED);
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(SecretString::from).collect()
}

/// Returns the statement without its secrets, for messages.
pub(super) fn without_secrets(sql: &str) -> String {
    let mut shown = sql.to_owned();
    for literal in literals(sql).into_iter().rev().filter(|literal| literal.is_secret) {
        shown.replace_range(literal.value, REDACTED);
    }
    shown
}

/// Returns text of the service about a statement without the secrets of the statement.
pub(super) fn masked_text(text: &str, sql: &str) -> String {
    use secrecy::ExposeSecret;
    let secrets = secrets(sql);
    masked(text, secrets.iter().map(ExposeSecret::expose_secret))
}

/// A text in quotes.
struct Literal {
    /// The position without the quotes.
    value: Range<usize>,
    /// The position of the word before it.
    from: usize,
    /// The position after its closing quote.
    end: usize,
    is_secret: bool,
}

/// What the words before a place in a statement say about it.
#[derive(Default)]
struct Before<'a> {
    /// The number of words of the statement.
    words: usize,
    first: &'a str,
    /// The statement creates or changes a secret.
    is_about_secret: bool,
    /// The last two words or texts, as far as nothing but `=`, `:`, `>` and `(` is after them.
    last: &'a str,
    last_but_one: &'a str,
    from: usize,
}

impl<'a> Before<'a> {
    fn word(&mut self, word: &'a str, at: usize) {
        self.words += 1;
        if self.words == 1 {
            self.first = word;
        }
        let changes = ["create", "alter"].iter().any(|verb| self.first.eq_ignore_ascii_case(verb));
        if changes && self.words <= MAX_BEFORE_SECRET && word.eq_ignore_ascii_case("secret") {
            self.is_about_secret = true;
        }
        self.name(word, at);
    }

    fn name(&mut self, name: &'a str, at: usize) {
        self.last_but_one = self.last;
        (self.last, self.from) = (name, at);
    }

    /// Something else than a word or a text.
    fn other(&mut self, c: char) {
        match c {
            ';' => *self = Self::default(),
            '=' | ':' | '>' | '(' => {}
            c if c.is_whitespace() => {}
            _ => (self.last, self.last_but_one) = ("", ""),
        }
    }

    fn names_a_secret(&self) -> bool {
        let is_identified =
            self.last.eq_ignore_ascii_case("by") && self.last_but_one.eq_ignore_ascii_case("identified");
        is_identified || is_secret_key(self.last)
    }
}

/// Returns the texts of a statement in single quotes and dollar quotes, and those in double quotes whose word
/// before them names a secret. A text that does not end, as in a statement that is wrong, ends with the SQL.
fn literals(sql: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut before = Before::default();
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let begin = at;
        let quote = match c {
            '\'' | '"' => Some(&rest[..1]),
            '$' => dollar_quote(rest),
            _ => None,
        };
        if let Some(quote) = quote {
            let value = at + quote.len()..at + quote.len() + text_length(&rest[quote.len()..], quote);
            at = (value.end + quote.len()).min(sql.len());
            let is_secret = before.names_a_secret() || (before.is_about_secret && c != '"');
            if c != '"' || is_secret {
                let from = if before.last.is_empty() { begin } else { before.from };
                found.push(Literal { value: value.clone(), from, end: at, is_secret });
            }
            before.name(&sql[value], begin);
        } else if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if c.is_alphanumeric() || c == '_' {
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            // A comment may follow directly.
            let length = rest[..length].find("--").unwrap_or(length);
            at += length;
            // `E'…'`: the letter belongs to the text.
            let is_prefix = length == 1 && sql[at..].starts_with('\'') && "eEnNbBxX".contains(c);
            if !is_prefix {
                before.word(&sql[begin..at], begin);
            }
        } else {
            before.other(c);
            at += c.len_utf8();
        }
    }
    found
}

/// The length of a text up to the quote that closes it. Two quotes are one in the text.
fn text_length(text: &str, quote: &str) -> usize {
    let mut at = 0;
    while let Some(end) = text[at..].find(quote).map(|found| at + found) {
        let is_doubled = quote.len() == 1 && text[end + 1..].starts_with(quote);
        if !is_doubled {
            return end;
        }
        at = end + 2;
    }
    text.len()
}

/// The quote `$$` or `$tag$` with which the text begins.
fn dollar_quote(text: &str) -> Option<&str> {
    let tag = text[1..].find(|c: char| !c.is_alphanumeric() && c != '_')? + 1;
    text[tag..].starts_with('$').then(|| &text[..=tag])
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn secrets_are_found_by_the_words_before_them() {
        for (sql, expected) in [
            ("SELECT * FROM t WHERE note = 'nothing here'", &[][..]),
            (
                "CREATE OR REPLACE PERSISTENT SECRET s (TYPE s3, KEY_ID 'AKIAEXAMPLE1', REGION 'us-west-1')",
                &["AKIAEXAMPLE1", "us-west-1"],
            ),
            ("ALTER USER u IDENTIFIED BY 'hunter2hunter2'", &["hunter2hunter2"]),
            ("ALTER USER u IDENTIFIED BY \"hunter2hunter2\"", &["hunter2hunter2"]),
            ("CREATE USER u PASSWORD = 'it''s a secret'", &["it''s a secret", "it's a secret"]),
            ("ALTER ROLE r PASSWORD 'abc'", &["PASSWORD 'abc'"]),
            ("ALTER ROLE r PASSWORD E'hunter2hunter2'", &["hunter2hunter2"]),
            ("SELECT 1--don't\n; ALTER ROLE r PASSWORD 'hunter2hunter2'", &["hunter2hunter2"]),
            ("ALTER ROLE r PASSWORD $x$hunter2hunter2$x$", &["hunter2hunter2"]),
            ("ATTACH 'postgres://me:hunter2hunter2@h/d' AS p", &["hunter2hunter2"]),
            ("ATTACH 'postgres://me:hunter%402hunter2@h/d' AS p", &["hunter%402hunter2", "hunter@2hunter2"]),
            ("ATTACH 'host=h password=hunter2hunter2' AS p (TYPE postgres)", &["hunter2hunter2"]),
            ("CREATE TABLE x WITH ('aws.secret-key' = 'hunter2hunter2')", &["hunter2hunter2"]),
            ("SELECT read('x', MAP {'api_key': 'hunter2hunter2'})", &["hunter2hunter2"]),
            // A statement that is wrong, another statement, a comment.
            ("ALTER ROLE r PASSWORD 'hunter2hunter2", &["hunter2hunter2"]),
            ("CREATE SECRET s (K 'hunter2hunter2'); SELECT 'plain text'", &["hunter2hunter2"]),
            ("-- 'PASSWORD' /*\nALTER ROLE r /* ' */ PASSWORD 'hunter2hunter2'", &["hunter2hunter2"]),
            ("SELECT '日本', $1, $", &[]),
        ] {
            let found = secrets(sql);
            let mut found: Vec<&str> = found.iter().map(ExposeSecret::expose_secret).collect();
            let mut expected = expected.to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{sql}");
        }
    }

    #[test]
    fn no_text_of_sql_panics_and_its_secrets_are_not_shown() {
        let sql = "ALTER ROLE \"rôle\" PASSWORD 'pass''wörd' /* é";
        for end in (0..=sql.len()).filter(|end| sql.is_char_boundary(*end)) {
            let shown = without_secrets(&sql[..end]);
            assert!(!shown.contains("wörd"), "{shown}");
            secrets(&sql[..end]);
        }
        let said =
            masked_text("error at PASSWORD 'hunter2hunter2'", "ALTER ROLE r PASSWORD 'hunter2hunter2'");
        assert_eq!(said, "error at PASSWORD '[redacted]'");
    }
}
