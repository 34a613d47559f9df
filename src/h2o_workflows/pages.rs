//! Lists: one page, or all items page after page.

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, NextPage, Paged};

use super::client::H2oWorkflows;
use super::command::{Call, Single};

/// The largest page that the service returns.
pub(super) const MAX_PAGE_SIZE: u32 = 500;

/// A command that returns a page of a list. Not exported.
pub trait List: Single {
    /// The items of the list.
    type Item;

    /// Returns the token of the page to request.
    fn page_token(&mut self) -> &mut String;

    /// Returns the largest number of items on a page. 0: the service's default.
    fn page_size(&mut self) -> &mut u32;

    /// Splits a page into its items and the token of the next page, which is empty for the last one.
    fn items(page: Self::Reply) -> (Vec<Self::Item>, String);
}

/// # Options of lists
impl<M, C: List> Call<M, C> {
    /// Sets the largest number of items on a page; the service returns at most 500, also if more are
    /// requested. Default: 500 for [`iter`](Call::iter) and `stream`; 50, the service's own default, for
    /// `send`.
    pub fn page_size(mut self, size: u32) -> Self {
        *self.command.page_size() = size;
        self
    }

    /// Sets the token of the page to request: the `next_page_token` of the page before it. Default: the first
    /// page.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        *self.command.page_token() = token.into();
        self
    }
}

impl<C: List> Paged<H2oWorkflows> for C {
    type Item = C::Item;

    fn what(&self) -> String {
        self.label()
    }

    fn split(&self, page: C::Reply) -> (Vec<C::Item>, NextPage) {
        let (items, token) = C::items(page);
        (items, Ok((!token.is_empty()).then_some(token)))
    }

    fn turn_to(&mut self, next: String) {
        *self.page_token() = next;
    }
}

/// The call with the largest page size, unless one is set.
fn with_large_pages<M, C: List>(mut call: Call<M, C>) -> Call<M, C> {
    let size = call.command.page_size();
    if *size == 0 {
        *size = MAX_PAGE_SIZE;
    }
    call
}

/// An iterator over all items of a list: see [`Call::iter`].
pub type Items<C> = crate::client::Items<H2oWorkflows, C>;

/// A stream of all items of a list, for asynchronous programs: see [`Call::stream`].
#[cfg(feature = "async")]
pub type ItemStream<C> = crate::client::ItemStream<H2oWorkflows, C>;

impl<C: List> Call<Blocking, C> {
    /// Returns an iterator over all items of the list, from the page of [`page_token`](Call::page_token) on
    /// if it is set. A page is requested when it is needed, with 500 items unless
    /// [`page_size`](Call::page_size) is set; the timeout and the retries of the call apply to each page.
    /// After an error, the iterator ends.
    ///
    /// ```no_run
    /// # use controlplane::h2o_workflows::Client;
    /// let client = Client::from_env()?;
    /// for workflow in client.workflow().list_workflows("workspaces/w").iter() {
    ///     println!("{}", workflow?.name);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn iter(self) -> Items<C> {
        Items::new(with_large_pages(self))
    }
}

#[cfg(feature = "async")]
impl<C: List> Call<Async, C> {
    /// Returns a stream of all items of the list, from the page of [`page_token`](Call::page_token) on if it
    /// is set. The stream has a `next` method for programs that use no crate for streams. A page is requested
    /// when it is needed, with 500 items unless [`page_size`](Call::page_size) is set; the timeout and the
    /// retries of the call apply to each page. After an error, the stream ends.
    pub fn stream(self) -> ItemStream<C> {
        ItemStream::new(with_large_pages(self))
    }
}
