//! The words of a script, and what their variables make of them.

use std::collections::BTreeMap;

/// The most text that all words of a script may have together: variables can double themselves.
const MAX_TEXT: usize = 16 * 1024 * 1024;

/// Variables that shells set.
const SPECIAL: [&str; 38] = [
    "_",
    "COLUMNS",
    "COMP_WORDBREAKS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "HOME",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "LINENO",
    "LINES",
    "LOGNAME",
    "MACHTYPE",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PATH",
    "PIPESTATUS",
    "POSIXLY_CORRECT",
    "PPID",
    "PS4",
    "PWD",
    "RANDOM",
    "SECONDS",
    "SHELL",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "TERM",
    "UID",
    "USER",
];

/// Of these, those that have the value of the environment if it has one.
const INHERITED: [&str; 7] = ["HOME", "HOSTNAME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"];

/// A piece of a word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Literal(String),
    Variable(String),
    /// `$?`
    Status,
}

/// A word before its variables are replaced.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Word {
    /// true: between quotes.
    pub(super) pieces: Vec<(bool, Piece)>,
    pub(super) has_quotes: bool,
}

impl Word {
    /// The word, if it has neither quotes nor variables.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [(false, Piece::Literal(text))] if !self.has_quotes => Some(text),
            _ => None,
        }
    }

    /// Returns whether it looks like an assignment, `NAME=…`, whose value is never split.
    fn assigns(&self) -> bool {
        match self.pieces.first() {
            Some((false, Piece::Literal(text))) => {
                text.split_once('=').is_some_and(|(name, _)| is_name(name))
            }
            _ => false,
        }
    }
}

pub(super) fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns whether a shell gives the variable a value or a meaning of its own.
pub(super) fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name) || name.starts_with("BASH")
}

/// Why an expansion came to nothing.
#[derive(Debug, PartialEq)]
pub(super) enum Failed {
    /// The variable has no value, and `set -u` is in force.
    Unset(String),
    Refused(String),
}

/// The variables of a script.
#[derive(Clone, Debug)]
pub(super) struct Variables {
    values: BTreeMap<String, String>,
    pub(super) status: i32,
    /// `set -u`
    pub(super) must_be_set: bool,
}

impl Variables {
    pub(super) fn new(env: &[(String, String)]) -> Self {
        // A shell sets the others itself, whatever the environment says.
        let kept = env.iter().filter(|(name, _)| !is_special(name) || INHERITED.contains(&name.as_str()));
        Self { values: kept.cloned().collect(), status: 0, must_be_set: false }
    }

    pub(super) fn set(&mut self, name: &str, value: String) -> Result<(), Failed> {
        if is_special(name) {
            return Err(Failed::Refused(format!("an assignment to ${name}")));
        }
        self.values.insert(name.to_owned(), value);
        Ok(())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// The bytes of all values: what a copy costs.
    pub(super) fn size(&self) -> usize {
        self.values.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    fn value(&self, piece: &Piece) -> Result<String, Failed> {
        match piece {
            Piece::Literal(text) => Ok(text.clone()),
            Piece::Status => Ok(self.status.to_string()),
            Piece::Variable(name) => match self.values.get(name) {
                Some(value) => Ok(value.clone()),
                None if is_special(name) => Err(Failed::Refused(format!("${name}"))),
                None if self.must_be_set => Err(Failed::Unset(name.clone())),
                None => Ok(String::new()),
            },
        }
    }

    /// The text of a word that is not split: the value of an assignment.
    pub(super) fn text(&self, word: &Word, left: &mut Budget) -> Result<String, Failed> {
        let mut text = String::new();
        for (_, piece) in &word.pieces {
            let value = self.value(piece)?;
            left.spend(value.len())?;
            text.push_str(&value);
        }
        Ok(text)
    }

    /// The words that come of some: values that are not quoted are split at white space.
    pub(super) fn words(&self, words: &[Word], left: &mut Budget) -> Result<Vec<String>, Failed> {
        let is_export = words.first().and_then(Word::plain) == Some("export");
        let mut all = Vec::new();
        for word in words {
            left.spend(1)?;
            if is_export && word.assigns() {
                all.push(self.text(word, left)?);
                continue;
            }
            let (before, mut open) = (all.len(), None::<String>);
            for (is_quoted, piece) in &word.pieces {
                let value = self.value(piece)?;
                left.spend(value.len())?;
                if *is_quoted || matches!(piece, Piece::Literal(_)) {
                    open.get_or_insert_default().push_str(&value);
                    continue;
                }
                if value.contains(['*', '?', '[']) {
                    return Err(Failed::Refused(
                        "a pattern of file names in a variable without quotes".to_owned(),
                    ));
                }
                let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n');
                let mut parts = value.split(is_blank);
                // What stands before the first blank belongs to the word that is open.
                if let Some(first) = parts.next().filter(|first| !first.is_empty()) {
                    open.get_or_insert_default().push_str(first);
                }
                for part in parts {
                    all.extend(open.take());
                    open = (!part.is_empty()).then(|| part.to_owned());
                }
            }
            // A word of quotes with nothing in them is an empty one.
            let is_empty = word.has_quotes && open.is_none() && all.len() == before;
            all.extend(open.or_else(|| is_empty.then(String::new)));
        }
        Ok(all)
    }
}

/// How much text the words of a script may still have.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MAX_TEXT)
    }

    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Failed> {
        self.0 = self
            .0
            .checked_sub(bytes)
            .ok_or_else(|| Failed::Refused("more than 16 MiB of text".to_owned()))?;
        Ok(())
    }
}
