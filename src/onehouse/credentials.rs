//! Credentials: their fields, and where each value comes from.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::credentials_file::{self as file, Contents, Entry, Field, Problem, Profile};
use crate::error::{Error, ErrorKind, Result, shown};
use crate::http::shown_url;
use crate::redact::REDACTED;

/// The default base URL, that of the vendor's SDK 0.3.0.
pub const DEFAULT_BASE_URL: &str = "https://api.onehouse.ai";

const PROFILE: &str = "ONEHOUSE_PROFILE";
const CREDENTIALS_FILE: &str = "ONEHOUSE_CREDENTIALS_FILE";
/// The variables that hold the home directory: that of the platform first.
const HOME: [&str; 2] = if cfg!(windows) { ["USERPROFILE", "HOME"] } else { ["HOME", "USERPROFILE"] };

/// The seven values that every call to Onehouse carries, and the base URL that it is sent to.
///
/// Each is looked up by itself, in this order (that of the vendor's SDK 0.3.0):
///
/// 1. the value that the [builder](Credentials::builder) was given;
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
/// The API key and its secret are kept as [`SecretString`]: `Debug` does not show them, they cannot be serialized, and their
/// memory is cleared when they are dropped.
///
/// # The file
///
/// It is `~/.onehouse/credentials` unless [`file`](CredentialsBuilder::file) or `ONEHOUSE_CREDENTIALS_FILE` names
/// another, and it is shared with the vendor's tools. If its first character is `{`, it is JSON as the Onehouse CLI
/// writes it: an object of profiles, with the name of the default one under `_default`. Otherwise it is INI:
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
/// The dialect is that of Python's `ConfigParser`: `=` or `:` after the key, keys in any case, case-sensitive names of
/// profiles, comments on lines of their own only, `%%` for `%`, fallbacks for all profiles in `[DEFAULT]`, and no key or
/// profile twice. An indented line continues the value above it.
///
/// The file is read only if a value has to come from it. If the seven required values come from elsewhere, a file that
/// cannot be read is a warning in the log. So is a file that other users may read.
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

    /// Returns a builder without values: each comes from the environment or the file unless it is set.
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

    /// Returns the API key. [`ExposeSecret`] reads it.
    pub fn api_key(&self) -> &SecretString {
        &self.api_key
    }

    /// Returns the secret of the API key. [`ExposeSecret`] reads it.
    pub fn api_secret(&self) -> &SecretString {
        &self.api_secret
    }

    /// Returns the id of the link between the project and its data plane.
    pub fn link_uid(&self) -> &str {
        &self.link_uid
    }

    /// Returns the cloud region of the project.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the id of the user that the API key belongs to.
    pub fn user_uid(&self) -> &str {
        &self.user_uid
    }

    /// Returns the base URL as it was given, or [`DEFAULT_BASE_URL`].
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
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

/// Builds [`Credentials`] from arguments, the environment and the credentials file.
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
    given: [Option<SecretString>; Field::ALL.len()],
    profile: Option<String>,
    file: Option<PathBuf>,
    env: Option<HashMap<String, SecretString>>,
}

impl CredentialsBuilder {
    /// Sets the id of the account. An empty string is an error: the field is then missing. The same holds for all seven
    /// required values.
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

    /// Sets the id of the link between the project and its data plane. The Onehouse CLI calls it `request_id`.
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

    /// Sets the base URL. Default: the environment, the file, then [`DEFAULT_BASE_URL`]. An empty one is an error.
    #[doc(alias = "api_endpoint")]
    pub fn base_url(self, value: impl Into<String>) -> Self {
        self.give(Field::BaseUrl, value)
    }

    /// Sets the profile to read from the file.
    ///
    /// Default, and if the name is empty: `ONEHOUSE_PROFILE` if that is not empty, else the profile `default` of an
    /// INI file, or the one that a JSON file names under `_default`. A profile that the file does not have has no values,
    /// which is no error by itself (as in the vendor's SDK 0.3.0).
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the path of the credentials file. A leading `~` means the home directory.
    ///
    /// Default, and if the path is empty: `ONEHOUSE_CREDENTIALS_FILE` if that is not empty, else
    /// `~/.onehouse/credentials`. A path without a regular file has no values, which is no error by itself; the error about
    /// missing values says so.
    #[doc(alias = "credentials_file")]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Replaces the process's environment by these variables.
    ///
    /// Only those that matter are kept: the eight of the fields, `ONEHOUSE_PROFILE`, `ONEHOUSE_CREDENTIALS_FILE`, and
    /// for the home directory `HOME` or `USERPROFILE`. If a variable is there twice, the last value wins.
    pub fn env(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let counts = |name: &str| {
            Field::ALL.iter().any(|field| field.variable() == name)
                || [PROFILE, CREDENTIALS_FILE].contains(&name)
                || HOME.contains(&name)
        };
        let mut kept = HashMap::new();
        for (name, value) in variables {
            let name = name.into();
            if counts(&name) {
                kept.insert(name, SecretString::from(value.into()));
            }
        }
        self.env = Some(kept);
        self
    }

