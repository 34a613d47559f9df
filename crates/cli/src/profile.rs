//! `--profile`: credentials of Onehouse that come from one profile of the credentials file.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use controlplane::Error;
use controlplane::client::Origin;
use controlplane::onehouse::{Client, ClientBuilder, Credentials, CredentialsBuilder};

use crate::app::App;
use crate::apply::Service;
use crate::failure::{Failure, Result};

/// The variables that hold the home directory: that of the platform first.
pub(crate) const HOME: [&str; 2] =
    if cfg!(windows) { ["USERPROFILE", "HOME"] } else { ["HOME", "USERPROFILE"] };

const BASE_URL: &str = "ONEHOUSE_BASE_URL";

/// The variables that `--profile` takes the place of. Without it they win over the file, as for the vendor's tools.
const REPLACED: [&str; 9] = [
    "ONEHOUSE_ACCOUNT_UID",
    "ONEHOUSE_PROJECT_UID",
    "ONEHOUSE_API_KEY",
    "ONEHOUSE_API_SECRET",
    "ONEHOUSE_LINK_UID",
    "ONEHOUSE_REGION",
    "ONEHOUSE_USER_UID",
    BASE_URL,
    "ONEHOUSE_PROFILE",
];

/// Returns the look-up of the credentials. An explicit profile wins over the variables: a command for one project
/// must not be carried out in the project of a variable that somebody forgot.
pub(crate) fn lookup(app: &App, base_url: Option<&str>) -> CredentialsBuilder {
    let mut lookup = Credentials::builder();
    if let Some(profile) = &app.globals.profile {
        lookup = from_profile(lookup, profile);
    }
    match base_url {
        Some(url) => lookup.base_url(url),
        None => lookup,
    }
}

/// Returns a builder of clients with the credentials that the options ask for.
pub(crate) fn client(app: &App, base_url: Option<&str>, poll: Option<Duration>) -> Result<ClientBuilder> {
    let credentials = lookup(app, base_url).build().map_err(|error| failure(app, error))?;
    if let Some(warning) = unused_base_url(app, &credentials) {
        app.progress.warn(&warning);
    }
    let builder = Client::builder().credentials(credentials);
    Ok(match poll {
        Some(interval) => builder.poll_interval(interval),
        None => builder,
    })
}

fn failure(app: &App, error: Error) -> Failure {
    let advice = advice(app, &error);
    let failure = Failure::from(error);
    match advice {
        Some(advice) => failure.hint(advice),
        None => failure,
    }
}

/// Returns what to do about keys that a profile does not have: variables do not complete it.
pub(crate) fn advice(app: &App, error: &Error) -> Option<String> {
    let profile = app.globals.profile.as_ref().filter(|_| !error.missing_fields().is_empty())?;
    Some(format!(
        "Add the keys to the profile {profile:?} of {}, or leave --profile out: with it the ONEHOUSE_… variables are not used.",
        file()?.display()
    ))
}

/// Says that the variable of the address has no effect, if the profile has none either: the requests go to the
/// default address.
pub(crate) fn unused_base_url(app: &App, credentials: &Credentials) -> Option<String> {
    let profile = app.globals.profile.as_ref()?;
    let is_default = credentials.origin("base_url") == Some(&Origin::Default);
    let is_set = std::env::var_os(BASE_URL).is_some_and(|url| !url.is_empty());
    (is_default && is_set).then(|| {
        format!(
            "{BASE_URL} is not used with --profile, and the profile {profile:?} has no address: requests go to {}; see --base-url",
            credentials.base_url()
        )
    })
}

/// Refuses `--profile` for services whose credentials have no profiles.
pub(crate) fn check(app: &App, services: &[Service]) -> Result {
    if app.globals.profile.is_none() || services.contains(&Service::Onehouse) {
        return Ok(());
    }
    let names: Vec<&str> = services.iter().map(|service| service.name()).collect();
    Err(Failure::usage(format!("--profile has no effect on {}: nothing was sent", names.join(" and ")))
        .hint("Profiles are those of Onehouse's credentials file. Leave the option out."))
}

fn from_profile(lookup: CredentialsBuilder, profile: &str) -> CredentialsBuilder {
    let text =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let kept = std::env::vars_os().filter_map(text).filter(|(name, _)| !REPLACED.contains(&name.as_str()));
    let lookup = lookup.env(kept).profile(profile);
    // A path need not be Unicode.
    match file() {
        Some(path) => lookup.file(path),
        None => lookup,
    }
}

/// Returns the path of the credentials file; `None` if the home directory is not known.
pub(crate) fn file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || HOME.into_iter().find_map(set);
    let in_home = |path: PathBuf| home().map(|home| home.join(path));
    match set("ONEHOUSE_CREDENTIALS_FILE") {
        Some(path) => match path.strip_prefix("~") {
            Ok(rest) => in_home(rest.to_owned()),
            Err(_) => Some(path),
        },
        None => in_home(PathBuf::from(".onehouse").join("credentials")),
    }
}
