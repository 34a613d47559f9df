//! Credentials: their fields, and where each value comes from.

pub(super) mod file;
mod ini;
pub(super) mod resolver;

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "sign-in")]
use crate::auth::Tokens;
use crate::client::{Environment, Origin, Sources};
use crate::error::{Error, ErrorKind, Result, shown};
use crate::http::shown_url;
#[cfg(feature = "sign-in")]
use crate::onehouse::bearer::Bearer;
use crate::redact::REDACTED;

use file::{Contents, Field, Profile};
use resolver::{ATTEMPTED, FileSource, Resolver, file_error};

/// The default base URL, that of the vendor's SDK 0.3.0.
pub const DEFAULT_BASE_URL: &str = "https://api.onehouse.ai";

const PROFILE: &str = "ONEHOUSE_PROFILE";
const CREDENTIALS_FILE: &str = "ONEHOUSE_CREDENTIALS_FILE";
/// Variables that begin like this are meant for Onehouse.
const PREFIX: &str = "ONEHOUSE";
/// The variables that hold the home directory: that of the platform first.
pub(super) const HOME: [&str; 2] =
    if cfg!(windows) { ["USERPROFILE", "HOME"] } else { ["HOME", "USERPROFILE"] };

/// The credentials of calls to Onehouse: the values that every call carries, and the base URL that it is sent
/// to. A call carries seven values with an API key, and four of them (account, project, link and region) with
/// an access token.
///
/// Each value is looked up on its own, in this order (that of the vendor's SDK 0.3.0):
///
/// 1. the value that was set on the [builder](Credentials::builder);
/// 2. the environment variable, if it is not empty;
/// 3. the value in the chosen profile of the credentials file, if it is not empty;
/// 4. for the base URL only, [`DEFAULT_BASE_URL`].
///
/// | Field | Environment | Key in the file (INI or JSON) | Key that the Onehouse CLI writes (JSON) |
/// |---|---|---|---|
/// | `account_uid` | `ONEHOUSE_ACCOUNT_UID` | `account_uid` | `account_uid` |
/// | `project_uid` | `ONEHOUSE_PROJECT_UID` | `project_uid` | `project_uid` |
/// | `api_key` | `ONEHOUSE_API_KEY` | `api_key` | `api_key` |
/// | `api_secret` | `ONEHOUSE_API_SECRET` | `api_secret` | `api_secret` |
/// | `link_uid` | `ONEHOUSE_LINK_UID` | `link_uid` | `request_id` |
/// | `region` | `ONEHOUSE_REGION` | `region` | `project_region` |
/// | `user_uid` | `ONEHOUSE_USER_UID` | `user_uid` | `user_id` |
/// | `base_url` | `ONEHOUSE_BASE_URL` | `base_url` | `api_endpoint` |
///
/// The API key and its secret are kept as [`SecretString`]: `Debug` does not show them, they cannot be
/// serialized, and their memory is cleared when they are dropped.
///
/// # The file
///
/// The credentials file is `~/.onehouse/credentials`, unless [`file`](CredentialsBuilder::file) or
/// `ONEHOUSE_CREDENTIALS_FILE` names another file. It is shared with the vendor's tools. If its first
/// character that is not white space is `{`, it is read as JSON in the form that the Onehouse CLI writes: an
/// object of profiles, with the name of the default profile under `_default`. Otherwise it is read as INI:
///
/// ```ini
/// [default]
/// account_uid = …
/// project_uid = …
/// api_key = …
/// api_secret = …
/// link_uid = …
/// region = us-west-2
/// user_uid = …
/// ```
///
/// The INI dialect is that of Python's `ConfigParser`: `=` or `:` after the key, keys in any case,
/// case-sensitive names of profiles, comments on lines of their own only, `%%` for `%`, and fallbacks for all
/// profiles in `[DEFAULT]`. A profile, or a key in a profile, must not appear twice. An indented line
/// continues the value above it.
///
/// The file is read if a value, the base URL included, is set neither on the builder nor in the environment.
/// A file that cannot be read is an error then, because the keys must not be sent to the default host if the
/// file names another host. If all values are set and the program has chosen a
/// [`profile`](CredentialsBuilder::profile), the file is read only to warn that the profile has no effect. If
/// other users can read the file, a warning is logged.
///
/// ```
/// use controlplane::onehouse::{Credentials, DEFAULT_BASE_URL};
///
/// let credentials = Credentials::builder()
///     .env([
///         ("ONEHOUSE_ACCOUNT_UID", "my-account"),
///         ("ONEHOUSE_PROJECT_UID", "my-project"),
///         ("ONEHOUSE_API_KEY", "my-key"),
///         ("ONEHOUSE_API_SECRET", "my-secret"),
///         ("ONEHOUSE_LINK_UID", "my-link"),
///         ("ONEHOUSE_REGION", "us-east-1"),
///         ("ONEHOUSE_USER_UID", "my-user"),
///     ])
///     .region("us-west-2")
///     .build()?;
///
/// assert_eq!(credentials.project_uid(), "my-project");
/// assert_eq!(credentials.region(), "us-west-2", "an argument wins over the environment");
/// assert_eq!(credentials.base_url(), DEFAULT_BASE_URL);
/// assert!(!format!("{credentials:?}").contains("my-secret"));
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone)]
#[doc(alias = "ResourcesCredentials")]
pub struct Credentials {
    account_uid: String,
    project_uid: String,
    api_key: SecretString,
    api_secret: SecretString,
    link_uid: String,
    region: String,
    user_uid: String,
    base_url: String,
    sources: Sources,
    is_bearer: bool,
    /// The access tokens that take the place of the API key.
    #[cfg(feature = "sign-in")]
    pub(super) tokens: Option<Tokens>,
}

