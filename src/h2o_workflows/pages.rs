//! All pages of a list, one after the other.

use std::collections::VecDeque;
use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::Blocking;
use crate::error::{Error, ErrorKind};

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

/// Which page is next, and what is left of the one that came last.
struct Pages<M, C: List> {
    /// The call for the next page, if there is one.
    next: Option<Call<M, C>>,
    last_token: String,
    items: VecDeque<Item<C>>,
}

impl<M, C: List> Pages<M, C> {
    fn new(mut call: Call<M, C>) -> Self {
        let size = call.command.page_size();
        if *size == 0 {
            *size = MAX_PAGE_SIZE;
        }
        Self { next: Some(call), last_token: String::new(), items: VecDeque::new() }
    }

    /// A page has come, or not: then it is the last. An empty page may have one after it.
    fn came(&mut self, page: Result<C::Output, Error>) -> Option<Error> {
        let call = self.next.take()?;
        let (items, token) = match page {
            Ok(page) => page.into_parts(),
            Err(error) => return Some(error),
        };
        self.items = items.into();
        if token.is_empty() {
            return None;
        }
        if token == self.last_token {
            let label = call.command.label();
            return Some(Error::new(
                ErrorKind::UnexpectedResponse,
                label,
                "the service gives the same page again and again",
            ));
        }
        self.last_token.clone_from(&token);
        self.next = Some(call.page_token(token));
        None
    }
}

/// Everything that a list has: see [`Call::iter`].
#[must_use = "an iterator does nothing until it is asked"]
pub struct Items<C: List>(Pages<Blocking, C>);

impl<C: List> fmt::Debug for Items<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("is_last_page", &self.0.next.is_none()).finish_non_exhaustive()
    }
}

impl<C: List> Iterator for Items<C> {
    type Item = Result<Item<C>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.0.items.pop_front() {
                return Some(Ok(item));
            }
            let page = self.0.next.clone()?.send();
            if let Some(error) = self.0.came(page) {
                return Some(Err(error));
            }
        }
    }
}

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
        Items(Pages::new(self))
    }
}

#[cfg(feature = "async")]
type PageFuture<C> = Pin<Box<dyn Future<Output = Result<<C as Command>::Output, Error>> + Send>>;

/// Everything that a list has, for programs with futures: see [`Call::stream`].
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is asked"]
pub struct ItemStream<C: List> {
    pages: Pages<Async, C>,
    page: Option<PageFuture<C>>,
}

#[cfg(feature = "async")]
impl<C: List> fmt::Debug for ItemStream<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream").field("is_last_page", &self.pages.next.is_none()).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl<C: List + Sync> ItemStream<C> {
    /// The next item, or `None` after the last: for programs that have no crate for streams.
    pub async fn next(&mut self) -> Option<Result<Item<C>, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Item<C>, Error>>> {
        loop {
            if let Some(item) = self.pages.items.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            let page = match &mut self.page {
                Some(page) => page,
                None => match &self.pages.next {
                    Some(call) => self.page.insert(Box::pin(call.clone().send())),
                    None => return Poll::Ready(None),
                },
            };
            let page = ready!(page.as_mut().poll(context));
            self.page = None;
            if let Some(error) = self.pages.came(page) {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

#[cfg(feature = "async")]
impl<C: List + Sync + Unpin> futures_core::Stream for ItemStream<C>
where
    Item<C>: Unpin,
{
    type Item = Result<Item<C>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

#[cfg(feature = "async")]
impl<C: List> Call<Async, C> {
    /// Everything on this page and on all pages after it: a stream, with a `next` of its own for programs that have no crate
    /// for streams. A page is asked for when it is needed, with 500 on it unless [`page_size`](Call::page_size) says
    /// otherwise; the limits of the call are those of each page. An error is the last item.
    pub fn stream(self) -> ItemStream<C> {
        ItemStream { pages: Pages::new(self), page: None }
    }
}
