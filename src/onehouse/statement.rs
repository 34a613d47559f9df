//! Statements: the SQL of a command with everything that is known of it, rendered once.

use std::fmt::{self, Write};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::{Error, one_line};
use crate::open_enum::OpenEnum;

use super::options::Options;
use super::raw::{raw_statement, secrets_of_option};
use super::sql_value::{SqlValue, quote, write_key, write_option};

/// How strictly a call checks the names that its statement has in backticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameCheck {
    /// A name starts with an ASCII letter and continues with ASCII letters, digits, `_` and `-`; the id of a
    /// job run is hexadecimal digits and `-`. This is the rule of the vendor's SDK 0.3.0 and the default.
    #[default]
    Strict,
    /// Any name that stays between its backticks: not empty, no control characters, and none of `` ` `` `'`
    /// `"` `;`. The platform has names that only this check accepts (`Default Managed Cluster - 2`,
    /// `tool.jar`, `flow:table`).
    Unchecked,
}

/// Puts a clause on a line of its own, indented.
pub(crate) const CLAUSE: &str = "\n  ";
/// Puts a clause on the same line.
pub(crate) const INLINE: &str = " ";
/// Puts a clause on a line of its own at the margin.
pub(crate) const MARGIN: &str = "\n";

const NAME_RULE: &str =
    "a name starts with a letter of a-z or A-Z and continues with these letters, digits, `_` or `-`";

/// The SQL of a command, with its label, its kind, its effect and its secret values. Calls, waits and batches
/// use the same value.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Statement {
    pub(super) sql: String,
    /// The words and names before the first value, for messages: values may be secret.
    pub(super) label: String,
    /// Statements of one kind take about the same time: `CREATE CLUSTER`.
    pub(super) kind: String,
    pub(super) effect: Effect,
    /// Values of the statement that the server may repeat in its responses: as they are, and as they are
    /// quoted.
    pub(super) secrets: Vec<SecretString>,
}

/// `Debug` shows no value.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement").field("label", &self.label).finish_non_exhaustive()
    }
}

/// A [`Statement`] in the journal of a batch.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sql: String,
    /// Journals of version 1 have the SQL alone.
    label: Option<String>,
    kind: Option<String>,
    effect: Option<Effect>,
}

impl From<Statement> for Written {
    fn from(statement: Statement) -> Self {
        let Statement { sql, label, kind, effect, .. } = statement;
        Self { sql, label: Some(label), kind: Some(kind), effect: Some(effect) }
    }
}

impl From<Written> for Statement {
    /// The secrets are searched for in the SQL: written out beside it, they would be in the journal twice.
    fn from(written: Written) -> Self {
        let Written { sql, label, kind, effect } = written;
        let raw = raw_statement(&sql);
        let (label, kind) = (label.unwrap_or(raw.label), kind.unwrap_or(raw.kind));
        Self { sql, label, kind, effect: effect.unwrap_or(raw.effect), secrets: raw.secrets }
    }
}

/// Renders a [`Statement`]. The first problem is kept and returned at the end.
#[derive(Debug)]
pub struct StatementBuilder {
    statement: Statement,
    /// The label ends before the first value.
    is_labelled: bool,
    names: NameCheck,
    problem: Option<Error>,
}

impl StatementBuilder {
    pub(super) fn new(names: NameCheck, effect: Effect) -> Self {
        let (sql, label, kind, secrets) = (String::new(), String::new(), String::new(), Vec::new());
        let statement = Statement { sql, label, kind, effect, secrets };
        Self { statement, is_labelled: false, names, problem: None }
    }

    /// Keywords, as they are: the beginning of the statement, or after a space. The first ones are the
    /// statement's kind.
    pub(crate) fn words(&mut self, words: &str) -> &mut Self {
        if self.statement.sql.is_empty() {
            words.clone_into(&mut self.statement.kind);
            self.statement.sql.push_str(words);
        } else {
            self.words_after(INLINE, words);
        }
        self.labelled(words);
        self
    }

    /// Keywords, as they are, after `lead`. They are not part of the label.
    pub(crate) fn words_after(&mut self, lead: &str, words: &str) -> &mut Self {
        self.statement.sql.push_str(lead);
        self.statement.sql.push_str(words);
        self
    }

    /// A name in backticks after a space.
    pub(crate) fn name(&mut self, parameter: &str, name: &str) -> &mut Self {
        self.statement.sql.push(' ');
        self.labelled(&format!("`{name}`"));
        self.backticks(parameter, name, is_name, NAME_RULE)
    }

    /// The id of a job run in backticks after a space.
    pub(crate) fn run_id(&mut self, parameter: &str, id: &str) -> &mut Self {
        self.statement.sql.push(' ');
        self.labelled(&format!("`{id}`"));
        self.backticks(parameter, id, is_run_id, "the id of a run is hexadecimal digits and `-`")
    }

