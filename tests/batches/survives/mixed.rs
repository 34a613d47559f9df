//! One batch with the calls of all services, and of two accounts of EloqCloud.

use std::path::Path;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::h2o_workflows::Workflow;
use controlplane::{Batch, Clock, Error, eloq, h2o_workflows, onehouse};
use controlplane_emulator as emulators;
use controlplane_emulator::faults::Fault;

#[cfg(feature = "hotdata")]
use super::hotdata;
use super::{Mortal, World, histories};

const PARENT: &str = "workspaces/w";

struct Mixed {
    onehouse: emulators::onehouse::Emulator,
    eloq: [emulators::eloq::Emulator; 2],
    h2o: emulators::h2o_workflows::Emulator,
    #[cfg(feature = "hotdata")]
    hotdata: Hotdata,
}

/// Hotdata, with a database, and a file to upload.
#[cfg(feature = "hotdata")]
struct Hotdata {
    emulator: emulators::hotdata::Emulator,
    database: String,
    file: std::path::PathBuf,
}

#[cfg(feature = "hotdata")]
impl Drop for Hotdata {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

#[cfg(feature = "hotdata")]
impl Hotdata {
    fn start(seed: u32, transport: Mortal, faults: &[Fault]) -> Self {
        let emulator = hotdata::emulator(seed, &transport.clock);
        let database = hotdata::database(&emulator, transport);
        faults.iter().for_each(|fault| emulator.add_fault(fault.clone()));
        Self { emulator, database, file: hotdata::file(Mixed::NAME, seed) }
    }

    /// A load of an upload between the calls of other services, and a load of what the request has.
    fn add(&self, client: &controlplane::hotdata::Client, batch: &mut Batch) {
        let load = |table| {
            client.databases().load(&self.database, "main", table, controlplane::hotdata::LoadMode::Append)
        };
        let upload = client.uploads().upload_path(&self.file).content_type("text/csv");
        batch.add("t0", upload.and_load(load("t0").and_wait())).after("second a");
        batch.add("t1", load("t1").data("id\n1\n")).after("t0").after("lake");
    }
}

struct Clients {
    onehouse: onehouse::Client,
    eloq: [eloq::Client; 2],
    h2o: h2o_workflows::Client,
    #[cfg(feature = "hotdata")]
    hotdata: controlplane::hotdata::Client,
}

fn eloq_client(emulator: &emulators::eloq::Emulator, transport: &Mortal) -> eloq::Client {
    eloq::Client::builder()
        .credentials(
            eloq::Credentials::builder()
                .api_key(emulator.api_key())
                .base_url(emulator.url())
                .build()
                .unwrap(),
        )
        .clock(transport.clock.clone())
        .transport(transport.clone())
        .rate_limit(5)
        .build()
        .unwrap()
}

impl Mixed {
    fn clients(&self, transport: &Mortal) -> Clients {
        let onehouse = onehouse::Client::builder()
            .credentials(self.onehouse.credentials())
            .clock(transport.clock.clone())
            .transport(transport.clone())
            .timeout(Duration::from_secs(120))
            .build();
        let credentials = h2o_workflows::Credentials::builder()
            .env([("HOME", "/nonexistent")])
            .environment(self.h2o.url())
            .platform_token(self.h2o.refresh_token());
        let h2o = h2o_workflows::Client::builder()
            .credentials(credentials.build().unwrap())
            .clock(transport.clock.clone())
            .transport(transport.clone())
            .build();
        Clients {
            onehouse: onehouse.unwrap(),
            eloq: self.eloq.each_ref().map(|emulator| eloq_client(emulator, transport)),
            h2o: h2o.unwrap(),
            #[cfg(feature = "hotdata")]
            hotdata: hotdata::client(&self.hotdata.emulator, transport.clone()),
        }
    }

