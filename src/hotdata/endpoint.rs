//! An operation of the API with the arguments of a command: one value from which a request and the reading of
//! its response follow.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::policy::Retries;
use crate::engine::{CallContext, Effect, Exchange, Machine};
use crate::error::{Error, shown};
use crate::http::{Bytes, Method, Request, Response};

use super::credentials::check_header;
use super::path::path;
use super::protocol::{DATABASE_HEADER, FINALIZE_TOKEN_HEADER, Protocol};
use super::secret::Secret;
use super::success::Success;

/// Which headers identify the account of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The key alone: the three operations about workspaces.
    Account,
    /// Key and workspace.
    Workspace,
    /// Key, workspace and database. Without a database nothing is sent.
    Database,
    /// Key, workspace and, if one is named, a database.
    OptionalDatabase,
}

type Read<T> = Box<dyn Fn(&Success<'_>) -> Result<T, Error> + Send + Sync>;

/// An operation with the arguments of a command. Its responses are read as `T`.
pub struct Endpoint<'a, T> {
    name: &'static str,
    effect: Effect,
    scope: Scope,
    method: Method,
    template: &'static str,
    /// The parameters of the path, under their names in the template.
    parameters: Vec<(&'static str, &'a str)>,
    /// What the command is about, for messages.
    about: Option<Cow<'a, str>>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, &'a str)>,
    finalize_token: Option<&'a Secret>,
    body: Body<'a>,
    max_response_body: Option<usize>,
    secrets: Vec<SecretString>,
    read: Read<T>,
    explain: fn(Error) -> Error,
}

enum Body<'a> {
    None,
    /// Serialized when the request is made.
    Json(Box<dyn FnOnce() -> serde_json::Result<Vec<u8>> + 'a>),
    Bytes(&'a Bytes),
}

impl<T> fmt::Debug for Endpoint<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Endpoints whose responses are JSON.
impl<T: DeserializeOwned + 'static> Endpoint<'_, T> {
    fn new(name: &'static str, effect: Effect, method: Method, template: &'static str) -> Self {
        Self::read_by(name, effect, method, template, |success| success.json())
    }

    pub(super) fn get(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Effect::Repeatable, Method::Get, template)
    }

    pub(super) fn post(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Effect::Changes, Method::Post, template)
    }

    pub(super) fn put(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Effect::Changes, Method::Put, template)
    }

    pub(super) fn delete(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Effect::Changes, Method::Delete, template)
    }

    /// The response holds secrets: an error about it neither shows nor keeps them.
    pub(super) fn secret_response(mut self) -> Self {
        self.read = Box::new(|success| success.secret_json());
        self
    }
}

/// Endpoints whose responses have no body.
impl Endpoint<'_, ()> {
    pub(super) fn nothing(mut self) -> Self {
        self.read = Box::new(|_| Ok(()));
        self
    }
}

