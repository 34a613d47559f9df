//! Values and results in a document: rows as people read them, and not the bytes of Arrow, which would have
//! to be trusted.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::IpcWriteOptions;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hotdata::sql::{Column, ColumnType};
use crate::hotdata::storage::{Pool, Spool};

use super::cell::{self, Cell};
use super::store::{BATCH, BATCH_BYTES, Kept, StoredResult, encode, plain_schema};

/// Null, a whole number, a number with a fraction, or a text; `{"bytes": BASE64}`, and `{"real": "inf"}` for
/// numbers that JSON has not.
impl Serialize for Cell {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        let tagged = |to: Z, tag: &str, text: &str| {
            let mut map = to.serialize_map(Some(1))?;
            map.serialize_entry(tag, text)?;
            map.end()
        };
        match self {
            Self::Null => to.serialize_none(),
            Self::Int(number) => to.serialize_i64(*number),
            Self::Real(number) if number.is_finite() => to.serialize_f64(*number),
            Self::Real(number) => tagged(to, "real", &number.to_string()),
            Self::Text(text) => to.serialize_str(text),
            Self::Blob(bytes) => tagged(to, "bytes", &STANDARD.encode(bytes)),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("null, a number, a text, or an object with `bytes` or `real`")
            }

            fn visit_unit<E>(self) -> Result<Cell, E> {
                Ok(Cell::Null)
            }

            fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell::Int(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Cell, E> {
                let read = i64::try_from(number).map(Cell::Int);
                read.map_err(|_| E::custom(format!("{number} does not fit into a signed 64-bit number")))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
                Ok(Cell::Real(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Cell, E> {
                Ok(Cell::Text(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
                let wrong = |why: &str| de::Error::custom(why);
                let Some((tag, text)) = map.next_entry::<String, String>()? else {
                    return Err(wrong("an object must have `bytes` or `real`"));
                };
                if map.next_key::<String>()?.is_some() {
                    return Err(wrong("an object must have either `bytes` or `real`, and nothing else"));
                }
                match tag.as_str() {
                    "bytes" => {
                        STANDARD.decode(&text).map(Cell::Blob).map_err(|_| wrong("`bytes` is not base64"))
                    }
                    "real" => text.parse().map(Cell::Real).map_err(|_| wrong("`real` is not a number")),
                    _ => Err(wrong("an object must have `bytes` or `real`")),
                }
            }
        }

        from.deserialize_any(Reader)
    }
}

/// A result as it is written: batch by batch, so that one is in memory, and none beyond the largest document
/// is read.
#[derive(Serialize)]
struct ShownResult<'r> {
    columns: &'r [Column],
    not_finite: &'r [bool],
    batches: ShownBatches<'r>,
}

struct ShownBatches<'r>(&'r StoredResult);

impl Serialize for ShownBatches<'_> {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        let mut seq = to.serialize_seq(Some(self.0.batches.len()))?;
        for kept in &self.0.batches {
            let bytes = self.0.spool.bytes(kept.place, kept.length).map_err(Z::Error::custom)?;
            let batch = kept.decode(bytes).map_err(Z::Error::custom)?;
            seq.serialize_element(&ShownBatch { types: &kept.types, rows: ShownRows(&batch) })?;
        }
        seq.end()
    }
}

/// Its batches are part of it: what a preview has depends on how large they are.
#[derive(Serialize)]
struct ShownBatch<'b> {
    types: &'b [ColumnType],
    rows: ShownRows<'b>,
}

struct ShownRows<'b>(&'b RecordBatch);

impl Serialize for ShownRows<'_> {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        to.collect_seq(super::rows(self.0))
    }
}

/// A result that was read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptResult {
    columns: Vec<Column>,
    not_finite: Vec<bool>,
    batches: Vec<ReadBatch>,
}

/// A batch that was read, and encoded at once: as cells it takes many times as much memory.
#[derive(Deserialize)]
#[serde(try_from = "KeptBatch")]
struct ReadBatch {
    types: Vec<ColumnType>,
    rows: u64,
    bytes: Vec<u8>,
    is_full: bool,
    /// What each column has: any value but null, any null, any number that JSON has not.
    has: Vec<Has>,
}

