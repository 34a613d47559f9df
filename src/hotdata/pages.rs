//! All pages of a list, one after the other: by cursor, by offset, or all at once (reference, section 2.5).

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, Next as Turn, Paged};

use super::client::Hotdata;
use super::command::{Call, Command};

pub(super) use crate::client::Next;

/// A command that gives a list, or a page of one. Not to be implemented outside this crate.
pub trait List: Command {
    /// What is on it.
    type Item;

    /// What is on a page, and what tells the next one, if there is one.
    #[doc(hidden)]
    fn split(&self, page: Self::Output) -> (Vec<Self::Item>, Turn);

    /// Is for that page from now on.
    #[doc(hidden)]
    fn turn_to(&mut self, next: String) {
        let _ = next;
    }
}

impl<C: List> Paged<Hotdata> for C {
    type Item = C::Item;

    fn what(&self) -> String {
        self.label()
    }

    fn split(&self, page: C::Output) -> (Vec<C::Item>, Turn) {
        List::split(self, page)
    }

    fn turn_to(&mut self, next: String) {
        List::turn_to(self, next);
    }
}

/// Of a page with a cursor. An empty page may have one after it: what the service says counts. An older one says nothing but
/// the cursor.
pub(super) fn next_cursor(has_more: Option<bool>, cursor: Option<String>) -> Next {
    match (has_more, cursor.filter(|cursor| !cursor.is_empty())) {
        (Some(false), _) | (None, None) => Ok(None),
        (_, Some(cursor)) => Ok(Some(cursor)),
        (Some(true), None) => Err("the service says that there is more, and not where"),
    }
}

/// Of a page with so many items that comes after `offset` others.
pub(super) fn next_offset(offset: Option<u64>, items: usize, has_more: bool) -> Next {
    let next = offset.unwrap_or_default().saturating_add(u64::try_from(items).unwrap_or(u64::MAX));
    match (has_more, items) {
        (false, _) => Ok(None),
        (true, 0) => Err("the service says that there is more, and gives nothing"),
        (true, _) => Ok(Some(next.to_string())),
    }
}

/// What the service puts on a page whose length is not told, unless it is asked otherwise (`list_jobs`).
const UNTOLD_PAGE: u64 = 50;

/// Of a page that does not say whether there are more: one that is not full is the last. How many the service allows on a
/// page is not known, so that one of 50 or more is not taken for the last.
pub(super) fn next_untold(offset: Option<u64>, limit: Option<u64>, items: usize) -> Next {
    let full = limit.unwrap_or(UNTOLD_PAGE).min(UNTOLD_PAGE);
    let has_more = items > 0 && u64::try_from(items).unwrap_or(u64::MAX) >= full;
    next_offset(offset, items, has_more)
}

/// Everything that a list has: see [`Call::iter`].
pub type Items<C> = crate::client::Items<Hotdata, C>;

/// Everything that a list has, for programs with futures: see [`Call::stream`].
#[cfg(feature = "async")]
pub type ItemStream<C> = crate::client::ItemStream<Hotdata, C>;

impl<C: List> Call<Blocking, C> {
    /// Everything on this page and on all pages after it. A page is asked for when it is needed, with as much on it as the
    /// call's `limit` says, or the service; the limits of the call are those of each page. An error is the last item.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// for table in client.information_schema().list().include_columns(true).iter() {
    ///     let table = table?;
    ///     println!("{}.{}", table.schema, table.table);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn iter(self) -> Items<C> {
        Items::new(self)
    }
}

#[cfg(feature = "async")]
impl<C: List + Sync> Call<Async, C> {
    /// Everything on this page and on all pages after it: a stream, with a `next` of its own for programs that have no crate
    /// for streams. A page is asked for when it is needed, with as much on it as the call's `limit` says, or the service; the
    /// limits of the call are those of each page. An error is the last item.
    pub fn stream(self) -> ItemStream<C> {
        ItemStream::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_page_is_next() {
        let cursor = |text: &str| Some(text.to_owned());
        assert_eq!(next_cursor(Some(true), cursor("c")), Ok(cursor("c")));
        assert_eq!(next_cursor(Some(false), cursor("c")), Ok(None));
        assert_eq!(next_cursor(None, cursor("c")), Ok(cursor("c")));
        assert_eq!(next_cursor(None, None), Ok(None));
        assert!(next_cursor(Some(true), None).is_err());
        assert!(next_cursor(Some(true), cursor("")).is_err());

        assert_eq!(next_offset(None, 3, true), Ok(cursor("3")));
        assert_eq!(next_offset(Some(u64::MAX), 3, true), Ok(cursor(&u64::MAX.to_string())));
        assert_eq!(next_offset(Some(7), 3, false), Ok(None));
        assert!(next_offset(Some(7), 0, true).is_err());

        for (limit, items, is_last) in [
            (None, 50, false),
            (None, 49, true),
            (Some(10), 10, false),
            (Some(10), 9, true),
            // The service may allow less than was asked for.
            (Some(1000), 100, false),
            (Some(1000), 49, true),
            (Some(0), 0, true),
        ] {
            assert_eq!(next_untold(None, limit, items).unwrap().is_none(), is_last, "{limit:?} {items}");
        }
    }
}
