//! Databases: metadata, a default catalog, and what is attached.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::pages::{Size, by_cursor};
use crate::hotdata::refusal::Refusal;
use crate::parameters::Parameters;

use super::catalogs::Catalog;
use super::lineage::Origin;
use super::tables::Schema;
use super::{MAX_DATABASES, Space};

/// Names that no catalog may have.
const RESERVED: [&str; 2] = ["hotdata", "information_schema"];
/// The pages of a list. The default is the emulator's own.
const PAGE: Size = Size { default: 25, most: 100 };
/// The longest name, in bytes.
const MAX_NAME: usize = 1024;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Database {
    pub(in super::super) id: String,
    pub(in super::super) name: Option<String>,
    pub(in super::super) default_catalog: String,
    pub(in super::super) default_schema: String,
    pub(in super::super) connection: String,
    /// Connections, and the names that they have here.
    pub(in super::super) attachments: Vec<(String, Option<String>)>,
    /// Microseconds since 1970.
    pub(in super::super) created: i64,
    pub(in super::super) expires: Option<i64>,
    /// Where it was forked from, then where that was, and so on.
    pub(in super::super) origins: Vec<Origin>,
    pub(in super::super) batch: Option<String>,
}

/// What databases are made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Template {
    pub(in super::super) name: Option<String>,
    pub(in super::super) default_catalog: String,
    pub(in super::super) default_schema: String,
    pub(in super::super) expires: Option<i64>,
    pub(in super::super) schemas: Vec<Schema>,
    pub(in super::super) batch: Option<String>,
}

impl Database {
    pub(in super::super) fn attaches(&self, connection: &str) -> bool {
        self.attachments.iter().any(|(id, _)| id == connection)
    }

    fn expires(&self) -> Option<String> {
        self.expires.map(time)
    }

    fn summary(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "default_catalog": self.default_catalog,
            "default_schema": self.default_schema,
            "created_at": time(self.created),
            "expires_at": self.expires(),
        });
        if let Some(origin) = self.origins.first() {
            shown["forked_from"] = origin.shown();
        }
        shown
    }

    fn detail(&self) -> Value {
        let mut shown = self.summary();
        let attached =
            |(id, alias): &(String, Option<String>)| json!({ "connection_id": id, "alias": alias });
        shown["default_connection_id"] = json!(self.connection);
        shown["attachments"] = self.attachments.iter().map(attached).collect();
        shown
    }

    /// The answer to its creation.
    pub(in super::super) fn made(&self, created: Option<bool>) -> Value {
        let mut shown = self.summary();
        if let Some(shown) = shown.as_object_mut() {
            shown.remove("created_at");
            shown.insert("default_connection_id".to_owned(), json!(self.connection));
            if let Some(created) = created {
                shown.insert("created".to_owned(), json!(created));
            }
        }
        shown
    }

    fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

impl Template {
    /// By the body of a creation, for one or for many.
    pub(in super::super) fn read(space: &Space, fields: &Fields) -> Result<Self, Refusal> {
        let word = |name: &str, default: &str| -> Result<String, Refusal> {
            let Some(text) = fields.text(name)? else { return Ok(default.to_owned()) };
            let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            let starts_well = !text.starts_with(|c: char| c.is_ascii_digit());
            if text.is_empty() || text.len() > 128 || !starts_well || !text.bytes().all(good) {
                return Err(Refusal::bad(format!(
                    "{name} must have 1 to 128 characters of a-z, 0-9 and _, and not begin with a digit"
                )));
            }
            Ok(text)
        };
        let default_catalog = word("default_catalog", "default")?;
        if RESERVED.contains(&default_catalog.as_str()) {
            return Err(Refusal::bad(format!("default_catalog {default_catalog} is reserved")));
        }
        let expires = fields.text("expires_at")?.map(|text| space.common.expiry(&text)).transpose()?;
        let mut schemas: Vec<Schema> = Vec::new();
        for declared in fields.objects("schemas")? {
            let schema = Schema::declared(&declared)?;
            if schemas.iter().any(|other| other.name == schema.name) {
                return Err(Refusal::bad(format!("schema {} is declared twice", schema.name)));
            }
            schemas.push(schema);
        }
        let only = if let [only] = &*schemas { &only.name } else { "main" };
        let default_schema = word("default_schema", only)?;
        if !schemas.iter().any(|schema| schema.name == default_schema) {
            schemas.insert(0, Schema::new(default_schema.clone()));
        }
        Ok(Self { name: None, default_catalog, default_schema, expires, schemas, batch: None })
    }
}