    /// `KEYWORD = value` after `lead`. The parameter of messages is the keyword in lower case.
    pub(crate) fn clause<V: SqlValue + ?Sized>(&mut self, lead: &str, keyword: &str, value: &V) -> &mut Self {
        let written = value.write(self.begin_clause(lead, keyword));
        self.end_clause(keyword, written)
    }

    /// Not generic, so that it is compiled once.
    fn begin_clause(&mut self, lead: &str, keyword: &str) -> &mut String {
        self.is_labelled = true;
        let _ = write!(self.statement.sql, "{lead}{keyword} = ");
        &mut self.statement.sql
    }

    fn end_clause(&mut self, keyword: &str, written: Result<(), String>) -> &mut Self {
        if let Err(why) = written {
            self.refuse(&parameter_of(keyword), why);
        }
        self
    }

    /// [`clause`](StatementBuilder::clause), if there is a value.
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
        self.is_labelled = true;
        let _ = write!(self.statement.sql, " {keyword} = ");
        self.backticks(&parameter_of(keyword), name, is_name, NAME_RULE)
    }

    /// The value of an enum as a keyword after a space. One that is not known has to be a word, so that it
    /// cannot be more than that.
    pub(crate) fn keyword<E: OpenEnum + PartialEq>(&mut self, parameter: &str, value: &E) -> &mut Self {
        let word = value.spelling();
        let is_word =
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_word {
            self.refuse(parameter, "is not one word of letters, digits and `_`".to_owned());
        }
        self.words_after(INLINE, word)
    }

    /// A text in quotes after a space. It must not be empty.
    pub(crate) fn text(&mut self, parameter: &str, text: &str) -> &mut Self {
        self.is_labelled = true;
        if text.trim().is_empty() {
            self.refuse(parameter, "is empty".to_owned());
        }
        self.statement.sql.push_str(INLINE);
        if let Err(why) = quote(&mut self.statement.sql, text) {
            self.refuse(parameter, why);
        }
        self
    }

    /// `WITH 'key' = 'value', …` after `lead`; nothing if there are no options.
    pub(crate) fn with(&mut self, lead: &str, options: &Options) -> &mut Self {
        for (i, (key, value)) in options.iter().enumerate() {
            self.is_labelled = true;
            let sql = &mut self.statement.sql;
            sql.push_str(if i == 0 { lead } else { ", " });
            if i == 0 {
                sql.push_str("WITH ");
            }
            let written = write_key(key).and_then(|()| {
                let _ = write!(sql, "'{key}' = ");
                let start = sql.len();
                write_option(sql, value).map(|()| start)
            });
            match written {
                Ok(start) => self.secret(key, start),
                Err(why) => self.refuse(&format!("option {}", quoted(key)), why),
            }
        }
        self
    }

    /// Replaces all of it by a statement that was rendered elsewhere.
    pub(super) fn whole(&mut self, statement: Statement) -> &mut Self {
        self.statement = statement;
        self
    }

    /// Refuses the command as a whole.
    pub(crate) fn refuse_command(&mut self, why: impl Into<String>) -> &mut Self {
        if self.problem.is_none() {
            let Statement { kind, label, .. } = &self.statement;
            self.problem = Some(Error::invalid(if kind.is_empty() { label } else { kind }, why));
        }
        self
    }

    pub(super) fn finish(mut self) -> Result<Statement, Error> {
        self.statement.label = one_line(&self.statement.label, 100);
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.statement),
        }
    }

    fn labelled(&mut self, words: &str) {
        if !self.is_labelled {
            let label = &mut self.statement.label;
            label.push_str(if label.is_empty() { "" } else { " " });
            label.push_str(words);
        }
    }

    /// Keeps the secrets in the value that begins here, as they are and as they are quoted.
    fn secret(&mut self, key: &str, start: usize) {
        let quoted = &self.statement.sql[start..];
        let quoted = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(quoted);
        let plain = quoted.replace("''", "'");
        self.statement.secrets.extend(secrets_of_option(key, &plain));
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
                    "`{parameter}` is {}: a name cannot contain quotes, backticks, `;` or control characters",
                    quoted(text)
                )
            };
            self.problem = Some(Error::invalid(self.statement.kind.clone(), why).with_advice(advice));
        }
        let _ = write!(self.statement.sql, "`{text}`");
        self
    }

    fn refuse(&mut self, parameter: &str, why: String) {
        if self.problem.is_none() {
            self.problem = Some(
                Error::invalid(self.statement.kind.clone(), format!("`{parameter}` {why}"))
                    .with_advice("Nothing was sent."),
            );
        }
    }
}

