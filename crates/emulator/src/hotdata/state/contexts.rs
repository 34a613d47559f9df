//! Documents that are attached to a database by a name.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;

use super::{Space, room};

/// Words of SQL that are not names. The real list is not documented.
const RESERVED: [&str; 40] = [
    "all",
    "and",
    "any",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "create",
    "cross",
    "delete",
    "desc",
    "distinct",
    "drop",
    "else",
    "end",
    "except",
    "false",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "left",
    "limit",
    "not",
    "null",
    "on",
    "or",
    "order",
    "select",
    "table",
    "where",
];

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Context {
    pub(in super::super) database: String,
    name: String,
    content: String,
    updated: i64,
}

impl Context {
    fn shown(&self) -> Value {
        json!({ "name": self.name, "content": self.content, "updated_at": time(self.updated) })
    }
}

fn check(name: &str) -> Result<(), Refusal> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || name.len() > 128 || !name.bytes().all(good) {
        return Err(Refusal::bad(
            "the name of a context must begin with a letter or _, contain only letters, digits and _, and have at most \
             128 characters",
        ));
    }
    if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Refusal::bad("the name of a context cannot be a reserved word of SQL"));
    }
    Ok(())
}

impl Space {
    /// The contexts of a database; of the workspace itself, as it was once, if that is empty.
    pub(in super::super) fn list_contexts(&self, database: &str) -> Result<Value, Refusal> {
        self.has_contexts(database)?;
        let mut here: Vec<&Context> = self.contexts.iter().filter(|one| one.database == database).collect();
        here.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(json!({ "contexts": here.into_iter().map(Context::shown).collect::<Vec<_>>() }))
    }

    pub(in super::super) fn upsert_context(
        &mut self,
        operation: &'static str,
        database: &str,
        fields: &Fields,
    ) -> Result<Value, Refusal> {
        self.has_contexts(database)?;
        let name = fields.needed("name")?;
        check(&name)?;
        let content = fields.text("content")?.ok_or_else(|| Refusal::bad("content is missing"))?;
        let updated = self.common.now();
        let place = self.contexts.iter().position(|one| one.database == database && one.name == name);
        let context = Context { database: database.to_owned(), name: name.clone(), content, updated };
        let shown = context.shown();
        match place {
            Some(place) => self.contexts[place] = context,
            None => {
                room(&self.contexts, "contexts")?;
                self.contexts.push(context);
            }
        }
        self.note(operation, &format!("{database}/{name}"));
        Ok(json!({ "context": shown }))
    }

    pub(in super::super) fn get_context(&self, database: &str, name: &str) -> Result<Value, Refusal> {
        let place = self.context_at(database, name)?;
        Ok(json!({ "context": self.contexts[place].shown() }))
    }

    pub(in super::super) fn delete_context(&mut self, database: &str, name: &str) -> Result<(), Refusal> {
        let place = self.context_at(database, name)?;
        self.contexts.remove(place);
        self.note("delete_database_context", &format!("{database}/{name}"));
        Ok(())
    }

    fn has_contexts(&self, database: &str) -> Result<(), Refusal> {
        if database.is_empty() { Ok(()) } else { self.database(database).map(|_| ()) }
    }

    fn context_at(&self, database: &str, name: &str) -> Result<usize, Refusal> {
        self.has_contexts(database)?;
        check(name)?;
        let place = self.contexts.iter().position(|one| one.database == database && one.name == name);
        place.ok_or_else(|| Refusal::missing("context", name))
    }
}
