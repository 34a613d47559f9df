//! One request to one operation, and what is said to it.

use serde_json::Value;

use crate::parameters::Parameters;
use crate::server::{Received, Reply};

use super::fields::Fields;
use super::refusal::Refusal;

/// A request that has come in by the door.
#[derive(Debug)]
pub(super) struct Call<'r> {
    /// The operation's name.
    pub(super) operation: &'static str,
    pub(super) request: &'r Received,
    /// What stands in the path, decoded.
    pub(super) path: Vec<String>,
    /// Whether the server speaks TLS.
    pub(super) tls: bool,
}

impl Call<'_> {
    /// What stands at this place of the path.
    pub(super) fn at(&self, place: usize) -> &str {
        self.path.get(place).map_or("", String::as_str)
    }

    /// A header that is there and not empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let value = std::str::from_utf8(self.request.headers.get(name)?).ok()?.trim();
        Some(value).filter(|value| !value.is_empty())
    }

    /// How the client called this server: what addresses begin with.
    pub(super) fn base(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.header("host").unwrap_or("localhost"))
    }

    /// The parameters, none of which may be unknown.
    pub(super) fn query(&self, known: &[&str]) -> Result<Parameters, Refusal> {
        Parameters::read(&self.request.query, known).map_err(Refusal::bad)
    }

    pub(super) fn body(&self) -> Result<Fields, Refusal> {
        Fields::of(&self.request.body)
    }

    pub(super) fn body_if_any(&self) -> Result<Fields, Refusal> {
        Fields::if_any(&self.request.body)
    }
}

/// A number that a parameter gives.
pub(super) fn number(query: &Parameters, name: &str) -> Result<Option<u64>, Refusal> {
    match query.text(name) {
        None => Ok(None),
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => text
            .parse()
            .map(Some)
            .map_err(|_| Refusal::bad(format!("query parameter {name} is larger than {}", u64::MAX))),
        Some(_) => Err(Refusal::bad(format!("query parameter {name} is not a whole number of at least 0"))),
    }
}

/// `true` or `false`; nothing is `false`.
pub(super) fn flag(query: &Parameters, name: &str) -> Result<bool, Refusal> {
    match query.text(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::bad(format!("query parameter {name} must be true or false"))),
    }
}

/// What is said to a call that was good.
pub(super) type Answer = Result<Reply, Refusal>;

pub(super) fn ok(body: &Value) -> Answer {
    Ok(Reply::new(200).json(body))
}

pub(super) fn created(body: &Value) -> Answer {
    Ok(Reply::new(201).json(body))
}

pub(super) fn accepted(body: &Value) -> Answer {
    Ok(Reply::new(202).json(body))
}

pub(super) fn nothing() -> Answer {
    Ok(Reply::new(204))
}
