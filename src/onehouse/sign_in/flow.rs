//! The steps of a sign-in.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;

use crate::client::{Action, Running};
use crate::engine::failure::seconds;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Machine};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{LONGEST, Response, host_of};
use crate::onehouse::call::{CallOptions, Core};
use crate::onehouse::client::Onehouse;

use super::browser::Browser;
use super::discovery::{Metadata, discover};
use super::listener::{Callback, Listener};
use super::lock::{Lock, Locking};
use super::page::{FAILED, SIGNED_IN};
use super::pkce::{Verifier, random};
use super::place::Place;
use super::session_file::Session;
use super::token_endpoint::{CLIENT_ID, post, read};
use super::unauthenticated;

/// The interval at which the listener is asked.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

const ATTEMPTED: &str = "signing in to Onehouse";

/// Everything but the unreserved characters of RFC 3986: a person may have to copy the address.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The call that signs in.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) place: Place,
    pub(super) port: u16,
    pub(super) browser: Browser,
    /// The time for the person.
    pub(super) timeout: Duration,
}

impl Action<Onehouse> for Flow {
    type Output = ();

    fn start(&self, _: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let context = unauthenticated(ATTEMPTED, options);
        let steps = Steps { flow: self.clone(), context: context.clone(), stage: Stage::Discovery };
        Ok(Running::new(Sequence::new(context, steps)))
    }
}

struct Steps {
    flow: Flow,
    context: Arc<CallContext>,
    stage: Stage,
}

enum Stage {
    Discovery,
    /// A person signs in.
    Browser(Waiting),
    /// The code is exchanged for tokens.
    Exchange(Listener),
    /// The tokens wait for the lock of the session file.
    Lock(Listener, Session),
    Over,
}

struct Waiting {
    metadata: Metadata,
    listener: Listener,
    verifier: Verifier,
    until: Instant,
}

/// The output of a step.
enum Part {
    Response(Response),
    Lock(Lock),
}

fn failed(kind: ErrorKind, happened: impl Into<String>) -> Error {
    Error::new(kind, ATTEMPTED, happened)
}

impl Steps {
    /// Opens the page on which the person signs in.
    fn open(&mut self, now: Instant, metadata: Metadata) -> Planned<Part, ()> {
        let port = self.flow.port;
        let listener = Listener::bind(port, random(16)?).map_err(|error| {
            let which = if port == 0 { "any port".to_owned() } else { format!("port {port}") };
            failed(ErrorKind::Transport, format!("cannot listen on {which} of 127.0.0.1: {error}"))
                .with_source(error)
                .with_advice("Nothing was sent. Choose another port, or 0 for any that is free.")
        })?;
        let verifier = Verifier::new()?;
        let url = authorization_url(&metadata.authorization_endpoint, &listener, &verifier);
        self.flow.browser.open(&url)?;
        let until = now + self.flow.timeout.min(LONGEST);
        self.stage = Stage::Browser(Waiting { metadata, listener, verifier, until });
        Ok(Next::Pause(LOOK_AGAIN))
    }

    /// Looks whether the browser has come back.
    fn wait(&mut self, now: Instant, mut waiting: Waiting) -> Planned<Part, ()> {
        match waiting.listener.poll(now) {
            None if now < waiting.until => {
                let pause = LOOK_AGAIN.min(waiting.until - now);
                self.stage = Stage::Browser(waiting);
                Ok(Next::Pause(pause))
            }
            None => {
                let timeout = seconds(self.flow.timeout);
                let happened = format!("timed out after {timeout}; no sign-in was completed in the browser");
                Err(failed(ErrorKind::OperationTimeout, happened)
                    .with_timeout(true)
                    .with_retryable(true)
                    .with_advice("Sign in again, and complete the sign-in on the page that opens."))
            }
            Some(Callback::Failed { error, description }) => {
                let advice = match error.as_str() {
                    "access_denied" => {
                        "Sign in again and allow this program access, or ask the administrator of the organization."
                    }
                    _ => "Sign in again. If that fails too, ask the administrator of the organization.",
                };
                let description = description.map(|text| format!(": {text}")).unwrap_or_default();
                let happened = format!("the authorization failed: {}", shown(&(error + &description)));
                Err(failed(ErrorKind::Authentication, happened).with_advice(advice))
            }
            Some(Callback::Code { code, issuer }) => self.redeem(waiting, &code, issuer.as_deref()),
        }
    }

