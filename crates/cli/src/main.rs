//! `controlplane`: the command line for the control planes of Onehouse, EloqCloud, H2O Workflows and Hotdata.
//!
//! It uses the public API of the crate `controlplane` and nothing else of it. `README.md` lists the commands
//! and the exit codes.

mod advice;
mod app;
mod apply;
mod args;
mod call;
mod choices;
mod command;
mod completions;
mod confirm;
mod doctor;
mod duration;
mod eloq;
mod failure;
mod h2o;
mod hotdata;
mod input;
mod interrupt;
mod near;
mod onehouse;
mod output;
mod pointer;
mod profile;
mod progress;
mod resume;
mod shell;
mod show;
mod status;
mod stderr;
mod warnings;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::main(std::env::args_os()).code()
}
