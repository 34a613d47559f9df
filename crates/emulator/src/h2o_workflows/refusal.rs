//! How the service says no.

use serde_json::{Value, json};

use crate::server::Reply;

/// The codes of gRPC that it uses, and the HTTP statuses that its gateway makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    InvalidArgument,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    OutOfRange,
    Unimplemented,
    Unauthenticated,
}

impl Code {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::InvalidArgument => 3,
            Self::NotFound => 5,
            Self::AlreadyExists => 6,
            Self::PermissionDenied => 7,
            Self::ResourceExhausted => 8,
            Self::FailedPrecondition => 9,
            Self::OutOfRange => 11,
            Self::Unimplemented => 12,
            Self::Unauthenticated => 16,
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists => 409,
            Self::ResourceExhausted => 429,
            Self::Unimplemented => 501,
        }
    }
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    pub(super) fn missing(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{} not found", crate::text::one_line(what, 300)))
    }

    pub(super) fn state(message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, message)
    }

    /// `google.rpc.Status`, without details.
    pub(super) fn body(&self) -> Value {
        json!({ "code": self.code.number(), "message": self.message, "details": [] })
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::new(self.code.status()).json(&self.body())
    }
}
