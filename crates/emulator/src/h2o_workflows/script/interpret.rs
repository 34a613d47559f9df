//! Does what a script says, as bash with `-e` would, as far as it needs nothing but the script.

use std::time::Duration;

use super::parse::{Chain, Command, Kind, List, Redirect, parse};
use super::words::{Budget, Failed, Variables, is_name, is_special};
use super::{MAX_OUTPUT, Performed};

/// The exit code of a script that is not understood: that of a command which a shell cannot run.
const NOT_RUN: i32 = 126;

/// Goes through a script. Of what it does not understand it does nothing, and says so.
pub(in super::super) fn perform(script: &str, env: &[(String, String)]) -> Performed {
    let mut done = Performed::default();
    let list = match check(script, env).and_then(|()| parse(script)) {
        Ok(list) => list,
        Err(what) => return Performed { exit_code: NOT_RUN, refused: Some(what), ..done },
    };
    let mut output = Output { lines: Vec::new(), printed: 0, slept: Duration::ZERO, budget: Budget::new() };
    let mut shell = Shell { variables: Variables::new(env), ends_on_failure: true, output: &mut output };
    match shell.list(&list, false) {
        Ok(()) => done.exit_code = shell.variables.status,
        Err(Stop::Exit(code)) => done.exit_code = code,
        Err(Stop::Refused(what)) => {
            done.exit_code = NOT_RUN;
            done.refused = Some(what);
        }
    }
    Performed { lines: output.lines, slept: output.slept, ..done }
}

/// What changes the whole script is refused before it begins.
fn check(script: &str, env: &[(String, String)]) -> Result<(), String> {
    if script.contains('\0') || env.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err("a script with a NUL character".to_owned());
    }
    let changes = |name: &str| name.starts_with("BASH") || matches!(name, "SHELLOPTS" | "POSIXLY_CORRECT");
    match env.iter().find(|(name, _)| changes(name)) {
        Some((name, _)) => Err(format!("a script with the variable {name} in its environment")),
        None => Ok(()),
    }
}

/// Why a script goes no further.
#[derive(Debug)]
enum Stop {
    Exit(i32),
    Refused(String),
}

/// What a script and its subshells have in common.
struct Output {
    lines: Vec<(bool, String)>,
    printed: usize,
    slept: Duration,
    budget: Budget,
}

impl Output {
    fn print(&mut self, to_stderr: bool, text: &str) {
        self.printed += text.len();
        if self.printed > MAX_OUTPUT {
            return;
        }
        for line in text.split_inclusive('\n') {
            match self.lines.last_mut() {
                Some((to, last)) if *to == to_stderr && !last.ends_with('\n') => last.push_str(line),
                _ => self.lines.push((to_stderr, line.to_owned())),
            }
        }
    }
}

/// Where something printed goes.
#[derive(Clone, Copy)]
enum Sink {
    Stdout,
    Stderr,
    Nothing,
}

/// Where standard output and standard error go.
type Sinks = [Sink; 2];

struct Shell<'o> {
    variables: Variables,
    /// `set -e`
    ends_on_failure: bool,
    output: &'o mut Output,
}

