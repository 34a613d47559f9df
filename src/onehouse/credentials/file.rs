//! The credentials file: finding a profile in both of its formats.
//!
//! The file is shared with the vendor's Python tools (SDK 0.3.0, CLI 0.4.0), so it is read as they read it:
//! JSON as the CLI writes it, or INI (see `credentials_ini`). Errors show nothing of the file except the
//! names of its profiles: a secret in the wrong place must not end up in an error.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::ini;
use crate::client::secret_file::{self, Opened};
use crate::error::one_line;

/// No credentials file is larger; a larger one was named by mistake.
pub(in crate::onehouse) const MAX_BYTES: u64 = 1024 * 1024;

/// The key of a JSON file that names its default profile.
const DEFAULT_KEY: &str = "_default";

/// One of the eight values that make up credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::onehouse) enum Field {
    AccountUid,
    ProjectUid,
    ApiKey,
    ApiSecret,
    LinkUid,
    Region,
    UserUid,
    BaseUrl,
}

impl Field {
    /// In the vendor's order; all but the last are required.
    pub(in crate::onehouse) const ALL: [Self; 8] = [
        Self::AccountUid,
        Self::ProjectUid,
        Self::ApiKey,
        Self::ApiSecret,
        Self::LinkUid,
        Self::Region,
        Self::UserUid,
        Self::BaseUrl,
    ];

    pub(in crate::onehouse) fn is_required(self) -> bool {
        self != Self::BaseUrl
    }

    /// True for what every call needs; an access token replaces the API key and its user.
    pub(in crate::onehouse) fn is_required_with(self, access_token: bool) -> bool {
        self.is_required() && !(access_token && self.is_of_key())
    }

    /// True for what an access token replaces.
    pub(in crate::onehouse) fn is_of_key(self) -> bool {
        matches!(self, Self::ApiKey | Self::ApiSecret | Self::UserUid)
    }

    /// The name in the vendor's SDK, which is also the key in a file.
    pub(in crate::onehouse) fn name(self) -> &'static str {
        match self {
            Self::AccountUid => "account_uid",
            Self::ProjectUid => "project_uid",
            Self::ApiKey => "api_key",
            Self::ApiSecret => "api_secret",
            Self::LinkUid => "link_uid",
            Self::Region => "region",
            Self::UserUid => "user_uid",
            Self::BaseUrl => "base_url",
        }
    }

    /// The environment variable.
    pub(in crate::onehouse) fn variable(self) -> &'static str {
        match self {
            Self::AccountUid => "ONEHOUSE_ACCOUNT_UID",
            Self::ProjectUid => "ONEHOUSE_PROJECT_UID",
            Self::ApiKey => "ONEHOUSE_API_KEY",
            Self::ApiSecret => "ONEHOUSE_API_SECRET",
            Self::LinkUid => "ONEHOUSE_LINK_UID",
            Self::Region => "ONEHOUSE_REGION",
            Self::UserUid => "ONEHOUSE_USER_UID",
            Self::BaseUrl => "ONEHOUSE_BASE_URL",
        }
    }

    /// The key that the vendor's CLI writes into its JSON file.
    fn cli_name(self) -> &'static str {
        match self {
            Self::LinkUid => "request_id",
            Self::Region => "project_region",
            Self::UserUid => "user_id",
            Self::BaseUrl => "api_endpoint",
            same => same.name(),
        }
    }

    pub(in crate::onehouse) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// A problem of a file or of a value in it, and its solution. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::onehouse) struct Problem {
    pub(in crate::onehouse) happened: String,
    pub(in crate::onehouse) advice: String,
}

impl Problem {
    pub(in crate::onehouse) fn new(happened: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { happened: happened.into(), advice: advice.into() }
    }
}

/// The contents at a path.
#[derive(Debug)]
pub(in crate::onehouse) enum Contents {
    Nothing,
    /// A directory, a pipe or a device, which the vendor's tools do not read either.
    NotAFile,
    Text(String),
}

