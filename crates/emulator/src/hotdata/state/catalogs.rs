//! Connections, and the catalogs that they are.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;
use crate::hotdata::sql::Database;

use super::older::check_source_type;
use super::tables::{Schema, Table, identifier};
use super::{Space, room};

/// The source type of catalogs that are loaded.
const MANAGED: &str = "managed";

/// A connection. The default catalog of a database is one, too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Catalog {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    pub(in super::super) source_type: String,
    /// The database whose default catalog it is.
    pub(in super::super) database: Option<String>,
    pub(in super::super) schemas: Vec<Schema>,
    /// Its rows; made when they are first asked for.
    pub(super) data: Option<Database>,
}

impl Catalog {
    /// Its rows.
    pub(super) fn data(&mut self) -> Result<Database, Refusal> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        let data = Database::new()?;
        self.data = Some(data.clone());
        Ok(data)
    }

    /// The default catalog of a database.
    pub(in super::super) fn of_database(id: String, name: String, database: String) -> Self {
        Self {
            id,
            name,
            source_type: MANAGED.to_owned(),
            database: Some(database),
            schemas: Vec::new(),
            data: None,
        }
    }

    pub(in super::super) fn is_managed(&self) -> bool {
        self.source_type == MANAGED
    }

    fn tables(&self) -> usize {
        self.schemas.iter().map(|schema| schema.tables.len()).sum()
    }

    fn shown(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "source_type": self.source_type })
    }
}

