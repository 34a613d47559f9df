//! Hotdata.

mod arrow_stream;
mod client;
#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/fields.rs"]
mod fields;
#[path = "../support/known_faults.rs"]
mod known_faults;
mod layers;
mod older;
#[path = "../support/paths.rs"]
mod paths;
mod queries;
#[path = "../support/raw_request.rs"]
mod raw_request;
#[path = "../support/raw_response.rs"]
mod raw_response;
#[path = "../support/raw_server.rs"]
mod raw_server;
#[path = "../support/repeated.rs"]
mod repeated;
mod repeats;
#[path = "../support/scripted.rs"]
mod scripted;
mod sql_secrets;
mod streams;
mod typed_rows;
mod upload_and_load;
mod upload_load;
mod uploads;
#[path = "../support/vectors.rs"]
mod vectors;
mod waits;
mod wire;