/// The parameter that a message names for a clause: `cluster` for `SET CLUSTER`.
fn parameter_of(keyword: &str) -> String {
    keyword.strip_prefix("SET ").unwrap_or(keyword).to_ascii_lowercase()
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
    use crate::onehouse::sql_value::{Lower, Upper};
    use crate::onehouse::{AnyCommand, Command};
    use secrecy::ExposeSecret;

    fn builder() -> StatementBuilder {
        StatementBuilder::new(NameCheck::Strict, Effect::Changes)
    }

    fn statement(json: &str) -> Statement {
        let command: AnyCommand = serde_json::from_str(json).unwrap();
        command.statement(NameCheck::Strict).unwrap()
    }

    fn secrets(statement: &Statement) -> Vec<&str> {
        statement.secrets.iter().map(ExposeSecret::expose_secret).collect()
    }

    #[test]
    fn labels_end_before_the_first_value_and_kinds_before_the_first_name() {
        for (json, label, kind) in [
            (
                r#"{"create_cluster": {"name": "prod", "type": "SQL"}}"#,
                "CREATE CLUSTER `prod`",
                "CREATE CLUSTER",
            ),
            (r#"{"alter_cluster": {"name": "prod", "max_ocu": 1}}"#, "ALTER CLUSTER `prod`", "ALTER CLUSTER"),
            (
                r#"{"delete_database": {"name": "d", "lake": "l", "cascade": true}}"#,
                "DELETE DATABASE `d`",
                "DELETE DATABASE",
            ),
            (r#"{"delete_lake": {"name": "l", "cascade": true}}"#, "DELETE LAKE `l` CASCADE", "DELETE LAKE"),
            (r#"{"show_tables": {"lake": "l", "database": "d"}}"#, "SHOW TABLES", "SHOW TABLES"),
            (
                r#"{"create_source": {"name": "s", "source_type": "S3", "if_not_exists": true}}"#,
                "CREATE SOURCE IF NOT EXISTS `s`",
                "CREATE SOURCE",
            ),
            (r#"{"alter_flow": {"name": "f", "advanced_configs": true}}"#, "ALTER FLOW `f`", "ALTER FLOW"),
            (
                r#"{"describe_job_run": {"job_run_id": "ab-1", "job_name": "j"}}"#,
                "DESCRIBE JOB_RUN `ab-1`",
                "DESCRIBE JOB_RUN",
            ),
            (r#"{"show_runs_in_job": {"name": "j"}}"#, "SHOW RUNS IN JOB `j`", "SHOW RUNS IN JOB"),
        ] {
            let statement = statement(json);
            assert_eq!((statement.label.as_str(), statement.kind.as_str()), (label, kind));
        }
    }

    #[test]
    fn the_effect_is_that_of_the_command_whatever_its_values_are() {
        let shows = statement(r#"{"show_tables": {"lake": "a; b", "database": "DROP"}}"#);
        assert_eq!(shows.effect, Effect::Repeatable);
        let creates = statement(r#"{"create_database": {"name": "SHOW", "lake": "l"}}"#);
        assert_eq!(creates.effect, Effect::Changes);
    }

    #[test]
    fn secrets_are_collected_as_they_are_and_as_they_are_quoted() {
        let statement = statement(
            r#"{"create_source": {"name": "s", "source_type": "APACHE_KAFKA", "options": {
                "kafka.topic.name": "shown", "a.secret": "it's", "b.password": "'", "c.token": 123456}}}"#,
        );
        assert_eq!(secrets(&statement), ["it's", "it''s", "'", "''", "123456", "'123456'"]);
        assert!(!format!("{statement:?}").contains("it"), "{statement:?}");
    }

    #[test]
    fn a_journal_keeps_all_of_it_but_the_secrets_which_are_found_in_the_text() {
        let json =
            r#"{"create_source": {"name": "s", "source_type": "S3", "options": {"a.secret": "it's; x"}}}"#;
        let before = statement(json);
        let written = serde_json::to_value(&before).unwrap();
        assert_eq!(written.as_object().unwrap().len(), 4);
        let after: Statement = serde_json::from_value(written).unwrap();
        assert_eq!((&after.sql, &after.label, &after.kind), (&before.sql, &before.label, &before.kind));
        assert_eq!(after.effect, before.effect);
        let (mut before, mut after) = (secrets(&before), secrets(&after));
        before.sort_unstable();
        after.sort_unstable();
        assert_eq!(before, after);
    }

    #[test]
    fn clauses_stand_where_they_are_put() {
        let mut sql = builder();
        sql.words("X").clause(MARGIN, "A", &Lower(true)).clause(CLAUSE, "B", &Lower(false));
        sql.clause(INLINE, "C", &Upper(true)).words_after(MARGIN, "D").words("E");
        assert_eq!(sql.finish().unwrap().sql, "X\nA = 'true'\n  B = 'false' C = 'TRUE'\nD E");
    }

    #[test]
    fn the_first_problem_is_the_one_reported() {
        let mut sql = builder();
        sql.words("ALTER X").name("name", "a b").clause(CLAUSE, "SET LAKE", "a\nb").refuse_command("no");
        let text = sql.finish().unwrap_err().to_string();
        assert!(text.contains("`name`") && !text.contains("lake"), "{text}");

        let mut sql = builder();
        sql.words("ALTER X").name("name", "a").clause(CLAUSE, "SET LAKE", "a\nb").refuse_command("no");
        let text = sql.finish().unwrap_err().to_string();
        assert!(text.starts_with("ALTER X") && text.contains("`lake`"), "{text}");
    }
}
