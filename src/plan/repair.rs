//! All faults of one value, although a reader stops at the first: what is wrong is left out, what is missing
//! is added, and the rest is read again.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::error::shown;

use super::place::{entries, offset, without_place};
use super::{NOT_A_COMMAND, names};

/// The most faults of one value.
const MAX_FAULTS: usize = 64;

/// Values that a missing field may have.
const SAMPLES: [&str; 7] = [r#""x""#, "1", "true", "[]", "{}", r#"{"other": "x"}"#, r#"["x"]"#];

/// Returns the offsets and messages of the faults of a value that cannot be read as `C`. At least one. The
/// value has so many names, each with the next in it, before the fields.
pub(super) fn faults<C: DeserializeOwned>(value: &str, names: usize) -> Vec<(usize, String)> {
    let mut patient = Patient { text: value.to_owned(), names, added: Vec::new(), removed: Vec::new() };
    let mut faults = Vec::new();
    for _ in 0..2 * MAX_FAULTS {
        let Err(error) = serde_json::from_str::<C>(&patient.text) else { break };
        let found = patient.find(&error);
        if patient.is_added(found.at) {
            break;
        }
        let missing = missing_field(&error);
        // An object whose only key was no name of a command is no command either.
        let is_removed = match &missing {
            Some(name) => patient.removed.contains(&(found.at, name.clone())),
            None => is_no_command(&error) && patient.removed.iter().any(|(object, _)| *object == found.at),
        };
        if !is_removed {
            faults.push((patient.original(found.at), message(&error, found.is_key)));
        }
        let goes_on = match missing {
            _ if error.classify() != Category::Data && !is_no_command(&error) => false,
            Some(name) => patient.add::<C>(&found, &name),
            None => patient.remove(&found),
        };
        if !goes_on {
            break;
        }
    }
    faults
}

/// A text that is changed until it can be read.
struct Patient {
    text: String,
    names: usize,
    /// What was added: offsets and lengths in the text as it is.
    added: Vec<(usize, usize)>,
    /// Fields that were removed from the objects at these offsets.
    removed: Vec<(usize, String)>,
}

/// What an error is about.
struct Found {
    /// The offset of the value, or of the key that is not known.
    at: usize,
    /// True for a key.
    is_key: bool,
    /// How deep it is: 0 for the whole.
    depth: usize,
    /// The entry or the item of a list that is wrong: from its beginning to the end of its value.
    part: (usize, usize),
    /// The object that has the entry, and its key.
    entry: Option<(usize, String)>,
    /// The end of the object, if the error is about an object as a whole.
    end: usize,
}

impl Patient {
    /// Finds the innermost value that an error is about.
    fn find(&self, error: &serde_json::Error) -> Found {
        // An error without a place is about the whole command.
        let at = match error.line() {
            0 => self.whole(),
            _ => offset(&self.text, error),
        };
        let mut outer = None;
        let mut found =
            Found { at: 0, is_key: false, depth: 0, part: (0, 0), entry: None, end: self.text.len() };
        loop {
            let value = &self.text[found.at..found.end];
            let inside = |(begin, end): (usize, usize)| (found.at + begin..found.at + end).contains(&at);
            let next = match entries(value) {
                Some(entries) => entries
                    .into_iter()
                    .map(|entry| {
                        let (begin, end) = (entry.value_at(value), entry.end(value));
                        (entry.at, begin, end, Some(entry.key))
                    })
                    .find(|(key, _, end, _)| inside((*key, *end))),
                None => items(value)
                    .into_iter()
                    .map(|(begin, end)| (begin, begin, end, None))
                    .find(|(begin, _, end, _)| inside((*begin, *end))),
            };
            let Some((part, begin, end, key)) = next else {
                // A command with a second key: the error is at the end of the value of the first one.
                let has_fields = entries(value).is_some_and(|entries| !entries.is_empty());
                return outer.filter(|_| has_fields && is_no_command(error)).unwrap_or(found);
            };
            let base = found.at;
            let is_key = at < base + begin;
            let inner = Found {
                at: if is_key { base + part } else { base + begin },
                is_key,
                depth: found.depth + 1,
                part: (base + part, base + end),
                entry: key.map(|key| (base, key)),
                end: base + end,
            };
            outer = Some(std::mem::replace(&mut found, inner));
            if is_key {
                return found;
            }
        }
    }

    /// The offset of the fields of the command.
    fn whole(&self) -> usize {
        let mut at = 0;
        for _ in 0..self.names {
            let inner = &self.text[at..];
            // Behind it there may be the ends of outer objects.
            let mut values = serde_json::Deserializer::from_str(inner).into_iter::<&RawValue>();
            let Some(Ok(value)) = values.next() else { break };
            let Some(begin) = entries(value.get()).and_then(|all| Some(all.first()?.value_at(value.get())))
            else {
                break;
            };
            at += value.get().as_ptr() as usize - inner.as_ptr() as usize + begin;
        }
        at
    }

    fn is_added(&self, at: usize) -> bool {
        self.added.iter().any(|(begin, length)| (*begin..begin + length).contains(&at))
    }

    /// The offset in the text as it was.
    fn original(&self, at: usize) -> usize {
        let before: usize =
            self.added.iter().filter(|(begin, _)| *begin < at).map(|(_, length)| length).sum();
        at - before
    }

    /// Removes the part that is wrong. The offsets of everything else stay.
    fn remove(&mut self, found: &Found) -> bool {
        // Without the command itself there is nothing to read.
        if found.depth <= self.names {
            return false;
        }
        self.removed.extend(found.entry.clone());
        let (mut begin, mut end) = found.part;
        let after = self.text[end..].len() - self.text[end..].trim_start().len();
        let before = self.text[..begin].trim_end();
        if self.text[end + after..].starts_with(',') {
            end += after + 1;
        } else if before.ends_with(',') {
            begin = before.len() - 1;
        }
        let blank = " ".repeat(end - begin);
        self.text.replace_range(begin..end, &blank);
        true
    }

    /// Adds a field at the end of the object, with a value that its reader takes.
    fn add<C: DeserializeOwned>(&mut self, found: &Found, name: &str) -> bool {
        let object = &self.text[found.at..found.end];
        let Some(entries) = entries(object) else { return false };
        let at = found.end - 1;
        for sample in SAMPLES {
            let comma = if entries.is_empty() { "" } else { ", " };
            let name = serde_json::Value::from(name);
            let added = format!("{comma}{name}: {sample}");
            let mut text = self.text.clone();
            text.insert_str(at, &added);
            let (added_before, removed) = (self.added.clone(), self.removed.clone());
            let mut changed = Patient { text, names: self.names, added: added_before, removed };
            for (begin, _) in changed.added.iter_mut().filter(|(begin, _)| *begin >= at) {
                *begin += added.len();
            }
            for (begin, _) in changed.removed.iter_mut().filter(|(begin, _)| *begin >= at) {
                *begin += added.len();
            }
            changed.added.push((at, added.len()));
            let is_taken = match serde_json::from_str::<C>(&changed.text) {
                Ok(_) => true,
                Err(error) => !changed.is_added(changed.find(&error).at),
            };
            if is_taken {
                *self = changed;
                return true;
            }
        }
        false
    }
}

/// The items of a list, from their beginnings to their ends.
fn items(list: &str) -> Vec<(usize, usize)> {
    let items = serde_json::from_str::<Vec<&RawValue>>(list).unwrap_or_default();
    let begin = |item: &RawValue| item.get().as_ptr() as usize - list.as_ptr() as usize;
    items.into_iter().map(|item| (begin(item), begin(item) + item.get().len())).collect()
}

/// The field that an error says is missing.
fn missing_field(error: &serde_json::Error) -> Option<String> {
    let message = without_place(error);
    Some(message.strip_prefix("missing field `")?.strip_suffix('`')?.to_owned())
}

/// True if a value in the place of a command is none. serde_json says nothing else so of text that is JSON.
fn is_no_command(error: &serde_json::Error) -> bool {
    let message = without_place(error);
    message == "expected value" || message == "invalid type: unit variant, expected newtype variant"
}

/// The message of an error, without values: they may be secret. `is_key`: the error is about one.
fn message(error: &serde_json::Error, is_key: bool) -> String {
    let message = without_place(error);
    if is_no_command(error) {
        return NOT_A_COMMAND.to_owned();
    }
    let unknown = |kind: &str| {
        let (name, rest) = message.strip_prefix(kind)?.split_once('`')?;
        let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        Some((name, known))
    };
    if let Some((name, known)) = unknown("unknown field `") {
        return names::unknown("field", name, &known);
    }
    // A field may be a command too.
    if let Some((name, known)) = unknown("unknown variant `").filter(|_| is_key) {
        return names::unknown("command", name, &known);
    }
    for kind in ["invalid type: ", "invalid value: "] {
        let Some(rest) = message.strip_prefix(kind) else { continue };
        let Some((found, expected)) = rest.rsplit_once(", expected ") else { continue };
        let found = found.split([' ', '`', '"']).next().unwrap_or_default();
        return shown(&format!("{kind}{found}, expected {expected}"));
    }
    shown(&message)
}
