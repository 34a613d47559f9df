//! Hotdata: loads and databases that are waited for as jobs, uploads in parts with their loads, queries, and a list.

use std::path::{Path, PathBuf};
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::hotdata::{
    Batch, Blocking, BulkCreateDatabasesRequest, Client, CreateDatabaseRequest, Credentials, LoadMode,
};
use controlplane::{Clock, Error};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::hotdata::{Emulator, Pending};

use crate::clock::Leaping;

use super::{Mortal, World, folder, histories};

struct Hotdata {
    emulator: Emulator,
    database: String,
    /// What is uploaded.
    file: PathBuf,
}

impl Drop for Hotdata {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// An emulator to which anything is uploaded in parts of nine bytes.
pub(super) fn emulator(seed: u32, clock: &Leaping) -> Emulator {
    let clock = clock.clone();
    let builder = Emulator::builder()
        .pending(Pending::between(Duration::ZERO..=Duration::from_secs(20)))
        .clock(move || clock.now())
        .seed(u64::from(seed));
    let settings = ["single-up-to=1", "min-part=1", "part-size=9"];
    settings.into_iter().fold(builder, |builder, text| builder.set(text).unwrap()).start().unwrap()
}

/// A file that is uploaded in three parts.
pub(super) fn file(world: &str, seed: u32) -> PathBuf {
    let path = folder().join(format!("controlplane-{world}-{}-{seed}.csv", std::process::id()));
    std::fs::write(&path, "id,amount\n1,2.5\n2,3.5\n").unwrap();
    path
}

/// Creates the database that everything is in.
pub(super) fn database(emulator: &Emulator, transport: Mortal) -> String {
    let client = client(emulator, transport);
    client.databases().create(CreateDatabaseRequest::new().name("d")).send().unwrap().id
}

/// How often the load of this table was taken.
pub(super) fn loads(emulator: &Emulator, table: &str) -> usize {
    let end = format!("/tables/{table}/loads");
    emulator.requests().iter().filter(|request| request.taken && request.path.ends_with(&end)).count()
}

pub(super) fn client(emulator: &Emulator, transport: Mortal) -> Client {
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
        for i in 3..5 {
            let load = client.databases().load(&self.database, "main", format!("t{i}"), LoadMode::Append);
            let upload = client.uploads().upload_path(&self.file).content_type("text/csv").max_concurrency(2);
            let key = format!("load {i}");
            if i == 3 {
                batch.add(key, upload.and_load(load.and_wait())).after("load 0")
            } else {
                batch.add(key, upload.and_load(load)).after("load 3")
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
        let emulator = emulator(seed, &transport.clock);
        let database = database(&emulator, transport);
        faults.into_iter().for_each(|fault| emulator.add_fault(fault));
        Self { emulator, database, file: file(Self::NAME, seed) }
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
            "load" => return Some(loads(&self.emulator, &format!("t{number}")) as u32),
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
        // All but the database that everything is in. An upload that is not loaded changes no table, and may be made again.
        let is_upload = |path: &str| path.starts_with("/v1/uploads") || path.starts_with("/storage/");
        requests.iter().filter(|request| request.taken && !is_upload(&request.path)).count() as u32 - 1
    }
}

#[test]
fn killed_at_every_point_no_load_is_made_twice_and_none_is_lost() {
    histories::<Hotdata>();
}
