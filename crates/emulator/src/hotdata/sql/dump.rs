//! The tables of a database in a document: columns, and rows in their order.

use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior, params_from_iter};
use serde::de::Error as _;
use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hotdata::formats::Cell;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptTable {
    schema: String,
    name: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
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
        let tables = Vec::<KeptTable>::deserialize(from)?;
        let database = Self::new().map_err(|e| D::Error::custom(e.message()))?;
        for table in tables {
            let name = (table.schema.clone(), table.name.clone());
            let shown = crate::text::one_line(&format!("{}.{}", name.0, name.1), 100);
            let facts =
                table.fill(&database).map_err(|why| D::Error::custom(format!("table {shown}: {why}")))?;
            database.set_facts(name, facts);
        }
        Ok(database)
    }
}

impl KeptTable {
    fn fill(self, database: &Database) -> Result<TableFacts, String> {
        let Self { schema, name, columns, rows } = self;
        let table = quoted(&stored_name(&schema, &name));
        let (mut connection, _) = database.parts();
        let in_sql = |e: rusqlite::Error| e.to_string();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(in_sql)?;
        transaction.execute_batch(&create(&table, &columns)).map_err(in_sql)?;
        {
            let marks = vec!["?"; columns.len()].join(", ");
            let mut insert =
                transaction.prepare(&format!("INSERT INTO {table} VALUES ({marks})")).map_err(in_sql)?;
            for (place, row) in rows.iter().enumerate() {
                if row.len() != columns.len() {
                    return Err(format!(
                        "row {place} has {} values, and there are {} columns",
                        row.len(),
                        columns.len()
                    ));
                }
                if let Some((column, _)) =
                    columns.iter().zip(row).find(|(column, cell)| !cell.fits(column.data_type))
                {
                    let kind = column.data_type.arrow_text();
                    return Err(format!("row {place}, column `{}`: the value is no {kind}", column.name));
                }
                insert.execute(params_from_iter(row)).map_err(in_sql)?;
            }
        }
        transaction.commit().map_err(in_sql)?;
        Ok(TableFacts { columns, rows: rows.len() as u64 })
    }
}
