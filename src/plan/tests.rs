//! Plans and their faults.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    Create(Create),
    #[serde(rename = "run.start_run")]
    StartRun(Start),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    size: u32,
    #[serde(default)]
    tags: Vec<u8>,
    #[serde(default)]
    inner: Option<Inner>,
    #[serde(default)]
    options: BTreeMap<String, bool>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    color: String,
    weight: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    a: String,
    b: Vec<u8>,
    c: bool,
}

/// The faults of a plan, one line each.
fn faults(text: &str) -> Vec<String> {
    let faults = read::<Command>(text).unwrap_err();
    assert_eq!(faults.to_string().lines().count(), faults.len());
    faults.iter().map(Fault::to_string).collect()
}

/// The faults of one command at the beginning of line 2.
fn faults_of(command: &str) -> Vec<String> {
    faults(&format!("[{{\"key\": \"k\", \"command\":\n{command}}}]"))
}

#[test]
fn a_plan_is_read_with_its_places() {
    let text = "\u{feff}[\n  {\"key\": \"a\", \"command\": {\"create\": {\"name\": \"é\", \"size\": 1}}},\n\t{\"after\": [\"a\"], \"command\":\n {\"run.start_run\": {\"a\": \"\", \"b\": [], \"c\": true}}, \"key\": \"b\"}]";
    let steps = read::<Command>(text).unwrap();
    assert_eq!((&*steps[0].key, &*steps[1].key), ("a", "b"));
    assert_eq!((steps[0].after.len(), &*steps[1].after), (0, &["a".to_owned()][..]));
    assert_eq!((steps[0].place.to_string(), steps[1].place.to_string()), ("2:27".into(), "4:2".into()));
    assert_eq!(read::<Command>("[]").unwrap(), []);
    // A type that is not an enum has no names.
    let steps = read::<serde_json::Value>("[{\"key\": \"a\", \"command\": 5}]").unwrap();
    assert_eq!(steps[0].command, 5);
}

#[test]
fn every_fault_of_a_command_has_its_place() {
    let command = "{\"create\": {\"nme\": \"x\",\n \"size\": \"hunter2\", \"tags\": [1, \"é\", 300],\n \"inner\": {\"colour\": 1},\n  \"options\": {\"a\": true, \"b\": 5}}}";
    assert_eq!(
        faults_of(command),
        [
            "2:12: missing field `name`",
            "2:13: unknown field `nme`; did you mean `name`?",
            "3:10: invalid type: string, expected u32",
            "3:33: invalid type: string, expected u8",
            "3:38: invalid value: integer, expected u8",
            "4:11: missing field `color`",
            "4:11: missing field `weight`",
            "4:12: unknown field `colour`; did you mean `color`?",
            "5:31: invalid type: integer, expected a boolean",
        ]
    );
    assert_eq!(
        faults_of("{\"run.start_run\": {}}"),
        ["2:19: missing field `a`", "2:19: missing field `b`", "2:19: missing field `c`"]
    );
    // A value that is wrong does not count as missing besides.
    assert_eq!(
        faults_of("{\"run.start_run\": {\"a\": 1, \"b\": 2, \"c\": 3}}"),
        [
            "2:25: invalid type: integer, expected a string",
            "2:33: invalid type: integer, expected a sequence",
            "2:41: invalid type: integer, expected a boolean",
        ]
    );
    // serde reads a list as a structure too.
    assert_eq!(faults_of("{\"create\": [1]}")[1], "2:13: invalid type: integer, expected a string");
    assert_eq!(
        faults_of("{\"create\": {\"name\": \"a\", \"name\": \"b\", \"size\": 1}}"),
        ["2:26: duplicate field `name`"]
    );
}

#[test]
fn a_command_that_is_not_known_has_similar_names() {
    assert_eq!(faults_of("{\"craete\": {}}"), ["2:2: unknown command `craete`; did you mean `create`?"]);
    assert_eq!(
        faults_of("{\"start_run\": {}}"),
        ["2:2: unknown command `start_run`; did you mean `run.start_run`?"]
    );
    assert_eq!(
        faults_of("{\"x\": {}}"),
        ["2:2: unknown command `x`; known names: `create`, `run.start_run`"]
    );
    for bad in ["{}", "5", "null", "[]", "\"create\"", "{\"create\": {}, \"create\": {}}"] {
        assert_eq!(faults_of(bad), ["2:1: a command must be an object with one key, its name"], "{bad}");
    }
    let long = "x".repeat(1000);
    assert!(faults_of(&format!("{{\"{long}\": {{}}}}"))[0].len() < 600);
}

