//! What must not be shown: which keys name secrets, and how JSON is shown without them.

use std::fmt;

use serde_json::Value;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Words of a key that name a secret.
const SECRET_WORDS: [&str; 10] = [
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "token",
    "key",
    "credential",
    "credentials",
    "authorization",
];

/// Keys that have such a word and name no secret.
const HARMLESS: [&str; 8] = [
    "credential_type",
    "record_key_fields",
    "partition_key_fields",
    "precombine_key_field",
    "sorting_key_fields",
    "create_api_token",
    "delete_api_token",
    "token_name",
];

/// True if a value under this key may be a secret: one word of it, split at punctuation and at capitals, is a
/// word for one. Rather too often than too seldom.
pub(crate) fn is_secret_key(key: &str) -> bool {
    if HARMLESS.iter().any(|harmless| harmless.eq_ignore_ascii_case(key)) {
        return false;
    }
    words(key).iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
        || SECRET_WORDS[..7].iter().any(|word| word.len() > 4 && key.to_ascii_lowercase().contains(word))
}

fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in key.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_lower) {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase();
    }
    words.push(word);
    words
}

/// Shows JSON with the values of secret keys masked.
pub(crate) struct Redacted<'a>(pub(crate) &'a Value);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Object(map) => {
                f.write_str("{")?;
                for (i, (key, value)) in map.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    write!(f, "{comma}{}:", Value::from(key.as_str()))?;
                    match value {
                        Value::Null | Value::Bool(_) => write!(f, "{value}")?,
                        _ if is_secret_key(key) => write!(f, "{:?}", REDACTED)?,
                        _ => Redacted(value).fmt(f)?,
                    }
                }
                f.write_str("}")
            }
            Value::Array(entries) => {
                f.write_str("[")?;
                for (i, entry) in entries.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    Redacted(entry).fmt(f)?;
                }
                f.write_str("]")
            }
            other => write!(f, "{other}"),
        }
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_name_secrets() {
        for key in [
            "schema.registry.confluent.secret",
            "schema.registry.confluent.key",
            "vector.embedding.transformation.api.key",
            "apiSecret",
            "API_KEY",
            "clientsecret",
            "db_password",
            "accessToken",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in
            ["worker.type", "kafka.topic.name", "name", "monkey", "record_key_fields", "keyboard", "state"]
        {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn json_is_shown_without_secrets() {
        let value = serde_json::json!({"name": "t", "list": [{"secret": "hunter2"}], "secret": null, "apiKey": ["hunter2"]});
        assert_eq!(
            Redacted(&value).to_string(),
            r#"{"name":"t","list":[{"secret":"[redacted]"}],"secret":null,"apiKey":"[redacted]"}"#
        );
    }
}
