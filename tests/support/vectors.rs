//! Recorded cases: where they are read from, and how the ones that fail are reported.
//!
//! The files are those of `tests/vectors`. With `CONTROLPLANE_VECTORS=directory` they are read from that
//! directory instead: the file names are the same, a file that is missing there is skipped, and no test
//! expects a number of cases. With `CONTROLPLANE_CASES=text` only the cases run whose name begins with this
//! text.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::known_faults::KNOWN_FAULTS;

const FILES: [&str; 6] = [
    "eloq-wire.jsonl",
    "h2o-workflows-wire.jsonl",
    "hotdata-wire.jsonl",
    "onehouse-appendix.jsonl",
    "onehouse-credentials.jsonl",
    "onehouse-statements.jsonl",
];

/// The beginning of a failure that is the harness's and not the product's. No known fault excuses it.
const UNKNOWN: &str = "the harness does not know";

/// Describes something in a case that the harness cannot check.
pub(crate) fn unknown(what: impl std::fmt::Display) -> String {
    format!("{UNKNOWN} {what}")
}

/// The keys of an object that the harness does not know.
pub(crate) fn unknown_keys(value: &Value, place: &str, known: &[&str]) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .keys()
            .filter(|key| !known.contains(&&***key))
            .map(|key| unknown(format_args!("the key `{key}` of {place}")))
            .collect(),
        Value::Null => Vec::new(),
        other => vec![unknown(format_args!("{place} that is not an object: {other}"))],
    }
}

/// A line of a file.
#[derive(Clone)]
pub(crate) struct Case {
    file: &'static str,
    line: usize,
    text: String,
    /// The line as JSON.
    pub(crate) json: Value,
}

impl Case {
    fn new(file: &'static str, line: usize, text: String) -> Result<Self, String> {
        match serde_json::from_str(&text) {
            Ok(json) => Ok(Self { file, line, text, json }),
            Err(error) => Err(format!("{file}:{line}: {}", unknown(format_args!("this JSON: {error}")))),
        }
    }

    /// The name of the case: its `id` or `name`, else the name of its helper.
    pub(crate) fn id(&self) -> &str {
        ["id", "name", "helper"].iter().find_map(|key| self.json[key].as_str()).unwrap_or_default()
    }

    /// Where the case stands, and its name.
    pub(crate) fn place(&self) -> String {
        format!("{}:{} {}", self.file, self.line, self.id())
    }

    /// The text at a JSON pointer as it stands in the file: numbers of any length keep their digits.
    pub(crate) fn raw(&self, pointer: &str) -> Option<String> {
        let mut text = self.text.as_str();
        for step in pointer.split('/').skip(1) {
            let part: &RawValue = match step.parse::<usize>() {
                Ok(index) => serde_json::from_str::<Vec<&RawValue>>(text).ok()?.get(index)?,
                Err(_) => serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok()?.get(step)?,
            };
            text = part.get();
        }
        Some(text.to_owned())
    }
}

/// The cases of a file.
pub(crate) struct Cases {
    file: &'static str,
    cases: Vec<Case>,
    unreadable: Vec<String>,
    is_own: bool,
}

