//! All pages of a list, one after the other, whichever way its service turns them.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{Hash, Hasher};
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

use crate::error::{Error, ErrorKind};

#[cfg(feature = "async")]
use super::Async;
use super::{Action, Blocking, Call, Platform};

/// What tells the next page, if there is one: its token, cursor or offset. `Err`: why that cannot be said.
pub(crate) type NextPage = std::result::Result<Option<String>, &'static str>;

/// A command that gives a page of a list, or all of it. Not to be implemented outside this crate.
pub trait Paged<S: Platform>: Action<S> + Clone {
    /// What is on a page.
    type Item;

    /// What it does, for messages.
    #[doc(hidden)]
    fn what(&self) -> String;

    /// What is on a page, and what tells the next one.
    #[doc(hidden)]
    fn split(&self, page: Self::Output) -> (Vec<Self::Item>, NextPage);

    /// Is for that page from now on.
    #[doc(hidden)]
    fn turn_to(&mut self, next: String);
}

/// Which page is next, and what is left of the one that came last.
struct Pages<S: Platform, M, C: Paged<S>> {
    /// The call for the next page, if there is one.
    next: Option<Call<S, M, C>>,
    /// What told the pages so far, as hashes: none may come again.
    seen: HashSet<u64>,
    items: VecDeque<C::Item>,
    /// Comes after the items.
    error: Option<Error>,
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// An item, an error as the last of all, or nothing any more.
type Given<T> = Option<Result<T, Error>>;

impl<S: Platform, M, C: Paged<S>> Pages<S, M, C> {
    fn new(call: Call<S, M, C>) -> Self {
        Self { next: Some(call), seen: HashSet::new(), items: VecDeque::new(), error: None }
    }

    /// What there is without another page; `Err`: the call for it.
    fn given(&mut self) -> Result<Given<C::Item>, &Call<S, M, C>> {
        match (self.items.pop_front(), self.error.take()) {
            (Some(item), error) => {
                self.error = error;
                Ok(Some(Ok(item)))
            }
            (None, Some(error)) => Ok(Some(Err(error))),
            (None, None) => self.next.as_ref().map_or(Ok(None), Err),
        }
    }

    /// A page has come, or not: then it is the last. An empty page may have one after it.
    fn came(&mut self, page: Result<C::Output, Error>) {
        let Some(mut call) = self.next.take() else { return };
        let (items, next) = match page {
            Ok(page) => call.command.split(page),
            Err(error) => {
                self.error = Some(error);
                return;
            }
        };
        self.items = items.into();
        let wrong = match next {
            Ok(None) => return,
            Ok(Some(next)) if self.seen.insert(hash(&next)) => {
                call.command.turn_to(next);
                self.next = Some(call);
                return;
            }
            Ok(Some(_)) => "the service gives the same page again and again",
            Err(why) => why,
        };
        self.error = Some(Error::new(ErrorKind::UnexpectedResponse, call.command.what(), wrong));
    }

    fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("is_last_page", &self.next.is_none()).finish_non_exhaustive()
    }
}

/// Everything that a list has, page after page. A page is asked for when it is needed. An error is the last item.
#[must_use = "an iterator does nothing until it is asked"]
pub struct Items<S: Platform, C: Paged<S>>(Pages<S, Blocking, C>);

impl<S: Platform, C: Paged<S>> Items<S, C> {
    pub(crate) fn new(call: Call<S, Blocking, C>) -> Self {
        Self(Pages::new(call))
    }
}

impl<S: Platform, C: Paged<S>> fmt::Debug for Items<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("Items", f)
    }
}

impl<S: Platform, C: Paged<S>> Iterator for Items<S, C> {
    type Item = Result<C::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let page = match self.0.given() {
                Ok(given) => return given,
                Err(call) => call.clone().send(),
            };
            self.0.came(page);
        }
    }
}

#[cfg(feature = "async")]
type PageFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Everything that a list has, page after page, for programs with futures. A page is asked for when it is needed. An error is
/// the last item.
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is asked"]
pub struct ItemStream<S: Platform, C: Paged<S>> {
    pages: Pages<S, Async, C>,
    page: Option<PageFuture<C::Output>>,
}

#[cfg(feature = "async")]
impl<S: Platform, C: Paged<S>> fmt::Debug for ItemStream<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.show("ItemStream", f)
    }
}

#[cfg(feature = "async")]
impl<S, C> ItemStream<S, C>
where
    S: Platform,
    C: Paged<S, Output: 'static> + Send + Sync + 'static,
{
    pub(crate) fn new(call: Call<S, Async, C>) -> Self {
        Self { pages: Pages::new(call), page: None }
    }

    /// The next item, or `None` after the last: for programs that have no crate for streams.
    pub async fn next(&mut self) -> Option<Result<C::Item, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<C::Item, Error>>> {
        loop {
            let page = match &mut self.page {
                Some(page) => page,
                None => match self.pages.given() {
                    Ok(given) => return Poll::Ready(given),
                    Err(call) => self.page.insert(Box::pin(call.clone().send())),
                },
            };
            let page = ready!(page.as_mut().poll(context));
            self.page = None;
            self.pages.came(page);
        }
    }
}

/// Nothing in it is pinned but what is in a box.
#[cfg(feature = "async")]
impl<S: Platform, C: Paged<S>> Unpin for ItemStream<S, C> {}

#[cfg(feature = "async")]
impl<S, C> futures_core::Stream for ItemStream<S, C>
where
    S: Platform,
    C: Paged<S, Output: 'static> + Send + Sync + 'static,
{
    type Item = Result<C::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
