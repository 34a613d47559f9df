//! What must not be shown: which keys name secrets, how JSON is shown without them, and known secrets in
//! other text.

pub(crate) mod mask;
mod secrets;
mod text;

use std::fmt;

use serde_json::Value;

pub(crate) use mask::masked;
pub(crate) use secrets::Secrets;
#[cfg(feature = "hotdata")]
pub(crate) use text::passwords;
#[cfg(settings)]
pub(crate) use text::secrets_of;
pub(crate) use text::without_passwords;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Words of a key that name a secret.
const SECRET_WORDS: [&str; 20] = [
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "token",
    "tokens",
    "key",
    "keys",
    "pwd",
    "pass",
    "auth",
    "bearer",
    "jaas",
    "jwt",
    "pem",
    "credential",
    "credentials",
    "authorization",
    "sas",
];

/// Ends of words that name secrets, written together with what is before them: `apikey`, `privatekeys`.
const SECRET_ENDS: [&str; 8] =
    ["apikey", "apikeys", "accesskey", "accesskeys", "privatekey", "privatekeys", "secretkey", "authkey"];

/// Parts that name secrets wherever they stand.
const SECRET_PARTS: [&str; 5] = ["secret", "password", "passwd", "passphrase", "token"];

/// Parts of the names of connection strings, which contain passwords, without punctuation and capitals.
const CONNECTION_PARTS: [&str; 9] = [
    "connectionstring",
    "connectionuri",
    "connectionurl",
    "connstring",
    "connstr",
    "jdbcurl",
    "jdbcuri",
    "dsn",
    "sasurl",
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
    let lower = key.to_ascii_lowercase();
    SECRET_PARTS.iter().any(|part| lower.contains(part))
        || words(key).iter().any(|word| {
            SECRET_WORDS.contains(&word.as_str()) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
        })
        || is_connection_key(key)
}

/// True if the value of this key is likely to be a connection string.
fn is_connection_key(key: &str) -> bool {
    let letters: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    CONNECTION_PARTS.iter().any(|part| letters.contains(part)) || words(key).iter().any(|word| word == "sas")
}

/// The words of a key, in small letters: split at punctuation, before a capital after a small letter, and
/// before the last of several capitals that small letters follow (`APIKey` is `api` and `key`).
fn words(key: &str) -> Vec<String> {
    let chars: Vec<char> = key.chars().collect();
    let mut words = vec![String::new()];
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1);
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || (b.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
    }
    words
}

/// Masks every text of a JSON value.
pub(crate) fn mask_json(value: Value, mask: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(entries) => entries.into_iter().map(|entry| mask_json(entry, mask)).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (mask(&key), mask_json(value, mask))).collect()
        }
        other => other,
    }
}

/// Shows JSON with the values of secret keys masked.
pub(crate) struct Redacted<'a>(pub(crate) &'a Value);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Object(map) => {
                let secret_columns = secret_columns(map.get("columns"));
                f.write_str("{")?;
                for (i, (key, value)) in map.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    write!(f, "{comma}{}:", Value::from(key.as_str()))?;
                    match value {
                        Value::Null | Value::Bool(_) => write!(f, "{value}")?,
                        _ if is_secret_key(key) => write!(f, "{REDACTED:?}")?,
                        Value::Array(rows) if key == "rows" && !secret_columns.is_empty() => {
                            let rows = rows.iter().map(|row| without_cells(row, &secret_columns)).collect();
                            Redacted(&Value::Array(rows)).fmt(f)?;
                        }
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
            Value::String(text) => write!(f, "{}", Value::from(&*without_passwords(text))),
            other => write!(f, "{other}"),
        }
    }
}

/// The columns of a table whose name is that of a secret, if this is the list of its columns.
fn secret_columns(columns: Option<&Value>) -> Vec<usize> {
    let Some(Value::Array(columns)) = columns else { return Vec::new() };
    let is_secret = |column: &Value| {
        let name = column.as_str().or_else(|| column.get("name").and_then(Value::as_str));
        name.is_some_and(is_secret_key)
    };
    columns.iter().enumerate().filter(|(_, column)| is_secret(column)).map(|(i, _)| i).collect()
}

fn without_cells(row: &Value, columns: &[usize]) -> Value {
    let mut row = row.clone();
    for &column in columns {
        if let Some(cell) = row.get_mut(column) {
            *cell = Value::from(REDACTED);
        }
    }
    row
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
            "apikey",
            "APIKey",
            "APIKEY",
            "api_keys",
            "accessKeys",
            "privatekey",
            "pwd",
            "pass",
            "auth",
            "bearer",
            "sasl.jaas.config",
            "dsn",
            "connection_string",
            "connectionStrings",
            "jdbc.url",
            "source.jdbc.url",
            "connection.uri",
            "connection-url",
            "sas",
            "azure.sas",
            "sasUrl",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in [
            "worker.type",
            "kafka.topic.name",
            "name",
            "monkey",
            "record_key_fields",
            "keyboard",
            "state",
            "sasl.mechanism",
            "connection.id",
            "url",
        ] {
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
        let table = serde_json::json!({"columns": ["name", {"name": "secret"}], "rows": [["t", "hunter2"], ["u"], 7]});
        assert_eq!(
            Redacted(&table).to_string(),
            r#"{"columns":["name",{"name":"secret"}],"rows":[["t","[redacted]"],["u"],7]}"#
        );
    }
}
