//! The information schema, and what the workspace has used.

use serde_json::{Value, json};

use crate::calendar;
use crate::hotdata::call::flag;
use crate::hotdata::common::time;
use crate::hotdata::pages::{Size, by_cursor};
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::Database;
use crate::parameters::Parameters;

use super::Space;
use super::tables::Column;

/// The pages of the information schema; both numbers are the emulator's own.
const PAGE: Size = Size { default: 100, most: 1000 };

impl Column {
    pub(super) fn shown(&self) -> Value {
        json!({ "name": self.name, "data_type": self.data_type, "nullable": self.nullable })
    }
}

impl Space {
    /// All tables of all connections, default catalogs of databases among them.
    pub(in super::super) fn information_schema(&self, query: &Parameters) -> Result<Value, Refusal> {
        let connection = query.text("connection_id");
        if let Some(id) = connection {
            self.catalog(id)?;
        }
        let with_columns = flag(query, "include_columns")?;
        let (schema, table) = (query.text("schema"), query.text("table"));
        let mut found = Vec::new();
        for catalog in self.catalogs.iter().filter(|one| connection.is_none_or(|id| one.id == id)) {
            for one in catalog.schemas.iter().filter(|one| schema.is_none_or(|like| is_like(&one.name, like)))
            {
                for two in one.tables.iter().filter(|two| table.is_none_or(|like| is_like(&two.name, like))) {
                    let mut shown = two.shown(&catalog.name, &one.name);
                    if with_columns {
                        let columns = two.loaded.iter().flat_map(|loaded| &loaded.columns);
                        shown["columns"] = columns.map(Column::shown).collect();
                    }
                    found.push((format!("{}/{}/{}", catalog.id, one.name, two.name), shown));
                }
            }
        }
        let list = format!("tables {connection:?} {schema:?} {table:?} {with_columns}");
        by_cursor("tables", &list, self.common.seed, query, PAGE, found, |shown| shown)
    }

    pub(in super::super) fn usage(&self, since: Option<&str>) -> Result<Value, Refusal> {
        let now = self.common.now();
        let since = match since {
            None => calendar::read(&format!("{}-01T00:00:00Z", &time(now)[..7])).unwrap_or(now),
            Some(text) => calendar::read(text).ok_or_else(|| {
                Refusal::bad("since must be a time in ISO 8601, such as 2026-01-01T00:00:00Z")
            })?,
        };
        let (queries, scanned) = self.used(since);
        Ok(json!({
            "bytes_scanned": scanned,
            "query_count": queries,
            "since": time(since),
            "storage_bytes": self.stored(),
            "storage_captured_at": time(now),
        }))
    }
}

impl Space {
    /// What all tables take.
    fn stored(&self) -> u64 {
        self.catalogs.iter().filter_map(|one| one.data.as_ref()).map(Database::bytes).sum()
    }

    /// What is known of the columns of a table: a while after it was loaded.
    pub(in super::super) fn profile(&mut self, path: (&str, &str, &str)) -> Result<Value, Refusal> {
        let now = self.common.instant();
        let missing = || Refusal::missing("profile", &format!("{}.{}", path.1, path.2));
        let table = self.table_mut(path.0, path.1, path.2)?;
        let name = table.name.clone();
        let loaded = table.loaded.as_mut().ok_or_else(missing)?;
        if !loaded.profile.look(now) {
            return Err(missing());
        }
        let (rows, at) = (loaded.rows, loaded.at);
        let schema = path.1.to_ascii_lowercase();
        let catalog = self.catalog(path.0)?;
        let data = catalog.data.as_ref().ok_or_else(missing)?;
        let columns = data.profile(&schema, &name)?.ok_or_else(missing)?;
        Ok(json!({
            "connection": catalog.name,
            "schema": schema,
            "table": name,
            "row_count": rows,
            "synced_at": time(at),
            "columns": columns,
        }))
    }
}

/// `LIKE` of SQL with `%` alone, whatever the case.
fn is_like(text: &str, like: &str) -> bool {
    let (text, like) = (text.to_ascii_lowercase(), like.to_ascii_lowercase());
    let mut parts = like.split('%');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_stand_for_anything() {
        for (like, fits) in [
            ("orders", true),
            ("ORDERS", true),
            ("order", false),
            ("%", true),
            ("ord%", true),
            ("%ers", true),
            ("%rd%r%", true),
            ("o%d%s", true),
            ("%x%", false),
            ("orders%s", false),
        ] {
            assert_eq!(is_like("orders", like), fits, "{like}");
        }
    }
}