impl Cases {
    /// Reads a file: `own` is the text of the one of this repository. Each placeholder is replaced by its
    /// value, which must be the same inside a JSON string.
    pub(crate) fn read(file: &'static str, own: &str, placeholders: &[(&str, &str)]) -> Self {
        let directory = std::env::var_os("CONTROLPLANE_VECTORS").filter(|directory| !directory.is_empty());
        let is_own = directory.is_none();
        let text = match directory {
            None => own.to_owned(),
            Some(directory) => {
                let directory = Path::new(&directory);
                let has_any = FILES.iter().any(|file| directory.join(file).is_file());
                assert!(has_any, "CONTROLPLANE_VECTORS: {} has none of {FILES:?}", directory.display());
                let path = directory.join(file);
                match std::fs::read_to_string(&path) {
                    Ok(text) => text,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        say(&format!("skipped: there is no {}", path.display()));
                        String::new()
                    }
                    Err(error) => panic!("{}: {error}", path.display()),
                }
            }
        };
        let text = placeholders.iter().fold(text, |text, (name, value)| text.replace(name, value));
        let wanted = std::env::var("CONTROLPLANE_CASES").unwrap_or_default();
        let (mut cases, mut unreadable) = (Vec::new(), Vec::new());
        // Not `lines`, which would also end a line at a carriage return that stands before the line feed.
        for (i, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match Case::new(file, i + 1, line.to_owned()) {
                Ok(case) if case.id().starts_with(&wanted) => cases.push(case),
                Ok(_) => {}
                Err(why) => unreadable.push(why),
            }
        }
        let cases = Self { file, cases, unreadable, is_own: is_own && wanted.is_empty() };
        if cases.is_own() {
            for fault in cases.known_faults() {
                assert!(
                    cases.iter().any(|case| case.id() == fault),
                    "known fault {fault}: no case of {file}"
                );
            }
        }
        cases
    }

    /// True if these are all cases of this repository, whose number is known.
    pub(crate) fn is_own(&self) -> bool {
        self.is_own
    }

    /// The cases in the order of the file.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Case> {
        self.cases.iter()
    }

    fn known_faults(&self) -> impl Iterator<Item = &'static str> {
        let file = self.file;
        KNOWN_FAULTS.into_iter().filter(move |(of, _)| *of == file).map(|(_, id)| id)
    }
}

/// What came of the cases of a file. All failures are reported at once.
pub(crate) struct Report<'a> {
    cases: &'a Cases,
    known_faults: Vec<&'static str>,
    /// By line: the case, and what is wrong with it.
    results: BTreeMap<usize, (Case, Vec<String>)>,
}

impl<'a> Report<'a> {
    /// A report about these cases, which knows their known faults.
    pub(crate) fn new(cases: &'a Cases) -> Self {
        Self { known_faults: cases.known_faults().collect(), ..Self::strict(cases) }
    }

    /// A report about what holds for every case.
    pub(crate) fn strict(cases: &'a Cases) -> Self {
        Self { cases, known_faults: Vec::new(), results: BTreeMap::new() }
    }

    /// Runs a case. `test` returns what is wrong; a panic is a failure of this case alone.
    pub(crate) fn run(&mut self, case: &Case, mode: &str, test: impl FnOnce() -> Vec<String>) {
        let wrong = catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(|panic| {
            vec![unknown(format_args!("what to do: it panicked: {}", said(&*panic)))]
        });
        let (_, all) = self.results.entry(case.line).or_insert_with(|| (case.clone(), Vec::new()));
        let mode = if mode.is_empty() { String::new() } else { format!("({mode}) ") };
        all.extend(wrong.into_iter().map(|wrong| format!("{mode}{wrong}")));
    }

    /// Fails if a case has failed, or if a known fault is none any more.
    pub(crate) fn finish(self) {
        let mut failures = self.cases.unreadable.clone();
        for (case, wrong) in self.results.values() {
            let place = case.place();
            let is_known = self.known_faults.contains(&case.id());
            let is_excused = is_known && !wrong.iter().any(|wrong| wrong.contains(UNKNOWN));
            match (wrong.is_empty(), is_excused) {
                (true, true) if self.cases.is_own() => {
                    failures.push(format!("{place}: passes now: take it out of KNOWN_FAULTS"));
                }
                (true, _) => {}
                (false, true) if self.cases.is_own() => {}
                (false, true) => say(&format!("known fault: {place}: {}", wrong.join("\n    "))),
                (false, false) => failures.push(format!("{place}: {}", wrong.join("\n    "))),
            }
        }
        if !self.cases.is_own() {
            say(&format!("{}: {} cases ran", self.cases.file, self.results.len()));
        }
        assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    }
}

/// Writes a line that shows although the test passes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something")
}