impl Credentials {
    /// Returns the credentials from the process's environment and the credentials file.
    ///
    /// # Errors
    ///
    /// Those of [`build`](CredentialsBuilder::build).
    #[doc(alias = "load_credentials")]
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    /// Returns a builder without values. Values that are not set on it come from the environment or the file.
    pub fn builder() -> CredentialsBuilder {
        CredentialsBuilder::default()
    }

    /// Returns the id of the account.
    pub fn account_uid(&self) -> &str {
        &self.account_uid
    }

    /// Returns the id of the project.
    pub fn project_uid(&self) -> &str {
        &self.project_uid
    }

    /// True if calls carry an access token in place of an API key, which needs the feature `sign-in`.
    pub fn is_bearer(&self) -> bool {
        self.is_bearer
    }

    /// Returns the API key. [`ExposeSecret`] reads it. Empty if there is an access token instead.
    pub fn api_key(&self) -> &SecretString {
        &self.api_key
    }

    /// Returns the secret of the API key. [`ExposeSecret`] reads it. Empty if there is an access token
    /// instead.
    pub fn api_secret(&self) -> &SecretString {
        &self.api_secret
    }

    /// Returns the id of the link between the project and its data plane, which the web console shows as
    /// `RequestID`.
    pub fn link_uid(&self) -> &str {
        &self.link_uid
    }

    /// Returns the cloud region of the project.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the id of the user that the API key belongs to. Empty if there is an access token instead.
    pub fn user_uid(&self) -> &str {
        &self.user_uid
    }

    /// Returns the place from which a value came. `field` is a name from the first column of the table above,
    /// for example `api_key`. `None` for any other name, and for the API key, its secret and its user if
    /// there is an access token instead.
    pub fn origin(&self, field: &str) -> Option<&Origin> {
        self.sources.origin(field)
    }

    /// Returns a hint if something looks like a mistake: a value between quotes, or an environment variable
    /// whose name is almost that of a variable that is read. The text contains no value. `None` if nothing
    /// looks like a mistake.
    pub fn hint(&self) -> Option<&str> {
        self.sources.hint()
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the base URL as it was set, or [`DEFAULT_BASE_URL`].
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Credentials");
        #[cfg(feature = "sign-in")]
        shown.field("tokens", &self.tokens);
        shown
            .field("account_uid", &self.account_uid)
            .field("project_uid", &self.project_uid)
            .field("api_key", &format_args!("{REDACTED}"))
            .field("api_secret", &format_args!("{REDACTED}"))
            .field("link_uid", &self.link_uid)
            .field("region", &self.region)
            .field("user_uid", &self.user_uid)
            .field("base_url", &shown_url(&self.base_url))
            .finish()
    }
}

/// Builds [`Credentials`] from arguments, the environment and the credentials file. A value that is not set
/// here is looked up as [`Credentials`] describes.
///
/// ```
/// use controlplane::{ErrorKind, onehouse::Credentials};
///
/// let error = Credentials::builder()
///     .env([("ONEHOUSE_REGION", "us-west-2")])
///     .file("no/such/file")
///     .account_uid("my-account")
///     .api_key("my-key")
///     .api_secret("my-secret")
///     .build()
///     .unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Credentials);
/// assert_eq!(error.missing_fields(), ["project_uid", "link_uid", "user_uid"]);
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct CredentialsBuilder {
    pub(super) given: [Option<SecretString>; Field::ALL.len()],
    profile: Option<String>,
    file: Option<PathBuf>,
    env: Environment,
    #[cfg(feature = "sign-in")]
    pub(super) bearer: Bearer,
}

