//! Payloads as text, for types that keep every digit: the same three shapes.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Error, Value};

use crate::rows::{object, typed};

use super::payload::column_names;

/// An object whose values are still text.
type RawObject<'a> = HashMap<String, &'a RawValue>;

/// The text under `apiResponse` in a response, without its wrapper.
pub(super) fn unwrapped(response: &[u8]) -> Result<&str, Error> {
    let Some(payload) = serde_json::from_slice::<RawObject<'_>>(response)?.remove("apiResponse") else {
        return Ok("null");
    };
    match serde_json::from_str::<RawObject<'_>>(payload.get()) {
        Ok(map) if map.len() == 1 => match map.into_iter().next() {
            Some((key, inner)) if key.ends_with("ApiResponse") => Ok(inner.get()),
            _ => Ok(payload.get()),
        },
        _ => Ok(payload.get()),
    }
}

/// Reads the rows of an unwrapped payload.
pub(super) fn rows_as<T: DeserializeOwned>(payload: &str) -> Result<Vec<T>, Error> {
    typed(&rows(payload)?)
}

/// Reads an unwrapped payload; for a type that is a list, a table is its rows.
pub(super) fn parse<T: DeserializeOwned>(payload: &str) -> Result<T, Error> {
    serde_json::from_str(payload).or_else(|first| {
        let is_table = serde_json::from_str::<RawObject<'_>>(payload).is_ok_and(|map| {
            ["rows", "data"].iter().any(|key| map.get(*key).is_some_and(|raw| is_list(raw)))
        });
        if !is_table {
            return Err(first);
        }
        serde_json::from_str(&format!("[{}]", rows(payload)?.join(","))).map_err(|_| first)
    })
}

fn is_list(raw: &RawValue) -> bool {
    raw.get().starts_with('[')
}

/// The texts of the rows of an unwrapped payload.
fn rows(payload: &str) -> Result<Vec<String>, Error> {
    match payload.trim_start().as_bytes().first() {
        Some(b'n') => Ok(Vec::new()),
        Some(b'[') => list(payload),
        Some(b'{') => {
            let map: RawObject<'_> = serde_json::from_str(payload)?;
            match (map.get("columns"), map.get("rows"), map.get("data")) {
                (Some(columns), Some(rows), _) if is_list(columns) && is_list(rows) => {
                    table(columns.get(), rows.get())
                }
                (_, _, Some(entries)) if is_list(entries) => list(entries.get()),
                _ if map.is_empty() => Ok(Vec::new()),
                _ => Ok(vec![payload.to_owned()]),
            }
        }
        _ => Ok(vec![row(payload)]),
    }
}

fn list(entries: &str) -> Result<Vec<String>, Error> {
    let entries: Vec<&RawValue> = serde_json::from_str(entries)?;
    Ok(entries.into_iter().map(|entry| row(entry.get())).collect())
}

fn table(columns: &str, rows: &str) -> Result<Vec<String>, Error> {
    let columns = column_names(&serde_json::from_str::<Vec<Value>>(columns)?);
    let rows: Vec<&RawValue> = serde_json::from_str(rows)?;
    let text = |cells: &RawValue| match serde_json::from_str::<Vec<&RawValue>>(cells.get()) {
        Ok(cells) => object(&columns, &cells),
        Err(_) => Ok(row(cells.get())),
    };
    rows.into_iter().map(text).collect()
}

fn row(entry: &str) -> String {
    if entry.starts_with('{') { entry.to_owned() } else { format!("{{\"value\":{entry}}}") }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    const BIG: &str = "340282366920938463463374607431768211455";

    #[derive(Debug, Deserialize)]
    struct Wide {
        name: String,
        size: u128,
        price: Box<RawValue>,
    }

    #[test]
    fn digits_are_kept_in_every_shape() {
        let cells = format!("\"a\", {BIG}, 1.10");
        let entry = format!("{{\"name\": \"a\", \"size\": {BIG}, \"price\": 1.10, \"more\": 1}}");
        let table =
            format!("{{\"columns\": [\"name\", {{\"name\": \"size\"}}, \"price\"], \"rows\": [[{cells}]]}}");
        for payload in [format!("[{entry}]"), format!("{{\"data\": [{entry}]}}"), table] {
            for response in [
                format!("{{\"apiStatus\": \"x\", \"apiResponse\": {payload}}}"),
                format!("{{\"apiResponse\": {{\"showClustersApiResponse\": {payload}}}}}"),
            ] {
                let payload = unwrapped(response.as_bytes()).unwrap();
                let rows: Vec<Wide> = rows_as(payload).unwrap();
                let parsed: Vec<Wide> = parse(payload).unwrap();
                for rows in [rows, parsed] {
                    assert_eq!(rows.len(), 1, "{response}");
                    assert_eq!((&*rows[0].name, rows[0].size), ("a", u128::MAX), "{response}");
                    assert_eq!(rows[0].price.get(), "1.10", "{response}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_table_is_read_too() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Any {
            #[serde(default)]
            name: Option<String>,
            #[serde(default)]
            value: Option<i64>,
        }
        for (payload, expected) in [
            ("null", vec![]),
            ("{}", vec![]),
            ("{\"name\": \"a\"}", vec![(Some("a"), None)]),
            ("[1, {\"name\": \"b\"}]", vec![(None, Some(1)), (Some("b"), None)]),
            ("7", vec![(None, Some(7))]),
            (
                "{\"columns\": [\"name\", \"name\"], \"rows\": [[\"a\", \"b\"], 5]}",
                vec![(Some("a"), None), (None, Some(5))],
            ),
        ] {
            let rows: Vec<Any> = rows_as(payload).unwrap();
            let rows: Vec<_> = rows.iter().map(|row| (row.name.as_deref(), row.value)).collect();
            assert_eq!(rows, expected, "{payload}");
        }
        assert_eq!(unwrapped(b"{\"apiStatus\": \"x\"}").unwrap(), "null");
        assert!(rows_as::<Any>("{\"name\": 5}").is_err());
    }

    #[test]
    fn parses_into_types_from_every_shape() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Cluster {
            name: String,
        }
        let expected = vec![Cluster { name: "a".into() }];
        for payload in [
            r#"[{"name": "a", "more": 1}]"#,
            r#"{"data": [{"name": "a"}]}"#,
            r#"{"columns": ["name"], "rows": [["a"]]}"#,
        ] {
            assert_eq!(parse::<Vec<Cluster>>(payload).unwrap(), expected, "{payload}");
        }
        assert_eq!(parse::<Cluster>(r#"{"name": "a"}"#).unwrap(), expected[0]);
        assert!(parse::<Cluster>(r#"{"nom": "a"}"#).is_err());
    }
}
