//! Commands as data, and the machine that sends one.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Effect;
use crate::client::{Action, Running};
use crate::engine::failure::unreadable;
use crate::engine::{Exchange, Machine};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, shown};
use crate::http::{Request, Response};
use crate::redact::Redacted;
use crate::timestamp::Timestamp;

use super::client::H2oWorkflows;
use super::connect::authorized;
use super::service::{HOW_TO_CHECK, Rules, plain_headers};

/// A command, the client that sends it, and the limits of the call.
///
/// A call does nothing until it is sent:
///
/// | Method | What it does |
/// |---|---|
/// | [`send`](Call::send) | sends the command and returns its output; a wait returns when it ends |
/// | [`iter`](Call::iter), `stream` | returns all items of a list, page after page |
/// | [`and_wait`](Call::and_wait) | also waits for the end of the run that the command starts |
/// | [`follow`](Call::follow) | returns the log of a step while it is written |
/// | [`follow_logs`](super::clients::RunClient::follow_logs) | with `iter` or `stream`, returns the logs of a whole run |
/// | [`to_request`](Call::to_request) | returns the request and sends nothing |
///
/// A call owns its command and a clone of the client, so it can be kept, and sent from another thread.
pub type Call<M, C> = crate::client::Call<H2oWorkflows, M, C>;

pub(crate) type Core = crate::client::Core<H2oWorkflows>;
pub(crate) type CallOptions = crate::client::CallOptions<H2oWorkflows>;

impl<M, C: Command> Call<M, C> {
    /// Returns the request that would be sent, without the service's address and the access token. Sends
    /// nothing and needs no credentials. For a command that sends several requests, returns the first of
    /// them.
    ///
    /// ```
    /// # use controlplane::h2o_workflows::Client;
    /// let client = Client::offline();
    /// let request = client.workflow().activate_workflow("workspaces/w/workflows/f").to_request()?;
    /// assert_eq!(request.path, "/v1/workspaces%2Fw%2Fworkflows%2Ff:activate");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent, for example a name that
    /// does not have the form of the resource's names.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = self.command.to_request()?;
        request.headers = plain_headers(request.body.is_some());
        Ok(request)
    }
}

/// A command: a value that becomes one request, or several.
///
/// Implemented by the command types of this module and by [`AnyCommand`](super::AnyCommand). Sealed: it
/// cannot be implemented outside this crate.
pub trait Command: Action<H2oWorkflows> + Clone + Send + Sync + 'static {
    /// The client and method of the vendor's package, which is also the name of the command in JSON:
    /// `run.cancel_run`.
    const NAME: &'static str;

    /// Returns [`NAME`](Command::NAME); for an [`AnyCommand`](super::AnyCommand) that of the command in it.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Returns what the command does to the server, which decides whether it may be sent again.
    fn effect(&self) -> Effect;

    /// Returns the request, without headers, or the first of several. Needs no client.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent.
    fn to_request(&self) -> Result<Request, Error>;

    /// What is attempted, for messages.
    #[doc(hidden)]
    fn describe(&self) -> String;
}

/// A command of one request. Not exported: it seals [`Command`] and holds what only this crate needs.
pub trait Single: Clone + Send + Sync + 'static {
    /// See [`Command::NAME`].
    const NAME: &'static str;
    /// See [`Command::effect`].
    const EFFECT: Effect;

    /// The output of the command.
    type Reply: Send + 'static;

    /// Returns the name of the resource that the command is about, or of the parent.
    fn subject(&self) -> &str;

    /// Returns the request. `label` is for messages.
    fn request(&self, label: &str) -> Result<Request, Error>;

    /// Reads a success.
    fn read(&self, success: Success<'_>) -> Result<Self::Reply, Error>;

    /// Returns what is attempted, for messages: "cancel_run workspaces/…".
    fn label(&self) -> String {
        label(Self::NAME, self.subject())
    }
}

/// What is attempted, for messages: the method without its client, and the name of a resource.
pub(super) fn label(name: &str, subject: &str) -> String {
    let method = name.split_once('.').map_or(name, |(_, method)| method);
    format!("{method} {}", shown(subject))
}

impl<C: Single> Command for C {
    const NAME: &'static str = <C as Single>::NAME;

    fn effect(&self) -> Effect {
        C::EFFECT
    }

    fn to_request(&self) -> Result<Request, Error> {
        self.request(&self.label())
    }

