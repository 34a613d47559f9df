//! Faults as text: see the table in the [module](super).

use std::fmt::{self, Write};
use std::str::FromStr;
use std::time::Duration;

use crate::document::MAX_DOCUMENT;
use crate::duration;
use crate::error::Error;
use crate::text::one_line;

use super::{Action, Answer, Fault, Pick, RequestKind};

/// The longest text of one fault, in bytes: as long as a document may be, so that each fault that a program
/// has added is read again.
const MAX_SPEC: usize = MAX_DOCUMENT;
/// The most faults in one file.
const MAX_FAULTS: usize = 1000;
/// The largest body that can be asked for.
pub(super) const MAX_SIZE: u64 = 1 << 40;

const TOO_LONG: u64 = 100;
const TOO_SHORT: u64 = 5;
const HUGE: u64 = 64 << 20;
const DRIP: Duration = Duration::from_secs(1);

const SIZES: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

const CONDITIONS: [&str; 11] =
    ["nth", "every", "p", "times", "submit", "poll", "other", "method", "path", "starts", "contains"];
const ACTIONS: [&str; 19] = [
    "delay",
    "close-before-read",
    "take-then-close",
    "cut-header",
    "cut-body",
    "too-long",
    "too-short",
    "not-json",
    "not-utf8",
    "empty-body",
    "sparse",
    "error-line",
    "drop-header",
    "huge-body",
    "drip",
    "status",
    "operation-status",
    "unknown-status",
    "back-to-pending",
];
const OPTIONS: [&str; 5] = ["taken", "grpc-message", "retry-after", "location", "body"];

impl Fault {
    /// Reads a list of faults from a JSON array of at most 1000 texts: the content of a file for the
    /// program's option `--faults FILE`.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if the text is not a JSON array of texts, has more than 1000
    /// of them, or one of them is not a fault.
    pub fn list_from_json(json: &str) -> Result<Vec<Self>, Error> {
        let attempted = "reading a list of faults";
        let texts: Vec<String> = serde_json::from_str(json)
            .map_err(|e| Error::setting(attempted, format!("it is not a JSON array of texts: {e}")))?;
        if texts.len() > MAX_FAULTS {
            return Err(Error::setting(attempted, format!("it has more than {MAX_FAULTS} faults")));
        }
        texts.iter().map(|text| text.parse()).collect()
    }
}

impl FromStr for Fault {
    type Err = Error;

    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if the text is not a fault, or limits an action for polls to
    /// another kind of request. The message says what was expected.
    fn from_str(text: &str) -> Result<Self, Error> {
        let fault = read(text).and_then(|fault| match fault.when.kind {
            Some(kind) if kind != RequestKind::Poll && fault.action.is_for_polls() => {
                Err(format!("this action is for polls; remove the condition `{}`", kind.word()))
            }
            _ => Ok(fault),
        });
        fault.map_err(|why| not_read(text, why))
    }
}

impl Fault {
    /// Reads a fault that was added before, whether it can strike or not.
    pub(super) fn from_kept(text: &str) -> Result<Self, Error> {
        read(text).map_err(|why| not_read(text, why))
    }
}

fn not_read(text: &str, why: String) -> Error {
    Error::setting(format!("reading the fault `{}`", one_line(text, 200)), why)
}