#[derive(Clone, Copy, Default)]
struct Has {
    values: bool,
    nulls: bool,
    not_finite: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptBatch {
    types: Vec<ColumnType>,
    #[serde(deserialize_with = "batch_rows")]
    rows: Vec<Vec<Cell>>,
}

/// How many bytes a row counts until a batch is full.
fn counted(row: &[Cell]) -> usize {
    row.iter().map(Cell::counted).sum()
}

/// No more rows than a batch has, so that the rest of a long list takes no memory.
fn batch_rows<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<Cell>>, D::Error> {
    struct Reader;

    impl<'de> Visitor<'de> for Reader {
        type Value = Vec<Vec<Cell>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of rows")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let (mut rows, mut bytes) = (Vec::new(), 0);
            while let Some(KeptRow(row)) = seq.next_element()? {
                if is_full(rows.len(), bytes) {
                    return Err(de::Error::custom(format!(
                        "another row follows, but a batch ends with row {BATCH}, or with the row that reaches {BATCH_BYTES} \
                         bytes of values"
                    )));
                }
                bytes += counted(&row);
                rows.push(row);
            }
            Ok(rows)
        }
    }

    from.deserialize_seq(Reader)
}

fn is_full(rows: usize, bytes: usize) -> bool {
    rows >= BATCH || bytes >= BATCH_BYTES
}

/// The values of a row in a document; no more than any row has.
pub(crate) struct KeptRow(pub(crate) Vec<Cell>);

/// More columns than SQLite has in a table or in a result.
const MOST_CELLS: usize = 2000;

impl<'de> Deserialize<'de> for KeptRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = KeptRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the list of values of a row")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<KeptRow, A::Error> {
                let mut cells = Vec::new();
                while let Some(cell) = seq.next_element()? {
                    if cells.len() == MOST_CELLS {
                        return Err(de::Error::custom(format!("a row has at most {MOST_CELLS} values")));
                    }
                    cells.push(cell);
                }
                Ok(KeptRow(cells))
            }
        }

        from.deserialize_seq(Reader)
    }
}

/// Writes and reads a result.
pub(crate) mod kept_result {
    use std::sync::Arc;

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{KeptResult, ShownBatches, ShownResult, StoredResult};

    pub(crate) fn serialize<Z: Serializer>(result: &Arc<StoredResult>, to: Z) -> Result<Z::Ok, Z::Error> {
        let StoredResult { columns, not_finite, .. } = &**result;
        ShownResult { columns, not_finite, batches: ShownBatches(result) }.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<StoredResult>, D::Error> {
        KeptResult::deserialize(from)?.read().map(Arc::new).map_err(D::Error::custom)
    }
}

impl KeptResult {
    fn read(self) -> Result<StoredResult, String> {
        let width = self.columns.len();
        if self.not_finite.len() != width {
            return Err("not_finite must have one entry for each column".to_owned());
        }
        // The bytes stay in memory: a document is not large.
        let mut spool = Spool::new(&Pool::new(u64::MAX));
        let (mut batches, mut total) = (Vec::new(), 0);
        let last = self.batches.len().saturating_sub(1);
        for (place, batch) in self.batches.into_iter().enumerate() {
            // Otherwise a document could have more of them than memory has room for.
            if place < last && !batch.is_full {
                return Err(format!("batch {place}: it is not full, but another batch follows"));
            }
            batch.fits(&self.columns, &self.not_finite).map_err(|why| format!("batch {place}: {why}"))?;
            let ReadBatch { types, rows, bytes, .. } = batch;
            batches.push(Kept { place: spool.len(), length: bytes.len(), first_row: total, rows, types });
            spool.push(&bytes).map_err(|e| e.to_string())?;
            total += rows;
        }
        Ok(StoredResult::of_parts(self.columns, self.not_finite, spool, batches))
    }
}

impl TryFrom<KeptBatch> for ReadBatch {
    type Error = String;

