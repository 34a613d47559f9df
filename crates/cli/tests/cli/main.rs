//! The program `controlplane` as its users see it: a process, its output and its exit code.

mod apply;
mod calls;
mod doctor;
mod eloq;
mod h2o;
mod hotdata;
mod onehouse;
mod services;
mod support;
mod terminal;
