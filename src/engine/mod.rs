//! The engine: what may be repeated, when to ask again, when to stop. No I/O, no service.

/// What a request does to the server, which decides whether it may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Sending it again does no harm: it reads, or its repetition changes nothing.
    Repeatable,
    /// It changes something. It is never sent again after it may have been taken.
    Changes,
}
