//! What the vendor's client could do in its earlier versions: secrets, types and health of connections,
//! refreshes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;

use super::{MAX_KEPT, Space};

/// The types of connections that are listed, and what they are called.
const TYPES: [(&str, &str); 3] = [("managed", "Managed"), ("mysql", "MySQL"), ("postgres", "PostgreSQL")];

/// A secret. Its value is looked at and forgotten.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Secret {
    name: String,
    created: i64,
    updated: i64,
    /// It is gone but for its name: deleting it again is not an error.
    is_deleted: bool,
}

impl Secret {
    fn shown(&self) -> Value {
        json!({ "name": self.name, "created_at": time(self.created), "updated_at": time(self.updated) })
    }
}

pub(in super::super) fn connection_types() -> Value {
    let types = TYPES.iter().map(|(name, label)| json!({ "name": name, "label": label }));
    json!({ "connection_types": types.collect::<Vec<_>>() })
}

pub(in super::super) fn connection_type(name: &str) -> Result<Value, Refusal> {
    let found = TYPES.iter().find(|(other, _)| *other == name);
    let (name, label) = found.ok_or_else(|| Refusal::missing("connection type", name))?;
    Ok(json!({ "name": name, "label": label, "auth": null, "config_schema": { "type": "object" } }))
}

/// The value of a secret has to be there and may be empty.
fn secret_value(fields: &Fields) -> Result<(), Refusal> {
    fields.text("value")?.map(drop).ok_or_else(|| Refusal::bad("value is missing"))
}

/// Refuses types of connections that are not listed.
pub(super) fn check_source_type(name: &str) -> Result<(), Refusal> {
    match TYPES.iter().any(|(known, _)| *known == name) {
        true => Ok(()),
        false => {
            let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
            let (shown, known) = (crate::text::one_line(name, 60), known.join(", "));
            Err(Refusal::bad(format!("source_type {shown} is not known; known values: {known}")))
        }
    }
}

impl Space {
    fn secret_at(&self, name: &str) -> Result<usize, Refusal> {
        let place = self.secrets.iter().position(|one| one.name == name && !one.is_deleted);
        place.ok_or_else(|| Refusal::missing("secret", name))
    }

    pub(in super::super) fn create_secret(&mut self, fields: &Fields) -> Result<Value, Refusal> {
        let name = fields.needed("name")?;
        if name.contains(char::is_whitespace) {
            return Err(Refusal::bad("the name of a secret cannot contain white space"));
        }
        secret_value(fields)?;
        if self.secret_at(&name).is_ok() {
            return Err(Refusal::conflict("a secret with this name already exists"));
        }
        self.secrets.retain(|one| one.name != name);
        if self.secrets.iter().filter(|one| !one.is_deleted).count() >= MAX_KEPT {
            return Err(Refusal::full("secrets", MAX_KEPT));
        }
        let now = self.common.now();
        let id = self.common.id("secr");
        self.secrets.push(Secret { name: name.clone(), created: now, updated: now, is_deleted: false });
        self.note("create_secret", &name);
        Ok(json!({ "id": id, "name": name, "created_at": time(now) }))
    }

    pub(in super::super) fn list_secrets(&self) -> Value {
        let secrets = self.secrets.iter().filter(|one| !one.is_deleted);
        json!({ "secrets": secrets.map(Secret::shown).collect::<Vec<_>>() })
    }

    pub(in super::super) fn get_secret(&self, name: &str) -> Result<Value, Refusal> {
        Ok(self.secrets[self.secret_at(name)?].shown())
    }

    pub(in super::super) fn update_secret(&mut self, name: &str, fields: &Fields) -> Result<Value, Refusal> {
        let place = self.secret_at(name)?;
        secret_value(fields)?;
        let now = self.common.now();
        self.secrets[place].updated = now;
        self.note("update_secret", name);
        Ok(json!({ "name": name, "updated_at": time(now) }))
    }

