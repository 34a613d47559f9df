//! The tables of a database in a document: columns, and rows in their order.

use std::fmt;

use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Connection, Statement, ToSql, TransactionBehavior, params_from_iter};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hotdata::formats::{Cell, KeptRow};

use super::database::{Database, TableFacts, stored_name};
use super::lexer::quoted;
use super::load::create;
use super::types::Column;

#[derive(Serialize)]
struct ShownTable<'d> {
    schema: &'d str,
    name: &'d str,
    columns: &'d [Column],
    rows: Rows<'d>,
}

/// The rows of a table, read while they are written.
struct Rows<'d> {
    connection: &'d Connection,
    table: String,
    columns: &'d [Column],
}

impl Serialize for Database {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        let (connection, tables) = self.parts();
        to.collect_seq(tables.iter().map(|((schema, name), facts)| ShownTable {
            schema,
            name,
            columns: &facts.columns,
            rows: Rows {
                connection: &connection,
                table: quoted(&stored_name(schema, name)),
                columns: &facts.columns,
            },
        }))
    }
}

impl Serialize for Rows<'_> {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        let names: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        // SQLite reads a table in the order of its rows.
        let sql = format!("SELECT {} FROM {}", names.join(", "), self.table);
        let mut select = self.connection.prepare(&sql).map_err(Z::Error::custom)?;
        let mut rows = select.query([]).map_err(Z::Error::custom)?;
        let mut seq = to.serialize_seq(None)?;
        while let Some(row) = rows.next().map_err(Z::Error::custom)? {
            let cells = (0..names.len()).map(|place| row.get_ref(place).map(cell));
            let cells = cells.collect::<Result<Vec<Cell>, _>>().map_err(Z::Error::custom)?;
            seq.serialize_element(&cells)?;
        }
        seq.end()
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Stored::Null),
            Self::Int(number) => ToSqlOutput::Owned(Stored::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Stored::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

impl<'de> Deserialize<'de> for Database {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader(Database);

        impl<'de> Visitor<'de> for Reader {
            type Value = Database;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of tables")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Database, A::Error> {
                while let Some(()) = seq.next_element_seed(TableReader(&self.0))? {}
                Ok(self.0)
            }
        }

        let database = Self::new().map_err(|e| D::Error::custom(e.message()))?;
        from.deserialize_seq(Reader(database))
    }
}

/// Reads a table into a database, row by row: as a list of values the rows take many times as much memory.
#[derive(Clone, Copy)]
struct TableReader<'d>(&'d Database);

/// What a table is called until its name has been read: its fields come in any order but for one.
const UNNAMED: &str = "table without a name";

impl<'de> DeserializeSeed<'de> for TableReader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TableReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table: an object with schema, name, columns and rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let in_sql = |e: rusqlite::Error| A::Error::custom(e.to_string());
        let (mut schema, mut name) = (None::<String>, None::<String>);
        let (mut columns, mut rows) = (None::<Vec<Column>>, None::<u64>);
        let unnamed = quoted(UNNAMED);
        let (mut connection, tables) = self.0.parts();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(in_sql)?;
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Schema => once(&mut schema, "schema", &mut map)?,
                Field::Name => once(&mut name, "name", &mut map)?,
                Field::Columns => once(&mut columns, "columns", &mut map)?,
                Field::Rows if rows.is_some() => return Err(A::Error::duplicate_field("rows")),
                Field::Rows => {
                    let Some(columns) = &columns else {
                        return Err(A::Error::custom("the rows of a table must come after its columns"));
                    };
                    transaction.execute_batch(&create(&unnamed, columns)).map_err(in_sql)?;
                    let marks = vec!["?"; columns.len()].join(", ");
                    let insert = format!("INSERT INTO {unnamed} VALUES ({marks})");
                    let insert = transaction.prepare(&insert).map_err(in_sql)?;
                    rows = Some(map.next_value_seed(RowsReader { columns, insert })?);
                }
            }
        }
        let missing = A::Error::missing_field;
        let schema = schema.ok_or_else(|| missing("schema"))?;
        let name = name.ok_or_else(|| missing("name"))?;
        let columns = columns.ok_or_else(|| missing("columns"))?;
        let rows = rows.ok_or_else(|| missing("rows"))?;
        let key = (schema, name);
        let shown = || crate::text::one_line(&format!("{}.{}", key.0, key.1), 100);
        if tables.contains_key(&key) {
            return Err(A::Error::custom(format!("there are two tables {}", shown())));
        }
        let rename = format!("ALTER TABLE {unnamed} RENAME TO {}", quoted(&stored_name(&key.0, &key.1)));
        transaction
            .execute_batch(&rename)
            .and_then(|()| transaction.commit())
            .map_err(|e| A::Error::custom(format!("table {}: {e}", shown())))?;
        drop(connection);
        self.0.set_facts(key, TableFacts { columns, rows });
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Schema,
    Name,
    Columns,
    Rows,
}

