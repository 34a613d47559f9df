//! Batches that go on from their journals.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use controlplane::Batch;
use serde_json::Value;

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::profile;

use super::batches::{self, Listed, calls, of_journal};
use super::files;
use super::plan::Plan;
use super::service::Service;
use super::{Decisions, carry_out};

/// The longest first line of a journal that is read.
const MAX_LINE: u64 = 1024 * 1024;
/// The beginning of the first line of a journal.
const BEGINNING: &[u8] = b"{\"journal\":";

/// Continues the batch in a journal.
pub(crate) fn resume(app: &App, path: &Path, decisions: &Decisions) -> Result {
    let services = services(path)?;
    profile::check(app, &services)?;
    // Before a request asks for the id of a database.
    let listed = calls(&of_journal(app, &services, path, decisions.poll_interval, false)?);
    let faults: Vec<String> = decisions
        .to_send(&listed)
        .filter_map(|call| Some(format!("step {:?}: {}", call.key, files::fault(call.file()?)?)))
        .collect();
    if !faults.is_empty() {
        let why = format!("continuing the journal {}:\n{}", path.display(), faults.join("\n"));
        return Err(Failure::usage(why).hint("Nothing was sent."));
    }
    let batch = of_journal(app, &services, path, decisions.poll_interval, true)?;
    carry_out(app, batch, Some(path), decisions)
}

/// Returns the batch in a journal if it is the batch of this plan.
pub(super) fn of_plan(app: &App, plan: &Plan, path: &Path, poll: Option<Duration>) -> Result<Batch> {
    let refuse = |why: String| {
        Failure::usage(format!("continuing the journal {}: {why}", path.display())).hint(
            "Nothing was sent. Continue with the plan that the journal was written with, continue without a plan with \
             `controlplane resume`, or choose another journal for this plan.",
        )
    };
    let (theirs, ours) = (services(path)?, plan.services());
    if theirs.len() != ours.len() || !ours.iter().all(|service| theirs.contains(service)) {
        return Err(refuse(format!("it is for {}, but the plan is for {}", names(&theirs), names(&ours))));
    }
    let batch = of_journal(app, &theirs, path, poll, true)?;
    let (journal, waits) = (calls(&batch), !app.globals.no_wait);
    let compared = |waits: bool| -> Result<Option<String>> {
        Ok(difference(&journal, &calls(&batches::of_plan(app, plan, true, poll, waits)?)))
    };
    match compared(waits)? {
        None => Ok(batch),
        Some(_) if compared(!waits)?.is_none() => Err(refuse(match waits {
            true => "it was begun with --no-wait: add the option".to_owned(),
            false => "it was begun without --no-wait: leave the option out".to_owned(),
        })),
        Some(why) => Err(refuse(why)),
    }
}

fn names(services: &[Service]) -> String {
    services.iter().map(|service| service.name()).collect::<Vec<_>>().join(" and ")
}

/// Returns the first difference between the calls of a journal and those of a plan.
fn difference(journal: &[Listed], plan: &[Listed]) -> Option<String> {
    let key =
        |call: Option<&Listed>| call.map_or_else(|| "none".to_owned(), |call| format!("{:?}", call.key));
    for at in 0..journal.len().max(plan.len()) {
        let (ours, theirs) = (plan.get(at), journal.get(at));
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours.key == theirs.key => {
                if (&ours.service, &ours.shown, &ours.whole)
                    != (&theirs.service, &theirs.shown, &theirs.whole)
                {
                    return Some(format!(
                        "the step {:?} of the plan is another command than that of the journal",
                        ours.key
                    ));
                }
                if ours.after != theirs.after {
                    return Some(format!(
                        "the step {:?} depends on other steps in the plan than in the journal",
                        ours.key
                    ));
                }
            }
            _ => {
                return Some(format!(
                    "its step {} is {}, and that of the plan is {}",
                    at + 1,
                    key(theirs),
                    key(ours)
                ));
            }
        }
    }
    None
}

