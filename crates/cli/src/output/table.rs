//! Tables for a person.

use comfy_table::{Table, presets};
use serde_json::Value;

use super::rows::Rows;
use super::text::{cell, visible};

/// Renders an array of objects as a table, an object as one line for each key, other arrays as one line for
/// each entry. Nothing for null.
pub(super) fn render(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(map) => {
            let mut table = plain();
            for (key, value) in map {
                table.add_row([visible(key), visible(&cell(value))]);
            }
            text(&table)
        }
        Value::Array(entries) => match Rows::of(value) {
            Some(rows) if rows.columns.is_empty() => String::new(),
            Some(rows) => {
                let mut table = plain();
                table.set_header(rows.columns.iter().map(|column| visible(&column.to_uppercase())));
                for row in rows.cells() {
                    table.add_row(row.iter().map(|cell| visible(cell)));
                }
                text(&table)
            }
            None => entries.iter().map(|entry| visible(&cell(entry)) + "\n").collect(),
        },
        // A single value, as it is: it may be on its way into a variable.
        scalar => cell(scalar) + "\n",
    }
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// The lines of a table without the blanks at their ends.
fn text(table: &Table) -> String {
    let lines = table.lines();
    lines.map(|line| line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()).to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_a_table_with_all_columns() {
        let rows = json!([
            {"name": "prod", "max_ocu": 10, "options": {"a": "b"}},
            {"name": "日本", "state": null, "tags": ["x"], "max_ocu": 2},
        ]);
        assert_eq!(
            render(&rows),
            "NAME  MAX_OCU  OPTIONS    STATE  TAGS\nprod  10       {\"a\":\"b\"}\n日本  2                          [\"x\"]\n",
        );
    }

    #[test]
    fn an_object_is_one_line_for_each_key_and_null_is_nothing() {
        assert_eq!(render(&json!({"name": "prod", "max_ocu": 10})), "name     prod\nmax_ocu  10\n");
        assert_eq!(render(&Value::Null), "");
        assert_eq!(render(&json!([])), "");
        assert_eq!(render(&json!({})), "");
        assert_eq!(render(&json!(["a", 1])), "a\n1\n");
        assert_eq!(render(&json!("secret")), "secret\n");
    }

    #[test]
    fn a_cell_keeps_its_line() {
        let rows = json!([{"name": "a\nb\u{1b}[31m", "x\ty": 1}]);
        assert_eq!(render(&rows), "NAME            X\\tY\na\\nb\\u{1b}[31m  1\n");
    }
}
