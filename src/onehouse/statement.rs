//! Statements: quoting, checks and layout of the SQL that the helpers send.
//!
//! The API has no bind parameters, so every value is quoted here, and nothing else in the crate writes SQL.
//! The rules are those of the vendor's own SDK 0.3.0, stricter where that one lets broken text through: a
//! trailing newline in a name, NUL in an option's key.

use std::fmt::Write;

use secrecy::SecretString;

use crate::error::Error;
use crate::open_enum::OpenEnum;
use crate::redact::is_secret_key;

use super::options::{OptionValue, Options};

/// How strictly the names between backticks are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameCheck {
    /// A name starts with a letter and goes on with letters, digits, `_` and `-`; the id of a job run is
    /// hexadecimal digits and `-`. This is the vendor's rule and the default.
    #[default]
    Strict,
    /// Any name that stays between its backticks: not empty, no control characters, and none of
    /// `` ` `` `'` `"` `;`. The platform has such names (`Default Managed Cluster - 2`, `tool.jar`,
    /// `flow:table`).
    Unchecked,
}

/// What stands before a clause: a line of its own, indented.
pub(crate) const CLAUSE: &str = "\n  ";
/// What stands before a clause: the same line.
pub(crate) const INLINE: &str = " ";
/// What stands before a clause: a line of its own at the margin.
pub(crate) const MARGIN: &str = "\n";

const NAME_RULE: &str = "a name starts with a letter and goes on with letters, digits, `_` or `-`";

/// SQL text in the making. The first problem is kept and comes out at the end.
#[derive(Debug)]
pub struct Statement {
    sql: String,
    command: String,
    names: NameCheck,
    problem: Option<Error>,
}

impl Statement {
    pub(crate) fn new(names: NameCheck) -> Self {
        Self { sql: String::new(), command: String::new(), names, problem: None }
    }

    /// Keywords, as they are: the beginning of the statement, or after a space.
    pub(crate) fn words(&mut self, words: &str) -> &mut Self {
        if self.sql.is_empty() {
            self.command = words.to_owned();
            self.sql.push_str(words);
            return self;
        }
        self.words_after(INLINE, words)
    }

    /// Keywords, as they are, after `lead`.
    pub(crate) fn words_after(&mut self, lead: &str, words: &str) -> &mut Self {
        self.sql.push_str(lead);
        self.sql.push_str(words);
        self
    }

    /// A name in backticks after a space.
    pub(crate) fn name(&mut self, parameter: &str, name: &str) -> &mut Self {
        self.sql.push(' ');
        self.backticks(parameter, name, is_name, NAME_RULE)
    }

    /// The id of a job run in backticks after a space.
    pub(crate) fn run_id(&mut self, parameter: &str, id: &str) -> &mut Self {
        self.sql.push(' ');
        self.backticks(parameter, id, is_run_id, "the id of a run is hexadecimal digits and `-`")
    }

    /// `KEYWORD = value` after `lead`. The parameter of messages is the keyword in lower case.
    pub(crate) fn clause<V: SqlValue + ?Sized>(&mut self, lead: &str, keyword: &str, value: &V) -> &mut Self {
        let _ = write!(self.sql, "{lead}{keyword} = ");
        let mut out = std::mem::take(&mut self.sql);
        if let Err(why) = value.write(&mut out) {
            self.refuse(&parameter_of(keyword), why);
        }
        self.sql = out;
        self
    }

    /// [`clause`](Statement::clause), if there is a value.
    pub(crate) fn optional<V: SqlValue>(
        &mut self,
        lead: &str,
        keyword: &str,
        value: &Option<V>,
    ) -> &mut Self {
        if let Some(value) = value {
            self.clause(lead, keyword, value);
        }
        self
    }

    /// `KEYWORD = \`name\`` after a space.
    pub(crate) fn name_clause(&mut self, keyword: &str, name: &str) -> &mut Self {
        let _ = write!(self.sql, " {keyword} = ");
        self.backticks(&parameter_of(keyword), name, is_name, NAME_RULE)
    }

    /// `WITH 'key' = 'value', …` after `lead`; nothing if there are no options.
    pub(crate) fn with(&mut self, lead: &str, options: &Options) -> &mut Self {
        for (i, (key, value)) in options.iter().enumerate() {
            self.sql.push_str(if i == 0 { lead } else { ", " });
            if i == 0 {
                self.sql.push_str("WITH ");
            }
            if let Err(why) = write_key(key).and_then(|()| {
                let _ = write!(self.sql, "'{key}' = ");
                write_option(&mut self.sql, value)
            }) {
                self.refuse(&format!("option {}", quoted(key)), why);
            }
        }
        self
    }

    /// Refuses the command as a whole.
    pub(crate) fn refuse_command(&mut self, why: impl Into<String>) -> &mut Self {
        if self.problem.is_none() {
            self.problem = Some(Error::invalid(self.command.clone(), why));
        }
        self
    }

