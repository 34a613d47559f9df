//! Filters by AIP-160, as far as the vendor's pages on filters have them, and orders of lists.

use std::cmp::Ordering;

use super::refusal::Refusal;
use crate::calendar;

/// The longest filter, in bytes.
const MAX_FILTER: usize = 4096;
/// How deep a filter may be nested.
const MAX_DEPTH: usize = 20;

/// The value of a field of something that is filtered.
#[derive(Debug, PartialEq)]
pub(super) enum Field {
    Text(String),
    /// Microseconds since 1970; nothing matches `None` but `!=`.
    Time(Option<i64>),
}

/// A filter; the default one lets everything through.
#[derive(Debug, Default)]
pub(super) struct Filter(Option<Expression>);

#[derive(Debug)]
enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare { field: String, operator: Operator, value: String },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Operator(Operator),
    Open,
    Close,
}

impl Filter {
    /// Reads a filter over these fields; those that end in `_time` are times, and `state`, `trigger` and
    /// `type` have only the values in `enums`.
    pub(super) fn read(text: &str, fields: &[&str], enums: &[(&str, &[&str])]) -> Result<Self, Refusal> {
        let refuse = |why: &str| Refusal::argument(format!("filter: {why}"));
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        if text.len() > MAX_FILTER {
            return Err(refuse(&format!("it has more than {MAX_FILTER} bytes")));
        }
        let tokens = tokens(text).map_err(|why| refuse(&why))?;
        let mut reader = Reader { tokens: &tokens, fields, enums };
        let expression = reader.all(0).map_err(|why| refuse(&why))?;
        if !reader.tokens.is_empty() {
            return Err(refuse("AND, OR or the end of the filter was expected"));
        }
        Ok(Self(Some(expression)))
    }

    pub(super) fn matches(&self, field: &dyn Fn(&str) -> Field) -> bool {
        self.0.as_ref().is_none_or(|expression| expression.matches(field))
    }
}

impl Expression {
    fn matches(&self, field: &dyn Fn(&str) -> Field) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.matches(field)),
            Self::Or(any) => any.iter().any(|one| one.matches(field)),
            Self::Not(one) => !one.matches(field),
            Self::Compare { field: name, operator, value } => {
                let ordering = match field(name) {
                    Field::Text(text) => Some(text.as_str().cmp(value.as_str())),
                    Field::Time(time) => time.zip(calendar::read(value)).map(|(a, b)| a.cmp(&b)),
                };
                match (ordering, operator) {
                    (None, operator) => *operator == Operator::NotEqual,
                    (Some(ordering), Operator::Equal) => ordering == Ordering::Equal,
                    (Some(ordering), Operator::NotEqual) => ordering != Ordering::Equal,
                    (Some(ordering), Operator::Less) => ordering == Ordering::Less,
                    (Some(ordering), Operator::LessEqual) => ordering != Ordering::Greater,
                    (Some(ordering), Operator::Greater) => ordering == Ordering::Greater,
                    (Some(ordering), Operator::GreaterEqual) => ordering != Ordering::Less,
                }
            }
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let operators = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessEqual),
            (">=", Operator::GreaterEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let operator = operators.iter().find(|(sign, _)| rest.starts_with(sign));
        let length = if let Some((sign, operator)) = operator {
            tokens.push(Token::Operator(*operator));
            sign.len()
        } else if first == '(' || first == ')' {
            tokens.push(if first == '(' { Token::Open } else { Token::Close });
            1
        } else if first == '"' || first == '\'' {
            let (value, length) = quoted(rest, first)?;
            tokens.push(Token::Quoted(value));
            length
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "()=<>!\"'".contains(c)).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("{first} is not understood"));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            end
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in quotes, and its length with them.
fn quoted(text: &str, sign: char) -> Result<(String, usize), String> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c if c == sign => return Ok((value, at + 1)),
            c => value.push(c),
        }
    }
    Err("a quote is not closed".to_owned())
}

