//! What is found in the text of a query without running it. All of it is a guess from its words.

use serde_json::{Value, json};

use crate::seeded::mix;

/// What kind of query it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Analysis {
    /// The same for the same text.
    pub(super) hash: String,
    category: &'static str,
    tables: usize,
    predicate: bool,
    join: bool,
    aggregation: bool,
    group_by: bool,
    order_by: bool,
    limit: bool,
}

/// Words before which a bracket stands in an aggregation.
const AGGREGATES: [&str; 6] = ["count", "sum", "avg", "min", "max", "string_agg"];

impl Analysis {
    pub(super) fn of(sql: &str) -> Self {
        let words = words(sql);
        let has = |word: &str| words.iter().any(|one| one == word);
        let pair = |a: &str, b: &str| words.windows(2).any(|two| two[0] == a && two[1] == b);
        let aggregation = words.windows(2).any(|two| two[1] == "(" && AGGREGATES.contains(&two[0].as_str()));
        let tables = words
            .windows(2)
            .filter(|two| matches!(two[0].as_str(), "from" | "join") && two[1] != "(")
            .count();
        let (predicate, join, group_by) = (has("where"), has("join"), pair("group", "by"));
        let category = if join {
            "join"
        } else if aggregation || group_by {
            "aggregation"
        } else if predicate && has("=") && !has("or") {
            "point_lookup"
        } else if predicate {
            "filtered_scan"
        } else if words.get(1).is_some_and(|word| word == "*") {
            "full_scan"
        } else {
            "projection"
        };
        Self {
            hash: hash(sql),
            category,
            tables,
            predicate,
            join,
            aggregation,
            group_by,
            order_by: pair("order", "by"),
            limit: has("limit"),
        }
    }

    pub(super) fn add_to(&self, shown: &mut Value) {
        for (name, value) in [
            ("category", json!(self.category)),
            ("num_tables", json!(self.tables)),
            ("has_predicate", json!(self.predicate)),
            ("has_join", json!(self.join)),
            ("has_aggregation", json!(self.aggregation)),
            ("has_group_by", json!(self.group_by)),
            ("has_order_by", json!(self.order_by)),
            ("has_limit", json!(self.limit)),
        ] {
            shown[name] = value;
        }
    }
}

/// 32 digits that are the same for the same text.
pub(super) fn hash(sql: &str) -> String {
    let sum = |seed: u64| sql.bytes().fold(mix(seed), |sum, byte| mix(sum ^ u64::from(byte)));
    format!("{:016x}{:016x}", sum(1), sum(2))
}

/// Words in small letters, and signs; what stands in quotes or comments is left out.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_alphanumeric() || c == '_' || c == '.' {
            word.extend(c.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match c {
            '\'' => while rest.next().is_some_and(|c| c != '\'') {},
            '"' => {
                word = rest.by_ref().take_while(|c| *c != '"').collect();
            }
            '-' if rest.peek() == Some(&'-') => while rest.next().is_some_and(|c| c != '\n') {},
            c if c.is_whitespace() => {}
            c => words.push(c.to_string()),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_category_of_a_query() {
        for (sql, category, tables) in [
            ("select * from a", "full_scan", 1),
            ("select x from a", "projection", 1),
            ("select x from a where b > 1 -- join", "filtered_scan", 1),
            ("select x from a where b = 'group by'", "point_lookup", 1),
            ("select count(*) from a", "aggregation", 1),
            ("SELECT x FROM a JOIN \"b c\" ON a.i = b.i", "join", 2),
        ] {
            let analysis = Analysis::of(sql);
            assert_eq!((analysis.category, analysis.tables), (category, tables), "{sql}");
        }
        assert_ne!(hash("select 1"), hash("select 2"));
        assert_eq!(hash("select 1").len(), 32);
    }
}
