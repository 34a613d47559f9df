//! What an emulator begins with: a plan, which it carries out, or the state of another emulator.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use serde::Deserialize;
use serde_json::Value;

use crate::document::{self, MAX_DOCUMENT};
use crate::instance::Instance;
use crate::reason;
use crate::server::{Arrival, Body, Handler, Headers, Received};
use crate::service::Backend;
use crate::text::one_line;

/// The names of all services, for files that have something for each.
const SERVICES: [&str; 4] = ["onehouse", "eloq", "h2o-workflows", "hotdata"];
/// The most entries of a plan.
const MAX_ENTRIES: usize = 10_000;

/// What an emulator begins with.
#[derive(Clone, Debug)]
pub(crate) enum Initial {
    /// The document of a state.
    State(String),
    /// The entries of a plan.
    Plan(Vec<Value>),
}

impl Initial {
    /// By its content: a plan is an array, a state an object with `service` and `version`, and an object with
    /// the names of services has one of both for each.
    pub(crate) fn read(text: &str, service: &str) -> Result<Self, String> {
        if text.len() > MAX_DOCUMENT {
            return Err(format!("it has more than {MAX_DOCUMENT} bytes"));
        }
        if document::is_one(text) {
            return Ok(Self::State(text.to_owned()));
        }
        let value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
        match value {
            Value::Array(entries) => Self::plan(entries),
            Value::Object(mut map)
                if !map.is_empty() && map.keys().all(|name| SERVICES.contains(&name.as_str())) =>
            {
                match map.remove(service) {
                    None => Ok(Self::Plan(Vec::new())),
                    Some(Value::Array(entries)) => Self::plan(entries),
                    Some(state) => Ok(Self::State(state.to_string())),
                }
            }
            _ => Err(format!(
                "it is neither a plan (an array of entries), nor a state as `GET /_emulator/state` returns it, nor an object \
                 that has a plan or a state under the name of one or more services ({})",
                SERVICES.join(", ")
            )),
        }
    }

    fn plan(entries: Vec<Value>) -> Result<Self, String> {
        match entries.len() > MAX_ENTRIES {
            true => Err(format!("the plan has more than {MAX_ENTRIES} entries")),
            false => Ok(Self::Plan(entries)),
        }
    }
}

/// Carries out the entries in order; an error names the entry.
pub(crate) fn carry_out<S: Backend>(on: &Instance<S>, entries: &[Value]) -> Result<(), String> {
    let mut named = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let done = match S::command(on, entry) {
            Some(done) => done,
            None => Request::read(entry, &named).and_then(|request| request.send(on, &mut named)),
        };
        done.map_err(|why| format!("entry {}{}: {why}", place + 1, label(entry)))?;
        on.settle();
    }
    Ok(())
}

/// The beginning of an entry, so that it is found.
fn label(entry: &Value) -> String {
    let text = match entry {
        // No more of it: what follows may be a secret.
        Value::String(statement) => {
            one_line(&statement.split_whitespace().take(2).collect::<Vec<_>>().join(" "), 40)
        }
        Value::Object(map) => match (map.get("method"), map.get("path")) {
            (Some(method), Some(path)) => one_line(&format!("{} {}", plain(method), plain(path)), 80),
            _ => one_line(map.keys().next().map_or("", String::as_str), 40),
        },
        _ => String::new(),
    };
    if text.is_empty() { text } else { format!(" ({text})") }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A request in the vendor's own terms.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    /// With its query.
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// JSON; a text for an endpoint that takes bytes.
    #[serde(default)]
    body: Value,
    /// A name for the response.
    #[serde(default, rename = "as")]
    name: Option<String>,
}

impl Request {
    fn read(entry: &Value, named: &BTreeMap<String, Value>) -> Result<Self, String> {
        let wanted = "an entry is a request: an object with `method` and `path`, and optionally `headers`, `body` and `as`";
        let mut request: Self =
            serde_json::from_value(entry.clone()).map_err(|e| format!("{e}; {wanted}"))?;
        request.path = filled(&request.path, named)?;
        for value in request.headers.values_mut() {
            *value = filled(value, named)?;
        }
        fill(&mut request.body, named)?;
        Ok(request)
    }

