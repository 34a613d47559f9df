//! Getting started with Hotdata.
//!
//! ```toml
//! [dependencies]
//! # A clone: no version is published yet. `arrow` is for results as record batches.
//! controlplane = { path = "../controlplane", default-features = false, features = ["hotdata", "arrow"] }
//! # The emulator, for the programs below; under [dev-dependencies] if only tests use it.
//! controlplane-emulator = { path = "../controlplane/crates/emulator", default-features = false, features = ["hotdata"] }
//! ```
//!
//! # Credentials
//!
//! ```sh
//! export HOTDATA_API_KEY=… HOTDATA_WORKSPACE=…
//! export HOTDATA_DATABASE=… # the database of calls that name none
//! ```
//!
//! The API key comes from the Hotdata console. `client.workspaces().list()` needs the key only and lists the
//! ids of workspaces.
//!
//! # Load and query
//!
//! ```
//! use controlplane::hotdata::{Client, CreateDatabaseRequest, Credentials, LoadMode};
//! use controlplane_emulator::hotdata::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // For the real service, replace the next two lines with `let client = Client::from_env()?;`.
//! let emulator = Emulator::start()?;
//! let client = Client::new(Credentials::builder().env(emulator.variables()).build()?)?;
//!
//! let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
//!
//! // A small table goes with the call; a larger one is uploaded first.
//! let load = client.databases().load(&database, "main", "orders", LoadMode::Replace);
//! load.data("id,amount\n1,2.5\n2,4.5\n").send()?;
//! let load = client.databases().load(&database, "main", "orders", LoadMode::Append);
//! client.uploads().upload_bytes("id,amount\n3,7.0\n").content_type("text/csv").and_load(load).send()?;
//!
//! let query = client.query("SELECT id, amount FROM orders ORDER BY id").database_id(&database);
//! for row in query.and_wait().send()?.named_rows() {
//!     println!("{:?} {:?}", row.get("id"), row.get("amount"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Without `.and_wait()`, the query runs within one request, and further pages of the result are fetched
//! afterwards. Use this form for queries that take a few seconds. With `.and_wait()`, the query runs in the
//! background and the call waits for it.
//!
//! `upload_path("orders.csv")` uploads a file in parts, within a memory budget and with retries.
#![cfg_attr(
    feature = "arrow",
    doc = "
# Results as Arrow

```
use controlplane::hotdata::{Client, Credentials};
use controlplane_emulator::hotdata::Emulator;
# use controlplane::hotdata::CreateDatabaseRequest;

# fn main() -> Result<(), Box<dyn std::error::Error>> {
let emulator = Emulator::start()?;
let client = Client::new(Credentials::builder().env(emulator.variables()).build()?)?;
# let database = client.databases().create(CreateDatabaseRequest::new().name(\"sales\")).send()?.id;
for batch in client.query(\"SELECT 1 AS one\").database_id(&database).arrow().send()? {
    println!(\"{} rows\", batch?.num_rows());
}
# Ok(())
# }
```

No more than one batch is in memory."
)]
//!
//! # The workspace and the database
//!
//! A call that needs a workspace or a database and has none fails before anything is sent: without a
//! workspace with the kind [`Credentials`](crate::ErrorKind::Credentials), without a database with
//! [`InvalidArgument`](crate::ErrorKind::InvalidArgument); [`missing_fields`](crate::Error::missing_fields)
//! names what is missing. Set both in the environment or on the [`Credentials`](crate::hotdata::Credentials);
//! the database also with `.database_id(…)` on the call.
//!
//! Next: [`hotdata`](crate::hotdata) has all resources, [moving](crate::docs::moving::hotdata) shows them
//! beside the vendor's Python client.
