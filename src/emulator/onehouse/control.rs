//! The paths under `/_emulator/`: what tests in other languages have instead of the methods of
//! [`Emulator`](super::Emulator).

use serde_json::{Value, json};

use crate::emulator::server::{CONTROL, Received, Reply};

use super::service::Service;

pub(super) fn answer(service: &Service, request: &Received) -> Reply {
    let what = request.path.strip_prefix(CONTROL).unwrap_or_default();
    let allowed = match what {
        "ledger" | "requests" => "GET",
        "reset" => "POST",
        _ => return explain(404, "there are GET ledger, GET requests and POST reset under /_emulator/"),
    };
    if request.method != allowed {
        return explain(405, &format!("this is for {allowed}")).header("allow", allowed);
    }
    match what {
        "ledger" => Reply::new(200).json(&ledger(service)),
        "requests" => Reply::new(200).json(&requests(service)),
        _ => {
            service.reset();
            Reply::new(200).json(&json!({}))
        }
    }
}

fn ledger(service: &Service) -> Value {
    let taken = service.ledger().into_iter();
    taken
        .map(|taken| json!({ "request_id": taken.request_id, "statement": taken.statement.0, "helper": taken.parsed.name() }))
        .collect()
}

fn requests(service: &Service) -> Value {
    let requests = service.requests().into_iter();
    requests
        .map(|request| {
            json!({
                "index": request.index,
                "connection": request.connection,
                "method": request.method,
                "path": request.path,
                "statement": request.statement,
                "request_id": request.request_id,
                "status": request.status,
            })
        })
        .collect()
}

fn explain(status: u16, why: &str) -> Reply {
    Reply::new(status).json(&json!({ "error": why }))
}
