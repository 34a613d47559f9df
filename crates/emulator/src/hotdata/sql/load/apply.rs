//! Carrying a load out, in one transaction.

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, TransactionBehavior, params_from_iter};

use crate::hotdata::sql::checks::Check;
use crate::hotdata::sql::database::{TableFacts, stored_name};
use crate::hotdata::sql::error::{SqlError, bad};
use crate::hotdata::sql::lexer::quoted;
use crate::hotdata::sql::types::Column;

use super::plan::{Plan, plan};
use super::rows::{each, store};
use super::{Load, Mode};

/// Where rows wait that change others.
const STAGED: &str = "temp.staged";

/// Loads; what the table is after it.
pub(in super::super) fn run(
    connection: &mut Connection,
    load: &Load<'_>,
    existing: Option<&TableFacts>,
) -> Result<TableFacts, SqlError> {
    if existing.is_none() && matches!(load.mode, Mode::Delete | Mode::Update) {
        let name = format!("{}.{}", load.schema, load.table);
        return Err(SqlError::NotFound(format!(
            "table {name} has no data to change: load it first with the mode replace, append or upsert"
        )));
    }
    let plan = plan(load, existing)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let table = quoted(&stored_name(load.schema, load.table));
    shape(&transaction, &table, load, existing, &plan)?;
    if load.mode.is_keyed() {
        let staged = create(STAGED, &plan.columns);
        transaction.execute_batch(&format!("DROP TABLE IF EXISTS {STAGED}; {staged}"))?;
        fill(&transaction, STAGED, load, &plan)?;
        change(&transaction, &table, load.mode, &plan)?;
        transaction.execute_batch(&format!("DROP TABLE {STAGED}"))?;
    } else {
        fill(&transaction, &table, load, &plan)?;
    }
    let rows: i64 = transaction.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    transaction.commit()?;
    Ok(TableFacts { columns: plan.columns, rows: u64::try_from(rows).unwrap_or(0) })
}

pub(in super::super) fn create(table: &str, columns: &[Column]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}", quoted(&column.name), column.data_type.declared()))
        .collect();
    format!("CREATE TABLE {table} ({})", columns.join(", "))
}

/// Makes the table what its columns will be.
fn shape(
    transaction: &Transaction<'_>,
    table: &str,
    load: &Load<'_>,
    existing: Option<&TableFacts>,
    plan: &Plan,
) -> Result<(), SqlError> {
    let Some(existing) = existing else {
        return Ok(transaction.execute_batch(&create(table, &plan.columns))?);
    };
    if load.mode == Mode::Replace {
        let sql = format!("DROP TABLE {table}; {}", create(table, &plan.columns));
        return Ok(transaction.execute_batch(&sql)?);
    }
    if !plan.widens {
        for column in &plan.columns[existing.columns.len()..] {
            let (name, kind) = (quoted(&column.name), column.data_type.declared());
            transaction.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} {kind}"))?;
        }
        return Ok(());
    }
    // SQLite changes no column's type: the rows go through a new table. A day becomes its midnight on the
    // way.
    let names: Vec<String> = existing.columns.iter().map(|column| quoted(&column.name)).collect();
    let values: Vec<String> = existing
        .columns
        .iter()
        .zip(&plan.columns)
        .map(|(before, after)| {
            let name = quoted(&before.name);
            let is_day = before.data_type == crate::hotdata::sql::ColumnType::Date;
            if is_day && after.data_type != before.data_type {
                format!("{name} || ' 00:00:00'")
            } else {
                name
            }
        })
        .collect();
    let widened = quoted("widened");
    transaction.execute_batch(&format!(
        "{}; INSERT INTO {widened} ({}) SELECT {} FROM {table}; DROP TABLE {table}; ALTER TABLE {widened} RENAME TO {table}",
        create(&widened, &plan.columns),
        names.join(", "),
        values.join(", "),
    ))?;
    Ok(())
}

/// Puts the source's rows into a table.
fn fill(transaction: &Transaction<'_>, table: &str, load: &Load<'_>, plan: &Plan) -> Result<(), SqlError> {
    let columns: Vec<&Column> = plan.places.iter().filter_map(|place| plan.columns.get(*place)).collect();
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let mut insert =
        transaction.prepare(&format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", ")))?;
    let check_of = |column: &&Column| {
        let check = load.checks.iter().find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
        check.map_or(Check::Nothing, |(_, check)| *check)
    };
    let checks: Vec<Check> = columns.iter().map(check_of).collect();
    each(&load.source, &mut |_, line, mut values| {
        values.resize(columns.len(), super::rows::Raw::Null);
        let mut stored = Vec::with_capacity(columns.len());
        for ((value, column), check) in values.iter().zip(&columns).zip(&checks) {
            match store(value, column.data_type).filter(|value| admits(*check, value)) {
                Some(value) => stored.push(value),
                None => {
                    let name = &column.name;
                    let kind = match check {
                        Check::Nothing => column.data_type.plain(),
                        check => check.name().to_owned(),
                    };
                    return bad(format!("line {line}, column '{name}': the value is not of the type {kind}"));
                }
            }
        }
        insert.execute(params_from_iter(stored))?;
        Ok(())
    })?;
    Ok(())
}

fn admits(check: Check, value: &Value) -> bool {
    match value {
        Value::Integer(number) => check.admits_number((*number).into()),
        Value::Text(text) => check.admits_text(text),
        _ => true,
    }
}

/// Does what the staged rows ask for. Of several with the same key the last counts; a key with a null finds
/// nothing. The vendor's documents say neither.
fn change(transaction: &Transaction<'_>, table: &str, mode: Mode, plan: &Plan) -> Result<(), SqlError> {
    let key: Vec<String> = plan
        .key
        .iter()
        .filter_map(|place| plan.columns.get(*place))
        .map(|column| quoted(&column.name))
        .collect();
    let listed = key.join(", ");
    let matches: Vec<String> = key.iter().map(|k| format!("s.{k} = t.{k}")).collect();
    let matches = matches.join(" AND ");
    let none_null: Vec<String> = key.iter().map(|k| format!("{k} IS NOT NULL")).collect();
    let mut sql = format!(
        "DELETE FROM {STAGED} WHERE {} AND rowid NOT IN (SELECT max(rowid) FROM {STAGED} GROUP BY {listed});
         CREATE INDEX temp.staged_key ON staged ({listed});",
        none_null.join(" AND "),
    );
    if mode == Mode::Update {
        sql.push_str(&format!(
            "DELETE FROM {STAGED} WHERE rowid NOT IN (SELECT s.rowid FROM {table} t JOIN {STAGED} s ON {matches});"
        ));
    }
    sql.push_str(&format!(
        "DELETE FROM {table} WHERE rowid IN (SELECT t.rowid FROM {table} t JOIN {STAGED} s ON {matches});"
    ));
    if mode != Mode::Delete {
        let names: Vec<String> = plan.columns.iter().map(|column| quoted(&column.name)).collect();
        let names = names.join(", ");
        sql.push_str(&format!("INSERT INTO {table} ({names}) SELECT {names} FROM {STAGED} ORDER BY rowid;"));
    }
    Ok(transaction.execute_batch(&sql)?)
}
