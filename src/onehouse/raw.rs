//! Raw statements: SQL as text, the only SQL that is inspected.

use std::fmt;

use secrecy::SecretString;

use crate::Effect;
use crate::error::one_line;
use crate::redact::mask::MIN_MASKED;
use crate::redact::{is_secret_key, secrets_of};

use super::commands::Command;
use super::statement::{Statement, StatementBuilder};

/// A statement as text: see [`Client::execute`](super::client::Client::execute).
///
/// `Debug` shows only the beginning of the statement, up to the first value, because values may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RawSql {
    sql: String,
    effect: Effect,
}

impl fmt::Debug for RawSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawSql").field(&label(&self.sql)).finish()
    }
}

impl RawSql {
    /// Returns a command that sends this statement without changes.
    pub fn new(sql: impl Into<String>) -> Self {
        let sql = sql.into();
        Self { effect: effect(&sql), sql }
    }
}

impl Command for RawSql {
    const NAME: &'static str = "execute";

    fn effect(&self) -> Effect {
        self.effect
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.whole(raw_statement(&self.sql));
        if self.sql.trim().is_empty() {
            sql.refuse_command("the statement is empty");
        }
    }
}

/// The statement of this text, as far as its text says.
pub(super) fn raw_statement(sql: &str) -> Statement {
    Statement {
        sql: sql.to_owned(),
        label: label(sql),
        kind: kind(sql),
        effect: effect(sql),
        secrets: secrets_in(sql),
    }
}

/// `SHOW …` and `DESCRIBE …` read; nothing is known of other statements.
fn effect(sql: &str) -> Effect {
    let first = sql.split_whitespace().next().unwrap_or_default();
    let reads = first.eq_ignore_ascii_case("SHOW") || first.eq_ignore_ascii_case("DESCRIBE");
    if reads && !sql.contains(';') { Effect::Repeatable } else { Effect::Changes }
}

/// The beginning of the statement, up to the first value.
fn label(sql: &str) -> String {
    let line = sql.trim_start().lines().next().unwrap_or_default();
    let end = line.find(['\'', '=', '"']).unwrap_or(line.len());
    let (mut head, rest) = line.split_at(end);
    if rest.starts_with('=') {
        // The keyword of the value that is not shown.
        head = head.trim_end().rsplit_once(' ').map_or("", |(head, _)| head);
    }
    let label = one_line(head, 100);
    if label.is_empty() { RawSql::NAME.to_owned() } else { label }
}

/// The first two words.
fn kind(sql: &str) -> String {
    let words: Vec<String> = sql.split_whitespace().take(2).map(str::to_ascii_uppercase).collect();
    words.join(" ")
}

/// The values of a statement's options whose keys name a secret, `'….secret' = '…'`: as they are, and as they
/// are quoted.
fn secrets_in(sql: &str) -> Vec<SecretString> {
    let mut secrets = Vec::new();
    // The texts between quotes, and what is between them: `''` inside a text makes two of one, with nothing
    // between.
    let parts: Vec<&str> = sql.split('\'').collect();
    let mut strings: Vec<(String, &str)> = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        match (i % 2, strings.last_mut()) {
            (1, Some((text, ""))) => {
                text.push('\'');
                text.push_str(part);
            }
            (1, _) => strings.push(((*part).to_owned(), "")),
            (_, Some((_, after))) => *after = part,
            (_, None) => {}
        }
    }
    for pair in strings.windows(2) {
        let [(key, between), (value, _)] = pair else { continue };
        if between.trim() == "=" {
            secrets.extend(secrets_of_option(key, value));
        }
    }
    secrets
}

/// The secrets in the value of an option, as they are and as they are quoted.
pub(super) fn secrets_of_option(key: &str, value: &str) -> Vec<SecretString> {
    let mut secrets = secrets_of(key, value);
    if is_secret_key(key) {
        let quoted = value.replace('\'', "''");
        // One that is too short to be masked by itself is recognized between its quotes.
        let is_short = quoted.len() < MIN_MASKED && quoted.len() + 2 >= MIN_MASKED;
        secrets.extend(is_short.then(|| format!("'{quoted}'")));
        secrets.extend((quoted != value).then_some(quoted));
    }
    secrets.into_iter().map(SecretString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onehouse::NameCheck;

    #[test]
    fn labels_end_before_the_first_value() {
        for (sql, expected) in [
            ("CREATE CLUSTER `prod`\n  TYPE = 'Managed'", "CREATE CLUSTER `prod`"),
            ("DELETE DATABASE `d` LAKE = `l`", "DELETE DATABASE `d`"),
            ("SHOW TABLES LAKE = 'a' DATABASE = 'b'", "SHOW TABLES"),
            ("  GRANT x ON LAKE 'secret'", "GRANT x ON LAKE"),
            ("WITH 'k' = 'secret'", "WITH"),
            ("= 'secret'", "execute"),
        ] {
            let statement = RawSql::new(sql).statement(NameCheck::Strict).unwrap();
            assert_eq!(statement.label, expected, "{sql}");
        }
        assert_eq!(label(""), "execute");
    }

    #[test]
    fn the_error_of_an_empty_statement_names_the_call() {
        for sql in ["", " \n\t"] {
            let error = RawSql::new(sql).statement(NameCheck::Strict).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument, "{error}");
            assert!(error.to_string().starts_with("execute: the statement is empty"), "{error}");
        }
    }

    #[test]
    fn what_reads_is_seen_by_the_first_word() {
        for (sql, effect) in [
            ("SHOW LAKES", Effect::Repeatable),
            ("  describe\nCLUSTER `c`", Effect::Repeatable),
            ("SHOW LAKES; DELETE LAKE `l`", Effect::Changes),
            ("SHOWER", Effect::Changes),
            ("", Effect::Changes),
        ] {
            assert_eq!(RawSql::new(sql).effect(), effect, "{sql}");
        }
        assert_eq!(kind(" show\n lakes x"), "SHOW LAKES");
    }
}
