//! Which calls come after which.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::error::{Error, one_line};

/// Returns for each call, given by its key and the keys that it comes after, the places of those that it
/// comes after.
pub(super) fn order(calls: &[(&str, &[String])]) -> Result<Vec<Vec<usize>>, Error> {
    let refuse = |key: &str, why: String| {
        Error::invalid(format!("ordering the batch: call {:?}", one_line(key, 100)), why)
            .with_advice("Nothing was sent.")
    };
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, (key, _)) in calls.iter().enumerate() {
        if places.insert(key, place).is_some() {
            return Err(refuse(key, "there is another call with this key".to_owned()));
        }
    }
    let mut after = Vec::with_capacity(calls.len());
    for (key, keys_before) in calls {
        let mut places_before = Vec::new();
        for before in keys_before.iter().collect::<HashSet<_>>() {
            let Some(place) = places.get(before.as_str()) else {
                let why = format!("it comes after {:?}, which is not in the batch", one_line(before, 100));
                return Err(refuse(key, why));
            };
            places_before.push(*place);
        }
        places_before.sort_unstable();
        after.push(places_before);
    }
    if let Some(place) = in_a_cycle(&after) {
        return Err(refuse(
            calls[place].0,
            "it comes after itself, directly or through other calls".to_owned(),
        ));
    }
    Ok(after)
}

/// Returns all places so that each stands behind those that it comes after, otherwise in their own order.
/// `after`: of places that do not come after themselves.
pub(super) fn sequence(after: &[Vec<usize>]) -> Vec<usize> {
    let (mut left, followers) = edges(after);
    let free = (0..after.len()).filter(|place| left[*place] == 0);
    let mut free: BinaryHeap<Reverse<usize>> = free.map(Reverse).collect();
    let mut sequence = Vec::with_capacity(after.len());
    while let Some(Reverse(place)) = free.pop() {
        sequence.push(place);
        for follower in &followers[place] {
            left[*follower] -= 1;
            if left[*follower] == 0 {
                free.push(Reverse(*follower));
            }
        }
    }
    sequence
}

/// For each place, how many places it comes after, and which come after it.
fn edges(after: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut followers = vec![Vec::new(); after.len()];
    for (place, before) in after.iter().enumerate() {
        for before in before {
            followers[*before].push(place);
        }
    }
    (after.iter().map(Vec::len).collect(), followers)
}

/// A place that comes after itself, if there is one.
fn in_a_cycle(after: &[Vec<usize>]) -> Option<usize> {
    let mut is_free = vec![false; after.len()];
    for place in sequence(after) {
        is_free[place] = true;
    }
    is_free.iter().position(|is_free| !is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_behind_those_that_it_comes_after_and_else_as_it_was_added() {
        for (after, expected) in [
            (vec![], vec![]),
            (vec![vec![], vec![], vec![]], vec![0, 1, 2]),
            (vec![vec![2], vec![], vec![3], vec![]], vec![1, 3, 2, 0]),
            (vec![vec![1, 2], vec![2], vec![]], vec![2, 1, 0]),
        ] {
            assert_eq!(sequence(&after), expected);
            assert_eq!(in_a_cycle(&after), None);
        }
        assert_eq!(in_a_cycle(&[vec![], vec![2], vec![1]]), Some(1));
        assert_eq!(in_a_cycle(&[vec![0]]), Some(0));
    }
}
