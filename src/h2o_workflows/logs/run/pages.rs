//! The pages of a list, one after the other, within a machine.

use std::collections::HashSet;

use crate::error::{Error, ErrorKind};
use crate::h2o_workflows::pages::{List, MAX_PAGE_SIZE};

/// The most pages of one list. Beyond it a service that goes on and on is wrong.
const MAX_PAGES: usize = 1000;

/// A list of which pages are missing.
pub(super) struct Pages<C: List, T> {
    command: C,
    tokens: HashSet<String>,
    /// The number of items on the pages so far.
    seen: usize,
    pub(super) kept: Vec<T>,
}

impl<C: List, T> Pages<C, T> {
    pub(super) fn new(mut command: C) -> Self {
        *command.page_size() = MAX_PAGE_SIZE;
        Self { command, tokens: HashSet::new(), seen: 0, kept: Vec::new() }
    }

    /// Returns the command for the next page.
    pub(super) fn command(&self) -> C {
        self.command.clone()
    }

    /// Takes a page and keeps what `keep` returns for the items, which it gets with their places in the list.
    /// True: it was the last page.
    pub(super) fn take(
        &mut self,
        page: C::Reply,
        keep: impl Fn(usize, C::Item) -> Result<Option<T>, Error>,
    ) -> Result<bool, Error> {
        let (items, token) = C::items(page);
        for item in items {
            self.kept.extend(keep(self.seen, item)?);
            self.seen += 1;
        }
        if token.is_empty() {
            return Ok(true);
        }
        if self.tokens.len() >= MAX_PAGES || !self.tokens.insert(token.clone()) {
            let label = self.command.label();
            let why = "the service returns the same page again and again";
            return Err(Error::new(ErrorKind::UnexpectedResponse, label, why));
        }
        *self.command.page_token() = token;
        Ok(false)
    }
}