impl Shell<'_> {
    fn list(&mut self, list: &List, may_fail: bool) -> Result<(), Stop> {
        self.list_to(list, may_fail, [Sink::Stdout, Sink::Stderr])
    }

    fn list_to(&mut self, list: &List, may_fail: bool, sinks: Sinks) -> Result<(), Stop> {
        list.iter().try_for_each(|chain| self.chain(chain, may_fail, sinks))
    }

    /// A failure ends the script if it is that of the last command of the chain.
    fn chain(&mut self, chain: &Chain, may_fail: bool, sinks: Sinks) -> Result<(), Stop> {
        self.command(&chain.first, may_fail || !chain.rest.is_empty(), sinks)?;
        for (place, (is_and, command)) in chain.rest.iter().enumerate() {
            if *is_and == (self.variables.status == 0) {
                let is_last = place + 1 == chain.rest.len();
                self.command(command, may_fail || !is_last, sinks)?;
            }
        }
        Ok(())
    }

    fn command(&mut self, command: &Command, may_fail: bool, sinks: Sinks) -> Result<(), Stop> {
        // What is wrong with its words is said before its redirections count.
        let outer = sinks;
        let sinks = command.redirects.iter().fold(sinks, |mut sinks, redirect| {
            let place = |output: u8| usize::from(output) - 1;
            match *redirect {
                Redirect::ToOther(from, to) => sinks[place(from)] = sinks[place(to)],
                Redirect::ToNothing(from) => sinks[place(from)] = Sink::Nothing,
            }
            sinks
        });
        let status = match &command.kind {
            Kind::Subshell(list) => self.subshell(list, may_fail, sinks)?,
            Kind::Simple { assignments, words } if words.is_empty() => {
                for (name, value) in assignments {
                    let value = self.variables.text(value, &mut self.output.budget);
                    let set = value.and_then(|value| self.variables.set(name, value));
                    set.map_err(|failed| self.stopped(failed, outer))?;
                }
                0
            }
            Kind::Simple { words, .. } => {
                let words = self.variables.words(words, &mut self.output.budget);
                let words = words.map_err(|failed| self.stopped(failed, outer))?;
                match words.split_first() {
                    None => 0,
                    Some((name, args)) => self.builtin(name, args, sinks)?,
                }
            }
        };
        self.variables.status = status;
        match status {
            0 => Ok(()),
            _ if self.ends_on_failure && !may_fail => Err(Stop::Exit(status)),
            _ => Ok(()),
        }
    }

    /// What a subshell changes, or that it exits, is of no effect on this one.
    fn subshell(&mut self, list: &List, may_fail: bool, sinks: Sinks) -> Result<i32, Stop> {
        let size = self.variables.size();
        self.output.budget.spend(size).map_err(|failed| self.stopped(failed, sinks))?;
        let mut inner = Shell {
            variables: self.variables.clone(),
            ends_on_failure: self.ends_on_failure,
            output: &mut *self.output,
        };
        match inner.list_to(list, may_fail, sinks) {
            Ok(()) => Ok(inner.variables.status),
            Err(Stop::Exit(code)) => Ok(code),
            Err(refused) => Err(refused),
        }
    }

    fn stopped(&mut self, failed: Failed, sinks: Sinks) -> Stop {
        match failed {
            Failed::Refused(what) => Stop::Refused(what),
            Failed::Unset(name) => {
                self.print(sinks[1], &format!("{name}: unbound variable\n"));
                Stop::Exit(1)
            }
        }
    }

    fn builtin(&mut self, name: &str, args: &[String], sinks: Sinks) -> Result<i32, Stop> {
        let refused = || Stop::Refused(format!("`{}`", [&[name.to_owned()], args].concat().join(" ")));
        match name {
            ":" | "true" => {}
            "false" => return Ok(1),
            "echo" => {
                let is_option = |arg: &str| {
                    let letters = arg.strip_prefix('-').unwrap_or_default();
                    !letters.is_empty() && letters.chars().all(|c| "neE".contains(c))
                };
                let options = args.iter().take_while(|arg| is_option(arg)).count();
                let (options, texts) = args.split_at(options);
                if options.iter().any(|option| option.contains('e')) {
                    return Err(refused());
                }
                let end = if options.iter().any(|option| option.contains('n')) { "" } else { "\n" };
                self.print(sinks[0], &(texts.join(" ") + end));
            }
            "printf" => {
                let text = printed(args).ok_or_else(refused)?;
                self.print(sinks[0], &text);
            }
            // It is found by way of `PATH`, which may be another one.
            "sleep" if self.variables.has("PATH") => return Err(refused()),
            "sleep" => {
                let times: Option<Vec<Duration>> = args.iter().map(|arg| time(arg)).collect();
                let times = times.filter(|times| !times.is_empty()).ok_or_else(refused)?;
                self.output.slept = times.into_iter().fold(self.output.slept, Duration::saturating_add);
            }
            "exit" => {
                return match args {
                    [] => Err(Stop::Exit(self.variables.status)),
                    [code] => match code.parse::<i64>() {
                        // As much as a process can say.
                        Ok(code) => Err(Stop::Exit((code & 0xff) as i32)),
                        Err(_) => Err(refused()),
                    },
                    _ => Err(refused()),
                };
            }
            "export" => {
                if args.is_empty() {
                    return Err(refused());
                }
                for arg in args {
                    match arg.split_once('=') {
                        Some((name, value)) if is_name(name) => {
                            let set = self.variables.set(name, value.to_owned());
                            set.map_err(|failed| self.stopped(failed, sinks))?;
                        }
                        None if is_name(arg) => {}
                        _ => return Err(refused()),
                    }
                }
            }
            "unset" => {
                if args.is_empty() || !args.iter().all(|arg| is_name(arg) && !is_special(arg)) {
                    return Err(refused());
                }
                args.iter().for_each(|arg| self.variables.remove(arg));
            }
            "set" => self.options(args).ok_or_else(refused)?,
            _ => return Err(refused()),
        }
        Ok(0)
    }

    fn print(&mut self, sink: Sink, text: &str) {
        match sink {
            Sink::Stdout => self.output.print(false, text),
            Sink::Stderr => self.output.print(true, text),
            Sink::Nothing => {}
        }
    }

    /// `set -e`, `-u`, `-o pipefail`, and the same with a plus sign.
    fn options(&mut self, args: &[String]) -> Option<()> {
        if args.is_empty() {
            return None;
        }
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let is_on = arg.starts_with('-');
            let letters = arg.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty())?;
            for letter in letters.chars() {
                let name = match letter {
                    'e' => "errexit",
                    'u' => "nounset",
                    'o' => args.next()?.as_str(),
                    _ => return None,
                };
                match name {
                    "errexit" => self.ends_on_failure = is_on,
                    "nounset" => self.variables.must_be_set = is_on,
                    // There are no pipes.
                    "pipefail" => {}
                    _ => return None,
                }
            }
        }
        Some(())
    }
}

