//! Whatever text a command is given, its SQL has that text as one value, or there is no SQL.
//!
//! Every place in every vector that holds a text is tried, in turn, with texts made to break out. The SQL is
//! read back by a small scanner of this file, which shares nothing with the crate.

use std::collections::BTreeSet;

use controlplane::onehouse::{AnyCommand, Command, NameCheck};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A text that is good everywhere: as a name, as the id of a run, and in quotes.
const MARK: &str = "abcdef";

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Sign(char),
    Quoted(String),
    Ticked(String),
}

/// `None` if a quote or a backtick is not closed.
fn scan(sql: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\n' => {}
            '\'' => {
                let mut text = String::new();
                loop {
                    match chars.next()? {
                        '\'' if chars.next_if_eq(&'\'').is_some() => text.push('\''),
                        '\'' => break,
                        c => text.push(c),
                    }
                }
                tokens.push(Token::Quoted(text));
            }
            '`' => {
                let mut text = String::new();
                loop {
                    match chars.next()? {
                        '`' => break,
                        c => text.push(c),
                    }
                }
                tokens.push(Token::Ticked(text));
            }
            '(' | ')' | ',' | '=' => tokens.push(Token::Sign(c)),
            _ => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| !" \n'`(),=".contains(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

/// A place in the JSON of a command that takes a text.
#[derive(Debug)]
struct Place {
    plan: Value,
    path: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    /// An enum, which takes any text as `{"other": …}`.
    Enum,
    /// The key of an option.
    Key,
}

impl Place {
    fn with(&self, text: &str) -> Value {
        fn put(value: &mut Value, path: &[String], kind: Kind, text: &str) {
            match (path, value) {
                ([key], Value::Object(map)) if kind == Kind::Key => {
                    *map = map
                        .iter()
                        .map(|(k, v)| (if k == key { text.to_owned() } else { k.clone() }, v.clone()))
                        .collect();
                }
                ([], value) if kind == Kind::Enum => *value = json!({ "other": text }),
                ([], value) => *value = json!(text),
                ([key, rest @ ..], Value::Object(map)) => put(&mut map[key.as_str()], rest, kind, text),
                ([index, rest @ ..], Value::Array(entries)) => {
                    put(&mut entries[index.parse::<usize>().unwrap()], rest, kind, text)
                }
                (path, value) => unreachable!("{path:?} in {value}"),
            }
        }
        let mut plan = self.plan.clone();
        put(&mut plan, &self.path, self.kind, text);
        plan
    }

    fn command(&self, text: &str) -> Option<AnyCommand> {
        serde_json::from_value(self.with(text)).ok()
    }

    /// Checks one text here; true if it was taken.
    fn holds(&self, text: &str, names: NameCheck) -> bool {
        let Some(command) = self.command(text) else { return false };
        let Ok(sql) = command.render(names) else { return false };
        let baseline = self.command(MARK).unwrap().render(names).unwrap();
        let wanted: Vec<Token> = scan(&baseline)
            .unwrap()
            .into_iter()
            .map(|token| match token {
                Token::Quoted(mark) if mark == MARK => Token::Quoted(text.to_owned()),
                Token::Ticked(mark) if mark == MARK => Token::Ticked(text.to_owned()),
                other => other,
            })
            .collect();
        assert_eq!(scan(&sql).as_ref(), Some(&wanted), "{text:?} broke out of {sql}");
        assert_eq!(sql.lines().count(), baseline.lines().count(), "{sql}");
        assert!(!sql.contains(['\r', '\0']), "{sql:?}");

        let written = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<AnyCommand>(&written).unwrap(), command);
        true
    }
}

fn places() -> Vec<Place> {
    fn walk(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, bool)>) {
        match value {
            Value::String(_) => found.push((path.clone(), false)),
            Value::Object(map) => {
                for (key, value) in map {
                    path.push(key.clone());
                    if path.iter().rev().nth(1).is_some_and(|parent| parent == "options") {
                        found.push((path.clone(), true));
                    }
                    walk(value, path, found);
                    path.pop();
                }
            }
            Value::Array(entries) => {
                for (index, value) in entries.iter().enumerate() {
                    path.push(index.to_string());
                    walk(value, path, found);
                    path.pop();
                }
            }
            _ => {}
        }
    }
    let lines = [
        include_str!("../vectors/onehouse-statements.jsonl"),
        include_str!("../vectors/onehouse-appendix.jsonl"),
    ];
    let mut places = Vec::new();
    for line in lines.into_iter().flat_map(str::lines) {
        let case: Value = serde_json::from_str(line).unwrap();
        if !case["sql"].is_string() {
            continue;
        }
        let plan = json!({ case["helper"].as_str().unwrap(): case["args"] });
        let mut found = Vec::new();
        walk(&plan, &mut Vec::new(), &mut found);
        for (path, is_key) in found {
            let kinds = if is_key { vec![Kind::Key] } else { vec![Kind::Text, Kind::Enum] };
            let place = kinds
                .into_iter()
                .map(|kind| Place { plan: plan.clone(), path: path.clone(), kind })
                .find(|place| place.command(MARK).is_some_and(|command| command.to_sql().is_ok()))
                .unwrap_or_else(|| panic!("{path:?} of {plan} takes no {MARK}"));
            places.push(place);
        }
    }
    places
}

