//! Commands as data, and what becomes of them when they are sent.

use std::sync::Arc;

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Effect;
use crate::client::{Action, Running, not_run};
use crate::engine::{Context, Exchange};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Method, Request, Response};
use crate::redact::Redacted;

use super::client::Hotdata;
use super::credentials::check_header;
use super::path::path;
use super::protocol::{DATABASE_HEADER, plain_headers};

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
pub type Call<M, C> = crate::client::Call<Hotdata, M, C>;

pub(crate) type Core = crate::client::Core<Hotdata>;
pub(crate) type CallOptions = crate::client::CallOptions<Hotdata>;

impl<M, C: Command> Call<M, C> {
    /// The request that would be sent, without the API's address, the key and the workspace. Sends nothing and needs none of
    /// them.
    ///
    /// ```
    /// # use controlplane::hotdata::Client;
    /// let request = Client::offline().databases().get("dbid7h2k9q4m1x8c").to_request()?;
    /// assert_eq!(request.path, "/v1/databases/dbid7h2k9q4m1x8c");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = self.command.to_request()?;
        plain_headers(request.method, &mut request.headers);
        Ok(request)
    }
}

/// Which headers say whose a request is (reference, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The key alone: the three operations about workspaces.
    Account,
    /// Key and workspace.
    Workspace,
    /// Key, workspace and database: without one, nothing is sent.
    Database,
    /// Key, workspace and, if one is named, a database.
    PerhapsDatabase,
}

/// What is fixed about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// The vendor's name of the operation, which is also the command's name in JSON: `create_database`.
    pub operation: &'static str,
    /// Whether it may be sent again when it is not known whether it was taken.
    pub effect: Effect,
    /// Whose the request is.
    pub scope: Scope,
}

impl Spec {
    /// In a workspace.
    pub(super) const fn reads(operation: &'static str) -> Self {
        Self { operation, effect: Effect::Repeatable, scope: Scope::Workspace }
    }

    /// In a workspace.
    pub(super) const fn changes(operation: &'static str) -> Self {
        Self { operation, effect: Effect::Changes, scope: Scope::Workspace }
    }

    pub(super) const fn of(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

/// A command: something that becomes one request. Not to be implemented outside this crate.
pub trait Command: Clone + Send + 'static {
    /// What sending it gives.
    type Output: 'static;

    /// The vendor's name, the command's effect, and whose it is.
    fn spec(&self) -> Spec;

    /// What it does, for messages: the operation and what it is about.
    #[doc(hidden)]
    fn label(&self) -> String;

    /// The request. Needs no client and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_request(&self) -> Result<Request, Error>;

    /// Secrets in the request, which are masked where the service repeats them.
    #[doc(hidden)]
    fn secrets(&self) -> Vec<SecretString> {
        Vec::new()
    }

    /// What a success says.
    #[doc(hidden)]
    fn read(&self, answer: Answer<'_>) -> Result<Self::Output, Error>;

    /// What an error means for this command, where it means something else than usual.
    #[doc(hidden)]
    fn refused(&self, error: Error) -> Error {
        error
    }
}

/// The label of a command about something.
pub(super) fn about(operation: &str, what: &str) -> String {
    format!("{operation} {}", shown(what))
}

/// A request of a command, with its parameters in the path: see [`path`].
pub(super) fn request(
    command: &impl Command,
    method: Method,
    template: &str,
    parameters: &[(&str, &str)],
) -> Result<Request, Error> {
    Ok(Request::new(method, "", path(&command.label(), template, parameters)?))
}

/// What can be added to the request of a command.
pub(super) trait RequestParts: Sized {
    /// A JSON body.
    fn json(self, body: &impl Serialize) -> Result<Self, Error>;

    /// A query parameter, if there is a value.
    fn query(self, name: &str, value: Option<impl ToString>) -> Self;

    /// A header of this command, if there is a value.
    fn header(self, name: &'static str, value: Option<&str>) -> Result<Self, Error>;

    /// The database header, if the call names one.
    fn database(self, database_id: Option<&str>) -> Result<Self, Error> {
        self.header(DATABASE_HEADER, database_id)
    }
}

impl RequestParts for Request {
    fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body)
            .map_err(|e| Error::invalid(format!("writing the body for {}", self.path), e.to_string()))?;
        self.body = Some(body.into());
        Ok(self)
    }

    fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.query.push((name.to_owned(), value.to_string()));
        }
        self
    }

    fn header(mut self, name: &'static str, value: Option<&str>) -> Result<Self, Error> {
        if let Some(value) = value {
            // An empty one is sent, for the service to refuse: whoever names it so has named it.
            if !value.is_empty() {
                check_header(&format!("sending the header {name}"), value)?;
            }
            self.headers.push(name, value);
        }
        Ok(self)
    }
}

/// A success, with what is needed to read it.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Whose label says what was attempted, and which knows what must not be shown.
    context: &'a Context,
    pub(super) effect: Effect,
    pub(super) response: &'a Response,
}

impl<'a> Answer<'a> {
    pub(super) fn new(context: &'a Context, effect: Effect, response: &'a Response) -> Self {
        Self { context, effect, response }
    }

    /// The body, as this.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if self.response.body.is_empty() {
            return Err(self.unusable("it is empty"));
        }
        serde_json::from_slice(&self.response.body).map_err(|e| self.unusable(&e.to_string()))
    }

    /// The body, as this. It holds secrets: an error says where it is wrong, and neither shows nor keeps it.
    pub(super) fn secret_json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.response.body).map_err(|e| {
            let why = format!("it is not as documented (line {}, column {})", e.line(), e.column());
            self.unusable(&why).with_body("")
        })
    }

    /// Nothing, whatever the body.
    pub(super) fn nothing(&self) -> Result<(), Error> {
        Ok(())
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
        let why = self.context.mask(why);
        let happened = format!("HTTP {}, but of the answer: {}", self.response.status, shown(&why));
        Error::new(kind, self.context.label.clone(), happened)
            .with_status(self.response.status)
            .with_body(self.context.mask(&body))
            .with_advice(advice)
    }
}

impl<C: Command> Action<Hotdata> for C {
    type Output = C::Output;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<C::Output>, Error> {
        let request = self.to_request()?;
        let (label, spec) = (self.label(), self.spec());
        let protocol = core.protocol()?;
        let request = Arc::new(protocol.complete(&label, spec.scope, request)?);
        let context = core.context(protocol.clone(), label, self.secrets(), options);
        let exchange = Exchange::new(context.clone(), request, spec.effect);
        let command = self.clone();
        Ok(Running::new(exchange, move |mut exchange| {
            let response = exchange.finish().unwrap_or_else(|| Err(not_run()));
            let response = response.map_err(|error| command.refused(error))?;
            command.read(Answer::new(&context, spec.effect, &response))
        }))
    }
}
