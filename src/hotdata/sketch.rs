//! Commands that are one request with a JSON answer, said in a few lines.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Effect;
use crate::error::Error;
use crate::http::{Method, Request};

use super::command::{Answer, Command, RequestParts, Scope, Spec, about};
use super::path::path;

/// A command that can say what it is by a [`Sketch`].
pub(super) trait Sketched: Clone + Send + 'static {
    /// What sending it gives.
    type Output: 'static;

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

    fn read(&self, answer: Answer<'_>) -> Result<C::Output, Error> {
        (self.sketch().read)(&answer)
    }
}

type Body<'a> = Box<dyn Fn(Request) -> Result<Request, Error> + 'a>;

/// What a command asks, and what it reads: `T`.
pub(super) struct Sketch<'a, T> {
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
    read: fn(&Answer<'_>) -> Result<T, Error>,
    answer: PhantomData<T>,
}

/// Of what answers with JSON.
impl<T: DeserializeOwned> Sketch<'_, T> {
    fn new(spec: Spec, method: Method, template: &'static str) -> Self {
        Self {
            spec,
            method,
            template,
            parameters: Vec::new(),
            about: None,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            read: |answer| answer.json(),
            answer: PhantomData,
        }
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
    pub(super) fn nothing(self) -> Self {
        self.read(Answer::nothing)
    }
}

impl<'a, T> Sketch<'a, T> {
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

    /// A success is read like this.
    pub(super) fn read(mut self, read: fn(&Answer<'_>) -> Result<T, Error>) -> Self {
        self.read = read;
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