impl Space {
    pub(in super::super) fn database(&self, id: &str) -> Result<&Database, Refusal> {
        let found = self.databases.iter().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::missing("database", id))
    }

    fn database_mut(&mut self, id: &str) -> Result<&mut Database, Refusal> {
        let found = self.databases.iter_mut().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::missing("database", id))
    }

    /// The one that `X-Database-Id` names: missing and malformed is 400, unknown 404.
    pub(in super::super) fn database_of_header(&self, header: Option<&str>) -> Result<String, Refusal> {
        let id = header.ok_or_else(|| Refusal::bad("the header X-Database-Id is missing"))?;
        is_database_id("X-Database-Id", id)?;
        Ok(self.database(id)?.id.clone())
    }

    /// What time has taken away.
    pub(super) fn expire_databases(&mut self) {
        let now = self.common.now();
        let is_over = |one: &Database| one.expires.is_some_and(|at| at <= now);
        let gone: Vec<String> =
            self.databases.iter().filter(|one| is_over(one)).map(|one| one.id.clone()).collect();
        for id in gone {
            self.remove_database(&id);
        }
    }

    /// Takes it away with all that is its own.
    pub(super) fn remove_database(&mut self, id: &str) {
        let Some(place) = self.databases.iter().position(|one| one.id == id) else { return };
        let gone = self.databases.remove(place);
        self.catalogs.retain(|one| one.id != gone.connection);
        self.forget_indexes(&gone.connection, None);
        self.contexts.retain(|one| one.database != gone.id);
        for other in &mut self.databases {
            other.attachments.retain(|(connection, _)| *connection != gone.connection);
        }
        self.forget_database(&gone);
    }

    pub(super) fn put_database(
        &mut self,
        template: Template,
        origins: Vec<Origin>,
    ) -> Result<&Database, Refusal> {
        if self.databases.len() >= MAX_DATABASES {
            return Err(Refusal::full("databases", MAX_DATABASES));
        }
        let id = self.common.id("dbid");
        let connection = self.common.id("conn");
        let Template { name, default_catalog, default_schema, expires, schemas, batch } = template;
        let mut catalog = Catalog::of_database(connection.clone(), default_catalog.clone(), id.clone());
        catalog.schemas = schemas;
        self.catalogs.push(catalog);
        let database = Database {
            id,
            name,
            default_catalog,
            default_schema,
            connection,
            attachments: Vec::new(),
            created: self.common.now(),
            expires,
            origins,
            batch,
        };
        self.databases.push(database);
        self.databases.last().ok_or_else(|| Refusal::full("databases", 0))
    }

    /// Those that are asked for: the newest first, of a batch by id.
    fn found(&self, query: &Parameters) -> Vec<&Database> {
        let search = query.text("search").map(str::to_ascii_lowercase);
        let batch = query.text("batch");
        let fits = |one: &&Database| {
            let name = || one.name.as_ref().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
            search.as_ref().is_none_or(|search| name().contains(search))
                && batch.is_none_or(|batch| one.batch.as_deref() == Some(batch))
        };
        let mut found: Vec<&Database> = self.databases.iter().rev().filter(fits).collect();
        if batch.is_some() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
        }
        found
    }

    pub(in super::super) fn list_databases(&self, query: &Parameters) -> Result<Value, Refusal> {
        let found = self.found(query).into_iter().map(|one| (one.id.clone(), one)).collect();
        let list = format!("databases {:?} {:?}", query.text("search"), query.text("batch"));
        by_cursor("databases", &list, self.common.seed, query, PAGE, found, Database::summary)
    }

    pub(in super::super) fn count_databases(&self, query: &Parameters) -> Value {
        json!({ "total": self.found(query).len() })
    }

    /// The one of this name; 409 if there are several.
    pub(in super::super) fn database_by_name(&self, name: &str) -> Result<Option<&Database>, Refusal> {
        let mut named = self.databases.iter().filter(|one| one.is_named(name));
        match (named.next(), named.next()) {
            (first, None) => Ok(first),
            _ => Err(Refusal::conflict("several databases have this name: use the id of one of them")),
        }
    }

    pub(in super::super) fn lookup_database(&self, name: Option<&str>) -> Result<Value, Refusal> {
        let name = name.ok_or_else(|| Refusal::bad("query parameter `name` is missing"))?;
        let found = self.database_by_name(name)?;
        Ok(found.ok_or_else(|| Refusal::missing("database", name))?.detail())
    }

    /// The status of the answer, and its body.
    pub(in super::super) fn create_database(&mut self, fields: &Fields) -> Result<(u16, Value), Refusal> {
        let older = fields.text("description")?;
        let name = fields.text("name")?.or(older);
        if name.as_ref().is_some_and(|name| name.is_empty() || name.len() > MAX_NAME) {
            return Err(Refusal::bad(format!("name is empty or longer than {MAX_NAME} bytes")));
        }
        let mut template = Template::read(self, fields)?;
        if fields.flag("if_not_exists")? {
            let name = name
                .as_ref()
                .ok_or_else(|| Refusal::bad("if_not_exists can only be given together with name"))?;
            if let Some(found) = self.database_by_name(name)? {
                return Ok((200, found.made(Some(false))));
            }
        }
        template.name = name;
        let made = self.put_database(template, Vec::new())?;
        let (id, shown) = (made.id.clone(), made.made(Some(true)));
        self.note("create_database", &id);
        Ok((201, shown))
    }

    pub(in super::super) fn get_database(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.database(id)?.detail())
    }

    /// Whether another database has its catalog.
    pub(super) fn is_attached(&self, database: &Database) -> bool {
        self.databases.iter().any(|other| other.id != database.id && other.attaches(&database.connection))
    }

    pub(in super::super) fn delete_database(&mut self, id: &str) -> Result<(), Refusal> {
        if self.is_attached(self.database(id)?) {
            return Err(Refusal::conflict(
                "the catalog of this database is attached to another database: detach it there first",
            ));
        }
        self.remove_database(id);
        self.note("delete_database", id);
        Ok(())
    }

    pub(in super::super) fn attach(&mut self, id: &str, fields: &Fields) -> Result<(), Refusal> {
        let connection = fields.needed("connection_id")?;
        let alias = fields.text("alias")?;
        let database = self.database(id)?;
        let catalog = self.catalog(&connection)?;
        if database.connection == connection {
            return Err(Refusal::bad(
                "connection_id is the default catalog of this database, which is always attached",
            ));
        }
        if database.attaches(&connection) {
            return Err(Refusal::conflict("the connection is already attached to this database"));
        }
        let name = match &alias {
            Some(alias) => super::tables::identifier("alias", alias)?,
            None => catalog.name.to_ascii_lowercase(),
        };
        let is_taken =
            name == "default" || name == database.default_catalog || RESERVED.contains(&name.as_str());
        if is_taken {
            return Err(match alias {
                Some(_) => Refusal::conflict(format!(
                    "the alias {name} is reserved in this database: choose another"
                )),
                None => Refusal::bad(format!("the name {name} is reserved in this database: give an alias")),
            });
        }
        let named = |(other, alias): &(String, Option<String>)| {
            let own = self.catalog(other).map(|one| one.name.to_ascii_lowercase()).unwrap_or_default();
            alias.clone().unwrap_or(own)
        };
        if database.attachments.iter().any(|one| named(one) == name) {
            return Err(Refusal::conflict(format!(
                "another attached catalog has the name {name}: give another alias"
            )));
        }
        let alias = alias.map(|_| name);
        self.database_mut(id)?.attachments.push((connection.clone(), alias));
        self.note("attach_database_catalog", &format!("{id}/{connection}"));
        Ok(())
    }

    pub(in super::super) fn detach(&mut self, id: &str, connection: &str) -> Result<(), Refusal> {
        let database = self.database_mut(id)?;
        if database.connection == connection {
            return Err(Refusal::bad("the default catalog of a database cannot be detached"));
        }
        if !database.attaches(connection) {
            return Err(Refusal::missing("attachment", connection));
        }
        database.attachments.retain(|(other, _)| other != connection);
        self.note("detach_database_catalog", &format!("{id}/{connection}"));
        Ok(())
    }
}

/// Refuses what is not an id of a database.
pub(in super::super) fn is_database_id(what: &str, id: &str) -> Result<(), Refusal> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let rest = id.strip_prefix("dbid").filter(|rest| !rest.is_empty() && rest.bytes().all(good));
    if rest.is_some() {
        Ok(())
    } else {
        Err(Refusal::bad(format!(
            "{what} is not the id of a database: an id is dbid, followed by letters a-z or digits"
        )))
    }
}

/// Leaves out what is null.
pub(in super::super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}
