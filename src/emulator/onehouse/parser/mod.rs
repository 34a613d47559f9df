//! The grammar of statements: tokens to the command values that the client renders.
//!
//! Keywords in any case, clauses in the order of the reference (section 4), every value quoted as its clause
//! wants it. One function a statement, in one file a family.

mod clusters;

use crate::onehouse::{AnyCommand, Options};

use super::lexer::{Kind, SyntaxError, Token, tokens};

type Parse<T> = Result<T, SyntaxError>;

/// Reads one statement.
///
/// Accepts everything that the vendor's clients render, and the older spellings that the vendor's pages
/// document. Values of `WITH` are always strings here, as they are on the wire.
///
/// ```
/// use controlplane::emulator::onehouse::parse;
/// use controlplane::onehouse::{AnyCommand, DeleteCluster};
///
/// let command = parse("delete  cluster \"prod\"")?;
/// assert_eq!(command, AnyCommand::from(DeleteCluster::new("prod")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Where the text stops being a statement, and what could stand there.
pub fn parse(sql: &str) -> Result<AnyCommand, SyntaxError> {
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

impl Parser<'_> {
    fn statement(&mut self) -> Parse<AnyCommand> {
        if self.eat("CREATE") {
            if self.eat("CLUSTER") {
                return self.create_cluster();
            }
        } else if self.eat("ALTER") {
            if self.eat("CLUSTER") {
                return self.alter_cluster();
            }
        } else if self.eat("DELETE") {
            if self.eat("CLUSTER") {
                return self.delete_cluster();
            }
        } else if self.eat("DESCRIBE") {
            if self.eat("CLUSTER") {
                return self.describe_cluster();
            }
        } else if self.eat("SHOW") && self.eat("CLUSTERS") {
            return self.show_clusters();
        }
        Err(self.unexpected())
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
        let mut options = Options::new();
        if !self.eat("WITH") {
            return Ok(options);
        }
        loop {
            if let Kind::Text(key) = &self.token().kind {
                if key.is_empty() {
                    return Err(self.error("the key of an option is not empty"));
                }
                if key.contains('\'') {
                    return Err(self.error("the key of an option has no quote in it"));
                }
                if options.get(key).is_some() {
                    return Err(self.error("this option is set already"));
                }
            }
            let key = self.text()?;
            self.equals()?;
            options.set(key, self.text()?);
            if self.token().kind != Kind::Comma {
                self.expected.push(",");
                return Ok(options);
            }
            self.step();
        }
    }
}

#[cfg(test)]
mod tests;