    fn redeem(&mut self, waiting: Waiting, code: &SecretString, named: Option<&str>) -> Planned<Part, ()> {
        let Waiting { metadata, listener, verifier, .. } = waiting;
        let issuer = &self.flow.place.issuer;
        if metadata.names_issuer && named != Some(issuer) {
            let happened = match named {
                Some(other) => {
                    format!(
                        "the response is from the authorization server {:?}, not from {issuer:?}",
                        shown(other)
                    )
                }
                None => "the response does not say which authorization server it is from".to_owned(),
            };
            return Err(failed(ErrorKind::Authentication, happened).with_advice(
                "The code was not used. Sign in again. If this error is returned again, another program or a device in the network may be interfering with the sign-in.",
            ));
        }
        let (grant, client) = ("authorization_code".into(), CLIENT_ID.into());
        let redirect_uri = listener.redirect_uri().into();
        let form = [
            ("grant_type", &grant),
            ("code", code),
            ("code_verifier", verifier.secret()),
            ("client_id", &client),
            ("redirect_uri", &redirect_uri),
        ];
        let exchange = post(&self.context, label(issuer), &metadata.token_endpoint, &form);
        self.stage = Stage::Exchange(listener);
        Ok(Next::Run(Box::new(exchange.map(|outcome| outcome.map(Part::Response)))))
    }
}

fn label(issuer: &str) -> String {
    format!("exchanging the authorization code for tokens at {}", host_of(issuer))
}

/// An exchange that failed: the tokens, if there are any, are lost.
fn not_redeemed(error: Error) -> Error {
    match (error.kind(), error.status()) {
        (_, Some(400 | 401)) if error.api_code().is_some() => error
            .with_kind(ErrorKind::Authentication)
            .with_advice("The authorization server did not accept the code of this sign-in. Sign in again."),
        (ErrorKind::OutcomeUnknown, status) => error
            .with_kind(if status.is_some() { ErrorKind::Server } else { ErrorKind::Transport })
            .with_advice(
                "The server may have used the code already, which is valid only once. Sign in again.",
            ),
        _ => error,
    }
}

impl Plan for Steps {
    type Part = Part;
    type Output = ();

    fn begin(&mut self, now: Instant) -> Planned<Part, ()> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Browser(waiting) => self.wait(now, waiting),
            stage => {
                self.stage = stage;
                let request = discover(&self.context, &self.flow.place.issuer);
                Ok(Next::Run(Box::new(request.map(|outcome| outcome.map(Part::Response)))))
            }
        }
    }

    fn ended(&mut self, now: Instant, outcome: Result<Part, Error>) -> Planned<Part, ()> {
        let issuer = &self.flow.place.issuer;
        match (std::mem::replace(&mut self.stage, Stage::Over), outcome) {
            (Stage::Discovery, Ok(Part::Response(response))) => {
                let metadata = Metadata::read(&response, issuer)?;
                self.open(now, metadata)
            }
            (Stage::Exchange(listener), Ok(Part::Response(response))) => {
                let session = read(&label(issuer), &response, None, SystemTime::now())?;
                self.stage = Stage::Lock(listener, session);
                let locking = Locking::machine(&self.context, self.flow.place.file.clone());
                Ok(Next::Run(Box::new(locking.map(|outcome| outcome.map(Part::Lock)))))
            }
            (Stage::Exchange(mut listener), Err(error)) => {
                listener.conclude(FAILED);
                Err(not_redeemed(error))
            }
            (Stage::Lock(mut listener, session), Ok(Part::Lock(lock))) => {
                let file = &self.flow.place.file;
                file.write(&session).map_err(|error| {
                    let path = shown(&file.path().display().to_string());
                    failed(
                        ErrorKind::Credentials,
                        format!("the session file {path} cannot be written: {error}"),
                    )
                    .with_source(error)
                    .with_advice("Make the file writable, then sign in again.")
                })?;
                drop(lock);
                listener.conclude(SIGNED_IN);
                Ok(Next::Done(()))
            }
            (_, Err(error)) => Err(error),
            (_, Ok(_)) => Err(failed(ErrorKind::UnexpectedResponse, "a step ended that was not begun")
                .with_advice("This is a bug in this crate. Please report it.")),
        }
    }
}

fn authorization_url(endpoint: &str, listener: &Listener, verifier: &Verifier) -> String {
    let (redirect_uri, challenge) = (listener.redirect_uri(), verifier.challenge());
    let parameters = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", &redirect_uri),
        ("state", listener.state()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ];
    let mut url = endpoint.to_owned();
    let mut separator = if endpoint.contains('?') { '&' } else { '?' };
    for (name, value) in parameters {
        url.push(separator);
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, RESERVED));
        separator = '&';
    }
    url
}
