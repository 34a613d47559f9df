//! What a script does. Nothing is run: a few commands are understood, and all others say nothing and succeed.

use std::time::Duration;

/// The most that one script prints, in bytes.
const MAX_OUTPUT: usize = 1024 * 1024;

/// What came of a script.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Performed {
    /// What was printed, line by line; true: to standard error.
    pub(super) lines: Vec<(bool, String)>,
    pub(super) exit_code: i32,
    /// The seconds of all `sleep`. Nobody slept.
    pub(super) slept: Duration,
}

/// Goes through the lines: `echo`, `sleep`, `exit`, `true` and `false`.
pub(super) fn perform(script: &str, env: &[(String, String)]) -> Performed {
    let mut performed = Performed::default();
    let mut printed = 0;
    for line in script.lines().map(str::trim) {
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match command {
            "echo" => {
                let (text, to_stderr) = match rest.trim_end().strip_suffix(">&2") {
                    Some(text) => (text.strip_suffix('1').unwrap_or(text).trim(), true),
                    None => (rest.trim(), false),
                };
                let text = expanded(text, env) + "\n";
                printed += text.len();
                if printed <= MAX_OUTPUT {
                    performed.lines.push((to_stderr, text));
                }
            }
            "sleep" => {
                let seconds = rest.trim().parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
                performed.slept = performed.slept.saturating_add(seconds.unwrap_or_default());
            }
            "exit" => {
                performed.exit_code = rest.trim().parse::<u8>().unwrap_or(0).into();
                return performed;
            }
            // The last line's, as in a shell that is told to end at the first failure.
            "false" => {
                performed.exit_code = 1;
                return performed;
            }
            _ => {}
        }
    }
    performed
}

/// A text without its quotes, and with variables replaced: `$NAME`, `${NAME}`; not between single quotes.
fn expanded(text: &str, env: &[(String, String)]) -> String {
    let quoted = |sign: char| text.strip_prefix(sign).and_then(|text| text.strip_suffix(sign));
    if let Some(literal) = quoted('\'').filter(|literal| !literal.contains('\'')) {
        return literal.to_owned();
    }
    let text = quoted('"').filter(|inner| !inner.contains('"')).unwrap_or(text);
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let in_braces = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) = in_braces.unwrap_or_else(|| {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            after.split_at(end)
        });
        match env.iter().rev().find(|(other, _)| other == name) {
            Some((_, value)) => out.push_str(value),
            None if name.is_empty() => out.push('$'),
            None => {}
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_commands_are_understood() {
        let env = [("NAME".to_owned(), "x y".to_owned())];
        let performed = perform(
            "set -e\n# no\necho hi\necho \"it is $NAME.\"\necho '$NAME' >&2\necho ${NAME}${NONE}$ 1>&2\nls\nsleep 1.5\nsleep 2\nexit 3\necho no",
            &env,
        );
        let lines: Vec<(bool, &str)> =
            performed.lines.iter().map(|(err, line)| (*err, line.as_str())).collect();
        assert_eq!(lines, [(false, "hi\n"), (false, "it is x y.\n"), (true, "$NAME\n"), (true, "x y$\n")]);
        assert_eq!((performed.exit_code, performed.slept), (3, Duration::from_millis(3500)));
        assert_eq!(perform("false\necho no", &[]), Performed { exit_code: 1, ..Performed::default() });
        assert_eq!(perform("true", &[]), Performed::default());
    }
}
