//! The SDK's advice in the words of a command line.

/// What the SDK says to a program, and what that is here.
const WORDS: &[(&str, &str)] = &[
    ("add `.unchecked_names()` to the call", "add `--unchecked-names`"),
    ("Set them on the builder, set ", "Set "),
    (", or call `.api_key(…)` of `Credentials::builder()`", ""),
    (", or call `.workspace_id(…)` of `Credentials::builder()`", ""),
    ("Set it with `.database_id(…)`, on the call or on the client's builder, or set", "Set"),
    ("`.timeout(…)`", "`--timeout`"),
];

/// Translates what has another name on a command line.
pub(crate) fn translated(advice: &str) -> String {
    WORDS.iter().fold(advice.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours))
}

#[cfg(test)]
mod tests {
    use controlplane::onehouse::{Client, Credentials};

    use super::*;

    #[test]
    fn nothing_names_a_method() {
        let missing = Credentials::builder().env([("HOME", "/nowhere")]).build().unwrap_err();
        let name = Client::offline().describe_cluster("a b").to_sql().unwrap_err();
        for error in [missing, name] {
            let text = error.to_string();
            let (_, advice) = text.split_once('\n').unwrap();
            assert_ne!(translated(advice), advice);
            assert!(
                !translated(advice).contains("builder") && !translated(advice).contains("()"),
                "{advice}"
            );
        }
        assert_eq!(
            translated("Send the call again, with more time (`.timeout(…)`)."),
            "Send the call again, with more time (`--timeout`)."
        );
    }
}
