//! Reads a script. What is not read is an error that names it: nothing is skipped.

use super::words::{Piece, Word, is_name, is_special};

/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 30;

/// Words that begin something else where a command is expected.
const RESERVED: [&str; 21] = [
    "!", "[[", "{", "}", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function",
    "if", "in", "select", "then", "time", "until", "while",
];

/// Commands one after the other.
pub(super) type List = Vec<Chain>;

/// Commands with `&&` and `||` between them.
#[derive(Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) first: Command,
    /// true: after `&&`.
    pub(super) rest: Vec<(bool, Command)>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Command {
    pub(super) kind: Kind,
    pub(super) redirects: Vec<Redirect>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Kind {
    Simple { assignments: Vec<(String, Word)>, words: Vec<Word> },
    Subshell(List),
}

/// Where one of the two outputs goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// Where another goes: 1 or 2.
    ToOther(u8, u8),
    /// To `/dev/null`.
    ToNothing(u8),
}

/// Reads a whole script; an error is what the interpreter does not understand.
pub(super) fn parse(script: &str) -> Result<List, String> {
    let mut parser = Parser { chars: joined(script), at: 0 };
    let list = parser.list(0)?;
    match parser.peek() {
        None => Ok(list),
        Some(c) => Err(format!("a script with a `{c}` that closes nothing (a shell refuses it too)")),
    }
}

