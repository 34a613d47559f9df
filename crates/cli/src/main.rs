//! `controlplane`: the command line for the control planes of Onehouse, EloqCloud, H2O Workflows and Hotdata.
//!
//! It uses the public API of the crate `controlplane` and nothing else of it. `README.md` lists the commands
//! and the exit codes.

mod app;
mod args;
mod completions;
mod confirm;
mod duration;
mod failure;
mod input;
mod interrupt;
mod onehouse;
mod output;
mod pointer;
mod progress;
mod stderr;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::main(std::env::args_os()).code()
}
