//! All pages of a list, one after the other: by cursor, by offset, or all at once.

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, Paged};

use super::client::Hotdata;
use super::command::{Call, Command};

pub(super) use crate::client::NextPage;

/// A command that returns a list, or a page of one.
pub trait List: Command {
    /// An entry of the list.
    type Item;

    /// The entries of a page, and the next page, if there is one.
    #[doc(hidden)]
    fn split(&self, page: Self::Output) -> (Vec<Self::Item>, NextPage);

    /// Sets the page to request next.
    #[doc(hidden)]
    fn turn_to(&mut self, next: String) {
        let _ = next;
    }
}

impl<C: List> Paged<Hotdata> for C {
    type Item = C::Item;

    fn what(&self) -> String {
        self.endpoint().label()
    }

    fn split(&self, page: C::Output) -> (Vec<C::Item>, NextPage) {
        List::split(self, page)
    }

    fn turn_to(&mut self, next: String) {
        List::turn_to(self, next);
    }
}

/// The page after one with a cursor. An empty page may have one after it: what the service says counts. An
/// older service sends the cursor alone.
pub(super) fn next_cursor(has_more: Option<bool>, cursor: Option<String>) -> NextPage {
    match (has_more, cursor.filter(|cursor| !cursor.is_empty())) {
        (Some(false), _) | (None, None) => Ok(None),
        (_, Some(cursor)) => Ok(Some(cursor)),
        (Some(true), None) => {
            Err("the service says that there are more pages, but sends no cursor for the next one")
        }
    }
}

/// The default page size of `list_jobs` (hotdata 0.12.0).
const DEFAULT_PAGE: u64 = 50;

/// The page after one with so many entries that comes after `offset` others.
///
/// Where the service does not say whether there are more, a page that is not full is the last. The largest
/// page that the service sends is not documented, so a page of 50 or more is never the last.
pub(super) fn next_offset(
    offset: Option<u64>,
    limit: Option<u64>,
    entries: usize,
    has_more: Option<bool>,
) -> NextPage {
    let count = u64::try_from(entries).unwrap_or(u64::MAX);
    let full = limit.unwrap_or(DEFAULT_PAGE).min(DEFAULT_PAGE);
    match (has_more.unwrap_or(entries > 0 && count >= full), entries) {
        (false, _) => Ok(None),
        (true, 0) => Err("the service says that there are more pages, but sends a page without entries"),
        (true, _) => Ok(Some(offset.unwrap_or_default().saturating_add(count).to_string())),
    }
}

/// An iterator over all entries of a list, which requests the pages one after the other: returned by
/// [`Call::iter`].
pub type Items<C> = crate::client::Items<Hotdata, C>;

/// A stream of all entries of a list, which requests the pages one after the other: returned by
/// [`Call::stream`].
#[cfg(feature = "async")]
pub type ItemStream<C> = crate::client::ItemStream<Hotdata, C>;

impl<C: List> Call<Blocking, C> {
    /// Returns an iterator over all entries of this page and of all pages after it.
    ///
    /// Each page is requested when its first entry is needed. The page size is that of the call
    /// (`page_size`), else the service's own. The time limits of the call apply to each page separately. An
    /// error is the last item.
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
impl<C: List> Call<Async, C> {
    /// Returns a stream of all entries of this page and of all pages after it. The stream has its own `next`
    /// method, for programs without a crate for streams.
    ///
    /// Each page is requested when its first entry is needed. The page size is that of the call
    /// (`page_size`), else the service's own. The time limits of the call apply to each page separately. An
    /// error is the last item.
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

        assert_eq!(next_offset(None, None, 3, Some(true)), Ok(cursor("3")));
        assert_eq!(next_offset(Some(u64::MAX), None, 3, Some(true)), Ok(cursor(&u64::MAX.to_string())));
        assert_eq!(next_offset(Some(7), None, 3, Some(false)), Ok(None));
        assert!(next_offset(Some(7), None, 0, Some(true)).is_err());

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
            assert_eq!(
                next_offset(None, limit, items, None).unwrap().is_none(),
                is_last,
                "{limit:?} {items}"
            );
        }
    }
}
