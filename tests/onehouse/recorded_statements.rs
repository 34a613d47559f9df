//! Every recorded statement: the SQL that the vendor's SDK 0.3.0 writes, and what it refuses. The commands of
//! these cases are also what other rules are tried on.

use std::collections::BTreeSet;

use controlplane::Effect;
use controlplane::onehouse::*;
use serde_json::{Value, json};

use crate::statements::{read, sql};
use crate::vectors::{Case, Cases, Report, unknown, unknown_keys};

/// The vendor's cases.
fn statements() -> Cases {
    let own = include_str!("../vectors/onehouse-statements.jsonl");
    let cases = Cases::read("onehouse-statements.jsonl", own, &[]);
    assert!(!cases.is_own() || cases.iter().len() == 291, "{}", cases.iter().len());
    cases
}

/// The vendor's own examples, enums in their canonical case, and what this crate refuses on purpose refused.
fn appendix() -> Cases {
    let own = include_str!("../vectors/onehouse-appendix.jsonl");
    let cases = Cases::read("onehouse-appendix.jsonl", own, &[]);
    assert!(!cases.is_own() || cases.iter().len() == 86, "{}", cases.iter().len());
    cases
}

fn helper(case: &Case) -> &str {
    case.json["helper"].as_str().unwrap()
}

/// The command of a case, from its text as it stands in the file.
fn command(case: &Case) -> Result<AnyCommand, String> {
    let args = case.raw("/args").unwrap();
    serde_json::from_str(&format!("{{\"{}\": {args}}}", helper(case))).map_err(|error| error.to_string())
}

/// Runs a test on every case that has SQL. Those that cannot be read are failures of the first test.
fn on_every_command(test: impl Fn(&Case, &AnyCommand)) {
    for cases in [statements(), appendix()] {
        let mut report = Report::strict(&cases);
        for case in cases.iter().filter(|case| case.json["sql"].is_string()) {
            let Ok(command) = command(case) else { continue };
            report.run(case, "", || {
                test(case, &command);
                Vec::new()
            });
        }
        report.finish();
    }
}

/// True for what this crate refuses although the vendor's SDK sends it: a name that ends with a line feed,
/// NUL in the key of an option, a look-alike in an enum, and a change of state together with options, which
/// the SDK drops.
fn is_refused_on_purpose(case: &Case) -> bool {
    let args = case.json["args"].as_object().unwrap();
    let is_odd = |(name, value): (&String, &Value)| match value {
        Value::String(text) => {
            let looks_alike = text.contains(['\u{212a}', '\u{17f}', '\u{131}', '\u{130}']);
            text.ends_with('\n') || looks_alike && name != "new_name"
        }
        Value::Object(options) if name == "options" => options.keys().any(|key| key.contains('\0')),
        _ => false,
    };
    args.iter().any(is_odd)
        || helper(case) == "alter_flow" && args.contains_key("state") && args.contains_key("options")
}

#[test]
fn every_vector_gives_the_vendors_sql_or_is_refused() {
    for cases in [statements(), appendix()] {
        let mut report = Report::new(&cases);
        for case in cases.iter() {
            report.run(case, "", || {
                let mut wrong =
                    unknown_keys(&case.json, "the case", &["helper", "args", "sql", "refused", "name", "id"]);
                let got = command(case).and_then(|command| sql(&command));
                match (case.json["sql"].as_str(), case.json["refused"] == true, got) {
                    (Some(_), false, Err(_)) if is_refused_on_purpose(case) => {}
                    (Some(_), false, Ok(got)) if is_refused_on_purpose(case) => {
                        wrong.push(format!("it is to be refused, and gives {got:?}"));
                    }
                    (Some(sql), false, Ok(got)) if got == sql => {}
                    (None, true, Err(_)) => {}
                    (None, false, _) | (Some(_), true, _) => wrong.push(unknown("what is expected")),
                    (Some(sql), false, got) => wrong.push(format!("{got:?}\n    is not {sql:?}")),
                    (None, true, got) => wrong.push(format!("not refused: {got:?}")),
                }
                wrong
            });
        }
        report.finish();
    }
}

/// The names of all variants, as serde lists them.
fn variants() -> BTreeSet<String> {
    let error = serde_json::from_str::<AnyCommand>(r#"{"": {}}"#).unwrap_err().to_string();
    let (_, list) = error.split_once("expected one of ").unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn there_are_62_commands_of_the_vendors_sdk_and_each_has_its_helpers_name() {
    on_every_command(|case, command| {
        let name = command.name();
        assert_eq!(name, helper(case));
        let written = serde_json::to_value(command).unwrap();
        assert_eq!(written.as_object().unwrap().keys().collect::<Vec<_>>(), [name]);
    });
    let all = [statements(), appendix()];
    let with_sql = all.iter().flat_map(|cases| cases.iter()).filter(|case| case.json["sql"].is_string());
    let helpers: BTreeSet<String> = with_sql.map(|case| helper(case).to_owned()).collect();
    if all.iter().all(Cases::is_own) {
        assert_eq!(helpers.len(), 62);
        // Commands that the vendor documents and its SDK lacks.
        let own = ["grant_privilege", "grant_role", "show_policies", "show_policies_diff"].map(str::to_owned);
        assert_eq!(variants().difference(&helpers).cloned().collect::<BTreeSet<_>>(), own.into());
        assert!(helpers.is_subset(&variants()));
    }
}

#[test]
fn shows_and_describes_may_be_repeated_and_nothing_else() {
    on_every_command(|_, command| {
        let name = command.name();
        let reads = name.starts_with("show_") || name.starts_with("describe_");
        assert_eq!(command.effect() == Effect::Repeatable, reads, "{}", name);
    });
}

#[test]
fn json_says_what_it_was_read_from() {
    /// Drops what is written in a shorter way: `false`, and the formats of a partition key.
    fn essential(value: &Value) -> Value {
        match value {
            Value::Object(map) => map
                .iter()
                .filter(|(key, value)| {
                    let format = key.ends_with("_format") || *key == "partition_type";
                    let flag = ["cascade", "if_not_exists", "advanced_configs"].contains(&key.as_str());
                    !(format && *value == "" || flag && **value == false || **value == json!({}))
                })
                .map(|(key, value)| (key.clone(), essential(value)))
                .collect(),
            Value::Array(entries) => entries.iter().map(essential).collect(),
            other => other.clone(),
        }
    }
    on_every_command(|case, command| {
        let written = serde_json::to_value(command).unwrap();
        assert_eq!(serde_json::from_value::<AnyCommand>(written.clone()).unwrap(), *command);
        if case.json["args"]["type"] != "hive" {
            assert_eq!(essential(&written[helper(case)]), essential(&case.json["args"]));
        }
    });
}

#[test]
fn unknown_keys_and_missing_ones_are_refused() {
    on_every_command(|case, _| {
        let (helper, args) = (helper(case), &case.json["args"]);
        let mut more = args.clone();
        more["surprise"] = json!(1);
        assert!(read(helper, more).unwrap_err().contains("surprise"));
        for required in ["name", "lake", "database", "table", "type", "job_name", "cluster", "parameters"] {
            let mut fewer = args.clone();
            let had = fewer.as_object_mut().unwrap().remove(required).is_some();
            let optional = helper == "alter_cluster" && required != "name";
            assert!(!had || optional || read(helper, fewer).is_err(), "{helper} without {required}");
        }
    });
}
