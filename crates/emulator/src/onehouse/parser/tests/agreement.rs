//! The client and the emulator have a table of spellings each. Here both are compared: a word that is changed
//! on one side only fails.

use controlplane::onehouse::{
    CatalogType, ClusterState, ClusterType, CredentialType, JobType, LakeType, PartitionType,
    PerformanceProfile, RunnableService, SourceType, TableService, TableType, TransformationType,
    TriggerMode, ValidationType, WriteMode,
};
use serde_json::{Map, Value, json};

use super::super::super::helpers;
use super::super::super::words::Word;
use super::commands::{Draw, HELPERS, PARTITION};
use super::*;

/// A value for a parameter.
fn sample(draw: Draw) -> Value {
    match draw {
        Draw::Name | Draw::Text => json!("n1"),
        Draw::RunId => json!("8c3f-1"),
        Draw::Texts => json!(["a", "it's"]),
        Draw::Int => json!(3),
        Draw::Bool | Draw::Yes => json!(true),
        Draw::Options => json!({ "k": "it's" }),
        Draw::Keys => PARTITION
            .iter()
            .map(|kind| json!({ "field": "f", "partition_type": kind, "input_format": "i", "output_format": "o" }))
            .collect(),
        Draw::Enum(known) => json!(known[0]),
    }
}

/// Every helper with what it must have, with all that it may have, and with each value of each of its enums.
fn all_commands() -> Vec<(&'static str, AnyCommand)> {
    let mut all = Vec::new();
    for (helper, required, optional, one_of) in HELPERS {
        let nothing: &[_] = &[];
        let ones: Vec<_> =
            if one_of.is_empty() { vec![nothing] } else { one_of.iter().map(std::slice::from_ref).collect() };
        for (one, optional) in ones.into_iter().flat_map(|one| [(one, nothing), (one, optional)]) {
            // A change of a flow's state has no options.
            if *helper == "alter_flow" && one[0].0 == "state" && !optional.is_empty() {
                continue;
            }
            let fields: Vec<_> = required.iter().chain(optional).chain(one).collect();
            let args: Map<_, _> =
                fields.iter().map(|(name, draw)| ((*name).to_owned(), sample(*draw))).collect();
            let mut add = |args: &Map<String, Value>| {
                all.push((*helper, serde_json::from_value(json!({ *helper: args })).unwrap()));
            };
            add(&args);
            for (name, draw) in fields {
                let Draw::Enum(known) = draw else { continue };
                for value in *known {
                    let mut args = args.clone();
                    args.insert((*name).to_owned(), json!(value));
                    add(&args);
                }
            }
        }
    }
    all
}

#[test]
fn what_the_client_writes_the_parser_reads_as_the_same_command() {
    let mut names = std::collections::BTreeSet::new();
    for (helper, command) in all_commands() {
        let sql = command.to_sql().unwrap();
        assert_eq!(parse(&sql), Ok(Parsed::from(command.clone())), "{sql}");
        assert_eq!(helpers::name(&command), helper);
        names.insert(helper);
    }
    assert_eq!(names.len(), 62);
}

/// So a keyword that the client misspells is never read as the command that was meant.
#[test]
fn a_word_with_one_letter_changed_is_another_command_or_none() {
    for (_, command) in all_commands() {
        let sql = command.to_sql().unwrap();
        for token in tokens(&sql) {
            let is_word = token.kind == Kind::Word;
            let is_enum = matches!(&token.kind, Kind::Text(text) if text.len() > 2);
            if !is_word && !is_enum {
                continue;
            }
            let text = &sql[token.start..token.end];
            for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
                let other = if c.eq_ignore_ascii_case(&'x') { 'y' } else { 'x' };
                let (start, end) = (token.start + at, token.start + at + 1);
                let changed = format!("{}{other}{}", &sql[..start], &sql[end..]);
                assert_ne!(parse(&changed).ok(), Some(Parsed::from(command.clone())), "{changed}");
            }
        }
    }
}

/// Compares the emulator's words for an enum with the client's: those that the client writes, and those that
/// its message for an unknown word lists.
macro_rules! assert_same_words {
    ($($name:ident),+ $(,)?) => {$(
        for (value, word) in $name::KNOWN {
            assert_eq!(value.as_str(), *word, stringify!($name));
            assert_eq!($name::read(word), *value);
        }
        let words: Vec<_> = $name::KNOWN.iter().map(|(_, word)| *word).filter(|word| !word.is_empty()).collect();
        let message = "?".parse::<$name>().unwrap_err().to_string();
        let list = format!("known values: {}", words.join(", "));
        let rest = message.split_once(&list).unwrap_or_else(|| panic!("{message}\n{list}")).1;
        assert!(!rest.starts_with(", "), "{message}\n{list}");
    )+};
}

#[test]
fn the_client_has_the_same_words() {
    assert_same_words!(
        CatalogType,
        ClusterState,
        ClusterType,
        CredentialType,
        JobType,
        LakeType,
        PartitionType,
        PerformanceProfile,
        RunnableService,
        SourceType,
        TableService,
        TableType,
        TransformationType,
        TriggerMode,
        ValidationType,
        WriteMode,
    );
}
