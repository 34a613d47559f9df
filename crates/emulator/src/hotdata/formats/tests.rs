//! Results in all forms, from any row on.

use std::io::Cursor;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use serde_json::{Map, Value, json};

use crate::hotdata::sql::ColumnType;
use crate::hotdata::storage::Pool;

use super::*;

const ALL: Window = Window { offset: 0, limit: None };

fn window(offset: u64, limit: u64) -> Window {
    Window { offset, limit: Some(limit) }
}

/// Columns of which nobody knows more than their names.
fn result(names: &[&str], rows: Vec<Vec<Cell>>) -> Arc<StoredResult> {
    let columns = names.iter().map(|name| ((*name).to_owned(), None, false)).collect();
    typed(columns, rows)
}

fn typed(columns: Vec<(String, Option<ColumnType>, bool)>, rows: Vec<Vec<Cell>>) -> Arc<StoredResult> {
    let mut builder = ResultBuilder::new(&Pool::new(1 << 20), columns);
    for row in rows {
        builder.push(row).unwrap();
    }
    Arc::new(builder.finish().unwrap())
}

fn text(cell: &str) -> Cell {
    Cell::Text(cell.to_owned())
}

fn read_json(result: &Arc<StoredResult>, window: Window) -> Value {
    let members = Map::from_iter([("status".to_owned(), json!("ready"))]);
    serde_json::from_slice(&json(result, members, window).whole().unwrap()).unwrap()
}

fn read_arrow(result: &Arc<StoredResult>, window: Window, lz4: bool) -> Vec<RecordBatch> {
    let bytes = arrow(result, window, lz4).whole().unwrap();
    let end = bytes.len() as u64;
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None).unwrap();
    let batches: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
    // The end of the stream is the end of the bytes.
    assert_eq!(reader.get_ref().position(), end);
    batches
}

fn of_all_kinds() -> Arc<StoredResult> {
    let decimal = ColumnType::Decimal { precision: 38, scale: 2 };
    let columns = [
        ("i", ColumnType::Int64),
        ("f", ColumnType::Float64),
        ("s", ColumnType::Utf8),
        ("b", ColumnType::Boolean),
        ("d", ColumnType::Date),
        ("t", ColumnType::Timestamp { zoned: true }),
        ("n", decimal),
        ("x", ColumnType::Binary),
    ];
    let row = vec![
        Cell::Int(i64::MAX),
        Cell::Real(0.1),
        text("a,\"b\"|c\nd"),
        Cell::Int(1),
        text("2024-02-29"),
        text("2024-02-29 12:00:00.5"),
        text("123456789012345678901234567890123456.78"),
        Cell::Blob(vec![0, 255]),
    ];
    let strange = vec![Cell::Real(f64::INFINITY); 2];
    let nulls = vec![Cell::Null; 8];
    let strange = [vec![Cell::Int(1), strange[0].clone()], nulls[2..].to_vec()].concat();
    let columns = columns.iter().map(|(name, kind)| ((*name).to_owned(), Some(*kind), false)).collect();
    typed(columns, vec![row, strange, nulls])
}

#[test]
fn every_type_in_every_form() {
    let result = of_all_kinds();
    let raw = String::from_utf8(json(&result, Map::new(), window(0, 1)).whole().unwrap()).unwrap();
    // Every digit, which a double would not have.
    let row = "[[9223372036854775807,0.1,\"a,\\\"b\\\"|c\\nd\",true,\"2024-02-29\",\"2024-02-29T12:00:00.5Z\",\
               123456789012345678901234567890123456.78,\"00ff\"]]}";
    assert!(raw.ends_with(row), "{raw}");
    let rest = read_json(&result, window(1, 9));
    assert_eq!(rest["rows"], json!([[1, null, null, null, null, null, null, null], vec![Value::Null; 8]]));
    assert_eq!(rest["columns"][2], "s");
    assert_eq!(rest["nullable"], json!(vec![true; 8]));
    assert_eq!(rest["status"], "ready");
    let csv = String::from_utf8(csv(&result, ALL).whole().unwrap()).unwrap();
    let row = "9223372036854775807,0.1,\"a,\"\"b\"\"|c\nd\",true,2024-02-29,2024-02-29T12:00:00.5Z,\
               123456789012345678901234567890123456.78,00ff";
    assert_eq!(csv, format!("i,f,s,b,d,t,n,x\n{row}\n1,,,,,,,\n,,,,,,,\n"));
    let markdown = String::from_utf8(markdown(&result, window(0, 1)).whole().unwrap()).unwrap();
    assert!(markdown.starts_with("| i | f | s | b | d | t | n | x |\n| --- |"), "{markdown}");
    assert!(markdown.contains("| a,\"b\"\\|c<br>d | true |"), "{markdown}");
    let batches = read_arrow(&result, ALL, false);
    let types: Vec<String> = batches[0].schema().fields().iter().map(|f| f.data_type().to_string()).collect();
    let expected: Vec<String> = result.columns().iter().map(|c| c.data_type.arrow().to_string()).collect();
    assert_eq!(types, expected);
    let floats = values::Values::of(batches[0].column(1));
    assert_eq!(floats.cell(1), Cell::Real(f64::INFINITY));
    assert_eq!(rows(&batches[0]).next().unwrap()[6], text("123456789012345678901234567890123456.78"));
}

