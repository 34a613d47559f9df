//! The emulators as a program, for those who do not write Rust: `controlplane-emulator onehouse`, `… eloq`,
//! `… h2o-workflows`, `… hotdata`, or `… all`.

mod args;
mod ca_file;
mod config;
mod eloq;
mod files;
mod h2o_workflows;
mod help;
mod hotdata;
mod log;
mod onehouse;
mod ready;
mod run;
mod signals;

use std::io::{self, Write};
use std::process::ExitCode;

use args::Invocation;

/// What the program calls itself in its messages.
const NAME: &str = "controlplane-emulator";

fn main() -> ExitCode {
    let invocation = match args::parse(std::env::args_os().skip(1)) {
        Ok(invocation) => invocation,
        Err(why) => {
            say(&format!("{NAME}: {why}\nTry `{NAME} --help`."));
            return ExitCode::from(2);
        }
    };
    let ended = match invocation {
        Invocation::Help => print(help::HELP),
        Invocation::Version => print(concat!("controlplane-emulator ", env!("CARGO_PKG_VERSION"), "\n")),
        Invocation::Run(options, output) => run::run(options, &output),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("{NAME}: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output, whatever became of its other end.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|e| format!("cannot write to standard output: {e}"))
}

/// Writes a line to standard error. If nobody reads it, so be it.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