/// The value of one field.
#[derive(Debug)]
pub(in crate::onehouse) enum Entry {
    Text(SecretString),
    /// An error only if the field has to come from the file.
    Unusable(Problem),
}

/// The chosen profile.
#[derive(Debug)]
pub(in crate::onehouse) struct Profile {
    pub(in crate::onehouse) name: String,
    pub(in crate::onehouse) found: bool,
    /// The names of all profiles of the file, sorted.
    pub(in crate::onehouse) all: Vec<String>,
    /// The file has the section of fallbacks, which is easily mistaken for a profile.
    pub(in crate::onehouse) has_fallbacks: bool,
    /// Without empty values, which count as absent.
    pub(in crate::onehouse) entries: HashMap<Field, Entry>,
    /// The problem for which the vendor's tools reject the whole profile.
    pub(in crate::onehouse) broken: Option<Problem>,
    /// The first line that continues the value above it, and which may have been meant as a key.
    pub(in crate::onehouse) continued: Option<usize>,
}

impl Profile {
    pub(in crate::onehouse) fn absent(name: String, all: Vec<String>, has_fallbacks: bool) -> Self {
        Self {
            name,
            found: false,
            all,
            has_fallbacks,
            entries: HashMap::new(),
            broken: None,
            continued: None,
        }
    }
}

/// Reads at most [`MAX_BYTES`]. Warns if others may read the file too.
pub(in crate::onehouse) fn read(path: &Path) -> Result<Contents, Problem> {
    let file = match secret_file::open(path, "credentials file").map_err(|e| unreadable(&e))? {
        Opened::Nothing => return Ok(Contents::Nothing),
        Opened::NotAFile => return Ok(Contents::NotAFile),
        Opened::File(file) => file,
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::new(
            "it is larger than 1 MiB, so it is not a credentials file",
            "Check the path.",
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Contents::Text(text)),
        Err(e) => {
            let line =
                1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
            Err(Problem::new(format!("line {line} is not UTF-8 text"), "Save the file as UTF-8."))
        }
    }
}

fn unreadable(error: &io::Error) -> Problem {
    Problem::new(format!("it cannot be read: {error}"), "Check the path and the file's permissions.")
}

/// Finds a profile in the text of a file: the chosen one, or else the file's default one.
pub(in crate::onehouse) fn parse(text: &str, wanted: Option<&str>) -> Result<Profile, Problem> {
    // Windows editors write a byte-order mark; the vendor's SDK trips over it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        parse_json(text, wanted)
    } else {
        ini::parse(text, wanted.unwrap_or("default"))
    }
}

// ---- JSON ------------------------------------------------------------------------------------------------

