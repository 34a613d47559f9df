//! The JSON Schemas in `schemas/`: they are what the readers of commands and plans take.
//!
//! After a change of a command: `UPDATE_SCHEMAS=1 cargo test --all-features --test schemas`.

mod describe;
mod documents;
mod hole;
mod learn;
mod validate;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use controlplane::{PlanCommand, eloq, h2o_workflows, hotdata, onehouse, plan};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use describe::Source;
use hole::{Hole, Reads};
use learn::learn;
use validate::fits;

/// A service whose commands are read from JSON.
struct Service {
    /// The folder of its source, and what its vectors are called.
    folder: &'static str,
    name: &'static str,
    reads: Reads,
    /// Reads what a plan may have in the place of a command.
    reads_in_plan: Reads,
    reads_plan: fn(&str) -> bool,
    /// The names of what a plan may have besides the commands.
    more: &'static [&'static str],
}

fn read<C: DeserializeOwned + Serialize>(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<C>(text).map(|command| serde_json::to_value(command).unwrap())
}

fn read_plan<C: DeserializeOwned>(text: &str) -> bool {
    plan::read::<C>(text).is_ok()
}

fn services() -> [Service; 4] {
    fn service<C, P>(folder: &'static str, name: &'static str, more: &'static [&'static str]) -> Service
    where
        C: DeserializeOwned + Serialize,
        P: DeserializeOwned + Serialize,
    {
        let (reads, reads_in_plan, reads_plan) = (read::<C>, read::<P>, read_plan::<P>);
        Service { folder, name, reads, reads_in_plan, reads_plan, more }
    }
    fn plain<C: DeserializeOwned + Serialize>(folder: &'static str, name: &'static str) -> Service {
        service::<C, C>(folder, name, &[])
    }
    let more = &[hotdata::UploadAndLoadFile::NAME];
    [
        plain::<onehouse::AnyCommand>("onehouse", "onehouse"),
        plain::<eloq::AnyCommand>("eloq", "eloq"),
        plain::<h2o_workflows::AnyCommand>("h2o_workflows", "h2o-workflows"),
        service::<hotdata::AnyCommand, hotdata::PlanCommand>("hotdata", "hotdata", more),
    ]
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Service {
    /// The schemas of the commands by their names.
    fn commands(&self) -> Value {
        let hole = Hole::new(self.reads);
        let names = hole.asks(r#"{"?!": 0}"#).message().to_owned();
        let names: Vec<String> = names.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        assert!(!names.is_empty());
        let commands: Map<String, Value> =
            names.into_iter().map(|name| (name.clone(), learn(&hole.field(&[], &name)))).collect();
        let mut commands = Value::Object(commands);
        Source::read(self.folder).describe(&mut commands);
        commands
    }

    /// The schemas of what a plan may have, by their names: the commands, and what there is besides.
    fn in_plan(&self, commands: &Value) -> Value {
        let hole = Hole::new(self.reads_in_plan);
        let mut all = commands.clone();
        for name in self.more {
            all[name] = learn(&hole.field(&[], name));
        }
        Source::read(self.folder).describe(&mut all);
        all
    }

    /// A command: an object with one key. The definitions are in the same document.
    fn command(commands: &Value) -> Value {
        let names: Map<String, Value> = commands
            .as_object()
            .unwrap()
            .keys()
            .map(|name| (name.clone(), json!({"$ref": format!("#/$defs/{name}")})))
            .collect();
        one_of(names)
    }

    fn command_schema(&self, commands: &Value) -> Value {
        let mut schema = json!({"$schema": DRAFT, "title": format!("A command of {}", self.name)});
        let command = Self::command(commands);
        schema.as_object_mut().unwrap().extend(command.as_object().unwrap().clone());
        schema["$defs"] = commands.clone();
        schema
    }

    fn plan_schema(&self, commands: &Value) -> Value {
        let mut definitions = commands.as_object().unwrap().clone();
        let mut command = Self::command(commands);
        command["description"] = json!("The command: an object with one key, its name.");
        definitions.insert("command".to_owned(), command);
        plan_of(&format!("A plan of commands of {}", self.name), definitions)
    }
}

/// The schema of a plan, whose commands are defined as `command`.
fn plan_of(title: &str, definitions: Map<String, Value>) -> Value {
    json!({
        "$schema": DRAFT,
        "title": title,
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "key": {"type": "string", "minLength": 1, "description": "The key of the step, which no other step has."},
                "command": {"$ref": "#/$defs/command"},
                "after": {"type": "array", "items": {"type": "string"},
                    "description": "The keys of the steps that have to succeed before it."}
            },
            "required": ["key", "command"],
            "additionalProperties": false
        },
        "$defs": definitions
    })
}

