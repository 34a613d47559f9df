//! How the service says no.

use serde_json::{Value, json};

use crate::server::Reply;
use crate::text::one_line;

/// The form of the body of an error. Hotdata has three forms; a proxy in front of it answers with an HTML page.
///
/// A form other than [`Coded`](Self::Coded) applies to all operations. The storage for uploads always answers
/// with XML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `{"error": {"code", "message"}}`, as Hotdata answers most operations. Operations on workspaces answer
    /// as with [`Word`](Self::Word), and requests that name an unknown workspace as with
    /// [`Uncoded`](Self::Uncoded).
    #[default]
    Coded,
    /// `{"error": {"message"}}`, as Hotdata's gateway answers.
    Uncoded,
    /// `{"error": "<machine_code>"}`, such as `{"error": "workspace_not_found"}`.
    Word,
    /// An HTML page that has only the status, as a proxy answers.
    Page,
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) retry_after: Option<u64>,
    /// The shape that it has whatever the others have.
    pub(super) shape: Option<ErrorShape>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None, shape: None }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BAD_REQUEST", message)
    }

    pub(super) fn missing(what: &str, name: &str) -> Self {
        Self::new(404, "NOT_FOUND", format!("{what} {} not found", one_line(name, 200)))
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "CONFLICT", message)
    }

    /// There is too much of something: memory is bounded.
    pub(super) fn full(what: &str, most: usize) -> Self {
        Self::new(
            503,
            "RESOURCE_EXHAUSTED",
            format!("the emulator keeps at most {most} {what}: delete some, or reset the emulator"),
        )
    }

    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(super) fn shaped(mut self, shape: ErrorShape) -> Self {
        self.shape = Some(shape);
        self
    }

    fn body(&self, shape: ErrorShape) -> Option<Value> {
        match shape {
            ErrorShape::Coded => Some(json!({ "error": { "code": self.code, "message": self.message } })),
            ErrorShape::Uncoded => Some(json!({ "error": { "message": self.message } })),
            // What is a machine's word already stays as it is.
            ErrorShape::Word if !self.message.contains(' ') => Some(json!({ "error": self.message })),
            ErrorShape::Word => Some(json!({ "error": self.code.to_ascii_lowercase() })),
            ErrorShape::Page => None,
        }
    }

    /// As an answer, in the shape that the emulator was told to have.
    pub(super) fn reply(&self, told: ErrorShape) -> Reply {
        let shape = match told {
            ErrorShape::Coded => self.shape.unwrap_or_default(),
            told => told,
        };
        let mut reply = match self.body(shape) {
            Some(body) => Reply::new(self.status).json(&body),
            None => {
                let mut page = Reply::new(self.status).header("content-type", "text/html");
                page.body = format!("<html><body><h1>{}</h1></body></html>\n", self.status).into_bytes();
                page
            }
        };
        if let Some(seconds) = self.retry_after {
            reply = reply.header("retry-after", &seconds.to_string());
        }
        reply
    }
}