    fn try_from(KeptBatch { types, rows }: KeptBatch) -> Result<Self, String> {
        let batch = batch(&types, &rows)?;
        let (_, bytes) = encode(&batch, &IpcWriteOptions::default()).map_err(|e| e.to_string())?;
        let mut has = vec![Has::default(); types.len()];
        for row in &rows {
            for (has, cell) in has.iter_mut().zip(row) {
                has.values |= !cell.is_null();
                has.nulls |= cell.is_null();
                has.not_finite |= cell.is_not_finite();
            }
        }
        let is_full = is_full(rows.len(), rows.iter().map(|row| counted(row)).sum());
        Ok(Self { types, rows: rows.len() as u64, bytes, is_full, has })
    }
}

impl ReadBatch {
    /// Whether the columns of the whole result can have its values. An error says which one cannot.
    fn fits(&self, columns: &[Column], not_finite: &[bool]) -> Result<(), String> {
        if self.types.len() != columns.len() {
            return Err(format!(
                "it has {} types, but the result has {} columns",
                self.types.len(),
                columns.len()
            ));
        }
        for (place, column) in columns.iter().enumerate() {
            let (has, own, whole) = (self.has[place], self.types[place], column.data_type);
            // A truth is a whole number where the column has numbers.
            let own = if own == ColumnType::Boolean && whole != own { ColumnType::Int64 } else { own };
            let name = crate::text::one_line(&column.name, 60);
            if has.values && cell::both(whole, own) != whole {
                let (own, whole) = (own.arrow_text(), whole.arrow_text());
                return Err(format!("column `{name}` is of {whole}, which cannot hold values of {own}"));
            }
            if has.nulls && !column.nullable {
                return Err(format!("column `{name}` is not nullable and has a null"));
            }
            if has.not_finite && !not_finite[place] {
                return Err(format!(
                    "column `{name}` has NaN or an infinity, but its entry in `not_finite` is false"
                ));
            }
        }
        Ok(())
    }
}

fn batch(types: &[ColumnType], rows: &[Vec<Cell>]) -> Result<RecordBatch, String> {
    let width = types.len();
    if rows.iter().any(|row| row.len() != width) {
        return Err(format!("a batch has {width} types, so each row must have {width} values"));
    }
    if rows.is_empty() {
        return Err("a batch must have at least one row".to_owned());
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(width);
    for (place, wanted) in types.iter().enumerate() {
        let cells: Vec<Cell> = rows.iter().map(|row| row[place].clone()).collect();
        if let Some(row) = cells.iter().position(|cell| !cell.fits(*wanted)) {
            return Err(format!("row {row}, value {place}: it is not of the type {}", wanted.arrow_text()));
        }
        columns.push(cell::array(&cells, *wanted));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(plain_schema(types), columns, &options).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_was_written() {
        let cells = [
            Cell::Null,
            Cell::Int(i64::MIN),
            Cell::Int(i64::MAX),
            Cell::Real(1.0),
            Cell::Real(-0.0),
            Cell::Real(0.1 + 0.2),
            Cell::Real(5e-324),
            Cell::Real(f64::INFINITY),
            Cell::Real(f64::NEG_INFINITY),
            Cell::Text("1.0".to_owned()),
            Cell::Text("\0\"ü".to_owned()),
            Cell::Blob(vec![0, 255, 10]),
        ];
        let text = serde_json::to_string(&cells).unwrap();
        let read: Vec<Cell> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, cells);
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        for wrong in ["{}", r#"{"bytes": "*"}"#, r#"{"real": "x"}"#, r#"{"text": ""}"#, "true", "[]"] {
            assert!(serde_json::from_str::<Cell>(wrong).is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<Cell>("9223372036854775808").is_err());
    }

    #[test]
    fn a_result_has_values_that_fit() {
        let read = |text: &str| {
            serde_json::from_str::<KeptResult>(text).map_err(|e| e.to_string()).and_then(KeptResult::read)
        };
        let column = r#"{"name": "a", "data_type": "Int64", "nullable": true}"#;
        for (not_finite, types, rows) in [
            ("", r#""Int64""#, "[1]"),
            ("false", "", "[1]"),
            ("false", r#""Int64""#, "[1, 2]"),
            ("false", r#""Int64""#, r#"["x"]"#),
            ("false", r#""Date32""#, r#"["yesterday"]"#),
            ("false", r#""Int64""#, ""),
        ] {
            let text = format!(
                r#"{{"columns": [{column}], "not_finite": [{not_finite}], "batches": [{{"types": [{types}], "rows": [{rows}]}}]}}"#
            );
            assert!(read(&text).is_err(), "{text}");
        }
    }
    /// A result with one column and these batches, each with its type and its rows.
    fn read(column: &str, batches: &[(&str, &str)]) -> Result<StoredResult, String> {
        let batches: Vec<String> =
            batches.iter().map(|(of, rows)| format!(r#"{{"types": ["{of}"], "rows": [{rows}]}}"#)).collect();
        let text = format!(
            r#"{{"columns": [{column}], "not_finite": [false], "batches": [{}]}}"#,
            batches.join(",")
        );
        serde_json::from_str::<KeptResult>(&text).map_err(|e| e.to_string()).and_then(KeptResult::read)
    }

    fn column(of: &str, nullable: bool) -> String {
        format!(r#"{{"name": "a", "data_type": "{of}", "nullable": {nullable}}}"#)
    }

    #[test]
    fn a_batch_has_what_the_columns_can_have() {
        let full = |row: &str| vec![row; BATCH].join(",");
        for (of, nullable, batches) in [
            ("Int64", false, vec![("Int64", "[1]")]),
            ("Int64", true, vec![("Utf8", "[null]")]),
            ("Float64", false, vec![("Int64", &*full("[1]")), ("Float64", "[1.5]")]),
            (
                "Float64",
                false,
                vec![("Boolean", &*full("[1]")), ("Int64", &*full("[7]")), ("Float64", "[1.5]")],
            ),
            ("Utf8", false, vec![("Int64", &*full("[1]")), ("Utf8", r#"["x"]"#)]),
        ] {
            read(&column(of, nullable), &batches).unwrap();
        }
        for (of, nullable, batches, why) in [
            ("Int64", false, vec![("Utf8", r#"["x"]"#)], "column `a` is of Int64"),
            ("Date32", false, vec![("Utf8", r#"["x"]"#)], "column `a` is of Date32"),
            ("Int64", false, vec![("Int64", "[1], [null]")], "not nullable"),
            ("Float64", false, vec![("Float64", r#"[{"real": "inf"}]"#)], "NaN or an infinity"),
            ("Int64", false, vec![("Int64", "[1]"), ("Int64", "[1]")], "batch 0: it is not full"),
            ("Int64", false, vec![("Int64", &*format!("{}, [1]", full("[1]")))], "a batch ends"),
            (
                "Int64",
                false,
                vec![("Int64", &*format!("[{}]", ["1"; MOST_CELLS + 1].join(",")))],
                "a row has",
            ),
        ] {
            let refused = read(&column(of, nullable), &batches).expect_err(why);
            assert!(refused.contains(why), "{why}: {refused}");
        }
    }

    #[test]
    fn no_batch_is_read_that_is_not_written() {
        struct Bounded(usize);

        impl std::io::Write for Bounded {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0 -= bytes.len().min(self.0);
                if self.0 == 0 { Err(std::io::Error::other("full")) } else { Ok(bytes.len()) }
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }

        let mut result = read(&column("Int64", false), &[("Int64", "[1], [2], [3]")]).unwrap();
        // It cannot be read.
        result.batches.push(Kept {
            place: 1,
            length: 1,
            first_row: 3,
            rows: 1,
            types: vec![ColumnType::Int64],
        });
        let shown = ShownBatches(&result);
        assert!(serde_json::to_writer(&mut Bounded(1000), &shown).unwrap_err().is_data());
        assert!(serde_json::to_writer(&mut Bounded(20), &shown).unwrap_err().is_io());
    }
}