/// The name of the plan of several services, in the names of files.
const SEVERAL: &str = "plan.schema.json";

/// The schema of a plan whose commands name their service.
fn plan_of_several(services: &[(&Service, Value)]) -> Value {
    let (mut definitions, mut names) = (Map::new(), Map::new());
    for (service, commands) in services {
        let mut of_service = Map::new();
        for (name, schema) in commands.as_object().unwrap() {
            let defined = format!("{}.{name}", service.folder);
            of_service.insert(name.clone(), json!({"$ref": format!("#/$defs/{defined}")}));
            definitions.insert(defined, schema.clone());
        }
        let mut command = one_of(of_service);
        command["description"] =
            json!(format!("A command of {}: an object with one key, its name.", service.name));
        definitions.insert(service.folder.to_owned(), command);
        names.insert(service.folder.to_owned(), json!({"$ref": format!("#/$defs/{}", service.folder)}));
    }
    let mut command = one_of(names);
    command["description"] = json!("The command: an object with one key, its service.");
    definitions.insert("command".to_owned(), command);
    plan_of("A plan of commands of several services", definitions)
}

/// An object with one of these keys.
fn one_of(properties: Map<String, Value>) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false,
        "minProperties": 1, "maxProperties": 1})
}

fn file(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas")).join(name)
}

/// The text of a plan's schema, which people read in their editors.
fn pretty(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).unwrap() + "\n"
}

/// The text of a command's schema, with a line for each definition. It is part of every program that calls
/// `AnyCommand::schema`, where indentation would be half of it.
fn compact(schema: &Value) -> String {
    let lines = |map: &Map<String, Value>, write: &dyn Fn(&Value) -> String| {
        let lines: Vec<String> =
            map.iter().map(|(key, value)| format!("{}:{}", json!(key), write(value))).collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    };
    let part = |value: &Value| match value {
        Value::Object(map) => lines(map, &Value::to_string),
        other => other.to_string(),
    };
    lines(schema.as_object().unwrap(), &part) + "\n"
}

fn read_schema(name: &str) -> Value {
    let path = file(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_schemas_are_what_the_readers_take_today() {
    let services = services();
    let commands: Vec<(&Service, Value)> =
        services.iter().map(|service| (service, service.commands())).collect();
    for (service, commands) in &commands {
        let name = format!("{}-command.schema.json", service.name);
        check_schema(&name, &service.command_schema(commands), compact);
    }
    let in_plans: Vec<(&Service, Value)> =
        commands.into_iter().map(|(service, commands)| (service, service.in_plan(&commands))).collect();
    check_schema(SEVERAL, &plan_of_several(&in_plans), pretty);
    for (service, commands) in &in_plans {
        check_schema(&format!("{}-plan.schema.json", service.name), &service.plan_schema(commands), pretty);
    }
}

/// Compares a schema with the checked-in file, or writes it with `text`.
fn check_schema(name: &str, schema: &Value, text: impl Fn(&Value) -> String) {
    const HOW: &str = "UPDATE_SCHEMAS=1 cargo test --all-features --test schemas";
    let path = file(name);
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text(schema)).unwrap();
    }
    let in_file = std::fs::read_to_string(&path).unwrap_or_default();
    let there: Value = serde_json::from_str(&in_file).unwrap_or_default();
    // The words of a description may be of an earlier day; what is taken may not.
    assert!(bare(&there) == bare(schema), "{} is not what is read today: {HOW}", path.display());
    assert!(in_file == text(&there), "{} is laid out in another way: {HOW}", path.display());
}

