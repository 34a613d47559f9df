//! Where the values of credentials come from: arguments, environment variables, files.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, shown};

/// The place from which a value of credentials came. `Display` writes a phrase for a message, such as
/// `the environment variable X`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The program set the value.
    Argument,
    /// The value came from the environment variable of this name.
    Variable(&'static str),
    /// The value came from a file.
    File {
        /// The path of the file.
        path: PathBuf,
        /// The profile in the file, if the file has profiles.
        profile: Option<String>,
    },
    /// The value was set nowhere, and the default applies.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => f.write_str("an argument"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::File { path, profile } => {
                if let Some(profile) = profile {
                    write!(f, "the profile [{}] of ", shown(profile))?;
                }
                write!(f, "the file {}", shown(&path.display().to_string()))
            }
            Self::Default => f.write_str("the default"),
        }
    }
}

/// The places of the values of credentials, and what looks wrong with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    origins: Vec<(&'static str, Origin)>,
    /// For the error of a server that does not accept the credentials. Contains no value.
    hint: Option<String>,
}

impl Sources {
    /// Returns the place of a field.
    pub(crate) fn origin(&self, field: &str) -> Option<&Origin> {
        self.origins.iter().find(|(name, _)| *name == field).map(|(_, origin)| origin)
    }

    /// Sets the place of a field. A value between quotes is noted: `docker --env-file` keeps the quotes of a
    /// file.
    pub(crate) fn set(&mut self, field: &'static str, value: &str, origin: Origin) {
        if ['"', '\'']
            .iter()
            .any(|quote| value.len() > 1 && value.starts_with(*quote) && value.ends_with(*quote))
        {
            self.note(&format!(
                "The value of {field} begins and ends with quotes, which are sent as a part of it; it comes from {origin}."
            ));
        }
        self.origins.retain(|(name, _)| *name != field);
        self.origins.push((field, origin));
    }

    /// Adds a sentence.
    pub(crate) fn note(&mut self, sentence: &str) {
        let hint = self.hint.get_or_insert_default();
        hint.push_str(if hint.is_empty() { "" } else { " " });
        hint.push_str(sentence);
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// The environment variables: those of the process, or those that the program gives instead.
#[derive(Clone, Default)]
pub(crate) struct Environment(Option<HashMap<String, SecretString>>);

/// Shows no value.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "of the process" })
    }
}

impl Environment {
    /// These variables alone; of them, those whose names begin with one of the prefixes. The last of two with
    /// one name counts.
    pub(crate) fn of<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
        prefixes: &[&str],
    ) -> Self {
        let mut kept = HashMap::new();
        for (name, value) in variables {
            let name = name.into();
            if prefixes.iter().any(|prefix| has_prefix(&name, prefix)) {
                kept.insert(name, SecretString::from(value.into()));
            }
        }
        Self(Some(kept))
    }

    /// A variable that is not empty.
    pub(crate) fn os(&self, name: &str) -> Option<OsString> {
        match &self.0 {
            Some(variables) => variables.get(name).map(|value| value.expose_secret().into()),
            None => std::env::var_os(name),
        }
        .filter(|value| !value.is_empty())
    }

    /// A variable that is not empty, as text.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if it is not Unicode.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.os(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(text)),
            Some(Err(_)) => Err(Error::new(
                ErrorKind::Credentials,
                format!("reading the environment variable {name}"),
                "its value is not Unicode text",
            )
            .with_advice("Nothing was sent. Set it again, or unset it.")),
        }
    }

    /// A sentence for each variable that is set, is not one of the `known` ones, and looks like one of them.
    pub(crate) fn near_misses(&self, prefix: &str, known: &[&str]) -> Vec<String> {
        let names: Vec<String> = match &self.0 {
            Some(variables) => variables.keys().cloned().collect(),
            None => std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect(),
        };
        let mut names = names;
        names.retain(|name| has_prefix(name, prefix) && !known.contains(&&**name));
        names.sort_unstable();
        names
            .into_iter()
            .filter_map(|name| {
                let letters = letters(&name);
                let close = |known: &&&str| distance(&letters, &self::letters(known)) <= 2;
                let meant = known
                    .iter()
                    .filter(close)
                    .min_by_key(|known| distance(&letters, &self::letters(known)))?;
                Some(format!(
                    "The environment variable {} is set but not read; {meant} is the name that is read.",
                    shown(&name)
                ))
            })
            .collect()
    }
}

/// Names of variables are compared without regard to case, and to what separates their words.
fn letters(name: &str) -> Vec<u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect()
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}

/// The number of letters to change, add or remove (Levenshtein). Names that are much longer are not near.
fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_are_nearly_right_are_named() {
        let known = ["ONEHOUSE_API_KEY", "ONEHOUSE_API_SECRET", "ONEHOUSE_REGION"];
        for (name, meant) in [
            ("ONEHOUSE_APISECRET", Some("ONEHOUSE_API_SECRET")),
            ("onehouse_api_secret", Some("ONEHOUSE_API_SECRET")),
            ("ONEHOUSE_API_SECRETS", Some("ONEHOUSE_API_SECRET")),
            ("ONEHOUSE_API_KYE", Some("ONEHOUSE_API_KEY")),
            ("ONEHOUSE-REGION", Some("ONEHOUSE_REGION")),
            ("ONEHOUSE_API_KEY", None),
            ("ONEHOUSE_LOG", None),
            ("ONEHOUSE_API_KEY_FILE", None),
            ("OTHER_API_KEY", None),
        ] {
            let near =
                Environment::of([(name, "hunter2")], &["ONEHOUSE", "OTHER"]).near_misses("ONEHOUSE", &known);
            match meant {
                Some(meant) => {
                    assert!(
                        near.len() == 1 && near[0].contains(&format!("; {meant} is the name")),
                        "{name}: {near:?}"
                    );
                }
                None => assert!(near.is_empty(), "{name}: {near:?}"),
            }
            assert!(!format!("{near:?}").contains("hunter2"));
        }
    }

    #[test]
    fn quotes_are_noted_with_the_place() {
        for (value, is_noted) in
            [("\"k\"", true), ("'k'", true), ("\"", false), ("\"k'", false), ("k", false)]
        {
            let mut sources = Sources::default();
            sources.set("api_key", value, Origin::Variable("X_API_KEY"));
            assert_eq!(sources.origin("api_key"), Some(&Origin::Variable("X_API_KEY")));
            assert_eq!(sources.hint().is_some_and(|hint| hint.contains("X_API_KEY")), is_noted, "{value}");
        }
    }
}
