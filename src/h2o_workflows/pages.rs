//! All pages of a list, one after the other.

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, Next, Paged};

use super::client::H2oWorkflows;
use super::command::{Call, Command};

/// The most that the service puts on a page.
pub(super) const MAX_PAGE_SIZE: u32 = 500;

/// A page of a list. Not to be implemented outside this crate.
pub trait Page {
    /// What is on it.
    type Item;

    /// What is on it, and what gives the next page; empty: there is none.
    fn into_parts(self) -> (Vec<Self::Item>, String);
}

/// A command that gives a page. Not to be implemented outside this crate.
pub trait List: Command<Output: Page> {
    #[doc(hidden)]
    fn next_page(&mut self, token: String);

    #[doc(hidden)]
    fn page_size(&mut self) -> &mut u32;
}

/// What is on the pages that a command gives.
type Item<C> = <<C as Command>::Output as Page>::Item;

/// # Options of lists
impl<M, C: List> Call<M, C> {
    /// How many at most on a page: up to 500. Default: the service's choice, 50; 500 for [`iter`](Call::iter) and `stream`.
    pub fn page_size(mut self, size: u32) -> Self {
        *self.command.page_size() = size;
        self
    }

    /// Which page: from the page before. Default: the first.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.command.next_page(token.into());
        self
    }
}

impl<C: List> Paged<H2oWorkflows> for C {
    type Item = Item<C>;

    fn what(&self) -> String {
        self.label()
    }

    fn split(&self, page: C::Output) -> (Vec<Item<C>>, Next) {
        let (items, token) = page.into_parts();
        (items, Ok((!token.is_empty()).then_some(token)))
    }

    fn turn_to(&mut self, next: String) {
        self.next_page(next);
    }
}

/// A call for pages as large as there are, unless it says otherwise.
fn large<M, C: List>(mut call: Call<M, C>) -> Call<M, C> {
    let size = call.command.page_size();
    if *size == 0 {
        *size = MAX_PAGE_SIZE;
    }
    call
}

/// Everything that a list has: see [`Call::iter`].
pub type Items<C> = crate::client::Items<H2oWorkflows, C>;

/// Everything that a list has, for programs with futures: see [`Call::stream`].
#[cfg(feature = "async")]
pub type ItemStream<C> = crate::client::ItemStream<H2oWorkflows, C>;

impl<C: List> Call<Blocking, C> {
    /// Everything on this page and on all pages after it. A page is asked for when it is needed, with 500 on it unless
    /// [`page_size`](Call::page_size) says otherwise; the limits of the call are those of each page. An error is the last
    /// item.
    ///
    /// ```no_run
    /// # use controlplane::h2o_workflows;
    /// let clients = h2o_workflows::login()?;
    /// for workflow in clients.workflow().list_workflows("workspaces/w").iter() {
    ///     println!("{}", workflow?.name);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn iter(self) -> Items<C> {
        Items::new(large(self))
    }
}

#[cfg(feature = "async")]
impl<C: List<Output: 'static> + Sync> Call<Async, C> {
    /// Everything on this page and on all pages after it: a stream, with a `next` of its own for programs that have no crate
    /// for streams. A page is asked for when it is needed, with 500 on it unless [`page_size`](Call::page_size) says
    /// otherwise; the limits of the call are those of each page. An error is the last item.
    pub fn stream(self) -> ItemStream<C> {
        ItemStream::new(large(self))
    }
}
