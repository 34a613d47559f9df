//! The refresh grant of OpenID Connect: the current tokens, and which call renews them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::engine::Effect;
use crate::error::Error;
use crate::http::shown_url;

use super::renewal::Renewal;
use super::{Ask, Grant, Renewing};

/// A token is renewed this long before it expires: as in the vendor's client (h2o-authn 3.1.0).
const AHEAD: Duration = Duration::from_secs(5);

/// The refresh grant of OpenID Connect: the issuer and the refresh token with which a client obtains access
/// tokens.
///
/// Access tokens are renewed 5 s before they expire. If the issuer does not state the lifetime of a token,
/// the token counts as valid for 30 s. A refresh token in the response replaces the one before.
///
/// A request for a token is not repeated after it may have been accepted, because a refresh token may be
/// valid for one use only. Once the issuer has returned an access token without replacing the refresh token,
/// later requests for a token are repeated as requests that only read.
///
/// A renewal serves all calls of the client. It has a time limit of its own: 60 s, or twice the
/// [`http_timeout`](crate::client::Call::http_timeout) of the call if that is longer than 30 s. If the call
/// that began the renewal ends early, the renewal continues: on a thread, or as a task of the Tokio runtime.
/// So a program should not end, and a runtime should not be shut down or left without being driven, while a
/// renewal is running: a refresh token with which the issuer has replaced the old one is lost then, and calls
/// on other runtimes wait for the renewal until their own deadline.
#[derive(Clone)]
pub struct RefreshGrant {
    pub(super) issuer_url: String,
    pub(super) token_endpoint: Option<String>,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) refresh_token: SecretString,
    pub(super) about: About,
    pub(super) rotations: Rotations,
}

/// What is known of a refresh token, for errors. No values.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// The place from which it was read, if that keeps the old one when the issuer replaces it.
    pub(crate) origin: Option<String>,
    /// What looks wrong with the credentials.
    pub(crate) hint: Option<String>,
}

/// The callbacks for refresh tokens that replace others. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Rotations(Arc<Mutex<Vec<Arc<Callback>>>>);

/// A callback for a new refresh token.
pub(crate) type Callback = dyn Fn(&SecretString) + Send + Sync;

impl fmt::Debug for Rotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rotations")
    }
}

impl Rotations {
    pub(crate) fn add(&self, callback: Arc<Callback>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(callback);
    }

    /// Adds those of another list.
    pub(crate) fn append(&self, others: &Self) {
        let others = others.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(others);
    }

    /// Calls them without the lock, which a slow callback would keep.
    fn report(&self, token: &SecretString) {
        let callbacks = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for callback in callbacks {
            callback(token);
        }
    }
}

impl RefreshGrant {
    /// Returns a grant for this issuer. The client reads the address of the token endpoint from the issuer's
    /// OpenID configuration (`<issuer_url>/.well-known/openid-configuration`), unless
    /// [`token_endpoint`](RefreshGrant::token_endpoint) sets it.
    pub fn new(
        issuer_url: impl Into<String>,
        client_id: impl Into<String>,
        refresh_token: impl Into<SecretString>,
    ) -> Self {
        Self {
            issuer_url: issuer_url.into().trim_end_matches('/').to_owned(),
            token_endpoint: None,
            client_id: client_id.into(),
            client_secret: None,
            refresh_token: refresh_token.into(),
            about: About::default(),
            rotations: Rotations::default(),
        }
    }

    /// Sets the secret of the OAuth client, which is sent in the body of requests for a token. Default: none.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Adds a callback that gets each refresh token that replaces the one before. A program that keeps the
    /// refresh token for its next run saves the new one here, because the issuer may not accept the old one
    /// any more. The callback runs before the new access token is used, on the thread or the task that
    /// renews, so it should return soon.
    pub fn on_token_rotated(self, callback: impl Fn(&SecretString) + Send + Sync + 'static) -> Self {
        self.rotations.add(Arc::new(callback));
        self
    }

    /// Sets the callbacks, which are shared with the credentials.
    pub(crate) fn rotations(mut self, rotations: Rotations) -> Self {
        self.rotations = rotations;
        self
    }

    /// Sets what is known of the refresh token, for the error that says that it is not accepted.
    pub(crate) fn about(mut self, about: About) -> Self {
        self.about = about;
        self
    }

    /// Sets the address of the token endpoint. The issuer's OpenID configuration is not requested then.
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.token_endpoint = Some(url.into());
        self
    }
}

/// Shows no secret.
impl fmt::Debug for RefreshGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshGrant")
            .field("issuer_url", &shown_url(&self.issuer_url))
            .field("token_endpoint", &self.token_endpoint.as_deref().map(shown_url))
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The tokens of one grant, shared by all calls of a client.
pub(crate) struct Refresher {
    pub(super) grant: RefreshGrant,
    state: Mutex<State>,
}