impl<'a, T: 'static> Endpoint<'a, T> {
    fn read_by(
        name: &'static str,
        effect: Effect,
        method: Method,
        template: &'static str,
        read: fn(&Success<'_>) -> Result<T, Error>,
    ) -> Self {
        Self {
            name,
            effect,
            scope: Scope::Workspace,
            method,
            template,
            parameters: Vec::new(),
            about: None,
            query: Vec::new(),
            headers: Vec::new(),
            finalize_token: None,
            body: Body::None,
            max_response_body: None,
            secrets: Vec::new(),
            read: Box::new(read),
            explain: |error| error,
        }
    }

    /// A GET with a reader of its own, for an operation that has several successful responses.
    pub(super) fn get_read(
        name: &'static str,
        template: &'static str,
        read: fn(&Success<'_>) -> Result<T, Error>,
    ) -> Self {
        Self::read_by(name, Effect::Repeatable, Method::Get, template, read)
    }

    /// A POST with a reader of its own, for an operation that has several successful responses.
    pub(super) fn post_read(
        name: &'static str,
        template: &'static str,
        read: fn(&Success<'_>) -> Result<T, Error>,
    ) -> Self {
        Self::read_by(name, Effect::Changes, Method::Post, template, read)
    }

    /// Adds a parameter of the path. The first is also what the command is about.
    pub(super) fn at(mut self, name: &'static str, value: &'a str) -> Self {
        self.about.get_or_insert(Cow::Borrowed(value));
        self.parameters.push((name, value));
        self
    }

    /// Sets what the command is about, where no parameter says so.
    pub(super) fn about(mut self, what: impl Into<Cow<'a, str>>) -> Self {
        self.about = Some(what.into());
        self
    }

    pub(super) fn of(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    pub(super) fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Adds a query parameter, if there is a value.
    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Adds a header, if there is a value.
    pub(super) fn header(mut self, name: &'static str, value: Option<&'a str>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    /// Adds the database header, if the command names a database.
    pub(super) fn database(self, database_id: Option<&'a str>) -> Self {
        self.header(DATABASE_HEADER, database_id)
    }

    /// Adds the token of an upload.
    pub(super) fn finalize_token(mut self, token: &'a Secret) -> Self {
        self.finalize_token = Some(token);
        self.secrets.push(token.to_masked());
        self
    }

    /// Sets a JSON body.
    pub(super) fn json(mut self, body: &'a impl Serialize) -> Self {
        self.body = Body::Json(Box::new(move || serde_json::to_vec(body)));
        self
    }

    /// Sets a JSON body, if there is one.
    pub(super) fn maybe_json(self, body: Option<&'a impl Serialize>) -> Self {
        match body {
            Some(body) => self.json(body),
            None => self,
        }
    }

    /// Sets a body of bytes.
    pub(super) fn bytes(mut self, bytes: &'a Bytes, content_type: &'a str) -> Self {
        self.body = Body::Bytes(bytes);
        self.header("Content-Type", Some(content_type))
    }

    /// Sets the largest response body that is accepted.
    pub(super) fn max_response_body(mut self, bytes: usize) -> Self {
        self.max_response_body = Some(bytes);
        self
    }

    /// Adds secrets of the request, which are masked where the service repeats them.
    pub(super) fn secrets(mut self, secrets: Vec<SecretString>) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// Sets what an error means, where it means something else than usual.
    pub(super) fn explained_by(mut self, explain: fn(Error) -> Error) -> Self {
        self.explain = explain;
        self
    }

    /// The same with another output.
    pub(super) fn map<U>(self, convert: fn(T) -> U) -> Endpoint<'a, U>
    where
        U: 'static,
    {
        let read = self.read;
        Endpoint {
            name: self.name,
            effect: self.effect,
            scope: self.scope,
            method: self.method,
            template: self.template,
            parameters: self.parameters,
            about: self.about,
            query: self.query,
            headers: self.headers,
            finalize_token: self.finalize_token,
            body: self.body,
            max_response_body: self.max_response_body,
            secrets: self.secrets,
            read: Box::new(move |success| read(success).map(convert)),
            explain: self.explain,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn get_effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn scope(&self) -> Scope {
        self.scope
    }

    /// The label of messages: the operation and what it is about.
    pub(super) fn label(&self) -> String {
        match &self.about {
            Some(what) => about(self.name, what),
            None => self.name.to_owned(),
        }
    }

    /// Renders everything that one send needs.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub(super) fn prepare(self) -> Result<Prepared<T>, Error> {
        let label = self.label();
        let mut request = Request::new(self.method, "", path(&label, self.template, &self.parameters)?);
        request.query = self.query.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, value) in self.headers {
            // An empty value is sent: the service rejects it, and no default takes its place.
            if !value.is_empty() {
                check_header(&format!("sending the header {name}"), value)?;
            }
            request.headers.push(name, value);
        }
        if let Some(token) = self.finalize_token {
            check_token(&label, token)?;
            request.headers.push_secret(FINALIZE_TOKEN_HEADER, token.to_masked());
        }
        request.body = match self.body {
            Body::None => None,
            Body::Json(write) => Some(write().map_err(|e| unserializable(&label, &e))?.into()),
            Body::Bytes(bytes) => Some(bytes.clone()),
        };
        if let Some(bytes) = self.max_response_body {
            request.max_response_body = bytes;
        }
        let reader = Reader { effect: self.effect, read: self.read, explain: self.explain };
        Ok(Prepared { label, scope: self.scope, request, secrets: self.secrets, reader })
    }
}

/// The label of an operation about something.
pub(super) fn about(operation: &str, what: &str) -> String {
    format!("{operation} {}", shown(what))
}

#[cold]
fn unserializable(label: &str, error: &serde_json::Error) -> Error {
    Error::invalid(label, format!("the body cannot be written as JSON: {error}"))
        .with_advice("Nothing was sent.")
}

/// Checks that a token can be sent in a header. The error does not show it.
fn check_token(label: &str, token: &Secret) -> Result<(), Error> {
    let token = token.expose();
    if !token.is_empty() && token.bytes().all(|b| (b'!'..=b'~').contains(&b)) {
        return Ok(());
    }
    let happened = match token {
        "" => "the finalize token is empty",
        _ => "the finalize token has characters that an HTTP header cannot contain",
    };
    Err(Error::invalid(label, happened).with_advice(
        "Nothing was sent. Pass the field `finalize_token` of the response that created the upload session, unchanged.",
    ))
}

/// A command that is ready to be sent once.
#[derive(Debug)]
pub(super) struct Prepared<T> {
    pub(super) label: String,
    pub(super) scope: Scope,
    pub(super) request: Request,
    /// Masked where the service repeats them.
    pub(super) secrets: Vec<SecretString>,
    pub(super) reader: Reader<T>,
}

impl<T> Prepared<T> {
    /// Sends the request with its retries, as it is sent for this account. `retries`: the policy of the call
    /// if `None`.
    pub(super) fn exchange(
        self,
        protocol: &Protocol,
        context: &Arc<CallContext>,
        retries: Option<Retries>,
    ) -> Result<(Exchange, Reader<T>), Error> {
        let request = protocol.complete(&context.label, self.scope, self.request)?;
        let exchange = Exchange::new(masking(context, self.secrets), request, self.reader.effect);
        let exchange = match retries {
            Some(retries) => exchange.retrying(retries),
            None => exchange,
        };
        Ok((exchange, self.reader))
    }

    /// The same, with the response read.
    pub(super) fn machine(
        mut self,
        protocol: &Protocol,
        context: &Arc<CallContext>,
        retries: Option<Retries>,
    ) -> Result<impl Machine<Output = T> + use<T>, Error> {
        let context = masking(context, std::mem::take(&mut self.secrets));
        let (exchange, reader) = self.exchange(protocol, &context, retries)?;
        Ok(exchange.map(move |outcome| reader.outcome(&context, outcome)))
    }
}

/// The context of a call that has several requests, with the secrets of one of them.
fn masking(context: &Arc<CallContext>, secrets: Vec<SecretString>) -> Arc<CallContext> {
    if secrets.is_empty() {
        return context.clone();
    }
    let mut own = (**context).clone();
    own.secrets.extend(secrets);
    Arc::new(own)
}

/// Reads the outcome of a send.
pub(super) struct Reader<T> {
    pub(super) effect: Effect,
    read: Read<T>,
    explain: fn(Error) -> Error,
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("effect", &self.effect).finish_non_exhaustive()
    }
}

impl<T> Reader<T> {
    pub(super) fn outcome(
        &self,
        context: &CallContext,
        outcome: Result<Response, Error>,
    ) -> Result<T, Error> {
        match outcome {
            Ok(response) => (self.read)(&Success::new(context, self.effect, &response)),
            Err(error) => Err((self.explain)(error)),
        }
    }
}
