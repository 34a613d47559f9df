//! Forks, and who comes from whom.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::call::number;
use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::Database as Data;
use crate::parameters::Parameters;

use super::databases::{Database, Template, without_nulls};
use super::indexes::Index;
use super::{MAX_KEPT, Space};

/// The longest description, in bytes.
const MAX_DESCRIPTION: usize = 4096;
/// The most ancestors that are told.
const MAX_ANCESTORS: usize = 100;

/// Where a database was forked from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Origin {
    database: String,
    name: Option<String>,
    description: Option<String>,
    at: i64,
    snapshot: u64,
}

/// A fork, remembered whether it is still there or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Fork {
    of: String,
    database: String,
    name: Option<String>,
    description: Option<String>,
    at: i64,
    snapshot: u64,
}

impl Origin {
    pub(super) fn shown(&self) -> Value {
        without_nulls(json!({
            "database_id": self.database,
            "name": self.name,
            "description": self.description,
            "forked_at": time(self.at),
            "snapshot_id": self.snapshot,
        }))
    }
}

impl Space {
    /// An independent copy, with what is attached.
    pub(in super::super) fn fork(&mut self, id: &str, fields: &Fields) -> Result<Value, Refusal> {
        let (name, description) = (fields.text("name")?, fields.text("description")?);
        if description.as_ref().is_some_and(|text| text.len() > MAX_DESCRIPTION) {
            return Err(Refusal::bad(format!("description is longer than {MAX_DESCRIPTION} bytes")));
        }
        let given = fields.text("expires_at")?.map(|text| self.common.expiry(&text)).transpose()?;
        let source = self.database(id)?.clone();
        let catalog = self.catalog(&source.connection)?;
        let template = Template {
            name: name.clone(),
            default_catalog: source.default_catalog.clone(),
            default_schema: source.default_schema.clone(),
            // One that is over by now would be gone.
            expires: given.or(source.expires),
            schemas: catalog.schemas.clone(),
            batch: None,
        };
        let (at, snapshot) = (self.common.now(), self.common.number());
        let origin = Origin {
            database: source.id.clone(),
            name: source.name.clone(),
            description: description.clone(),
            at,
            snapshot,
        };
        let origins = std::iter::once(origin).chain(source.origins.iter().cloned()).collect();
        let carried = self.carried_indexes(&source.connection).count();
        if self.indexes.len() + carried > MAX_KEPT {
            return Err(Refusal::full("indexes", MAX_KEPT));
        }
        let made = self.put_database(template, origins)?;
        let (new, connection) = (made.id.clone(), made.connection.clone());
        if let Some(made) = self.databases.last_mut() {
            made.attachments.clone_from(&source.attachments);
        }
        self.copy_tables(&source, &connection)?;
        self.forks.push(Fork { of: source.id, database: new.clone(), name, description, at, snapshot });
        self.note("fork_database", &new);
        Ok(self.database(&new)?.made(None))
    }

    pub(in super::super) fn lineage(&self, id: &str, query: &Parameters) -> Result<Value, Refusal> {
        let limit = number(query, "forks_limit")?.unwrap_or(25).clamp(1, 100);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let database = self.database(id)?;
        let exists = |id: &str| self.databases.iter().any(|one| one.id == id);
        let ancestor = |origin: &Origin| {
            let mut shown = origin.shown();
            shown["exists"] = json!(exists(&origin.database));
            shown
        };
        let ancestors: Vec<Value> = database.origins.iter().take(MAX_ANCESTORS).map(ancestor).collect();
        let forks: Vec<&Fork> = self.forks.iter().rev().filter(|fork| fork.of == id).collect();
        let shown = |fork: &&Fork| {
            without_nulls(json!({
                "database_id": fork.database,
                "exists": exists(&fork.database),
                "name": fork.name,
                "description": fork.description,
                "forked_at": time(fork.at),
                "snapshot_id": fork.snapshot,
            }))
        };
        Ok(json!({
            "database_id": id,
            "root_id": database.origins.last().map_or(id, |origin| origin.database.as_str()),
            "ancestors": ancestors,
            "ancestors_truncated": database.origins.len() > MAX_ANCESTORS,
            "forks": forks.iter().take(limit).map(shown).collect::<Vec<_>>(),
            "fork_count": forks.len(),
        }))
    }

    /// The indexes that a fork of the database with this catalog has, too.
    fn carried_indexes(&self, connection: &str) -> impl Iterator<Item = &Index> {
        self.indexes.iter().filter(move |one| one.connection == connection && one.is_carried_over())
    }

    /// The rows of a fork.
    fn copy_tables(&mut self, source: &Database, connection: &str) -> Result<(), Refusal> {
        let carried = self.carried_indexes(&source.connection).map(|one| one.carried_to(connection));
        let carried: Vec<_> = carried.collect();
        self.indexes.extend(carried);
        let data = self.catalog(&source.connection)?.data.as_ref().map(Data::fork).transpose()?;
        self.catalog_mut(connection)?.data = data;
        Ok(())
    }

    /// What is kept of a database that is gone.
    pub(super) fn forget_database(&mut self, gone: &Database) {
        // A fork of what is gone is nobody's business any more but its own.
        self.forks.retain(|fork| fork.of != gone.id);
    }
}
