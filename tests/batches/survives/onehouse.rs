//! Onehouse: chains of statements, some by themselves, one that only reads, a wait for a state, and a run of a job that is
//! waited for.

use std::path::Path;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::onehouse::{Batch, Blocking, Client, ClusterStatus, ClusterType, JobType, LakeType};
use controlplane::{Clock, Error};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::onehouse::{Emulator, Pending};

use super::{Mortal, World, histories};

struct Onehouse(Emulator);

impl Onehouse {
    fn client(&self, transport: Mortal) -> Client {
        Client::builder()
            .credentials(self.0.credentials())
            .clock(transport.clock.clone())
            .transport(transport)
            .timeout(Duration::from_secs(120))
            .build()
            .unwrap()
    }

    fn batch(client: &Client, journal: &Path) -> Batch<Blocking> {
        if journal.exists() {
            return client.batch_from(journal).unwrap();
        }
        let mut batch = client.batch();
        batch.journal(journal);
        batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System"));
        for i in 0..3 {
            batch.add(format!("database {i}"), client.create_database(format!("d{i}"), "raw")).after("lake");
        }
        batch.add("lakes", client.show_lakes()).after("lake");
        for i in 0..2 {
            batch.add(format!("principal {i}"), client.create_service_principal(format!("p{i}")));
        }
        batch.add("cluster", client.create_cluster("spark", ClusterType::Spark));
        let running = client.wait_for_cluster("spark", ClusterStatus::Running);
        batch.add("running", running.timeout(Duration::from_secs(120))).after("cluster");
        let job = client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark");
        batch.add("job", job).after("running");
        batch.add("run", client.run_job("etl").and_wait()).after("job");
        batch
    }
}

impl World for Onehouse {
    const NAME: &'static str = "onehouse";
    const RUNS: u32 = 720;

    fn start(seed: u32, transport: Mortal, faults: Vec<Fault>) -> Self {
        let clock = transport.clock;
        let emulator = Emulator::builder()
            .pending(Pending::between(Duration::ZERO..=Duration::from_secs(20)))
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
        let (kind, number) = key.split_once(' ').unwrap_or((key, ""));
        let statement = match kind {
            "lake" => "CREATE LAKE ".to_owned(),
            "database" => format!("CREATE DATABASE `d{number}`"),
            "cluster" => "CREATE CLUSTER ".to_owned(),
            "job" => "CREATE JOB ".to_owned(),
            "run" => "RUN JOB ".to_owned(),
            "principal" => format!("CREATE SERVICE_PRINCIPAL `p{number}`"),
            _ => return None,
        };
        let ledger = self.0.ledger();
        Some(ledger.iter().filter(|entry| entry.statement.starts_with(&statement)).count() as u32)
    }

    fn all_taken(&self) -> u32 {
        let ledger = self.0.ledger();
        let reads = |text: &str| text.starts_with("SHOW") || text.starts_with("DESCRIBE");
        ledger.iter().filter(|entry| !reads(&entry.statement)).count() as u32
    }
}

#[test]
fn killed_at_every_point_no_statement_is_taken_twice_and_none_is_lost() {
    histories::<Onehouse>();
}
