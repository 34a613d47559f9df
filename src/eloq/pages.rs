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
use crate::error::Error;

use super::clusters::{ClusterList, ClusterListItem, Clusters, MAX_PER_PAGE};
use super::command::Call;

/// Which page is next, and what is left of the one that came last.
struct Pages<M> {
    call: Call<M, Clusters>,
    /// `None`: there is no further page.
    next: Option<u32>,
    items: VecDeque<ClusterListItem>,
}

impl<M> Pages<M> {
    fn new(mut call: Call<M, Clusters>) -> Self {
        let page = call.command.page.unwrap_or(1);
        call.command.per_page.get_or_insert(MAX_PER_PAGE);
        Self { call, next: Some(page), items: VecDeque::new() }
    }

    /// The call for the next page.
    fn call(&self) -> Option<Call<M, Clusters>> {
        Some(self.call.clone().page(self.next?))
    }

    /// A page has come, or not: then it is the last.
    fn came(&mut self, page: Result<ClusterList, Error>) -> Option<Error> {
        let current = self.next.take()?;
        match page {
            Ok(page) => {
                let per_page = self.call.command.per_page.unwrap_or(MAX_PER_PAGE);
                let seen = u64::from(current) * u64::from(per_page);
                // An empty page is an end, whatever the total says: clusters may go while we read.
                if !page.cluster_list.is_empty() && seen < page.total {
                    self.next = current.checked_add(1);
                }
                self.items = page.cluster_list.into();
                None
            }
            Err(error) => Some(error),
        }
    }
}

/// All clusters of a project: see [`Call::iter`].
#[must_use = "an iterator does nothing until it is asked"]
pub struct ClusterIter(Pages<Blocking>);

impl fmt::Debug for ClusterIter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterIter").field("next_page", &self.0.next).finish_non_exhaustive()
    }
}

impl Iterator for ClusterIter {
    type Item = Result<ClusterListItem, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.0.items.pop_front() {
                return Some(Ok(item));
            }
            let page = self.0.call()?.send();
            if let Some(error) = self.0.came(page) {
                return Some(Err(error));
            }
        }
    }
}

impl Call<Blocking, Clusters> {
    /// All clusters of the project, page after page from this one on. A page is asked for when it is needed, 50 clusters at a
    /// time unless [`per_page`](Call::per_page) says otherwise; the limits of the call are those of each page. An error is
    /// the last item.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane::emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// for cluster in client.clusters().iter() {
    ///     let cluster = cluster?;
    ///     println!("{} is {}", cluster.cluster_name, cluster.status);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn iter(self) -> ClusterIter {
        ClusterIter(Pages::new(self))
    }
}

#[cfg(feature = "async")]
type PageFuture = Pin<Box<dyn Future<Output = Result<ClusterList, Error>> + Send>>;

/// All clusters of a project, for programs with futures: see [`Call::stream`].
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is asked"]
pub struct ClusterStream {
    pages: Pages<Async>,
    page: Option<PageFuture>,
}

#[cfg(feature = "async")]
impl fmt::Debug for ClusterStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterStream").field("next_page", &self.pages.next).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl ClusterStream {
    /// The next cluster, or `None` after the last: for programs that have no crate for streams.
    pub async fn next(&mut self) -> Option<Result<ClusterListItem, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ClusterListItem, Error>>> {
        loop {
            if let Some(item) = self.pages.items.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            let page = match &mut self.page {
                Some(page) => page,
                None => match self.pages.call() {
                    Some(call) => self.page.insert(Box::pin(call.send())),
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
impl futures_core::Stream for ClusterStream {
    type Item = Result<ClusterListItem, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

#[cfg(feature = "async")]
impl Call<Async, Clusters> {
    /// All clusters of the project, page after page from this one on: a stream, with a `next` of its own for programs
    /// that have no crate for streams. A page is asked for when it is needed, 50 clusters at a time unless
    /// [`per_page`](Call::per_page) says otherwise; the limits of the call are those of each page. An error is the last
    /// item.
    ///
    /// ```
    /// # use controlplane::eloq::AsyncClient;
    /// # let emulator = controlplane::emulator::eloq::Emulator::start()?;
    /// # let client = AsyncClient::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    /// # runtime.block_on(async {
    /// let mut clusters = client.clusters().stream();
    /// while let Some(cluster) = clusters.next().await {
    ///     let cluster = cluster?;
    ///     println!("{} is {}", cluster.cluster_name, cluster.status);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// # })?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn stream(self) -> ClusterStream {
        ClusterStream { pages: Pages::new(self), page: None }
    }
}
