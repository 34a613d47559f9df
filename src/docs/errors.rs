//! Errors and retries: the kinds of errors, what to do about each, what is retried, and the vendors'
//! exceptions.
//!
//! A call that fails returns an [`Error`](crate::Error). Its text says what was attempted, what happened and
//! what to do. A program decides by its [`kind`](crate::Error::kind):
//!
//! | Kind | Was anything done? | What to do |
//! |---|---|---|
//! | `InvalidArgument` | no, nothing was sent | correct the call; with Hotdata, [`missing_fields`](crate::Error::missing_fields) names a missing database |
//! | `Credentials` | no, nothing was sent | set what [`missing_fields`](crate::Error::missing_fields) names; if it is empty, read the text: a file or the session cannot be used |
//! | `Authentication`, `PermissionDenied` | no | check the credentials and their permissions |
//! | `Rejected` | no | correct the statement; the text is the server's |
//! | `NotFound`, `Conflict` | no | check the state of the resource |
//! | `NotReady` | no: the resource exists and is not ready yet | wait [`retry_after`](crate::Error::retry_after), then ask again |
//! | `LimitExceeded` | yes: the query ran, but some or all of its rows were not fetched | read the result as a stream, with its id as [`resource`](crate::Error::resource), or raise the limit |
//! | `Io` | no: nothing of the upload was finalized | make sure that the input is readable and does not change during the upload, then upload it again |
//! | `Cancelled` | perhaps: what was started continues at the service | the program stopped the call itself; with a request id, resume |
//! | `RateLimited` | no | wait [`retry_after`](crate::Error::retry_after), lower the rate |
//! | `Transport`, `Tls` | no, or the call only reads; with a request id: the operation continues | try again, or resume |
//! | `Server` | no, or the call only reads; with a request id: the operation continues | try again later, or resume |
//! | `UnexpectedResponse` | no, or the call only reads; with a request id or a resource: the change was accepted | check the base URL; a proxy may have answered |
//! | `OutcomeUnknown` | perhaps | check whether it took effect before you repeat it |
//! | `OperationFailed` | perhaps in part: the operation, run or resource ended in a failed state | ask [`is_not_found`](crate::Error::is_not_found) and [`is_already_exists`](crate::Error::is_already_exists), read [`api_message`](crate::Error::api_message) and [`api_response`](crate::Error::api_response) |
//! | `Skipped` | no: a call of a batch that was not submitted, because a call before it failed, or because the batch was stopped or timed out | correct the cause. With a [journal](crate::docs::batches_and_plans), continue with `batch_from`, and call `again(key)` for a call that failed after it was accepted; without one, submit the call again |
//! | `Journal` | no, unless there is a request id or a resource: the call was accepted before the journal failed | read the text; free disk space, or choose another file |
//! | `OperationTimeout` | with a request id or a resource: it may continue at the server; with neither: nothing was sent, or the call only reads | resume with [`request_id`](crate::Error::request_id), wait for the [`resource`](crate::Error::resource), or set a longer timeout |
//! | any, with a [`resource`](crate::Error::resource) | after a call that starts or creates something: the resource exists; after a `wait_for_…`: the resource is what the call waited for, and may not exist | wait for the resource, for example with `wait_for_job_run`; do not start it again |
//!
//! Two accessors name what the error is about: [`request_id`](crate::Error::request_id) is the id that the
//! service gave to the request, operation or query run, and [`resource`](crate::Error::resource) is the id or
//! name of the resource. Details that only one service reports have a type of that service and are read with
//! [`detail`](crate::Error::detail): `h2o_workflows::{RunFailure, LogPosition}`, `hotdata::ResultFailure` and
//! `hotdata::uploads::UploadFailure`.
//!
//! Three predicates are what programs need most:
//!
//! - [`is_retryable`](crate::Error::is_retryable): sending the same call again is safe and may succeed;
//! - [`is_resumable`](crate::Error::is_resumable): the wait can be continued with the `request_id`: with
//!   `resume` (Onehouse), `wait_for_query_run` or `wait_for_job` (Hotdata). False if there is a `resource`:
//!   the wait for that resource continues instead;
//! - [`is_auth`](crate::Error::is_auth): the credentials are missing, not accepted, or do not allow the
//!   request.
//!
//! ```
//! use controlplane::onehouse::{Client, StatusResponse};
//! use controlplane::{Error, ErrorKind};
//!
//! fn patiently(client: &Client, sql: &str) -> Result<StatusResponse, Error> {
//!     match client.execute(sql).send() {
//!         Err(error) if error.kind() == ErrorKind::OperationTimeout => match error.request_id() {
//!             Some(id) => client.resume(id).send(),
//!             None => Err(error),
//!         },
//!         outcome => outcome,
//!     }
//! }
//! # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
//! # patiently(&Client::new(emulator.credentials())?, "SHOW LAKES")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is retried
//!
//! The client retries by itself, so a loop around a call is rarely needed. Whether a request is sent again
//! depends on its effect and on whether the service may have accepted it. The effect of a request:
//!
//! | Service | Reads | Changes something |
//! |---|---|---|
//! | Onehouse | polls; `SHOW` and `DESCRIBE`, by a helper or by `execute(sql)` | every other statement, also a `SELECT` that is passed to `execute` |
//! | EloqCloud | every call except `cluster_create` and `cluster_delete` | `cluster_create`, `cluster_delete` |
//! | H2O Workflows | `get_…`, `list_…`, `stream_step_logs`, `follow_logs` | all other methods, also `validate_…` |
//! | Hotdata | every GET; the URLs for the parts of an upload | every POST, PUT and DELETE; so a query (`query`, `saved_queries().execute`) counts as a change, also a `SELECT` |
//!
//! After a request was sent:
//!
//! | What happened | A request that reads | A request that changes something |
//! |---|---|---|
//! | nothing was sent: no address, connection refused, TLS handshake or connecting timed out | retried | retried |
//! | HTTP 429 | retried after `Retry-After` (capped at 60 s), or after the delay of the retry policy | the same |
//! | HTTP 401, with an access token that can be renewed | sent once more, with another token | the same |
//! | HTTP 408, 425, 500, 502, 503, 504 | retried | `OutcomeUnknown`, unless the response proves that the request was not accepted |
//! | sent, then a timeout, a reset or a truncated response | retried | `OutcomeUnknown` |
//! | a redirect, which is never followed | an error | an error; after a 303 or a 3xx other than 300, 301, 302, 307, 308: `OutcomeUnknown` |
//! | another 4xx or 5xx, an untrusted certificate, a proxy's 407 | an error | an error; after a 5xx other than 501 and 505: `OutcomeUnknown` |
//!
//! With Hotdata, these rules replace what the table says about the same case:
//!
//! - a read is retried after a 5xx only if it is a 503 with a `Retry-After`;
//! - a poll is retried after the statuses in the table, except after the codes `PERSISTENCE_UNAVAILABLE` and
//!   `RESOURCE_EXHAUSTED`;
//! - after a failed response, a 429 included, a load is retried only while another load locks its table: see
//!   `when_locked`;
//! - a query that is refused with a 429 is retried by the rules of `when_busy` (5 times by default) in place of
//!   the retry policy.
//!
//! [`RetryPolicy`](crate::RetryPolicy) sets the number of retries (3 by default) and the delays between them,
//! for all calls of a client or for one. All retries happen within the [timeout](crate::docs::timeouts) of
//! the call. A failed poll is not a failed operation: polls are repeated until that timeout.
//!
//! The client does not retry a request whose outcome is unknown
//! ([`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown)), because most services cannot recognize a
//! duplicate. There is one exception: with Hotdata, a load of `data` or a bulk creation of databases that has
//! an `.idempotency_key(…)` is retried. Check whether the change took effect, then decide:
//!
//! ```
//! use controlplane::onehouse::Client;
//! use controlplane::{Error, ErrorKind};
//! use controlplane_emulator::onehouse::Emulator;
//!
//! fn create_once(client: &Client, name: &str) -> Result<(), Error> {
//!     match client.create_service_principal(name).send() {
//!         Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {
//!             let principals = client.show_service_principals().send()?.rows();
//!             match principals.iter().any(|row| row.text("name") == Some(name)) {
//!                 true => Ok(()), // it was created, and the response was lost
//!                 false => Err(error), // not yet: look again later before you create it again
//!             }
//!         }
//!         outcome => outcome.map(drop),
//!     }
//! }
//!
//! // The emulator accepts the first request and closes the connection without a response.
//! let emulator = Emulator::builder().pending_polls(0).fault("nth=1, submit: take-then-close".parse()?).start()?;
//! create_once(&Client::new(emulator.credentials())?, "ci_bot")?;
//! assert_eq!(emulator.ledger().len(), 2); // one CREATE, one SHOW
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Testing your own code
//!
//! [`Error::simulated`](crate::Error::simulated) builds an error of any kind. The emulator causes real ones:
//! see [testing](crate::docs::testing).
//!
//! # Onehouse: from the Python SDK's exceptions
//!
//! As of `onehouse-python-sdk` 0.3.0. In this table and the next ones, an entry in parentheses says what
//! the Python client does where it raises no exception of its own.
//!
//! | Python | When | Here |
//! |---|---|---|
//! | `ValueError` | a bad name, enum value, option, empty statement | `InvalidArgument` |
//! | `AuthError` | credentials missing, file broken | `Credentials` |
//! | `AuthError` | HTTP 401 | `Authentication` |
//! | `AuthError` | HTTP 403 | `PermissionDenied` |
//! | `SqlParseError` | HTTP 400 with `grpc-message` | `Rejected`, the text decoded |
//! | `OperationFailedError` | status `FAILED` or `INVALID` | `OperationFailed` |
//! | `OperationTimeoutError` | the operation did not end in time | `OperationTimeout` |
//! | `ResourcesError` | HTTP 400 without `grpc-message`, other 4xx | `Rejected` |
//! | `ResourcesError` | HTTP 404, 409 | `NotFound`, `Conflict` |
//! | `ResourcesError` | HTTP 429 after the retries | `RateLimited` |
//! | `ResourcesError` | HTTP 5xx | `Server` if the statement reads, else `OutcomeUnknown` |
//! | `ResourcesError` | no connection | `Transport` or `Tls` |
//! | `ResourcesError` | the connection broke, or no response in time | `Transport` if the statement reads, else `OutcomeUnknown` |
//! | `ResourcesError` | a 2xx submit without a request id, or not JSON | `UnexpectedResponse` if the statement reads, else `OutcomeUnknown` |
//! | `ResourcesError` | a 2xx status that is not JSON | `UnexpectedResponse`, with the request id |
//! | (followed) | a redirect | `UnexpectedResponse`, naming the host |
//!
//! # EloqCloud: from the Python client's exceptions
//!
//! As of `eloq-sdk` 0.1.4. Its methods to create and delete a cluster raise no exception and return every
//! failure as text; in this crate these two calls fail with an error like all others.
//! [`api_message`](crate::Error::api_message) is the server's message, [`api_code`](crate::Error::api_code)
//! the `code` of its envelope, and [`body`](crate::Error::body) the response's text.
//!
//! | Python | When | Here |
//! |---|---|---|
//! | `KeyError` | no `ELOQ_API_KEY` | `Credentials` |
//! | `EloqValidationError` | HTTP 400 | `Rejected` |
//! | `EloqAuthenticationError` | HTTP 401 | `Authentication` |
//! | `EloqPermissionError` | HTTP 403, which a missing cluster may also be | `PermissionDenied`; `eloq::may_be_missing` distinguishes them |
//! | `EloqNotFoundError` | HTTP 404 | `NotFound` |
//! | `EloqRateLimitError` | HTTP 429 | `RateLimited`, after the retries |
//! | `EloqServerError` | HTTP 5xx | `Server` of a call that reads, else `OutcomeUnknown` |
//! | `EloqAPIError` | HTTP 409 | `Conflict` |
//! | `EloqAPIError` | other 4xx | `Rejected` |
//! | `EloqAPIError` | credentials are not base64 | `UnexpectedResponse` |
//! | (empty credentials) | the cluster has no address or no user yet | `NotReady` |
//! | (`None`, `KeyError`) | a failing `code` in a 200 | the kind of the HTTP status with that number; `Rejected` if there is none |
//! | `IndexError` | no project, or not the one that was chosen | `NotFound`, without a status |
//! | `JSONDecodeError`, `ValidationError`, `TypeError` | a success that cannot be read | `UnexpectedResponse` of a call that reads, else `OutcomeUnknown` |
//! | `requests` exceptions | no response | `Transport` or `Tls` if the call reads or nothing was sent, else `OutcomeUnknown` |
//! | (none) | a wait that timed out; a status whose name contains `fail` or `error` | `OperationTimeout`, `OperationFailed`; the [`resource`](crate::Error::resource) is the cluster's name |
//!
//! # H2O Workflows: from the Python client's exceptions
//!
//! As of `h2o-workflows` 1.1.2 with `h2o-authn` 3.1.0 and `h2o-cloud-discovery` 3.3.0.
//! [`api_code`](crate::Error::api_code) is the gRPC code of the service (3: a bad argument, 9: a wrong
//! state), or the `error` of the token end point.
//!
//! | Python | When | Here |
//! |---|---|---|
//! | `ApiValueError` | a name of another form | `InvalidArgument` |
//! | `ApiTypeError` | an argument of another type | does not compile |
//! | `ApiTypeError`, `AttributeError`, `ApiValueError` | a response that cannot be read | `UnexpectedResponse` if the call reads or the response names the changed [`resource`](crate::Error::resource), else `OutcomeUnknown` |
//! | `CustomApiException` | HTTP 401, after one renewal of the token | `Authentication` |
//! | `CustomApiException` | HTTP 403, 404, 409, 429 | `PermissionDenied`, `NotFound`, `Conflict`, `RateLimited` |
//! | `CustomApiException` | HTTP 400 and other 4xx | `Rejected` |
//! | `CustomApiException` | HTTP 5xx | `Server` if the call reads, else `OutcomeUnknown` |
//! | urllib3's errors | no connection | `Transport` or `Tls` |
//! | urllib3's errors | the connection broke | `Transport` if the call reads, else `OutcomeUnknown` |
//! | `DiscoveryLookupError`, `KeyError`, `Exception` | a login lacks an environment, a token, the service or the client | `Credentials`, with `missing_fields` |
//! | `FileNotFoundError`, `TOMLDecodeError` | the configuration file | `Credentials` |
//! | `FileNotFoundError` | the CA file | `InvalidArgument` |
//! | `TokenEndpointError`, HTTP 401 of the issuer | the refresh token or its client is refused | `Authentication` |
//! | `H2OCloudEnvironmentError`, httpx's errors, `ConnectionError` | discovery, the issuer or `/version` | the kind of what happened; the error says where |
//! | `UnicodeDecodeError` | logs that are not UTF-8 | none: logs are bytes |
//! | (swallowed) | an error in the middle of a log stream | `Server`, with the gRPC code |
//! | (none) | what was waited for has failed or was cancelled | `OperationFailed`, with the detail `h2o_workflows::RunFailure` |
//!
//! # Hotdata: from the Python client's exceptions
//!
//! As of `hotdata` 0.12.0. [`api_code`](crate::Error::api_code) is the `code` of the service's errors,
//! whichever of the three shapes their body has; branch on [`kind`](crate::Error::kind) and `api_code`, never
//! on the text. The [`request_id`](crate::Error::request_id) is the id of the query run or the job, and the
//! [`resource`](crate::Error::resource) is the id of the result or the upload.
//!
//! | Python | When | Here |
//! |---|---|---|
//! | `ValueError`, `ValidationError` | an argument that cannot be sent | `InvalidArgument`, or the service's `Rejected` |
//! | (sent) | a path parameter that is empty, `.` or `..` | `InvalidArgument` |
//! | `MissingWorkspaceError` | no workspace, for an operation that needs one | `Credentials`, with `missing_fields` |
//! | `BadRequestException`, `UnprocessableEntityException`, `ApiException` | HTTP 400, 422, 413 and other 4xx | `Rejected` |
//! | `UnauthorizedException` | HTTP 401, also without any key | `Authentication` |
//! | `ForbiddenException` | HTTP 403, perhaps for an unknown workspace | `PermissionDenied` |
//! | `NotFoundException` | HTTP 404, perhaps for an unknown workspace | `NotFound` |
//! | `ConflictException` | HTTP 409 | `Conflict` |
//! | `ConflictException` | HTTP 409 for a result | `OperationFailed`: the result has failed |
//! | `ApiException` | HTTP 429 | `RateLimited`, after the retries |
//! | `ServiceException` | HTTP 5xx | `Server` if the call reads; else `OutcomeUnknown`, or `Server` if the code says that nothing was done |
//! | `ApiException` with status 0, `ValidationError`, `UnicodeDecodeError` | a success that cannot be read | `UnexpectedResponse` if the call reads, else `OutcomeUnknown` |
//! | urllib3's errors | no connection, or it broke | `Transport` or `Tls` if the call reads or nothing was sent, else `OutcomeUnknown` |
//! | (sent again) | a connection that was closed under a POST | `OutcomeUnknown`: it may have been accepted |
//! | `ServerOverloadedError` | HTTP 429 until the timeout or the retries of a query are exhausted | `RateLimited`, with [`attempts`](crate::Error::attempts) |
//! | `TableLockedError` | `RESOURCE_LOCKED` until the timeout or the retries of a load are exhausted | `Conflict`, with [`attempts`](crate::Error::attempts) |
//! | `ResultFailedError` | a result that could not be saved | `OperationFailed`, with the detail `ResultFailure::Unavailable` if the query says so |
//! | `ResultTimeoutError` | a result that is not saved in time | `OperationTimeout` |
//! | `ResultTooLargeError` | more rows or bytes than the limit of the call | `LimitExceeded`, with the detail `ResultFailure::TooLarge` |
//! | `ResultIncompleteError` | fewer rows than the result has | `UnexpectedResponse`, with the detail `ResultFailure::Incomplete` |
//! | `ResultUnavailableError` | the service has only the first rows | `OperationFailed`, with the detail `ResultFailure::Unavailable` |
//! | `ResultNotReadyError` | a result as Arrow that is not ready | `NotReady` |
//! | `OSError` of pyarrow | an Arrow stream that ends too early or is invalid | `UnexpectedResponse` |
//! | (nothing, silently) | a 2xx response that the vendor does not document, for example a ticket for a saved query | no error: the content of the response, for example `QueryOutcome::Submitted` |
//! | `UploadError` and its kinds | an upload that failed | the kinds below; the detail `UploadFailure` says in which step, part and round of retries |
//! | `SessionCreateError`, `MintPartError` | the service refuses before or while parts are written | the kind of its status |
//! | `FinalizeError` | the service refuses to finish, or no response arrives | the kind of its status, or `OutcomeUnknown` |
//! | `StorageError` | the storage refuses | the kind of its status |
//! | `StorageTransportError` | no response of the storage | `Transport` or `Tls` |
//! | `MissingETagError`, `MalformedSessionError` | a response that is invalid | `UnexpectedResponse` |
//! | `SizeLimitError` | a size that cannot be sent | `InvalidArgument` |
//! | `UploadError` | input that cannot be read, or has another size than was stated | `Io` |
//! | `UploadCancelledError` | the program cancelled it | `Cancelled` |
