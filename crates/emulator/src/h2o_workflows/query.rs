//! What stands after the question mark, and the pages of a list.

use serde_json::{Value, json};

pub(super) use crate::parameters::Parameters as Query;
use crate::seeded::mix;

use super::refusal::Refusal;

/// What a page has if nothing is said.
const DEFAULT_PAGE: usize = 50;
/// The largest page.
const MAX_PAGE: usize = 500;

impl Query {
    /// One page of a list that has so many entries: the part that is shown, and the token of the next page. A
    /// token is for the list that it came from: same parent, same filter, same order.
    pub(super) fn page(
        &self,
        list: &str,
        seed: u64,
        total: usize,
    ) -> Result<(std::ops::Range<usize>, String), Refusal> {
        let size = match self.text("pageSize").map(str::parse::<i32>) {
            None => 0,
            Some(Ok(size)) if size >= 0 => usize::try_from(size).unwrap_or(0),
            Some(_) => return Err(Refusal::argument("pageSize has to be a whole number, at least 0")),
        };
        let size = if size == 0 { DEFAULT_PAGE } else { size.min(MAX_PAGE) };
        let list = format!(
            "{list}\n{}\n{}",
            self.get("filter").unwrap_or_default(),
            self.get("orderBy").unwrap_or_default()
        );
        let from = match self.text("pageToken") {
            None => 0,
            Some(given) => given
                .split_once('.')
                .and_then(|(from, _)| usize::from_str_radix(from, 16).ok())
                .filter(|from| token(&list, seed, *from) == given)
                .ok_or_else(|| Refusal::argument("invalid page token"))?,
        };
        let from = from.min(total);
        let to = from.saturating_add(size).min(total);
        Ok((from..to, if to < total { token(&list, seed, to) } else { String::new() }))
    }
}

/// The parameters that every list has.
pub(super) const PAGES: [&str; 2] = ["pageSize", "pageToken"];

/// Nothing in it means anything to a client.
fn token(list: &str, seed: u64, from: usize) -> String {
    let sum = list.bytes().fold(mix(seed), |sum, byte| mix(sum ^ u64::from(byte)));
    format!("{from:x}.{:016x}", mix(sum ^ from as u64))
}

/// A list, in its envelope.
pub(super) fn list_of(plural: &str, items: Vec<Value>, next: &str) -> Value {
    json!({ plural: items, "nextPageToken": next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str, total: usize) -> Result<(std::ops::Range<usize>, String), Refusal> {
        Query::read(query, &["pageSize", "pageToken", "filter"]).map_err(Refusal::argument)?.page(
            "workspaces/w/runs",
            0,
            total,
        )
    }

    #[test]
    fn pages_have_fifty_or_what_is_asked_for_but_no_more_than_five_hundred() {
        for (query, shown) in [
            ("", 50),
            ("pageSize=0&pageToken=", 50),
            ("pageSize=7", 7),
            ("pageSize=500", 500),
            ("pageSize=501", 500),
        ] {
            assert_eq!(page(query, 1000).unwrap().0, 0..shown, "{query}");
        }
        assert_eq!(page("pageSize=3", 3).unwrap(), (0..3, String::new()));
        for query in [
            "pageSize=-1",
            "pageSize=x",
            "pageSize=99999999999",
            "pageSize=1&pageSize=2",
            "page_size=1",
            "x=1",
        ] {
            assert!(page(query, 3).is_err(), "{query}");
        }
    }

    #[test]
    fn a_token_is_for_the_list_it_came_from() {
        let (first, token) = page("pageSize=2", 5).unwrap();
        assert_eq!(first, 0..2);
        assert_eq!(page(&format!("pageSize=9&pageToken={token}"), 5).unwrap().0, 2..5);
        // What was there is gone.
        assert_eq!(page(&format!("pageToken={token}"), 1).unwrap(), (1..1, String::new()));
        for bad in
            [format!("filter=x&pageToken={token}"), "pageToken=2".to_owned(), format!("pageToken={token}0")]
        {
            assert_eq!(page(&bad, 5).unwrap_err().message, "invalid page token", "{bad}");
        }
    }
}
