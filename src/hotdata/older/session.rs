//! Commands in a session.

use secrecy::SecretString;

use crate::error::Error;
use crate::http::Request;

use super::super::command::{Answer, Command, RequestParts, Scope, Spec};

const SESSION_HEADER: &str = "X-Session-Id";

/// A command as the older API had it: see [`Older::in_session`](super::Older::in_session).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InSession<C> {
    /// The command.
    pub command: C,
    /// The session, if there is one.
    pub session_id: Option<String>,
}

impl<C> InSession<C> {
    /// This one, in this session.
    pub fn new(command: C, session_id: Option<&str>) -> Self {
        Self { command, session_id: session_id.map(str::to_owned) }
    }
}

impl<C: Command> Command for InSession<C> {
    type Output = C::Output;

    fn spec(&self) -> Spec {
        let spec = self.command.spec();
        match spec.scope {
            Scope::Account => spec,
            _ => spec.of(Scope::Workspace),
        }
    }

    fn label(&self) -> String {
        self.command.label()
    }

    fn to_request(&self) -> Result<Request, Error> {
        self.command.to_request()?.header(SESSION_HEADER, self.session_id.as_deref())
    }

    fn secrets(&self) -> Vec<SecretString> {
        self.command.secrets()
    }

    fn read(&self, answer: Answer<'_>) -> Result<C::Output, Error> {
        self.command.read(answer)
    }

    fn refused(&self, error: Error) -> Error {
        self.command.refused(error)
    }
}
