//! Descriptions of commands and their fields, from the comments in the source.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

/// A field or a variant.
#[derive(Debug, Default)]
struct Part {
    /// In JSON.
    name: String,
    about: String,
    /// Its type in Rust.
    of: String,
}

/// The types of one service by their names.
#[derive(Default)]
pub(crate) struct Source {
    types: HashMap<String, Vec<Part>>,
    /// The comments of the types.
    about: HashMap<String, String>,
    /// The comments of the methods that return a call of a command.
    methods: HashMap<String, String>,
    /// The known values of open enums.
    known: HashMap<String, Vec<String>>,
}

impl Source {
    /// Reads a folder of `src/`.
    pub(crate) fn read(folder: &str) -> Self {
        let mut source = Self::default();
        source.folder(&Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../src")).join(folder));
        source
    }

    fn folder(&mut self, folder: &Path) {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.folder(&path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                self.file(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    fn file(&mut self, text: &str) {
        let (mut comment, mut rename, mut method) = (String::new(), None, String::new());
        let mut open: Option<(String, Vec<Part>)> = None;
        let mut known: Option<String> = None;
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(name) = &known {
                match trimmed.split_once("=> \"") {
                    Some((_, value)) => {
                        let value = value.split('"').next().unwrap_or_default().to_owned();
                        self.known.entry(name.clone()).or_default().push(value);
                    }
                    None => known = None,
                }
                continue;
            }
            if let Some(rest) = trimmed.strip_prefix("impl_open_enum!(") {
                let name = rest.trim_start_matches("commands ").split(',').next().unwrap_or_default();
                known = Some(name.trim().to_owned());
                continue;
            }
            if let Some(about) = trimmed.strip_prefix("///") {
                let about = about.trim();
                // The first paragraph.
                if about.is_empty() && !comment.is_empty() {
                    comment.push('\u{1}');
                }
                comment.push_str(about);
                comment.push(' ');
                continue;
            }
            if let Some(attribute) = trimmed.strip_prefix("#[serde(") {
                if let Some((_, rest)) = attribute.split_once("rename = \"") {
                    rename = rest.split('"').next().map(str::to_owned);
                }
                continue;
            }
            if trimmed.starts_with("#[") || trimmed.is_empty() || trimmed.starts_with("//") {
                continue;
            }
            let about = sentence(&std::mem::take(&mut comment));
            if trimmed.starts_with("pub fn ") {
                method.clone_from(&about);
            }
            if let Some((_, of)) =
                trimmed.split_once("Call<M, ").filter(|_| !method.is_empty() && !trimmed.starts_with("impl"))
            {
                let of = of.split('>').next().unwrap_or_default().to_owned();
                self.methods.entry(of).or_insert(std::mem::take(&mut method));
            }
            let name = rename.take();
            match &mut open {
                Some((_, parts)) if line.starts_with("    ") && !line.starts_with("     ") => {
                    let rest = trimmed.trim_start_matches("pub ").trim_start_matches("r#");
                    let field =
                        rest.split_once(": ").filter(|_| !rest.starts_with(|c: char| c.is_uppercase()));
                    let (own, of) = match field {
                        Some((own, of)) => (own.to_owned(), of.trim_end_matches(',').to_owned()),
                        None => {
                            let (own, of) = rest.split_once('(').unwrap_or((rest, ""));
                            (
                                snaked(own.trim_end_matches(',')),
                                of.trim_end_matches(',').trim_end_matches(')').to_owned(),
                            )
                        }
                    };
                    parts.push(Part { name: name.unwrap_or(own), about, of });
                }
                Some(_) if trimmed == "}" && !line.starts_with(' ') => {
                    let (name, parts) = open.take().unwrap();
                    self.types.insert(name, parts);
                }
                Some(_) => {}
                None => {
                    let words: Vec<&str> =
                        trimmed.trim_start_matches("pub ").split([' ', '<', '(']).collect();
                    let is_type = matches!(words.first(), Some(&"struct" | &"enum"));
                    if is_type && words.len() > 1 {
                        let name = words[1].trim_end_matches(';').to_owned();
                        self.about.insert(name.clone(), about);
                        if trimmed.ends_with('{') {
                            open = Some((name, Vec::new()));
                        }
                    }
                }
            }
        }
    }

    /// Adds descriptions to the commands, and the known values of enums that take others too.
    pub(crate) fn describe(&self, commands: &mut Value) {
        let enums = ["AnyCommand", "PlanCommand"];
        for command in enums.iter().filter_map(|name| self.types.get(*name)).flatten() {
            let Some(schema) = commands.get_mut(&command.name) else { continue };
            let of = command.of.rsplit("::").next().unwrap_or_default();
            let about = self.methods.get(of).or_else(|| self.about.get(of)).cloned().unwrap_or_default();
            // Where its method is.
            let about = about.split(": see ").next().unwrap_or_default().to_owned();
            set(schema, &about);
            self.fields(schema, of);
        }
    }

    fn fields(&self, schema: &mut Value, of: &str) {
        let Some(parts) = self.types.get(of) else { return };
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
        for part in parts {
            let Some(property) = properties.get_mut(&part.name) else { continue };
            let inner = part.of.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
            let inner = inner.rsplit("::").next().unwrap_or_default();
            self.fields(property, inner);
            if let Some(items) = property.get_mut("items") {
                self.fields(items, inner);
            }
            if let Some(known) = self.known.get(inner) {
                let known: Vec<&String> = known.iter().filter(|value| !value.is_empty()).collect();
                for place in ["", "/items"] {
                    let Some(place) = property.pointer_mut(place) else { continue };
                    let is_text = |kind: &Value| {
                        kind == "string"
                            || kind.as_array().is_some_and(|kinds| kinds.contains(&"string".into()))
                    };
                    // Any text is taken; an editor proposes those that are known.
                    if place.get("type").is_some_and(is_text) && place.get("enum").is_none() {
                        *place = serde_json::json!({"anyOf": [{"enum": known}, place.clone()]});
                    }
                }
            }
            set(property, &part.about);
        }
    }
}

fn set(schema: &mut Value, about: &str) {
    let Some(map) = schema.as_object_mut().filter(|_| !about.is_empty()) else { return };
    map.insert("description".to_owned(), about.into());
}

/// The first paragraph of a comment as plain text: links have their text alone.
fn sentence(comment: &str) -> String {
    let first = comment.split('\u{1}').next().unwrap_or_default().trim();
    let mut text = String::new();
    let mut rest = first;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let Some((link, after)) = after.split_once(']') else { break };
        text.push_str(link);
        rest = match after.strip_prefix('(') {
            Some(target) => target.split_once(')').map_or("", |(_, after)| after),
            None => after,
        };
    }
    text + rest
}

/// A name in snake case.
fn snaked(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
