//! Moving from hotdata 0.12.0.
//!
//! The variables `HOTDATA_API_KEY`, `HOTDATA_WORKSPACE` and `HOTDATA_API_URL` are the vendor's;
//! `HOTDATA_DATABASE`, which the vendor's command line reads, sets the database of calls that name
//! none.
//!
//! ```python
//! import os
//!
//! import hotdata
//!
//! configuration = hotdata.Configuration(
//!     host=os.environ["HOTDATA_API_URL"],
//!     api_key=os.environ["HOTDATA_API_KEY"],
//!     workspace_id=os.environ["HOTDATA_WORKSPACE"],
//! )
//! api = hotdata.ApiClient(configuration)
//! databases = hotdata.DatabasesApi(api)
//! database = databases.create_database(hotdata.CreateDatabaseRequest(name="sales")).id
//!
//! upload = hotdata.UploadsApi(api).upload_file(b"id,amount\n1,2.5\n2,4.5\n", content_type="text/csv")
//! load = hotdata.LoadManagedTableRequest(mode="replace", upload_id=upload.upload_id)
//! print(databases.load_database_table(database, "main", "orders", load).row_count)
//!
//! query = hotdata.QueryRequest(sql="SELECT id, amount FROM orders ORDER BY id")
//! result = hotdata.QueryApi(api).query(query, x_database_id=database)
//! print(result.columns, result.rows)
//!
//! table = hotdata.ResultsApi(api).get_result_arrow(result.result_id, database)
//! print(table.num_rows)
//! ```
//!
#![cfg_attr(feature = "arrow", doc = "```")]
#![cfg_attr(not(feature = "arrow"), doc = "```ignore")]
//! use controlplane::hotdata::{Client, CreateDatabaseRequest, LoadMode};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
//! # let credentials = controlplane::hotdata::Credentials::builder().env(emulator.variables()).build()?;
//! # let client = Client::new(credentials)?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?;
//! # };
//! let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
//!
//! let load = client.databases().load(&database, "main", "orders", LoadMode::Replace);
//! let upload = client.uploads().upload_bytes("id,amount\n1,2.5\n2,4.5\n").content_type("text/csv");
//! println!("{:?}", upload.and_load(load).send()?);
//!
//! let query = client.query("SELECT id, amount FROM orders ORDER BY id").database_id(&database);
//! let result = query.and_wait().send()?;
//! println!("{:?} {:?}", result.columns, result.rows);
//!
//! let id = result.result_id.ok_or("the result was not saved")?;
//! let table = client.results().arrow(id).database_id(&database).send()?;
//! println!("{}", table.num_rows());
//! # Ok(())
//! # }
//! ```
//!
//! | Python | Here |
//! |---|---|
//! | `Configuration(api_key=…, workspace_id=…, host=…)`, `ApiClient(…)` | [`Credentials`](crate::hotdata::Credentials), [`Client`](crate::hotdata::Client) |
//! | `DatabasesApi(api).create_database(…)` | `client.databases().create(…)`; likewise for all classes: the resource is a method, and its name is left out of the operation's |
//! | `QueryApi(api).query(…)` | `client.query(sql)`: followed to the end of its result, as by the vendor's client |
//! | `async`, polling `get_query_run` by hand | `client.query(sql).and_wait()`, or `submit_query` and `wait_for_query_run` |
//! | `wait_for_result`, `fetch_ready_result` | `client.results().wait_for_result(id)`, `fetch_ready(id)` |
//! | polling `get_job` by hand | `.and_wait()` on the call that starts the job, or `client.jobs().wait_for_job(id)` |
//! | `UploadsApi(api).upload_file(path)` | `client.uploads().upload_path(path)`, `upload_bytes`, readers and pipes; `.and_load(load)` |
//! | `get_result_arrow`, `stream_result_arrow` | `client.results().arrow(id)`, `stream_arrow(id)` (feature `arrow`) |
//! | `RetryPolicy`, `LoadRetryPolicy` of an API class | `.when_busy(…)` of a query, `.when_locked(…)` of a load |
//! | a cursor or an offset, and a loop | `.iter()` |
//!
//! Differences that a program may notice:
//!
//! | hotdata | This crate |
//! |---|---|
//! | Requests have no timeouts | requests have timeouts (300 s for a call) |
//! | A request that changes something is sent again if its connection was closed without a response | is not sent again, unless it has an idempotency key |
//! | The program polls for a query in the background or a job | `.and_wait()` and `wait_for_query_run` wait for a query, `wait_for_job` for a job |
//! | Unknown values of enums and missing fields break the whole response | are tolerated, except ids and names of resources: without one, the whole response fails |
//! | A cancelled upload ends before the next part | cancelling also ends requests in flight |
//! | A path parameter that is empty, `.` or `..` is sent | is an error before anything is sent |
//! | 0.12.0 no longer has some earlier operations | they are in [`hotdata::older`](crate::hotdata::older) |
