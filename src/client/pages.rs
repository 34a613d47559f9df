//! Lists in pages: iterators and streams over all items, whatever the service's key of a page is.

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

/// The key of the next page, if there is one: a token, cursor, number or offset. `Err`: why it is not known.
pub(crate) type NextPage = std::result::Result<Option<String>, &'static str>;

/// A command whose output is a page of a list. Sealed.
pub trait Paged<S: Platform>: Action<S> + Clone {
    /// An item of the list.
    type Item;

    /// Returns what the command does, for messages.
    #[doc(hidden)]
    fn what(&self) -> String;

    /// Splits a page into its items and the key of the next page.
    #[doc(hidden)]
    fn split(&self, page: Self::Output) -> (Vec<Self::Item>, NextPage);

    /// Sets the page to request next.
    #[doc(hidden)]
    fn turn_to(&mut self, next: String);
}

/// The next page, and the items that remain of the last one.
struct Pages<S: Platform, M, C: Paged<S>> {
    /// The call for the next page, if there is one.
    next: Option<Call<S, M, C>>,
    /// Hashes of the keys of all pages so far: a key must not repeat.
    seen: HashSet<u64>,
    items: VecDeque<C::Item>,
    /// Returned after the items.
    error: Option<Error>,
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// An item, the error that ends the list, or `None` after the end.
type Given<T> = Option<Result<T, Error>>;

impl<S: Platform, M, C: Paged<S>> Pages<S, M, C> {
    fn new(call: Call<S, M, C>) -> Self {
        Self { next: Some(call), seen: HashSet::new(), items: VecDeque::new(), error: None }
    }

    /// Returns the next item, if it needs no request; `Err`: the call for the next page.
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

    /// Adds a page. A failure is the end of the list. A page may be empty and not be the last.
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
            Ok(Some(_)) => "the service repeats a page",
            Err(why) => why,
        };
        self.error = Some(Error::new(ErrorKind::UnexpectedResponse, call.command.what(), wrong));
    }

    fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("is_last_page", &self.next.is_none()).finish_non_exhaustive()
    }
}

/// An iterator over the items of all pages of a list. A page is requested when it is needed. An error is the
/// last item.
#[must_use = "an iterator does nothing until `next` is called"]
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

/// A stream of the items of all pages of a list. A page is requested when it is needed. An error is the last
/// item.
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is polled"]
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

    /// Returns the next item, or `None` after the last one and after an error. It needs no crate for streams.
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

/// The only pinned value is in a box.
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
