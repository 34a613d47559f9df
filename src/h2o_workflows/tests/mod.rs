//! The client in virtual time, with a transport that answers from a script.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod connect;
mod logs;
mod waits;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use secrecy::SecretString;

use super::{Client, Credentials};
use crate::client::CancelToken;
use crate::engine::RetryPolicy;
use crate::engine::blocking::driver::Clock;
use crate::error::Error;
use crate::http::{Headers, Method, Request, Response};
use crate::transport::{Opened, Pieces, SendError, SendErrorKind, Transport};

const SERVICE: &str = "https://w.test";
const WORKFLOW: &str = "workspaces/w/workflows/f";
const RUN: &str = "workspaces/w/workflows/f/revisions/r/runs/x";
const STEP: &str = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";

type Answer = dyn FnMut(&Request) -> Result<Response, SendError> + Send;

/// Gives the answers of a function, each after 100 ms, and keeps what was asked.
#[derive(Clone)]
struct World {
    now: Arc<Mutex<Instant>>,
    answer: Arc<Mutex<Answer>>,
    /// Method and path of each request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn new(answer: impl FnMut(&Request) -> Result<Response, SendError> + Send + 'static) -> Self {
        Self {
            now: Arc::new(Mutex::new(Instant::now())),
            answer: Arc::new(Mutex::new(answer)),
            asked: Arc::default(),
        }
    }

    /// Answers in order; the last answer is repeated for ever.
    fn script(answers: &[(u16, &str)]) -> Self {
        let answers: Vec<(u16, String)> = answers.iter().map(|(s, t)| (*s, (*t).to_owned())).collect();
        let mut next = 0;
        Self::new(move |_| {
            let (status, text) = &answers[next.min(answers.len() - 1)];
            next += 1;
            answer(*status, text)
        })
    }

    fn builder(&self) -> super::ClientBuilder {
        let retry = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        Client::builder().retry(retry).clock(self.clone()).transport(self.clone())
    }

    /// A client that knows the service and has a token.
    fn client(&self) -> Client {
        let token = SecretString::from("token");
        let credentials = Credentials::builder().endpoint(SERVICE).token_provider(token).build().unwrap();
        self.builder().credentials(credentials).build().unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn count(&self, what: &str) -> usize {
        self.asked().iter().filter(|asked| asked.contains(what)).count()
    }

    fn since(&self, start: Instant) -> Duration {
        *self.now.lock().unwrap() - start
    }
}

fn answer(status: u16, text: &str) -> Result<Response, SendError> {
    Ok(Response::new(status, Headers::new(), text))
}

fn lost() -> Result<Response, SendError> {
    Err(SendError::new(SendErrorKind::Closed, true, "lost"))
}

fn decoded(request: &Request) -> String {
    let path = percent_encoding::percent_decode_str(&request.path).decode_utf8().unwrap();
    format!("{} {}{path}", request.method.as_str(), request.base_url)
}

impl Transport for World {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        *self.now.lock().unwrap() += Duration::from_millis(100);
        self.asked.lock().unwrap().push(decoded(request));
        (self.answer.lock().unwrap())(request)
    }

    fn open(&self, request: &Request, timeout: Duration, _: Duration) -> Result<Opened<Pieces>, SendError> {
        self.send(request, timeout).map(Opened::from)
    }
}

impl Clock for World {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) {
        *self.now.lock().unwrap() += time;
    }
}