impl TryFrom<String> for Fault {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

// ---- Reading ------------------------------------------------------------------------------------

fn read(text: &str) -> Result<Fault, String> {
    if text.len() > MAX_SPEC {
        return Err(format!("it is longer than {MAX_SPEC} bytes"));
    }
    let mut scanner = Scanner { rest: text };
    let mut conditions = Vec::new();
    let action = loop {
        let name = scanner.name();
        if !CONDITIONS.contains(&name) {
            if !conditions.is_empty() && ACTIONS.contains(&name) {
                return Err(format!("write `:` between the conditions and `{name}`"));
            }
            break name;
        }
        if conditions.iter().any(|(other, _)| *other == name) {
            return Err(format!("`{name}` is given twice"));
        }
        let value = scanner.value(true)?;
        // Now, while it is known that this is what is wrong.
        check_condition(name, value.clone())?;
        conditions.push((name, value));
        match scanner.separator(true)? {
            Some(',') => {}
            Some(_) => break scanner.name(),
            None => return Err("the action is missing: write `:` and, for example, `status=503`".to_owned()),
        }
    };
    if !ACTIONS.contains(&action) {
        return Err(unknown(action, !conditions.is_empty()));
    }
    let value = scanner.value(false)?;
    let mut fault = Fault::new(read_action(action, value, &mut scanner)?);
    for (name, value) in conditions {
        fault = add_condition(fault, name, value)?;
    }
    Ok(fault)
}

/// The message about a name that is not known, with the nearest ones.
fn unknown(name: &str, after_conditions: bool) -> String {
    let what = if after_conditions { "not an action" } else { "neither a condition nor an action" };
    let known = ACTIONS.iter().chain(CONDITIONS.iter().filter(|_| !after_conditions));
    let lower = name.to_ascii_lowercase();
    let mut near: Vec<(usize, &str)> = known.map(|known| (distance(&lower, known), *known)).collect();
    near.sort();
    // At most a third of the letters are wrong; else it is a word of its own.
    let most = (name.chars().count() / 3).max(2);
    let near: Vec<String> =
        near.iter().filter(|(far, _)| *far <= most).take(3).map(|(_, known)| format!("`{known}`")).collect();
    let hint = match near.as_slice() {
        [] => "`controlplane-emulator --help` lists all of them".to_owned(),
        [only] => format!("did you mean {only}?"),
        [many @ .., last] => format!("did you mean {} or {last}?", many.join(", ")),
    };
    format!("`{}` is {what}; {hint}", one_line(name, 40))
}

/// The number of letters to insert, remove or replace to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    // What is longer than any name is far from all.
    let one: Vec<char> = one.chars().take(64).collect();
    let mut last: Vec<usize> = (0..=other.chars().count()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.chars().enumerate() {
            let replaced = last[column] + usize::from(*a != b);
            next.push(replaced.min(last[column + 1] + 1).min(next[column] + 1));
        }
        last = next;
    }
    last.last().copied().unwrap_or_default()
}

/// Checks the value of a condition by itself.
fn check_condition(name: &str, value: Option<String>) -> Result<(), String> {
    add_condition(Fault::new(Action::EmptyBody), name, value).map(drop)
}

fn add_condition(fault: Fault, name: &str, value: Option<String>) -> Result<Fault, String> {
    let is_free = fault.when.pick == Pick::All;
    if !is_free && matches!(name, "nth" | "every" | "p") {
        return Err("only one of `nth`, `every` and `p` can be given".to_owned());
    }
    if fault.when.kind.is_some() && matches!(name, "submit" | "poll" | "other") {
        return Err("only one of `submit`, `poll` and `other` can be given".to_owned());
    }
    Ok(match name {
        "nth" => fault.nth(count(name, value, 1)?),
        "every" => fault.every(count(name, value, 1)?),
        "times" => fault.times(count(name, value, 0)?),
        "p" => {
            let text = needed(name, value)?;
            let p = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
            fault.chance(
                p.ok_or_else(|| format!("`{name}` is a number from 0 to 1, not `{}`", one_line(&text, 40)))?,
            )
        }
        "method" => fault.method(needed(name, value)?),
        "path" => fault.path_prefix(needed(name, value)?),
        "starts" => fault.starts_with(needed(name, value)?),
        "contains" => fault.contains(needed(name, value)?),
        word => {
            without(name, value)?;
            let kind = match word {
                "submit" => RequestKind::Submit,
                "poll" => RequestKind::Poll,
                _ => RequestKind::Other,
            };
            fault.kind(kind)
        }
    })
}

