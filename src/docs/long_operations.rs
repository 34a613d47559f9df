//! Long operations: waiting for them, submitting now and waiting later, and stopping.
//!
//! Creating a cluster, running a job or a workflow and loading a table take minutes. No service calls back,
//! so the client polls: at growing intervals, under the rate limit of the client, until the operation ends
//! or the call [times out](crate::docs::timeouts).
//!
//! | Service | `.send()` returns | The wait for the end of the work |
//! |---|---|---|
//! | Onehouse | when the statement has ended | `wait_for_cluster`, `wait_for_flow`, `wait_for_table_service`, `wait_for_job_run`, `wait_for(command)`; `run_job(…).and_wait()`, `create_and_run_job(…).and_wait()` |
//! | EloqCloud | when the request was accepted | `cluster_create(…).and_wait()`, `cluster_delete(…).and_wait()`, `wait_for_cluster`, `wait_for_cluster_deletion` |
//! | H2O Workflows | when the run was created | `run_workflow_revision(…).and_wait()`, `retry_run(…).and_wait()`, `wait_for_run`, `wait_for_run_attempt`, `wait_for_job`, `wait_for_step` |
//! | Hotdata | with the result, or when the work was accepted | `query(…).and_wait()`, `load(…).and_wait()`, `indexes().create(…).and_wait()`, `bulk_create(…).and_wait()`, `wait_for_query_run`, `wait_for_result`, `wait_for_job`, `wait_for_workspace` |
//!
//! When a statement of Onehouse has ended, its resource may not be ready: after `create_cluster` the cluster
//! is still starting. The waits poll the resource itself:
//!
//! ```
//! use std::time::Duration;
//! use controlplane::Progress;
//! use controlplane::onehouse::{Client, ClusterStatus, ClusterType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! client.create_cluster("prod", ClusterType::Managed).send()?;
//! client
//!     .wait_for_cluster("prod", ClusterStatus::Running)
//!     .timeout(Duration::from_secs(30 * 60)) // default: 20 minutes
//!     .on_progress(|progress| {
//!         if let Progress::Polled { status, elapsed, .. } = progress {
//!             eprintln!("{status} after {elapsed:.0?}");
//!         }
//!     })
//!     .send()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A state that means failure ends a wait with [`OperationFailed`](crate::ErrorKind::OperationFailed);
//! `.accept_failure()` returns it as a result instead. `.until(rule)` ends the wait when a condition of your
//! own is true:
//!
//! ```
//! use controlplane::onehouse::{Client, LakeType, ShowLakes};
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//! # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
//!
//! // Until another team has created a lake.
//! let lakes = client.wait_for(ShowLakes::new()).until(|lakes| !lakes.rows().is_empty()).send()?;
//! # assert_eq!(lakes.rows().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Submit now, wait later
//!
//! Onehouse gives each statement a request id. With it, any process with the same credentials can wait:
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType};
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # let client = Client::new(emulator.credentials())?;
//!
//! let submitted = client.create_cluster("prod", ClusterType::Managed).submit()?;
//! println!("{}", submitted.request_id); // keep it
//!
//! let done = client.resume(submitted.request_id).send()?;
//! # assert!(done.is_terminal());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The other services have names or ids of their own for this: the name of a cluster (EloqCloud), the name of
//! a run (H2O Workflows), the id of a query run, a result or a job (Hotdata). Pass them to the waits in the
//! table.
//!
//! # A wait that ended too early
//!
//! A timeout, a broken connection or a restart ends the wait and not the operation. The error carries what is
//! needed to continue: the request id of the operation as [`request_id`](crate::Error::request_id), or the
//! resource as [`resource`](crate::Error::resource). If the error has one of them, do not submit the call
//! again:
//!
//! ```
//! use std::time::Duration;
//! use controlplane::ErrorKind;
//! use controlplane::onehouse::{Client, ClusterType};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let emulator = Emulator::builder().pending_polls(3).start()?;
//! let client = Client::builder()
//!     .credentials(emulator.credentials())
//!     .poll_interval(Duration::from_millis(100))
//!     .build()?;
//! let call = client.create_cluster("prod", ClusterType::Managed).timeout(Duration::from_millis(50));
//! let done = match call.send() {
//!     Err(error) if error.kind() == ErrorKind::OperationTimeout => match error.request_id() {
//!         Some(id) => client.resume(id).send()?,
//!         None => return Err(error.into()), // nothing was submitted
//!     },
//!     outcome => outcome?,
//! };
//! println!("{}", done.api_status);
//! assert_eq!(emulator.ledger().len(), 1); // it was submitted once
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Stopping
//!
//! Without a handler, Ctrl-C ends the process at once. What was submitted continues at the service; a change
//! in flight may have been accepted. To be able to resume later, print the id that `on_progress` reports as
//! `Submitted`. The example `hotdata_upload` has a handler that cancels a token.
//!
//! [`CancelToken`](crate::CancelToken) ends a call from another thread or task, for example after Ctrl-C. It
//! ends requests in flight and waits, not the operation at the service. The error is
//! [`Cancelled`](crate::ErrorKind::Cancelled) with every id that is known, or
//! [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) if a change was in flight.
//!
//! ```
//! use controlplane::onehouse::{Client, ClusterType};
//! use controlplane::{CancelToken, ErrorKind};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! // Operations that never end.
//! let emulator = Emulator::builder().pending_polls(u32::MAX).start()?;
//! let client = Client::new(emulator.credentials())?;
//! let token = CancelToken::new();
//! let stop = token.clone();
//! let call = client
//!     .create_cluster("prod", ClusterType::Managed)
//!     .cancel_with(&token)
//!     .on_progress(move |_| stop.cancel()); // in a program: another thread, or a signal
//! let error = call.send().expect_err("it was cancelled");
//! assert_eq!(error.kind(), ErrorKind::Cancelled);
//! println!("still running as {:?}", error.request_id());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Many operations
//!
//! [Batches](crate::docs::batches_and_plans) submit many operations and poll them under the client's rate
//! limit, with a journal from which an interrupted program continues.
