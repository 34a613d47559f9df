//! What is in a table's columns, as `ColumnProfileInfo` has it.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::database::TableFacts;
use super::error::SqlError;
use super::lexer::quoted;
use super::types::ColumnType;

/// Up to so many different values a text counts as a category (Hotdata's Python SDK 0.12.0).
const CATEGORIES: i64 = 200;

pub(super) fn columns(
    connection: &Connection,
    table: &str,
    facts: &TableFacts,
) -> Result<Vec<Value>, SqlError> {
    let table = quoted(table);
    let mut found = Vec::with_capacity(facts.columns.len());
    for column in &facts.columns {
        let name = quoted(&column.name);
        let (distinct, nulls): (i64, i64) = connection.query_row(
            &format!("SELECT count(DISTINCT {name}), count(*) - count({name}) FROM {table}"),
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let share = if facts.rows == 0 { 0.0 } else { nulls as f64 * 100.0 / facts.rows as f64 };
        found.push(json!({
            "name": column.name,
            "data_type": column.data_type.arrow_text(),
            "cardinality": distinct,
            "null_count": nulls,
            "null_percentage": share,
            "profile": detail(connection, &table, &name, column.data_type, distinct)?,
        }));
    }
    Ok(found)
}

fn detail(
    connection: &Connection,
    table: &str,
    name: &str,
    kind: ColumnType,
    distinct: i64,
) -> Result<Value, SqlError> {
    // Of nothing but nulls there is nothing to say.
    if distinct == 0 {
        return Ok(Value::Null);
    }
    let all = |what: &str| format!("SELECT {what} FROM {table} WHERE {name} IS NOT NULL");
    Ok(match kind {
        ColumnType::Boolean => {
            let (yes, no): (i64, i64) = connection.query_row(
                &all(&format!("count(*) FILTER (WHERE {name}), count(*) FILTER (WHERE NOT {name})")),
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            json!({ "type": "boolean", "true_count": yes, "false_count": no })
        }
        ColumnType::Int64 | ColumnType::Float64 | ColumnType::Decimal { .. } => {
            let what = format!("CAST(min({name}) AS TEXT), CAST(max({name}) AS TEXT), avg({name})");
            let (least, most, mean): (String, String, f64) =
                connection.query_row(&all(&what), [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            json!({ "type": "numeric", "min": least, "max": most, "mean": mean })
        }
        ColumnType::Date | ColumnType::Timestamp { .. } => {
            let (least, most): (String, String) =
                connection.query_row(&all(&format!("min({name}), max({name})")), [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            let iso = |text: String| text.replacen(' ', "T", 1);
            json!({ "type": "temporal", "min": iso(least), "max": iso(most) })
        }
        ColumnType::Utf8 if distinct <= CATEGORIES => {
            let sql = format!("SELECT {name}, count(*) FROM {table} GROUP BY 1 ORDER BY 2 DESC, 1");
            let mut statement = connection.prepare(&sql)?;
            let values = statement.query_map([], |row| {
                Ok(json!({ "value": row.get::<_, Option<String>>(0)?, "count": row.get::<_, i64>(1)? }))
            })?;
            json!({ "type": "categorical", "values": values.collect::<Result<Vec<_>, _>>()? })
        }
        ColumnType::Utf8 | ColumnType::Binary => {
            let what = format!("min(length({name})), max(length({name})), avg(length({name}))");
            let (least, most, mean): (i64, i64, f64) =
                connection.query_row(&all(&what), [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            json!({ "type": "text", "min_length": least, "max_length": most, "avg_length": mean })
        }
    })
}