impl CredentialsBuilder {
    /// Sets the id of the account. Here and in the other methods that set a value, an empty string does not
    /// fall back to the environment or the file: `build` fails with [`ErrorKind::Credentials`].
    pub fn account_uid(self, value: impl Into<String>) -> Self {
        self.give(Field::AccountUid, value)
    }

    /// Sets the id of the project.
    pub fn project_uid(self, value: impl Into<String>) -> Self {
        self.give(Field::ProjectUid, value)
    }

    /// Sets the API key.
    pub fn api_key(self, value: impl Into<SecretString>) -> Self {
        self.give_secret(Field::ApiKey, value)
    }

    /// Sets the secret of the API key.
    pub fn api_secret(self, value: impl Into<SecretString>) -> Self {
        self.give_secret(Field::ApiSecret, value)
    }

    /// Sets the id of the link between the project and its data plane. The web console shows it as
    /// `RequestID`, and the Onehouse CLI calls it `request_id`. It is not the request id of an operation.
    #[doc(alias = "request_id")]
    pub fn link_uid(self, value: impl Into<String>) -> Self {
        self.give(Field::LinkUid, value)
    }

    /// Sets the cloud region of the project, for example `us-west-2`.
    #[doc(alias = "project_region")]
    pub fn region(self, value: impl Into<String>) -> Self {
        self.give(Field::Region, value)
    }

    /// Sets the id of the user that the API key belongs to.
    #[doc(alias = "user_id")]
    pub fn user_uid(self, value: impl Into<String>) -> Self {
        self.give(Field::UserUid, value)
    }

    /// Sets the base URL of the API. Default: that of the environment, else that of the file, else
    /// [`DEFAULT_BASE_URL`]. An empty text is an error of `build`.
    #[doc(alias = "api_endpoint")]
    pub fn base_url(self, value: impl Into<String>) -> Self {
        self.give(Field::BaseUrl, value)
    }

    /// Sets the profile to read from the file.
    ///
    /// Default, and if the name is empty: the profile that `ONEHOUSE_PROFILE` names, if this variable is not
    /// empty; else the profile `default` of an INI file, or the profile that a JSON file names under
    /// `_default`. A profile that does not exist in the file has no values, which is not an error by itself
    /// (as in the vendor's SDK 0.3.0).
    ///
    /// Environment variables win over the values of a profile. If they do so for a profile that is set here,
    /// a warning in the log names them. If all required values come from elsewhere and this profile does not
    /// exist, a warning says so.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the path of the credentials file. A leading `~` means the home directory.
    ///
    /// Default, and if the path is empty: the path in `ONEHOUSE_CREDENTIALS_FILE`, if this variable is not
    /// empty; else `~/.onehouse/credentials`. If there is no regular file at the path, no values come from
    /// it. This is not an error by itself; if required values are missing, the error says that there is no
    /// file.
    #[doc(alias = "credentials_file")]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Replaces the process's environment by these variables.
    ///
    /// Only the variables that matter are kept: those whose names begin with `ONEHOUSE`, and those that name
    /// the home directory (`HOME`, `USERPROFILE`). If a variable appears twice, the last value wins.
    pub fn env(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.env = Environment::of(variables, &[PREFIX, "HOME", "USERPROFILE"]);
        self
    }