/// A schema without its descriptions.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            // A field may have this name too.
            let kept = map.iter().filter(|(key, value)| *key != "description" || !value.is_string());
            kept.map(|(key, value)| (key.clone(), bare(value))).collect()
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

/// Every command of the recorded cases, every command with all its fields, and wrong ones of each.
fn documents(service: &Service, schema: &Value) -> Vec<Value> {
    let mut documents = documents::recorded(service.name);
    assert!(documents.len() > 50, "{}", service.name);
    let commands = schema["$defs"].as_object().unwrap();
    let whole = commands.iter().map(|(name, schema)| documents::whole(service.reads, name, schema));
    let whole: Vec<Value> = whole.collect();
    documents.extend(whole.iter().flat_map(documents::changed));
    documents.extend(whole);
    let mut seen = BTreeSet::new();
    documents.retain(|document| seen.insert(document.to_string()));
    documents
}

/// `SCHEMA_CASES`: a folder for the documents and verdicts, for another validator.
fn cases(name: &str) -> Option<std::fs::File> {
    let folder = PathBuf::from(std::env::var_os("SCHEMA_CASES")?);
    std::fs::create_dir_all(&folder).unwrap();
    Some(std::fs::File::create(folder.join(format!("{name}.jsonl"))).unwrap())
}

/// True if a list was read as an object.
fn has_list_for_structure(value: &Value, again: &Value) -> bool {
    match (value, again) {
        (Value::Array(_), Value::Object(_)) => true,
        (Value::Array(items), Value::Array(again)) => {
            items.iter().zip(again).any(|(item, again)| has_list_for_structure(item, again))
        }
        (Value::Object(map), Value::Object(again)) => map
            .iter()
            .any(|(key, value)| again.get(key).is_some_and(|again| has_list_for_structure(value, again))),
        _ => false,
    }
}

#[test]
fn a_schema_and_its_reader_agree_on_good_and_wrong_commands() {
    for service in services() {
        let schema = read_schema(&format!("{}-command.schema.json", service.name));
        let mut cases = cases(&format!("{}-command", service.name));
        let (mut good, mut bad, mut wrong) = (0, 0, Vec::new());
        for document in documents(&service, &schema) {
            let is_read = (service.reads)(&document.to_string());
            // A validator need not look at formats and encodings.
            let is_beyond = |error: &serde_json::Error| {
                ["RFC 3339", "base64"].iter().any(|format| error.to_string().contains(format))
            };
            if is_read.as_ref().is_err_and(is_beyond) {
                continue;
            }
            // serde reads a list as the fields of a structure in their order. No plan is written so.
            if is_read.as_ref().is_ok_and(|again| has_list_for_structure(&document, again)) {
                continue;
            }
            match is_read.is_ok() {
                true => good += 1,
                false => bad += 1,
            }
            if fits(&schema, &schema, &document) != is_read.is_ok() {
                let said = is_read.as_ref().map(|_| "good").map_err(ToString::to_string);
                wrong.push(format!("{document}: the reader says {said:?}"));
            }
            if let Some(cases) = &mut cases {
                writeln!(cases, "{}", json!({"fits": is_read.is_ok(), "document": document})).unwrap();
            }
        }
        assert!(
            wrong.is_empty(),
            "{}: {}\n{}",
            service.name,
            wrong.len(),
            wrong[..wrong.len().min(20)].join("\n")
        );
        assert!(good > 100 && bad > 100, "{}: {good} good, {bad} bad", service.name);
    }
}

