//! Commands in a session.

use super::super::command::Command;
use super::super::endpoint::{Endpoint, Scope};

const SESSION_HEADER: &str = "X-Session-Id";

/// A command as in the older API: see [`Older::in_session`](super::Older::in_session).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InSession<C> {
    /// The command.
    pub command: C,
    /// The id of the session, if there is one.
    pub session_id: Option<String>,
}

impl<C> InSession<C> {
    /// Returns the command in this session.
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
