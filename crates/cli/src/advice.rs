//! The library's advice in the words of a command line.
//!
//! The errors of the library are for programs, and name its methods. A person has options and variables.

/// Phrases of the library, and what a command line says in their place.
const PHRASES: &[(&str, &str)] = &[
    ("add `.unchecked_names()` to the call", "add `--unchecked-names`"),
    (
        "Set it with `.database_id(…)`, on the call or on the client's builder, or set HOTDATA_DATABASE.",
        "Add `-d DATABASE`, or set HOTDATA_DATABASE.",
    ),
    (", or call `.workspace_id(…)` of `Credentials::builder()`", ""),
    (", or call `.api_key(…)` of `Credentials::builder()`", ""),
    (", or pass the key to `Client::from_key`", ""),
    ("with `Credentials::builder().platform_token(…)`, ", ""),
    ("with `Credentials::builder().environment(…)`, ", ""),
    ("Set them on the builder, set ", "Set "),
    (
        "Wait with `wait_for_cluster`, then request them again.",
        "Wait with `controlplane eloq wait NAME`, then try again.",
    ),
    ("`clusters` lists", "`controlplane eloq clusters` lists"),
    (
        "List the existing clusters with `clusters`.",
        "List the existing clusters with `controlplane eloq clusters`.",
    ),
    (", or name the directory with `sessions_directory`", ""),
    ("Wait before sending it again, or lower the client's rate limit.", "Wait before sending it again."),
    (" The URL comes from `.proxy(…)`, or from", " The URL comes from"),
    ("To send a value that is not in this list, use the enum's `Other` variant.", ""),
    (", and keep each later one with `on_token_rotated`", ""),
    ("`.timeout(…)`", "`--timeout`"),
    ("For a pipe or a device use `.upload_reader(…)`.", "For a pipe use `-`, which is standard input."),
    ("Run it with `.follow(false)` to have the first rows.", "Write its rows to a file with `--arrow FILE`."),
    (
        "Use the client that the journal was written with.",
        "Use the credentials that the journal was written with.",
    ),
    (
        "Use the clients that the journal was written with.",
        "Use the credentials that the journal was written with.",
    ),
    ("Pass the token to `Client::builder()`", "Set the token"),
    ("Get it with `get_run`", "Get it with `controlplane h2o runs get NAME`"),
    ("get the whole log with `get_step_logs`", "get the whole log with `controlplane h2o logs`"),
];

/// Returns the advice without methods of the library: in other words where there are any, else without the
/// sentence. `None` if nothing is left.
pub(crate) fn translated(advice: &str) -> Option<String> {
    let mut text = advice.to_owned();
    for (theirs, ours) in PHRASES {
        text = text.replace(theirs, ours);
    }
    let is_ours = |sentence: &&str| {
        let names_a_method = sentence.contains("`.") && sentence.contains('(');
        !names_a_method && !["::", "`client.", "(…)"].iter().any(|mark| sentence.contains(mark))
    };
    let kept: Vec<&str> = sentences(&text).into_iter().filter(is_ours).collect();
    let kept = kept.concat();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// The sentences of a text, each with the blank behind it.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(". ") {
        // Not behind an abbreviation or inside a file's name: a sentence begins with a capital or a quote.
        if text[at + 2..].starts_with(|c: char| c.is_uppercase() || c == '`') {
            sentences.push(&text[begin..at + 2]);
            begin = at + 2;
        }
    }
    sentences.push(&text[begin..]);
    sentences
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
            let ours = translated(advice).unwrap();
            assert_ne!(ours, advice);
            assert!(!ours.contains("builder") && !ours.contains("()"), "{ours}");
        }
    }

    #[test]
    fn methods_are_replaced_or_their_sentences_left_out() {
        for (theirs, ours) in [
            (
                "Nothing was sent. Set HOTDATA_API_KEY, or call `.api_key(…)` of `Credentials::builder()`.",
                Some("Nothing was sent. Set HOTDATA_API_KEY."),
            ),
            (
                "Set ELOQ_API_KEY, or pass the key to `Client::from_key`. Keys are created in the console.",
                Some("Set ELOQ_API_KEY. Keys are created in the console."),
            ),
            ("Nothing was sent. Call `client.something()`.", Some("Nothing was sent.")),
            ("Use `.anything(1)`.", None),
            (
                "Set it in ~/.h2oai/h2o-cli-config.toml. Then try again.",
                Some("Set it in ~/.h2oai/h2o-cli-config.toml. Then try again."),
            ),
            (
                "Send the call again, with more time (`.timeout(…)`).",
                Some("Send the call again, with more time (`--timeout`)."),
            ),
            ("`clusters` lists them.", Some("`controlplane eloq clusters` lists them.")),
        ] {
            assert_eq!(translated(theirs).as_deref(), ours, "{theirs}");
        }
    }
}