    /// Looks up every value. Sends nothing.
    ///
    /// # Errors
    ///
    /// Always of the kind [`ErrorKind::Credentials`], and never with a value in the text:
    ///
    /// - required values are missing: [`Error::missing_fields`] names them;
    /// - a value has to come from the file, and the file cannot be read, is larger than 1 MiB, is not UTF-8, or is
    ///   neither JSON nor INI in the dialect of [`Credentials`];
    /// - a value contains a control character, such as a line break, or begins or ends with white space: it could not be
    ///   sent unchanged in a header;
    /// - the base URL is given as an empty string;
    /// - an environment variable is needed and is not Unicode.
    pub fn build(self) -> Result<Credentials> {
        let mut found = Vec::with_capacity(Field::ALL.len());
        for field in Field::ALL {
            found.push(self.find_outside(field)?);
        }
        let needed =
            Field::ALL.iter().zip(&found).any(|(field, found)| field.is_required() && found.is_none());
        let source = if found.iter().any(Option::is_none) {
            self.open_profile(needed)?
        } else {
            FileSource::NotNeeded
        };
        if let FileSource::Profile(path, profile) = &source {
            if let (true, Some(problem)) = (needed, &profile.broken) {
                return Err(file_error(path, problem));
            }
        }
        let mut resolver = Resolver { found, source };
        let missing: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| field.is_required() && resolver.is_missing(*field))
            .collect();
        if !missing.is_empty() {
            return Err(self.missing_error(&missing, &resolver.source));
        }
        let plain = |value: SecretString| value.expose_secret().to_owned();
        Ok(Credentials {
            account_uid: plain(resolver.take(Field::AccountUid)?),
            project_uid: plain(resolver.take(Field::ProjectUid)?),
            api_key: resolver.take(Field::ApiKey)?,
            api_secret: resolver.take(Field::ApiSecret)?,
            link_uid: plain(resolver.take(Field::LinkUid)?),
            region: plain(resolver.take(Field::Region)?),
            user_uid: plain(resolver.take(Field::UserUid)?),
            base_url: plain(resolver.take(Field::BaseUrl)?),
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
    fn find_outside(&self, field: Field) -> Result<Option<(SecretString, Origin)>> {
        match &self.given[field as usize] {
            Some(value) => Ok(Some((value.clone(), Origin::Argument))),
            None => Ok(self.variable_text(field.variable())?.map(|value| (value, Origin::Variable))),
        }
    }

    /// An environment variable that is not empty.
    fn variable(&self, name: &str) -> Option<OsString> {
        match &self.env {
            Some(env) => env.get(name).map(|value| value.expose_secret().into()),
            None => std::env::var_os(name),
        }
        .filter(|value| !value.is_empty())
    }

    fn variable_text(&self, name: &str) -> Result<Option<SecretString>> {
        match self.variable(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(text.into())),
            Some(Err(_)) => Err(refused(format!("the environment variable {name} is not Unicode text"))
                .with_advice("Set it again, or unset it.")),
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
            .or_else(|| self.variable(CREDENTIALS_FILE).map(PathBuf::from))
            .unwrap_or_else(|| Path::new("~").join(".onehouse").join("credentials"));
        match path.strip_prefix("~") {
            Err(_) => Ok(path),
            Ok(rest) => match HOME.iter().find_map(|name| self.variable(name)) {
                Some(home) => Ok(Path::new(&home).join(rest)),
                None => Err(path),
            },
        }
    }

    /// Opens the file. Unless it is `needed`, a problem with it is no error.
    fn open_profile(&self, needed: bool) -> Result<FileSource> {
        let path = match self.locate() {
            Ok(path) => path,
            Err(path) => return Ok(FileSource::NoHome(path)),
        };
        let wanted = self.chosen_profile()?;
        let profile = file::read(&path).and_then(|contents| match contents {
            Contents::Nothing => Ok(Err(FileSource::Nothing(path.clone()))),
            Contents::NotAFile => Ok(Err(FileSource::NotAFile(path.clone()))),
            Contents::Text(text) => file::parse(&text, wanted.as_deref()).map(Ok),
        });
        match profile {
            Ok(Ok(profile)) => Ok(FileSource::Profile(path, profile)),
            Ok(Err(nothing)) => Ok(nothing),
            Err(problem) if needed => Err(file_error(&path, &problem)),
            Err(problem) => {
                let path = shown(&path.display().to_string());
                log::warn!(
                    "credentials file {path} ignored, because only base_url could come from it: {}",
                    problem.happened
                );
                Ok(FileSource::NotNeeded)
            }
        }
    }

    fn missing_error(&self, missing: &[Field], source: &FileSource) -> Error {
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
                happened.push_str(&format!("; {} not read, HOME is not set", path(at)));
            }
            FileSource::Nothing(at) => happened.push_str(&format!("; there is no file {}", path(at))),
            FileSource::NotAFile(at) => happened.push_str(&format!("; {} is not a regular file", path(at))),
            FileSource::Profile(at, profile) if !profile.found => {
                let (name, list) = (file::quoted(&profile.name), file::list(&profile.all));
                happened.push_str(&format!("; {} has no profile {name}, {list}", path(at)));
                if profile.has_fallbacks {
                    happened.push_str(" ([DEFAULT] is no profile: it has fallbacks for the others)");
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
        Error::new(ErrorKind::Credentials, ATTEMPTED, happened)
            .with_advice(format!(
                "Set them on the builder, set {}, or add the keys to profile {at}.",
                variables.join(", ")
            ))
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
            .field("env", &if self.env.is_some() { "set" } else { "of the process" })
            .finish()
    }
}

const ATTEMPTED: &str = "finding Onehouse credentials";

fn refused(happened: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credentials, ATTEMPTED, happened)
}

fn file_error(path: &Path, problem: &Problem) -> Error {
    let attempted = format!("reading Onehouse credentials from {}", shown(&path.display().to_string()));
    Error::new(ErrorKind::Credentials, attempted, &problem.happened).with_advice(&problem.advice)
}

enum Origin {
    Argument,
    Variable,
}

enum FileSource {
    NotNeeded,
    NoHome(PathBuf),
    Nothing(PathBuf),
    NotAFile(PathBuf),
    Profile(PathBuf, Profile),
}

/// Combines the sources, field by field.
struct Resolver {
    found: Vec<Option<(SecretString, Origin)>>,
    source: FileSource,
}

impl Resolver {
    fn is_missing(&self, field: Field) -> bool {
        match (&self.found[field as usize], &self.source) {
            (Some((value, _)), _) => value.expose_secret().is_empty(),
            (None, FileSource::Profile(_, profile)) => !profile.entries.contains_key(&field),
            (None, _) => true,
        }
    }

    /// The value of a field that is not missing, if it can be sent in a header.
    fn take(&mut self, field: Field) -> Result<SecretString> {
        let name = field.name();
        let (value, place) = match (self.found[field as usize].take(), &mut self.source) {
            (Some((value, Origin::Argument)), _) => (value, format!("the argument {name}")),
            (Some((value, Origin::Variable)), _) => {
                (value, format!("{name} in the environment variable {}", field.variable()))
            }
            (None, FileSource::Profile(path, profile)) => match profile.entries.remove(&field) {
                Some(Entry::Text(value)) => {
                    let path = shown(&path.display().to_string());
                    (value, format!("{name} in profile {} of {path}", file::quoted(&profile.name)))
                }
                Some(Entry::Unusable(problem)) => return Err(file_error(path, &problem)),
                None => return Ok(DEFAULT_BASE_URL.into()),
            },
            (None, _) => return Ok(DEFAULT_BASE_URL.into()),
        };
        let text = value.expose_secret();
        if text.is_empty() {
            return Err(refused(format!("{place} is empty"))
                .with_advice(format!("Leave it out to use {DEFAULT_BASE_URL}.")));
        }
        if text.contains(['\n', '\r']) {
            return Err(refused(format!("{place} has more than one line")).with_advice(
                "Write it on one line; in an INI file, an indented line continues the value above it.",
            ));
        }
        if text.chars().any(char::is_control) {
            return Err(refused(format!("{place} contains a control character"))
                .with_advice("Copy the value again, without the character."));
        }
        if text.trim().len() != text.len() {
            return Err(refused(format!("{place} begins or ends with white space"))
                .with_advice("Remove it: it could not be sent unchanged in a header."));
        }
        Ok(value)
    }
}