/// A time as `sleep` takes it: a number, with a unit or without.
fn time(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, text.chars().next_back()?),
        None => (text, 's'),
    };
    let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '.') && number.len() < 30;
    let seconds: f64 = number.parse().ok().filter(|_| is_number)?;
    let factor = match unit {
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86400.0,
        _ => 1.0,
    };
    Duration::try_from_secs_f64(seconds * factor).ok()
}

/// What `printf` prints, for a format with `%s`, `%d`, `%%`, `\n`, `\t` and `\\` alone.
fn printed(args: &[String]) -> Option<String> {
    let (format, mut args) = args.split_first().filter(|(format, _)| !format.starts_with('-'))?;
    let mut text = String::new();
    loop {
        let before = args.len();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match (c, if matches!(c, '%' | '\\') { chars.next() } else { None }) {
                ('%', Some('%')) => text.push('%'),
                ('%', Some(kind @ ('s' | 'd'))) => {
                    let arg = match args.split_first() {
                        Some((arg, rest)) => {
                            args = rest;
                            arg.as_str()
                        }
                        None if kind == 'd' => "0",
                        None => "",
                    };
                    // Leading zeros, signs and letters have their own meaning.
                    let is_number = arg.parse::<i64>().is_ok_and(|number| number.to_string() == arg);
                    if kind == 'd' && !is_number {
                        return None;
                    }
                    text.push_str(arg);
                }
                ('\\', Some('n')) => text.push('\n'),
                ('\\', Some('t')) => text.push('\t'),
                ('\\', Some('\\')) => text.push('\\'),
                ('%' | '\\', _) => return None,
                (c, _) => text.push(c),
            }
        }
        if text.len() > MAX_OUTPUT {
            return None;
        }
        // As often as there are arguments left.
        if args.is_empty() || args.len() == before {
            return Some(text);
        }
    }
}
