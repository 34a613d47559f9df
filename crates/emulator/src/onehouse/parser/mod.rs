//! The grammar of statements: tokens to the command values that the client renders.
//!
//! Keywords in any case, clauses in the order of the pages of the Onehouse SQL reference (docs.onehouse.ai),
//! every value quoted as its clause has it. One function a statement, in one file a family.
//!
//! The keywords and the names of clauses are written here, statement by statement; the values of enums are in
//! `words.rs`, the quoting in `lexer.rs`. Nothing of that comes from the client that the emulator is to
//! check: of the client's commands only the types, the fields and the variants are used.

mod clusters;
mod extra;
mod flows;
mod jobs;
mod lakes;
mod service_principals;
mod sources;
mod table_services;
mod transformations;

use std::collections::HashSet;

use controlplane::onehouse::{
    AnyCommand, DeleteCatalog, DeleteCluster, DeleteFlow, DeleteJob, DeleteServicePrincipal, DeleteSource,
    DeleteTransformation, DeleteValidation, DescribeCatalog, DescribeCluster, DescribeFlow, DescribeJob,
    DescribeSource, DescribeTransformation, DescribeValidation, Options, RunJob, ShowCatalogs, ShowClusters,
    ShowFlows, ShowJobs, ShowLakes, ShowRunsInJob, ShowServicePrincipals, ShowSources, ShowTransformations,
    ShowValidations,
};

use super::extra::{ExtraCommand, Parsed, PolicyChange};
use super::lexer::{Kind, SyntaxError, Token, tokens};
use super::words::Word;

type Parse<T> = Result<T, SyntaxError>;

/// What follows a keyword.
type Rule<'a> = fn(&mut Parser<'a>) -> Parse<Parsed>;

/// Parses one Onehouse SQL statement as the emulator does.
///
/// Accepts every statement that the vendor's clients render, and the older spellings that the vendor's pages
/// document. The values of options after `WITH` have to be strings, because the vendor's clients send them
/// so.
///
/// ```
/// use controlplane_emulator::onehouse::parse;
/// use controlplane::onehouse::{AnyCommand, DeleteCluster};
///
/// let parsed = parse("delete  cluster \"prod\"")?;
/// assert_eq!(parsed.command(), Some(&AnyCommand::from(DeleteCluster::new("prod"))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SyntaxError`] if the text is not a statement: it has the place of the first error, and what was expected
/// there.
pub fn parse(sql: &str) -> Result<Parsed, SyntaxError> {
    let mut parser = Parser { sql, tokens: tokens(sql), at: 0, expected: Vec::new() };
    let command = parser.statement()?;
    parser.end()?;
    Ok(command)
}

/// A place in the tokens, and what could stand there.
struct Parser<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// What was looked for at this place in vain.
    expected: Vec<&'static str>,
}

impl<'a> Parser<'a> {
    fn statement(&mut self) -> Parse<Parsed> {
        self.one_of(&[
            ("CREATE", Self::create),
            ("ALTER", Self::alter),
            ("DELETE", Self::delete),
            ("DESCRIBE", Self::describe),
            ("SHOW", Self::show),
            ("RUN", Self::run),
            ("PAUSE", Self::pause_table_service),
            ("RESUME", Self::resume_table_service),
            ("CANCEL", Self::cancel),
            ("UPLOAD", Self::upload_jar),
            ("REPLACE", Self::replace_jar),
            ("GRANT", Self::grant),
            ("REVOKE", Self::revoke),
            ("IMPORT", |parser| parser.change_policies(PolicyChange::Import)),
            ("SYNC", |parser| parser.change_policies(PolicyChange::Sync)),
            ("REGISTER", Self::unknown_grammar),
            ("UNREGISTER", Self::unknown_grammar),
        ])
    }

    fn create(&mut self) -> Parse<Parsed> {
        self.one_of(&[
            ("CLUSTER", Self::create_cluster),
            ("LAKE", Self::create_lake),
            ("DATABASE", Self::create_database),
            ("CATALOG", Self::create_catalog),
            ("SOURCE", Self::create_source),
            ("FLOW", Self::create_flow),
            ("STREAM", |parser| parser.keyword("CAPTURE").and_then(|()| parser.create_flow())),
            ("TRANSFORMATION", Self::create_transformation),
            ("VALIDATION", Self::create_validation),
            ("TABLE_SERVICE", Self::create_table_service),
            ("JOB", Self::create_job),
            ("AND", Self::create_and_run_job),
            ("SERVICE_PRINCIPAL", Self::create_service_principal),
            ("API_TOKEN", Self::create_api_token),
            ("GROUP", |parser| parser.extra(|name| ExtraCommand::CreateGroup { name })),
        ])
    }

