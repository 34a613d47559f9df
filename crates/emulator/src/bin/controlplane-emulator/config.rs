//! `--config FILE`: every option from a TOML file.
//!
//! A key is an option without its dashes, `service` is the service. A table with the name of a service has
//! options for that service alone. The values are read as those of the command line are, which has the last
//! word.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::args::Given;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The services, whose names are the names of tables.
const TABLES: [&str; 4] = ["onehouse", "eloq", "h2o-workflows", "hotdata"];

/// Options that a file cannot have.
const NOT_HERE: [&str; 3] = ["config", "help", "version"];

/// A configuration file, as arguments.
#[derive(Debug, Default)]
pub(crate) struct Config {
    path: PathBuf,
    top: Vec<OsString>,
    tables: BTreeMap<String, Vec<OsString>>,
}

impl Config {
    /// Reads a file; an error is one line for the user.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let refuse = |why: &dyn std::fmt::Display| {
            let why = why.to_string();
            format!("--config {}: {}", path.display(), why.lines().collect::<Vec<_>>().join(" ").trim())
        };
        let mut text = String::new();
        let file = File::open(path).map_err(|e| refuse(&e))?;
        if !file.metadata().is_ok_and(|about| about.is_file()) {
            return Err(refuse(&"this is not a regular file"));
        }
        let read = file.take(LARGEST + 1).read_to_string(&mut text).map_err(|e| refuse(&e))?;
        if read as u64 > LARGEST {
            return Err(refuse(&"the file has more than 1 MiB"));
        }
        let table: Table = text.parse().map_err(|e| refuse(&e))?;
        Self::of(table, path).map_err(|why| refuse(&why))
    }

    fn of(table: Table, path: &Path) -> Result<Self, String> {
        let mut config = Self { path: path.to_owned(), ..Self::default() };
        for (name, value) in &table {
            match value {
                Value::Table(options) if TABLES.contains(&name.as_str()) => {
                    let args = config.tables.entry(name.clone()).or_default();
                    for (name, value) in options {
                        push(args, name, value)?;
                    }
                }
                _ => push(&mut config.top, name, value)?,
            }
        }
        Ok(config)
    }

    /// Reads the options of the file, and then those of the table of a service.
    pub(crate) fn apply(&self, given: &mut Given, table: Option<&str>) -> Result<(), String> {
        let named = |why: String| format!("--config {}: {why}", self.path.display());
        given.read(self.top.iter().cloned()).map_err(named)?;
        match table.and_then(|name| self.tables.get(name)) {
            Some(args) => given.read(args.iter().cloned()).map_err(named),
            None => Ok(()),
        }
    }
}

/// Adds an option to arguments.
fn push(args: &mut Vec<OsString>, name: &str, value: &Value) -> Result<(), String> {
    if NOT_HERE.contains(&name) {
        return Err(format!("`{name}` cannot be in this file; give it on the command line"));
    }
    let text = match value {
        Value::Boolean(false) => return Ok(()),
        Value::Boolean(true) => {
            args.push(format!("--{name}").into());
            return Ok(());
        }
        Value::Array(values) => return values.iter().try_for_each(|value| push(args, name, value)),
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Table(_) | Value::Datetime(_) => {
            return Err(format!(
                "`{name}`: an option is a text, a number, a boolean or a list, and a table has the name of a service ({})",
                TABLES.join(", ")
            ));
        }
    };
    args.push(if name == "service" { text.into() } else { format!("--{name}={text}").into() });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Result<(Vec<String>, Vec<String>), String> {
        let config = Config::of(text.parse().map_err(|e: toml::de::Error| e.to_string())?, Path::new("x"))?;
        let text = |args: &[OsString]| args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let table = config.tables.get("onehouse").map(|args| text(args)).unwrap_or_default();
        Ok((text(&config.top), table))
    }

    #[test]
    fn keys_are_options_and_tables_are_services() {
        let text = "service = \"all\"\nrate = 3\ntls = true\nidle = false\nfault = [\"a\", \"b\"]\n\
                    [onehouse]\nshape = \"wrapped\"\n";
        let (top, onehouse) = args(text).unwrap();
        // In the order of the names: TOML's tables have none of their own.
        assert_eq!(top, ["--fault=a", "--fault=b", "--rate=3", "all", "--tls"]);
        assert_eq!(onehouse, ["--shape=wrapped"]);
        for (text, says) in [
            ("config = \"y\"", "command line"),
            ("[snowflake]\nrate = 1", "`snowflake`"),
            ("rate = 2020-01-01", "`rate`"),
            ("rate 3", "expected"),
        ] {
            let why = args(text).unwrap_err();
            assert!(why.contains(says), "{text}: {why}");
        }
    }
}
