//! Access tokens of a session, and their renewal under the lock of its file.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use secrecy::{ExposeSecret, SecretString};

use crate::auth::{Ask, Grant, Issuer, Renewing, StoredTokens};
use crate::engine::machine::Detached;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{Budget, CallContext, Machine, Settings};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Response, host_of};

use super::discovery::{Metadata, discover};
use super::lock::{Lock, Locking};
use super::place::Place;
use super::session_file::{Session, Unusable};
use super::token_endpoint::{CLIENT_ID, post, read};

/// The time of one request to the authorization server, as in the vendor's SDK 0.3.0.
pub(super) const HTTP_TIMEOUT: Duration = Duration::from_secs(20);

/// The time of a renewal: that of the lock, the metadata and the exchange.
const TIMEOUT: Duration = Duration::from_secs(90);

/// A source of the current calendar time.
type Wall = dyn Fn() -> SystemTime + Send + Sync;

/// The tokens of a session. Clients with the same credentials share one.
///
/// The session file is read before each request, so that a token that another program has renewed is used,
/// and a session that another program has ended is not.
pub(in crate::onehouse) struct SessionTokens {
    place: Place,
    wall: Box<Wall>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The token that the server has rejected last.
    rejected: Option<SecretString>,
    token_endpoint: Option<String>,
    /// The number of renewals that were begun here.
    begun: u64,
    is_renewing: bool,
    /// A renewed session that could not be written to its file, and the refresh token in the file that is
    /// used up.
    unwritten: Option<(SecretString, Session)>,
    /// The result of the last renewal that has ended.
    last: Option<(u64, Result<SecretString, Error>)>,
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.place.issuer)
    }
}

impl SessionTokens {
    pub(in crate::onehouse) fn new(place: Place) -> Arc<Self> {
        Self::with_wall(place, Box::new(SystemTime::now))
    }

    pub(super) fn with_wall(place: Place, wall: Box<Wall>) -> Arc<Self> {
        Arc::new(Self { place, wall, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token of the file, if it can be used.
    fn usable<'a>(&self, session: &'a Session, rejected: Option<&SecretString>) -> Option<&'a SecretString> {
        let token = session.current((self.wall)())?;
        let is_rejected = rejected.is_some_and(|one| one.expose_secret() == token.expose_secret());
        if is_rejected { None } else { Some(token) }
    }

    /// The session that is newer than the one in the file, if it could not be written.
    fn unwritten(&self, in_file: &Session) -> Option<Session> {
        let state = self.state();
        let (used_up, newer) = state.unwritten.as_ref()?;
        (used_up.expose_secret() == in_file.refresh_token.expose_secret()).then(|| newer.clone())
    }

    fn not_signed_in(&self, why: &Unusable) -> Error {
        Error::new(ErrorKind::Credentials, label(&self.place), why.describe(self.place.file.path()))
            .with_advice(why.advice())
    }
}

fn label(place: &Place) -> String {
    format!("using the session of {}", host_of(&place.issuer))
}

fn grant(token: SecretString) -> Grant {
    Grant { token, number: 0 }
}

impl StoredTokens for SessionTokens {
    fn ask(self: Arc<Self>, _: Instant) -> Ask {
        let mut state = self.state();
        if state.is_renewing {
            return Ask::Wait(state.begun);
        }
        match self.place.file.read() {
            Ok(session) => {
                if let Some(token) = self.usable(&session, state.rejected.as_ref()) {
                    return Ask::Token(grant(token.clone()));
                }
            }
            Err(why) => return Ask::Failed(self.not_signed_in(&why)),
        }
        state.is_renewing = true;
        state.begun += 1;
        let number = state.begun;
        drop(state);
        let turn = Turn { tokens: self.clone(), number, is_exchanging: false, has_ended: false };
        Ask::Renew(Renewing::new(number, move |settings| turn.detached(settings)))
    }

    fn ended(&self, number: u64) -> Option<Result<Grant, Error>> {
        match &self.state().last {
            Some((last, Ok(token))) if *last >= number => Some(Ok(grant(token.clone()))),
            Some((last, Err(error))) if *last >= number => Some(Err(error.duplicate())),
            _ => None,
        }
    }

    fn secrets(&self) -> Vec<SecretString> {
        match self.place.file.read() {
            Ok(session) => session.access_token.into_iter().chain([session.refresh_token]).collect(),
            Err(_) => Vec::new(),
        }
    }