#[test]
fn steps_have_a_key_a_command_and_nothing_else() {
    assert_eq!(
        faults(
            "[{\"kye\": 1}, 5, {\"key\": \"\", \"command\": 1, \"after\": 2},\n{\"key\": 3, \"after\": [4], \"after\": []}]"
        ),
        [
            "1:2: missing field `command`",
            "1:2: missing field `key`",
            "1:3: unknown field `kye`; did you mean `key`?",
            "1:14: a step must be an object with `key` and `command`, and optionally `after`",
            "1:25: `key` must be a string that is not empty",
            "1:40: a command must be an object with one key, its name",
            "1:52: `after` must be a list of keys",
            "2:1: missing field `command`",
            "2:9: `key` must be a string that is not empty",
            "2:22: a key in `after` must be a string",
            "2:26: field `after` appears more than once",
        ]
    );
    for (text, fault) in [
        ("", "1:1: not JSON: EOF while parsing a value"),
        ("{}", "1:1: a plan must be a list of steps"),
        ("[1,\n 2", "2:2: not JSON: EOF while parsing a list"),
        ("[\n  {\"key\" 1}]", "2:10: not JSON: expected `:`"),
        ("[] x", "1:4: not JSON: trailing characters"),
    ] {
        assert_eq!(faults(text), [fault], "{text:?}");
    }
    assert!(faults(&"[".repeat(100_000))[0].contains("not JSON"));
}

#[test]
fn keys_and_what_comes_after_what() {
    let step = |key: &str, after: &str| {
        format!(
            "{{\"key\": \"{key}\", \"command\": {{\"create\": {{\"name\": \"n\", \"size\": 1}}}}, \"after\": [{after}]}}"
        )
    };
    let plan = |steps: &[(&str, &str)]| {
        let steps: Vec<String> = steps.iter().map(|(key, after)| step(key, after)).collect();
        format!("[{}]", steps.join(",\n"))
    };
    // The order in the file does not count.
    assert!(read::<Command>(&plan(&[("a", "\"b\""), ("b", "")])).is_ok());
    assert_eq!(
        faults(&plan(&[("lake", ""), ("lake", ""), ("c", "\"lakes\", \"nothing like it\"")])),
        [
            "2:9: the step at 1:10 already has the key `lake`",
            "3:73: unknown step `lakes`; did you mean `lake`?",
            "3:82: unknown step `nothing like it`; known names: `lake`, `c`",
        ]
    );
    let circle =
        faults(&plan(&[("before", "\"b\""), ("a", "\"c\""), ("b", "\"a\""), ("c", "\"b\""), ("d", "")]));
    assert_eq!(circle.len(), 1);
    assert!(circle[0].contains("`after` forms a cycle: `b` → `a` → `c` → `b`"), "{circle:?}");
    assert_eq!(faults(&plan(&[("a", "\"a\"")])), ["1:10: `after` forms a cycle: `a` → `a`"]);
}

/// Whatever a plan is cut or changed to, there is no panic, and a fault lies in the text.
#[test]
fn any_text_is_a_plan_or_has_faults() {
    let text = "[{\"key\": \"a\\\"\", \"command\": {\"create\": {\"name\": \"é\\u00e9\", \"size\": 1, \"tags\": [1, 2],\n \"inner\": {\"color\": \"x\", \"weight\": 2}, \"options\": {\"k\": false}}}, \"after\": [\"b\"]},\n{\"key\": \"b\", \"command\": {\"run.start_run\": {\"a\": \"\", \"b\": [1], \"c\": true}}}]";
    assert!(read::<Command>(text).is_ok());
    let check = |text: &str| {
        if let Err(faults) = read::<Command>(text) {
            assert!(!faults.is_empty());
            for fault in faults.iter() {
                let line = text.lines().nth(fault.place.line - 1).unwrap_or_default();
                assert!(
                    fault.place.line <= text.lines().count() + 1
                        && fault.place.column <= line.chars().count() + 1,
                    "{fault} {text}"
                );
            }
        }
    };
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        check(&text[..at]);
        for piece in ["5", "\"x\"", "null", "{}", "[]", ",", "}", "\n", "é"] {
            check(&format!("{}{piece}{}", &text[..at], &text[at..]));
            let next = text[at..].chars().next().map_or(0, char::len_utf8);
            check(&format!("{}{piece}{}", &text[..at], &text[at + next..]));
        }
    }
}

