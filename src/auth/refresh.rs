//! The refresh grant of OpenID Connect: the current tokens, and which call renews them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::engine::Effect;
use crate::error::Error;

use super::{Ask, Grant, Renewal};

/// A token is renewed this long before it expires: as in the vendor's client (h2o-authn 3.1.0).
const AHEAD: Duration = Duration::from_secs(5);

/// The refresh grant of OpenID Connect: where access tokens are obtained for a refresh token.
///
/// Tokens are renewed 5 s before they expire; a token without an expiry is used for 30 s. A refresh token in the response
/// replaces the one before. A request for a token is not repeated after it may have been accepted, because a refresh token may be
/// valid for one use only; once the issuer has shown that it does not rotate refresh tokens, it counts as repeatable.
#[derive(Clone)]
pub struct RefreshGrant {
    pub(super) issuer_url: String,
    pub(super) token_endpoint: Option<String>,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) refresh_token: SecretString,
}

impl RefreshGrant {
    /// Returns the grant of this issuer, whose OpenID configuration names the token endpoint.
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
        }
    }

    /// Sets the secret of the client, if it has one. It is sent in the form.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Sets the token endpoint. The issuer's configuration is not requested then.
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.token_endpoint = Some(url.into());
        self
    }
}

/// Shows no secret.
impl fmt::Debug for RefreshGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshGrant")
            .field("issuer_url", &self.issuer_url)
            .field("token_endpoint", &self.token_endpoint)
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
    /// The effect of exchanging a refresh token, as far as the issuer has shown: an issuer that returns the same token, or
    /// none, does not use it up.
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

    pub(super) fn ask(self: &Arc<Self>, now: Instant, waited: Option<u64>) -> Ask {
        let mut state = self.state();
        if let Some(current) = &state.current {
            // A token that was waited for is used even if it expires at once: else each waiting call would renew it.
            if now + AHEAD < current.ends || waited == Some(current.grant.number) {
                return Ask::Token(current.grant.clone());
            }
        }
        if let (Some(waited), Some((number, error))) = (waited, &state.failed) {
            if waited == *number {
                return Ask::Failed(error.duplicate());
            }
        }
        if state.renewing {
            return Ask::Wait(state.begun);
        }
        state.renewing = true;
        state.begun += 1;
        let (number, endpoint, token) = (state.begun, state.endpoint.clone(), state.refresh_token.clone());
        let effect = state.effect;
        drop(state);
        Ask::Renew(Box::new(Renewal::new(self.clone(), number, endpoint, token, effect)))
    }

    /// Reports that the token of this renewal was rejected. If it is the current one, it is renewed before the next request.
    pub(super) fn reject(&self, number: u64) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| current.grant.number == number) {
            state.current = None;
        }
    }

    pub(super) fn found_endpoint(&self, endpoint: &str) {
        self.state().endpoint = Some(endpoint.to_owned());
    }

    /// Keeps the result of a renewal.
    pub(super) fn renewed(&self, number: u64, now: Instant, renewed: Renewed) -> Grant {
        let mut state = self.state();
        state.renewing = false;
        state.effect = Effect::Repeatable;
        if let Some(token) = renewed.refresh_token {
            if token.expose_secret() != state.refresh_token.expose_secret() {
                state.effect = Effect::Changes;
            }
            state.refresh_token = token;
        }
        let grant = Grant { token: renewed.access_token, number };
        let ends = now.checked_add(renewed.lasts).unwrap_or(now);
        state.current = Some(Current { grant: grant.clone(), ends });
        grant
    }

    /// Reports that a renewal has failed: the calls that wait for it fail too.
    pub(super) fn failed(&self, number: u64, error: &Error) {
        let mut state = self.state();
        state.renewing = false;
        state.failed = Some((number, error.duplicate()));
    }

    /// Reports that a renewal was given up: another call may renew.
    pub(super) fn abandoned(&self) {
        self.state().renewing = false;
    }
}
