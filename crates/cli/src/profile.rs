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
const REPLACED: [&str; 8] = [
    "ONEHOUSE_ACCOUNT_UID",
    "ONEHOUSE_PROJECT_UID",
    "ONEHOUSE_API_KEY",
    "ONEHOUSE_API_SECRET",
    "ONEHOUSE_LINK_UID",
    "ONEHOUSE_REGION",
    "ONEHOUSE_USER_UID",
    "ONEHOUSE_PROFILE",
];

/// Returns the look-up of the credentials. An explicit profile wins over the variables: a command for one project
/// must not be carried out in the project of a variable that somebody forgot. Only the address may come from its variable,
/// if the profile has none.
pub(crate) fn lookup(app: &App, base_url: Option<&str>) -> CredentialsBuilder {
    match (&app.globals.profile, base_url) {
        (None, None) => Credentials::builder(),
        (None, Some(url)) => Credentials::builder().base_url(url),
        (Some(profile), Some(url)) => from_profile(profile, false).base_url(url),
        (Some(profile), None) => {
            let of_profile = from_profile(profile, false).build();
            let has_none = of_profile.is_ok_and(|found| found.origin("base_url") == Some(&Origin::Default));
            from_profile(profile, has_none)
        }
    }
}

/// Returns a builder of clients with the credentials that the options ask for.
pub(crate) fn client(app: &App, base_url: Option<&str>, poll: Option<Duration>) -> Result<ClientBuilder> {
    let credentials = lookup(app, base_url).build().map_err(|error| failure(app, error))?;
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
        "Add the keys to the profile {profile:?} of {}, or leave --profile out: with it the credentials in the ONEHOUSE_… \
         variables are not used.",
        file()?.display()
    ))
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

/// `has_address`: the variable of the address counts.
fn from_profile(profile: &str, has_address: bool) -> CredentialsBuilder {
    let text =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let is_replaced = |name: &str| REPLACED.contains(&name) || (name == BASE_URL && !has_address);
    let kept = std::env::vars_os().filter_map(text).filter(|(name, _)| !is_replaced(name));
    let lookup = Credentials::builder().env(kept).profile(profile);
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
