//! The order of the rooms in `src/`: a file uses its own room and the rooms below it. Services do not use
//! each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, code, sources};

/// The rooms from the lowest to the highest. Those of one line may use each other, except for services.
const ORDER: [&[&str]; 7] = [
    &["error", "http", "open_enum", "redact", "rows", "timestamp", "wire"],
    &["transport"],
    &["engine"],
    &["auth", "client", "journal", "plan"],
    &SERVICES,
    // Batches with the calls of several services.
    &["batch"],
    // Documentation alone.
    &["docs"],
];

const SERVICES: [&str; 4] = ["eloq", "h2o_workflows", "hotdata", "onehouse"];

fn level(room: &str) -> Option<usize> {
    ORDER.iter().position(|rooms| rooms.contains(&room))
}

/// The room of each name that the root gives away: `pub use client::CancelToken`.
fn reexports(root: &Source) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let code = code(&root.text);
    for statement in code.split(';') {
        let Some((_, path)) = statement.split_once("pub use ") else { continue };
        let path: String = path.chars().filter(|c| !c.is_whitespace()).collect();
        let Some((room, rest)) = path.split_once("::") else { continue };
        let last = rest.rsplit("::").next().unwrap();
        let list = rest.split_once('{').map_or(last, |(_, list)| list.trim_end_matches('}'));
        for name in list.split(',').filter(|name| !name.is_empty()) {
            names.insert(name.to_owned(), room.to_owned());
        }
    }
    names
}

/// What is wrong with a file.
fn wrong(source: &Source, names: &BTreeMap<String, String>) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some(own) = level(room) else {
        return vec![format!("src/{}: the room `{room}` has no place in the order", source.path)];
    };
    let mut wrong = Vec::new();
    for (line, path) in source.paths() {
        let Some(first) = path.first() else { continue };
        let used = names.get(first).unwrap_or(first);
        let why = match level(used) {
            _ if used == room => continue,
            // A macro, or a module inside of a function.
            None => continue,
            Some(level) if level > own => "is above",
            Some(_) if SERVICES.contains(&&**used) && SERVICES.contains(&room) => "is another service",
            Some(_) => continue,
        };
        wrong.push(format!("src/{}:{line}: {} {why} `{room}`", source.path, path.join("::")));
    }
    wrong
}

#[test]
fn no_room_uses_one_above_it_and_no_service_another() {
    let sources = sources();
    let root = sources.iter().find(|source| source.path == "lib.rs").unwrap();
    let names = reexports(root);
    assert_eq!(names.get("Effect").map(String::as_str), Some("engine"), "{names:?}");
    let wrong: Vec<String> = sources.iter().flat_map(|source| wrong(source, &names)).collect();
    // The reader of imports still sees them.
    let engine = sources.iter().filter(|source| source.room() == Some("engine"));
    let used: BTreeSet<String> =
        engine.flat_map(Source::paths).filter_map(|(_, path)| path.into_iter().next()).collect();
    assert!(["engine", "error", "http", "transport"].iter().all(|room| used.contains(*room)), "{used:?}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_wrong_is_found() {
    let names = BTreeMap::from([("CancelToken".to_owned(), "client".to_owned())]);
    let lines = |path: &str, text: &str| {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        wrong(&source, &names).len()
    };
    assert_eq!(lines("engine/wait.rs", "use crate::client::Call;"), 1);
    assert_eq!(lines("engine/wait.rs", "use crate::{client::{Call, Core}, http::Request};"), 2);
    assert_eq!(lines("engine/wait.rs", "fn f(token: &crate::CancelToken) {}"), 1);
    assert_eq!(lines("engine/mod.rs", "use super::client::Call;"), 1);
    assert_eq!(lines("http.rs", "use super::transport::SendError;"), 1);
    assert_eq!(lines("eloq/mod.rs", "use crate::onehouse::Client;"), 1);
    assert_eq!(lines("pantry/mod.rs", ""), 1);
    assert_eq!(lines("engine/wait.rs", "// use crate::client::Call;\nuse crate::transport::SendError;"), 0);
    assert_eq!(
        lines("client/call.rs", "use crate::engine::Machine; use super::builder::X; use crate::auth::Y;"),
        0
    );
    assert_eq!(
        lines(
            "eloq/mod.rs",
            "use crate::client::Call; use crate::eloq::wait::Until; use super::CancelToken;"
        ),
        0
    );
}
