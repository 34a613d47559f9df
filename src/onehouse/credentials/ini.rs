//! The INI form of the credentials file, in the dialect of Python's `ConfigParser`.

use std::collections::{BTreeMap, HashMap};

use configparser::ini::{Ini, IniDefault};

use super::file::{Entry, Field, Problem, Profile, named, quoted};

/// The section of fallbacks for all profiles, which is not a profile itself.
const FALLBACKS: &str = "DEFAULT";

/// Finds a profile by its name.
pub(super) fn parse(text: &str, name: &str) -> Result<Profile, Problem> {
    let outline = Outline::of(text, name)?;
    let mut all: Vec<String> =
        outline.sections.iter().filter(|section| *section != FALLBACKS).cloned().collect();
    all.sort();
    let section = |name: &str| outline.indexes.get(name).copied();
    let fallbacks = section(FALLBACKS);
    let Some(chosen) = section(name).filter(|_| name != FALLBACKS) else {
        return Ok(Profile::absent(name.to_owned(), all, fallbacks.is_some()));
    };

    let mut dialect = IniDefault::default();
    // Switched on, they would cut a secret at the first `#` or `;`.
    dialect.enable_inline_comments = false;
    dialect.case_sensitive = true;
    dialect.multiline = true;
    let mut values = Ini::new_from_defaults(dialect).read(outline.text).map_err(|_| {
        Problem::new("it cannot be read as INI", "Write lines of the forms [profile] and key = value.")
    })?;
    // An empty value of the profile hides that of the fallbacks, as in Python.
    let mut merged = BTreeMap::new();
    for section in fallbacks.into_iter().chain([chosen]) {
        for (key, value) in values.remove(&section.to_string()).unwrap_or_default() {
            // The line end is the platform's, and the sign is ours.
            let value = value.unwrap_or_default().replace("\r\n", "\n").replace("\n+", "\n");
            merged.insert(key.to_lowercase(), (section, value));
        }
    }

    let mut profile = Profile {
        found: true,
        continued: outline.continued.get(&chosen).copied(),
        ..Profile::absent(name.to_owned(), all, fallbacks.is_some())
    };
    for (key, (section, value)) in merged {
        let entry = match without_escapes(&value) {
            Some(text) => Entry::Text(text.into()),
            None => {
                let line = outline.lines.get(&(section, key.clone())).copied().unwrap_or_default();
                let problem = Problem::new(
                    format!("the value{} in line {line} has a single %", named(" of ", &key)),
                    "Write %% for each %: the vendor's tools, which share the file, read a single % as a reference.",
                );
                profile.broken.get_or_insert(problem.clone());
                Entry::Unusable(problem)
            }
        };
        if let (Some(field), false) = (Field::of_name(&key), value.is_empty()) {
            profile.entries.insert(field, entry);
        }
    }
    Ok(profile)
}

/// The lines of an INI file, classified by the rules of Python's `ConfigParser`.
///
/// The crate `configparser` has other rules: it accepts lines before the first section and lines without a
/// delimiter, allows duplicates, trims the names of sections, and reads an indented `[` as a section. So
/// lines are classified here, and the crate reads a text that has only one meaning.
struct Outline<'a> {
    /// One line for each header, option and continuation; a section's name is its number. Of the chosen
    /// profile and of the fallbacks alone: with a file of 60,000 sections the crate takes 30 s.
    text: String,
    /// The chosen profile.
    wanted: &'a str,
    /// True while the lines of a section are left out of the text.
    is_left_out: bool,
    sections: Vec<String>,
    /// The number of each section.
    indexes: HashMap<String, usize>,
    /// The line of an option of a section.
    lines: HashMap<(usize, String), usize>,
    /// The first indented line of a section, which continues the value above it.
    continued: HashMap<usize, usize>,
}

