//! EloqCloud: clusters that are created and waited for, deleted and waited for, and lists.

use std::path::Path;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::eloq::{Batch, Blocking, Client, Credentials};
use controlplane::{Clock, Error};
use controlplane_emulator::eloq::{Change, Emulator, Pending};
use controlplane_emulator::faults::Fault;

use super::{Mortal, World, histories};

struct Eloq(Emulator);

impl Eloq {
    fn client(&self, transport: Mortal) -> Client {
        let (key, url) = (self.0.api_key(), self.0.url());
        Client::builder()
            .credentials(Credentials::builder().api_key(key).base_url(url).build().unwrap())
            .clock(transport.clock.clone())
            .transport(transport)
            .rate_limit(10)
            .build()
            .unwrap()
    }

    fn batch(client: &Client, journal: &Path) -> Batch<Blocking> {
        if journal.exists() {
            return client.batch_from(journal).unwrap();
        }
        let mut batch = client.batch();
        batch.journal(journal);
        let create = |name: &str| client.cluster_create(name, "us-west-1", 3).project((1, 147));
        batch.add("create a", create("a").and_wait());
        batch.add("delete a", client.cluster_delete("a").and_wait()).after("create a");
        batch.add("create b", create("b").and_wait());
        batch.add("clusters", client.clusters()).after("create b");
        batch.add("credentials", client.cluster_credentials("b")).after("create b");
        // Its project is read from org-info first.
        batch.add("create c", client.cluster_create("c", "us-west-1", 3));
        batch.add("wait", client.wait_for_cluster("c")).after("create c");
        batch.add("delete c", client.cluster_delete("c")).after("wait");
        batch
    }
}

impl World for Eloq {
    const NAME: &'static str = "eloq";
    const RUNS: u32 = 720;

    fn start(seed: u32, transport: Mortal, faults: Vec<Fault>) -> Self {
        let clock = transport.clock;
        let emulator = Emulator::builder()
            .pending(Pending::between(Duration::ZERO..=Duration::from_secs(20)))
            .cluster_limit(None)
            .clock(move || clock.now())
            .seed(u64::from(seed))
            .faults(faults);
        Self(emulator.start().unwrap())
    }

    fn states(&self, transport: Mortal, journal: &Path) -> Vec<(String, CallState)> {
        let batch = Self::batch(&self.client(transport), journal);
        batch.calls().map(|call| (call.key().to_owned(), call.state())).collect()
    }

    fn run(&self, transport: Mortal, journal: &Path, finished: &mut dyn FnMut(String, Option<Error>)) {
        for one in Self::batch(&self.client(transport), journal).run().unwrap() {
            finished(one.key, one.result.err());
        }
    }

    fn taken(&self, key: &str) -> Option<u32> {
        let (verb, name) = key.split_once(' ')?;
        let is_meant = |change: &Change| matches!(change, Change::Delete) == (verb == "delete");
        let ledger = self.0.ledger();
        let taken = ledger.iter().filter(|entry| entry.cluster_name == name && is_meant(&entry.change));
        Some(taken.count() as u32)
    }

    fn all_taken(&self) -> u32 {
        self.0.ledger().len() as u32
    }
}

#[test]
fn killed_at_every_point_no_cluster_is_made_twice_and_none_is_lost() {
    histories::<Eloq>();
}