    fn reject(&self, grant: &Grant) {
        self.state().rejected = Some(grant.token.clone());
    }
}

/// The right to renew the token. Dropped before its end, it leaves the renewal to another call.
struct Turn {
    tokens: Arc<SessionTokens>,
    number: u64,
    /// True once the refresh token may have been used up.
    is_exchanging: bool,
    /// The result is in the state, and another renewal may have begun.
    has_ended: bool,
}

impl Turn {
    /// The machine that carries it out. It belongs to all calls and has time of its own, because the refresh
    /// token may be used up when the call that began it times out.
    fn detached(self, settings: &Settings) -> Detached {
        let settings = Settings { timeout: TIMEOUT, http_timeout: HTTP_TIMEOUT, ..settings.clone() };
        let label = format!("renewing the session of {}", host_of(&self.tokens.place.issuer));
        let issuer = Arc::new(Issuer { secrets: crate::redact::Secrets::default() });
        // The rate limit is the service's: a call whose request holds the last place would wait for itself.
        let context = Arc::new(CallContext::new(label, settings, Arc::new(Budget::unlimited()), issuer));
        let renewal = Renewal { turn: self, context: context.clone(), locked: None };
        Detached(Box::new(Sequence::new(context, renewal).map(|outcome| outcome.map(drop))))
    }

    fn end(&mut self, result: Result<SecretString, Error>) -> Result<Grant, Error> {
        let kept = match &result {
            Ok(token) => Ok(token.clone()),
            Err(error) => Err(error.duplicate()),
        };
        let mut state = self.tokens.state();
        state.is_renewing = false;
        state.last = Some((self.number, kept));
        drop(state);
        self.has_ended = true;
        result.map(grant)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let mut state = self.tokens.state();
        state.is_renewing = false;
        if self.is_exchanging {
            let error = Error::new(
                ErrorKind::Transport,
                label(&self.tokens.place),
                "the request that renews the session was abandoned before the response arrived",
            );
            state.last = Some((self.number, Err(error.with_advice(MAY_BE_USED_UP))));
        }
    }
}

const MAY_BE_USED_UP: &str = "Nothing was sent to the service. The refresh token may have been used up: if the next call \
                              fails too, sign in again.";

/// One renewal: the lock, the endpoint if it is not known yet, the exchange, the file.
struct Renewal {
    turn: Turn,
    context: Arc<CallContext>,
    /// The session as it is in the file, once the lock is held.
    locked: Option<(Lock, Session)>,
}

/// The output of a step.
enum Part {
    Lock(Lock),
    Metadata(Response),
    Tokens(Response),
}

impl Renewal {
    /// Decides under the lock: another program may have renewed the token meanwhile.
    fn locked(&mut self, now: Instant, lock: Lock) -> Result<Next<Part, Grant>, Error> {
        let tokens = self.turn.tokens.clone();
        let file = &tokens.place.file;
        file.recover();
        let mut session = file.read().map_err(|why| tokens.not_signed_in(&why))?;
        if let Some(newer) = tokens.unwritten(&session) {
            file.write(&newer).map_err(|error| self.not_written(error))?;
            session = newer;
        }
        tokens.state().unwritten = None;
        let (rejected, endpoint) = {
            let state = tokens.state();
            (state.rejected.clone(), state.token_endpoint.clone())
        };
        if let Some(token) = tokens.usable(&session, rejected.as_ref()) {
            return self.turn.end(Ok(token.clone())).map(Next::Done);
        }
        self.locked = Some((lock, session));
        match endpoint {
            Some(endpoint) => self.exchange(now, &endpoint),
            None => {
                let request = discover(&self.context, &tokens.place.issuer);
                Ok(Next::Run(Box::new(request.map(|outcome| outcome.map(Part::Metadata)))))
            }
        }
    }