#[test]
fn null_is_told_where_it_is_or_becomes_and_nowhere_else() {
    let rows = vec![vec![Cell::Int(1), Cell::Null, Cell::Real(f64::NAN), Cell::Real(1.0)]];
    let result = result(&["a", "b", "c", "d"], rows);
    assert_eq!(result.nullable(), [false, true, true, false]);
    let told: Vec<bool> = result.columns().iter().map(|column| column.nullable).collect();
    assert_eq!(told, [false, true, false, false]);
}

#[test]
fn types_are_found_in_values_and_grow_with_them() {
    let many = |cell: Cell| std::iter::repeat_n(cell, 9000);
    for (cells, expected, first) in [
        (many(Cell::Int(1)).chain([Cell::Real(1.5)]).collect::<Vec<_>>(), ColumnType::Float64, "1.0"),
        (many(Cell::Null).chain([Cell::Int(7)]).collect(), ColumnType::Int64, ""),
        (many(Cell::Int(1)).chain([text("x")]).collect(), ColumnType::Utf8, "1"),
        (many(Cell::Real(0.5)).chain([Cell::Null]).collect(), ColumnType::Float64, "0.5"),
        (many(Cell::Null).collect(), ColumnType::Utf8, ""),
        (many(Cell::Blob(vec![1])).collect(), ColumnType::Binary, "01"),
    ] {
        let count = cells.len() as u64;
        let result = result(&["a"], cells.into_iter().map(|cell| vec![cell]).collect());
        assert_eq!((result.columns()[0].data_type, result.rows()), (expected, count));
        let all = String::from_utf8(csv(&result, window(0, 1)).whole().unwrap()).unwrap();
        assert_eq!(all, format!("a\n{}\n", if first.is_empty() { "\"\"" } else { first }));
        assert_eq!(
            read_arrow(&result, ALL, true).iter().map(RecordBatch::num_rows).sum::<usize>() as u64,
            count
        );
    }
}

#[test]
fn any_window_is_what_it_says_in_every_form() {
    let count = 20_000_u64;
    let row = |n: u64| vec![Cell::Int(n as i64), text(&format!("row {n}"))];
    let result = result(&["n", "s"], (0..count).map(row).collect());
    for (offset, limit) in [
        (0, None),
        (0, Some(0)),
        (5, Some(3)),
        (8191, Some(2)),
        (8192, Some(8192)),
        (19_999, Some(9)),
        (30_000, None),
    ] {
        let window = Window { offset, limit };
        let from = offset.min(count);
        let to = limit.map_or(count, |limit| (from + limit).min(count));
        let expected: Vec<i64> = (from as i64..to as i64).collect();
        for lz4 in [false, true] {
            let found: Vec<i64> = read_arrow(&result, window, lz4)
                .iter()
                .flat_map(|batch| rows(batch).map(|row| row[0].clone()).collect::<Vec<_>>())
                .map(|cell| if let Cell::Int(n) = cell { n } else { panic!("{cell:?}") })
                .collect();
            assert!(found == expected, "{window:?} {lz4}");
        }
        let json = read_json(&result, window);
        let found: Vec<i64> =
            json["rows"].as_array().unwrap().iter().map(|row| row[0].as_i64().unwrap()).collect();
        assert!(found == expected, "{window:?}");
        for pieces in [csv(&result, window), markdown(&result, window)] {
            let text = String::from_utf8(pieces.whole().unwrap()).unwrap();
            assert_eq!(
                text.lines().filter(|line| line.contains("row ")).count(),
                expected.len(),
                "{window:?}"
            );
        }
    }
    // No piece is larger than a batch is.
    assert!(csv(&result, ALL).map(|piece| piece.unwrap().len()).max().unwrap() < 300_000);
    assert_eq!(result.rows_within(u64::MAX), count);
    assert_eq!(result.rows_within(0), 0);
    let half = result.rows_within(result.bytes() / 2);
    assert!((9000..11_000).contains(&half), "{half}");
}

#[test]
fn nothing_is_a_result_too() {
    for result in [result(&["a"], Vec::new()), result(&[], vec![Vec::new(), Vec::new()])] {
        let batches = read_arrow(&result, ALL, false);
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>() as u64, result.rows());
        assert_eq!(read_json(&result, ALL)["rows"].as_array().unwrap().len() as u64, result.rows());
    }
}
