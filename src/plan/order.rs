//! Keys of steps, and what comes after what.

use std::collections::HashMap;

use crate::error::shown;

use super::{Draft, Fault, names};

/// Checks that each key is there once, and that `after` names steps and leads in no circle.
pub(super) fn check<C>(steps: &[Draft<C>], faults: &mut Vec<Fault>) {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (i, step) in steps.iter().enumerate().filter(|(_, step)| !step.key.is_empty()) {
        match places.get(&*step.key) {
            None => {
                places.insert(&step.key, i);
            }
            Some(first) => {
                let place = steps[*first].key_place;
                let message = format!("the step at {place} already has the key `{}`", shown(&step.key));
                faults.push(Fault::new(step.key_place, message));
            }
        }
    }
    // Each key once, in the order of the file.
    let is_first = |(i, step): &(usize, &Draft<C>)| places.get(&*step.key) == Some(i);
    let keys: Vec<&str> = steps.iter().enumerate().filter(is_first).map(|(_, step)| &*step.key).collect();
    for (key, place) in steps.iter().flat_map(|step| &step.after) {
        if !places.contains_key(&**key) {
            faults.push(Fault::new(*place, names::unknown("step", key, &keys)));
        }
    }
    // Steps whose predecessors are all done are done too. What remains is in a circle, or after one.
    let mut open: Vec<usize> = steps.iter().map(|step| step.after.len()).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (i, step) in steps.iter().enumerate() {
        for (key, _) in &step.after {
            match places.get(&**key) {
                Some(before) => followers[*before].push(i),
                None => open[i] -= 1,
            }
        }
    }
    let mut done: Vec<usize> = (0..steps.len()).filter(|i| open[*i] == 0).collect();
    while let Some(i) = done.pop() {
        for follower in std::mem::take(&mut followers[i]) {
            open[follower] -= 1;
            if open[follower] == 0 {
                done.push(follower);
            }
        }
    }
    if let Some((place, path)) = circle(steps, &places, &open) {
        faults.push(Fault::new(place, format!("`after` forms a cycle: {path}")));
    }
}

/// Returns a circle among the steps that are open, and the place where it is closed.
fn circle<C>(
    steps: &[Draft<C>],
    places: &HashMap<&str, usize>,
    open: &[usize],
) -> Option<(super::Place, String)> {
    let mut at = open.iter().position(|left| *left > 0)?;
    let mut path: Vec<usize> = Vec::new();
    let start = loop {
        if let Some(start) = path.iter().position(|i| *i == at) {
            break start;
        }
        path.push(at);
        at = steps[at]
            .after
            .iter()
            .find_map(|(key, _)| places.get(&**key).filter(|i| open[**i] > 0))
            .copied()?;
    };
    let names: Vec<String> =
        path[start..].iter().chain([&at]).map(|i| format!("`{}`", shown(&steps[*i].key))).collect();
    Some((steps[at].key_place, names.join(" → ")))
}