fn parse_json(text: &str, wanted: Option<&str>) -> Result<Profile, Problem> {
    let file: Map<String, Value> = serde_json::from_str(text).map_err(|e| {
        // Only the position: the text there may be a secret.
        let what = if e.is_eof() { "ends too early to be JSON" } else { "is not valid JSON" };
        Problem::new(
            format!("it begins with {{ but {what} (line {}, column {})", e.line(), e.column()),
            "Correct the file, or write it again with the Onehouse CLI.",
        )
    })?;
    let mut all: Vec<String> =
        file.iter().filter(|(_, value)| value.is_object()).map(|(name, _)| name.clone()).collect();
    all.sort();
    let name = match (wanted, file.get(DEFAULT_KEY)) {
        (Some(name), _) => name,
        (None, Some(Value::String(name))) => name,
        (None, default) => {
            let what = if default.is_some() { "is not a string" } else { "is missing" };
            return Err(Problem::new(
                format!("no profile was chosen and its {DEFAULT_KEY:?} {what}; {}", list(&all)),
                format!(
                    "Choose one with .profile(..) or ONEHOUSE_PROFILE, or name it under {DEFAULT_KEY:?}."
                ),
            ));
        }
    };
    let values = match file.get(name) {
        None | Some(Value::Null) => return Ok(Profile::absent(name.to_owned(), all, false)),
        Some(Value::Object(values)) => values,
        Some(other) => {
            return Err(Problem::new(
                format!("its profile {} is {}, not an object; {}", quoted(name), kind(other), list(&all)),
                "Choose another with .profile(..) or ONEHOUSE_PROFILE, or correct the file.",
            ));
        }
    };
    let mut entries = HashMap::new();
    for field in Field::ALL {
        // The file may have both spellings; the SDK's wins, unless it is empty.
        let mut given =
            [field.name(), field.cli_name()].into_iter().filter_map(|key| Some((key, values.get(key)?)));
        if let Some((key, value)) = given.find(|(_, value)| !is_empty(value)) {
            let entry = match value {
                Value::String(text) => Entry::Text(text.as_str().into()),
                other => Entry::Unusable(Problem::new(
                    format!("{key} in its profile {} is {}, not a string", quoted(name), kind(other)),
                    "Write the value in double quotes.",
                )),
            };
            entries.insert(field, entry);
        }
    }
    Ok(Profile { found: true, entries, ..Profile::absent(name.to_owned(), all, false) })
}

/// Values that are false in Python, which the vendor's SDK therefore treats as absent.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(entries) => entries.is_empty(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

// ---- Words -----------------------------------------------------------------------------------------------

/// A key is named only if it is that of a field: a part of a secret may be read as a key.
pub(in crate::onehouse) fn named(before: &str, key: &str) -> String {
    Field::of_name(key).map(|field| format!("{before}{}", field.name())).unwrap_or_default()
}

pub(in crate::onehouse) fn quoted(profile: &str) -> String {
    const MAX: usize = 60;
    if profile.trim() == profile && !profile.is_empty() {
        format!("[{}]", one_line(profile, MAX))
    } else {
        // Spaces at the ends belong to the name and would not be seen.
        format!("[{:?}]", profile.chars().take(MAX).collect::<String>())
    }
}