/// Commands of several services.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Several {
    First(Command),
    Second(Other),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Other {
    Start(Start),
}

#[test]
fn commands_that_name_their_service_have_the_same_faults() {
    let of = |command: &str| {
        let text = format!("[{{\"key\": \"k\", \"command\":\n{command}}}]");
        let faults = read::<Several>(&text).unwrap_err();
        faults.iter().map(Fault::to_string).collect::<Vec<_>>()
    };
    let good = r#"[{"key": "k", "command": {"second": {"start": {"a": "x", "b": [1], "c": true}}}}]"#;
    let steps = read::<Several>(good).unwrap();
    let start = Start { a: "x".into(), b: vec![1], c: true };
    assert_eq!(steps[0].command, Several::Second(Other::Start(start)));
    assert_eq!(of(r#"{"frist": {"create": {}}}"#), ["2:2: unknown command `frist`; did you mean `first`?"]);
    assert_eq!(
        of(r#"{"first": {"craete": {}}}"#),
        ["2:12: unknown command `craete`; did you mean `create`?"]
    );
    assert_eq!(of(r#"{"second": {"create": {}}}"#), ["2:13: unknown command `create`; known names: `start`"]);
    let one_key = "a command must be an object with one key, its name";
    assert_eq!(of(r#"{"first": {}}"#), [format!("2:11: {one_key}")]);
    assert_eq!(of(r#"{"first": "create"}"#), [format!("2:11: {one_key}")]);
    assert_eq!(of(r#"{"first": {"create": {}, "x": {}}}"#), [format!("2:11: {one_key}")]);
    // Every fault of the fields, as without a service.
    let wrong = r#"{"create": {"nme": "x", "size": -1, "inner": {"color": 5}}}"#;
    let shift = "{\"first\": ".len();
    let plain = faults_of(wrong);
    assert!(plain.len() >= 4, "{plain:?}");
    let shifted = plain.iter().map(|fault| {
        let (place, message) = fault.strip_prefix("2:").unwrap().split_once(':').unwrap();
        format!("2:{}:{message}", place.parse::<usize>().unwrap() + shift)
    });
    assert_eq!(of(&format!("{{\"first\": {wrong}}}")), shifted.collect::<Vec<_>>());
}

#[test]
fn columns_of_a_long_line_count_characters() {
    // Longer than the distance of two counts, with characters of one to four bytes on their borders.
    for filler in ["a", "\u{e9}", "\u{65e5}", "\u{1f600}"] {
        for length in [0, 1, 255, 256, 341, 342, 511, 512, 1023, 1024, 1025, 5000] {
            let head = format!("[{{\"key\": \"{}\", \"command\": ", filler.repeat(length + 1));
            let text = format!("{head}{{\"nothing\": {{}}}}}}]");
            let fault = faults(&text).remove(0);
            assert!(fault.starts_with(&format!("1:{}: ", head.chars().count() + 2)), "{length}: {fault}");
            let text = format!("[\n{}", &text[1..]);
            let fault = faults(&text).remove(0);
            assert!(fault.starts_with(&format!("2:{}: ", head.chars().count() + 1)), "{length}: {fault}");
        }
    }
    // The end of a text that is as long as the distance.
    let text = format!("[{}", " ".repeat(1023));
    assert!(faults(&text)[0].starts_with("1:1024: "), "{:?}", faults(&text));
}

/// A command of one service, or one that has another command in a field.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Nested {
    Wrap(Wrap),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrap {
    path: String,
    inner: Command,
    #[serde(default)]
    note: Option<String>,
}

#[test]
fn a_command_in_a_field_has_its_faults() {
    let of = |wrap: &str| {
        let text = format!("[{{\"key\": \"k\", \"command\": {{\"wrap\":\n{wrap}}}}}]");
        let faults = read::<Nested>(&text).unwrap_err();
        faults.iter().map(Fault::to_string).collect::<Vec<_>>()
    };
    let not_a_command = "a command must be an object with one key, its name";
    assert_eq!(
        of(r#"{"path": 1, "inner": {"craete": {"name": 1}}, "nte": "x"}"#),
        [
            "2:10: invalid type: integer, expected a string",
            "2:23: unknown command `craete`; did you mean `create`?",
            "2:47: unknown field `nte`; did you mean `note`?",
        ]
    );
    assert_eq!(
        of(r#"{"inner": {"create": {"nme": "x", "size": 1}}}"#),
        [
            "2:1: missing field `path`",
            "2:22: missing field `name`",
            "2:23: unknown field `nme`; did you mean `name`?",
        ]
    );
    assert_eq!(of(r#"{"path": "x"}"#), ["2:1: missing field `inner`"]);
    let create = r#"{"name": "x", "size": 1}"#;
    for inner in
        ["5", "{}", "[]", "null", "\"create\"", "\"nothing\"", &format!("{{\"create\": {create}, \"x\": 1}}")]
    {
        let faults = of(&format!(r#"{{"inner": {inner}, "path": 5}}"#));
        let at = format!("2:{}", r#"{"inner": "#.len() + 1);
        let end = format!("2:{}", r#"{"inner": , "path": "#.len() + inner.len() + 1);
        let is_name = inner == "\"nothing\"";
        let first = if is_name { "unknown variant `nothing`, expected" } else { not_a_command };
        assert!(faults[0].starts_with(&format!("{at}: {first}")), "{inner}: {faults:?}");
        assert_eq!(faults[1..], [format!("{end}: invalid type: integer, expected a string")], "{inner}");
    }
}

/// An enum that reads some of its variants as another one.
#[derive(Clone, Debug, PartialEq)]
enum Both {
    Command(Command),
    Start(Start),
}

impl<'de> Deserialize<'de> for Both {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByName;
        impl<'de> serde::de::Visitor<'de> for ByName {
            type Value = Both;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a command")
            }

            fn visit_enum<A: serde::de::EnumAccess<'de>>(self, access: A) -> Result<Both, A::Error> {
                use serde::de::VariantAccess;
                let (name, value) = access.variant::<String>()?;
                match &*name {
                    "start" => value.newtype_variant().map(Both::Start),
                    "create" => value.newtype_variant().map(Command::Create).map(Both::Command),
                    _ => Err(serde::de::Error::unknown_variant(&name, &["create"])),
                }
            }
        }
        deserializer.deserialize_enum("Both", &["start"], ByName)
    }
}

#[test]
fn an_enum_may_have_the_names_of_another_one() {
    let of = |command: &str| {
        let text = format!("[{{\"key\": \"k\", \"command\":\n{command}}}]");
        read::<Both>(&text).map_err(|faults| faults.iter().map(Fault::to_string).collect::<Vec<_>>())
    };
    let steps = of(r#"{"create": {"name": "x", "size": 1}}"#).unwrap();
    assert!(matches!(steps[0].command, Both::Command(_)));
    assert!(matches!(of(r#"{"start": {"a": "x", "b": [], "c": true}}"#).unwrap()[0].command, Both::Start(_)));
    assert_eq!(
        of(r#"{"craete": {}}"#).unwrap_err(),
        ["2:2: unknown command `craete`; did you mean `create`?"]
    );
    assert_eq!(of(r#"{"strt": {}}"#).unwrap_err(), ["2:2: unknown command `strt`; did you mean `start`?"]);
    assert_eq!(of(r#"{"x": {}}"#).unwrap_err(), ["2:2: unknown command `x`; known names: `start`, `create`"]);
    assert_eq!(of(r#"{"create": {"nme": "x", "name": "x", "size": 1}}"#).unwrap_err().len(), 1);
}
