//! Secret values of requests: keys, passwords, and settings that contain them.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::redact::{Redacted, is_secret_key, secrets_of};

use super::patch::Patch;

/// A secret value of a request, for example an API key. `Debug` and errors do not show it. Serialization
/// writes it as plain text, because the request needs it: protect what you serialize.
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

/// Settings of a connection or an embedding provider, as JSON. `Debug` hides the values of fields whose names
/// indicate a secret (such as `password`, `token` and `api_key`) or a connection string (such as `dsn`), and
/// hides passwords in URLs. Serialization writes all values as plain text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigJson(pub Value);

impl ConfigJson {
    /// Sets one field, and replaces an earlier value of it. If the settings are not a JSON object, they are
    /// replaced by an object with this field only.
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
        collect(&self.0, "", &mut found);
        found
    }
}

/// `key`: the nearest one that names a secret, else the nearest one.
fn collect(value: &Value, key: &str, found: &mut Vec<SecretString>) {
    match value {
        Value::Object(fields) => {
            for (inner, value) in fields {
                collect(value, if is_secret_key(key) { key } else { inner }, found);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, key, found)),
        Value::String(text) => found.extend(secrets_of(key, text).into_iter().map(SecretString::from)),
        _ => {}
    }
}

/// Returns an empty JSON object.
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
        fmt::Debug::fmt(&Redacted(&self.0), f)
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
            "dsns": ["x hunter5"],
            "hosts": ["mongodb://a:hunter/4@h", "https://h:8443/x", "mailto:a@b"],
        }));
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter"), "{shown}");
        for plain in ["@db.internal:5432/sales", "https://h:8443/x", "mailto:a@b"] {
            assert!(shown.contains(plain), "{shown}");
        }
        let found: Vec<String> = config.secrets().iter().map(|s| s.expose_secret().to_owned()).collect();
        assert_eq!(found, ["hunter2", "host=db password=hunter3", "hunter3", "x hunter5", "hunter/4"]);
    }
}
