//! Hotdata: loads, an index and databases that are waited for as jobs, queries, and a list.

use std::path::Path;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::hotdata::{
    Batch, Blocking, BulkCreateDatabasesRequest, Client, CreateDatabaseRequest, Credentials, LoadMode,
};
use controlplane::{Clock, Error};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::hotdata::{Emulator, Pending};

use super::{Mortal, World, histories};

struct Hotdata {
    emulator: Emulator,
    database: String,
}

fn client(emulator: &Emulator, transport: Mortal) -> Client {
    let credentials = Credentials::builder()
        .api_key(emulator.api_key())
        .workspace_id(emulator.workspace_id())
        .base_url(emulator.url());
    Client::builder()
        .credentials(credentials.build().unwrap())
        .clock(transport.clock.clone())
        .transport(transport)
        .build()
        .unwrap()
}

impl Hotdata {
    fn batch(&self, client: &Client, journal: &Path) -> Batch<Blocking> {
        if journal.exists() {
            return client.batch_from(journal).unwrap();
        }
        let mut batch = client.batch();
        batch.journal(journal);
        for i in 0..3 {
            let load = client.databases().load(&self.database, "main", format!("t{i}"), LoadMode::Append);
            let load = load.data("id,amount\n1,2.5\n2,3.5\n");
            let key = format!("load {i}");
            if i == 0 {
                batch.add(key, load)
            } else {
                batch.add(key, load.and_wait())
            };
        }
        let query = client.query("SELECT id FROM t1 ORDER BY id").database_id(&self.database);
        batch.add("query 1", query.and_wait()).after("load 1");
        batch.add("save", client.saved_queries().create("s", "SELECT 1"));
        let bulk = BulkCreateDatabasesRequest::new(3);
        batch.add("bulk", client.databases().bulk_create(bulk).and_wait());
        batch.add("list", client.databases().list()).after("bulk");
        batch
    }
}

impl World for Hotdata {
    const NAME: &'static str = "hotdata";
    const RUNS: u32 = 720;

    fn start(seed: u32, transport: Mortal, faults: Vec<Fault>) -> Self {
        let emulators = transport.clock.clone();
        let emulator = Emulator::builder()
            .pending(Pending::between(Duration::ZERO..=Duration::from_secs(20)))
            .clock(move || emulators.now())
            .seed(u64::from(seed))
            .start()
            .unwrap();
        let client = client(&emulator, transport);
        let database = client.databases().create(CreateDatabaseRequest::new().name("d")).send().unwrap().id;
        faults.into_iter().for_each(|fault| emulator.add_fault(fault));
        Self { emulator, database }
    }

    fn states(&self, transport: Mortal, journal: &Path) -> Vec<(String, CallState)> {
        let batch = self.batch(&client(&self.emulator, transport), journal);
        batch.calls().map(|call| (call.key().to_owned(), call.state())).collect()
    }

    fn run(&self, transport: Mortal, journal: &Path, finished: &mut dyn FnMut(String, Option<Error>)) {
        for one in self.batch(&client(&self.emulator, transport), journal).run().unwrap() {
            finished(one.key, one.result.err());
        }
    }

    fn taken(&self, key: &str) -> Option<u32> {
        let (verb, number) = key.split_once(' ').unwrap_or((key, ""));
        let end = match verb {
            "load" => format!("/tables/t{number}/loads"),
            "query" => "/v1/query".to_owned(),
            "save" => "/v1/queries".to_owned(),
            "bulk" => "/v1/databases/bulk".to_owned(),
            _ => return None,
        };
        let requests = self.emulator.requests();
        let taken = requests.iter().filter(|request| request.taken && request.path.ends_with(&end));
        Some(taken.count() as u32)
    }

    fn all_taken(&self) -> u32 {
        let requests = self.emulator.requests();
        // All but the database that everything is in.
        requests.iter().filter(|request| request.taken).count() as u32 - 1
    }
}

#[test]
fn killed_at_every_point_no_load_is_made_twice_and_none_is_lost() {
    histories::<Hotdata>();
}
