//! `configure`: asks for the credentials of a profile and writes them into the credentials file.

mod file;
mod questions;

use std::path::PathBuf;

use serde_json::json;

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::profile;

use file::CredentialsFile;
use questions::Questions;

/// A value of a profile.
struct Field {
    /// Its name in the question.
    question: &'static str,
    /// Its key in the vendor's files.
    key: &'static str,
    /// The key that the SDK reads first.
    sdk_key: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Required,
    /// Both of these or none: a person who signs in has neither.
    Secret,
    /// Needed with an API key.
    WithKey,
    Address,
}

const FIELDS: [Field; 8] = [
    field("Account UID", "account_uid", "account_uid", Kind::Required),
    field("Project UID", "project_uid", "project_uid", Kind::Required),
    field("API key (not shown; empty if you sign in with `login`)", "api_key", "api_key", Kind::Secret),
    field("API secret (not shown)", "api_secret", "api_secret", Kind::Secret),
    field("Region, for example us-west-2", "project_region", "region", Kind::Required),
    field("User ID", "user_id", "user_uid", Kind::WithKey),
    field("Link ID (the console calls it \"Request ID\")", "request_id", "link_uid", Kind::Required),
    field("API endpoint", "api_endpoint", "base_url", Kind::Address),
];

const fn field(question: &'static str, key: &'static str, sdk_key: &'static str, kind: Kind) -> Field {
    Field { question, key, sdk_key, kind }
}

/// Asks for the values of one profile and writes them. Whatever else is in the file stays.
pub(super) fn run(app: &App) -> Result {
    let path = path()?;
    // The file may be a pipe that nobody writes to.
    let file = app.interrupt.at_once(|| CredentialsFile::read(&path))?;
    let mut questions = Questions::new(app);
    let profile = match &app.globals.profile {
        Some(profile) => profile.clone(),
        None => questions.text("Profile", file.default_profile().unwrap_or("default"))?,
    };
    let current = file.profile(&profile)?;
    let mut changes = Vec::new();
    let mut has_key = false;
    for field in &FIELDS {
        let key = if current.has(field.sdk_key) { field.sdk_key } else { field.key };
        let value = match field.kind {
            Kind::Secret => {
                let value = questions.secret(field.question, current.has(key))?;
                // An empty answer keeps the value that is there.
                let is_set = value.is_some() || !current.text(key).is_empty();
                if field.key == "api_secret" && is_set != has_key {
                    return Err(Failure::usage(
                        "the API key and its secret go together: nothing was written",
                    )
                    .hint("Run the command again and give both or neither."));
                }
                has_key = is_set;
                value
            }
            Kind::Address => {
                let default = Some(current.text(key)).filter(|url| !url.is_empty());
                Some(
                    questions
                        .text(field.question, default.unwrap_or(controlplane::onehouse::DEFAULT_BASE_URL))?,
                )
            }
            Kind::Required => Some(questions.required(field.question, current.text(key))?),
            Kind::WithKey if has_key => Some(questions.required(field.question, current.text(key))?),
            Kind::WithKey => Some(questions.text(field.question, current.text(key))?),
        };
        if let Some(value) = value {
            changes.push((key, value));
        }
    }
    let is_default = match file.default_profile() {
        None => true,
        Some(default) => default != profile && questions.yes("Make it the default profile?")?,
    };
    if !app.globals.dry_run {
        file::change(&path, &profile, &changes, is_default)?;
    }
    app.progress.note(if app.globals.dry_run { "Nothing was written." } else { "The profile was written." });
    app.out.value(&json!({ "profile": profile, "file": path.display().to_string() }))
}

/// The file that the SDK reads too.
fn path() -> Result<PathBuf> {
    profile::file().ok_or_else(|| {
        Failure::new(Exit::Credentials, "configure: the home directory is not known; nothing was written")
            .hint(format!("Set {}, or name the file in ONEHOUSE_CREDENTIALS_FILE.", profile::HOME[0]))
    })
}
