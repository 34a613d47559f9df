//! Logging and tracing: events and spans of `tracing`, or lines of `log`.
//!
//! The progress of calls has the target `controlplane`: failures (a failed attempt, a retry, a call that
//! ended with an error) are warnings, the rest is at debug level. Warnings about settings and files are
//! always written to `log`, with the module path as target (`controlplane::client::secret_file`); with the
//! feature `tracing`, install a bridge such as `tracing-log` to see them. Secrets are masked, and no body is
//! logged.
//!
//! # How to enable it
//!
//! With `log`, install a logger, for example that of the crate `env_logger`, and run the program with
//! `RUST_LOG=controlplane=debug`. With the feature `tracing`, install a subscriber, for example that of the
//! crate `tracing-subscriber`, with the filter `controlplane=debug`; without a subscriber, the events go to
//! `log`. A call that begins while no logger or subscriber accepts warnings is not logged at all.
//!
//! Do not enable the level trace of other crates where logs are not private: ureq's own log at that level
//! shows what a server sends.
//!
//! # With the feature `tracing`
//!
//! Each call has a span `call` with the fields `service`, `operation` and, once it is known, `request_id`.
//! Each HTTP attempt has a span `http` in it, with the names of OpenTelemetry's [conventions for HTTP
//! clients](https://opentelemetry.io/docs/specs/semconv/http/http-spans/):
//!
//! | Field | Value |
//! |---|---|
//! | `otel.name`, `otel.kind` | the method, and `client`; `tracing-opentelemetry` uses them as the name and the kind of the span |
//! | `http.request.method` | `GET`, `POST`, … |
//! | `http.request.resend_count` | how often this request was sent before; absent the first time. A poll after a poll that succeeded is another request |
//! | `http.response.status_code` | the status of the response, if there is one |
//! | `server.address`, `server.port` | the host and the port |
//! | `url.scheme`, `url.full` | the scheme, and the URL without its query; of a presigned URL the host only |
//! | `error.type` | the status of a response that is a failure, or the kind of [`SendError`](crate::transport::SendError) (`timeout`) |
//!
//! Each event has these fields, except that only some events have `error.type`. A text field whose value is
//! not known yet is empty:
//!
//! | Field | Value |
//! |---|---|
//! | `event` | `submitted`, `polled`, `status_changed`, `retrying`, `waiting_for_rate_limit`, `transferred`, `finished`, as in the JSON of [`Progress`](crate::Progress); or `response` for the end of an attempt |
//! | `service` | `onehouse`, `eloq`, `h2o_workflows`, `hotdata` |
//! | `operation` | what the call does, up to the first value |
//! | `request_id` | the id that the server gave to the operation |
//! | `status` | the status of the operation, or of the last response before there is one |
//! | `attempt` | the number of HTTP requests of the call so far |
//! | `elapsed_ms` | the time since the call was sent, in milliseconds |
//! | `error.type` | of `finished` with an error: its kind; of `response` and `retrying`: the status of the failed response, or the kind of `SendError`. Absent otherwise, and from a `retrying` whose cause is neither, such as an invalid body |
//!
//! The last event of a call that only submits is `submitted`, because its operation has not ended.
//!
//! # Without the feature
//!
//! The progress of calls is written to `log`, one line for each event, without the ends of attempts.
