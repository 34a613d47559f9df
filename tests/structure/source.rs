//! Rust source as a reader of imports needs it.

use std::path::{Path, PathBuf};

/// A file below `src/`.
pub(crate) struct Source {
    /// Its path below `src/`, with slashes.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl Source {
    /// The room that the file is in: the first part of its path. `None`: the root, which knows all rooms.
    pub(crate) fn room(&self) -> Option<&str> {
        let room = self.path.split('/').next().unwrap();
        let room = room.strip_suffix(".rs").unwrap_or(room);
        (room != "lib").then_some(room)
    }

    /// The module of the file: `engine/wait.rs` and `engine/wait/mod.rs` are `["engine", "wait"]`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').filter(|part| *part != "lib").collect()
    }

    /// The paths that the file mentions in code, from the root of the crate on, with the lines where they
    /// stand. Of a path that begins with `super`, that of a module inside of the file is taken as the file's
    /// own.
    pub(crate) fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let code = code(&self.text);
        let words = words(&code);
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let (line, word) = &words[at];
            let begins = !matches!(at.checked_sub(1).map(|before| &*words[before].1), Some("::" | "."));
            let root = match &**word {
                "crate" if begins => Some(Vec::new()),
                "super" if begins => {
                    let mut module = self.module();
                    module.pop();
                    Some(module.into_iter().map(str::to_owned).collect())
                }
                _ => None,
            };
            at += 1;
            if let Some(root) = root {
                found.extend(tails(&words, &mut at, root).into_iter().map(|path| (*line, path)));
            }
        }
        found
    }
}

/// The paths that go on from here: `::a::{b, c::d}` is two of them.
fn tails(words: &[(usize, String)], at: &mut usize, mut path: Vec<String>) -> Vec<Vec<String>> {
    let word = |at: usize| words.get(at).map_or("", |(_, word)| &**word);
    while word(*at) == "::" {
        *at += 1;
        match word(*at) {
            "super" => {
                path.pop();
                *at += 1;
            }
            "{" => {
                *at += 1;
                let mut all = Vec::new();
                while !matches!(word(*at), "}" | "") {
                    match word(*at) {
                        "," => *at += 1,
                        "as" => *at += 2,
                        "self" => {
                            all.push(path.clone());
                            *at += 1;
                        }
                        "super" => {
                            let mut above = path.clone();
                            above.pop();
                            *at += 1;
                            all.extend(tails(words, at, above));
                        }
                        name => {
                            let mut inner = path.clone();
                            inner.push(name.to_owned());
                            *at += 1;
                            all.extend(tails(words, at, inner));
                        }
                    }
                }
                *at += 1;
                return all;
            }
            name => {
                path.push(name.to_owned());
                *at += 1;
            }
        }
    }
    vec![path]
}

/// Identifiers and signs, with their lines.
fn words(code: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    let mut line = 1;
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            words.push((line, rest[..length].to_owned()));
        }
        line += usize::from(first == '\n');
        rest = &rest[length..];
    }
    words
}

/// The text without comments and without what stands in literals; its lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, is_code) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), false)
        } else if rest.starts_with("/*") {
            (comment(rest), false)
        } else if let Some(length) = raw_string(rest, code.chars().next_back()) {
            (length, false)
        } else if first == '"' {
            (quoted(rest, '"'), false)
        } else if first == '\'' && is_character(rest) {
            (quoted(rest, '\''), false)
        } else {
            (first.len_utf8(), true)
        };
        let (part, after) = rest.split_at(length);
        if is_code {
            code.push_str(part);
        } else {
            code.push(' ');
            code.extend(part.chars().filter(|c| *c == '\n'));
        }
        rest = after;
    }
    code
}

/// The length of a block comment, which may hold others.
fn comment(text: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a raw string, if one begins here.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let start = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let quotes = start.trim_start_matches('#');
    let hashes = &start[..start.len() - quotes.len()];
    let body = quotes.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let length = body.find(&end).map_or(body.len(), |found| found + end.len());
    Some(text.len() - body.len() + length)
}

/// The length of a literal in quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// True for a character, and not for a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => true,
        (Some(_), Some(next)) => next == '\'',
        _ => false,
    }
}

/// Every file below `src/`.
pub(crate) fn sources() -> Vec<Source> {
    fn read(directory: &Path, root: &Path, sources: &mut Vec<Source>) {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                read(&path, root, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                sources.push(Source { path: below, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../src"));
    let mut sources = Vec::new();
    read(root, root, &mut sources);
    assert!(sources.len() > 100, "{} files", sources.len());
    sources
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = r##"
        use a; // use b;
        /* use c; /* use d; */ use e; */ let f = "use g; \" use h;";
        let i = r#"use "j";"#; let k = b'"'; let l: &'m str = '\''; let n = 'o';
    "##;
    let code = code(text);
    for name in ["use a", "let f", "let i", "let k", "let l", "'m str", "let n"] {
        assert!(code.contains(name), "{name}: {code}");
    }
    for name in ["use b", "use c", "use d", "use e", "use g", "use h", "j", "o'"] {
        assert!(!code.contains(name), "{name}: {code}");
    }
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn paths_from_the_root_on() {
    let source = Source {
        path: "engine/batch/turns.rs".to_owned(),
        text: "use crate::http::{self, Request, a::{B as C, D}};\nuse super::super::wait;\nfn f() { super::g(); x.crate_; }\n"
            .to_owned(),
    };
    let paths: Vec<String> =
        source.paths().into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect();
    let expected =
        ["1 http", "1 http::Request", "1 http::a::B", "1 http::a::D", "2 engine::wait", "3 engine::batch::g"];
    assert_eq!(paths, expected);
    assert_eq!(source.room(), Some("engine"));
}
