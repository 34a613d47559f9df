//! What a fault makes of a reply. What only the service can do, it does itself.

use serde_json::Value;

use crate::server::Headers;
use crate::server::{Reply, Wire};

use super::{Action, Answer};

const PAGE: &str = "<!doctype html><html><body><h1>A page, and no JSON</h1></body></html>\n";
const NO_UTF8: [u8; 2] = [0xff, 0xfe];

const ERROR_LINE: &str = "{\"error\":{\"code\":14,\"message\":\"the stream broke\",\"details\":[]}}\n";

/// Takes the fields away that say nothing.
fn thin(json: &mut Value) {
    match json {
        Value::Object(map) => {
            map.values_mut().for_each(thin);
            map.retain(|_, value| !says_nothing(value));
        }
        Value::Array(items) => items.iter_mut().for_each(thin),
        _ => {}
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text.ends_with("_UNSPECIFIED"),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

impl Action {
    /// The reply that takes the place of the service's, if the action has one of its own.
    pub(crate) fn reply(&self) -> Option<Reply> {
        match self {
            Self::Status(answer) => Some(answer.reply()),
            Self::CloseBeforeRead => Some(Reply { wire: Wire::Close, ..Reply::new(0) }),
            _ => None,
        }
    }

    /// Whether it cannot be done to a body of which the end is not known.
    fn needs_a_whole_body(&self) -> bool {
        match self {
            Self::CutBody(after) => after.is_none(),
            Self::TooLong(_) | Self::TooShort(_) | Self::NotUtf8 | Self::EmptyBody | Self::HugeBody(_) => {
                true
            }
            _ => false,
        }
    }

    /// The service's reply as the fault leaves it.
    pub(crate) fn spoil(&self, mut reply: Reply) -> Reply {
        if self.needs_a_whole_body()
            && let Some(live) = reply.live.take()
        {
            reply.body = live.what_is_there();
        }
        let length = reply.body.len() as u64;
        match self {
            Self::Delay(time) => reply.delay = *time,
            Self::TakeThenClose => reply.wire = Wire::Close,
            Self::CutHeader => reply.wire = Wire::CutHead,
            Self::CutBody(after) => reply.wire = Wire::Cut { after: after.unwrap_or(reply.body.len() / 2) },
            Self::TooLong(by) => reply.wire = Wire::Length { declared: length.saturating_add(*by) },
            Self::TooShort(by) => reply.wire = Wire::Length { declared: length.saturating_sub(*by) },
            Self::NotJson => {
                reply = Reply::new(reply.status).header("content-type", "text/html");
                reply.body = PAGE.as_bytes().to_vec();
            }
            Self::NotUtf8 => {
                let last_text = reply.body.iter().rposition(|byte| *byte == b'"').unwrap_or(reply.body.len());
                reply.body.splice(last_text..last_text, NO_UTF8);
            }
            Self::EmptyBody => reply.body.clear(),
            Self::Sparse => {
                if let Ok(mut json) = serde_json::from_slice::<Value>(&reply.body) {
                    thin(&mut json);
                    reply.body = json.to_string().into_bytes();
                }
            }
            Self::ErrorLine(lines) => {
                if let Some(live) = reply.live.take() {
                    let there = live.what_is_there();
                    let lines = there.split_inclusive(|byte| *byte == b'\n').take(*lines);
                    reply.body = lines.flatten().copied().chain(ERROR_LINE.bytes()).collect();
                }
            }
            Self::DropHeader(dropped) => {
                let mut headers = Headers::new();
                for (name, value) in
                    reply.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(dropped))
                {
                    headers.push(name.to_owned(), value);
                }
                reply.headers = headers;
            }
            Self::HugeBody(size) => reply.wire = Wire::Pad { to: *size },
            Self::Drip(pause) => reply.wire = Wire::Drip { pause: *pause },
            Self::CloseBeforeRead | Self::Status(_) | Self::OperationStatus(_) | Self::BackToPending => {}
        }
        reply
    }
}

impl Answer {
    fn reply(&self) -> Reply {
        let mut reply = Reply::new(self.status);
        if let Some(text) = &self.grpc_message {
            reply = reply.grpc_message(text);
        }
        for (name, value) in [("retry-after", &self.retry_after), ("location", &self.location)] {
            if let Some(value) = value {
                reply = reply.header(name, value);
            }
        }
        if let Some(body) = &self.body {
            let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/html" };
            reply = reply.header("content-type", kind);
            reply.body = body.clone().into_bytes();
        }
        reply
    }
}
