//! The configuration file of the H2O CLI: five keys of a TOML file.
//!
//! Read by hand, so that no crate is needed for five texts. All of TOML's strings, arrays, tables and
//! comments are read as far as is needed to find the keys at the top; a file that is not TOML is an error.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::client::secret_file::{self, Opened};
use crate::error::{Error, ErrorKind};
use crate::http::shown_url;

/// The largest file that is read.
const MAX_FILE: u64 = 1024 * 1024;
/// The deepest nesting of values that is read.
const MAX_DEPTH: u32 = 32;

/// The values in the file.
#[derive(Default)]
pub(crate) struct ConfigFile {
    /// The environment's URL.
    pub(crate) endpoint: Option<String>,
    /// Refresh tokens, by the id of their client.
    pub(crate) tokens: BTreeMap<String, SecretString>,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// Shows no token.
impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigFile")
            .field("endpoint", &self.endpoint.as_deref().map(shown_url))
            .finish_non_exhaustive()
    }
}

impl ConfigFile {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let refuse = |why: String| {
            Error::new(
                ErrorKind::Credentials,
                format!("reading the configuration file {}", path.display()),
                why,
            )
        };
        let malformed = |why: String| {
            refuse(why)
                .with_advice("It is TOML, as the H2O CLI writes it: `Endpoint = \"https://cloud.h2o.ai\"`.")
        };
        const CHECK: &str = "Check the path and the permissions of the file.";
        let mut bytes = Vec::new();
        let opened = secret_file::open(path, "the configuration file").and_then(|opened| match opened {
            Opened::File(file) => file.take(MAX_FILE + 1).read_to_end(&mut bytes).map(|_| None),
            Opened::Nothing => Ok(Some("there is no such file")),
            Opened::NotAFile => Ok(Some("it is a directory, a pipe or a device, not a regular file")),
        });
        match opened {
            Ok(None) => {}
            Ok(Some(why)) => return Err(refuse(why.to_owned()).with_advice(CHECK)),
            Err(e) => return Err(refuse(e.to_string()).with_advice(CHECK).with_source(e)),
        }
        if bytes.len() as u64 > MAX_FILE {
            return Err(refuse("it is larger than 1 MiB".to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".to_owned()))?;
        Self::parse(&text).map(|file| Self { path: path.to_owned(), ..file }).map_err(malformed)
    }

    /// The error names the line and shows no value.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut keys = Reader { rest: text, line: 1 }.document()?;
        let mut take = |key: &str| match keys.remove(key) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(format!("{key} is not a string")),
        };
        let endpoint = take("Endpoint")?.filter(|url| !url.is_empty());
        let mut tokens = BTreeMap::new();
        for (id, token) in [("ClientID", "Token"), ("PlatformClientID", "PlatformToken")] {
            if let (Some(id), Some(token)) = (take(id)?, take(token)?)
                && !token.is_empty()
            {
                tokens.insert(id, token.into());
            }
        }
        Ok(Self { endpoint, tokens, path: PathBuf::new() })
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
}

/// A value: a string, or `None` for another type.
type Found = Option<String>;

impl Reader<'_> {
    fn fail<T>(&self, why: &str) -> Result<T, String> {
        Err(format!("line {}: {why}", self.line))
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let is_there = self.rest.starts_with(text);
        if is_there {
            for _ in text.chars() {
                self.bump();
            }
        }
        is_there
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.bump();
        }
    }

    fn comment(&mut self) {
        if self.peek() == Some('#') {
            while self.peek().is_some_and(|c| c != '\n') {
                self.bump();
            }
        }
    }

    /// Skips white space, line ends and comments.
    fn space(&mut self) {
        loop {
            self.blanks();
            self.comment();
            if !self.eat("\r\n") && !self.eat("\n") {
                return;
            }
        }
    }

    /// Skips the rest of the line, which may only be a comment.
    fn line_end(&mut self) -> Result<(), String> {
        self.blanks();
        self.comment();
        if self.rest.is_empty() || self.eat("\r\n") || self.eat("\n") {
            return Ok(());
        }
        self.fail("there is text after the value")
    }

    /// Reads the keys at the top, before any table.
    fn document(&mut self) -> Result<BTreeMap<String, Found>, String> {
        let mut top = BTreeMap::new();
        let mut is_top = true;
        loop {
            self.space();
            match self.peek() {
                None => return Ok(top),
                Some('[') => {
                    let is_array = self.eat("[[");
                    if !is_array {
                        self.bump();
                    }
                    self.key()?;
                    if !self.eat(if is_array { "]]" } else { "]" }) {
                        return self.fail("the name of a table does not end");
                    }
                    is_top = false;
                }
                Some(_) => {
                    let mut path = self.key()?;
                    if !self.eat("=") {
                        return self.fail("there is no `=` after the key");
                    }
                    let value = self.value(0)?;
                    let name = path.pop().unwrap_or_default();
                    if is_top && path.is_empty() && top.insert(name.clone(), value).is_some() {
                        return self.fail(&format!("{name} appears more than once"));
                    }
                }
            }
            self.line_end()?;
        }
    }

    /// Reads a key, with dots between its parts.
    fn key(&mut self) -> Result<Vec<String>, String> {
        let mut parts = Vec::new();
        loop {
            self.blanks();
            let part = match self.peek() {
                Some('"') => self.basic()?,
                Some('\'') => self.literal()?,
                _ => {
                    let mut part = String::new();
                    while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                    {
                        part.push(c);
                        self.bump();
                    }
                    if part.is_empty() {
                        return self.fail("there is no key");
                    }
                    part
                }
            };
            parts.push(part);
            self.blanks();
            if !self.eat(".") {
                return Ok(parts);
            }
        }
    }

    fn value(&mut self, depth: u32) -> Result<Found, String> {
        if depth > MAX_DEPTH {
            return self.fail("values are nested too deeply");
        }
        self.blanks();
        if self.rest.starts_with("\"\"\"") || self.rest.starts_with("'''") {
            return self.multi_line().map(Some);
        }
        match self.peek() {
            Some('"') => self.basic().map(Some),
            Some('\'') => self.literal().map(Some),
            Some('[') => {
                self.bump();
                loop {
                    self.space();
                    if self.eat("]") {
                        return Ok(None);
                    }
                    self.value(depth + 1)?;
                    self.space();
                    if !self.eat(",") && self.peek() != Some(']') {
                        return self.fail("an array does not end");
                    }
                }
            }
            Some('{') => {
                self.bump();
                self.blanks();
                if self.eat("}") {
                    return Ok(None);
                }
                loop {
                    self.key()?;
                    if !self.eat("=") {
                        return self.fail("there is no `=` after the key");
                    }
                    self.value(depth + 1)?;
                    self.blanks();
                    if self.eat("}") {
                        return Ok(None);
                    }
                    if !self.eat(",") {
                        return self.fail("a table does not end");
                    }
                }
            }
            // Numbers, bools and dates are skipped.
            _ => {
                let mut text = String::new();
                while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || "+-_.:".contains(*c))
                {
                    text.push(c);
                    self.bump();
                }
                // A space may separate date and time.
                if text.len() == 10
                    && self.rest.starts_with(' ')
                    && self.rest[1..].starts_with(|c: char| c.is_ascii_digit())
                {
                    self.bump();
                    while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "+-:.".contains(c)) {
                        self.bump();
                    }
                }
                let is_value =
                    matches!(&*text, "true" | "false" | "inf" | "nan" | "+inf" | "-inf" | "+nan" | "-nan")
                        || text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit());
                if is_value { Ok(None) } else { self.fail("there is no value") }
            }
        }
    }

    /// `"…"`.
    fn basic(&mut self) -> Result<String, String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if c != '\n' && (!c.is_control() || c == '\t') => text.push(c),
                _ => return self.fail("a string does not end"),
            }
        }
    }

    /// `'…'`.
    fn literal(&mut self) -> Result<String, String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('\'') => return Ok(text),
                Some(c) if c != '\n' && (!c.is_control() || c == '\t') => text.push(c),
                _ => return self.fail("a string does not end"),
            }
        }
    }

    /// `"""…"""` or `'''…'''`.
    fn multi_line(&mut self) -> Result<String, String> {
        let quotes = &self.rest[..3];
        let (quotes, is_basic) = (quotes.to_owned(), quotes == "\"\"\"");
        self.eat(&quotes);
        if !self.eat("\r\n") {
            self.eat("\n");
        }
        let mut text = String::new();
        loop {
            if self.eat(&quotes) {
                // Up to two quotes may precede the end.
                for _ in 0..2 {
                    if self.eat(&quotes[..1]) {
                        text.push_str(&quotes[..1]);
                    }
                }
                return Ok(text);
            }
            match self.bump() {
                Some('\\') if is_basic => {
                    let after = self.rest.trim_start_matches([' ', '\t', '\r']);
                    if after.starts_with('\n') {
                        while self.peek().is_some_and(|c| " \t\r\n".contains(c)) {
                            self.bump();
                        }
                    } else {
                        text.push(self.escape()?);
                    }
                }
                Some('\r') if self.rest.starts_with('\n') => {}
                Some(c) if !c.is_control() || c == '\t' || c == '\n' => text.push(c),
                _ => return self.fail("a string does not end"),
            }
        }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self) -> Result<char, String> {
        let digits = match self.bump() {
            Some('b') => return Ok('\u{8}'),
            Some('t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('f') => return Ok('\u{c}'),
            Some('r') => return Ok('\r'),
            Some('"') => return Ok('"'),
            Some('\\') => return Ok('\\'),
            Some('u') => 4,
            Some('U') => 8,
            _ => return self.fail("an escape is not valid"),
        };
        let mut code = 0;
        for _ in 0..digits {
            match self.bump().and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return self.fail("an escape is not valid"),
            }
        }
        char::from_u32(code).map_or_else(|| self.fail("an escape is invalid"), Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn the_keys_at_the_top() {
        let config = ConfigFile::parse(
            "\u{feff}# made by the CLI\r\nEndpoint = \"https://cloud.example.com\" # here\r\nClientID = 'cli'\n\
             Token = \"\"\"\na\\\n   b\\u0021\"\"\"\n\"PlatformClientID\" = \"hac\\u002dplatform\"\nPlatformToken = 'p#\\'\n\
             Other = [1, \"]\", [2.5, {a.b = 1, c = 'd'}], # x\n 1979-05-27 07:32:00Z,]\nflag = true\n[Token]\nToken = \"no\"\n\
             [[more.\"a b\"]]\nEndpoint = 'no'\n",
        )
        .unwrap();
        assert_eq!(config.endpoint.as_deref(), Some("https://cloud.example.com"));
        let tokens: Vec<_> = config.tokens.iter().map(|(id, token)| (&**id, token.expose_secret())).collect();
        assert_eq!(tokens, [("cli", "ab!"), ("hac-platform", "p#\\")]);
        assert!(!format!("{config:?}").contains("ab!"));
    }

    #[test]
    fn what_is_not_toml_is_refused_with_its_line() {
        for text in [
            "Endpoint = [\n",
            "Endpoint",
            "Endpoint =",
            "Endpoint = cloud",
            "Endpoint = \"a\" b",
            "Endpoint = \"a",
            "Endpoint = \"a\nb\"",
            "Endpoint = \"\\x\"",
            "Endpoint = \"\\ud800\"",
            "Endpoint = 'a'\nEndpoint = 'b'",
            "Endpoint = 5",
            "= 'a'",
            "[table",
            "a = {b = 1",
        ] {
            assert!(ConfigFile::parse(text).is_err(), "{text}");
        }
        assert!(ConfigFile::parse(&format!("a = {}", "[".repeat(100_000))).is_err());
        assert_eq!(ConfigFile::parse("a = 1\nb = \"hunter2").unwrap_err(), "line 2: a string does not end");
        assert!(ConfigFile::parse("").unwrap().endpoint.is_none());
    }
}
