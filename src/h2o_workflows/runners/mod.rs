//! Runners, on which jobs run.

mod all;
mod commands;
mod model;

pub use all::{ApplyRunners, DeleteAllRunners, ListAllRunners};
pub use commands::{CreateRunner, DeleteRunner, GetRunner, ListRunners, UpdateRunner};
pub use model::{Runner, RunnerConfig, RunnersPage};