    fn exchange(&mut self, now: Instant, endpoint: &str) -> Result<Next<Part, Grant>, Error> {
        let Some((_, session)) = &self.locked else { return Err(not_locked()) };
        // A refresh token is good for one use: it is sent only if its response has all the time of a request.
        if self.context.begun().is_some_and(|span| span.deadline < now + HTTP_TIMEOUT) {
            let label = self.context.label.clone();
            return Err(Error::new(
                ErrorKind::Transport,
                label,
                "timed out while waiting for the lock and the server's metadata",
            )
            .with_timeout(true)
            .with_retryable(true)
            .with_advice("Nothing was sent to the service, and the session is as it was. Try again."));
        }
        let (grant, client) = ("refresh_token".into(), CLIENT_ID.into());
        let form =
            [("grant_type", &grant), ("refresh_token", &session.refresh_token), ("client_id", &client)];
        let request = post(&self.context, self.context.label.clone(), endpoint, &form);
        self.turn.is_exchanging = true;
        Ok(Next::Run(Box::new(request.map(|outcome| outcome.map(Part::Tokens)))))
    }

    /// Writes the new session before its token is used: the old refresh token is used up.
    fn keep(&mut self, response: &Response) -> Result<SecretString, Error> {
        let Some((_lock, old)) = self.locked.take() else { return Err(not_locked()) };
        let tokens = &self.turn.tokens;
        let new = read(&self.context.label, response, Some(&old.refresh_token), (tokens.wall)())?;
        if let Err(error) = tokens.place.file.write(&new) {
            // The next renewal writes it, and does not send the old refresh token again.
            tokens.state().unwritten = Some((old.refresh_token, new));
            return Err(self.not_written(error));
        }
        new.access_token.ok_or_else(not_locked)
    }

    fn not_written(&self, error: std::io::Error) -> Error {
        let path = shown(&self.turn.tokens.place.file.path().display().to_string());
        let happened = format!("the session was renewed, but {path} cannot be written: {error}");
        Error::new(ErrorKind::Credentials, self.context.label.clone(), happened).with_source(error).with_advice(
            "This program has the new session in memory only. Make the file writable before it ends; otherwise sign in again.",
        )
    }

    fn fail(&mut self, error: Error) -> Planned<Part, Grant> {
        self.locked = None;
        self.turn.end(Err(error)).map(Next::Done)
    }
}

#[cold]
fn not_locked() -> Error {
    Error::new(ErrorKind::UnexpectedResponse, "renewing a session", "a step was not begun")
        .with_advice("This is a bug in this crate. Please report it.")
}

/// The error of a call that has no token: nothing of the call was sent.
fn refused(error: Error) -> Error {
    match (error.kind(), error.status()) {
        (_, Some(400 | 401)) if error.api_code() == Some("invalid_grant") => error
            .with_kind(ErrorKind::Authentication)
            .with_advice("The session has expired or was revoked. Sign in again, with `onehouse::SignIn` or `oh login`."),
        (_, Some(400 | 401)) if error.api_code().is_some() => error
            .with_kind(ErrorKind::Authentication)
            .with_advice("Nothing was sent to the service. Sign in again."),
        (ErrorKind::OutcomeUnknown, status) => error
            .with_kind(if status.is_some() { ErrorKind::Server } else { ErrorKind::Transport })
            .with_advice(MAY_BE_USED_UP),
        (_, Some(_)) => error.with_advice("Nothing was sent to the service."),
        (_, None) => error,
    }
}

impl Plan for Renewal {
    type Part = Part;
    type Output = Grant;

    fn begin(&mut self, _: Instant) -> Planned<Part, Grant> {
        let locking = Locking::machine(&self.context, self.turn.tokens.place.file.clone());
        Ok(Next::Run(Box::new(locking.map(|outcome| outcome.map(Part::Lock)))))
    }

    fn ended(&mut self, now: Instant, outcome: Result<Part, Error>) -> Planned<Part, Grant> {
        let next = match outcome {
            // Nothing was sent: another call renews the token.
            Err(error) if error.kind() == ErrorKind::Cancelled => {
                self.locked = None;
                return Err(error);
            }
            Err(error) => Err(refused(error)),
            Ok(Part::Lock(lock)) => self.locked(now, lock),
            Ok(Part::Metadata(response)) => {
                let metadata = Metadata::read(&response, &self.turn.tokens.place.issuer);
                metadata.and_then(|metadata| {
                    let endpoint = metadata.token_endpoint;
                    self.turn.tokens.state().token_endpoint = Some(endpoint.clone());
                    self.exchange(now, &endpoint)
                })
            }
            Ok(Part::Tokens(response)) => {
                let kept = self.keep(&response);
                kept.and_then(|token| self.turn.end(Ok(token))).map(Next::Done)
            }
        };
        next.or_else(|error| self.fail(error))
    }
}
