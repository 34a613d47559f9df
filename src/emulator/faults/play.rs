//! What a fault makes of a reply. What only the service can do, it does itself.

use crate::emulator::server::{Reply, Wire};

use super::{Action, Answer};

const PAGE: &str = "<!doctype html><html><body><h1>A page, and no JSON</h1></body></html>\n";
const NO_UTF8: [u8; 2] = [0xff, 0xfe];

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
        if self.needs_a_whole_body() {
            if let Some(live) = reply.live.take() {
                reply.body = live.what_is_there();
            }
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
