//! The value of each field: from the program, the environment or the file.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::client::{Origin, Sources};
use crate::error::{Error, ErrorKind, Result, shown};

use super::DEFAULT_BASE_URL;
use super::file::{self, Entry, Field, Problem, Profile};

pub(super) const ATTEMPTED: &str = "finding Onehouse credentials";

pub(in crate::onehouse) fn refused(happened: impl Into<String>) -> Error {
    Error::new(ErrorKind::Credentials, ATTEMPTED, happened)
}

pub(in crate::onehouse) fn file_error(path: &Path, problem: &Problem) -> Error {
    let attempted = format!("reading Onehouse credentials from {}", shown(&path.display().to_string()));
    Error::new(ErrorKind::Credentials, attempted, &problem.happened).with_advice(&problem.advice)
}

pub(in crate::onehouse) enum FileSource {
    NotNeeded,
    NoHome(PathBuf),
    Nothing(PathBuf),
    NotAFile(PathBuf),
    Profile(PathBuf, Profile),
}

/// Combines the sources, field by field.
pub(in crate::onehouse) struct Resolver {
    pub(in crate::onehouse) found: Vec<Option<(SecretString, Origin)>>,
    pub(in crate::onehouse) source: FileSource,
    pub(in crate::onehouse) sources: Sources,
}

impl Resolver {
    pub(super) fn is_missing(&self, field: Field) -> bool {
        match (&self.found[field as usize], &self.source) {
            (Some((value, _)), _) => value.expose_secret().is_empty(),
            (None, FileSource::Profile(_, profile)) => !profile.entries.contains_key(&field),
            (None, _) => true,
        }
    }

    /// The value of a field that is not missing, if it can be sent in a header.
    pub(super) fn take(&mut self, field: Field) -> Result<SecretString> {
        let name = field.name();
        let default = || (SecretString::from(DEFAULT_BASE_URL), Origin::Default);
        let (value, origin) = match (self.found[field as usize].take(), &mut self.source) {
            (Some(found), _) => found,
            (None, FileSource::Profile(path, profile)) => match profile.entries.remove(&field) {
                Some(Entry::Text(value)) => {
                    (value, Origin::File { path: path.clone(), profile: Some(profile.name.clone()) })
                }
                Some(Entry::Unusable(problem)) => return Err(file_error(path, &problem)),
                None => default(),
            },
            (None, _) => default(),
        };
        let place = match &origin {
            Origin::Argument => format!("the argument {name}"),
            Origin::File { path, profile } => {
                let profile = file::quoted(profile.as_deref().unwrap_or_default());
                format!("{name} in profile {profile} of {}", shown(&path.display().to_string()))
            }
            origin => format!("{name} in {origin}"),
        };
        self.sources.set(name, value.expose_secret(), origin);
        let text = value.expose_secret();
        if text.is_empty() {
            return Err(refused(format!("{place} is empty"))
                .with_advice(format!("Leave it out to use {DEFAULT_BASE_URL}.")));
        }
        if !text.trim_end_matches(['\n', '\r']).contains(['\n', '\r']) && text.ends_with(['\n', '\r']) {
            return Err(refused(format!("{place} ends with a line break")).with_advice(
                "Remove the line break: the value cannot be sent with it. Secret stores and `echo` often add one.",
            ));
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
                .with_advice("Remove the white space: the value cannot be sent with it."));
        }
        Ok(value)
    }
}