fn read_action(name: &str, value: Option<String>, scanner: &mut Scanner<'_>) -> Result<Action, String> {
    let time = |value: Option<String>| duration::read(&needed(name, value)?);
    let action = match name {
        "delay" => Action::Delay(time(value)?),
        "drip" => Action::Drip(if value.is_none() { DRIP } else { time(value)? }),
        "cut-body" => match value {
            None => Action::CutBody(None),
            value => Action::CutBody(usize::try_from(count(name, value, 0)?).ok()),
        },
        "too-long" => Action::TooLong(if value.is_none() { TOO_LONG } else { count(name, value, 0)? }),
        "too-short" => Action::TooShort(if value.is_none() { TOO_SHORT } else { count(name, value, 0)? }),
        "error-line" => match value {
            None => Action::ErrorLine(0),
            value => Action::ErrorLine(usize::try_from(count(name, value, 0)?).unwrap_or(usize::MAX)),
        },
        "drop-header" => Action::DropHeader(needed(name, value)?),
        "huge-body" => Action::HugeBody(value.as_deref().map_or(Ok(HUGE), read_size)?),
        "operation-status" | "unknown-status" => Action::OperationStatus(needed(name, value)?),
        "status" => {
            let status = u16::try_from(count(name, value, 0)?).ok().filter(|n| (200..=599).contains(n));
            let status = status.ok_or("`status` is an HTTP status from 200 to 599")?;
            return read_options(Answer::new(status), scanner).map(Action::Status);
        }
        name => {
            without(name, value)?;
            match name {
                "close-before-read" => Action::CloseBeforeRead,
                "take-then-close" => Action::TakeThenClose,
                "cut-header" => Action::CutHeader,
                "not-json" => Action::NotJson,
                "not-utf8" => Action::NotUtf8,
                "empty-body" => Action::EmptyBody,
                "sparse" => Action::Sparse,
                _ => Action::BackToPending,
            }
        }
    };
    match scanner.separator(false)? {
        None => Ok(action),
        Some(_) => Err(format!(
            "nothing may follow `{name}`: only `status` has options, and conditions come before the action"
        )),
    }
}

fn read_options(mut answer: Answer, scanner: &mut Scanner<'_>) -> Result<Answer, String> {
    let mut seen = Vec::new();
    while scanner.separator(false)?.is_some() {
        let name = scanner.name();
        if seen.contains(&name) {
            return Err(format!("`{name}` is given twice"));
        }
        seen.push(name);
        let value = scanner.value(false)?;
        answer = match name {
            "taken" => {
                without(name, value)?;
                answer.taken()
            }
            "grpc-message" => answer.grpc_message(needed(name, value)?),
            "retry-after" => answer.retry_after(needed(name, value)?),
            "location" => answer.location(needed(name, value)?),
            "body" => answer.body(needed(name, value)?),
            _ => {
                let options = OPTIONS.join(", ");
                return Err(format!(
                    "`{}` is not an option of `status`: they are {options}",
                    one_line(name, 40)
                ));
            }
        };
    }
    Ok(answer)
}

fn needed(name: &str, value: Option<String>) -> Result<String, String> {
    value.ok_or_else(|| format!("`{name}` needs a value: `{name}=…`"))
}

fn without(name: &str, value: Option<String>) -> Result<(), String> {
    value.map_or(Ok(()), |_| Err(format!("`{name}` takes no value; remove `=` and what follows")))
}

fn count(name: &str, value: Option<String>, least: u64) -> Result<u64, String> {
    let text = needed(name, value)?;
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number >= least);
    number.ok_or_else(|| format!("`{name}` is a whole number from {least} on, not `{}`", one_line(&text, 40)))
}

fn read_size(text: &str) -> Result<u64, String> {
    let why =
        || format!("`{}` is not a size: write 1000000, 64MiB or 2GiB, at most 1024GiB", one_line(text, 40));
    let (number, unit) = SIZES
        .iter()
        .find_map(|(unit, bytes)| text.strip_suffix(unit).map(|number| (number, *bytes)))
        .unwrap_or((text, 1));
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(why());
    }
    let size = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    size.filter(|size| *size <= MAX_SIZE).ok_or_else(why)
}

/// What is left of a text.
struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    fn name(&mut self) -> &'t str {
        let rest = self.rest.trim_start();
        let (name, rest) = rest.split_at(rest.find([',', ':', '=']).unwrap_or(rest.len()));
        self.rest = rest;
        name.trim_end()
    }

    /// The value after a name, if there is one.
    fn value(&mut self, is_condition: bool) -> Result<Option<String>, String> {
        let Some(rest) = self.rest.strip_prefix('=') else {
            return Ok(None);
        };
        let rest = rest.trim_start();
        if let Some(quoted) = rest.strip_prefix('"') {
            return self.quoted(quoted).map(Some);
        }
        let end = rest.find(|c| c == ',' || (is_condition && c == ':')).unwrap_or(rest.len());
        let value = rest[..end].trim_end();
        if value.contains(['"', '\\']) {
            return Err("a value with a quote or a backslash has to be in double quotes".to_owned());
        }
        self.rest = &rest[end..];
        if value.is_empty() {
            Err("a value is missing after `=`".to_owned())
        } else {
            Ok(Some(value.to_owned()))
        }
    }

    fn quoted(&mut self, text: &'t str) -> Result<String, String> {
        let mut value = String::new();
        let mut chars = text.chars();
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => value.push(match chars.next() {
                    Some('n') => '\n',
                    Some(c @ ('"' | '\\')) => c,
                    _ => return Err("after a backslash, only `\"`, `\\` or `n` can follow".to_owned()),
                }),
                Some(c) => value.push(c),
                None => return Err("a double quote is not closed".to_owned()),
            }
        }
        self.rest = chars.as_str();
        Ok(value)
    }

    /// The sign before the next part; `None` at the end.
    fn separator(&mut self, is_condition: bool) -> Result<Option<char>, String> {
        self.rest = self.rest.trim_start();
        let mut chars = self.rest.chars();
        match chars.next() {
            None => Ok(None),
            Some(c) if c == ',' || (is_condition && c == ':') => {
                self.rest = chars.as_str();
                Ok(Some(c))
            }
            Some(_) => Err(format!("`,` was expected before `{}`", one_line(self.rest, 40))),
        }
    }
}

