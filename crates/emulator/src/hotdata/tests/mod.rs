//! The emulator as any client would see it: raw requests.

mod doors;
mod loads;
mod older;
mod queries;
mod resources;
mod state;
mod time;
mod uploads;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::server::lock;
use controlplane::http::{Method, Request, Response};
use controlplane::transport::{Transport, UreqTransport};

/// A client that sends what it is told.
struct Caller {
    transport: UreqTransport,
    url: String,
    /// The headers of every request.
    headers: Vec<(&'static str, String)>,
}

impl Caller {
    fn of(emulator: &Emulator) -> Self {
        let transport = crate::testing::transport();
        let headers = vec![
            ("authorization", format!("Bearer {}", emulator.api_key())),
            ("x-workspace-id", emulator.workspace_id().to_owned()),
        ];
        Self { transport, url: emulator.url().to_owned(), headers }
    }

    /// The same with another value of a header; without it if that is empty.
    fn with(&self, name: &'static str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            headers.push((name, value.to_owned()));
        }
        Self { transport: crate::testing::transport(), url: self.url.clone(), headers }
    }

    fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Response {
        let mut request = Request::new(method, self.url.as_str(), path);
        for (name, value) in &self.headers {
            request.headers.push(*name, value.as_str());
        }
        request.body = body.map(Into::into);
        self.transport.send(&request, Duration::from_secs(20)).unwrap()
    }

    fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string().into_bytes());
        let response = self.send(method, &format!("/v1/{path}"), body);
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::Get, path, None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The body of an answer of this status.
    fn post(&self, wanted: u16, path: &str, body: Value) -> Value {
        let (status, body) = self.call(Method::Post, path, Some(body));
        assert_eq!(status, wanted, "{path}: {body}");
        body
    }

    /// Status and code of a refusal.
    fn refused(&self, method: Method, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, body) = self.call(method, path, body);
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// A new database: what was said of it.
    fn database(&self, fields: Value) -> Value {
        self.post(201, "databases", fields)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text")).to_owned()
}

fn bad(code: &str) -> (u16, String) {
    let status = match code {
        "NOT_FOUND" => 404,
        "CONFLICT" | "RESOURCE_LOCKED" | "IDEMPOTENCY_KEY_CONFLICT" => 409,
        _ => 400,
    };
    (status, code.to_owned())
}

/// A clock that stands still until it is set forward.
#[derive(Clone)]
struct Hands(Arc<Mutex<Instant>>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn forward(&self, seconds: f64) {
        *lock(&self.0) += Duration::from_secs_f64(seconds);
    }

    fn on(&self, builder: Builder) -> Builder {
        let hands = self.0.clone();
        builder.clock(move || *lock(&hands))
    }
}
