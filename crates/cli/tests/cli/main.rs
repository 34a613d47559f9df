//! The program `controlplane` as its users see it: a process, its output and its exit code.

mod advice;
mod apply;
mod apply_uploads;
mod calls;
mod completions;
mod configure;
mod doctor;
mod eloq;
mod h2o;
mod hotdata;
mod interrupts;
mod journals;
mod names;
mod oh_lines;
mod onehouse;
mod pipes;
mod profile;
#[cfg(unix)]
mod pty;
mod readme;
mod services;
mod sign_in;
mod snapshots;
mod support;
mod terminal;