/// Returns the services that a journal is for: its first line names them.
pub(super) fn services(path: &Path) -> Result<Vec<Service>> {
    let refuse = |why: String| {
        Failure::new(Exit::Failed, format!("reading the journal {}: {why}", path.display()))
            .hint("Nothing was sent.")
    };
    let found = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?;
    if !found.is_file() {
        return Err(refuse("it is not a regular file".to_owned()));
    }
    let file = File::open(path).map_err(|error| refuse(error.to_string()))?;
    let mut line = Vec::new();
    BufReader::new(file.take(MAX_LINE))
        .read_until(b'\n', &mut line)
        .map_err(|error| refuse(error.to_string()))?;
    let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
    // Another file may have one line without an end, and is not to be removed.
    let begins_as_one = text.starts_with(BEGINNING) || BEGINNING.starts_with(text);
    if begins_as_one && !line.ends_with(b"\n") && (line.len() as u64) < MAX_LINE {
        return Err(refuse("its first line is incomplete".to_owned()).hint(
            "Nothing of the batch was sent. If no other program is writing this file now, remove it and start again.",
        ));
    }
    let first: Value = serde_json::from_slice(text).unwrap_or_default();
    let header = &first["journal"];
    // Journals of earlier versions have one service.
    let one = std::slice::from_ref(header);
    let members = header["members"].as_array().map_or(one, Vec::as_slice);
    let mut services = Vec::new();
    for member in members {
        let name = member["service"].as_str();
        let Some(service) = name.and_then(Service::of_journal) else {
            let why = match name {
                Some(_) => "it has calls of a service that this version does not know",
                None => "it is not the journal of a batch",
            };
            return Err(refuse(why.to_owned()));
        };
        if !services.contains(&service) {
            services.push(service);
        }
    }
    Ok(services)
}

#[cfg(test)]
mod tests {
    use controlplane::client::CallState;
    use serde_json::json;

    use super::*;

    fn call(key: &str, after: &[&str], sends: &str) -> Listed {
        Listed {
            key: key.to_owned(),
            after: after.iter().map(|key| (*key).to_owned()).collect(),
            service: "onehouse".to_owned(),
            state: CallState::Todo,
            shown: json!(sends),
            whole: Value::Null,
            deletes: false,
            creates_secret: false,
        }
    }

    #[test]
    fn what_follows_a_failed_step_is_not_to_be_sent() {
        let mut calls = ["last", "next", "failed", "lost", "done", "free"].map(|key| call(key, &[], "x"));
        (calls[0].after, calls[1].after) = (vec!["next".to_owned()], vec!["failed".to_owned()]);
        calls[2].state = CallState::Failed { error: "no".to_owned() };
        calls[3].state = CallState::Unknown;
        calls[4].state = CallState::Done { request_id: None };
        let keys = |again: &[&str], settled: &[&str]| {
            let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
            let decisions =
                Decisions { again: owned(again), settled: owned(settled), ..Decisions::default() };
            decisions.to_send(&calls).map(|call| call.key.clone()).collect::<Vec<_>>()
        };
        assert_eq!(keys(&[], &[]), ["free"]);
        assert_eq!(keys(&["failed", "done"], &[]), ["last", "next", "failed", "free"]);
        assert_eq!(keys(&["lost"], &["failed"]), ["last", "next", "lost", "free"]);
    }

    #[test]
    fn a_journal_of_another_plan_is_noticed() {
        let plan = [call("a", &[], "SHOW LAKES"), call("b", &["a"], "SHOW JOBS")];
        assert_eq!(difference(&plan, &plan), None);
        for (other, part) in [
            (vec![plan[0].clone()], "its step 2 is none"),
            (vec![plan[0].clone(), plan[1].clone(), call("c", &[], "x")], "its step 3 is \"c\""),
            (vec![plan[0].clone(), call("z", &["a"], "SHOW JOBS")], "its step 2 is \"z\""),
            (vec![plan[0].clone(), call("b", &["a"], "SHOW X")], "is another command"),
            (vec![plan[0].clone(), call("b", &[], "SHOW JOBS")], "depends on other steps"),
        ] {
            let why = difference(&other, &plan).unwrap();
            assert!(why.contains(part), "{why}");
        }
    }
}
