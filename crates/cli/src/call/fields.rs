//! The commands of a service and their fields, from its JSON Schema.

use serde_json::{Map, Value, json};

use crate::failure::{Exit, Failure, Result};
use crate::near::{did_you_mean, nearest};

/// How deep the fields of fields are listed.
const MAX_DEPTH: usize = 6;

/// The schema of the commands of a service.
pub(crate) struct Schema {
    service: String,
    root: Value,
}

impl Schema {
    pub(crate) fn read(service: &str, text: &str) -> Result<Self> {
        let root = serde_json::from_str(text).map_err(|error| {
            Failure::new(Exit::Failed, format!("reading the schema of {service}: {error}"))
        })?;
        Ok(Self { service: service.to_owned(), root })
    }

    /// Returns the names of the commands.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.root["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Returns the command of this name, which may be written with hyphens, and without the vendor's client
    /// before its dot if that is unambiguous.
    pub(super) fn check(&self, name: &str) -> Result<String> {
        let plain = name.replace('-', "_");
        if let Some(known) = self.names().find(|known| *known == plain) {
            return Ok(known.to_owned());
        }
        let last = |known: &str| known.rsplit('.').next().unwrap_or(known).to_owned();
        let same: Vec<&str> = self.names().filter(|known| last(known) == plain).collect();
        if let [only] = same.as_slice() {
            return Ok((*only).to_owned());
        }
        let failure = Failure::usage(format!("{} has no command {name:?}", self.service));
        // The vendor's client before a dot is not compared where none was written.
        let is_whole = plain.contains('.');
        let names = self.names().map(|known| if is_whole { known.to_owned() } else { last(known) });
        let names: Vec<String> = names.collect();
        let near = nearest(&plain, names.iter().map(String::as_str));
        let full: Vec<&str> = near
            .iter()
            .flat_map(|near| {
                self.names().filter(|known| *known == *near || (!is_whole && last(known) == *near))
            })
            .collect();
        Err(failure.hint(match full.as_slice() {
            [] => format!("`controlplane {} call --list` lists the commands.", self.service),
            near => did_you_mean(near),
        }))
    }

    /// Returns a row for each command: its name and what it does.
    pub(super) fn commands(&self) -> Vec<Value> {
        self.names()
            .map(|name| json!({"name": name, "description": text(&self.root["$defs"][name], "description")}))
            .collect()
    }

    /// Returns a row for each field of a command, and of the objects in it.
    pub(super) fn fields(&self, name: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        self.add_fields(&self.root["$defs"][name], "", MAX_DEPTH, &mut rows);
        rows
    }

    fn add_fields(&self, object: &Value, prefix: &str, depth: usize, rows: &mut Vec<Value>) {
        let object = self.resolved(object);
        let groups = Groups::of(object);
        for (field, schema) in object["properties"].as_object().into_iter().flatten() {
            if groups.is_alias(field) {
                continue;
            }
            let path = format!("{prefix}{field}");
            let description = match text(schema, "description") {
                "" => text(self.resolved(schema), "description"),
                own => own,
            };
            let mut row = Map::new();
            row.insert("field".into(), path.clone().into());
            row.insert("type".into(), self.type_of(schema, 2).into());
            row.insert("required".into(), groups.is_required(field).into());
            row.insert("description".into(), groups.described(field, description).into());
            rows.push(Value::Object(row));
            if depth > 0 {
                self.add_inner(&self.alternatives(schema), &format!("{path}."), depth - 1, rows);
                let items = self.list_in(schema);
                self.add_inner(&self.alternatives(&items["items"]), &format!("{path}[]."), depth - 1, rows);
            }
        }
    }