    /// Looks up every value. Sends nothing.
    ///
    /// # Errors
    ///
    /// Errors are of the kind [`ErrorKind::Credentials`], and no text contains a value:
    ///
    /// - required values are missing: [`Error::missing_fields`] names them;
    /// - a value has to come from the file, and the file cannot be read, is larger than 1 MiB, is not UTF-8,
    ///   or is neither JSON nor INI in the form that [`Credentials`] describes;
    /// - a value contains a control character, such as a line break, or begins or ends with white space: it
    ///   could not be sent unchanged in a header;
    /// - the base URL is set to an empty string;
    /// - an environment variable is needed and is not Unicode;
    /// - with `session(true)` (feature `sign-in`): there is no session that can be used.
    ///
    /// With `session(true)`, a base URL that cannot be used is an [`ErrorKind::InvalidArgument`], which shows
    /// the URL.
    pub fn build(self) -> Result<Credentials> {
        let mut found = Vec::with_capacity(Field::ALL.len());
        for field in Field::ALL {
            found.push(self.find_outside(field)?);
        }
        let source =
            if found.iter().any(Option::is_none) { self.open_profile()? } else { FileSource::NotNeeded };
        if let FileSource::Profile(path, Profile { broken: Some(problem), .. }) = &source {
            return Err(file_error(path, problem));
        }
        self.warn_of_hidden_profile(&found, &source);
        let mut resolver = Resolver { found, source, sources: Sources::default() };
        #[cfg(feature = "sign-in")]
        let (tokens, no_session) = self.bearer(&resolver)?;
        #[cfg(feature = "sign-in")]
        let is_bearer = tokens.is_some();
        #[cfg(not(feature = "sign-in"))]
        let is_bearer = false;
        let missing: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| field.is_required_with(is_bearer) && resolver.is_missing(*field))
            .collect();
        let near = self.near_misses();
        if !missing.is_empty() {
            let error = self.missing_error(&missing, &resolver.source, &near);
            #[cfg(feature = "sign-in")]
            let error = no_session.add_to(error, &missing);
            return Err(error);
        }
        // What an access token replaces is not sent, so it is not kept either.
        let of_key = |resolver: &mut Resolver, field| {
            if is_bearer { Ok(SecretString::default()) } else { resolver.take(field) }
        };
        let plain = |value: SecretString| value.expose_secret().to_owned();
        Ok(Credentials {
            account_uid: plain(resolver.take(Field::AccountUid)?),
            project_uid: plain(resolver.take(Field::ProjectUid)?),
            api_key: of_key(&mut resolver, Field::ApiKey)?,
            api_secret: of_key(&mut resolver, Field::ApiSecret)?,
            link_uid: plain(resolver.take(Field::LinkUid)?),
            region: plain(resolver.take(Field::Region)?),
            user_uid: plain(of_key(&mut resolver, Field::UserUid)?),
            base_url: plain(resolver.take(Field::BaseUrl)?),
            sources: {
                near.iter().for_each(|sentence| resolver.sources.note(sentence));
                resolver.sources
            },
            is_bearer,
            #[cfg(feature = "sign-in")]
            tokens,
        })
    }

    fn give(self, field: Field, value: impl Into<String>) -> Self {
        self.give_secret(field, value.into())
    }

    fn give_secret(mut self, field: Field, value: impl Into<SecretString>) -> Self {
        self.given[field as usize] = Some(value.into());
        self
    }

    /// The value from the program or the environment.
    pub(super) fn find_outside(&self, field: Field) -> Result<Option<(SecretString, Origin)>> {
        match &self.given[field as usize] {
            Some(value) => Ok(Some((value.clone(), Origin::Argument))),
            None => {
                let name = field.variable();
                Ok(self.variable_text(name)?.map(|value| (value, Origin::Variable(name))))
            }
        }
    }

    fn near_misses(&self) -> Vec<String> {
        let known: Vec<&str> =
            Field::ALL.iter().map(|field| field.variable()).chain([PROFILE, CREDENTIALS_FILE]).collect();
        self.env.near_misses(PREFIX, &known)
    }

    fn variable_text(&self, name: &str) -> Result<Option<SecretString>> {
        Ok(self.env.text(name)?.map(SecretString::from))
    }

    /// Warns if the program has chosen a profile that has no effect, as a whole or in part.
    fn warn_of_hidden_profile(&self, found: &[Option<(SecretString, Origin)>], source: &FileSource) {
        let Some(name) = self.profile.as_deref().filter(|name| !name.is_empty()) else { return };
        let name = file::quoted(name);
        let is_settled = found.iter().all(Option::is_some);
        // A file that nothing has to come from is read for the warning alone.
        let read = if is_settled { self.open_profile() } else { Ok(FileSource::NotNeeded) };
        let source = if is_settled { read.as_ref().unwrap_or(&FileSource::NotNeeded) } else { source };
        let has = |field: Field| match source {
            FileSource::Profile(_, profile) => profile.entries.contains_key(&field),
            _ => false,
        };
        let hidden = Field::ALL.into_iter().zip(found).filter_map(|(field, found)| match found {
            Some((_, Origin::Variable(variable))) if has(field) => Some(*variable),
            _ => None,
        });
        let hidden: Vec<&str> = hidden.collect();
        if !hidden.is_empty() {
            log::warn!(
                "profile {name} was chosen, but environment variables win over its values: {}",
                hidden.join(", ")
            );
        }
        let is_there = matches!(source, FileSource::Profile(_, profile) if profile.found);
        if !is_there && found.iter().take(Field::ALL.len() - 1).all(Option::is_some) {
            log::warn!(
                "profile {name} was chosen, but the credentials file has no such profile or cannot be read: all values come from elsewhere"
            );
        }
    }

    fn chosen_profile(&self) -> Result<Option<String>> {
        match self.profile.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => Ok(Some(name.to_owned())),
            None => Ok(self.variable_text(PROFILE)?.map(|name| name.expose_secret().to_owned())),
        }
    }

    /// The path of the file; `Err`: the path that cannot be resolved without a home directory.
    fn locate(&self) -> Result<PathBuf, PathBuf> {
        let path = self
            .file
            .clone()
            .filter(|path| !path.as_os_str().is_empty())
            .or_else(|| self.env.os(CREDENTIALS_FILE).map(PathBuf::from))
            .unwrap_or_else(|| Path::new("~").join(".onehouse").join("credentials"));
        match path.strip_prefix("~") {
            Err(_) => Ok(path),
            Ok(rest) => match self.home() {
                Some(home) => Ok(home.join(rest)),
                None => Err(path),
            },
        }
    }

    /// The home directory, if a variable names it.
    pub(super) fn home(&self) -> Option<PathBuf> {
        HOME.iter().find_map(|name| self.env.os(name)).map(PathBuf::from)
    }

    /// Opens the file.
    pub(super) fn open_profile(&self) -> Result<FileSource> {
        let path = match self.locate() {
            Ok(path) => path,
            Err(path) => return Ok(FileSource::NoHome(path)),
        };
        let wanted = self.chosen_profile()?;
        match file::read(&path).map_err(|problem| file_error(&path, &problem))? {
            Contents::Nothing => Ok(FileSource::Nothing(path)),
            Contents::NotAFile => Ok(FileSource::NotAFile(path)),
            Contents::Text(text) => match file::parse(&text, wanted.as_deref()) {
                Ok(profile) => Ok(FileSource::Profile(path, profile)),
                Err(problem) => Err(file_error(&path, &problem)),
            },
        }
    }

    fn missing_error(&self, missing: &[Field], source: &FileSource, near: &[String]) -> Error {
        let names: Vec<&'static str> = missing.iter().map(|field| field.name()).collect();
        let variables: Vec<&str> = missing.iter().map(|field| field.variable()).collect();
        let empty: Vec<&str> = missing
            .iter()
            .filter(|field| self.given[**field as usize].is_some())
            .map(|field| field.name())
            .collect();

        let verb = if names.len() == 1 { "is" } else { "are" };
        let mut happened = format!("{} {verb} missing", names.join(", "));
        if !empty.is_empty() {
            happened.push_str(&format!(" ({} given as an empty argument)", empty.join(", ")));
        }
        let path = |path: &Path| shown(&path.display().to_string());
        match source {
            FileSource::NotNeeded => {}
            FileSource::NoHome(at) => {
                happened.push_str(&format!("; {} was not read, because {} is not set", path(at), HOME[0]));
            }
            FileSource::Nothing(at) => happened.push_str(&format!("; there is no file {}", path(at))),
            FileSource::NotAFile(at) => happened.push_str(&format!("; {} is not a regular file", path(at))),
            FileSource::Profile(at, profile) if !profile.found => {
                let (name, list) = (file::quoted(&profile.name), file::list(&profile.all));
                happened.push_str(&format!("; {} has no profile {name}, {list}", path(at)));
                if profile.has_fallbacks {
                    happened
                        .push_str(" ([DEFAULT] is not a profile: it holds defaults for the other profiles)");
                }
            }
            FileSource::Profile(_, profile) => {
                if let Some(line) = profile.continued {
                    happened
                        .push_str(&format!("; line {line} is indented, so it continues the value above it"));
                }
            }
        }
        let at = match source {
            FileSource::Profile(at, profile) => format!("{} of {}", file::quoted(&profile.name), path(at)),
            _ => {
                let name = self.chosen_profile().ok().flatten();
                let at = self.locate().unwrap_or_else(|at| at);
                format!("{} of {}", file::quoted(name.as_deref().unwrap_or("default")), path(&at))
            }
        };
        let places = format!(
            "Set them on the builder, set {} in the environment, or add the keys to profile {at}.",
            variables.join(", ")
        );
        let advice: Vec<&str> = near.iter().map(String::as_str).chain([&*places]).collect();
        Error::new(ErrorKind::Credentials, ATTEMPTED, happened)
            .with_advice(advice.join(" "))
            .with_missing(names)
    }
}

impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = Field::ALL.iter().filter(|field| self.given[**field as usize].is_some());
        f.debug_struct("CredentialsBuilder")
            .field("given", &given.map(|field| field.name()).collect::<Vec<_>>())
            .field("profile", &self.profile)
            .field("file", &self.file)
            .field("env", &self.env)
            .finish()
    }
}
