//! What a rule of a wait makes of a check.

/// What a rule says about the resource that a wait has looked at: see the `until` method of each wait.
///
/// A `bool` can stand for it: `true` is [`Done`](Seen::Done), `false` is [`Pending`](Seen::Pending).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// Check again later. The text is the state to report, in the server's words if it has any.
    Pending(String),
    /// The wait is over.
    Done,
    /// The wait fails: the resource will never be as it should be. The text is its state.
    Failed(String),
    /// The response does not say. The text is what is missing in it. The wait fails after a few such checks
    /// in a row.
    Unclear(String),
}

impl From<bool> for Seen {
    fn from(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::Pending(String::new()) }
    }
}
