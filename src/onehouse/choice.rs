//! Enum values that a program gives as they are or as text, and how names are checked.

use std::sync::Arc;

use crate::error::Error;
use crate::open_enum::OpenEnum;

use super::Call;
use super::client::Client;
use super::commands::Command;
use super::statement::{NameCheck, Statement};

/// A value of an enum of commands, or its text: `ClusterType::Managed` or `"Managed"`.
///
/// A text has to be a known value; ASCII case is ignored. Any other text makes the call fail with
/// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) before anything is sent; the error lists the known
/// values. To send a value that this version does not know, use the enum's `Other` variant.
///
/// ```
/// use controlplane::onehouse::{Client, ClusterType};
///
/// let client = Client::offline();
/// let typed = client.create_cluster("prod", ClusterType::OpenEngines).to_sql()?;
/// assert_eq!(client.create_cluster("prod", "Open_Engines").to_sql()?, typed);
///
/// let error = client.create_cluster("prod", "Manged").send().unwrap_err();
/// assert!(error.to_string().contains("known values: Managed, SQL"));
/// # Ok::<(), controlplane::Error>(())
/// ```
pub trait Choice<E>: TryInto<E, Error: Into<Error>> {}

impl<E, T: TryInto<E, Error: Into<Error>>> Choice<E> for T {}

/// How strictly a call checks names, and the first problem with its arguments.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    pub(super) names: NameCheck,
    problem: Option<Arc<Error>>,
}

impl Checks {
    /// The value of this choice. The problem of a text that is not known is kept until the call is sent.
    pub(super) fn choose<E: OpenEnum>(&mut self, choice: impl Choice<E>) -> E {
        choice.try_into().unwrap_or_else(|error| {
            self.problem.get_or_insert_with(|| Arc::new(error.into()));
            E::other(String::new())
        })
    }

    /// Renders a command.
    pub(super) fn statement<C: Command>(&self, command: &C) -> Result<Statement, Error> {
        match &self.problem {
            Some(problem) => Err(problem.duplicate().with_context(command.name())),
            None => command.statement(self.names),
        }
    }
}

impl<M> Client<M> {
    /// The call of a command whose arguments were checked.
    pub(super) fn checked<C: Command>(&self, checks: Checks, command: C) -> Call<M, C> {
        let mut call = self.call(command);
        call.options.own = checks;
        call
    }
}
