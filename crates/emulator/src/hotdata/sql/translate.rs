//! Postgres' SQL as SQLite's: names of three parts, casts, `ILIKE`, dates, `generate_series` with a name for
//! its column. What is not known here stays as it is, and SQLite says what it thinks of it.

use std::collections::BTreeSet;

use super::checks::Check;
use super::error::{SqlError, bad};
use super::items;
use super::lexer::{Kind, Token, quoted, tokens};
use super::operators;
use super::types::ColumnType;

/// The deepest brackets. SQLite's own calls go as deep.
pub(super) const MAX_DEPTH: usize = 100;

/// What a name can mean.
pub(super) trait Names {
    /// What SQLite calls this table; none if there is none. The parts that the query leaves out are none.
    fn table(&mut self, catalog: Option<&str>, schema: Option<&str>, table: &str) -> Option<String>;
}

/// A query as SQLite takes it.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) sql: String,
    /// What the outermost SELECT says about the types of its columns.
    pub(super) hints: items::Hints,
}

/// Translates one statement.
///
/// # Errors
///
/// 400 if it is none that reads, or not one; SQLite finds what else is wrong.
pub(super) fn translate(sql: &str, names: &mut dyn Names) -> Result<Translated, SqlError> {
    let mut tokens = tokens(sql);
    while tokens.last().is_some_and(|token| token.is_op(";")) {
        tokens.pop();
    }
    let first = tokens.iter().find(|token| !token.is_op("("));
    if !first.is_some_and(|first| ["select", "with", "values"].iter().any(|word| first.is(word))) {
        return match first {
            None => bad("the SQL has no statement"),
            Some(_) => bad("only queries are allowed: the statement must begin with SELECT, WITH or VALUES"),
        };
    }
    if tokens.iter().any(|token| token.is_op(";")) {
        return bad("only one statement is allowed");
    }
    // Before anything that would look at each bracket's inside for every one of them.
    let ends = operators::ends(&tokens)?;
    let hints = items::hints(&tokens);
    let ctes = ctes(&tokens);
    let mut translation = Translation {
        tokens: &tokens,
        at: 0,
        out: Vec::new(),
        levels: vec![Level::default()],
        ctes,
        names,
        ends,
        closings: Vec::new(),
        left: operators::MOST_LOOKED_AT,
    };
    translation.run()?;
    let mut text = String::with_capacity(sql.len() + 64);
    for (piece, space) in &translation.out {
        if *space && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(piece);
    }
    Ok(Translated { sql: text, hints })
}

/// The names of `WITH`: `x AS (`, `x (a, b) AS (`.
fn ctes(tokens: &[Token]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !tokens.iter().any(|token| token.is("with")) {
        return found;
    }
    for (at, token) in tokens.iter().enumerate() {
        let Some(name) = token.name() else { continue };
        let mut next = at + 1;
        if tokens.get(next).is_some_and(|token| token.is_op("(")) {
            let Some(end) = tokens[next..].iter().position(|token| token.is_op(")")) else { continue };
            next += end + 1;
        }
        if !tokens.get(next).is_some_and(|token| token.is("as")) {
            continue;
        }
        next += 1;
        while tokens.get(next).is_some_and(|token| token.is("not") || token.is("materialized")) {
            next += 1;
        }
        if tokens.get(next).is_some_and(|token| token.is_op("(")) {
            found.insert(name.to_lowercase());
        }
    }
    found
}

/// The table function whose arguments are checked.
const SERIES: &str = "generate_series";

/// What is open at one depth of brackets.
#[derive(Debug, Default)]
struct Level {
    has_select: bool,
    in_from: bool,
    /// Whether a table comes next.
    wants_table: bool,
    /// Where the CAST begins of which these are the brackets.
    cast: Option<usize>,
    /// Where the table function begins of which these are the brackets.
    series: Option<usize>,
    /// Whether each argument is checked.
    is_checked: bool,
}

pub(super) struct Translation<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
    pub(super) out: Vec<(String, bool)>,
    levels: Vec<Level>,
    ctes: BTreeSet<String>,
    names: &'a mut dyn Names,
    /// For each opening bracket and each CASE, where it ends.
    pub(super) ends: Vec<usize>,
    /// Where calls end that were put around what stands there.
    pub(super) closings: Vec<usize>,
    /// How many more pieces may be looked at to find operands.
    pub(super) left: usize,
}

