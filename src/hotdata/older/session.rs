//! Commands in a session of the older API.

use super::super::command::Command;
use super::super::endpoint::{Endpoint, Scope};

const SESSION_HEADER: &str = "X-Session-Id";

/// A command that is sent as in the earlier API: without the client's default database, and in a session if
/// one is named. It is the command of [`Older::in_session`](super::Older::in_session).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InSession<C> {
    /// The command to send.
    pub command: C,
    /// The id of the session, sent in the header `X-Session-Id`. `None`: the command is sent without a
    /// session.
    pub session_id: Option<String>,
}

impl<C> InSession<C> {
    /// Returns the command in this session, or without a session if the id is `None`.
    pub fn new(command: C, session_id: Option<&str>) -> Self {
        Self { command, session_id: session_id.map(str::to_owned) }
    }
}

impl<C: Command> Command for InSession<C> {
    type Output = C::Output;
    const NAME: &'static str = C::NAME;

    fn name(&self) -> &'static str {
        self.command.name()
    }

    fn endpoint(&self) -> Endpoint<'_, C::Output> {
        let endpoint = self.command.endpoint();
        let scope = match endpoint.scope() {
            Scope::Account => Scope::Account,
            _ => Scope::Workspace,
        };
        endpoint.of(scope).header(SESSION_HEADER, self.session_id.as_deref())
    }
}