/// The characters of a script with its continued lines joined: a shell does it before it looks for anything else but single
/// quotes and comments.
fn joined(script: &str) -> Vec<char> {
    let mut joined = Vec::new();
    let mut chars = script.chars().peekable();
    // The quote that is open.
    let mut quote = None;
    let mut is_comment = false;
    // Whether a word begins here: `#` is a comment then.
    let mut is_start = true;
    while let Some(c) = chars.next() {
        if is_comment {
            is_comment = c != '\n';
        } else if c == '\\' && quote != Some('\'') {
            match chars.next() {
                Some('\n') => continue,
                Some(escaped) => joined.extend([c, escaped]),
                None => joined.push(c),
            }
            is_start = false;
            continue;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() {
            match c {
                '\'' | '"' => quote = Some(c),
                '#' => is_comment = is_start,
                _ => {}
            }
        }
        is_start =
            quote.is_none() && matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>');
        joined.push(c);
    }
    joined
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn is_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(place, c)| self.chars.get(self.at + place) == Some(&c))
    }

    fn take(&mut self, text: &str) -> bool {
        let is_at = self.is_at(text);
        if is_at {
            self.at += text.chars().count();
        }
        is_at
    }

    /// Skips blanks and a comment.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.at += 1,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.take("\n") {
            self.skip_blanks();
        }
    }

    /// Up to the end, or to a parenthesis.
    fn list(&mut self, depth: usize) -> Result<List, String> {
        let mut list = Vec::new();
        loop {
            self.skip_lines();
            if matches!(self.peek(), None | Some(')')) {
                return Ok(list);
            }
            list.push(self.chain(depth)?);
            self.skip_blanks();
            match self.peek() {
                Some(';') if self.is_at(";;") => return Err("`;;`".to_owned()),
                Some(';' | '\n') => self.at += 1,
                Some('&') => return Err("a command in the background (`&`)".to_owned()),
                Some('|') => return Err("a pipe (`|`)".to_owned()),
                Some(')') | None => {}
                Some(c) => return Err(format!("`{c}` after a command")),
            }
        }
    }

    fn chain(&mut self, depth: usize) -> Result<Chain, String> {
        let first = self.command(depth)?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let is_and = match () {
                () if self.take("&&") => true,
                () if self.take("||") => false,
                () => return Ok(Chain { first, rest }),
            };
            self.skip_lines();
            rest.push((is_and, self.command(depth)?));
        }
    }

    fn command(&mut self, depth: usize) -> Result<Command, String> {
        if self.is_at("((") {
            return Err("arithmetic (`((`)".to_owned());
        }
        let mut redirects = Vec::new();
        if self.take("(") {
            if depth >= MAX_DEPTH {
                return Err(format!("parentheses that are nested more than {MAX_DEPTH} deep"));
            }
            let list = self.list(depth + 1)?;
            if list.is_empty() {
                return Err("parentheses without a command".to_owned());
            }
            if !self.take(")") {
                return Err("a `(` without its `)`".to_owned());
            }
            loop {
                self.skip_blanks();
                match self.redirect()? {
                    Some(redirect) => redirects.push(redirect),
                    None => return Ok(Command { kind: Kind::Subshell(list), redirects }),
                }
            }
        }
        let (mut assignments, mut words) = (Vec::new(), Vec::new());
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => break,
                Some('(') => return Err("a function or an array (`(`)".to_owned()),
                _ => {}
            }
            if words.is_empty()
                && let Some(name) = self.assigned()?
            {
                if self.peek() == Some('(') {
                    return Err("a function or an array (`(`)".to_owned());
                }
                assignments.push((name, self.word(true)?));
                continue;
            }
            let word = self.word(false)?;
            if words.is_empty()
                && let Some(reserved) = word.plain().filter(|text| RESERVED.contains(text))
            {
                return Err(format!("`{reserved}`"));
            }
            words.push(word);
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return Err(match self.peek() {
                None => "a script that ends where a command is expected".to_owned(),
                Some(c) => format!("`{}` where a command is expected", c.escape_debug()),
            });
        }
        if !words.is_empty() && !assignments.is_empty() {
            return Err("an assignment before a command".to_owned());
        }
        Ok(Command { kind: Kind::Simple { assignments, words }, redirects })
    }

    /// The name that is assigned here, if it is an assignment.
    fn assigned(&mut self) -> Result<Option<String>, String> {
        let rest = &self.chars[self.at..];
        let end = rest.iter().position(|c| !c.is_ascii_alphanumeric() && *c != '_').unwrap_or(rest.len());
        let name: String = rest[..end].iter().collect();
        if !is_name(&name) {
            return Ok(None);
        }
        match (rest.get(end), rest.get(end + 1)) {
            (Some('+'), Some('=')) => Err("`+=`".to_owned()),
            (Some('='), _) => {
                self.at += end + 1;
                Ok(Some(name))
            }
            _ => Ok(None),
        }
    }

    fn redirect(&mut self) -> Result<Option<Redirect>, String> {
        let digits = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).count();
        let after = self.chars.get(self.at + digits);
        if !matches!(after, Some('<' | '>')) {
            return if self.is_at("&>") { Err("the redirection `&>`".to_owned()) } else { Ok(None) };
        }
        let start = self.at;
        let from: String = self.chars[self.at..self.at + digits].iter().collect();
        let from = match from.as_str() {
            "" | "1" => 1,
            "2" => 2,
            _ => 0,
        };
        self.at += digits;
        let known = if self.take(">&") {
            match self.plain_word()?.as_deref() {
                Some("1") => Some(Redirect::ToOther(from, 1)),
                Some("2") => Some(Redirect::ToOther(from, 2)),
                _ => None,
            }
        } else if !self.is_at(">>") && self.take(">") {
            self.skip_blanks();
            (self.plain_word()?.as_deref() == Some("/dev/null")).then_some(Redirect::ToNothing(from))
        } else {
            None
        };
        match known {
            Some(known) if from != 0 => Ok(Some(known)),
            _ => {
                let end = self.chars.len().min(self.at.max(start + digits + 1));
                let shown: String = self.chars[start..end].iter().collect();
                Err(format!("the redirection `{}`", crate::text::one_line(&shown, 40)))
            }
        }
    }

    fn plain_word(&mut self) -> Result<Option<String>, String> {
        match self.peek() {
            None | Some(' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')') => Ok(None),
            _ => Ok(self.word(false)?.plain().map(str::to_owned)),
        }
    }

    /// One word. `is_value`: that of an assignment.
    fn word(&mut self, is_value: bool) -> Result<Word, String> {
        let mut word = Word::default();
        // The last character that was neither quoted nor of a variable.
        let mut before = None;
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | ')' => break,
                '(' => return Err("a function, an array or a pattern (`(`)".to_owned()),
                '`' => return Err("command substitution (`` ` ``)".to_owned()),
                '*' | '?' => return Err(format!("a pattern of file names (`{c}` without quotes)")),
                '[' if !self.is_alone(start) => {
                    return Err("a pattern of file names (`[` without quotes)".to_owned());
                }
                '{' if !self.is_alone(start) => {
                    return Err("a brace expansion (`{` without quotes)".to_owned());
                }
                '~' if matches!(before, Some('=' | ':')) || self.at == start => return Err("`~`".to_owned()),
                '\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => return Err("a continued line".to_owned()),
                        Some(c) => {
                            self.at += 1;
                            add(&mut word, true, c);
                            word.has_quotes = true;
                        }
                        None => return Err("a `\\` at the end of the script".to_owned()),
                    }
                }
                '\'' => {
                    self.at += 1;
                    quotes(&mut word);
                    loop {
                        match self.next() {
                            None => return Err("a quote without its end (`'`)".to_owned()),
                            Some('\'') => break,
                            Some(c) => add(&mut word, true, c),
                        }
                    }
                }
                '"' => {
                    self.at += 1;
                    quotes(&mut word);
                    self.quoted(&mut word)?;
                }
                '$' => {
                    self.at += 1;
                    self.dollar(&mut word, false)?;
                }
                _ => {
                    self.at += 1;
                    add(&mut word, false, c);
                    before = Some(c);
                    continue;
                }
            }
            before = None;
        }
        // An empty value is a word, too.
        if is_value {
            word.has_quotes = true;
        }
        Ok(word)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    /// Returns whether the character here is all that its word has, or begins `[[` or `{}` that is.
    fn is_alone(&self, start: usize) -> bool {
        let from = |place: usize| self.chars.get(self.at + place).copied();
        let ends = |c: Option<char>| matches!(c, None | Some(' ' | '\t' | '\n' | ';'));
        let is_pair = (self.is_at("[[") || self.is_at("{}")) && ends(from(2));
        self.at == start && (ends(from(1)) || is_pair)
            || self.at == start + 1 && self.chars[start] == '[' && ends(from(1))
    }

    /// After a double quote, up to the next.
    fn quoted(&mut self, word: &mut Word) -> Result<(), String> {
        loop {
            match self.next() {
                None => return Err("a quote without its end (`\"`)".to_owned()),
                Some('"') => return Ok(()),
                Some('`') => return Err("command substitution (`` ` ``)".to_owned()),
                Some('$') => self.dollar(word, true)?,
                Some('\\') => match self.next() {
                    None => return Err("a quote without its end (`\"`)".to_owned()),
                    Some(c @ ('$' | '`' | '"' | '\\')) => add(word, true, c),
                    Some(c) => {
                        add(word, true, '\\');
                        add(word, true, c);
                    }
                },
                Some(c) => add(word, true, c),
            }
        }
    }

    /// After a dollar sign.
    fn dollar(&mut self, word: &mut Word, is_quoted: bool) -> Result<(), String> {
        let rest = &self.chars[self.at..];
        let name = |rest: &[char]| -> String {
            rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect()
        };
        let piece = match rest.first() {
            Some('?') => {
                self.at += 1;
                Piece::Status
            }
            Some('{') => {
                let inner = name(&rest[1..]);
                if !is_name(&inner) || rest.get(1 + inner.len()) != Some(&'}') {
                    return Err(format!("the expansion `${{{inner}…`"));
                }
                self.at += inner.len() + 2;
                Piece::Variable(inner)
            }
            Some('(') => return Err("command substitution or arithmetic (`$(`)".to_owned()),
            Some(c @ ('\'' | '"')) if !is_quoted => return Err(format!("the quotes `${c}`")),
            Some(c @ ('0'..='9' | '@' | '*' | '#' | '$' | '!' | '-' | '[')) => return Err(format!("`${c}`")),
            Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                let name = name(rest);
                self.at += name.len();
                Piece::Variable(name)
            }
            _ => {
                add(word, is_quoted, '$');
                return Ok(());
            }
        };
        if let Piece::Variable(name) = &piece
            && (name == "_" || (is_special(name) && name.starts_with("BASH")))
        {
            return Err(format!("`${name}`"));
        }
        word.pieces.push((is_quoted, piece));
        Ok(())
    }
}

/// A quote begins. With nothing in it, it is a piece all the same: `$A""` has a word after the last blank of `$A`.
fn quotes(word: &mut Word) {
    word.has_quotes = true;
    if !matches!(word.pieces.last(), Some((true, Piece::Literal(_)))) {
        word.pieces.push((true, Piece::Literal(String::new())));
    }
}

fn add(word: &mut Word, is_quoted: bool, c: char) {
    if let Some((quoted, Piece::Literal(text))) = word.pieces.last_mut()
        && *quoted == is_quoted
    {
        text.push(c);
        return;
    }
    word.pieces.push((is_quoted, Piece::Literal(c.to_string())));
}