struct State {
    refresh_token: SecretString,
    endpoint: Option<String>,
    current: Option<Current>,
    /// The number of renewals that were begun.
    begun: u64,
    /// True while a renewal is running.
    renewing: bool,
    /// The last renewal that failed, and why.
    failed: Option<(u64, Error)>,
    /// The effect of exchanging a refresh token, as far as the issuer has shown: an issuer that returns the
    /// same token, or none, does not use it up.
    effect: Effect,
}

struct Current {
    grant: Grant,
    ends: Instant,
}

/// The result of a renewal.
pub(super) struct Renewed {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) lasts: Duration,
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.grant.fmt(f)
    }
}

impl Refresher {
    pub(crate) fn new(grant: RefreshGrant) -> Arc<Self> {
        let state = State {
            refresh_token: grant.refresh_token.clone(),
            endpoint: grant.token_endpoint.clone(),
            current: None,
            begun: 0,
            renewing: false,
            failed: None,
            effect: Effect::Changes,
        };
        Arc::new(Self { grant, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ask(self: &Arc<Self>, now: Instant) -> Ask {
        let mut state = self.state();
        if let Some(current) = &state.current
            && now + AHEAD < current.ends
        {
            return Ask::Token(current.grant.clone());
        }
        if state.renewing {
            return Ask::Wait(state.begun);
        }
        state.renewing = true;
        state.begun += 1;
        let (number, endpoint, token) = (state.begun, state.endpoint.clone(), state.refresh_token.clone());
        let effect = state.effect;
        drop(state);
        let renewal = Renewal::new(self.clone(), number, endpoint, token, effect);
        Ask::Renew(Renewing::new(number, move |settings| renewal.detached(settings)))
    }

    /// A token that was waited for is used even if it expires at once: else each waiting call would renew it.
    /// A failure counts for all who waited: the refresh token may be used up.
    pub(super) fn ended(&self, number: u64) -> Option<Result<Grant, Error>> {
        let state = self.state();
        match (&state.current, &state.failed) {
            (Some(current), _) if current.grant.number >= number => Some(Ok(current.grant.clone())),
            // A later renewal may have failed already: another one by the same call would send the token once
            // more.
            (_, Some((failed, error))) if *failed >= number => Some(Err(error.duplicate())),
            _ => None,
        }
    }

    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let state = self.state();
        let current = state.current.as_ref().map(|current| current.grant.token.clone());
        let grant =
            [&self.grant.refresh_token, &state.refresh_token].into_iter().chain(&self.grant.client_secret);
        grant.cloned().chain(current).collect()
    }

    /// Reports that the token of this renewal was rejected. If it is the current one, it is renewed before
    /// the next request.
    pub(super) fn reject(&self, number: u64) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| current.grant.number == number) {
            state.current = None;
        }
    }

    pub(super) fn found_endpoint(&self, endpoint: &str) {
        self.state().endpoint = Some(endpoint.to_owned());
    }

    /// Keeps the result of a renewal. `since`: when the lifetime of its token began.
    pub(super) fn renewed(&self, number: u64, since: Instant, renewed: Renewed) -> Grant {
        let rotated = {
            let mut state = self.state();
            state.effect = Effect::Repeatable;
            let old = state.refresh_token.expose_secret();
            let rotated = renewed.refresh_token.filter(|token| token.expose_secret() != old);
            if let Some(token) = &rotated {
                state.effect = Effect::Changes;
                state.refresh_token = token.clone();
            }
            rotated
        };
        let grant = Grant { token: renewed.access_token, number };
        let ends = since.checked_add(renewed.lasts).unwrap_or(since);
        let current = Some(Current { grant: grant.clone(), ends });
        // The calls go on when the callbacks have returned: one of them may end the program.
        let released = Released { refresher: self, current };
        if let Some(token) = rotated {
            self.grant.rotations.report(&token);
        }
        drop(released);
        grant
    }

    /// Reports that a renewal has failed: the calls that wait for it fail too.
    pub(super) fn failed(&self, number: u64, error: &Error) {
        let mut state = self.state();
        state.renewing = false;
        state.failed = Some((number, error.duplicate()));
    }
}

/// Ends a renewal with its token when it is dropped, also if a callback panics.
struct Released<'a> {
    refresher: &'a Refresher,
    current: Option<Current>,
}

impl Drop for Released<'_> {
    fn drop(&mut self) {
        let mut state = self.refresher.state();
        state.current = self.current.take();
        state.renewing = false;
    }
}