/// Reads a field that has not been there before.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    field: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    match field.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(A::Error::duplicate_field(name)),
    }
}

/// Puts rows into a table; how many they are.
struct RowsReader<'t> {
    columns: &'t [Column],
    insert: Statement<'t>,
}

impl<'de> DeserializeSeed<'de> for RowsReader<'_> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<u64, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowsReader<'_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u64, A::Error> {
        let Self { columns, mut insert } = self;
        let mut place = 0;
        while let Some(KeptRow(row)) = seq.next_element()? {
            if row.len() != columns.len() {
                let (values, columns) = (row.len(), columns.len());
                return Err(A::Error::custom(format!(
                    "row {place} has {values} values, but the table has {columns} columns"
                )));
            }
            let wrong = columns.iter().zip(&row).find(|(column, cell)| !cell.fits(column.data_type));
            if let Some((Column { name, data_type, .. }, _)) = wrong {
                let (name, kind) = (crate::text::one_line(name, 60), data_type.arrow_text());
                return Err(A::Error::custom(format!(
                    "row {place}, column `{name}`: the value is not of the type {kind}"
                )));
            }
            insert.execute(params_from_iter(row)).map_err(|e| A::Error::custom(e.to_string()))?;
            place += 1;
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_into_the_table_while_they_are_read() {
        let columns = r#""columns": [{"name": "a", "data_type": "Int64", "nullable": true}]"#;
        let read = |text: String| serde_json::from_str::<Database>(&text);
        for text in [
            format!(r#"[{{"schema": "s", "name": "t", {columns}, "rows": [[1], [null]]}}]"#),
            format!(r#"[{{{columns}, "name": "t", "rows": [[1], [null]], "schema": "s"}}]"#),
        ] {
            let database = read(text).unwrap();
            assert_eq!(database.table("s", "t").unwrap().rows, 2);
            assert!(serde_json::to_string(&database).unwrap().ends_with(r#""rows":[[1],[null]]}]"#));
        }
        let table = format!(r#"{{"schema": "s", "name": "t", {columns}, "rows": []}}"#);
        for (text, why) in [
            // The wrong row is met before the end, which is not there.
            (
                format!(r#"[{{"schema": "s", "name": "t", {columns}, "rows": [[1], ["x"], "#),
                "row 1, column `a`",
            ),
            (format!(r#"[{{"schema": "s", "name": "t", "rows": [], {columns}}}]"#), "come after its columns"),
            (format!("[{table}, {table}]"), "two tables s.t"),
            (format!(r#"[{{"schema": "s", {columns}, "rows": []}}]"#), "missing field `name`"),
            (format!(r#"[{{"schema": "s", "schema": "s", {columns}, "rows": []}}]"#), "duplicate field"),
            (format!(r#"[{{"schema": "s", "more": 1, {columns}, "rows": []}}]"#), "unknown field"),
        ] {
            let refused = read(text).unwrap_err().to_string();
            assert!(refused.contains(why), "{why}: {refused}");
        }
    }
}