    fn describe(&self) -> String {
        self.label()
    }
}

impl<C: Single> Action<H2oWorkflows> for C {
    type Output = C::Reply;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<C::Reply>, Error> {
        let label = self.label();
        let request = self.request(&label)?;
        let context = core.context(std::sync::Arc::new(Rules::default()), label.clone(), Vec::new(), options);
        let (command, call) = (self.clone(), context.clone());
        authorized(core, &context, move |endpoint| {
            Exchange::new(call, endpoint.complete(request), C::EFFECT).map(move |outcome| {
                outcome.and_then(|response| command.read(Success::new(&label, C::EFFECT, &response)))
            })
        })
    }
}

/// Adds a query parameter, unless it is empty.
pub(super) fn push_text(request: &mut Request, key: &str, value: &str) {
    if !value.is_empty() {
        request.query.push((key.to_owned(), value.to_owned()));
    }
}

/// The response to a request that succeeded, with what is needed to read it.
#[derive(Debug)]
pub struct Success<'a> {
    label: &'a str,
    effect: Effect,
    pub(super) response: &'a Response,
}

impl<'a> Success<'a> {
    pub(super) fn new(label: &'a str, effect: Effect, response: &'a Response) -> Self {
        Self { label, effect, response }
    }

    fn object(&self) -> Result<Map<String, Value>, Error> {
        object(self.response).map_err(|why| self.unusable(&why))
    }

    fn value<T: DeserializeOwned>(&self, value: Value) -> Result<T, Error> {
        let name = value.get("name").and_then(Value::as_str).map(str::to_owned);
        read(value).map_err(|why| self.unreadable(&why, name.filter(|name| !name.is_empty())))
    }

    /// Reads the whole body: a page, a validation.
    pub(super) fn whole<T: DeserializeOwned>(self) -> Result<T, Error> {
        let map = self.object()?;
        self.value(Value::Object(map))
    }

    /// Reads the resource under this key.
    pub(super) fn part<T: DeserializeOwned>(self, key: &str) -> Result<T, Error> {
        match part(self.response, key) {
            Ok(part) => self.value(part),
            Err(why) => Err(self.unusable(&why)),
        }
    }

    /// Reads nothing: the body is an empty object, or empty.
    pub(super) fn nothing(self) -> Result<(), Error> {
        if self.response.body.is_empty() { Ok(()) } else { self.object().map(drop) }
    }

    /// The error for a body that proves nothing.
    #[cold]
    fn unusable(&self, why: &str) -> Error {
        self.unreadable(why, None)
    }

    /// The error for a resource that cannot be read. `name`: its name, which proves that the request was
    /// accepted.
    #[cold]
    fn unreadable(&self, why: &str, name: Option<String>) -> Error {
        let body = match serde_json::from_slice::<Value>(&self.response.body) {
            Ok(json) => Redacted(&json).to_string(),
            Err(_) => String::from_utf8_lossy(&self.response.body).into_owned(),
        };
        unreadable(self.label, self.effect, self.response, why, HOW_TO_CHECK, name).with_body(body)
    }
}

/// The body of a response as a JSON object, or why it is none.
fn object(response: &Response) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("it is not a JSON object".to_owned()),
        Err(_) if response.body.is_empty() => Err("it is empty".to_owned()),
        Err(e) => Err(format!("it is not JSON (line {}, column {})", e.line(), e.column())),
    }
}

/// The resource that a response wraps under this key, or why there is none.
pub(super) fn part(response: &Response, key: &str) -> Result<Value, String> {
    match object(response)?.remove(key) {
        Some(part @ Value::Object(_)) => Ok(part),
        _ => Err(format!("it has no {key}")),
    }
}

/// Reads a value, or says why it cannot be read.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    // serde does not say where in the value the error is.
    let bad_time = bad_time(&value, "");
    serde_json::from_value(value).map_err(|e| {
        let place = bad_time.map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{e}{place}")
    })
}

/// The place of the first text that should be a time and is not.
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

/// The fields that an update overwrites: the paths of some fields in snake case, or all fields.
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
    /// Returns the mask of all fields: those that the update leaves empty become empty.
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// Returns the mask of these fields.
    pub fn of<I: AsRef<str>>(paths: impl IntoIterator<Item = I>) -> Self {
        let paths: Vec<String> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        Self(paths.join(","))
    }

    /// Returns the mask as it is sent: `*` for all fields, or the paths with commas between them.
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
