//! Moving from onehouse-python-sdk 0.3.0.
//!
//! The same credentials work: the `ONEHOUSE_…` variables and the profiles of `~/.onehouse/credentials`.
//!
//! ```python
//! from onehouse_python_sdk.resources import OnehouseResources
//! from onehouse_python_sdk.resources.exceptions import OperationFailedError, OperationTimeoutError
//!
//! client = OnehouseResources()
//! try:
//!     done = client.create_cluster("prod", type="Managed", max_ocu=4, timeout=300)
//!     print(done.api_status, done.api_response)
//! except OperationTimeoutError as error:
//!     print("still running:", error.request_id)
//! except OperationFailedError as error:
//!     print("failed:", error.api_response)
//!
//! for cluster in client.show_clusters().api_response:
//!     print(cluster["name"], cluster["state"])
//!
//! submitted = client.submit("SHOW LAKES")
//! print(client.get_status(submitted.request_id).api_status)
//! ```
//!
//! ```
//! use std::time::Duration;
//! use controlplane::ErrorKind;
//! use controlplane::onehouse::{Client, ClusterType};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?;
//! # };
//! let call = client.create_cluster("prod", ClusterType::Managed).max_ocu(4);
//! match call.timeout(Duration::from_secs(300)).send() {
//!     Ok(done) => println!("{} {}", done.api_status, done.payload()),
//!     Err(error) => match error.kind() {
//!         ErrorKind::OperationTimeout => println!("still running: {:?}", error.request_id()),
//!         ErrorKind::OperationFailed => println!("failed: {:?}", error.api_message()),
//!         _ => return Err(error.into()),
//!     },
//! }
//!
//! for cluster in client.show_clusters().send()?.rows() {
//!     println!("{:?} {:?}", cluster.text("name"), cluster.text("state"));
//! }
//!
//! let submitted = client.submit("SHOW LAKES").send()?;
//! println!("{}", client.get_status(submitted.request_id).send()?.api_status);
//! # Ok(())
//! # }
//! ```
//!
//! | Python | Here |
//! |---|---|
//! | `OnehouseResources()` | [`Client::from_env`](crate::onehouse::client::Client::from_env) |
//! | `OnehouseResources(api_key=…, …)` | [`Credentials::builder`](crate::onehouse::Credentials::builder), then [`Client::new`](crate::onehouse::client::Client::new) |
//! | a helper, `create_cluster(…)` | the same name, then `.send()` |
//! | `timeout=`, `poll_interval=` of a helper | `.timeout(…)`, `.poll_interval(…)` |
//! | `execute(sql)` | [`execute(sql).send()`](crate::onehouse::client::Client::execute) |
//! | `submit(sql)` | [`submit(sql).send()`](crate::onehouse::client::Client::submit); for a helper, `.submit()` in place of `.send()` |
//! | `get_status(id)` | [`get_status(id).send()`](crate::onehouse::client::Client::get_status) |
//! | a loop around `get_status` | [`resume(id).send()`](crate::onehouse::client::Client::resume) |
//! | `api_response` | [`payload()`](crate::onehouse::StatusResponse::payload), [`rows()`](crate::onehouse::StatusResponse::rows) |
//! | `default_execute_timeout=`, `default_poll_interval=`, `max_retries=`, `timeout=` of the client | `.timeout(…)`, `.poll_interval(…)`, `.retry(…)`, `.http_timeout(…)` of [`Client::builder`](crate::onehouse::client::Client::builder) |
//! | `session=` (a pooled connection) | connections are always kept and used again |
//!
//! Differences that a program may notice:
//!
//! | onehouse-python-sdk | This crate |
//! |---|---|
//! | The timeout begins after the submit | covers the submit and requests in flight |
//! | One 503 to a poll ends the wait | a read is retried after 500, 502, 503 and 504, a poll until the timeout |
//! | A submit is sent again after a lost response, and the statement may run twice | a statement that changes something is not sent again: the error is `OutcomeUnknown` |
//! | Requests are not limited | are limited to ten in a second for each client, unless `rate_limit` sets another number |
//! | Redirects are followed, with the credentials in the headers | are refused |
//! | Enum values are sent as they are written | are sent in their canonical spelling, whatever the case |
//! | `unsafe_raw=True` | no counterpart. A name that the vendor's rules reject is sent, in backticks, with [`unchecked_names`](crate::onehouse::Call::unchecked_names); any statement can be sent as SQL |
//! | The credentials file is parsed, and can fail, even if no value comes from it | is read only if a value has to come from it |
