//! Testing: your program's tests against a local emulator, without an account and without a network.
//!
//! The package `controlplane-emulator` has an emulator of each service. It checks requests as strictly as the
//! service's documents allow, keeps state, lets operations take time, and misbehaves on demand. Nothing is
//! persisted.
//!
//! ```toml
//! # A clone: no version is published yet.
//! [dev-dependencies.controlplane-emulator]
//! path = "../controlplane/crates/emulator"
//! default-features = false
//! features = ["onehouse"]
//! ```
//!
//! # A test
//!
//! Each test starts an emulator of its own, on a free port; it stops when it is dropped. Let the code under
//! test take a client, so that a test can pass one:
//!
//! ```
//! use controlplane::Error;
//! use controlplane::onehouse::{Client, Credentials};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! fn onboard(client: &Client, team: &str) -> Result<(), Error> {
//!     client.create_service_principal(team).send()?;
//!     client.create_api_token("ci", team).send()?;
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::builder().pending_polls(0).start()?; // every operation has ended at the first poll
//! let client = Client::new(Credentials::builder().env(emulator.variables()).build()?)?;
//! onboard(&client, "analytics")?;
//!
//! // The ledger lists the statements that were accepted, in order.
//! let ledger = emulator.ledger();
//! assert_eq!(ledger.len(), 2);
//! assert_eq!(ledger[0].statement, "CREATE SERVICE_PRINCIPAL `analytics`");
//! # Ok(())
//! # }
//! ```
//!
//! `emulator.variables()` returns the variables that a program reads from its environment.
//! `Credentials::builder().env(…)` of every service accepts them in place of the process environment, so
//! parallel tests do not disturb each other. A child process gets the same variables with
//! [`Command::envs`](std::process::Command::envs).
//!
//! # Time
//!
//! `pending_polls(n)` lets an operation end at poll n + 1, whatever the time. With a duration and a stopped
//! clock, a test decides when an operation ends:
//!
//! ```
//! use std::time::Duration;
//! use controlplane::onehouse::Client;
//! use controlplane_emulator::onehouse::{Emulator, Pending};
//!
//! let emulator = Emulator::builder().pending(Pending::time(Duration::from_secs(20 * 60))).start()?;
//! emulator.stop_clock();
//! let client = Client::new(emulator.credentials())?;
//! let id = client.create_service_principal("ci_bot").submit()?.request_id;
//! assert!(!client.get_status(&id).send()?.is_terminal());
//! emulator.advance_clock(Duration::from_secs(20 * 60))?;
//! assert!(client.get_status(&id).send()?.is_terminal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Faults
//!
//! A fault is a text: conditions, then what happens. The fault in this example accepts the first submit and
//! closes the connection without a response, as if the network had lost the response:
//!
//! ```
//! use controlplane::ErrorKind;
//! use controlplane::onehouse::Client;
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let emulator = Emulator::builder().pending_polls(0).fault("nth=1, submit: take-then-close".parse()?).start()?;
//! let client = Client::new(emulator.credentials())?;
//! let error = client.create_service_principal("ci_bot").send().expect_err("the response is lost");
//! assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
//! assert_eq!(emulator.ledger().len(), 1); // it was accepted, and is not sent again
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Others are `p=0.1: status=503` (fails a tenth of all requests, chosen at random from a seed),
//! `poll: delay=2s` and `nth=2: cut-body`; the docs of `controlplane_emulator::faults` list all conditions
//! and actions.
//!
//! # Without a server
//!
//! - Unit tests of your error handling: [`Error::simulated`](crate::Error::simulated) builds an
//!   error of any kind, with any details.
//! - Tests of what is sent: `Client::offline()` with `.to_sql()` (Onehouse) or `.to_request()`.
//! - Tests in virtual time: a [`Transport`](crate::transport::Transport) and a [`Clock`](crate::Clock) of
//!   your own. The example `recording_transport` has such a transport.
//!
//! # Other languages
//!
//! The emulator is a program too, and tests in any language use it over HTTP:
//!
//! ```console
//! $ cargo install --path crates/emulator
//! $ controlplane-emulator onehouse
//! ```
//!
//! It prints the variables that clients read, and serves a page at `/_emulator/`. Its README,
//! `crates/emulator/README.md`, describes the program, the Python module with pytest fixtures, and its use in
//! CI and containers.