    pub(in super::super) fn delete_secret(&mut self, name: &str) -> Result<(), Refusal> {
        let secret = self.secrets.iter_mut().find(|one| one.name == name);
        let secret = secret.ok_or_else(|| Refusal::missing("secret", name))?;
        // The second time nothing changes.
        if std::mem::replace(&mut secret.is_deleted, true) {
            return Ok(());
        }
        self.note("delete_secret", name);
        // The names of deleted ones have a bound of their own, and the first ones are forgotten.
        if self.secrets.iter().filter(|one| one.is_deleted).count() > MAX_KEPT
            && let Some(oldest) = self.secrets.iter().position(|one| one.is_deleted && one.name != name)
        {
            self.secrets.remove(oldest);
        }
        Ok(())
    }

    /// A connection that can be refreshed and purged: none that is managed.
    fn refreshable(&self, id: &str) -> Result<(), Refusal> {
        if self.catalog(id)?.is_managed() {
            return Err(Refusal::bad("a managed connection cannot be refreshed or purged"));
        }
        Ok(())
    }

    pub(in super::super) fn connection_health(&self, id: &str) -> Result<Value, Refusal> {
        self.catalog(id)?;
        Ok(json!({ "connection_id": id, "healthy": true, "latency_ms": 1, "error": null }))
    }

    pub(in super::super) fn purge(
        &mut self,
        operation: &'static str,
        id: &str,
        table: Option<(&str, &str)>,
    ) -> Result<(), Refusal> {
        self.refreshable(id)?;
        if let Some((schema, table)) = table {
            self.table_mut(id, schema, table)?;
        }
        self.note(operation, id);
        Ok(())
    }

    /// A refresh of all, of a connection, of a table: the status of the answer, and its body.
    pub(in super::super) fn refresh(&mut self, fields: &Fields) -> Result<(u16, Value), Refusal> {
        let connection = fields.text("connection_id")?;
        let (schema, table) = (fields.text("schema_name")?, fields.text("table_name")?);
        let data = fields.flag("data")?;
        fields.flag("include_uncached")?;
        let background = fields.background()?;
        if let Some(id) = &connection {
            self.refreshable(id)?;
        }
        let body = match (&connection, &schema, &table) {
            (Some(id), Some(schema), Some(table)) => {
                self.table_mut(id, schema, table)?;
                json!({
                    "connection_id": id, "schema_name": schema, "table_name": table,
                    "rows_synced": 0, "duration_ms": 0,
                })
            }
            (Some(id), _, None) if data => json!({
                "connection_id": id, "tables_refreshed": 0, "tables_failed": 0, "total_rows": 0, "duration_ms": 0,
            }),
            (_, None, None) if !data => {
                let refreshed = match &connection {
                    Some(_) => 1,
                    None => self.catalogs.iter().filter(|one| !one.is_managed()).count(),
                };
                json!({
                    "connections_refreshed": refreshed, "connections_failed": 0, "tables_discovered": 0,
                    "tables_added": 0, "tables_modified": 0,
                })
            }
            _ => {
                return Err(Refusal::bad(
                    "unknown kind of refresh: give connection_id, schema_name and table_name (a table), connection_id and \
                     data: true (the rows of a connection), connection_id alone (its tables), or none of these (the \
                     tables of all connections)",
                ));
            }
        };
        self.note("refresh", connection.as_deref().unwrap_or_default());
        if background.is_none() {
            return Ok((200, body));
        }
        let kind = if table.is_some() { "data_refresh_table" } else { "data_refresh_connection" };
        let end = self.common.end(self.common.pending);
        let job = self.begin_job(kind, end)?;
        Ok((202, self.ticket(&job)))
    }

    /// Jobs that do nothing else than to take their time.
    pub(super) fn settle_refreshes(&mut self) {
        for kind in ["data_refresh_table", "data_refresh_connection"] {
            for job in self.due(kind) {
                self.end_job(&job, Ok(Value::Null));
            }
        }
    }
}
