//! A document with one value left out, and what its reader says about values there.

use serde_json::Value;

/// Reads a command, and returns it as it is written again.
pub(crate) type Reads = fn(&str) -> Result<Value, serde_json::Error>;

/// A place in a document that is valid otherwise.
#[derive(Clone)]
pub(crate) struct Hole {
    reads: Reads,
    before: String,
    after: String,
    /// The keys that lead to the place.
    pub(crate) path: Vec<String>,
}

/// What a reader says about a value.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is taken; the document as it is written again.
    Taken(Value),
    /// It is refused, for this reason. `is_at_end`: by its last character, as an object is that lacks a field.
    Refused { message: String, is_at_end: bool },
    /// It is taken by itself, and the object around it is refused, for this reason.
    Elsewhere(String),
}

impl Verdict {
    pub(crate) fn is_taken(&self) -> bool {
        match self {
            Self::Taken(_) => true,
            // Any other reason may be about the value.
            Self::Elsewhere(why) => why.starts_with("missing field"),
            Self::Refused { .. } => false,
        }
    }

    /// Why the value is refused.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Refused { message, .. } | Self::Elsewhere(message) => message,
            Self::Taken(_) => "",
        }
    }

    /// The field that an object lacks by itself.
    pub(crate) fn missing(&self) -> Option<String> {
        match self {
            Self::Refused { message, is_at_end: true } => {
                Some(message.strip_prefix("missing field `")?.split('`').next()?.to_owned())
            }
            _ => None,
        }
    }
}

impl Hole {
    pub(crate) fn new(reads: Reads) -> Self {
        Self { reads, before: String::new(), after: String::new(), path: Vec::new() }
    }

    pub(crate) fn asks(&self, value: &str) -> Verdict {
        let text = format!("{}{value}{}", self.before, self.after);
        let error = match (self.reads)(&text) {
            Ok(again) => return Verdict::Taken(again),
            Err(error) => error,
        };
        // All on one line.
        let at = error.column().saturating_sub(1);
        let end = self.before.len() + value.len() - 1;
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
        // An error without a place is about a whole command.
        if at > end || error.line() == 0 {
            return Verdict::Elsewhere(message);
        }
        Verdict::Refused { message, is_at_end: at == end }
    }

    pub(crate) fn takes(&self, value: &str) -> bool {
        self.asks(value).is_taken()
    }

    /// The place of a field of an object that has these fields besides.
    pub(crate) fn field(&self, others: &[(String, String)], name: &str) -> Self {
        let others: Vec<String> = others
            .iter()
            .filter(|(other, _)| other != name)
            .map(|(name, value)| format!("{}: {value}, ", Value::from(name.as_str())))
            .collect();
        let before = format!("{}{{{}{}: ", self.before, others.concat(), Value::from(name));
        let path = self.path.iter().cloned().chain([name.to_owned()]).collect();
        Self { reads: self.reads, before, after: format!("}}{}", self.after), path }
    }

    /// The place of an item of a list.
    pub(crate) fn item(&self) -> Self {
        let (before, after) = (format!("{}[", self.before), format!("]{}", self.after));
        let path = self.path.iter().cloned().chain(["0".to_owned()]).collect();
        Self { reads: self.reads, before, after, path }
    }

    /// What stands at the place in a document.
    pub(crate) fn within<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.path.iter().try_fold(document, |value, key| match value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            value => value.get(key),
        })
    }
}
