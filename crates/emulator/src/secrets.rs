//! Which keys of options name secrets: their values are shown in no payload and no log.

/// The text shown in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Words of a key that name a secret.
const SECRET_WORDS: [&str; 19] = [
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
];

/// Ends of words that name secrets, written together with what is before them: `apikey`, `privatekeys`.
const SECRET_ENDS: [&str; 8] =
    ["apikey", "apikeys", "accesskey", "accesskeys", "privatekey", "privatekeys", "secretkey", "authkey"];

/// Parts that name secrets wherever they stand.
const SECRET_PARTS: [&str; 5] = ["secret", "password", "passwd", "passphrase", "token"];

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
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in
            ["worker.type", "kafka.topic.name", "name", "monkey", "record_key_fields", "keyboard", "state"]
        {
            assert!(!is_secret_key(key), "{key}");
        }
    }
}