#[test]
fn a_schema_and_its_reader_agree_on_plans() {
    let several = read_schema(SEVERAL);
    for service in services() {
        let schema = read_schema(&format!("{}-plan.schema.json", service.name));
        let commands = schema["$defs"].as_object().unwrap();
        let first = commands.keys().find(|name| *name != "command").unwrap();
        let mut all = Vec::new();
        for name in [&**first].iter().chain(service.more) {
            let document = documents::whole(service.reads_in_plan, name, &commands[*name]);
            all.push(document);
        }
        check_plans(&format!("{}-plan", service.name), &schema, service.reads_plan, &all);
        let all: Vec<Value> = all.into_iter().map(|command| json!({service.folder: command})).collect();
        check_plans(&format!("{}-in-plan", service.name), &several, read_plan::<PlanCommand>, &all);
    }
}

/// Compares a schema and the reader of plans, for plans with each of these commands and wrong copies of them.
fn check_plans(name: &str, schema: &Value, reads: fn(&str) -> bool, commands: &[Value]) {
    let mut cases = cases(name);
    let mut plans = vec![json!([])];
    for command in commands {
        let plan = json!([{"key": "a", "command": command, "after": []}, {"key": "b", "command": command, "after": ["a"]}]);
        assert!(reads(&plan.to_string()), "{name}: {plan}");
        plans.extend(documents::changed(&plan));
        plans.push(plan);
    }
    for plan in plans {
        let text = plan.to_string();
        let is_read = reads(&text);
        // What a schema cannot say: keys that are there twice, and `after` with keys that are not.
        let is_beyond = !is_read && {
            let faults = plan::read::<Value>(&text).err();
            faults.is_some_and(|faults| {
                faults.iter().any(|fault| {
                    fault.message.starts_with("unknown step")
                        || fault.message.starts_with("the step at")
                        || fault.message.starts_with("`after` leads")
                })
            })
        };
        if is_beyond {
            continue;
        }
        assert_eq!(fits(schema, schema, &plan), is_read, "{name}: {plan}");
        if let Some(cases) = &mut cases {
            writeln!(cases, "{}", json!({"fits": is_read, "document": plan})).unwrap();
        }
    }
}

#[test]
fn the_plans_of_the_examples_fit() {
    let schema = read_schema(SEVERAL);
    for name in ["provision.json", "provision-fails.json"] {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples")).join(name);
        let plan: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(fits(&schema, &schema, &plan), "{name}");
    }
}

#[test]
fn commands_and_fields_are_described() {
    for service in services() {
        let schema = read_schema(&format!("{}-plan.schema.json", service.name));
        let (mut fields, mut described) = (0, 0);
        for (name, command) in
            schema["$defs"].as_object().unwrap().iter().filter(|(name, _)| *name != "command")
        {
            assert!(command.get("description").is_some(), "{} {name}", service.name);
            for field in command["properties"].as_object().unwrap().values() {
                fields += 1;
                described += usize::from(field.get("description").is_some());
            }
        }
        assert!(described * 10 >= fields * 8, "{}: {described} of {fields}", service.name);
    }
}

/// Words that only a person who programs in Rust understands.
const WORDS_OF_RUST: [&str; 14] = [
    "::",
    "`None`",
    "`Some",
    "Vec<",
    "variant",
    "trait",
    "crate",
    "builder",
    "`and_wait`",
    "`iter`",
    "`stream`",
    "`background`",
    "`Other`",
    "the client's",
];

#[test]
fn descriptions_are_for_people_who_do_not_know_rust() {
    fn check(place: &str, schema: &Value) {
        match schema {
            Value::Object(map) => {
                for (key, value) in map {
                    if let (true, Value::String(text)) = (key == "description", value) {
                        let found = WORDS_OF_RUST.iter().find(|word| text.contains(**word));
                        assert_eq!(found, None, "{place}: {text}");
                    }
                    check(&format!("{place}/{key}"), value);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| check(place, value)),
            _ => {}
        }
    }
    for service in services() {
        // As they are made from the source today, not as they are checked in.
        let mut schema = read_schema(&format!("{}-plan.schema.json", service.name));
        schema["$defs"].as_object_mut().unwrap().remove("command");
        Source::read(service.folder).describe(&mut schema["$defs"]);
        check(service.name, &schema);
    }
}
