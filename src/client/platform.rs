//! What a service adds to the types that all clients share.

use std::fmt;

use secrecy::SecretString;

#[cfg(tokens)]
use crate::auth::Tokens;
use crate::engine::Settings;
use crate::error::Error;

use super::Shared;

/// Associates a client with its service. Sealed: implemented by the four services of this crate.
pub trait Platform: Copy + fmt::Debug + 'static {
    /// The client of the service.
    type Client<M>;

    /// What the builder collects besides the settings: credentials, for example.
    type Setup: fmt::Debug + Default;

    /// What turns a command into a request of the account.
    type Protocol: fmt::Debug + Send + Sync;

    /// The options of a call besides the settings.
    type Options: fmt::Debug + Clone + Default + Send + Sync;

    /// The default rate limit of a client in requests per second.
    const REQUESTS_PER_SECOND: Option<u32>;

    /// The default settings of a client.
    fn settings() -> Settings;

    /// Checks and completes what the builder has collected.
    fn protocol(setup: Self::Setup) -> Result<Self::Protocol, Error>;

    /// The secrets of the account, which are masked in every error: a server may repeat them.
    fn secrets(protocol: &Self::Protocol) -> Vec<SecretString>;

    /// The access tokens to add to every request of a call, if the protocol has them.
    #[cfg(feature = "sign-in")]
    fn tokens(_protocol: &Self::Protocol) -> Option<AccessTokens<'_>> {
        None
    }

    /// The client around what all clients share.
    fn client<M>(shared: Shared<Self, M>) -> Self::Client<M>;
}

/// The access tokens of an account.
#[cfg(tokens)]
#[derive(Debug)]
pub struct AccessTokens<'a>(pub(crate) &'a Tokens);
