//! The fields of a JSON body, each checked when it is asked for.

use serde_json::{Map, Value};

use crate::text::one_line;

use super::refusal::Refusal;

/// An object in a body. Fields that nobody asks for are ignored, unless [`only`](Fields::only) is asked.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    map: Map<String, Value>,
    /// What stands before the names in messages: `schemas[2].`
    at: String,
}

impl Fields {
    /// The body of a request, which has to be an object.
    pub(super) fn of(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(Self { map, at: String::new() }),
            Ok(_) => Err(Refusal::bad("the body is not a JSON object")),
            Err(e) => Err(Refusal::bad(format!("the body is not JSON: {e}"))),
        }
    }

    /// A body that may be left out.
    pub(super) fn if_any(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() { Ok(Self { map: Map::new(), at: String::new() }) } else { Self::of(body) }
    }

    fn bad(&self, name: &str, why: &str) -> Refusal {
        Refusal::bad(format!("{}{name} {why}", self.at))
    }

    /// Refuses fields beside these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                let why = format!("is not known; known names: {}", known.join(", "));
                Err(self.bad(&one_line(name, 60), &why))
            }
            None => Ok(()),
        }
    }

    /// The value, if it is there; null is there.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }

    /// The value, if it is there and not null.
    pub(super) fn given(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.bad(name, "is not a string")),
        }
    }

    /// A text that has to be there and not to be empty.
    pub(super) fn needed(&self, name: &str) -> Result<String, Refusal> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(self.bad(name, "is empty")),
            None => Err(self.bad(name, "is missing")),
        }
    }

    /// One that can be set, set to nothing, or left as it is.
    pub(super) fn change(&self, name: &str) -> Result<Option<Option<String>>, Refusal> {
        if self.map.contains_key(name) { self.text(name).map(Some) } else { Ok(None) }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.map.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.bad(name, "is not a boolean")),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => {
                value.as_u64().map(Some).ok_or_else(|| self.bad(name, "is not a whole number of at least 0"))
            }
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.given(name) else { return Ok(None) };
        let texts = value.as_array().and_then(|list| {
            list.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
        });
        texts.map(Some).ok_or_else(|| self.bad(name, "is not a list of strings"))
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(_) => Err(self.bad(name, "is not an object")),
        }
    }

    /// An object in it.
    pub(super) fn child(&self, name: &str) -> Result<Option<Self>, Refusal> {
        let child = self.object(name)?;
        Ok(child.map(|map| Self { map: map.clone(), at: format!("{}{name}.", self.at) }))
    }

    /// A list of objects; nothing is an empty one.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let Some(value) = self.given(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| self.bad(name, "is not a list"))?;
        let read = |(place, one): (usize, &Value)| match one {
            Value::Object(map) => Ok(Self { map: map.clone(), at: format!("{}{name}[{place}].", self.at) }),
            _ => Err(self.bad(&format!("{name}[{place}]"), "is not an object")),
        };
        list.iter().enumerate().map(read).collect()
    }

    /// One of these words, or nothing.
    pub(super) fn word<'w>(&self, name: &str, words: &[&'w str]) -> Result<Option<&'w str>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Some(word)),
            None => Err(self.bad(name, &format!("is not known; known values: {}", words.join(", ")))),
        }
    }

    /// `async` and `async_after_ms`: `None` if it is not asked for, else how long to wait before.
    pub(super) fn background(&self) -> Result<Option<Option<u64>>, Refusal> {
        let asked = self.flag("async")?;
        match self.number("async_after_ms")? {
            Some(_) if !asked => {
                Err(Refusal::bad("async_after_ms can only be given together with async: true"))
            }
            Some(after) if !(1000..=MAX_ASYNC_AFTER_MS).contains(&after) => {
                Err(Refusal::bad(format!("async_after_ms must be from 1000 to {MAX_ASYNC_AFTER_MS}")))
            }
            after => Ok(asked.then_some(after)),
        }
    }
}

/// The longest wait before work goes on in the background. The real one is not documented.
const MAX_ASYNC_AFTER_MS: u64 = 60_000;
