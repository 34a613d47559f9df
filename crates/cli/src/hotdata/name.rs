//! Names of databases, and of tables: `DATABASE.SCHEMA.TABLE`.

use std::collections::BTreeMap;

use controlplane::ErrorKind;
use controlplane::hotdata::DatabaseDetailResponse;

use crate::command;
use crate::failure::{Exit, Failure, Result};
use crate::near::{did_you_mean, nearest};
use crate::output::visible;
use crate::{show, stderr};

use super::Hotdata;

/// The most databases that are read to say which one was meant.
const MAX_READ: usize = 500;

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

impl TableName {
    /// The whole name, with the database as it was written.
    pub(super) fn text(&self) -> String {
        format!("{}.{}.{}", self.database, self.schema, self.table)
    }
}

/// True for a text with the form of ids. The service documents no form, so it decides no more than which
/// look-up comes first.
fn is_like_id(text: &str) -> bool {
    let is_of_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() >= 20 && text.starts_with("dbid") && text.chars().all(is_of_id)
}

/// Returns the id of the database with this id or name. What has the form of an id is not looked up: the call
/// that it is for fails if there is none. In a dry run something else stands for the id.
pub(super) fn id(hotdata: &Hotdata<'_>, text: &str) -> Result<String> {
    if is_like_id(text) {
        return Ok(text.to_owned());
    }
    if hotdata.app.globals.dry_run {
        return Ok(looked_up(hotdata, &format!("id of {text}")));
    }
    Ok(database(hotdata, text)?.id)
}

/// Returns the connection of the own catalog of the database with this id or name. In a dry run something
/// else stands for it.
pub(super) fn connection(hotdata: &Hotdata<'_>, text: &str) -> Result<String> {
    if hotdata.app.globals.dry_run {
        return Ok(looked_up(hotdata, &format!("default_connection_id of {text}")));
    }
    Ok(database(hotdata, text)?.default_connection_id)
}

/// The text in place of a value in a dry run, which sends no look-up.
fn looked_up(hotdata: &Hotdata<'_>, what: &str) -> String {
    let stands = show::placeholder(what);
    if !hotdata.app.globals.quiet {
        stderr::say(&format!(
            "`{stands}` stands for a value that a request before this one finds; a dry run does not send that request."
        ));
    }
    stands
}

/// Returns the database with this id or name.
pub(super) fn database(hotdata: &Hotdata<'_>, text: &str) -> Result<DatabaseDetailResponse> {
    let databases = hotdata.client.databases();
    let by_id = || command::prepared(hotdata.app, databases.get(text)).send();
    let by_name = || command::prepared(hotdata.app, databases.lookup_by_name(text)).send();
    let found = match is_like_id(text) {
        true => by_id().or_else(|error| if error.is_not_found() { by_name() } else { Err(error) }),
        false => by_name().or_else(|error| if error.is_not_found() { by_id() } else { Err(error) }),
    };
    found.map_err(|error| {
        // As far as the list can be read; without it the advice is a general one.
        if error.is_not_found() {
            return unknown(text, &all(hotdata).unwrap_or_default());
        }
        if error.kind() == ErrorKind::Conflict {
            return ambiguous(text, &all(hotdata).unwrap_or_default());
        }
        error.into()
    })
}

/// The ids of the databases by their names.
fn all(hotdata: &Hotdata<'_>) -> controlplane::Result<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for database in command::prepared(hotdata.app, hotdata.client.databases().list()).iter().take(MAX_READ) {
        let database = database?;
        found.entry(database.name.unwrap_or_default()).or_default().push(database.id);
    }
    Ok(found)
}

fn unknown(text: &str, all: &BTreeMap<String, Vec<String>>) -> Failure {
    let near = nearest(text, all.keys().map(String::as_str).filter(|name| !name.is_empty()));
    let advice = match near.as_slice() {
        [] => "`controlplane hotdata databases list` lists the databases.".to_owned(),
        names => visible(&did_you_mean(names)),
    };
    let shown = visible(text);
    Failure::new(Exit::Refused, format!("no database of the workspace has the name or the id `{shown}`"))
        .hint(advice)
}

fn ambiguous(text: &str, all: &BTreeMap<String, Vec<String>>) -> Failure {
    let same = all.iter().filter(|(name, _)| name.eq_ignore_ascii_case(text)).flat_map(|(_, ids)| ids);
    let ids: Vec<String> = same.map(|id| visible(id)).collect();
    let advice = match ids.as_slice() {
        [] => "Use the id: `controlplane hotdata databases list` lists them.".to_owned(),
        ids => format!("Use the id: {}.", ids.join(" or ")),
    };
    Failure::new(Exit::Refused, format!("several databases have the name `{}`", visible(text))).hint(advice)
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
