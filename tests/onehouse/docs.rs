//! The docs of the helpers: each says where the vendor describes its command, and shows a call.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A helper and its doc comment, without the slashes.
struct Helper {
    name: String,
    docs: Vec<String>,
}

/// The public methods in the blocks `impl<M> Client<M>` of one file.
fn helpers_in(source: &str) -> Vec<Helper> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut docs = Vec::new();
    for line in source.lines() {
        match line {
            "impl<M> Client<M> {" => inside = true,
            "}" => inside = false,
            _ if !inside => {}
            _ => {
                if let Some(text) = line.strip_prefix("    ///") {
                    docs.push(text.strip_prefix(' ').unwrap_or(text).to_owned());
                } else if let Some(rest) = line.strip_prefix("    pub fn ") {
                    let name = rest.split(['(', '<']).next().unwrap().to_owned();
                    found.push(Helper { name, docs: std::mem::take(&mut docs) });
                } else if line.is_empty() || line == "    }" {
                    docs.clear();
                }
            }
        }
    }
    found
}

/// What is wrong with a helper's docs.
fn fault(docs: &[String]) -> Option<String> {
    let fences: Vec<usize> = (0..docs.len()).filter(|&i| docs[i].starts_with("```")).collect();
    let [start, end, ..] = fences[..] else {
        return Some("no code block".into());
    };
    if !fences.len().is_multiple_of(2) || docs[start] != "```" {
        return Some("its code block is not one that is run".into());
    }
    if !docs[start..end].iter().any(|line| line.contains("to_sql()")) {
        return Some("its code block does not show the SQL".into());
    }
    let Some(page) = docs[..start].iter().position(|line| line.starts_with("Vendor's page")) else {
        return Some("no line \"Vendor's page\" before the code block".into());
    };
    let text = docs[page..start].join(" ");
    let links: Vec<&str> = text.split("](").skip(1).collect();
    if links.is_empty() && !text.contains("in the SQL reference.") {
        return Some("its vendor's page is neither linked nor named".into());
    }
    let foreign = links.iter().find(|link| !link.starts_with("https://docs.onehouse.ai/"));
    foreign.map(|link| format!("a link that is not the vendor's: {link}"))
}

#[test]
fn every_helper_names_the_vendors_page_and_shows_a_call() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../src/onehouse/commands"));
    let mut names = BTreeSet::new();
    let mut faults = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for helper in helpers_in(&fs::read_to_string(&path).unwrap()) {
            if let Some(fault) = fault(&helper.docs) {
                faults.push(format!("{} in {}: {fault}", helper.name, path.display()));
            }
            assert!(names.insert(helper.name.clone()), "twice: {}", helper.name);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // 62 of the vendor's SDK, four that it lacks, and two short forms.
    assert_eq!(names.len(), 68, "{names:?}");
}