impl<'a> Outline<'a> {
    fn of(text: &str, wanted: &'a str) -> Result<Self, Problem> {
        let mut outline = Self {
            text: String::new(),
            wanted,
            is_left_out: false,
            sections: Vec::new(),
            indexes: HashMap::new(),
            lines: HashMap::new(),
            continued: HashMap::new(),
        };
        let mut section = None;
        let mut after_option = false;
        let mut level = 0;
        // Python reads text files with universal newlines: a carriage return alone ends a line too.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (number, raw) in (1..).zip(text.split('\n')) {
            let line = raw.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let indent = raw.chars().take_while(|c| c.is_whitespace()).count();
            if after_option && indent > level {
                // The sign keeps a bracket from being read as a section.
                outline.add(&["\t+", line]);
                if let Some(section) = section {
                    outline.continued.entry(section).or_insert(number);
                }
                continue;
            }
            level = indent;
            after_option = false;
            if let Some(name) = header(line) {
                section = Some(outline.begin_section(name, number)?);
                continue;
            }
            let Some(section) = section else {
                return Err(Problem::new(
                    format!("line {number} is before the first profile"),
                    "Begin the file with a line such as [default], or with { for JSON.",
                ));
            };
            outline.add_option(section, line, number)?;
            after_option = true;
        }
        Ok(outline)
    }

    fn begin_section(&mut self, name: &str, number: usize) -> Result<usize, Problem> {
        let known = self.indexes.get(name).copied();
        if known.is_some() && name != FALLBACKS {
            return Err(Problem::new(
                format!("line {number} begins the profile {} a second time", quoted(name)),
                "Merge the two: the vendor's tools, which share the file, reject such a file too.",
            ));
        }
        let index = known.unwrap_or_else(|| {
            self.sections.push(name.to_owned());
            self.indexes.insert(name.to_owned(), self.sections.len() - 1);
            self.sections.len() - 1
        });
        self.is_left_out = name != self.wanted && name != FALLBACKS;
        self.add(&["[", &index.to_string(), "]"]);
        Ok(index)
    }

    fn add(&mut self, line: &[&str]) {
        if !self.is_left_out {
            self.text.extend(line.iter().copied().chain(["\n"]));
        }
    }

    fn add_option(&mut self, section: usize, line: &str, number: usize) -> Result<(), Problem> {
        let key = match line.find(['=', ':']) {
            Some(end) if end > 0 => line[..end].trim_end().to_lowercase(),
            _ => {
                return Err(Problem::new(
                    format!("line {number} is neither a [profile] nor a line of the form key = value"),
                    "Correct the line, or begin it with # to make it a comment.",
                ));
            }
        };
        if let Some(first) = self.lines.insert((section, key.clone()), number) {
            return Err(Problem::new(
                format!(
                    "line {number} repeats the key{} of line {first} in the same profile",
                    named(" ", &key)
                ),
                "Keep one of the two: the vendor's tools, which share the file, reject such a file too.",
            ));
        }
        // An option in Python, half a header in `configparser`. No field begins like this.
        let sign = if line.starts_with('[') { "?" } else { "" };
        self.add(&[sign, line]);
        Ok(())
    }
}

/// The name between the first and the last bracket, with its spaces; text after it is ignored.
fn header(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('[')?;
    rest.rfind(']').filter(|end| *end > 0).map(|end| &rest[..end])
}