    pub(crate) fn finish(self) -> Result<String, Error> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.sql),
        }
    }

    fn backticks(&mut self, parameter: &str, text: &str, check: fn(&str) -> bool, rule: &str) -> &mut Self {
        let stays_inside =
            !text.is_empty() && !text.chars().any(|c| c.is_control() || matches!(c, '`' | '\'' | '"' | ';'));
        let good = match self.names {
            NameCheck::Strict => check(text),
            NameCheck::Unchecked => stays_inside,
        };
        if !good && self.problem.is_none() {
            let advice = match (self.names, stays_inside) {
                (NameCheck::Strict, true) => {
                    "If the platform really has this name, add `.unchecked_names()` to the call."
                }
                _ => "Nothing was sent.",
            };
            let why = if text.is_empty() {
                format!("`{parameter}` is empty")
            } else if stays_inside {
                format!("`{parameter}` is {}, but {rule}", quoted(text))
            } else {
                format!(
                    "`{parameter}` is {}: quotes, backticks, `;` and control characters cannot stand in a name",
                    quoted(text)
                )
            };
            self.problem = Some(Error::invalid(self.command.clone(), why).with_advice(advice));
        }
        let _ = write!(self.sql, "`{text}`");
        self
    }

    fn refuse(&mut self, parameter: &str, why: String) {
        if self.problem.is_none() {
            self.problem = Some(
                Error::invalid(self.command.clone(), format!("`{parameter}` {why}"))
                    .with_advice("Nothing was sent."),
            );
        }
    }
}

/// The parameter that a message names for a clause: `SET CLUSTER` is about `cluster`.
fn parameter_of(keyword: &str) -> String {
    keyword.strip_prefix("SET ").unwrap_or(keyword).to_ascii_lowercase()
}

/// A value that a clause can hold. An error says what is wrong with it, without showing it: it may be a secret.
pub(crate) trait SqlValue {
    fn write(&self, out: &mut String) -> Result<(), String>;
}

impl SqlValue for str {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, self)
    }
}

impl SqlValue for String {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, self)
    }
}

/// Enums are quoted in their canonical spelling.
impl<E: OpenEnum + PartialEq> SqlValue for E {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, self.spelling())
    }
}

/// Integers are bare.
impl SqlValue for i64 {
    fn write(&self, out: &mut String) -> Result<(), String> {
        let _ = write!(out, "{self}");
        Ok(())
    }
}

/// Lists are quoted strings in parentheses, at least one.
impl SqlValue for Vec<String> {
    fn write(&self, out: &mut String) -> Result<(), String> {
        list(out, self, |out, entry| quote(out, entry))
    }
}

/// A boolean as `'true'` or `'false'`.
pub(crate) struct Lower(pub(crate) bool);

impl SqlValue for Lower {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, if self.0 { "true" } else { "false" })
    }
}

/// A boolean as `'TRUE'` or `'FALSE'`.
pub(crate) struct Upper(pub(crate) bool);

impl SqlValue for Upper {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, if self.0 { "TRUE" } else { "FALSE" })
    }
}

/// A keyword that stands without quotes.
pub(crate) struct Bare(pub(crate) &'static str);

impl SqlValue for Bare {
    fn write(&self, out: &mut String) -> Result<(), String> {
        out.push_str(self.0);
        Ok(())
    }
}

/// `(a, b)`: at least one entry.
pub(crate) fn list<T>(
    out: &mut String,
    entries: &[T],
    mut write: impl FnMut(&mut String, &T) -> Result<(), String>,
) -> Result<(), String> {
    if entries.is_empty() {
        return Err("is an empty list: leave it out, or name at least one".to_owned());
    }
    out.push('(');
    for (i, entry) in entries.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, entry)?;
    }
    out.push(')');
    Ok(())
}

/// A string in single quotes, quotes inside it doubled.
pub(crate) fn quote(out: &mut String, text: &str) -> Result<(), String> {
    if text.contains(['\n', '\r', '\0']) {
        return Err("has a line break or NUL in it, which the API cannot take".to_owned());
    }
    out.push('\'');
    for part in text.split_inclusive('\'') {
        out.push_str(part);
        if part.ends_with('\'') {
            out.push('\'');
        }
    }
    out.push('\'');
    Ok(())
}

fn write_key(key: &str) -> Result<(), String> {
    if key.is_empty() {
        Err("has an empty key".to_owned())
    } else if key.contains(['\'', '\n', '\r', '\0']) {
        Err("has a quote, a line break or NUL in its key".to_owned())
    } else {
        Ok(())
    }
}

