//! Which calls come after which.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, one_line};

/// Returns for each call, given by its key and the keys that it comes after, the places of those that it
/// comes after.
pub(super) fn order(calls: &[(&str, &[String])]) -> Result<Vec<Vec<usize>>, Error> {
    let refuse = |key: &str, why: String| {
        Error::invalid(format!("running the batch: call {:?}", one_line(key, 100)), why)
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
        return Err(refuse(calls[place].0, "it comes after itself, by way of others".to_owned()));
    }
    Ok(after)
}

/// A place that comes after itself, if there is one.
fn in_a_cycle(after: &[Vec<usize>]) -> Option<usize> {
    let mut left: Vec<usize> = after.iter().map(Vec::len).collect();
    let mut followers = vec![Vec::new(); after.len()];
    for (place, before) in after.iter().enumerate() {
        for before in before {
            followers[*before].push(place);
        }
    }
    let mut free: Vec<usize> = (0..after.len()).filter(|place| left[*place] == 0).collect();
    while let Some(place) = free.pop() {
        for follower in &followers[place] {
            left[*follower] -= 1;
            if left[*follower] == 0 {
                free.push(*follower);
            }
        }
    }
    left.iter().position(|left| *left > 0)
}