pub(in crate::onehouse) fn list(profiles: &[String]) -> String {
    const MAX: usize = 10;
    match profiles.len() {
        0 => "it has no profiles".to_owned(),
        count => {
            let names: Vec<String> = profiles.iter().take(MAX).map(|name| quoted(name)).collect();
            let more = if count > MAX { format!(" and {} more", count - MAX) } else { String::new() };
            format!("it has the profiles {}{more}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// The text of a field, or the words about why there is none that can be used.
    fn field(text: &str, profile: Option<&str>, field: Field) -> Result<Option<String>, String> {
        let profile = parse(text, profile).map_err(|problem| problem.happened)?;
        match profile.entries.get(&field) {
            None => Ok(None),
            Some(Entry::Text(text)) => Ok(Some(text.expose_secret().to_owned())),
            Some(Entry::Unusable(problem)) => Err(problem.happened.clone()),
        }
    }

    fn region(text: &str) -> Result<Option<String>, String> {
        field(text, None, Field::Region)
    }

    #[test]
    fn default_is_not_a_profile_in_ini_and_is_one_in_json() {
        let ini = parse("[DEFAULT]\nregion = x\n[b]\n[a]", Some("DEFAULT")).unwrap();
        assert!(!ini.found && ini.has_fallbacks && ini.entries.is_empty());
        assert_eq!(ini.all, ["a", "b"]);
        let json = r#"{"DEFAULT": {"region": "x"}}"#;
        assert_eq!(field(json, Some("DEFAULT"), Field::Region), Ok(Some("x".to_owned())));
    }

    #[test]
    fn json_profiles() {
        let in_profile = |values: &str| format!(r#"{{"_default": "p", "p": {{{values}}}}}"#);
        for (values, expected) in [
            (r#""region": "x""#, Ok(Some("x"))),
            (r#""project_region": "x""#, Ok(Some("x"))),
            (r#""region": "sdk", "project_region": "cli""#, Ok(Some("sdk"))),
            (r#""project_region": "cli", "region": "sdk""#, Ok(Some("sdk"))),
            (r#""region": "", "project_region": "cli""#, Ok(Some("cli"))),
            (r#""region": null, "project_region": "cli""#, Ok(Some("cli"))),
            (r#""region": "50%""#, Ok(Some("50%"))),
            (r#""region": "a\nb""#, Ok(Some("a\nb"))),
            (r#""region": "a", "region": "b""#, Ok(Some("b"))),
            (r#""Region": "x""#, Ok(None)),
            (r#""region": """#, Ok(None)),
            (r#""region": null"#, Ok(None)),
            (r#""region": false"#, Ok(None)),
            (r#""region": 0"#, Ok(None)),
            (r#""region": 0.0"#, Ok(None)),
            (r#""region": []"#, Ok(None)),
            (r#""region": {}"#, Ok(None)),
            (r#""region": 5"#, Err("region in its profile [p] is a number")),
            (r#""region": true"#, Err("is a boolean")),
            (r#""region": ["x"]"#, Err("is a list")),
            (r#""project_region": {"x": 1}"#, Err("project_region in its profile [p] is an object")),
        ] {
            for text in [in_profile(values), format!("\u{feff} \n\t{}", in_profile(values))] {
                match (region(&text), expected) {
                    (Ok(got), Ok(expected)) => assert_eq!(got.as_deref(), expected, "{text}"),
                    (Err(got), Err(says)) => assert!(got.contains(says), "{text}: {got}"),
                    (got, _) => panic!("{text}: {got:?}"),
                }
            }
        }
        let all = r#""account_uid": "a", "project_uid": "b", "api_key": "c", "api_secret": "d", "request_id": "e",
            "project_region": "f", "user_id": "g", "api_endpoint": "h""#;
        for (wanted, expected) in Field::ALL.into_iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
            assert_eq!(field(&in_profile(all), None, wanted), Ok(Some(expected.to_owned())), "{wanted:?}");
        }
    }

    #[test]
    fn json_files_without_the_profile_or_without_sense() {
        for (text, profile, expected) in [
            (r#"{"_default": "gone", "w": {}}"#, None, Ok("gone")),
            (r#"{"_default": "w", "w": null}"#, None, Ok("w")),
            (r#"{"w": {}}"#, Some("gone"), Ok("gone")),
            (r#"{"_default": ""}"#, None, Ok("")),
            (r#"{"w": {}}"#, None, Err("its \"_default\" is missing; it has the profiles [w]")),
            (r#"{"_default": null, "w": {}}"#, None, Err("its \"_default\" is not a string")),
            (r#"{"_default": ["w"], "w": {}}"#, None, Err("its \"_default\" is not a string")),
            (r#"{"_default": "w", "w": [1]}"#, None, Err("its profile [w] is a list")),
            (r#"{"_default": "w", "w": "x"}"#, None, Err("its profile [w] is a string")),
            (r#"{"_default": "w"}"#, Some("_default"), Err("its profile [_default] is a string")),
            (r#"{"w": "#, None, Err("ends too early to be JSON (line 1, column 6)")),
            ("{\"w\":\n {},,}", None, Err("is not valid JSON (line 2, column 5)")),
            (r#"{} {}"#, None, Err("is not valid JSON")),
            (r#"{'w': {}}"#, None, Err("is not valid JSON")),
            (r#"["w"] x"#, None, Ok("default")),
            ("\"w\"", None, Err("line 1 is before the first profile")),
        ] {
            match (parse(text, profile), expected) {
                (Ok(got), Ok(name)) => assert_eq!((got.found, got.name.as_str()), (false, name), "{text}"),
                (Err(got), Err(says)) => assert!(got.happened.contains(says), "{text}: {}", got.happened),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }
}
