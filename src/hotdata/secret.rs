//! Secret values of requests: keys, passwords, and settings that contain them.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::redact::{REDACTED, Redacted, is_secret_key};

use super::patch::Patch;

/// A secret in a request: `Debug` and errors do not show it. It is serialized as plain text, because it has to be sent:
/// protect what you serialize.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Returns the secret as plain text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(super) fn to_masked(&self) -> SecretString {
        self.0.clone()
    }
}

impl<T: Into<SecretString>> From<T> for Secret {
    fn from(secret: T) -> Self {
        Self(secret.into())
    }
}

impl From<&str> for Patch<Secret> {
    fn from(secret: &str) -> Self {
        Self::Set(secret.into())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Settings as JSON. `Debug` does not show the values of fields whose names indicate secrets (`password`, `token`,
/// `api_key` and similar ones), connection strings, and passwords in URLs.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigJson(pub Value);

impl ConfigJson {
    /// Sets one field. Settings that are not an object become one.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<Value>) {
        if !self.0.is_object() {
            self.0 = Self::default().0;
        }
        if let Value::Object(fields) = &mut self.0 {
            fields.insert(field.into(), value.into());
        }
    }

    /// Returns the secret values, to mask them in errors.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let mut found = Vec::new();
        collect(&self.0, false, &mut found);
        found
    }
}

fn collect(value: &Value, is_secret: bool, found: &mut Vec<SecretString>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(value, is_secret || is_secret_key(key) || is_connection_string(key), found);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, is_secret, found)),
        Value::String(text) if is_secret => found.push(text.clone().into()),
        Value::String(text) => found.extend(password_in(text).map(SecretString::from)),
        _ => {}
    }
}

/// Returns true if the value of this key is likely to be a connection string with a password.
fn is_connection_string(key: &str) -> bool {
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["connectionstring", "connstring", "connstr", "dsn"].iter().any(|name| key.contains(name))
}

/// Returns the password in a URL. It may be longer than the password if that has characters that should be encoded.
fn password_in(url: &str) -> Option<&str> {
    let (user, _) = url.split_once("://")?.1.rsplit_once('@')?;
    Some(user.split_once(':')?.1).filter(|password| !password.is_empty())
}

/// Returns the settings with passwords in URLs masked.
fn without_passwords(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| match value {
                Value::String(_) if is_connection_string(key) => (key.clone(), REDACTED.into()),
                _ => (key.clone(), without_passwords(value)),
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Array(entries) => entries.iter().map(without_passwords).collect(),
        Value::String(text) => match password_in(text) {
            Some(password) => text.replace(password, REDACTED).into(),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

/// Returns an object without fields.
impl Default for ConfigJson {
    fn default() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }
}

impl<T: Into<Value>> From<T> for ConfigJson {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for ConfigJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Redacted(&without_passwords(&self.0)), f)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_do_not_show() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "…");
        let config = ConfigJson(json!({"host": "h", "password": "hunter2", "a": [{"token": ["hunter3"]}]}));
        let shown = format!("{config:?}");
        assert!(shown.contains("\"h\"") && !shown.contains("hunter"), "{shown}");
        let found: Vec<String> = config.secrets().iter().map(|s| s.expose_secret().to_owned()).collect();
        assert_eq!(found, ["hunter2", "hunter3"]);
        assert_eq!(serde_json::to_value(&config).unwrap()["password"], "hunter2");
    }

    #[test]
    fn passwords_in_addresses_do_not_show() {
        let config = ConfigJson(json!({
            "uri": "postgres://reader:hunter2@db.internal:5432/sales",
            "connection_string": "host=db password=hunter3",
            "hosts": ["mongodb://a:hunter/4@h", "https://h:8443/x", "mailto:a@b"],
        }));
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter"), "{shown}");
        for plain in ["@db.internal:5432/sales", "https://h:8443/x", "mailto:a@b"] {
            assert!(shown.contains(plain), "{shown}");
        }
        let found: Vec<String> = config.secrets().iter().map(|s| s.expose_secret().to_owned()).collect();
        assert_eq!(found, ["hunter2", "host=db password=hunter3", "hunter/4"]);
    }
}
