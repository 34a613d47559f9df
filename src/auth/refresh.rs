//! The refresh grant of OpenID Connect: what is known, and who is to renew.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::engine::Effect;
use crate::error::Error;

use super::{Ask, Grant, Renewal};

/// A token is renewed this long before it ends: as the vendor's client has it.
const AHEAD: Duration = Duration::from_secs(5);

/// Where access tokens are to be had for a refresh token.
///
/// Tokens are renewed 5 s before they end; one that does not say when is taken to last for 30 s. A refresh token that comes
/// with an access token replaces the one before. A request for a token is never repeated by itself: a refresh
/// token may be good for one use only.
#[derive(Clone)]
pub struct RefreshGrant {
    pub(super) issuer_url: String,
    pub(super) token_endpoint: Option<String>,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    pub(super) refresh_token: SecretString,
}

impl RefreshGrant {
    /// From this issuer, whose token end point its OpenID configuration tells.
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

    /// The secret of the client, if it has one. Sent in the form.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// The token end point, so that the issuer is not asked for it.
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.token_endpoint = Some(url.into());
        self
    }
}

/// Secrets do not show.
impl fmt::Debug for RefreshGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshGrant")
            .field("issuer_url", &self.issuer_url)
            .field("token_endpoint", &self.token_endpoint)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The tokens of one grant, shared by everything that uses a client.
pub(crate) struct Refresher {
    pub(super) grant: RefreshGrant,
    state: Mutex<State>,
}

struct State {
    refresh_token: SecretString,
    endpoint: Option<String>,
    current: Option<Current>,
    /// How many renewals were begun.
    begun: u64,
    /// One is under way.
    renewing: bool,
    /// The last one that failed.
    failed: Option<(u64, Error)>,
    /// What exchanging a refresh token does, as far as the issuer has shown: one that gives the same token back or none
    /// at all does not spend it.
    effect: Effect,
}

struct Current {
    grant: Grant,
    ends: Instant,
}

/// What a renewal has brought.
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
            // What was waited for is taken even if it ends at once: else each who waited would renew.
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

    /// This one was refused: it is renewed before anything else is sent, unless it is not the current one any more.
    pub(super) fn reject(&self, number: u64) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| current.grant.number == number) {
            state.current = None;
        }
    }

    pub(super) fn found_endpoint(&self, endpoint: &str) {
        self.state().endpoint = Some(endpoint.to_owned());
    }

    /// A renewal has a new token.
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

    /// A renewal has failed: so have the calls that wait for it.
    pub(super) fn failed(&self, number: u64, error: &Error) {
        let mut state = self.state();
        state.renewing = false;
        state.failed = Some((number, error.duplicate()));
    }

    /// Whoever renewed has gone away: somebody else may.
    pub(super) fn abandoned(&self) {
        self.state().renewing = false;
    }
}