/// `%%` means `%`. A single `%` would be a reference in Python, or an error.
fn without_escapes(value: &str) -> Option<String> {
    let mut parts = value.split("%%");
    if parts.any(|part| part.contains('%')) { None } else { Some(value.replace("%%", "%")) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::file::parse;
    use super::*;

    fn region(text: &str) -> Result<Option<String>, String> {
        match parse(text, None).map_err(|problem| problem.happened)?.entries.get(&Field::Region) {
            None => Ok(None),
            Some(Entry::Text(text)) => Ok(Some(text.expose_secret().to_owned())),
            Some(Entry::Unusable(problem)) => Err(problem.happened.clone()),
        }
    }

    #[test]
    fn ini_lines_mean_what_they_mean_to_python() {
        // Checked against Python 3.11.
        for (text, expected) in [
            ("[default]\nregion = x", Some("x")),
            ("[default]\nregion:x", Some("x")),
            ("[default]\nREGION\t=\tx  ", Some("x")),
            ("[default]\nregion = a=b:c==", Some("a=b:c==")),
            ("[default]\nregion = a # b ; c", Some("a # b ; c")),
            ("[default]\nregion = #a", Some("#a")),
            ("[default]\n# region = a\n ; region = b\nregion = c", Some("c")),
            ("[default]\nregion = \"x\"", Some("\"x\"")),
            ("[default]\nregion =", None),
            ("[default]\nregion = 50%%", Some("50%")),
            ("[default]\nregion = %%%%(a)", Some("%%(a)")),
            ("\u{feff}[default]\nregion = x", Some("x")),
            ("[default]\r\nregion = x\r\n", Some("x")),
            ("[default]\rregion = x\r", Some("x")),
            ("  [default]\n  region = x", Some("x")),
            ("[default]\n  account_uid = a\n  region = x", Some("x")),
            ("[default] and more\nregion = x", Some("x")),
            ("[default]\nregion = x\n\n# comment\n\nuser_uid = y", Some("x")),
            ("[default]\nregion = [x", Some("[x")),
            ("[default]\n[region = x\n  goes on\nregion = y", Some("y")),
            // A value goes on, whatever stands on the line. (Empty lines within it are not kept.)
            ("[default]\nregion = x\n  y", Some("x\ny")),
            ("[default]\nregion = x\n  [work]", Some("x\n[work]")),
            ("[default]\nregion = x\n  +y", Some("x\n+y")),
            ("[default]\nregion = x\n\n  # no\n  y", Some("x\ny")),
            ("[default]\n  region = x\n   y", Some("x\ny")),
            ("[default]\nregion = x\n\u{a0}y", Some("x\ny")),
            ("[default]\nregion =\n  x", Some("\nx")),
            ("[default]\nuser_uid = u\n  region = x", None),
            // Fallbacks.
            ("[DEFAULT]\nregion = f\n[default]", Some("f")),
            ("[default]\n[DEFAULT]\nregion = f", Some("f")),
            ("[DEFAULT]\nregion = f\n[default]\nregion = x", Some("x")),
            ("[DEFAULT]\nregion = f\n[default]\nregion =", None),
            ("[DEFAULT]\n[DEFAULT]\nregion = f\n[default]", Some("f")),
            ("[DEFAULT]\nregion = f", None),
            ("[DEFAULT]\nregion = %\n[default]\nregion = x", Some("x")),
            // Another profile, or none.
            ("[Default]\nregion = x", None),
            ("[ default ]\nregion = x", None),
            ("[default ]\nregion = y\n[default]\nregion = x", Some("x")),
            ("[a]\nregion = x", None),
            ("[1, 2]", None),
            ("", None),
            (" \n\n# only this", None),
            ("[default]\nproject_region = x\nunknown = 1", None),
        ] {
            assert_eq!(region(text), Ok(expected.map(str::to_owned)), "{text:?}");
        }
    }

    #[test]
    fn ini_files_that_python_refuses_are_refused_with_the_line() {
        for (text, says) in [
            ("region = x", "line 1 is before the first profile"),
            ("\n# c\nregion = x\n[default]", "line 3 is before the first profile"),
            ("[default\nregion = x", "line 1 is before the first profile"),
            ("[default]\nregion", "line 2 is neither"),
            ("[default]\n[]\n", "line 2 is neither"),
            ("[default]\n= x", "line 2 is neither"),
            ("[default]\nregion = x\nRegion = y", "line 3 repeats the key region of line 2"),
            ("[a]\nx = 1\nx = 2", "line 3 repeats the key of line 2"),
            ("[DEFAULT]\nx = 1\n[DEFAULT]\nx = 2", "line 4 repeats the key of line 2"),
            ("[default]\n[a]\n[default]", "line 3 begins the profile [default] a second time"),
            ("[default]\nregion = 50%", "the value of region in line 2 has a single %"),
            ("[default]\nregion = a%%%b", "the value of region in line 2 has a single %"),
            ("[default]\nregion = %(user_uid)s", "the value of region in line 2 has a single %"),
        ] {
            let got = region(text).unwrap_err();
            assert!(got.contains(says), "{text:?}: {got}");
        }
    }

    #[test]
    fn a_file_of_many_sections_is_read_in_a_time_that_grows_with_its_length() {
        // As many as fit into the largest file: quadratic time would be minutes.
        let mut text = String::from("[DEFAULT]\nregion = x\n");
        for number in 0..60_000 {
            text.push_str(&format!("[p{number}]\na=1\n"));
        }
        assert!(text.len() < 1024 * 1024);
        let profile = parse(&text, Some("p59999")).unwrap();
        assert_eq!((profile.found, profile.all.len()), (true, 60_000));
        let outline = Outline::of(&text, "p59999").unwrap();
        assert_eq!(
            outline.text.lines().count(),
            4,
            "the crate reads the chosen profile and the fallbacks alone"
        );
        text.push_str("[p7]\n");
        assert!(parse(&text, None).unwrap_err().happened.contains("[p7] a second time"));
        // Many lines of one section.
        let mut text = String::from("[default]\n");
        for number in 0..60_000 {
            text.push_str(&format!("k{number} = 1\n"));
        }
        text.push_str("region = x");
        assert_eq!(region(&text), Ok(Some("x".to_owned())));
    }

    #[test]
    fn a_lone_percent_sign_breaks_the_profile_it_stands_in_and_no_other() {
        let text = "[DEFAULT]\nnote = 5%\n[default]\nnote = none\nregion = x\n[work]\nregion = y";
        assert_eq!(parse(text, None).unwrap().broken, None);
        let broken = parse(text, Some("work")).unwrap().broken.unwrap();
        assert_eq!(broken.happened, "the value in line 2 has a single %");
        assert!(broken.advice.contains("%%"));
        let goes_on = parse("[default]\nregion = x\n  5%", None).unwrap();
        assert!(goes_on.broken.is_some());
        assert_eq!(goes_on.continued, Some(3));
        assert_eq!(parse("[a]\nx = 1\n 2\n[default]", None).unwrap().continued, None);
    }
}