/// Texts that have broken something somewhere.
const NASTY: [&str; 34] = [
    "",
    "'",
    "''",
    "'''",
    "\\",
    "\\'",
    "'; DROP LAKE x; --",
    "' CASCADE",
    "x' WITH 'k' = 'v",
    "a', 'b",
    "')",
    "`",
    "``",
    "a` CASCADE",
    "a`; DELETE LAKE `b",
    ";",
    "--",
    "/*",
    "\"",
    "\n",
    "abc\n",
    "\r",
    "\r\n",
    "\0",
    "a\0b",
    "\t",
    "\u{b}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{202e}",
    "\u{ff07}",
    "${x}",
    " leading and trailing ",
];

#[test]
fn the_scanner_sees_what_breaks_out() {
    let broken = scan("SHOW TABLES LAKE = 'a' WITH 'k' = 'v'").unwrap();
    assert_ne!(broken, scan("SHOW TABLES LAKE = 'a'' WITH ''k'' = ''v'").unwrap());
    assert_eq!(
        scan("LAKE = 'it'"),
        Some(vec![Token::Word("LAKE".into()), Token::Sign('='), Token::Quoted("it".into())])
    );
    assert_eq!(scan("'it''s' `a'b`"), Some(vec![Token::Quoted("it's".into()), Token::Ticked("a'b".into())]));
    assert_eq!(scan("'it"), None);
    assert_eq!(scan("`it"), None);
}

#[test]
fn a_misspelt_enum_is_refused_everywhere() {
    const ENUMS: [&str; 11] = [
        "credential_type",
        "lake_type",
        "partition_type",
        "performance_profile",
        "service",
        "source_type",
        "state",
        "table_type",
        "trigger_mode",
        "type",
        "write_mode",
    ];
    let mut seen = BTreeSet::new();
    for place in places() {
        let parameter = place.path.last().unwrap();
        let options = place.path.iter().any(|key| key == "options");
        if !options && ENUMS.contains(&parameter.as_str()) {
            assert_eq!(place.kind, Kind::Enum, "{place:?}");
            seen.insert(parameter.clone());
        } else {
            assert_ne!(place.kind, Kind::Enum, "{place:?}");
        }
    }
    assert_eq!(seen.iter().collect::<Vec<_>>(), ENUMS);
}

#[test]
fn nasty_texts_stay_inside_everywhere() {
    let places = places();
    assert!(places.iter().any(|place| place.kind == Kind::Key));
    let mut taken = 0;
    for place in &places {
        for text in NASTY {
            for names in [NameCheck::Strict, NameCheck::Unchecked] {
                taken += usize::from(place.holds(text, names));
            }
        }
        assert!(place.holds(MARK, NameCheck::Strict));
    }
    // So that the test above cannot pass by refusing everything.
    assert!(taken > places.len() * 10, "{taken} of {} places", places.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_stays_inside_everywhere(
        place in any::<prop::sample::Index>(),
        text in prop_oneof![
            any::<String>(),
            "[a-zA-Z'`;\"\\\\ \n=(),-]{0,12}",
            "['`\\\\]{0,6}",
            "[a-z][a-z0-9_-]{0,8}[\n'` ]?",
        ],
        unchecked in any::<bool>(),
    ) {
        thread_local! {
            static PLACES: Vec<Place> = places();
        }
        let names = if unchecked { NameCheck::Unchecked } else { NameCheck::Strict };
        PLACES.with(|places| place.get(places).holds(&text, names));
    }
}
