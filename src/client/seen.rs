//! The verdict of a wait's rule about a check.

/// The verdict of a rule about the resource that a wait has checked. The rule is a function of the program:
/// see the `until` method of each wait.
///
/// A `bool` converts into it: `true` is [`Done`](Seen::Done), `false` is [`Pending`](Seen::Pending).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// Check again later. The text is the state to report, as the server spells it if it sends one.
    Pending(String),
    /// The wait ends with a success: the resource is in the wanted state.
    Done,
    /// The wait fails with [`OperationFailed`](crate::ErrorKind::OperationFailed), because the resource will
    /// not reach the wanted state. The text is its state.
    Failed(String),
    /// The response does not show the state. The text says what is missing. The wait fails with
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if this happens more often in a row than
    /// the call has retries (3 by default).
    Unclear(String),
}

impl From<bool> for Seen {
    fn from(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::Pending(String::new()) }
    }
}
