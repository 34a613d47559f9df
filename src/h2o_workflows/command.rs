//! Commands as data, and what becomes of them when they are sent.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Effect;
use crate::auth::Authorized;
use crate::client::{Action, Running, not_run};
use crate::engine::Exchange;
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Request, Response};
use crate::redact::Redacted;
use crate::timestamp::Timestamp;

use super::client::H2oWorkflows;
use super::protocol::plain_headers;

/// Something to be done, together with the client that will do it and the limits of the call.
///
/// A call does nothing until it is sent:
///
/// | | |
/// |---|---|
/// | [`send`](Call::send) | sends it, and waits for the end if it is a wait |
/// | [`to_request`](Call::to_request) | gives the request and sends nothing |
///
/// It owns its command and a clone of the client, so it can be kept, and sent from another thread.
pub type Call<M, C> = crate::client::Call<H2oWorkflows, M, C>;

pub(crate) type Core = crate::client::Core<H2oWorkflows>;
pub(crate) type CallOptions = crate::client::CallOptions<H2oWorkflows>;

impl<M, C: Command> Call<M, C> {
    /// The request that would be sent, without the service's address and the token. Sends nothing and needs neither.
    ///
    /// ```
    /// # use controlplane::h2o_workflows::Clients;
    /// let clients = Clients::offline();
    /// let request = clients.workflow().activate_workflow("workspaces/w/workflows/f").to_request()?;
    /// assert_eq!(request.path, "/v1/workspaces%2Fw%2Fworkflows%2Ff:activate");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is: a name of another form, above
    /// all.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = self.command.to_request()?;
        request.headers = plain_headers(request.body.is_some());
        Ok(request)
    }
}

/// What is fixed about a command: its name and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// The vendor's client and method, which is also the command's name in JSON: `run.cancel_run`.
    pub method: &'static str,
    /// Whether it may be sent again when it is not known whether it was taken.
    pub effect: Effect,
}

impl Spec {
    pub(crate) const fn reads(method: &'static str) -> Self {
        Self { method, effect: Effect::Repeatable }
    }

    pub(crate) const fn changes(method: &'static str) -> Self {
        Self { method, effect: Effect::Changes }
    }
}

/// What a call is, for messages: its method and the name that it is about.
pub(super) fn label(method: &str, name: &str) -> String {
    format!("{method} {}", shown(name))
}

/// A query parameter, unless it is empty.
pub(super) fn push_text(request: &mut Request, key: &str, value: &str) {
    if !value.is_empty() {
        request.query.push((key.to_owned(), value.to_owned()));
    }
}

/// A command: something that becomes one request. Not to be implemented outside this crate.
pub trait Command: Clone + Send + 'static {
    /// What sending it gives.
    type Output: 'static;

    /// The vendor's name and the command's effect.
    fn spec(&self) -> Spec;

    /// What it does, for messages.
    #[doc(hidden)]
    fn label(&self) -> String;

    /// The request. Needs no client and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_request(&self) -> Result<Request, Error>;

    /// What a success says.
    #[doc(hidden)]
    fn read(&self, answer: Answer<'_>) -> Result<Self::Output, Error>;
}

/// A success, with what is needed to read it.
#[derive(Debug)]
pub struct Answer<'a> {
    pub(super) label: &'a str,
    pub(super) effect: Effect,
    pub(super) response: &'a Response,
}

impl<'a> Answer<'a> {
    pub(super) fn new(label: &'a str, effect: Effect, response: &'a Response) -> Self {
        Self { label, effect, response }
    }

