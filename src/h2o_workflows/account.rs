//! The account of a client: where the service is, and how that is found out.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use secrecy::SecretString;

use crate::auth::{Rotations, Tokens};
use crate::client::{Sources, api_root};
use crate::error::{Error, ErrorKind};
use crate::http::Request;

use super::login::Discover;
use super::service::plain_headers;

/// An example of the service's address, for messages.
const EXAMPLE: &str = "https://workflows.cloud.h2o.ai";

/// Where the service is, and where its access tokens come from.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// The address of the service, without a slash at its end.
    pub(super) url: String,
    pub(super) tokens: Tokens,
}

impl Endpoint {
    pub(super) fn new(url: &str, tokens: Tokens) -> Result<Self, Error> {
        Ok(Self { url: api_root(url, EXAMPLE, false)?.to_owned(), tokens })
    }

    /// Completes a request, except for its access token.
    pub(super) fn complete(&self, mut request: Request) -> Request {
        request.base_url.clone_from(&self.url);
        request.headers = plain_headers(request.body.is_some());
        request
    }
}

/// The account that credentials lead to. All clients that are built from the same credentials share it.
#[derive(Debug)]
pub(super) struct Account {
    /// How to look up the endpoint; `None` if the credentials name it.
    discover: Option<Arc<Discover>>,
    endpoint: OnceLock<Endpoint>,
    look_ups: Mutex<LookUps>,
    /// Where the values of the credentials came from.
    pub(super) sources: Sources,
    /// The callbacks for refresh tokens that replace others.
    pub(super) rotations: Rotations,
}

/// The look-ups of the endpoint so far: one at a time.
#[derive(Debug, Default)]
struct LookUps {
    /// The number of the last look-up, from 1.
    last: u64,
    is_running: bool,
    /// The last look-up that failed, and why.
    failed: Option<(u64, Error)>,
}

/// What a call that needs the endpoint has to do.
pub(super) enum Ask {
    /// Nothing: the endpoint is known.
    Known(Endpoint),
    /// Look it up.
    LookUp(Arc<Discover>, Turn),
    /// Wait for the look-up of another call, which has this number.
    Wait(u64),
    /// The look-up that the call waited for has failed.
    Failed(Error),
}

impl Account {
    pub(super) fn known(endpoint: Endpoint, sources: Sources, rotations: Rotations) -> Self {
        let look_ups = Mutex::default();
        Self { discover: None, endpoint: endpoint.into(), look_ups, sources, rotations }
    }

    pub(super) fn to_discover(discover: Discover, sources: Sources, rotations: Rotations) -> Self {
        let (discover, endpoint) = (Some(Arc::new(discover)), OnceLock::new());
        Self { discover, endpoint, look_ups: Mutex::default(), sources, rotations }
    }

    /// Returns the secrets that are known now, to mask them.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let given = self.discover.iter().flat_map(|discover| discover.secrets());
        given.chain(self.endpoint().into_iter().flat_map(|endpoint| endpoint.tokens.secrets())).collect()
    }

    /// Returns the address that the credentials name: of the discovery service, or of the service itself.
    pub(super) fn address(&self) -> &str {
        match &self.discover {
            Some(discover) => &discover.base,
            None => self.endpoint.get().map(|endpoint| &*endpoint.url).unwrap_or_default(),
        }
    }

    /// Returns the endpoint if it is known.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.get()
    }

    fn look_ups(&self) -> MutexGuard<'_, LookUps> {
        self.look_ups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `waited`: the number of the look-up that the call has waited for.
    pub(super) fn ask(self: &Arc<Self>, waited: Option<u64>) -> Ask {
        let mut look_ups = self.look_ups();
        let discover = match (self.endpoint(), &self.discover) {
            (Some(endpoint), _) => return Ask::Known(endpoint.clone()),
            (None, Some(discover)) => discover.clone(),
            (None, None) => return Ask::Failed(no_endpoint()),
        };
        if let (Some(waited), Some((failed, error))) = (waited, &look_ups.failed)
            && waited == *failed
        {
            return Ask::Failed(error.duplicate());
        }
        if look_ups.is_running {
            return Ask::Wait(look_ups.last);
        }
        look_ups.is_running = true;
        look_ups.last += 1;
        Ask::LookUp(discover, Turn { account: self.clone(), number: look_ups.last })
    }
}

/// The right to look up the endpoint. Dropped before its end, it leaves the look-up to another call.
#[derive(Debug)]
pub(super) struct Turn {
    account: Arc<Account>,
    number: u64,
}

impl Turn {
    /// Keeps the endpoint for all calls.
    pub(super) fn found(self, endpoint: Endpoint) -> Endpoint {
        self.account.endpoint.get_or_init(|| endpoint).clone()
    }

    /// Reports the failure to the calls that wait. They look it up themselves if it is about this call's own
    /// time.
    pub(super) fn failed(self, error: &Error) {
        if !matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::OperationTimeout) {
            self.account.look_ups().failed = Some((self.number, error.duplicate()));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.account.look_ups().is_running = false;
    }
}

/// Credentials that name no endpoint and no way to find it cannot be built.
#[cold]
fn no_endpoint() -> Error {
    Error::new(ErrorKind::Credentials, "looking up H2O Workflows", "the credentials name no environment")
        .with_missing(vec!["environment"])
}