    fn send<S: Backend>(self, on: &Instance<S>, named: &mut BTreeMap<String, Value>) -> Result<(), String> {
        let mut headers = Headers::new();
        let own = S::headers(&on.options).into_iter().map(|(name, value)| (name.to_owned(), value));
        headers.push("host", "localhost");
        let is_given = |name: &str| self.headers.keys().any(|given| given.eq_ignore_ascii_case(name));
        for (name, value) in own.filter(|(name, _)| !is_given(name)).collect::<Vec<_>>() {
            headers.push(name, value);
        }
        for (name, value) in &self.headers {
            headers.push(name.clone(), value.as_str());
        }
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut request = Received {
            method: self.method.to_ascii_uppercase(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: Vec::new(),
            connection: 0,
            index: 0,
        };
        let reply = match (on.arriving(&request), self.body) {
            (Arrival::Stream, Value::String(text)) => {
                on.stream(&request, &mut Whole(Cursor::new(text.into_bytes())))
            }
            (_, Value::Null) => on.handle(&request),
            (_, body) => {
                request.body = body.to_string().into_bytes();
                on.handle(&request)
            }
        };
        if !(200..300).contains(&reply.status) {
            let why = reason::of(&reply).map(|why| format!(": {why}")).unwrap_or_default();
            return Err(format!("HTTP {}{why}", reply.status));
        }
        if let Some(name) = self.name {
            named.insert(name, serde_json::from_slice(&reply.body).unwrap_or_default());
        }
        Ok(())
    }
}

struct Whole(Cursor<Vec<u8>>);

impl Read for Whole {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Body for Whole {
    fn length(&self) -> Option<u64> {
        Some(self.0.get_ref().len() as u64)
    }
}

/// Replaces `${name/pointer}` in all texts.
fn fill(value: &mut Value, named: &BTreeMap<String, Value>) -> Result<(), String> {
    match value {
        Value::String(text) => *text = filled(text, named)?,
        Value::Array(all) => return all.iter_mut().try_for_each(|one| fill(one, named)),
        Value::Object(map) => return map.values_mut().try_for_each(|one| fill(one, named)),
        _ => {}
    }
    Ok(())
}

/// `${name/pointer}` is what the response of this name has at this JSON pointer. `${NAME}` and `${{ … }}`
/// stay: scripts and workflows have them.
fn filled(text: &str, named: &BTreeMap<String, Value>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let reference = after.split_once('}').and_then(|(inner, rest)| Some((inner.split_once('/')?, rest)));
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        match reference.filter(|((name, _), _)| is_name(name)) {
            Some(((name, pointer), after)) => {
                let found = named.get(name).and_then(|response| response.pointer(&format!("/{pointer}")));
                match found {
                    Some(Value::String(text)) => out.push_str(text),
                    Some(Value::Number(number)) => out.push_str(&number.to_string()),
                    _ => {
                        let shown = one_line(&format!("{name}/{pointer}"), 80);
                        return Err(format!(
                            "`${{{shown}}}`: no earlier entry has a response with this name (`as`) and a text or number at this \
                             place in it"
                        ));
                    }
                }
                rest = after;
            }
            None => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn responses_fill_what_follows_and_nothing_else_is_touched() {
        let named =
            BTreeMap::from([("db".to_owned(), json!({ "id": "dbid1", "n": 7, "list": [{ "x": "y" }] }))]);
        for (text, wanted) in [
            ("databases/${db/id}/schemas", "databases/dbid1/schemas"),
            ("${db/n}${db/list/0/x}", "7y"),
            ("echo ${HOME} ${{ .inputs.a/b }} $", "echo ${HOME} ${{ .inputs.a/b }} $"),
            ("${", "${"),
            ("${db", "${db"),
        ] {
            assert_eq!(filled(text, &named).as_deref(), Ok(wanted), "{text}");
        }
        for text in ["${other/id}", "${db/none}", "${db/list}"] {
            assert!(filled(text, &named).is_err(), "{text}");
        }
    }

    #[test]
    fn the_content_tells_what_it_is() {
        let read = |text: &str| Initial::read(text, "eloq");
        assert!(matches!(read("[1, 2]"), Ok(Initial::Plan(entries)) if entries.len() == 2));
        assert!(matches!(read(r#"{"service": "hotdata", "version": 1}"#), Ok(Initial::State(_))));
        assert!(matches!(read(r#"{"hotdata": [1]}"#), Ok(Initial::Plan(entries)) if entries.is_empty()));
        assert!(matches!(read(r#"{"eloq": [1]}"#), Ok(Initial::Plan(entries)) if entries.len() == 1));
        assert!(matches!(read(r#"{"eloq": {"service": "eloq"}}"#), Ok(Initial::State(_))));
        for text in ["{}", "3", "{\"snowflake\": []}", "[", ""] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
