//! Which of several names a misspelt one is probably meant to be.

/// The most names that a message proposes.
const MAX_PROPOSED: usize = 3;
/// The most characters of a name that are compared: names come from outside.
const MAX_COMPARED: usize = 100;

/// Returns the names that are nearest to a text: first those that differ in a few letters, the nearest first,
/// else those that have words in common with it, those with the most first.
pub(crate) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, usize, &str)> = names
        .filter_map(|name| {
            let distance = distance(text, name);
            // A third of the letters, and one in short names.
            let is_near = distance <= (text.chars().count().min(MAX_COMPARED) / 3).max(1);
            let common = common_words(text, name);
            match (is_near, common) {
                (true, _) => Some((0, distance, name)),
                (false, 1..) => Some((1, usize::MAX - common, name)),
                _ => None,
            }
        })
        .collect();
    near.sort_by_key(|(kind, rank, name)| (*kind, *rank, name.len()));
    let best = near.first().map(|(kind, rank, _)| (*kind, *rank));
    // Not those that are much farther away than the nearest one.
    let is_near = |kind, rank: usize| best.is_some_and(|(first, least)| kind == first && rank - least <= 1);
    let same = near.into_iter().filter(|(kind, rank, _)| is_near(*kind, *rank));
    same.take(MAX_PROPOSED).map(|(.., name)| name).collect()
}

/// Returns the sentence that proposes names; empty without any.
pub(crate) fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("Did you mean {}?", quoted.join(" or "))
        }
    }
}

/// The number of words that both have. A plural counts as its singular.
fn common_words(a: &str, b: &str) -> usize {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.map(|word| word.trim_end_matches('s').to_lowercase()).filter(|word| word.len() > 1).collect()
    };
    let a = words(a);
    words(b).iter().filter(|word| a.contains(word)).count()
}

/// The number of letters to change, add, leave out or swap to get from one text to the other, case aside.
fn distance(a: &str, b: &str) -> usize {
    let lower = |text: &str| text.chars().take(MAX_COMPARED).flat_map(char::to_lowercase).collect::<String>();
    strsim::osa_distance(&lower(a), &lower(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_before_words() {
        let names = ["get_database", "fork_database", "list_databases", "list_jobs", "get_job"];
        assert_eq!(nearest("lst_databases", names.into_iter()), ["list_databases"]);
        assert_eq!(nearest("list_database", names.into_iter())[0], "list_databases");
        assert_eq!(nearest("get_jbo", names.into_iter()), ["get_job"]);
        assert_eq!(nearest("list_job", names.into_iter()), ["list_jobs"]);
        assert_eq!(nearest("job_listing", names.into_iter()), ["get_job", "list_jobs"]);
        assert!(nearest("nonsense", names.into_iter()).is_empty());
        assert!(nearest("", names.into_iter()).is_empty());
        assert_eq!(did_you_mean(&["a", "b"]), "Did you mean `a` or `b`?");
    }
}
