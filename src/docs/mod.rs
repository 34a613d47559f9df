//! Guides, one for each task. Their programs are compiled with the tests of the crate, and run unless they
//! need files of yours.
//!
//! - Getting started: [the first call](getting_started), then a page for each service that is enabled.
//! - [Blocking and async](blocking_and_async): which client to use, and how to use both in one program.
//! - [Errors and retries](errors): what each kind of error means, what is retried, and what to do.
//! - [Long operations](long_operations): waiting, submitting now and waiting later, cancelling.
//! - [Batches and plans](batches_and_plans): many calls at once, and commands as data.
//! - [Timeouts](timeouts): every time limit, its default, and its setter if it has one.
//! - [Testing](testing): your program's tests against a local emulator.
//! - [Corporate networks](networks): proxies, certificate authorities, networks that inspect TLS.
//! - [Logging and tracing](tracing): what is logged, and the fields of spans and events.
//! - [Moving from the vendors' Python SDKs](moving): their code and ours, side by side.
//!
//! For readers of the source: the [design] and the [changelog].

pub mod batches_and_plans;
pub mod blocking_and_async;
pub mod errors;
pub mod getting_started;
pub mod long_operations;
pub mod moving;
pub mod networks;
pub mod testing;
pub mod timeouts;
pub mod tracing;

#[doc = include_str!("../../DESIGN.md")]
pub mod design {}

#[doc = include_str!("../../CHANGELOG.md")]
pub mod changelog {}