fn write_option(out: &mut String, value: &OptionValue) -> Result<(), String> {
    match value {
        OptionValue::String(text) => quote(out, text),
        OptionValue::Bool(value) => Upper(*value).write(out),
        OptionValue::Int(n) => quote(out, &n.to_string()),
        OptionValue::Float(x) if x.is_finite() => quote(out, &decimal(*x)),
        OptionValue::Float(_) => Err("is not a finite number".to_owned()),
    }
}

/// The values of a statement's options whose keys name a secret, `'….secret' = '…'`: as they are, and as they stand in
/// the statement.
pub(crate) fn secrets_in(sql: &str) -> Vec<SecretString> {
    let mut secrets = Vec::new();
    // The texts between quotes, and what stands between them: `''` inside a text makes two of one, with nothing between.
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
        if between.trim() == "=" && is_secret_key(key) {
            secrets.push(SecretString::from(value.as_str()));
            if value.contains('\'') {
                secrets.push(SecretString::from(value.replace('\'', "''")));
            }
        }
    }
    secrets
}

/// A decimal as the vendor's SDK writes it: shortest form, `1.0`, `1e+20`, `1e-07`.
fn decimal(x: f64) -> String {
    // The digits are not those of `{:?}`, which rounds a tie of the last one up where Python takes the even one.
    let text = serde_json::Number::from_f64(x.abs()).map(|n| n.to_string()).unwrap_or_default();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let skipped = all.len() - digits.len();
    let digits = if digits.is_empty() { "0" } else { digits.trim_end_matches('0') };
    // Where the point stands, counted from the first digit.
    let exponent = exponent.parse::<isize>().unwrap_or_default();
    let point = if digits == "0" { 1 } else { exponent + whole.len() as isize - skipped as isize };
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let zeros = |n: isize| "0".repeat(n.unsigned_abs());
    match (point, point - digits.len() as isize) {
        (..-3 | 17.., _) => {
            let (first, rest) = digits.split_at(1);
            let rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
            let way = if point > 0 { '+' } else { '-' };
            format!("{sign}{first}{rest}e{way}{:02}", (point - 1).abs())
        }
        (..=0, _) => format!("{sign}0.{}{digits}", zeros(point)),
        (_, missing @ 0..) => format!("{sign}{digits}{}.0", zeros(missing)),
        _ => {
            let (whole, fraction) = digits.split_at(point.unsigned_abs());
            format!("{sign}{whole}.{fraction}")
        }
    }
}

/// A text in a message, with all that cannot be seen made visible, and cut if it is long.
fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(100).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn is_run_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_hexdigit())
        && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: impl Into<OptionValue>) -> Result<String, String> {
        let mut out = String::new();
        write_option(&mut out, &value.into()).map(|()| out)
    }

    #[test]
    fn decimals_are_written_as_python_writes_them() {
        for (x, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (-2.5, "-2.5"),
            (123456789.125, "123456789.125"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1.5e-10, "1.5e-10"),
            (5e-324, "5e-324"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.2345e16, "1.2345e+16"),
            (1e20, "1e+20"),
            (-1e20, "-1e+20"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            assert_eq!(written(x), Ok(format!("'{text}'")));
        }
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(written(x).is_err());
        }
    }

    #[test]
    fn option_values_are_always_quoted() {
        assert_eq!(written(true), Ok("'TRUE'".to_owned()));
        assert_eq!(written(false), Ok("'FALSE'".to_owned()));
        assert_eq!(written(i64::MIN), Ok("'-9223372036854775808'".to_owned()));
        assert_eq!(written("it's"), Ok("'it''s'".to_owned()));
        assert_eq!(written("'"), Ok("''''".to_owned()));
        assert_eq!(written(""), Ok("''".to_owned()));
    }

    #[test]
    fn clauses_stand_where_they_are_put() {
        let mut sql = Statement::new(NameCheck::Strict);
        sql.words("X").clause(MARGIN, "A", &Lower(true)).clause(CLAUSE, "B", &Lower(false));
        sql.clause(INLINE, "C", &Upper(true)).words_after(MARGIN, "D").words("E");
        assert_eq!(sql.finish().unwrap(), "X\nA = 'true'\n  B = 'false' C = 'TRUE'\nD E");
    }

    #[test]
    fn the_first_problem_is_the_one_reported() {
        let mut sql = Statement::new(NameCheck::Strict);
        sql.words("ALTER X").name("name", "a b").clause(CLAUSE, "SET LAKE", "a\nb").refuse_command("no");
        let text = sql.finish().unwrap_err().to_string();
        assert!(text.contains("`name`") && !text.contains("lake"), "{text}");

        let mut sql = Statement::new(NameCheck::Strict);
        sql.words("ALTER X").name("name", "a").clause(CLAUSE, "SET LAKE", "a\nb").refuse_command("no");
        let text = sql.finish().unwrap_err().to_string();
        assert!(text.starts_with("ALTER X") && text.contains("`lake`"), "{text}");
    }
}