    fn alter(&mut self) -> Parse<Parsed> {
        self.one_of(&[
            ("CLUSTER", Self::alter_cluster),
            ("LAKE", Self::alter_lake),
            ("FLOW", Self::alter_flow),
            ("STREAM", |parser| parser.keyword("CAPTURE").and_then(|()| parser.alter_flow())),
            ("TABLE_SERVICE", Self::alter_table_service),
            ("SERVICES_CLUSTER", Self::alter_services_cluster_in_table),
            ("JOB", Self::alter_job),
            ("SERVICE_PRINCIPAL", Self::alter_service_principal),
            ("OCU", Self::alter_ocu),
            ("GROUP", Self::unknown_grammar),
        ])
    }

    fn delete(&mut self) -> Parse<Parsed> {
        self.one_of(&[
            ("CLUSTER", |parser| parser.named(DeleteCluster::new)),
            ("LAKE", Self::delete_lake),
            ("DATABASE", Self::delete_database),
            ("CATALOG", |parser| parser.named(DeleteCatalog::new)),
            ("SOURCE", |parser| parser.named(DeleteSource::new)),
            ("FLOW", |parser| parser.named(DeleteFlow::new)),
            ("STREAM", |parser| {
                parser.keyword("CAPTURE")?;
                parser.named(DeleteFlow::new)
            }),
            ("TRANSFORMATION", |parser| parser.named(DeleteTransformation::new)),
            ("VALIDATION", |parser| parser.named(DeleteValidation::new)),
            ("JOB", |parser| parser.named(DeleteJob::new)),
            ("SERVICE_PRINCIPAL", |parser| parser.named(DeleteServicePrincipal::new)),
            ("API_TOKEN", Self::delete_api_token),
            ("TABLE_SERVICE", Self::delete_table_service),
            ("JAR", |parser| parser.extra(|name| ExtraCommand::DeleteJar { name })),
            ("GROUP", |parser| parser.extra(|name| ExtraCommand::DeleteGroup { name })),
        ])
    }

    fn describe(&mut self) -> Parse<Parsed> {
        self.one_of(&[
            ("CLUSTER", |parser| parser.named(DescribeCluster::new)),
            ("CATALOG", |parser| parser.named(DescribeCatalog::new)),
            ("SOURCE", |parser| parser.named(DescribeSource::new)),
            ("FLOW", |parser| parser.named(DescribeFlow::new)),
            ("STREAM", |parser| {
                parser.keyword("CAPTURE")?;
                parser.named(DescribeFlow::new)
            }),
            ("TRANSFORMATION", |parser| parser.named(DescribeTransformation::new)),
            ("VALIDATION", |parser| parser.named(DescribeValidation::new)),
            ("TABLE_SERVICE", Self::describe_table_service),
            ("JOB", |parser| parser.named(DescribeJob::new)),
            ("JOB_RUN", Self::describe_job_run),
            ("JAR", |parser| parser.extra(|name| ExtraCommand::DescribeJar { name })),
        ])
    }

    fn show(&mut self) -> Parse<Parsed> {
        self.one_of(&[
            ("CLUSTERS", |_| Ok(ShowClusters::new().into())),
            ("LAKES", |_| Ok(ShowLakes::new().into())),
            ("DATABASES", Self::show_databases),
            ("TABLES", Self::show_tables),
            ("CATALOGS", |_| Ok(ShowCatalogs::new().into())),
            ("SOURCES", |_| Ok(ShowSources::new().into())),
            ("FLOWS", |_| Ok(ShowFlows::new().into())),
            ("STREAM", |parser| parser.keyword("CAPTURES").map(|()| ShowFlows::new().into())),
            ("TRANSFORMATIONS", |_| Ok(ShowTransformations::new().into())),
            ("VALIDATIONS", |_| Ok(ShowValidations::new().into())),
            ("TABLE_SERVICES", Self::show_table_services),
            ("JOBS", |_| Ok(ShowJobs::new().into())),
            ("RUNS", |parser| {
                parser.keyword("IN")?;
                parser.one_of(&[
                    ("JOB", |parser| parser.named(ShowRunsInJob::new)),
                    ("TABLE_SERVICE", Self::show_runs_in_table_service),
                ])
            }),
            ("SERVICE_PRINCIPALS", |_| Ok(ShowServicePrincipals::new().into())),
            ("JARS", |_| Ok(ExtraCommand::ShowJars.into())),
            ("GRANTS", |_| Ok(ExtraCommand::ShowGrants.into())),
            ("GROUPS", |_| Ok(ExtraCommand::ShowGroups.into())),
            ("POLICIES", Self::show_policies),
            ("UNREGISTERED", Self::unknown_grammar),
        ])
    }