/// Words that may come after a table and are not aliases of it.
const AFTER_TABLE: [&str; 26] = [
    "where",
    "join",
    "on",
    "using",
    "left",
    "right",
    "full",
    "inner",
    "cross",
    "natural",
    "outer",
    "group",
    "order",
    "having",
    "limit",
    "offset",
    "union",
    "intersect",
    "except",
    "window",
    "fetch",
    "indexed",
    "not",
    "for",
    "lateral",
    "tablesample",
];

/// Words that end a FROM.
const AFTER_FROM: [&str; 11] = [
    "where",
    "group",
    "order",
    "having",
    "limit",
    "offset",
    "union",
    "intersect",
    "except",
    "window",
    "fetch",
];

impl Translation<'_> {
    pub(super) fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    pub(super) fn peek_op(&self, ahead: usize, operator: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.is_op(operator))
    }

    fn run(&mut self) -> Result<(), SqlError> {
        while let Some(token) = self.tokens.get(self.at) {
            self.close();
            match token.kind {
                Kind::Operator => self.operator(token)?,
                Kind::Word | Kind::Quoted => self.word(token)?,
                Kind::Number | Kind::Text => self.copy(token),
            }
        }
        self.close();
        Ok(())
    }

    pub(super) fn copy(&mut self, token: &Token) {
        self.out.push((token.text.clone(), token.space));
        self.at += 1;
    }

    fn put(&mut self, text: impl Into<String>) {
        self.out.push((text.into(), true));
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn operator(&mut self, token: &Token) -> Result<(), SqlError> {
        match token.text.as_str() {
            "(" => {
                if self.levels.len() > MAX_DEPTH {
                    return bad(format!("parentheses are nested deeper than {MAX_DEPTH} levels"));
                }
                let was_wanted = std::mem::take(&mut self.level().wants_table);
                let is_query =
                    ["select", "with", "values"].iter().any(|w| self.peek(1).is_some_and(|t| t.is(w)));
                let mut level = Level::default();
                if was_wanted && !is_query {
                    // A join in brackets.
                    level = Level { has_select: true, in_from: true, wants_table: true, ..level };
                }
                if self.at > 0 && self.tokens.get(self.at - 1).is_some_and(|before| before.is("cast")) {
                    level.cast = Some(self.out.len() - 1);
                }
                self.levels.push(level);
                self.copy(token);
            }
            ")" => {
                let closed = self.levels.pop();
                if closed.as_ref().is_some_and(|level| level.is_checked) {
                    self.out.push((")".to_owned(), false));
                }
                self.copy(token);
                if let Some(start) = closed.and_then(|level| level.series) {
                    self.series_alias(start);
                }
            }
            "," => {
                let level = self.level();
                level.wants_table = level.in_from;
                let is_checked = level.is_checked;
                if is_checked {
                    self.out.push((")".to_owned(), false));
                }
                self.copy(token);
                if is_checked {
                    self.check();
                }
            }
            "::" => {
                self.at += 1;
                let (wanted, check) = self.type_name()?;
                let start = self.operand()?;
                let space = self.out.get(start).is_some_and(|(_, space)| *space);
                if let Some((_, space)) = self.out.get_mut(start) {
                    *space = false;
                }
                let (before, after) = cast(wanted, check);
                self.out.insert(start, (before, space));
                self.out.push((after, false));
            }
            "/" | "%" if self.ends_operand(self.out.len()) => self.divide(token)?,
            _ => self.copy(token),
        }
        Ok(())
    }

    fn word(&mut self, token: &Token) -> Result<(), SqlError> {
        if token.kind == Kind::Word && self.keyword(token)? {
            return Ok(());
        }
        let start = self.at;
        let mut chain = Vec::new();
        while let Some(name) = self.peek(0).and_then(Token::name) {
            chain.push(name);
            self.at += 1;
            let more = self.peek_op(0, ".") && self.peek(1).is_some_and(|next| next.name().is_some());
            if !more {
                break;
            }
            self.at += 1;
        }
        let is_call = self.peek_op(0, "(");
        // A series is a table wherever it stands: after IN, too.
        let is_series = is_call && chain.iter().any(|name| name.eq_ignore_ascii_case(SERIES));
        if std::mem::take(&mut self.level().wants_table) || is_series {
            return self.table(&chain, start, is_call);
        }
        let name: Vec<&str> = chain.iter().map(String::as_str).collect();
        let column = match name.as_slice() {
            [schema, table, column] => {
                self.names.table(None, Some(schema), table).map(|_| (table.to_string(), column.to_string()))
            }
            [catalog, schema, table, column] => self
                .names
                .table(Some(catalog), Some(schema), table)
                .map(|_| (table.to_string(), column.to_string())),
            _ => None,
        };
        match column {
            Some((table, column)) => {
                self.out.push((quoted(&table), token.space));
                self.out.push((".".to_owned(), false));
                self.out.push((quoted(&column), false));
            }
            None => {
                for token in &self.tokens[start..self.at] {
                    self.out.push((token.text.clone(), token.space));
                }
            }
        }
        Ok(())
    }

    /// Takes a word that means something here; false if it is a name.
    fn keyword(&mut self, token: &Token) -> Result<bool, SqlError> {
        let word = token.text.to_ascii_lowercase();
        let is_call = self.peek_op(1, "(");
        match word.as_str() {
            "select" => {
                *self.level() = Level { has_select: true, ..Level::default() };
                self.copy(token);
            }
            "from" => {
                let before = |back: usize| self.at.checked_sub(back).and_then(|at| self.tokens.get(at));
                let compares = before(1).is_some_and(|token| token.is("distinct"))
                    && before(2).is_some_and(|token| token.is("is") || token.is("not"));
                let level = self.level();
                if level.has_select && !compares {
                    (level.in_from, level.wants_table) = (true, true);
                }
                self.copy(token);
            }
            "join" if !is_call => {
                let level = self.level();
                level.wants_table = level.in_from;
                self.copy(token);
            }
            "lateral" => self.at += 1,
            "as" if self.level().cast.is_some() => {
                self.at += 1;
                let (wanted, check) = self.type_name()?;
                let start = self.level().cast.take().unwrap_or_default();
                if !self.peek_op(0, ")") {
                    return bad("a CAST needs a closing parenthesis after its type");
                }
                let closing = self.tokens[self.at].clone();
                let (before, after) = cast(wanted, check);
                // `CAST` and its bracket become what begins the cast.
                let space = self.out.get(start).is_some_and(|(_, space)| *space);
                self.out.splice(start..start + 2, [(before, space)]);
                self.levels.pop();
                self.out.push((after, closing.space));
                self.at += 1;
            }
            "ilike" => {
                // An operator of SQLite that calls a function of ours.
                self.out.push(("REGEXP".to_owned(), token.space));
                self.at += 1;
            }
            "date" | "timestamp" | "timestamptz" if self.peek(1).is_some_and(|t| t.kind == Kind::Text) => {
                let (before, after) = cast(ColumnType::parse(&word)?, Check::Nothing);
                let text = self.peek(1).map(|token| token.text.clone()).unwrap_or_default();
                self.out.extend([(before, token.space), (text, false), (after, false)]);
                self.at += 2;
            }
            "extract"
                if is_call
                    && self.peek(3).is_some_and(|token| token.is("from"))
                    && self.peek(2).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Text)) =>
            {
                let field = self.peek(2).map(|token| token.text.trim_matches('\'').to_owned());
                self.out.push(("date_part".to_owned(), token.space));
                self.levels.push(Level::default());
                self.out.push(("(".to_owned(), false));
                self.out.push((format!("'{}',", field.unwrap_or_default()), false));
                self.at += 4;
            }
            "interval" if self.peek(1).is_some_and(|t| matches!(t.kind, Kind::Text | Kind::Number)) => {
                self.interval()?;
            }
            "current_timestamp" | "localtimestamp" if !is_call => {
                self.now(token.space);
                self.at += 1;
            }
            "current_date" if !is_call => {
                self.out.push(("hd_date(".to_owned(), token.space));
                self.now(false);
                self.out.push((")".to_owned(), false));
                self.at += 1;
            }
            _ if AFTER_FROM.contains(&word.as_str()) && !self.level().wants_table => {
                let level = self.level();
                (level.in_from, level.wants_table) = (false, false);
                self.copy(token);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Calls what says the time.
    fn now(&mut self, space: bool) {
        for (piece, space) in [("now", space), ("(", false), (")", false)] {
            self.out.push((piece.to_owned(), space));
        }
    }

    fn table(&mut self, chain: &[String], start: usize, is_call: bool) -> Result<(), SqlError> {
        let space = self.tokens[start].space;
        let names: Vec<&str> = chain.iter().map(String::as_str).collect();
        if is_call {
            // A table function. Its brackets are not a join.
            let begin = self.out.len();
            self.out.push((names.join("."), space));
            let opening = self.tokens[self.at].clone();
            self.copy(&opening);
            // rusqlite's series adds without looking, and ends the process where that overflows.
            let is_checked = names.iter().any(|name| name.eq_ignore_ascii_case(SERIES));
            self.levels.push(Level { series: Some(begin), is_checked, ..Level::default() });
            if is_checked {
                self.check();
            }
            return Ok(());
        }
        let found = match names.as_slice() {
            [table] if self.ctes.contains(&table.to_lowercase()) => None,
            [table] => self.names.table(None, None, table),
            [schema, table] => self.names.table(None, Some(schema), table),
            [catalog, schema, table] => {
                let found = self.names.table(Some(catalog), Some(schema), table);
                if found.is_none() {
                    return bad(format!("no such table: {}", names.join(".")));
                }
                found
            }
            _ => return bad(format!("no such table: {}", names.join("."))),
        };
        let Some(found) = found else {
            for token in &self.tokens[start..self.at] {
                self.out.push((token.text.clone(), token.space));
            }
            return Ok(());
        };
        self.out.push((found, space));
        let has_alias = self.peek(0).is_some_and(|next| match next.kind {
            Kind::Quoted => true,
            Kind::Word => !AFTER_TABLE.iter().any(|word| next.is(word)),
            _ => false,
        });
        if !has_alias {
            self.put("AS");
            self.put(quoted(names.last().copied().unwrap_or_default()));
        }
        Ok(())
    }

    /// Begins a call that checks an argument of a series.
    fn check(&mut self) {
        self.put("hd_bound");
        self.out.push(("(".to_owned(), false));
    }

    /// After a table function: `AS t(n)` gives its column a name.
    fn series_alias(&mut self, start: usize) {
        let ahead = usize::from(self.peek(0).is_some_and(|token| token.is("as")));
        let alias = self.peek(ahead).and_then(Token::name);
        let column = self.peek(ahead + 2).and_then(Token::name);
        let (Some(alias), Some(column)) = (alias, column) else { return };
        if !self.peek_op(ahead + 1, "(") || !self.peek_op(ahead + 3, ")") {
            return;
        }
        self.out.insert(start, (format!("(SELECT value AS {} FROM", quoted(&column)), true));
        self.put(format!(") AS {}", quoted(&alias)));
        self.at += ahead + 4;
    }

    /// The type that stands here.
    fn type_name(&mut self) -> Result<(ColumnType, Check), SqlError> {
        let mut text = match self.peek(0).and_then(Token::name) {
            Some(name) => name,
            None => return bad("a cast needs a type after AS or ::"),
        };
        self.at += 1;
        let following: &[&str] = match text.to_ascii_lowercase().as_str() {
            "double" => &["precision"],
            "character" => &["varying"],
            _ => &[],
        };
        for word in following {
            if self.peek(0).is_some_and(|token| token.is(word)) {
                text = format!("{text} {word}");
                self.at += 1;
            }
        }
        if self.peek_op(0, "(") {
            while let Some(token) = self.peek(0) {
                let (part, is_end) = (token.text.clone(), token.is_op(")"));
                text.push_str(&part);
                self.at += 1;
                if is_end {
                    break;
                }
            }
        }
        let zone = |this: &Self, first: &str| {
            [first, "time", "zone"]
                .iter()
                .enumerate()
                .all(|(at, word)| this.peek(at).is_some_and(|t| t.is(word)))
        };
        for first in ["with", "without"] {
            if zone(self, first) {
                text = format!("{} {first} time zone", text.split('(').next().unwrap_or_default());
                self.at += 3;
            }
        }
        Ok((ColumnType::parse(&text)?, Check::of(&text)))
    }
}

/// What stands before and after a value to make it one of this type.
fn cast(wanted: ColumnType, check: Check) -> (String, String) {
    let (before, after) = match (wanted, check) {
        (ColumnType::Int64, check) => ("hd_int(", format!(", '{}')", check.name())),
        (ColumnType::Utf8, Check::Uuid | Check::Time) => ("hd_checked(", format!(", '{}')", check.name())),
        (ColumnType::Float64, _) => ("hd_float(", ")".to_owned()),
        (ColumnType::Utf8, _) => ("CAST(", " AS TEXT)".to_owned()),
        (ColumnType::Binary, _) => ("CAST(", " AS BLOB)".to_owned()),
        (ColumnType::Boolean, _) => ("hd_boolean(", ")".to_owned()),
        (ColumnType::Date, _) => ("hd_date(", ")".to_owned()),
        (ColumnType::Timestamp { .. }, _) => ("hd_timestamp(", ")".to_owned()),
        (ColumnType::Decimal { precision, scale }, _) => ("hd_decimal(", format!(", {precision}, {scale})")),
    };
    (before.to_owned(), after)
}