    /// Adds the fields of the objects that a value may be. Several objects differ by a field that is constant
    /// in each of them, and the rows of each say its value.
    fn add_inner(&self, values: &[&Value], prefix: &str, depth: usize, rows: &mut Vec<Value>) {
        let has_fields =
            |one: &&&Value| one["properties"].as_object().is_some_and(|fields| !fields.is_empty());
        let objects: Vec<&Value> = values.iter().filter(has_fields).copied().collect();
        let [_, _, ..] = objects.as_slice() else {
            for object in objects {
                self.add_fields(object, prefix, depth, rows);
            }
            return;
        };
        for object in objects {
            let fields = object["properties"].as_object().into_iter().flatten();
            let tag = fields
                .filter(|(_, schema)| !schema["const"].is_null())
                .map(|(field, schema)| format!("{prefix}{field} = {}", schema["const"]));
            let tag = tag.collect::<Vec<_>>().join(", ");
            let first = rows.len();
            self.add_fields(object, prefix, depth, rows);
            for row in &mut rows[first..] {
                let description = match text(row, "description") {
                    "" => format!("With {tag}."),
                    own => format!("With {tag}: {own}"),
                };
                row["description"] = description.into();
            }
            // The tag itself is in the words of each row.
            let is_tag = |row: &Value| {
                text(row, "description") == format!("With {tag}.")
                    && tag.starts_with(&format!("{} = ", text(row, "field")))
            };
            let last = rows.split_off(first);
            rows.extend(last.into_iter().filter(|row| !is_tag(row)));
        }
    }

    /// Follows `$ref`.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..8 {
            let Some(name) = schema["$ref"].as_str().and_then(|target| target.strip_prefix("#/$defs/"))
            else {
                break;
            };
            schema = &self.root["$defs"][name];
        }
        schema
    }

    /// The alternatives of a schema without null, or the schema itself.
    fn alternatives<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        self.add_alternatives(schema, MAX_DEPTH, &mut found);
        found
    }

    fn add_alternatives<'a>(&'a self, schema: &'a Value, depth: usize, found: &mut Vec<&'a Value>) {
        let schema = self.resolved(schema);
        match schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            Some(all) if depth > 0 && schema["properties"].is_null() => {
                for one in all {
                    self.add_alternatives(one, depth - 1, found);
                }
            }
            _ if schema["type"] == "null" => {}
            _ => found.push(schema),
        }
    }

    fn list_in<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let lists = self.alternatives(schema);
        lists.into_iter().find(|one| one["items"].is_object()).unwrap_or(&Value::Null)
    }

    /// The type of a value in a few words: `integer`, `list of string`, `"aws" | "gcp"`.
    fn type_of(&self, schema: &Value, depth: usize) -> String {
        let mut types: Vec<String> = Vec::new();
        for one in self.alternatives(schema) {
            // Another spelling of a value that is listed.
            if !one["pattern"].is_null() && !types.is_empty() {
                continue;
            }
            if let Some(values) = one["enum"].as_array() {
                types.extend(values.iter().filter(|value| !value.is_null()).map(Value::to_string));
                continue;
            }
            if !one["const"].is_null() {
                types.push(one["const"].to_string());
                continue;
            }
            let names: Vec<&str> = match &one["type"] {
                Value::String(name) => vec![name],
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                _ => vec!["any"],
            };
            for name in names.into_iter().filter(|name| *name != "null") {
                types.push(match name {
                    "array" if depth > 0 && one["items"].is_object() => {
                        format!("list of {}", self.type_of(&one["items"], depth - 1))
                    }
                    "array" => "list".to_owned(),
                    name => name.to_owned(),
                });
            }
        }
        let mut seen = std::collections::HashSet::new();
        types.retain(|one| seen.insert(one.clone()));
        types.join(" | ")
    }
}

/// The rules of an object about its fields together: which are required, which exclude each other, and which are
/// other names of one.
struct Groups<'a> {
    object: &'a Value,
    /// Exactly one of each.
    one_of: Vec<Vec<&'a str>>,
    /// At most one of each.
    not_both: Vec<Vec<&'a str>>,
}

impl<'a> Groups<'a> {
    fn of(object: &'a Value) -> Self {
        let (mut one_of, mut not_both) = (Vec::new(), Vec::new());
        for rule in object["allOf"].as_array().into_iter().flatten().chain([object]) {
            let single = |one: &'a Value| names(&one["required"]).first().copied();
            let group: Vec<&str> =
                rule["oneOf"].as_array().into_iter().flatten().filter_map(single).collect();
            if group.len() > 1 {
                one_of.push(group);
            }
            let group = names(&rule["not"]["required"]);
            if group.len() > 1 {
                not_both.push(group);
            }
        }
        Self { object, one_of, not_both }
    }

