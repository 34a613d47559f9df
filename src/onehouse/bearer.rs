//! Credentials with access tokens in place of an API key: of a session on this machine, or of the program's
//! own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::auth::{TokenProvider, Tokens};
use crate::client::Sources;
use crate::error::{Error, Result};

use super::credentials::file::{Entry, Field, Profile};
use super::credentials::resolver::{FileSource, Resolver, file_error, refused};
use super::credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL, HOME};
use super::sign_in::{Place, SessionTokens};

/// What a builder knows of access tokens.
#[derive(Clone, Default)]
pub(super) struct Bearer {
    pub(super) provider: Option<Arc<dyn TokenProvider>>,
    /// `None`: a session is used if there is one.
    use_session: Option<bool>,
    sessions_directory: Option<PathBuf>,
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer")
            .field("provider", &self.provider.is_some())
            .field("use_session", &self.use_session)
            .field("sessions_directory", &self.sessions_directory)
            .finish()
    }
}

/// Why no session is used, where an error about missing values should say so.
pub(super) struct NoSession(Option<String>);

impl NoSession {
    /// Adds the reason to an error about values that a session would make unnecessary.
    pub(super) fn add_to(self, error: Error, missing: &[Field]) -> Error {
        match self.0 {
            Some(why) if missing.iter().all(|field| field.is_of_key()) => {
                error.with_more(&format!("no session is used either: {why}"))
            }
            _ => error,
        }
    }
}

/// # Access tokens
///
/// With the feature `sign-in`, calls can carry the access token of a person in place of an API key. Then
/// `api_key`, `api_secret` and `user_uid` are neither needed nor sent. The first of these that exists is
/// used:
///
/// 1. the [`token_provider`](CredentialsBuilder::token_provider);
/// 2. an API key or its secret that was set on the builder, unless
///    [`session(true)`](CredentialsBuilder::session) is set;
/// 3. the session for the host of the base URL, made by [`SignIn`](super::SignIn) or the vendor's `oh login`.
///    It wins over the API key of the environment and of the file, as it does for `oh`. If the base URL is
///    `http` and its host is not this machine, the session is used only with `session(true)`;
/// 4. the API key of the environment or the file.
impl CredentialsBuilder {
    /// Sets a source of access tokens of your own: a [`SecretString`](crate::SecretString), which is a token
    /// that does not change, or a function that returns a token. Default: none.
    ///
    /// ```
    /// use controlplane::{SecretString, onehouse::Credentials};
    ///
    /// let credentials = Credentials::builder()
    ///     .env([("ONEHOUSE_REGION", "us-west-2")])
    ///     .account_uid("my-account")
    ///     .project_uid("my-project")
    ///     .link_uid("my-link")
    ///     .token_provider(SecretString::from("my-token"))
    ///     .build()?;
    /// assert!(credentials.is_bearer());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.bearer.provider = Some(Arc::new(provider));
        self
    }

    /// Sets whether a session is used. Default: a session is used if there is one. With `true`, `build` fails
    /// if there is no session that can be used. With `false`, only API keys are looked up.
    pub fn session(mut self, use_session: bool) -> Self {
        self.bearer.use_session = Some(use_session);
        self
    }

    /// Sets the directory of the session files. Default: `~/.onehouse/sessions`, where the vendor's tools
    /// look for them.
    pub fn sessions_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.bearer.sessions_directory = Some(path.into());
        self
    }

    /// The session of the base URL's host.
    pub(super) fn session_place(&self) -> Result<Place> {
        let resolver = self.resolve_base_url()?;
        Place::new(resolver.base_url(), &self.directory().ok_or_else(no_home)?)
    }

    /// True if the builder was given the value of a field.
    fn is_given(&self, field: Field) -> bool {
        self.given[field as usize].is_some()
    }

    /// Looks up the base URL alone.
    fn resolve_base_url(&self) -> Result<Resolver> {
        let mut found: Vec<_> = Field::ALL.iter().map(|_| None).collect();
        found[Field::BaseUrl as usize] = self.find_outside(Field::BaseUrl)?;
        let source = match found[Field::BaseUrl as usize] {
            Some(_) => FileSource::NotNeeded,
            None => self.open_profile()?,
        };
        match &source {
            FileSource::Profile(path, Profile { broken: Some(problem), .. }) => {
                Err(file_error(path, problem))
            }
            _ => Ok(Resolver { found, source, sources: Sources::default() }),
        }
    }

    fn directory(&self) -> Option<PathBuf> {
        match &self.bearer.sessions_directory {
            Some(path) => Some(path.clone()),
            None => self.home().map(|home| Place::directory(Path::new(&home))),
        }
    }

    /// The access tokens to use, or why there are none.
    pub(super) fn bearer(&self, resolver: &Resolver) -> Result<(Option<Tokens>, NoSession)> {
        if let Some(provider) = &self.bearer.provider {
            return Ok((Some(Tokens::from(provider.clone())), NoSession(None)));
        }
        let is_required = self.bearer.use_session == Some(true);
        let has_key = self.is_given(Field::ApiKey) || self.is_given(Field::ApiSecret);
        if self.bearer.use_session == Some(false) || (has_key && !is_required) {
            return Ok((None, NoSession(None)));
        }
        let Some(directory) = self.directory() else {
            return if is_required { Err(no_home()) } else { Ok((None, NoSession(None))) };
        };
        let place = match Place::new(resolver.base_url(), &directory) {
            Ok(place) => place,
            Err(error) if is_required => return Err(error),
            // The client reports the address.
            Err(_) => return Ok((None, NoSession(None))),
        };
        match place.find() {
            // A misspelt `http://` would send the session's tokens in clear text, and the refresh token to
            // whoever answers.
            Ok(()) if place.is_exposed() && !is_required => {
                let happened =
                    "the base URL is http, not https, so the session's tokens are not sent".to_owned();
                log::warn!("{happened}; the API key is used");
                Ok((None, NoSession(Some(happened))))
            }
            Ok(()) => Ok((Some(Tokens::Stored(SessionTokens::new(place))), NoSession(None))),
            Err(problem) if is_required => Err(refused(problem.happened).with_advice(problem.advice)),
            Err(problem) => {
                if !problem.is_missing {
                    log::warn!("{}; the API key is used", problem.happened);
                }
                Ok((None, NoSession(Some(problem.happened))))
            }
        }
    }
}

impl Resolver {
    fn base_url(&self) -> &str {
        match (&self.found[Field::BaseUrl as usize], &self.source) {
            (Some((value, _)), _) => value.expose_secret(),
            (None, FileSource::Profile(_, profile)) => match profile.entries.get(&Field::BaseUrl) {
                Some(Entry::Text(value)) => value.expose_secret(),
                _ => DEFAULT_BASE_URL,
            },
            (None, _) => DEFAULT_BASE_URL,
        }
    }
}

#[cold]
fn no_home() -> Error {
    let home = HOME[0];
    refused(format!("the directory of sessions is not known: {home} is not set"))
        .with_advice(format!("Set {home}, or name the directory with `sessions_directory`."))
}

impl Credentials {
    /// Returns the access tokens that take the place of the API key.
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }
}
