//! Schemas and tables of managed catalogs, as they were declared and as they were loaded.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql;
use crate::time::End;

use super::catalogs::Catalog;

/// The longest identifier, in bytes.
const MAX_IDENTIFIER: usize = 128;
const IDENTIFIER: &str = "1 to 128 letters, digits and _, not beginning with a digit";
/// The most schemas of a catalog, and tables of a schema.
const MAX_IN_ONE: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Schema {
    pub(in super::super) name: String,
    pub(in super::super) tables: Vec<Table>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Table {
    pub(in super::super) name: String,
    pub(in super::super) key: Vec<String>,
    pub(in super::super) partition_by: Vec<Value>,
    pub(in super::super) sorted_by: Vec<Value>,
    pub(in super::super) constant_per_key: Vec<String>,
    pub(in super::super) loaded: Option<Loaded>,
}

/// What is known of a table since its last load.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Loaded {
    /// Microseconds since 1970.
    pub(in super::super) at: i64,
    pub(in super::super) rows: u64,
    pub(in super::super) columns: Vec<Column>,
    /// Until then there is no profile.
    pub(in super::super) profile: End,
}

/// A column, as the Arrow schema has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Column {
    pub(in super::super) name: String,
    /// As Arrow writes its types: `Int64`.
    pub(in super::super) data_type: String,
    pub(in super::super) nullable: bool,
}

impl From<&sql::Column> for Column {
    fn from(column: &sql::Column) -> Self {
        Self {
            name: column.name.clone(),
            data_type: column.data_type.arrow_text(),
            nullable: column.nullable,
        }
    }
}

impl Schema {
    pub(in super::super) fn new(name: String) -> Self {
        Self { name, tables: Vec::new() }
    }

    /// `{name, tables}` as databases and schemas are declared with it.
    pub(in super::super) fn declared(fields: &Fields) -> Result<Self, Refusal> {
        let mut schema = Self::new(identifier("schema", &fields.needed("name")?)?);
        for table in fields.objects("tables")? {
            schema.add(Table::declared(&table)?)?;
        }
        Ok(schema)
    }

    pub(in super::super) fn add(&mut self, table: Table) -> Result<(), Refusal> {
        if self.table(&table.name).is_some() {
            return Err(Refusal::conflict(format!("table {}.{} already exists", self.name, table.name)));
        }
        if self.tables.len() >= MAX_IN_ONE {
            return Err(Refusal::full("tables in a schema", MAX_IN_ONE));
        }
        self.tables.push(table);
        Ok(())
    }

    pub(in super::super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    pub(in super::super) fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.name == name)
    }
}

impl Table {
    pub(in super::super) fn new(name: String) -> Self {
        Self {
            name,
            key: Vec::new(),
            partition_by: Vec::new(),
            sorted_by: Vec::new(),
            constant_per_key: Vec::new(),
            loaded: None,
        }
    }

    /// As it is declared: name, key and layout.
    pub(in super::super) fn declared(fields: &Fields) -> Result<Self, Refusal> {
        let mut table = Self::new(identifier("table", &fields.needed("name")?)?);
        table.key = fields.texts("key")?.unwrap_or_default();
        for one in fields.objects("partition_by")? {
            let column = one.needed("column")?;
            let transform = one.word("transform", &["identity", "year", "month", "day", "hour"])?;
            let transform =
                transform.ok_or_else(|| Refusal::bad("partition_by: an entry has no transform"))?;
            table.partition_by.push(json!({ "column": column, "transform": transform }));
        }
        for one in fields.objects("sorted_by")? {
            let mut key = json!({ "column": one.needed("column")? });
            key["direction"] = json!(one.word("direction", &["asc", "desc"])?.unwrap_or("asc"));
            if let Some(nulls) = one.word("nulls", &["first", "last"])? {
                key["nulls"] = json!(nulls);
            }
            table.sorted_by.push(key);
        }
        table.constant_per_key = fields.texts("constant_per_key")?.unwrap_or_default();
        Ok(table)
    }

    /// As `information_schema` shows it, without its columns.
    pub(in super::super) fn shown(&self, connection: &str, schema: &str) -> Value {
        json!({
            "connection": connection,
            "schema": schema,
            "table": self.name,
            "synced": self.loaded.is_some(),
            "last_sync": self.loaded.as_ref().map(|loaded| crate::hotdata::common::time(loaded.at)),
            "partition_by": self.partition_by,
            "sorted_by": self.sorted_by,
            "constant_per_key": self.constant_per_key,
        })
    }
}

impl Catalog {
    pub(in super::super) fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.name == name)
    }

    pub(in super::super) fn schema_mut(&mut self, name: &str) -> Option<&mut Schema> {
        self.schemas.iter_mut().find(|schema| schema.name == name)
    }

    pub(in super::super) fn add_schema(&mut self, schema: Schema) -> Result<(), Refusal> {
        if self.schema(&schema.name).is_some() {
            return Err(Refusal::conflict(format!("schema {} already exists", schema.name)));
        }
        if self.schemas.len() >= MAX_IN_ONE {
            return Err(Refusal::full("schemas in a catalog", MAX_IN_ONE));
        }
        self.schemas.push(schema);
        Ok(())
    }

    /// Whether any table has rows in it, or had.
    pub(in super::super) fn is_loaded(&self) -> bool {
        self.schemas.iter().flat_map(|schema| &schema.tables).any(|table| table.loaded.is_some())
    }
}

/// An identifier as the server keeps it: in lower case.
pub(in super::super) fn identifier(what: &str, text: &str) -> Result<String, Refusal> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts_well = !text.starts_with(|c: char| c.is_ascii_digit());
    if text.is_empty() || text.len() > MAX_IDENTIFIER || !starts_well || !text.chars().all(good) {
        let shown = crate::text::one_line(text, 60);
        return Err(Refusal::bad(format!("{what} name {shown} is not an identifier: {IDENTIFIER}")));
    }
    Ok(text.to_ascii_lowercase())
}
