//! Access tokens: where they come from, when they are renewed, and how calls obtain them.
//!
//! A client obtains a token before each request of a call, and renews the token when it is about to expire.
//! If several calls wait for a new token, one of them starts the renewal, and all use its token. Blocking and
//! async clients do this in the same way.

mod authorized;
mod issuer;
mod obtain;
mod once;
#[cfg(refresh_grants)]
mod refresh;
#[cfg(refresh_grants)]
mod renewal;
#[cfg(all(test, refresh_grants))]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use secrecy::{ExposeSecret, SecretString};

use crate::engine::Settings;
use crate::engine::machine::Detached;
use crate::error::{Error, ErrorKind};

pub(crate) use authorized::Authorized;
#[cfg(feature = "sign-in")]
pub(crate) use issuer::Issuer;
pub(crate) use obtain::Obtain;
pub(crate) use once::Once;
#[cfg(refresh_grants)]
pub use refresh::RefreshGrant;
#[cfg(refresh_grants)]
pub(crate) use refresh::{About, Callback, Refresher, Rotations};

/// A source of access tokens that a program implements itself, in place of the refresh grant of this crate.
///
/// A client calls [`token`](TokenProvider::token) before each request, on the thread that sends the request.
/// So an implementation should keep its token and return at once. Functions that return a token implement
/// this trait, and so does [`SecretString`], as a token that never changes.
///
/// ```
/// use controlplane::SecretString;
/// use controlplane::auth::TokenProvider;
///
/// let provider = || Ok(SecretString::from("a token"));
/// assert!(provider.token().is_ok());
/// ```
pub trait TokenProvider: Send + Sync {
    /// Returns a token that is valid now.
    ///
    /// # Errors
    ///
    /// The reason why there is no token. The call ends with this error, and its request is not sent.
    fn token(&self) -> Result<SecretString, Error>;

    /// Reports that the server did not accept this token. The client then calls
    /// [`token`](TokenProvider::token) again, and if that returns another token, sends the request once more.
    /// The default implementation does nothing.
    fn rejected(&self, _token: &SecretString) {}
}

impl<F: Fn() -> Result<SecretString, Error> + Send + Sync> TokenProvider for F {
    fn token(&self) -> Result<SecretString, Error> {
        self()
    }
}

/// A token that never changes.
impl TokenProvider for SecretString {
    fn token(&self) -> Result<SecretString, Error> {
        Ok(self.clone())
    }
}

/// The source of a client's tokens.
#[derive(Clone)]
pub(crate) enum Tokens {
    /// The provider, and its last token.
    Provider(Arc<dyn TokenProvider>, Last),
    #[cfg(refresh_grants)]
    Refresh(Arc<Refresher>),
    /// Tokens that are kept outside of the program.
    #[cfg(feature = "sign-in")]
    Stored(Arc<dyn StoredTokens>),
}

/// Tokens that are kept outside of the program, where others use and renew them too.
#[cfg(feature = "sign-in")]
pub(crate) trait StoredTokens: fmt::Debug + Send + Sync {
    /// See [`Tokens::ask`].
    fn ask(self: Arc<Self>, now: Instant) -> Ask;

    /// See [`Tokens::ended`].
    fn ended(&self, number: u64) -> Option<Result<Grant, Error>>;

    /// See [`Tokens::secrets`].
    fn secrets(&self) -> Vec<SecretString>;

    /// See [`Tokens::reject`].
    fn reject(&self, grant: &Grant);
}

/// The token that a provider has returned last, to mask it.
pub(crate) type Last = Arc<Mutex<Option<SecretString>>>;

impl From<Arc<dyn TokenProvider>> for Tokens {
    fn from(provider: Arc<dyn TokenProvider>) -> Self {
        Self::Provider(provider, Last::default())
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(..) => f.write_str("Provider"),
            #[cfg(refresh_grants)]
            Self::Refresh(refresher) => refresher.fmt(f),
            #[cfg(feature = "sign-in")]
            Self::Stored(stored) => stored.fmt(f),
        }
    }
}

/// A token and the number of its renewal.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) token: SecretString,
    /// The number of the renewal that returned it; 0 for a token that was not renewed here.
    pub(crate) number: u64,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", self.number)
    }
}

/// What a call that needs a token has to do.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Use this token.
    Token(Grant),
    /// Renew it.
    Renew(Renewing),
    /// Wait for the renewal of another call, which has this number.
    Wait(u64),
    /// End: there is no token.
    Failed(Error),
}

/// The right to renew a token. Dropped before its end, it leaves the renewal to another call.
pub(crate) struct Renewing {
    number: u64,
    start: Box<Start>,
}

type Start = dyn FnOnce(&Settings) -> Detached + Send;

impl Renewing {
    /// `number`: of the renewal, from 1. `start` returns the machine that renews, with time of its own.
    pub(crate) fn new(number: u64, start: impl FnOnce(&Settings) -> Detached + Send + 'static) -> Self {
        Self { number, start: Box::new(start) }
    }

    pub(crate) fn detached(self, settings: &Settings) -> Detached {
        (self.start)(settings)
    }
}

impl fmt::Debug for Renewing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Renewing({})", self.number)
    }
}

impl Tokens {
    pub(crate) fn ask(&self, now: Instant) -> Ask {
        match self {
            #[cfg(refresh_grants)]
            Self::Refresh(refresher) => refresher.ask(now),
            #[cfg(feature = "sign-in")]
            Self::Stored(stored) => stored.clone().ask(now),
            Self::Provider(provider, last) => match provider.token().and_then(checked) {
                Ok(token) => {
                    *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
                    Ask::Token(Grant { token, number: 0 })
                }
                Err(error) => Ask::Failed(error),
            },
        }
    }

    /// Returns the outcome of this renewal if it is the last one that has ended.
    fn ended(&self, number: u64) -> Option<Result<Grant, Error>> {
        match self {
            #[cfg(refresh_grants)]
            Self::Refresh(refresher) => refresher.ended(number),
            #[cfg(feature = "sign-in")]
            Self::Stored(stored) => stored.ended(number),
            Self::Provider(..) => None,
        }
    }

    /// Returns the secrets that are known now, to mask them.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        match self {
            #[cfg(refresh_grants)]
            Self::Refresh(refresher) => refresher.secrets(),
            #[cfg(feature = "sign-in")]
            Self::Stored(stored) => stored.secrets(),
            Self::Provider(_, last) => {
                last.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter().collect()
            }
        }
    }

    /// Reports that the server has rejected this token.
    pub(crate) fn reject(&self, grant: &Grant) {
        match self {
            #[cfg(refresh_grants)]
            Self::Refresh(refresher) => refresher.reject(grant.number),
            #[cfg(feature = "sign-in")]
            Self::Stored(stored) => stored.reject(grant),
            Self::Provider(provider, _) => provider.rejected(&grant.token),
        }
    }

    /// True if the second token is another than the first, so that another attempt makes sense.
    pub(crate) fn is_other(&self, before: &Grant, after: &Grant) -> bool {
        match self {
            #[cfg(refresh_grants)]
            Self::Refresh(_) => before.number != after.number,
            _ => before.token.expose_secret() != after.token.expose_secret(),
        }
    }
}

/// Checks that a token can be sent in a header.
pub(crate) fn checked(token: SecretString) -> Result<SecretString, Error> {
    let text = token.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "it contains characters that a header cannot have"
    } else {
        return Ok(token);
    };
    Err(Error::new(ErrorKind::Credentials, "using an access token", why)
        .with_advice("Nothing was sent. Check the source of the token."))
}