    /// The body, which is an object.
    fn object(&self) -> Result<Map<String, Value>, Error> {
        match serde_json::from_slice(&self.response.body) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(self.unusable("it is not a JSON object")),
            Err(_) if self.response.body.is_empty() => Err(self.unusable("it is empty")),
            Err(e) => {
                Err(self.unusable(&format!("it is not JSON (line {}, column {})", e.line(), e.column())))
            }
        }
    }

    fn read<T: DeserializeOwned>(&self, value: Value) -> Result<T, Error> {
        // Where it is, for the one thing that reading checks and whose place serde does not tell.
        let bad_time = bad_time(&value, "");
        serde_json::from_value(value).map_err(|e| {
            let place = bad_time.map(|place| format!(" ({place})")).unwrap_or_default();
            self.unusable(&format!("{e}{place}"))
        })
    }

    /// What is in the body as it is: a page, a validation.
    pub(super) fn whole<T: DeserializeOwned>(self) -> Result<T, Error> {
        let map = self.object()?;
        self.read(Value::Object(map))
    }

    /// The resource under this key, in which every reply wraps it.
    pub(super) fn part<T: DeserializeOwned>(self, key: &str) -> Result<T, Error> {
        match self.object()?.remove(key) {
            Some(part @ Value::Object(_)) => self.read(part),
            _ => Err(self.unusable(&format!("it has no {key}"))),
        }
    }

    /// Nothing: an empty object, or no body at all.
    pub(super) fn nothing(self) -> Result<(), Error> {
        if self.response.body.is_empty() { Ok(()) } else { self.object().map(drop) }
    }

    /// It makes no sense.
    #[cold]
    pub(super) fn unusable(&self, why: &str) -> Error {
        let (kind, advice) = match self.effect {
            Effect::Changes => (
                ErrorKind::OutcomeUnknown,
                "It was probably taken, so it was not sent again. Look whether it took effect before you repeat it.",
            ),
            Effect::Repeatable => (
                ErrorKind::UnexpectedResponse,
                "Is this the address of the service, or of a proxy in between?",
            ),
        };
        let body = match serde_json::from_slice::<Value>(&self.response.body) {
            Ok(json) => Redacted(&json).to_string(),
            Err(_) => String::from_utf8_lossy(&self.response.body).into_owned(),
        };
        let happened = format!("HTTP {}, but of the answer: {}", self.response.status, shown(why));
        Error::new(kind, self.label, happened)
            .with_status(self.response.status)
            .with_body(body)
            .with_advice(advice)
    }
}

/// The place of the first time that is not one.
fn bad_time(value: &Value, place: &str) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            match value {
                Value::String(text) if key.ends_with("Time") && Timestamp::parse(text).is_none() => {
                    Some(place)
                }
                other => bad_time(other, &place),
            }
        }),
        Value::Array(entries) => {
            entries.iter().enumerate().find_map(|(i, entry)| bad_time(entry, &format!("{place}[{i}]")))
        }
        _ => None,
    }
}

impl<C: Command> Action<H2oWorkflows> for C {
    type Output = C::Output;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<C::Output>, Error> {
        let request = self.to_request()?;
        let connected = core.protocol()?.connected()?;
        let (label, effect) = (self.label(), self.spec().effect);
        let context = core.context(core.protocol()?.clone(), label.clone(), Vec::new(), options);
        let request = Arc::new(connected.complete(request));
        let exchange = Exchange::new(context, request, effect);
        let (settings, budget) = (options.settings.clone(), core.budget().clone());
        let machine = Authorized::new(connected.tokens.clone(), exchange, settings, budget);
        let command = self.clone();
        Ok(Running::new(machine, move |machine| {
            let mut exchange = machine.into_inner();
            let response = exchange.finish().unwrap_or_else(|| Err(not_run())).map_err(advised)?;
            command.read(Answer::new(&label, effect, &response))
        }))
    }
}

/// What to do about an error, where the service has its own.
pub(super) fn advised(error: Error) -> Error {
    match (error.kind(), error.api_code()) {
        (ErrorKind::Authentication, _) if error.status() == Some(401) && error.api_code() == Some("16") => {
            error.with_advice("The access token is not accepted, a fresh one included. Log in anew.")
        }
        (ErrorKind::Rejected, Some("9")) => {
            error.with_advice("It does not fit the state that the resource is in now.")
        }
        _ => error,
    }
}

/// Which fields of an update count: paths in snake case, or all.
///
/// ```
/// use controlplane::h2o_workflows::FieldMask;
///
/// assert_eq!(FieldMask::all().as_str(), "*");
/// assert_eq!(FieldMask::of(["display_name", "aliases"]).as_str(), "display_name,aliases");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldMask(String);

impl FieldMask {
    /// All of them: what the update does not have is emptied.
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// These.
    pub fn of<I: AsRef<str>>(paths: impl IntoIterator<Item = I>) -> Self {
        let paths: Vec<String> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        Self(paths.join(","))
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn add_to(&self, request: &mut Request) {
        request.query.push(("updateMask".to_owned(), self.0.clone()));
    }
}

impl Default for FieldMask {
    fn default() -> Self {
        Self::all()
    }
}

impl From<&str> for FieldMask {
    fn from(paths: &str) -> Self {
        Self(paths.to_owned())
    }
}

impl From<String> for FieldMask {
    fn from(paths: String) -> Self {
        Self(paths)
    }
}

impl<I: AsRef<str>, const N: usize> From<[I; N]> for FieldMask {
    fn from(paths: [I; N]) -> Self {
        Self::of(paths)
    }
}