// ---- Writing ------------------------------------------------------------------------------------

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = &self.when;
        let mut parts = Vec::new();
        match when.pick {
            Pick::All => {}
            Pick::Nth(n) => parts.push(format!("nth={n}")),
            Pick::Every(n) => parts.push(format!("every={n}")),
            Pick::Chance(p) => parts.push(format!("p={p}")),
        }
        parts.extend(when.times.map(|n| format!("times={n}")));
        parts.extend(when.kind.map(|kind| kind.word().to_owned()));
        let texts = [
            ("method", &when.method),
            ("path", &when.path),
            ("starts", &when.starts),
            ("contains", &when.contains),
        ];
        parts.extend(
            texts.into_iter().filter_map(|(name, text)| Some(format!("{name}={}", Text(text.as_ref()?)))),
        );
        if !parts.is_empty() {
            write!(f, "{}: ", parts.join(", "))?;
        }
        self.action.fmt(f)
    }
}

impl RequestKind {
    fn word(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Poll => "poll",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(time) => write!(f, "delay={}", duration::show(*time)),
            Self::CloseBeforeRead => f.write_str("close-before-read"),
            Self::TakeThenClose => f.write_str("take-then-close"),
            Self::CutHeader => f.write_str("cut-header"),
            Self::CutBody(None) => f.write_str("cut-body"),
            Self::CutBody(Some(after)) => write!(f, "cut-body={after}"),
            Self::TooLong(by) => write!(f, "too-long={by}"),
            Self::TooShort(by) => write!(f, "too-short={by}"),
            Self::NotJson => f.write_str("not-json"),
            Self::NotUtf8 => f.write_str("not-utf8"),
            Self::EmptyBody => f.write_str("empty-body"),
            Self::Sparse => f.write_str("sparse"),
            Self::ErrorLine(0) => f.write_str("error-line"),
            Self::ErrorLine(lines) => write!(f, "error-line={lines}"),
            Self::DropHeader(name) => write!(f, "drop-header={}", Text(name)),
            Self::HugeBody(size) => match SIZES.iter().find(|(_, unit)| *size > 0 && size % unit == 0) {
                Some((name, unit)) => write!(f, "huge-body={}{name}", size / unit),
                None => write!(f, "huge-body={size}"),
            },
            Self::Drip(pause) => write!(f, "drip={}", duration::show(*pause)),
            Self::Status(answer) => answer.fmt(f),
            Self::OperationStatus(text) => write!(f, "operation-status={}", Text(text)),
            Self::BackToPending => f.write_str("back-to-pending"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status={}", self.status)?;
        if self.taken {
            f.write_str(", taken")?;
        }
        let options = [
            ("grpc-message", &self.grpc_message),
            ("retry-after", &self.retry_after),
            ("location", &self.location),
            ("body", &self.body),
        ];
        for (name, text) in options {
            if let Some(text) = text {
                write!(f, ", {name}={}", Text(text))?;
            }
        }
        Ok(())
    }
}

/// A value, in quotes where it needs them.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let needs = text.is_empty()
            || text.trim().len() != text.len()
            || text.contains(|c: char| matches!(c, ',' | ':' | '"' | '\\') || c.is_control());
        if !needs {
            return f.write_str(text);
        }
        f.write_char('"')?;
        for c in text.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}
