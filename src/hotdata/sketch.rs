//! Commands that are one request with a JSON answer, said in a few lines.

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Effect;
use crate::error::Error;
use crate::http::{Bytes, Method, Request};

use super::command::{Answer, Command, RequestParts, Scope, Spec, about};
use super::path::path;
use super::protocol::DATABASE_HEADER;

/// A command that can say what it is by a sketch: most can. Not to be implemented outside this crate.
pub trait Sketched: Clone + Send + 'static {
    /// What sending it gives.
    type Output: 'static;

    #[doc(hidden)]
    fn sketch(&self) -> Sketch<'_, Self::Output>;
}

impl<C: Sketched> Command for C {
    type Output = C::Output;

    fn spec(&self) -> Spec {
        self.sketch().spec
    }

    fn label(&self) -> String {
        self.sketch().label()
    }

    fn to_request(&self) -> Result<Request, Error> {
        self.sketch().to_request()
    }

    fn secrets(&self) -> Vec<SecretString> {
        self.sketch().secrets
    }

    fn read(&self, answer: Answer<'_>) -> Result<C::Output, Error> {
        (self.sketch().read)(&answer)
    }
}

type Read<T> = fn(&Answer<'_>) -> Result<T, Error>;
type Body<'a> = Box<dyn Fn(Request) -> Result<Request, Error> + 'a>;

/// What a command asks, and what it reads: `T`.
pub struct Sketch<'a, T> {
    spec: Spec,
    method: Method,
    template: &'static str,
    /// Of the path, under their names in the template.
    parameters: Vec<(&'static str, &'a str)>,
    about: Option<&'a str>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, &'a str)>,
    /// Written when it is asked for.
    body: Option<Body<'a>>,
    secrets: Vec<SecretString>,
    read: Read<T>,
}

impl<T> fmt::Debug for Sketch<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sketch").field("spec", &self.spec).finish_non_exhaustive()
    }
}

/// Of what answers with JSON.
impl<T: DeserializeOwned> Sketch<'_, T> {
    fn new(spec: Spec, method: Method, template: &'static str) -> Self {
        Self::read_by(spec, method, template, |answer| answer.json())
    }

    pub(super) fn get(operation: &'static str, template: &'static str) -> Self {
        Self::new(Spec::reads(operation), Method::Get, template)
    }

    pub(super) fn post(operation: &'static str, template: &'static str) -> Self {
        Self::new(Spec::changes(operation), Method::Post, template)
    }

    pub(super) fn put(operation: &'static str, template: &'static str) -> Self {
        Self::new(Spec::changes(operation), Method::Put, template)
    }

    pub(super) fn delete(operation: &'static str, template: &'static str) -> Self {
        Self::new(Spec::changes(operation), Method::Delete, template)
    }
}

/// Of what answers with nothing.
impl Sketch<'_, ()> {
    pub(super) fn nothing(mut self) -> Self {
        self.read = |answer| answer.nothing();
        self
    }
}

impl<'a, T> Sketch<'a, T> {
    fn read_by(spec: Spec, method: Method, template: &'static str, read: Read<T>) -> Self {
        Self {
            spec,
            method,
            template,
            parameters: Vec::new(),
            about: None,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            secrets: Vec::new(),
            read,
        }
    }

    /// Of what has several answers.
    pub(super) fn post_read(operation: &'static str, template: &'static str, read: Read<T>) -> Self {
        Self::read_by(Spec::changes(operation), Method::Post, template, read)
    }

    /// A parameter of the path. The first is also what the command is about.
    pub(super) fn at(mut self, name: &'static str, value: &'a str) -> Self {
        self.about.get_or_insert(value);
        self.parameters.push((name, value));
        self
    }

    /// What the command is about, where no parameter says so.
    pub(super) fn about(mut self, what: &'a str) -> Self {
        self.about = Some(what);
        self
    }

    pub(super) fn of(mut self, scope: Scope) -> Self {
        self.spec = self.spec.of(scope);
        self
    }

    pub(super) fn effect(mut self, effect: Effect) -> Self {
        self.spec.effect = effect;
        self
    }

    /// A query parameter, if there is a value.
    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// A header of this command, if there is a value.
    pub(super) fn header(mut self, name: &'static str, value: Option<&'a str>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    /// A JSON body.
    pub(super) fn json(mut self, body: &'a impl Serialize) -> Self {
        self.body = Some(Box::new(move |request| request.json(body)));
        self
    }

    /// A body of bytes.
    pub(super) fn bytes(mut self, bytes: &'a Bytes, content_type: &'a str) -> Self {
        self.body = Some(Box::new(move |mut request| {
            request.body = Some(bytes.clone());
            Ok(request)
        }));
        self.header("Content-Type", Some(content_type))
    }

    /// A JSON body, if there is one.
    pub(super) fn maybe_json(self, body: Option<&'a impl Serialize>) -> Self {
        match body {
            Some(body) => self.json(body),
            None => self,
        }
    }

    /// The database header, if the call names one.
    pub(super) fn database(self, database_id: Option<&'a str>) -> Self {
        self.header(DATABASE_HEADER, database_id)
    }

    /// What is to be masked, should the service repeat it.
    pub(super) fn secrets(mut self, secrets: Vec<SecretString>) -> Self {
        self.secrets = secrets;
        self
    }

    fn label(&self) -> String {
        match self.about {
            Some(what) => about(self.spec.operation, what),
            None => self.spec.operation.to_owned(),
        }
    }

    fn to_request(&self) -> Result<Request, Error> {
        let path = path(&self.label(), self.template, &self.parameters)?;
        let mut request = Request::new(self.method, "", path);
        for (name, value) in &self.query {
            request = request.query(name, Some(value));
        }
        for (name, value) in &self.headers {
            request = RequestParts::header(request, name, Some(value))?;
        }
        match &self.body {
            Some(body) => body(request),
            None => Ok(request),
        }
    }
}