    fn run(&mut self) -> Parse<Parsed> {
        self.one_of(&[("JOB", |parser| parser.named(RunJob::new)), ("SERVICE", Self::run_service_in_table)])
    }

    fn cancel(&mut self) -> Parse<Parsed> {
        self.one_of(&[("JOB_RUN", Self::cancel_job_run), ("TABLE_SERVICE", Self::cancel_table_service)])
    }

    /// Steps over the keyword that is here and goes on with its rule.
    fn one_of(&mut self, rules: &[(&'static str, Rule<'a>)]) -> Parse<Parsed> {
        for (keyword, rule) in rules {
            if self.eat(keyword) {
                return rule(self);
            }
        }
        Err(self.unexpected())
    }

    /// A name and nothing else.
    fn named<C: Into<AnyCommand>>(&mut self, command: fn(String) -> C) -> Parse<Parsed> {
        Ok(Parsed::from(command(self.name()?)))
    }

    // ---- Places ---------------------------------------------------------------------------------

    /// The list of tokens ends with one that nothing steps over.
    fn token(&self) -> &Token {
        static NOTHING: Token = Token { kind: Kind::End, start: 0, end: 0 };
        self.tokens.get(self.at).unwrap_or(&NOTHING)
    }

    fn step(&mut self) {
        self.expected.clear();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    fn text_of(&self, token: &Token) -> &str {
        self.sql.get(token.start..token.end).unwrap_or_default()
    }

    /// An error about the token here.
    fn error(&self, why: impl Into<String>) -> SyntaxError {
        let token = self.token();
        SyntaxError::new(self.sql, token.start, token.end, why)
    }

    /// The token here is none of those that were looked for.
    fn unexpected(&self) -> SyntaxError {
        if let Kind::Bad(why) = &self.token().kind {
            return self.error(why.as_str());
        }
        let why = match self.expected.as_slice() {
            [] => "this cannot stand here".to_owned(),
            [only] => format!("expected {only}"),
            [many @ .., last] => format!("expected {} or {last}", many.join(", ")),
        };
        self.error(why)
    }

    fn expected<T>(&mut self, what: &'static str) -> Parse<T> {
        self.expected.push(what);
        Err(self.unexpected())
    }

    // ---- Words ----------------------------------------------------------------------------------

    fn is_word(&self, ahead: usize, keyword: &str) -> bool {
        self.tokens
            .get(self.at + ahead)
            .is_some_and(|t| t.kind == Kind::Word && self.text_of(t).eq_ignore_ascii_case(keyword))
    }

    /// Steps over this keyword, if it is here.
    fn eat(&mut self, keyword: &'static str) -> bool {
        let here = self.is_word(0, keyword);
        if here {
            self.step();
        } else {
            self.expected.push(keyword);
        }
        here
    }

    /// Steps over this keyword.
    fn keyword(&mut self, keyword: &'static str) -> Parse<()> {
        if self.eat(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn symbol(&mut self, kind: &Kind, what: &'static str) -> Parse<()> {
        if self.token().kind == *kind {
            self.step();
            Ok(())
        } else {
            self.expected(what)
        }
    }

    fn equals(&mut self) -> Parse<()> {
        self.symbol(&Kind::Equals, "=")
    }

    fn end(&mut self) -> Parse<()> {
        if self.token().kind == Kind::End { Ok(()) } else { self.expected("the end of the statement") }
    }

    // ---- Values ---------------------------------------------------------------------------------

    /// A name: bare, in backticks or in double quotes.
    fn name(&mut self) -> Parse<String> {
        let token = self.token();
        let name = match &token.kind {
            Kind::Name(name) => Some(name.clone()),
            Kind::Word => {
                let word = self.text_of(token);
                word.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| word.to_owned())
            }
            _ => None,
        };
        match name {
            Some(name) => {
                self.step();
                Ok(name)
            }
            None => self.expected("a name (bare, in backticks or in double quotes)"),
        }
    }

    /// A string in single quotes.
    fn text(&mut self) -> Parse<String> {
        match &self.token().kind {
            Kind::Text(text) => {
                let text = text.clone();
                self.step();
                Ok(text)
            }
            _ => self.expected("a string in single quotes"),
        }
    }

    /// A string in single quotes, or a bare word: what the vendor's `unsafe_raw` makes of some strings.
    fn text_or_word(&mut self) -> Parse<String> {
        if self.token().kind == Kind::Word {
            let word = self.text_of(self.token()).to_owned();
            self.step();
            Ok(word)
        } else {
            self.text()
        }
    }

    /// One of an enum's values in single quotes, in any case; others are kept for the state to refuse.
    fn choice<W: Word>(&mut self) -> Parse<W> {
        self.text().map(|text| W::read(&text))
    }

    /// As [`choice`](Self::choice), where the vendor's client minds the case.
    fn exact_choice<W: Word>(&mut self) -> Parse<W> {
        self.text().map(|text| W::read_exactly(&text))
    }

    /// `'true'` or `'false'` in any case.
    fn boolean(&mut self) -> Parse<bool> {
        let value = match &self.token().kind {
            Kind::Text(text) if text.eq_ignore_ascii_case("true") => true,
            Kind::Text(text) if text.eq_ignore_ascii_case("false") => false,
            _ => return self.expected("'true' or 'false' in single quotes"),
        };
        self.step();
        Ok(value)
    }

    /// `('a', 'b')`: at least one.
    fn texts(&mut self) -> Parse<Vec<String>> {
        self.list(Self::text)
    }

    /// `(…, …)`: at least one.
    fn list<T>(&mut self, entry: fn(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.symbol(&Kind::Open, "(")?;
        let mut entries = vec![entry(self)?];
        while self.token().kind == Kind::Comma {
            self.step();
            entries.push(entry(self)?);
        }
        self.expected.push(",");
        self.symbol(&Kind::Close, ")")?;
        Ok(entries)
    }

    /// An integer without quotes.
    fn integer(&mut self) -> Parse<i64> {
        if self.token().kind != Kind::Integer {
            return self.expected("an integer without quotes");
        }
        match self.text_of(self.token()).parse() {
            Ok(number) => {
                self.step();
                Ok(number)
            }
            Err(_) => Err(self.error("this integer does not fit in 64 bits")),
        }
    }

    // ---- Clauses --------------------------------------------------------------------------------

    /// `KEYWORD = value`.
    fn clause<T>(&mut self, keyword: &'static str, value: fn(&mut Self) -> Parse<T>) -> Parse<T> {
        self.keyword(keyword)?;
        self.equals()?;
        value(self)
    }

    /// `KEYWORD = value`, if the keyword is here.
    fn optional<T>(&mut self, keyword: &'static str, value: fn(&mut Self) -> Parse<T>) -> Parse<Option<T>> {
        if self.eat(keyword) {
            self.equals()?;
            value(self).map(Some)
        } else {
            Ok(None)
        }
    }

    /// `WITH 'key' = 'value', …`, if `WITH` is here.
    fn with(&mut self) -> Parse<Options> {
        // Searching the options for each key would take time that grows with the square of their number.
        let (mut options, mut keys) = (Vec::new(), HashSet::new());
        if !self.eat("WITH") {
            return Ok(Options::new());
        }
        loop {
            if let Kind::Text(key) = &self.token().kind {
                if key.is_empty() {
                    return Err(self.error("the key of an option cannot be empty"));
                }
                if key.contains('\'') {
                    return Err(self.error("the key of an option cannot contain a quote"));
                }
                if !keys.insert(key.clone()) {
                    return Err(self.error("this option is set already"));
                }
            }
            let key = self.text()?;
            self.equals()?;
            options.push((key, self.text()?));
            if self.token().kind != Kind::Comma {
                self.expected.push(",");
                return Ok(options.into_iter().collect());
            }
            self.step();
        }
    }
}

#[cfg(test)]
mod tests;