struct Reader<'t> {
    tokens: &'t [Token],
    fields: &'t [&'t str],
    enums: &'t [(&'t str, &'t [&'t str])],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = matches!(self.tokens.first(), Some(Token::Word(next)) if next == word);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    /// By AIP-160 `OR` binds tighter than `AND`.
    fn all(&mut self, depth: usize) -> Result<Expression, String> {
        let mut all = vec![self.any(depth)?];
        while self.takes("AND") {
            all.push(self.any(depth)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }

    fn any(&mut self, depth: usize) -> Result<Expression, String> {
        let mut any = vec![self.one(depth)?];
        while self.takes("OR") {
            any.push(self.one(depth)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Expression::Or(any) })
    }

    fn one(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        if self.takes("NOT") {
            return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
        }
        let field = match self.next() {
            Some(Token::Open) => {
                let inner = self.all(depth + 1)?;
                return match self.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err("AND, OR or `)` was expected".to_owned()),
                };
            }
            Some(Token::Word(field)) if self.fields.contains(&field.as_str()) => field,
            Some(Token::Word(field)) => {
                let known = self.fields.join(", ");
                return Err(format!(
                    "the field {} is not known; known names: {known}",
                    crate::text::one_line(&field, 60)
                ));
            }
            _ => {
                let known = self.fields.join(", ");
                return Err(format!("the name of a field was expected; known names: {known}"));
            }
        };
        let Some(Token::Operator(operator)) = self.next() else {
            return Err(format!("an operator (=, !=, <, <=, > or >=) was expected after {field}"));
        };
        let value = match self.next() {
            Some(Token::Word(value) | Token::Quoted(value)) => value,
            _ => return Err(format!("a value for {field} was expected")),
        };
        let shown = crate::text::one_line(&value, 60);
        if field.ends_with("_time") && calendar::read(&value).is_none() {
            return Err(format!("{shown} is not a time such as 2026-01-01T00:00:00Z"));
        }
        if let Some((_, values)) = self.enums.iter().find(|(name, _)| *name == field) {
            if !values.contains(&value.as_str()) {
                return Err(format!("{field} cannot be {shown}; its values are {}", values.join(", ")));
            }
            if !matches!(operator, Operator::Equal | Operator::NotEqual) {
                return Err(format!("{field} can be compared only with = and !="));
            }
        }
        Ok(Expression::Compare { field, operator, value })
    }
}

/// Reads `create_time desc, job_id`: fields, and whether each is descending.
pub(super) fn read_order(text: &str, fields: &[&str]) -> Result<Vec<(String, bool)>, Refusal> {
    let mut order = Vec::new();
    for part in text.split(',').filter(|_| !text.trim().is_empty()) {
        let words: Vec<&str> = part.split_whitespace().collect();
        let (field, descending) = match words.as_slice() {
            [field] | [field, "asc"] => (field, false),
            [field, "desc"] => (field, true),
            _ => {
                return Err(Refusal::argument(
                    "orderBy has to be a list of fields, each followed by asc, by desc or by nothing",
                ));
            }
        };
        if !fields.contains(field) {
            let shown = crate::text::one_line(field, 60);
            return Err(Refusal::argument(format!(
                "orderBy: the field {shown} is not known; known names: {}",
                fields.join(", ")
            )));
        }
        order.push(((*field).to_owned(), descending));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENUMS: [(&str, &[&str]); 1] = [("state", &["STATE_RUNNING", "STATE_QUEUED", "STATE_FAILED"])];

    fn matches(filter: &str) -> Result<bool, String> {
        let filter = Filter::read(filter, &["state", "creator", "create_time", "scheduled_time"], &ENUMS);
        let filter = filter.map_err(|refusal| refusal.message)?;
        Ok(filter.matches(&|name| match name {
            "state" => Field::Text("STATE_RUNNING".to_owned()),
            "creator" => Field::Text("a \"b\"".to_owned()),
            "create_time" => Field::Time(calendar::read("2026-01-01T00:00:10Z")),
            _ => Field::Time(None),
        }))
    }

    #[test]
    fn filters_of_the_vendors_pages() {
        for (filter, expected) in [
            ("", true),
            ("state = STATE_RUNNING OR state = STATE_QUEUED", true),
            ("state=\"STATE_QUEUED\"", false),
            ("NOT state = STATE_QUEUED", true),
            ("state != STATE_RUNNING", false),
            ("creator = \"a \\\"b\\\"\" AND state=STATE_RUNNING", true),
            ("create_time > \"2026-01-01T00:00:00Z\"", true),
            ("create_time >= 2026-01-01T01:00:10+01:00", true),
            ("create_time < \"2026-01-01T00:00:10Z\"", false),
            ("scheduled_time < \"2030-01-01T00:00:00Z\"", false),
            // OR binds tighter.
            ("state = STATE_QUEUED AND state = STATE_FAILED OR state = STATE_RUNNING", false),
            ("(state = STATE_QUEUED AND state = STATE_FAILED) OR state = STATE_RUNNING", true),
        ] {
            assert_eq!(matches(filter), Ok(expected), "{filter}");
        }
    }

    #[test]
    fn filters_that_are_none_are_refused() {
        for filter in [
            "state",
            "state =",
            "= STATE_RUNNING",
            "name = x",
            "state = STATE_LOST",
            "state > STATE_RUNNING",
            "create_time > yesterday",
            "(state = STATE_RUNNING",
            "state = STATE_RUNNING)",
            "state = STATE_RUNNING state = STATE_QUEUED",
            "creator = \"x",
            "state ! STATE_RUNNING",
        ] {
            assert!(matches(filter).is_err(), "{filter}");
        }
        assert!(matches(&format!("{}state = STATE_RUNNING", "(".repeat(1000))).is_err());
    }

    #[test]
    fn orders() {
        let read = |text| read_order(text, &["create_time", "job_id"]);
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(
            read("create_time desc, job_id"),
            Ok(vec![("create_time".to_owned(), true), ("job_id".to_owned(), false)])
        );
        for text in ["state", "job_id down", ",", "job_id,"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