    /// Chains that go from one service to the next.
    fn batch(&self, clients: &Clients, journal: &Path) -> Batch {
        let Clients { onehouse, eloq: [first, second], h2o, .. } = clients;
        if journal.exists() {
            let known = [h2o.into(), second.into(), onehouse.into(), first.into()].into_iter();
            #[cfg(feature = "hotdata")]
            let known = known.chain([(&clients.hotdata).into()]);
            return Batch::from_journal(journal, known).unwrap();
        }
        let mut batch = Batch::new();
        batch.journal(journal);
        let lake = onehouse.create_lake("raw", onehouse::LakeType::Managed, "s3://bucket/raw/", "System");
        batch.add("lake", lake);
        batch.add("first a", first.cluster_create("a", "us-west-1", 3).and_wait()).after("lake");
        batch.add("second a", second.cluster_create("a", "us-west-1", 3));
        batch.add("wait", second.wait_for_cluster("a")).after("second a");
        let source = "id: f\njobs:\n  j:\n    steps:\n      - name: s\n        run: echo hello\n";
        let (workflows, name) = (h2o.workflow(), format!("{PARENT}/workflows/f"));
        batch.add("workflow", workflows.create_workflow(PARENT, Workflow::new(source))).after("second a");
        batch.add("activate", workflows.activate_workflow(name.clone())).after("workflow").after("first a");
        let run = h2o.workflow_revision().run_workflow_revision(format!("{name}/revisions/active"));
        batch.add("run", run.and_wait()).after("activate");
        batch.add("database 0", onehouse.create_database("d0", "raw")).after("run");
        batch.add("database 1", onehouse.create_database("d1", "raw")).after("lake").after("wait");
        #[cfg(feature = "hotdata")]
        {
            self.hotdata.add(&clients.hotdata, &mut batch);
            batch.add("database 2", onehouse.create_database("d2", "raw")).after("t0").after("lake");
        }
        batch
    }
}

impl World for Mixed {
    const NAME: &'static str = "mixed";
    const RUNS: u32 = 720;

    fn start(seed: u32, transport: Mortal, faults: Vec<Fault>) -> Self {
        let now = || {
            let clock = transport.clock.clone();
            move || clock.now()
        };
        let wait = Duration::ZERO..=Duration::from_secs(20);
        #[cfg(feature = "hotdata")]
        let hotdata = Hotdata::start(seed, transport.clone(), &faults);
        let seed = u64::from(seed);
        let onehouse = emulators::onehouse::Emulator::builder()
            .pending(emulators::onehouse::Pending::between(wait.clone()))
            .clock(now())
            .seed(seed)
            .faults(faults.clone());
        let eloq = [0, 1].map(|account| {
            let emulator = emulators::eloq::Emulator::builder()
                .pending(emulators::eloq::Pending::between(wait.clone()))
                .cluster_limit(None)
                .clock(now())
                .seed(seed + account)
                .faults(faults.clone());
            emulator.start().unwrap()
        });
        let h2o = emulators::h2o_workflows::Emulator::builder()
            .pending(emulators::h2o_workflows::Pending::between(wait))
            .clock(now())
            .seed(seed)
            .faults(faults);
        Self {
            onehouse: onehouse.start().unwrap(),
            eloq,
            h2o: h2o.start().unwrap(),
            #[cfg(feature = "hotdata")]
            hotdata,
        }
    }

    fn states(&self, transport: Mortal, journal: &Path) -> Vec<(String, CallState)> {
        let batch = self.batch(&self.clients(&transport), journal);
        batch.calls().map(|call| (call.key().to_owned(), call.state())).collect()
    }

    fn run(&self, transport: Mortal, journal: &Path, finished: &mut dyn FnMut(String, Option<Error>)) {
        for one in self.batch(&self.clients(&transport), journal).run().unwrap() {
            finished(one.key, one.result.err());
        }
    }

    fn taken(&self, key: &str) -> Option<u32> {
        let statements = |start: &str| {
            let ledger = self.onehouse.ledger();
            ledger.iter().filter(|entry| entry.statement.starts_with(start)).count()
        };
        let operations =
            |name: &str| self.h2o.ledger().iter().filter(|entry| entry.operation == name).count();
        let taken = match key {
            "lake" => statements("CREATE LAKE "),
            "database 0" => statements("CREATE DATABASE `d0`"),
            "database 1" => statements("CREATE DATABASE `d1`"),
            #[cfg(feature = "hotdata")]
            "database 2" => statements("CREATE DATABASE `d2`"),
            #[cfg(feature = "hotdata")]
            "t0" | "t1" => hotdata::loads(&self.hotdata.emulator, key),
            "first a" => self.eloq[0].ledger().len(),
            "second a" => self.eloq[1].ledger().len(),
            "workflow" => operations("create_workflow"),
            "activate" => operations("activate_workflow"),
            "run" => operations("run_workflow_revision"),
            _ => return None,
        };
        Some(taken as u32)
    }

    fn all_taken(&self) -> u32 {
        let eloq: usize = self.eloq.iter().map(|emulator| emulator.ledger().len()).sum();
        #[cfg(feature = "hotdata")]
        let eloq = eloq
            + ["t0", "t1"].map(|table| hotdata::loads(&self.hotdata.emulator, table)).iter().sum::<usize>();
        (self.onehouse.ledger().len() + eloq + self.h2o.ledger().len()) as u32
    }
}

#[test]
fn killed_at_every_point_no_call_of_any_service_is_made_twice_and_none_is_lost() {
    histories::<Mixed>();
}
