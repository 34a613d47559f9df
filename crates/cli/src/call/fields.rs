//! The commands of a service and their fields, from its JSON Schema.

use serde_json::{Map, Value, json};

use crate::failure::{Exit, Failure, Result};

/// The most names that a message proposes.
const MAX_PROPOSED: usize = 3;
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
        let near = self.near(&plain);
        Err(if near.is_empty() {
            failure.hint(format!("`controlplane {} call --list` lists the commands.", self.service))
        } else {
            failure.hint(format!("Did you mean {}?", near.join(", ")))
        })
    }

    /// The names that have most of their words in common with this one.
    fn near(&self, name: &str) -> Vec<String> {
        let words = |text: &str| -> Vec<String> {
            text.split(['.', '_']).map(|word| word.trim_end_matches('s').to_ascii_lowercase()).collect()
        };
        let asked = words(name);
        let mut near: Vec<(usize, &str)> = self
            .names()
            .map(|known| (words(known).iter().filter(|word| asked.contains(word)).count(), known))
            .filter(|(common, _)| *common > 0)
            .collect();
        near.sort_by_key(|(common, known)| (std::cmp::Reverse(*common), known.len()));
        near.into_iter().take(MAX_PROPOSED).map(|(_, known)| format!("`{known}`")).collect()
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
        let required = object["required"].as_array();
        for (field, schema) in object["properties"].as_object().into_iter().flatten() {
            let is_required = required.is_some_and(|all| all.iter().any(|one| one == field));
            let path = format!("{prefix}{field}");
            let description = match text(schema, "description") {
                "" => text(self.resolved(schema), "description"),
                own => own,
            };
            let mut row = Map::new();
            row.insert("field".into(), path.clone().into());
            row.insert("type".into(), self.type_of(schema, 2).into());
            row.insert("required".into(), is_required.into());
            row.insert("description".into(), description.into());
            rows.push(Value::Object(row));
            if depth > 0 {
                if let Some(inner) = self.object_in(schema) {
                    self.add_fields(inner, &format!("{path}."), depth - 1, rows);
                } else if let Some(inner) = self.object_in(&self.list_in(schema)["items"]) {
                    self.add_fields(inner, &format!("{path}[]."), depth - 1, rows);
                }
            }
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
        let schema = self.resolved(schema);
        match schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            Some(all) => {
                let all = all.iter().map(|one| self.resolved(one));
                all.filter(|one| one["type"] != "null").collect()
            }
            None => vec![schema],
        }
    }

    /// The object with named fields that a value may be.
    fn object_in<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        self.alternatives(schema)
            .into_iter()
            .find(|one| one["properties"].as_object().is_some_and(|fields| !fields.is_empty()))
    }

    fn list_in<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let lists = self.alternatives(schema);
        lists.into_iter().find(|one| one["items"].is_object()).unwrap_or(&Value::Null)
    }

    /// The type of a value in a few words: `integer`, `list of string`, `"aws" | "gcp"`.
    fn type_of(&self, schema: &Value, depth: usize) -> String {
        let mut types: Vec<String> = Vec::new();
        for one in self.alternatives(schema) {
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
        types.dedup();
        types.join(" | ")
    }
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
