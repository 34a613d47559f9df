//! Names of tables: `DATABASE.SCHEMA.TABLE`.

use controlplane::hotdata::DatabaseDetailResponse;

use crate::failure::{Failure, Result};

use super::Hotdata;

/// A table in a schema of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableName {
    /// The id of the database, or its name.
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) table: String,
}

/// Reads a name. Dots before the last two belong to the database.
pub(super) fn table(text: &str) -> std::result::Result<TableName, String> {
    let mut parts = text.rsplitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(table), Some(schema), Some(database))
            if ![table, schema, database].iter().any(|part| part.is_empty()) =>
        {
            Ok(TableName { database: database.into(), schema: schema.into(), table: table.into() })
        }
        _ => Err("write DATABASE.SCHEMA.TABLE, as sales.main.orders".to_owned()),
    }
}

/// Returns the database with this id, or else with this name.
pub(super) fn database(hotdata: &Hotdata<'_>, id_or_name: &str) -> Result<DatabaseDetailResponse> {
    let databases = hotdata.client.databases();
    match hotdata.command(databases.get(id_or_name)).send() {
        Err(error) if error.is_not_found() => {}
        found => return Ok(found?),
    }
    hotdata.command(databases.lookup_by_name(id_or_name)).send().map_err(|error| {
        let is_missing = error.is_not_found();
        let failure = Failure::from(error);
        if is_missing {
            failure.hint(format!(
                "No database has the id or the name {id_or_name:?}. `controlplane hotdata databases list` lists them."
            ))
        } else {
            failure
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_three_parts() {
        let name = table("a.b.main.orders").unwrap();
        assert_eq!((&*name.database, &*name.schema, &*name.table), ("a.b", "main", "orders"));
        for text in ["", "orders", "main.orders", ".main.orders", "sales..orders", "sales.main."] {
            assert!(table(text).is_err(), "{text}");
        }
    }
}