impl Space {
    pub(in super::super) fn catalog(&self, id: &str) -> Result<&Catalog, Refusal> {
        let found = self.catalogs.iter().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::missing("connection", id))
    }

    pub(in super::super) fn catalog_mut(&mut self, id: &str) -> Result<&mut Catalog, Refusal> {
        let found = self.catalogs.iter_mut().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::missing("connection", id))
    }

    /// One whose tables can be declared and loaded.
    pub(in super::super) fn managed(&mut self, id: &str) -> Result<&mut Catalog, Refusal> {
        let catalog = self.catalog_mut(id)?;
        if catalog.is_managed() {
            Ok(catalog)
        } else {
            Err(Refusal::bad("the source_type of the connection must be managed"))
        }
    }

    /// Default catalogs of databases are not among them.
    pub(in super::super) fn list_connections(&self) -> Value {
        let own = self.catalogs.iter().filter(|one| one.database.is_none());
        json!({ "connections": own.map(Catalog::shown).collect::<Vec<_>>() })
    }

    pub(in super::super) fn create_connection(&mut self, fields: &Fields) -> Result<Value, Refusal> {
        let name = fields.needed("name")?;
        let source_type = fields.needed("source_type")?;
        if self.common.behaviour().older_surface {
            check_source_type(&source_type)?;
        }
        if fields.object("config")?.is_none() {
            return Err(Refusal::bad("config is missing"));
        }
        let (by_name, by_id) = (fields.text("secret_name")?, fields.text("secret_id")?);
        if by_name.is_some() && by_id.is_some() {
            return Err(Refusal::bad("give secret_name or secret_id, not both"));
        }
        let taken = |one: &Catalog| one.database.is_none() && one.name.eq_ignore_ascii_case(&name);
        if self.catalogs.iter().any(taken) {
            let shown = crate::text::one_line(&name, 100);
            return Err(Refusal::conflict(format!("connection {shown} already exists")));
        }
        let own = self.catalogs.iter().filter(|one| one.database.is_none()).count();
        room(&vec![(); own], "connections")?;
        let id = self.common.id("conn");
        let catalog =
            Catalog { id: id.clone(), name, source_type, database: None, schemas: Vec::new(), data: None };
        // Nothing is there to be discovered: no source is ever called.
        let discovery = if catalog.is_managed() { "skipped" } else { "success" };
        let mut shown = catalog.shown();
        shown["tables_discovered"] = json!(0);
        shown["discovery_status"] = json!(discovery);
        self.catalogs.push(catalog);
        self.note("create_connection", &id);
        Ok(shown)
    }

    pub(in super::super) fn get_connection(&self, id: &str) -> Result<Value, Refusal> {
        let catalog = self.catalog(id)?;
        if catalog.database.is_some() {
            return Err(Refusal::missing("connection", id));
        }
        let synced = catalog.schemas.iter().flat_map(|schema| &schema.tables);
        let mut shown = catalog.shown();
        shown["table_count"] = json!(catalog.tables());
        shown["synced_table_count"] = json!(synced.filter(|table| table.loaded.is_some()).count());
        Ok(shown)
    }

    pub(in super::super) fn delete_connection(&mut self, id: &str) -> Result<(), Refusal> {
        if self.catalog(id)?.database.is_some() {
            return Err(Refusal::conflict(
                "the connection is the default catalog of a database: delete the database instead",
            ));
        }
        if self.databases.iter().any(|one| one.attaches(id)) {
            return Err(Refusal::conflict("the connection is attached to a database: detach it first"));
        }
        self.catalogs.retain(|one| one.id != id);
        self.forget_indexes(id, None);
        self.note("delete_connection", id);
        Ok(())
    }

    /// A schema of a managed catalog, with its tables: all of it, or nothing.
    pub(in super::super) fn add_schema(
        &mut self,
        operation: &'static str,
        connection: &str,
        fields: &Fields,
    ) -> Result<Value, Refusal> {
        let catalog = self.managed(connection)?;
        let schema = Schema::declared(fields)?;
        let tables: Vec<String> = schema.tables.iter().map(|table| table.name.clone()).collect();
        let name = schema.name.clone();
        catalog.add_schema(schema)?;
        self.note(operation, &format!("{connection}/{name}"));
        Ok(json!({ "connection_id": connection, "schema": name, "tables": tables }))
    }

    pub(in super::super) fn add_table(
        &mut self,
        operation: &'static str,
        connection: &str,
        schema: &str,
        fields: &Fields,
    ) -> Result<Value, Refusal> {
        let catalog = self.managed(connection)?;
        let schema = identifier("schema", schema)?;
        let table = Table::declared(fields)?;
        let name = table.name.clone();
        let found = catalog.schema_mut(&schema).ok_or_else(|| Refusal::missing("schema", &schema))?;
        found.add(table)?;
        self.note(operation, &format!("{connection}/{schema}/{name}"));
        Ok(json!({ "connection_id": connection, "schema": schema, "table": name }))
    }

    /// A table, by the names in a path.
    pub(in super::super) fn table_mut(
        &mut self,
        connection: &str,
        schema: &str,
        table: &str,
    ) -> Result<&mut Table, Refusal> {
        let (schema, table) = (schema.to_ascii_lowercase(), table.to_ascii_lowercase());
        let found = self.catalog_mut(connection)?.schema_mut(&schema).and_then(|one| one.table_mut(&table));
        found.ok_or_else(|| Refusal::missing("table", &format!("{schema}.{table}")))
    }

    pub(in super::super) fn delete_managed_table(
        &mut self,
        connection: &str,
        schema: &str,
        table: &str,
    ) -> Result<(), Refusal> {
        self.managed(connection)?;
        let name = self.table_mut(connection, schema, table)?.name.clone();
        let schema = schema.to_ascii_lowercase();
        if let Some(schema) = self.managed(connection)?.schema_mut(&schema) {
            schema.tables.retain(|one| one.name != name);
        }
        if let Some(data) = &self.managed(connection)?.data {
            data.drop_table(&schema, &name)?;
        }
        self.forget_indexes(connection, Some((&schema, &name)));
        self.note("delete_managed_table", &format!("{connection}/{schema}/{name}"));
        Ok(())
    }

    pub(in super::super) fn set_constant_per_key(
        &mut self,
        operation: &'static str,
        connection: &str,
        path: (&str, &str),
        fields: &Fields,
    ) -> Result<Value, Refusal> {
        fields.only(&["constant_per_key"])?;
        let columns = fields.texts("constant_per_key")?.unwrap_or_default();
        self.managed(connection)?;
        let table = self.table_mut(connection, path.0, path.1)?;
        if !columns.is_empty() && table.key.is_empty() {
            return Err(Refusal::bad("constant_per_key needs a table that was declared with a key"));
        }
        table.constant_per_key = columns.clone();
        let (schema, name) = (path.0.to_ascii_lowercase(), table.name.clone());
        self.note(operation, &format!("{connection}/{schema}/{name}"));
        Ok(json!({
            "connection_id": connection,
            "schema": schema,
            "table": name,
            "constant_per_key": columns,
        }))
    }
}
