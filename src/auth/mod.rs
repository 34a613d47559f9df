//! Access tokens: where they come from, when they are renewed, and how calls come by them.
//!
//! Nothing here sends: machines decide, and the drivers of the clients send. So a token is renewed in both modes alike, and
//! by one of all that wait for it.

mod authorized;
mod obtain;
mod refresh;
mod renewal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind};

pub(crate) use authorized::Authorized;
pub(crate) use obtain::Obtain;
pub use refresh::RefreshGrant;
pub(crate) use refresh::Refresher;
use renewal::Renewal;

/// Gives access tokens: something of your own, instead of the refresh grant of this crate.
///
/// It is asked before each request, on the thread that sends, so it should keep its token and return at once. Functions
/// are such providers.
///
/// ```
/// use controlplane::SecretString;
/// use controlplane::auth::TokenProvider;
///
/// let provider = || Ok(SecretString::from("a token"));
/// assert!(provider.token().is_ok());
/// ```
pub trait TokenProvider: Send + Sync {
    /// A token that is good now.
    ///
    /// # Errors
    ///
    /// What keeps it from giving one. The call ends with it, and nothing was sent.
    fn token(&self) -> Result<SecretString, Error>;

    /// The server did not take this token. If the next one is another, the request is sent once more.
    fn rejected(&self, _token: &SecretString) {}
}

impl<F: Fn() -> Result<SecretString, Error> + Send + Sync> TokenProvider for F {
    fn token(&self) -> Result<SecretString, Error> {
        self()
    }
}

/// Always the same token.
impl TokenProvider for SecretString {
    fn token(&self) -> Result<SecretString, Error> {
        Ok(self.clone())
    }
}

/// Where the tokens of a client come from.
#[derive(Clone)]
pub(crate) enum Tokens {
    Provider(Arc<dyn TokenProvider>),
    Refresh(Arc<Refresher>),
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(_) => f.write_str("Provider"),
            Self::Refresh(refresher) => refresher.fmt(f),
        }
    }
}

/// A token that was given out, and which one it was.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) token: SecretString,
    /// The number of the renewal that gave it; 0: of a provider.
    pub(crate) number: u64,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", self.number)
    }
}

/// What to do about a token.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Here it is.
    Token(Grant),
    /// It is to be renewed, by whoever is told this.
    Renew(Box<Renewal>),
    /// Somebody renews it: ask again soon, with this number.
    Wait(u64),
    /// There is none.
    Failed(Error),
}

impl Tokens {
    /// `waited`: the renewal that was waited for.
    pub(crate) fn ask(&self, now: Instant, waited: Option<u64>) -> Ask {
        match self {
            Self::Refresh(refresher) => refresher.ask(now, waited),
            Self::Provider(provider) => match provider.token().and_then(checked) {
                Ok(token) => Ask::Token(Grant { token, number: 0 }),
                Err(error) => Ask::Failed(error),
            },
        }
    }

    /// The server has refused this one.
    pub(crate) fn reject(&self, grant: &Grant) {
        match self {
            Self::Refresh(refresher) => refresher.reject(grant.number),
            Self::Provider(provider) => provider.rejected(&grant.token),
        }
    }

    /// Whether another try with what is given next makes sense.
    pub(crate) fn is_other(&self, before: &Grant, after: &Grant) -> bool {
        match self {
            Self::Refresh(_) => before.number != after.number,
            Self::Provider(_) => before.token.expose_secret() != after.token.expose_secret(),
        }
    }
}

/// A token that can travel in a header.
pub(crate) fn checked(token: SecretString) -> Result<SecretString, Error> {
    let text = token.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "it holds what cannot stand in a header"
    } else {
        return Ok(token);
    };
    Err(Error::new(ErrorKind::Credentials, "using an access token", why)
        .with_advice("Nothing was sent. Look at what gives the token."))
}
