//! H2O Workflows: workflows that are created, activated and run, with a login that renews its tokens.

use std::path::Path;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::h2o_workflows::{Batch, Blocking, Client, Credentials, Workflow};
use controlplane::{Clock, Error};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::h2o_workflows::{Emulator, Pending};

use super::{Mortal, World, histories};

const PARENT: &str = "workspaces/w";

struct H2oWorkflows(Emulator);

impl H2oWorkflows {
    fn client(&self, transport: Mortal) -> Client {
        let credentials = Credentials::builder()
            .env([("HOME", "/nonexistent")])
            .environment(self.0.url())
            .platform_token(self.0.refresh_token());
        Client::builder()
            .credentials(credentials.build().unwrap())
            .clock(transport.clock.clone())
            .transport(transport)
            .build()
            .unwrap()
    }

    fn batch(client: &Client, journal: &Path) -> Batch<Blocking> {
        if journal.exists() {
            return client.batch_from(journal).unwrap();
        }
        let mut batch = client.batch();
        batch.journal(journal);
        for i in 0..3 {
            let source =
                format!("id: f{i}\njobs:\n  j:\n    steps:\n      - name: s\n        run: echo hello\n");
            let name = format!("{PARENT}/workflows/f{i}");
            let workflows = client.workflow();
            batch.add(format!("create {i}"), workflows.create_workflow(PARENT, Workflow::new(source)));
            batch
                .add(format!("activate {i}"), workflows.activate_workflow(name.clone()))
                .after(format!("create {i}"));
            let run = client.workflow_revision().run_workflow_revision(format!("{name}/revisions/active"));
            batch.add(format!("run {i}"), run.and_wait()).after(format!("activate {i}"));
        }
        batch.add("list", client.workflow().list_workflows(PARENT)).after("create 0");
        batch
    }
}

impl World for H2oWorkflows {
    const NAME: &'static str = "h2o-workflows";
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
        let (verb, number) = key.split_once(' ')?;
        let operation = match verb {
            "run" => "run_workflow_revision".to_owned(),
            verb => format!("{verb}_workflow"),
        };
        let (name, below) =
            (format!("{PARENT}/workflows/f{number}"), format!("{PARENT}/workflows/f{number}/"));
        let ledger = self.0.ledger();
        let is_meant = |found: &str| found == name || found.starts_with(&below);
        let taken = ledger.iter().filter(|entry| entry.operation == operation && is_meant(&entry.name));
        Some(taken.count() as u32)
    }

    fn all_taken(&self) -> u32 {
        self.0.ledger().len() as u32
    }
}

#[test]
fn killed_at_every_point_no_run_is_started_twice_and_none_is_lost() {
    histories::<H2oWorkflows>();
}
