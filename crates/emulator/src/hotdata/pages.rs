//! The pages of lists: by cursor and by offset.

use serde_json::{Map, Value, json};

use crate::parameters::Parameters;
use crate::seeded::mix;

use super::call::number;
use super::refusal::Refusal;

/// What a list has on a page, and at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) default: u64,
    pub(super) most: u64,
}

/// Refuses a cursor of another list, or a text that is none.
const BAD_CURSOR: &str = "invalid cursor: send the next_cursor of the previous page, with the same filters";

/// A page of a list by cursor: `{name: […], count, limit, has_more, next_cursor}`. A cursor is for the list
/// that it came from, and names the last entry that was shown: what is made or taken away meanwhile shifts
/// nothing.
pub(super) fn by_cursor<T>(
    name: &str,
    list: &str,
    seed: u64,
    query: &Parameters,
    size: Size,
    entries: Vec<(String, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Value, Refusal> {
    let limit = limit(query, size)?;
    let from = match query.text("cursor") {
        None => 0,
        Some(given) => {
            let (after, place) = read(given, list, seed).ok_or_else(|| Refusal::bad(BAD_CURSOR))?;
            // The entry is gone: where it was is where to go on.
            entries.iter().position(|(key, _)| *key == after).map_or(place, |at| at + 1)
        }
    };
    let total = entries.len();
    let from = from.min(total);
    let to = from.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)).min(total);
    let next = (to < total && to > from).then(|| cursor(list, seed, &entries[to - 1].0, to));
    let shown: Vec<Value> =
        entries.into_iter().skip(from).take(to - from).map(|(_, entry)| show(entry)).collect();
    let mut page = Map::new();
    page.insert("count".to_owned(), json!(shown.len()));
    page.insert("limit".to_owned(), json!(limit));
    page.insert("has_more".to_owned(), json!(to < total));
    page.insert(name.to_owned(), Value::Array(shown));
    if let Some(next) = next {
        page.insert("next_cursor".to_owned(), Value::String(next));
    }
    Ok(Value::Object(page))
}

/// A page of a list by offset: `{name: […], count, limit, offset, has_more}`.
pub(super) fn by_offset<T>(
    name: &str,
    query: &Parameters,
    size: Size,
    entries: Vec<T>,
    show: impl Fn(T) -> Value,
) -> Result<Value, Refusal> {
    let limit = limit(query, size)?;
    let offset = number(query, "offset")?.unwrap_or(0);
    let total = entries.len();
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(total);
    let to = from.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)).min(total);
    let shown: Vec<Value> = entries.into_iter().skip(from).take(to - from).map(show).collect();
    Ok(json!({ name: shown, "count": to - from, "limit": limit, "offset": offset, "has_more": to < total }))
}

/// The limit that counts: clamped.
fn limit(query: &Parameters, size: Size) -> Result<u64, Refusal> {
    Ok(number(query, "limit")?.unwrap_or(size.default).clamp(1, size.most))
}

/// Nothing in it means anything to a client.
fn cursor(list: &str, seed: u64, after: &str, place: usize) -> String {
    let key: String = after.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{place:x}.{key}.{:016x}", sum(list, seed, &key, place))
}

fn sum(list: &str, seed: u64, key: &str, place: usize) -> u64 {
    let bytes = list.bytes().chain([0]).chain(key.bytes());
    bytes.fold(mix(seed ^ place as u64), |sum, byte| mix(sum ^ u64::from(byte)))
}

fn read(given: &str, list: &str, seed: u64) -> Option<(String, usize)> {
    let mut parts = given.split('.');
    let (place, key, check) = (parts.next()?, parts.next()?, parts.next()?);
    let place = usize::from_str_radix(place, 16).ok()?;
    if check != format!("{:016x}", sum(list, seed, key, place)) {
        return None;
    }
    let bytes = (0..key.len() / 2).map(|at| u8::from_str_radix(key.get(2 * at..2 * at + 2)?, 16).ok());
    Some((String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { default: 2, most: 3 };

    fn page(query: &str, keys: &[&str]) -> Result<Value, Refusal> {
        let entries = keys.iter().map(|key| ((*key).to_owned(), *key)).collect();
        let query = Parameters::of(query).unwrap();
        by_cursor("entries", "list", 7, &query, SIZE, entries, Value::from)
    }

    #[test]
    fn a_cursor_goes_on_behind_what_was_shown_whatever_came_or_went() {
        let first = page("", &["c", "b", "a"]).unwrap();
        let cursor = first["next_cursor"].as_str().unwrap().to_owned();
        assert_eq!(first["entries"], json!(["c", "b"]));
        assert_eq!(
            (&first["count"], &first["limit"], &first["has_more"]),
            (&json!(2), &json!(2), &json!(true))
        );
        let next = |keys: &[&str]| page(&format!("cursor={cursor}"), keys).unwrap()["entries"].clone();
        assert_eq!(next(&["c", "b", "a"]), json!(["a"]));
        assert_eq!(next(&["e", "d", "c", "b", "a"]), json!(["a"]));
        assert_eq!(next(&["c", "x", "a"]), json!(["a"]));
        assert_eq!(next(&[]), json!([]));
        let last = page(&format!("limit=9&cursor={cursor}"), &["c", "b", "a"]).unwrap();
        assert_eq!(
            (&last["limit"], &last["has_more"], last.get("next_cursor")),
            (&json!(3), &json!(false), None)
        );
        for bad in ["cursor=1", "cursor=2.62.0", "limit=-1", "limit=x"] {
            assert!(page(bad, &["a"]).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_offset_beyond_the_end_is_an_empty_page() {
        let page = |query: &str| {
            let query = Parameters::of(query).unwrap();
            by_offset("entries", &query, SIZE, vec![1, 2, 3], Value::from).unwrap()
        };
        assert_eq!(
            page("offset=1"),
            json!({ "entries": [2, 3], "count": 2, "limit": 2, "offset": 1, "has_more": false })
        );
        assert_eq!(page("")["has_more"], true);
        assert_eq!(page("offset=9&limit=0")["entries"], json!([]));
    }
}
