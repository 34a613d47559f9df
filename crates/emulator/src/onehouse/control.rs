//! What this emulator shows under `/_emulator/`.

use serde_json::{Value, json};

use crate::control::Controlled;
use crate::faults::Faults;

use super::service::Service;

impl Controlled for Service {
    fn ledger(&self) -> Value {
        self.taken()
            .into_iter()
            .map(|taken| json!({ "request_id": taken.request_id, "statement": taken.statement.0, "helper": taken.parsed.name() }))
            .collect()
    }

    fn requests(&self) -> Value {
        self.answered()
            .into_iter()
            .map(|request| {
                json!({
                    "index": request.index,
                    "connection": request.connection,
                    "method": request.method,
                    "path": request.path,
                    "statement": request.statement,
                    "request_id": request.request_id,
                    "status": request.status,
                    "fault": request.fault.map(|fault| fault.to_string()),
                })
            })
            .collect()
    }

    fn reset(&self) {
        self.start_anew();
    }

    fn faults(&self) -> &Faults {
        &self.faults
    }
}
