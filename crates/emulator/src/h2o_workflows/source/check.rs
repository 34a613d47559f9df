//! Reads a tree against what may stand there, and remembers all that is wrong with it.

use serde_json::{Value, json};

use super::yaml::{Data, Node, Place};

/// The most problems that are told.
const MAX_PROBLEMS: usize = 100;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Severity {
    Error,
    Warning,
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Problem {
    pub(in super::super) place: Place,
    /// As `jobs.fetch-data.steps[0].name`; empty for the whole.
    pub(in super::super) path: String,
    pub(in super::super) message: String,
    pub(in super::super) severity: Severity,
}

impl Problem {
    pub(in super::super) fn to_json(&self) -> Value {
        json!({
            "line": self.place.line,
            "column": self.place.column,
            "fieldPath": self.path,
            "message": self.message,
            "severity": match self.severity {
                Severity::Error => "SEVERITY_ERROR",
                Severity::Warning => "SEVERITY_WARNING",
            },
        })
    }
}

/// Whether these keep a source from being used.
pub(in super::super) fn is_valid(problems: &[Problem]) -> bool {
    problems.iter().all(|problem| problem.severity != Severity::Error)
}

/// The fields of a map, with where they belong.
pub(super) struct Fields<'n> {
    map: &'n [(String, Place, Node)],
    pub(super) place: Place,
    pub(super) path: String,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.map.iter().find(|(other, ..)| other == key).map(|(_, _, node)| node)
    }

    /// The path of a field.
    pub(super) fn path_of(&self, key: &str) -> String {
        below(&self.path, key)
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Collects problems.
#[derive(Debug, Default)]
pub(super) struct Checker {
    pub(super) problems: Vec<Problem>,
}

impl Checker {
    fn tell(&mut self, place: Place, path: &str, message: String, severity: Severity) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { place, path: path.to_owned(), message, severity });
        }
    }

    pub(super) fn error(&mut self, place: Place, path: &str, message: impl Into<String>) {
        self.tell(place, path, message.into(), Severity::Error);
    }

    /// A map with these keys and no others; a key that is not known is as bad as is said.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        known: &[&str],
        unknown: Severity,
    ) -> Option<Fields<'n>> {
        let Data::Map(map) = &node.data else {
            self.error(node.place, path, format!("expected a map, found {}", node.is_a()));
            return None;
        };
        for (key, place, _) in map {
            if !known.contains(&key.as_str()) {
                let key = crate::text::one_line(key, 60);
                let message = format!("field {key} is not allowed; allowed here are {}", known.join(", "));
                self.tell(*place, &below(path, &key), message, unknown);
            }
        }
        Some(Fields { map, place: node.place, path: path.to_owned() })
    }

    /// A map from names of any kind.
    pub(super) fn entries<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Vec<(&'n str, Place, &'n Node)> {
        match fields.get(key) {
            None => Vec::new(),
            Some(Node { data: Data::Map(map), .. }) => {
                map.iter().map(|(key, place, node)| (key.as_str(), *place, node)).collect()
            }
            Some(node) => {
                self.error(
                    node.place,
                    &fields.path_of(key),
                    format!("expected a map, found {}", node.is_a()),
                );
                Vec::new()
            }
        }
    }

    pub(super) fn list<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<&'n [Node]> {
        match fields.get(key)? {
            Node { data: Data::List(items), .. } => Some(items),
            node => {
                self.error(
                    node.place,
                    &fields.path_of(key),
                    format!("expected a list, found {}", node.is_a()),
                );
                None
            }
        }
    }

    pub(super) fn text_of(&mut self, node: &Node, path: &str) -> Option<String> {
        match &node.data {
            Data::Text(text) => Some(text.clone()),
            _ => {
                let hint = if matches!(node.data, Data::Null | Data::List(_) | Data::Map(_)) {
                    ""
                } else {
                    ": quote it"
                };
                self.error(node.place, path, format!("expected a string, found {}{hint}", node.is_a()));
                None
            }
        }
    }

    pub(super) fn text(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        self.text_of(fields.get(key)?, &fields.path_of(key))
    }

    pub(super) fn flag(&mut self, fields: &Fields<'_>, key: &str, default: bool) -> bool {
        match fields.get(key) {
            None => default,
            Some(Node { data: Data::Bool(flag), .. }) => *flag,
            Some(node) => {
                self.error(
                    node.place,
                    &fields.path_of(key),
                    format!("expected a boolean, found {}", node.is_a()),
                );
                default
            }
        }
    }

    /// A field that has to be there.
    pub(super) fn needed(&mut self, fields: &Fields<'_>, key: &str) -> bool {
        let is_there = fields.get(key).is_some();
        if !is_there {
            self.error(fields.place, &fields.path_of(key), format!("field {key} is required"));
        }
        is_there
    }

    /// A map of strings.
    pub(super) fn texts(&mut self, fields: &Fields<'_>, key: &str) -> Vec<(String, String)> {
        let path = fields.path_of(key);
        let entries = self.entries(fields, key);
        let read = entries
            .into_iter()
            .filter_map(|(name, _, node)| Some((name.to_owned(), self.text_of(node, &below(&path, name))?)));
        read.collect()
    }
}
