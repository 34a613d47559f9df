//! What a load is going to do to a table's columns, decided before anything is touched.

use crate::hotdata::sql::database::TableFacts;
use crate::hotdata::sql::error::{SqlError, bad};
use crate::hotdata::sql::types::{Column, ColumnType};

use super::rows::{Raw, each, guess};
use super::{Load, Mode, Source};

/// What a load is going to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The table's columns after it.
    pub(super) columns: Vec<Column>,
    /// For each column of the source, its place among them.
    pub(super) places: Vec<usize>,
    /// The places of the key columns.
    pub(super) key: Vec<usize>,
    /// Whether a column that is there changes its type.
    pub(super) widens: bool,
}

/// Reads the source once and decides.
pub(super) fn plan(load: &Load<'_>, existing: Option<&TableFacts>) -> Result<Plan, SqlError> {
    let source = survey(load)?;
    let existing = existing.map_or(&[][..], |facts| facts.columns.as_slice());
    let kept = if load.mode == Mode::Replace { &[][..] } else { existing };
    if load.mode.is_keyed() {
        check_key(load, &source, existing)?;
    }
    // What is not carried would be lost; but a delete carries only what it finds rows by.
    if load.mode != Mode::Delete
        && let Some(missing) =
            kept.iter().find(|column| !source.iter().any(|new| is_same(&new.0, &column.name)))
    {
        let what = match load.mode {
            Mode::Append => {
                "an append must carry every column the table has, since a column left out of the write \
                                 would be dropped from the table"
            }
            _ => "an update or upsert must carry every column of the table",
        };
        return bad(format!("upload is missing column '{}'; {what}", missing.name));
    }
    let mut columns = kept.to_vec();
    let mut places = Vec::with_capacity(source.len());
    let mut widens = false;
    for (name, incoming) in source {
        match columns.iter().position(|column| is_same(&column.name, &name)) {
            None => {
                columns.push(Column { name, data_type: incoming, nullable: true });
                places.push(columns.len() - 1);
            }
            Some(place) => {
                let column = &mut columns[place];
                // Keys of rows that go away need not fit into the table for ever.
                match column.data_type.widest(incoming) {
                    Some(wider) if load.mode != Mode::Delete => {
                        widens |= wider != column.data_type;
                        column.data_type = wider;
                    }
                    Some(_) => {}
                    None => {
                        let (from, to) = (column.data_type.plain(), incoming.plain());
                        return Err(SqlError::Conflict(format!(
                            "column '{}' can't change type from {from} to {to} automatically",
                            column.name
                        )));
                    }
                }
                places.push(place);
            }
        }
    }
    let key = match load.mode.is_keyed() {
        false => Vec::new(),
        true => load.key.iter().filter_map(|k| columns.iter().position(|c| is_same(&c.name, k))).collect(),
    };
    Ok(Plan { columns, places, key, widens })
}

/// SQLite does not tell upper case from lower in names of columns.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn check_key(load: &Load<'_>, source: &[(String, ColumnType)], existing: &[Column]) -> Result<(), SqlError> {
    if load.key.is_empty() {
        return bad("the load needs key columns: name them in `key`, or declare the table with a key");
    }
    for (at, key) in load.key.iter().enumerate() {
        if load.key[..at].iter().any(|before| is_same(before, key)) {
            return bad(format!("key column '{key}' is named twice"));
        }
        if !source.iter().any(|(name, _)| is_same(name, key)) {
            return bad(format!("upload is missing key column '{key}'"));
        }
        if !existing.is_empty() && !existing.iter().any(|column| is_same(&column.name, key)) {
            return bad(format!("the table has no key column '{key}'"));
        }
    }
    if load.mode == Mode::Delete
        && let Some((other, _)) =
            source.iter().find(|(name, _)| !load.key.iter().any(|key| is_same(key, name)))
    {
        return bad(format!("upload has column '{other}'; a delete carries only key columns"));
    }
    Ok(())
}

/// The columns of the source, with their types.
fn survey(load: &Load<'_>) -> Result<Vec<(String, ColumnType)>, SqlError> {
    if let Source::Result(result) = &load.source {
        let columns: Vec<_> = result.columns().iter().map(|c| (c.name.clone(), c.data_type)).collect();
        check_names(columns.iter().map(|(name, _)| name.as_str()))?;
        return Ok(columns);
    }
    let mut found: Vec<Option<ColumnType>> = Vec::new();
    let is_told = load.columns.is_some();
    let names = each(&load.source, &mut |names, _, values| {
        found.resize(names.len(), None);
        if !is_told {
            found.iter_mut().zip(&values).for_each(|(found, raw)| settle(found, raw));
        }
        Ok(())
    })?;
    if names.is_empty() {
        return bad("the source has no columns");
    }
    check_names(names.iter().map(String::as_str))?;
    found.resize(names.len(), None);
    let Some(told) = load.columns else {
        // A column of nothing but nulls is text, as the service has it.
        return Ok(names
            .into_iter()
            .zip(found)
            .map(|(name, found)| (name, found.unwrap_or(ColumnType::Utf8)))
            .collect());
    };
    if let Some((other, _)) = told.iter().find(|(name, _)| !names.contains(name)) {
        return bad(format!("`columns` names '{other}', which the header does not have"));
    }
    let of = |name: String| match told.iter().find(|(told, _)| *told == name) {
        Some((_, kind)) => Ok((name, *kind)),
        None => bad(format!("`columns` does not name '{name}', which the header has")),
    };
    names.into_iter().map(of).collect()
}

/// What a column is that was this so far and has this value too.
fn settle(found: &mut Option<ColumnType>, raw: &Raw) {
    if *found == Some(ColumnType::Utf8) {
        return;
    }
    let Some(this) = guess(raw) else { return };
    *found = Some(match *found {
        None => this,
        Some(before) => match (before, this) {
            // With a zone and without: text would be no better.
            (ColumnType::Timestamp { .. }, ColumnType::Timestamp { .. }) if before != this => {
                ColumnType::Timestamp { zoned: true }
            }
            _ => before.widest(this).unwrap_or(ColumnType::Utf8),
        },
    });
}

fn check_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), SqlError> {
    let mut before = std::collections::BTreeSet::new();
    for name in names {
        if name.is_empty() {
            return bad("a column has no name");
        }
        if name.len() > 1000 || name.chars().any(char::is_control) {
            return bad("a column's name is longer than 1000 bytes or has control characters");
        }
        if !before.insert(name.to_ascii_lowercase()) {
            return bad(format!(
                "there are two columns '{name}' (upper and lower case are not distinguished)"
            ));
        }
    }
    Ok(())
}
