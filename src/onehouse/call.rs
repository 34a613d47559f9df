//! A command on its way: skeleton.

use crate::error::Error;

use super::client::Client;
use super::commands::Command;
use super::statement::NameCheck;

/// A command together with the client that will send it.
#[derive(Debug)]
#[must_use = "a call does nothing until `.send()`, `.submit()` or `.to_sql()`"]
pub struct Call<M, C> {
    pub(crate) client: Client<M>,
    pub(crate) command: C,
    names: NameCheck,
}

impl<M, C> Call<M, C> {
    pub(crate) fn new(client: Client<M>, command: C) -> Self {
        Self {
            client,
            command,
            names: NameCheck::Strict,
        }
    }
}

impl<M, C: Command> Call<M, C> {
    /// Relaxes the check of names.
    pub fn unchecked_names(mut self) -> Self {
        self.names = NameCheck::Unchecked;
        self
    }

    /// The SQL that would be sent.
    ///
    /// # Errors
    ///
    /// `InvalidArgument`.
    pub fn to_sql(&self) -> Result<String, Error> {
        let _ = &self.client;
        self.command.render(self.names)
    }
}
