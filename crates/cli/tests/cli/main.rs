//! The program `controlplane` as its users see it: a process, its output and its exit code.

mod onehouse;
mod support;
