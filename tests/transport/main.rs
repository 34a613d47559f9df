//! Transports, both of them.

mod both;
mod certificates;
mod connections;
mod contract;
#[path = "../support/counted_server.rs"]
mod counted_server;
mod cut;
mod interrupts;
mod peers;
mod proxies;
#[path = "../support/raw_close.rs"]
mod raw_close;
#[path = "../support/raw_request.rs"]
mod raw_request;
#[path = "../support/raw_response.rs"]
mod raw_response;
#[path = "../support/raw_server.rs"]
mod raw_server;
#[cfg(target_os = "linux")]
mod stopped;
mod streams;
