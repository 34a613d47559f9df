//! Tables for a person.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::rows::Rows;
use super::text::{cell, visible};

/// The least columns of the terminal for one column of a table. With less, each row is shown as lines.
const MIN_COLUMN: usize = 8;
/// The least columns of a terminal that are used: below them lines are wrapped by the terminal.
const MIN_WIDTH: usize = 20;

/// Renders an array of objects as a table, an object as one line for each key, other arrays as one line for
/// each entry. Nothing for null.
///
/// `width`: the columns of the terminal, for which cells are cut or wrapped; `None` leaves them whole.
pub(super) fn render(value: &Value, width: Option<usize>) -> String {
    let width = width.map(|width| width.max(MIN_WIDTH));
    match value {
        Value::Null => String::new(),
        Value::Object(map) => {
            record(map.iter().map(|(key, value)| (visible(key), visible(&cell(value)))), width)
        }
        Value::Array(entries) => match Rows::of(value) {
            Some(rows) if rows.columns.is_empty() => String::new(),
            Some(rows) => list(&rows, width),
            None => entries.iter().map(|entry| visible(&cell(entry)) + "\n").collect(),
        },
        // A single value, as it is: it may be on its way into a variable.
        scalar => cell(scalar) + "\n",
    }
}

/// The lines of one object. On a terminal long values continue in their column.
fn record(pairs: impl Iterator<Item = (String, String)>, width: Option<usize>) -> String {
    let mut table = plain();
    for (key, value) in pairs {
        table.add_row([key, value]);
    }
    fit(&mut table, width);
    text(&table)
}

/// A line for each row. On a terminal cells are cut; if it is too narrow for all columns, each row is lines.
fn list(rows: &Rows<'_>, width: Option<usize>) -> String {
    let header = rows.columns.iter().map(|column| visible(&column.to_uppercase()));
    let mut table = plain();
    table.set_header(header.clone());
    for row in rows.cells() {
        table.add_row(row.iter().map(|cell| visible(cell)));
    }
    let Some(columns) = width.filter(|width| widest(&table) > *width) else {
        return text(&table);
    };
    if rows.columns.len() * MIN_COLUMN > columns {
        let record = |row: Vec<String>| {
            let cells = row.iter().map(|cell| visible(cell)).collect::<Vec<_>>();
            record(header.clone().zip(cells).filter(|(_, cell)| !cell.is_empty()), width)
        };
        return rows.cells().map(record).collect::<Vec<_>>().join("\n");
    }
    // Texts that are there to be read go on in their column; all others are cut.
    if !rows.columns.contains(&"description") {
        table.set_truncation_indicator("…");
        if let Some(mut header) = table.header().cloned() {
            header.max_height(1);
            table.set_header(header);
        }
        for row in table.row_iter_mut() {
            row.max_height(1);
        }
    }
    fit(&mut table, width);
    text(&table)
}

/// The length of the longest line.
fn widest(table: &Table) -> usize {
    // Each column has a blank on both sides, of which the first one is not written.
    table
        .column_max_content_widths()
        .iter()
        .map(|width| usize::from(*width) + 2)
        .sum::<usize>()
        .saturating_sub(2)
}

/// Arranges the content for this width, of which a line uses all but the last column: some terminals go to
/// the next line behind it.
fn fit(table: &mut Table, width: Option<usize>) {
    if let Some(width) = width.filter(|width| widest(table) > *width) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
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
            render(&rows, None),
            "NAME  MAX_OCU  OPTIONS    STATE  TAGS\nprod  10       {\"a\":\"b\"}\n日本  2                          [\"x\"]\n",
        );
    }

    #[test]
    fn an_object_is_one_line_for_each_key_and_null_is_nothing() {
        assert_eq!(render(&json!({"name": "prod", "max_ocu": 10}), None), "name     prod\nmax_ocu  10\n");
        assert_eq!(render(&Value::Null, None), "");
        assert_eq!(render(&json!([]), None), "");
        assert_eq!(render(&json!({}), None), "");
        assert_eq!(render(&json!(["a", 1]), None), "a\n1\n");
        assert_eq!(render(&json!("secret"), None), "secret\n");
    }

    #[test]
    fn a_cell_keeps_its_line() {
        let rows = json!([{"name": "a\nb\u{1b}[31m", "x\ty": 1}]);
        assert_eq!(render(&rows, None), "NAME            X\\tY\na\\nb\\u{1b}[31m  1\n");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let long = "x".repeat(100);
        let rows = json!([
            {"name": "a", "sql": long, "state": "done", "note": "日本".repeat(30)},
            {"name": "b", "sql": null, "state": null, "note": "short"},
        ]);
        assert!(render(&rows, None).contains(&long), "a pipe gets everything");
        for width in [20, 31, 32, 40, 79, 80, 120] {
            let shown = render(&rows, Some(width));
            let widths: Vec<usize> = shown.lines().map(columns).collect();
            assert!(widths.iter().all(|line| *line <= width), "{width}: {widths:?}\n{shown}");
            assert!(shown.contains("done") && shown.contains("short"), "{width}\n{shown}");
        }
        // One line for each row, or several if there is no room for the columns.
        assert_eq!(render(&rows, Some(80)).lines().count(), 3);
        assert!(render(&rows, Some(80)).contains('…'));
        let narrow = render(&rows, Some(30));
        assert!(narrow.starts_with("NAME   a\n") && narrow.contains("\n\nNAME  b\n"), "{narrow}");
        let object = render(&json!({"name": "a", "sql": long}), Some(40));
        assert_eq!(object.matches('x').count(), 100, "nothing of an object is cut: {object}");
        assert!(object.lines().all(|line| columns(line) <= 40), "{object}");
        let described = json!([{"name": "a", "description": "word ".repeat(40)}]);
        assert_eq!(render(&described, Some(60)).matches("word").count(), 40);
        assert_eq!(render(&json!([{"a": 1}]), Some(3)), render(&json!([{"a": 1}]), None));
    }

    /// The columns of a line on a terminal.
    fn columns(line: &str) -> usize {
        line.chars().map(|c| if u32::from(c) < 0x1100 || c == '…' { 1 } else { 2 }).sum()
    }
}
