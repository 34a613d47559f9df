//! Batches and plans: many calls at once, and commands as data.
//!
//! # A batch
//!
//! A batch sends many calls, each after those it depends on, under the client's rate limit if it has one
//! (Onehouse: 10 requests a second). It polls a Onehouse operation when that operation has probably ended, so
//! polls take few of the requests that the limit allows. Each call has a key, and may come after other calls:
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType, LakeType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! let mut batch = client.batch();
//! batch.add("cluster", client.create_cluster("prod", ClusterType::Managed));
//! batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "prod")).after("cluster");
//! for name in ["events", "clicks"] {
//!     batch.add(name, client.create_database(name, "raw")).after("lake");
//! }
//! for finished in batch.run()? {
//!     match finished.result {
//!         Ok(done) => println!("{}: {}", finished.key, done.api_status),
//!         Err(error) => eprintln!("{}: {error}", finished.key),
//!     }
//! }
//! assert_eq!(emulator.ledger().len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Results arrive as calls finish. A call that fails does not stop the others, except the calls that were
//! added with `.after(…)` of its key: they end as [`Skipped`](crate::ErrorKind::Skipped).
//! `stop_on_failure(true)` submits nothing new after a failure. An async client runs the same batch as a
//! stream of results.
//!
//! The clients of the other services have batches too. A call of such a batch is a command, a command with
//! `and_wait`, or a wait; with Hotdata also a query, a load, or an upload with its load. The output of the
//! call is a variant of the service's `AnyOutput`:
//!
//! ```
//! # use std::time::Duration;
//! # use controlplane::eloq::{Client, Credentials};
//! # let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
//! # let credentials = Credentials::builder().api_key(emulator.api_key()).base_url(emulator.url()).build()?;
//! # let client =
//! #     Client::builder().credentials(credentials).poll_interval(Duration::from_millis(10)).build()?;
//! let mut batch = client.batch();
//! for name in ["c1", "c2"] {
//!     batch.add(name, client.cluster_create(name, "us-west-1", 3).and_wait());
//! }
//! batch.add("list", client.clusters()).after("c1").after("c2");
//! for finished in batch.run()? {
//!     println!("{}: {}", finished.key, serde_json::to_string(&finished.result?)?);
//! }
//! # assert_eq!(emulator.ledger().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With Hotdata, a file can be uploaded and loaded by one call. The upload runs beside the other calls. The
//! journal (see below) records the load as submitted, but not the upload: an upload that was interrupted
//! begins again when the batch is continued.
//!
//! ```
//! # use controlplane::hotdata::{Client, CreateDatabaseRequest, Credentials, LoadMode};
//! # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
//! # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
//! # let credentials = Credentials::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
//! # let client = Client::new(credentials)?;
//! # let folder = std::env::temp_dir().join(format!("guide-uploads-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # for table in ["orders", "returns"] {
//! #     std::fs::write(folder.join(table).with_extension("csv"), "id,amount\n1,2.5\n")?;
//! # }
//! # let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
//! let mut batch = client.batch();
//! for table in ["orders", "returns"] {
//!     let load = client.databases().load(&database, "main", table, LoadMode::Append);
//!     let upload = client.uploads().upload_path(folder.join(table).with_extension("csv"));
//!     batch.add(table, upload.content_type("text/csv").and_load(load.and_wait()));
//! }
//! for finished in batch.run()? {
//!     println!("{}: {}", finished.key, serde_json::to_string(&finished.result?)?);
//! }
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Several services
//!
//! [`controlplane::Batch`](crate::Batch) can contain calls of several clients. The rate limit of each client
//! applies to its own calls, so a busy service does not delay the others; the order, the deadline and the
//! journal are those of the whole batch. The output of a call is a variant of
//! [`AnyOutput`](crate::AnyOutput).
//!
//! ```
//! use controlplane::{AnyOutput, Batch, eloq, onehouse};
//!
//! # let lakes = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let clusters = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start()?;
//! # let (key, url) = (clusters.api_key(), clusters.url());
//! let onehouse = onehouse::Client::new(lakes.credentials())?;
//! let eloq = eloq::Client::from_key_and_url(key, url)?;
//! # let path = std::env::temp_dir().join(format!("services-{}.journal", std::process::id()));
//! let mut batch = Batch::new();
//! batch.add("cache", eloq.cluster_create("cache", "us-west-1", 3).and_wait());
//! batch.add("ci", onehouse.create_service_principal("ci")).after("cache");
//! batch.journal(&path);
//! for finished in batch.run()?.take(1) {
//!     assert!(matches!(finished.result?, AnyOutput::Eloq(_)));
//! }
//!
//! // The next run, with a client for each account.
//! for finished in Batch::from_journal(&path, [(&onehouse).into(), (&eloq).into()])?.run()? {
//!     println!("{} is done: {}", finished.key, finished.result.is_ok());
//! }
//! assert_eq!((lakes.ledger().len(), clusters.ledger().len()), (1, 1));
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A journal
//!
//! With a journal, an interrupted batch continues without submitting an accepted change twice:
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let path = std::env::temp_dir().join(format!("provision-{}.journal", std::process::id()));
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! let mut batch = client.batch();
//! batch.add("ingest", client.create_cluster("ingest", ClusterType::Managed));
//! batch.add("spark", client.create_cluster("spark", ClusterType::Spark));
//! batch.journal(&path);
//! let first = batch.run()?.next(); // one result, then the program ends
//! # assert!(first.is_some());
//!
//! // The next run.
//! for finished in client.batch_from(&path)?.run()? {
//!     println!("{}: {:?}", finished.key, finished.result.map(|done| done.api_status));
//! }
//! assert_eq!(emulator.ledger().len(), 2); // each cluster was created once
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Calls that succeeded, or failed after they were accepted, are not sent again. Calls that the service
//! rejected are sent again. A call that was submitted and has not ended is not sent again either: the batch
//! waits for it by the id of its operation, job or query, or by the name of its cluster or run. A call that
//! was being submitted when the program ended may have been accepted: it ends as
//! [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) and is not sent. Check whether it took effect, then
//! continue once more, with `again(key)` to submit it or `settled(key)` to count it as done. `again(key)`
//! also submits a call again that failed after it was accepted.
//!
//! The journal holds the calls with their values, so on Unix it is created as a file that only its owner can
//! read. Keep it on a local disk: appends have to be atomic, which NFS does not guarantee.
//!
//! # Commands as data
//!
//! A method of a client such as `create_cluster` makes a command: a struct with public fields that have the
//! vendor's parameter names. The enum `AnyCommand` of a service has a variant for each command. It is read
//! from JSON and written as JSON, so a list of commands (a plan) can be a file:
//!
//! ```
//! use controlplane::onehouse::{AnyCommand, Client, Command};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let plan: Vec<AnyCommand> = serde_json::from_str(
//!     r#"[
//!         {"create_cluster": {"name": "ingest", "type": "Managed", "max_ocu": 8}},
//!         {"create_service_principal": {"name": "ci"}}
//!     ]"#,
//! )?;
//! assert_eq!(plan[1].to_sql()?, "CREATE SERVICE_PRINCIPAL `ci`"); // nothing was sent
//!
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! for command in plan {
//!     client.call(command).send()?;
//! }
//! assert_eq!(emulator.ledger().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`plan::read`](crate::plan::read) reads a plan whose steps also have keys and `after`, and reports every
//! fault with its line and column before anything is sent. The folder `schemas/` of the repository has JSON
//! Schemas, with which an editor completes commands and marks faults: see [`plan`](crate::plan).
//!
//! The commands of a plan for several services name their service, `{"eloq": {"cluster_create": {…}}}`, and are
//! read as [`controlplane::PlanCommand`](crate::PlanCommand).
//!
//! With Hotdata, a step of a plan may upload a file and load it: `upload_and_load`. A plan with such steps is read as
//! `hotdata::PlanCommand`. A relative path is relative to the working directory, as in a journal.
//!
//! ```
//! use controlplane::hotdata::{Client, PlanCommand};
//! use controlplane::plan;
//!
//! # use controlplane::hotdata::{CreateDatabaseRequest, Credentials};
//! # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
//! # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
//! # let credentials = Credentials::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
//! # let client = Client::new(credentials)?;
//! # let path = std::env::temp_dir().join(format!("guide-plan-{}.csv", std::process::id()));
//! # std::fs::write(&path, "id,amount\n1,2.5\n")?;
//! # let id = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?;
//! # };
//! let text = r#"[
//!     {"key": "orders", "command": {"upload_and_load": {
//!         "path": "orders.csv",
//!         "content_type": "text/csv",
//!         "load": {"load_database_table": {
//!             "database_id": "dbid7h2k9q4m1x8c", "schema": "main", "table": "orders",
//!             "load_managed_table_request": {"mode": "append"}
//!         }}
//!     }}}
//! ]"#;
//! # let text = &text.replace("\"orders.csv\"", &format!("{path:?}")).replace("dbid7h2k9q4m1x8c", &id);
//! let mut batch = client.batch();
//! for step in plan::read::<PlanCommand>(text)? {
//!     let mut added = match step.command {
//!         PlanCommand::UploadAndLoad(file) => batch.add(step.key, client.upload_and_load(file).and_wait()),
//!         PlanCommand::Command(command) => batch.add(step.key, client.call(command)),
//!         _ => return Err("this program does not know the command".into()),
//!     };
//!     for key in step.after {
//!         added = added.after(key);
//!     }
//! }
//! for finished in batch.run()? {
//!     println!("{}: {}", finished.key, serde_json::to_string(&finished.result?)?);
//! }
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The example `provision` is a program that uses plans and batches: it reads a plan of two services, shows
//! what it would send with `--dry-run`, runs it as a batch with progress bars, and continues from its journal
//! with `--resume`. The command line (`crates/cli`) does the same without a program:
//! `controlplane apply plan.json --journal FILE`.
//!
//! # Dry runs
//!
//! Every command shows what it would send, without credentials: `.to_sql()` with Onehouse, `.to_request()` with
//! the others. `resume`, `get_status`, uploads and most waits cannot be shown; a batch shows the first request of
//! each of its calls.
//! [`Batch::order`](crate::client::Batch::order) returns the calls of a batch in the order of their
//! dependencies, each with its key and what it would send.
//!
//! ```
//! use controlplane::onehouse::Client;
//!
//! let client = Client::offline();
//! assert_eq!(client.delete_lake("raw").cascade().to_sql()?, "DELETE LAKE `raw` CASCADE");
//! # Ok::<(), controlplane::Error>(())
//! ```
