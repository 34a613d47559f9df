//! All pages of a list, one after the other.

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, NextPage, Paged};
use crate::eloq::call::Call;
use crate::eloq::client::Eloq;
use crate::eloq::command::Command;

use super::commands::{ListClusters, MAX_PER_PAGE};
use super::model::{ClusterList, ClusterListItem};

impl Paged<Eloq> for ListClusters {
    type Item = ClusterListItem;

    fn what(&self) -> String {
        self.label()
    }

    fn split(&self, page: ClusterList) -> (Vec<ClusterListItem>, NextPage) {
        let current = self.page.unwrap_or(1);
        let seen = u64::from(current) * u64::from(self.per_page.unwrap_or(MAX_PER_PAGE));
        // An empty page is the end, whatever the total is: clusters may be deleted between two pages.
        let is_last = page.cluster_list.is_empty() || seen >= page.total;
        let next = current.checked_add(1).filter(|_| !is_last);
        (page.cluster_list, Ok(next.map(|page| page.to_string())))
    }

    fn turn_to(&mut self, next: String) {
        self.page = next.parse().ok();
    }
}

/// Sets the largest page size, unless the call has one.
fn large<M>(mut call: Call<M, ListClusters>) -> Call<M, ListClusters> {
    call.command.per_page.get_or_insert(MAX_PER_PAGE);
    call
}

/// An iterator over all clusters of a project: see [`Call::iter`].
pub type ClusterIter = crate::client::Items<Eloq, ListClusters>;

impl Call<Blocking, ListClusters> {
    /// Returns an iterator over all clusters of the project, from the page of [`page`](Call::page) on. A page
    /// is requested when it is needed, with 50 clusters unless [`page_size`](Call::page_size) is set; the
    /// timeout and the retries of the call apply to each page. After an error, the iterator ends.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// for cluster in client.clusters().iter() {
    ///     let cluster = cluster?;
    ///     println!("{} is {}", cluster.cluster_name, cluster.status);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(self) -> ClusterIter {
        ClusterIter::new(large(self))
    }
}

/// A stream of all clusters of a project: see [`Call::stream`].
#[cfg(feature = "async")]
pub type ClusterStream = crate::client::ItemStream<Eloq, ListClusters>;

#[cfg(feature = "async")]
impl Call<Async, ListClusters> {
    /// Returns a stream of all clusters of the project, from the page of [`page`](Call::page) on. Its `next`
    /// method is for programs without a crate for streams. A page is requested when it is needed, with 50
    /// clusters unless [`page_size`](Call::page_size) is set; the timeout and the retries of the call apply
    /// to each page. After an error, the stream ends.
    ///
    /// ```
    /// # use controlplane::eloq::AsyncClient;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = AsyncClient::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    /// # runtime.block_on(async {
    /// let mut clusters = client.clusters().stream();
    /// while let Some(cluster) = clusters.next().await {
    ///     let cluster = cluster?;
    ///     println!("{} is {}", cluster.cluster_name, cluster.status);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(self) -> ClusterStream {
        ClusterStream::new(large(self))
    }
}