    /// The fields in whose place this one may stand: those of its groups.
    fn others(&self, field: &str, groups: &[Vec<&'a str>]) -> Vec<&'a str> {
        let groups = groups.iter().filter(|group| group.contains(&field));
        groups.flatten().copied().filter(|other| *other != field).collect()
    }

    fn has_description(&self, field: &str) -> bool {
        !text(&self.object["properties"][field], "description").is_empty()
    }

    /// True for another name of a field: it has no description, and the one that it excludes has.
    fn is_alias(&self, field: &str) -> bool {
        let mut others = self.others(field, &self.one_of);
        others.extend(self.others(field, &self.not_both));
        !self.has_description(field) && others.iter().any(|other| self.has_description(other))
    }

    fn is_required(&self, field: &str) -> bool {
        let choices = self.others(field, &self.one_of);
        let has_own_names_alone = !choices.is_empty() && choices.iter().all(|other| self.is_alias(other));
        has_own_names_alone || names(&self.object["required"]).contains(&field)
    }

    /// The description of a field, with its other names and what it excludes.
    fn described(&self, field: &str, description: &str) -> String {
        let quoted =
            |fields: &[&str]| fields.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        let (choices, excluded) = (self.others(field, &self.one_of), self.others(field, &self.not_both));
        let (aliases, choices): (Vec<&str>, Vec<&str>) =
            choices.into_iter().partition(|other| self.is_alias(other));
        let (more, excluded): (Vec<&str>, Vec<&str>) =
            excluded.into_iter().partition(|other| self.is_alias(other));
        let aliases = [aliases, more].concat();
        let mut parts = vec![description.to_owned()];
        if !aliases.is_empty() {
            parts.push(format!("Also as {}.", quoted(&aliases)));
        }
        if !choices.is_empty() {
            parts.push(format!("Either this or {}.", quoted(&choices)));
        }
        if !excluded.is_empty() {
            parts.push(format!("Not together with {}.", quoted(&excluded)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'a>(schema: &'a Value, field: &str) -> &'a str {
    schema[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas() -> [Schema; 4] {
        [
            Schema::read("eloq", controlplane::eloq::AnyCommand::schema()),
            Schema::read("h2o", controlplane::h2o_workflows::AnyCommand::schema()),
            Schema::read("hotdata", controlplane::hotdata::AnyCommand::schema()),
            Schema::read("onehouse", controlplane::onehouse::AnyCommand::schema()),
        ]
        .map(Result::unwrap)
    }

    #[test]
    fn every_command_has_a_description_and_every_field_a_type() {
        for schema in schemas() {
            assert!(schema.names().count() >= 8, "{}", schema.service);
            for row in schema.commands() {
                assert_ne!(row["description"], "", "{row}");
            }
            for name in schema.names() {
                for row in schema.fields(name) {
                    assert_ne!(row["type"], "", "{name}: {row}");
                }
            }
        }
    }

    #[test]
    fn fields_of_fields_are_listed_with_their_path() {
        let [_, _, hotdata, _] = schemas();
        let rows = hotdata.fields("create_database");
        let paths: Vec<&str> = rows.iter().filter_map(|row| row["field"].as_str()).collect();
        assert!(paths.iter().any(|path| path.ends_with("schemas[].name")), "{paths:?}");
    }

    #[test]
    fn names_are_found_with_hyphens_and_without_the_client() {
        let [eloq, h2o, ..] = schemas();
        assert_eq!(eloq.check("cluster-create").unwrap(), "cluster_create");
        assert_eq!(h2o.check("cancel_run").unwrap(), "run.cancel_run");
        let failure = eloq.check("create_cluster").unwrap_err().to_string();
        assert!(failure.contains("`cluster_create`"), "{failure}");
        assert!(eloq.check("nonsense").unwrap_err().to_string().contains("--list"));
    }
}
