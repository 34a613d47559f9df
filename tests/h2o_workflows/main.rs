//! H2O Workflows.

mod client;
#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/fields.rs"]
mod fields;
#[path = "../support/fits.rs"]
mod fits;
#[path = "../support/known_faults.rs"]
mod known_faults;
mod logs;
#[path = "../support/paths.rs"]
mod paths;
#[path = "../support/raw_close.rs"]
mod raw_close;
#[path = "../support/raw_request.rs"]
mod raw_request;
#[path = "../support/raw_server.rs"]
mod raw_server;
#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/repeated.rs"]
mod repeated;
mod repeats;
mod run_logs;
#[path = "../support/scripted.rs"]
mod scripted;
#[path = "../support/served.rs"]
mod served;
mod tokens;
#[path = "../support/vectors.rs"]
mod vectors;
#[path = "../support/warnings.rs"]
mod warnings;
mod wire;
