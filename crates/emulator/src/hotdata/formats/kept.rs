//! Values and results in a document: rows as people read them, and not the bytes of Arrow, which would have
//! to be trusted.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::IpcWriteOptions;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hotdata::sql::{Column, ColumnType};
use crate::hotdata::storage::{Pool, Spool};

use super::cell::{self, Cell};
use super::store::{Kept, StoredResult, encode, plain_schema};

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
                read.map_err(|_| E::custom(format!("{number} has more than 64 bits with a sign")))
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
                    return Err(wrong("an object has `bytes` or `real`"));
                };
                if map.next_key::<String>()?.is_some() {
                    return Err(wrong("an object has `bytes` or `real`, and nothing else"));
                }
                match tag.as_str() {
                    "bytes" => STANDARD.decode(&text).map(Cell::Blob).map_err(|_| wrong("no base64")),
                    "real" => text.parse().map(Cell::Real).map_err(|_| wrong("no number")),
                    _ => Err(wrong("an object has `bytes` or `real`")),
                }
            }
        }

        from.deserialize_any(Reader)
    }
}

/// A result in a document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptResult {
    columns: Vec<Column>,
    not_finite: Vec<bool>,
    batches: Vec<KeptBatch>,
}

/// Its batches are part of it: what a preview has depends on how large they are.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptBatch {
    types: Vec<ColumnType>,
    rows: Vec<Vec<Cell>>,
}

/// Writes and reads a result.
pub(crate) mod kept_result {
    use std::sync::Arc;

    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{KeptResult, StoredResult};

    pub(crate) fn serialize<Z: Serializer>(result: &Arc<StoredResult>, to: Z) -> Result<Z::Ok, Z::Error> {
        KeptResult::of(result).map_err(Z::Error::custom)?.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<StoredResult>, D::Error> {
        KeptResult::deserialize(from)?.read().map(Arc::new).map_err(D::Error::custom)
    }
}

impl KeptResult {
    fn of(result: &StoredResult) -> std::io::Result<Self> {
        let mut batches = Vec::new();
        for kept in &result.batches {
            let bytes = result.spool.bytes(kept.place, kept.length)?;
            let batch = kept.decode(bytes)?;
            batches.push(KeptBatch { types: kept.types.clone(), rows: super::rows(&batch).collect() });
        }
        Ok(Self { columns: result.columns.clone(), not_finite: result.not_finite.clone(), batches })
    }

    fn read(self) -> Result<StoredResult, String> {
        let width = self.columns.len();
        if self.not_finite.len() != width {
            return Err("not_finite has one entry for each column".to_owned());
        }
        // The bytes stay in memory: a document is not large.
        let mut spool = Spool::new(&Pool::new(u64::MAX));
        let (mut batches, mut total) = (Vec::new(), 0);
        for KeptBatch { types, rows } in self.batches {
            let batch = batch(width, &types, &rows)?;
            let (_, bytes) = encode(&batch, &IpcWriteOptions::default()).map_err(|e| e.to_string())?;
            let count = rows.len() as u64;
            batches.push(Kept {
                place: spool.len(),
                length: bytes.len(),
                first_row: total,
                rows: count,
                types,
            });
            spool.push(&bytes).map_err(|e| e.to_string())?;
            total += count;
        }
        Ok(StoredResult::of_parts(self.columns, self.not_finite, spool, batches))
    }
}

fn batch(width: usize, types: &[ColumnType], rows: &[Vec<Cell>]) -> Result<RecordBatch, String> {
    if types.len() != width || rows.iter().any(|row| row.len() != width) {
        return Err(format!("a batch has {width} types, and each row has {width} values"));
    }
    if rows.is_empty() {
        return Err("a batch has at least one row".to_owned());
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(width);
    for (place, wanted) in types.iter().enumerate() {
        let cells: Vec<Cell> = rows.iter().map(|row| row[place].clone()).collect();
        if let Some(row) = cells.iter().position(|cell| !cell.fits(*wanted)) {
            return Err(format!("row {row}, value {place}: it is no {}", wanted.arrow_text()));
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
        let read = |text: &str| serde_json::from_str::<KeptResult>(text).unwrap().read();
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
}
