//! Time limits: the default of every service and kind of call.
//!
//! A call has one deadline, [`timeout`](crate::client::Call::timeout). It covers everything: the submit,
//! retries, waits for the rate limit, polls, pauses between them, and requests in flight. Each request of the
//! call takes at most [`http_timeout`](crate::client::Call::http_timeout), and never longer than the time
//! that is left of the call. Both can be set on the builder of a client, for all its calls, and on each call.
//!
//! | Limit | Onehouse | EloqCloud | H2O Workflows | Hotdata |
//! |---|---|---|---|---|
//! | A call (`timeout`) | 60 s | 60 s | 60 s | 300 s |
//! | A wait for a resource or a run (`wait_for_…`, `.and_wait()`) | 20 min for clusters, else 30 min | 15 min | 1 h | 300 s; `wait_for_result` 120 s |
//! | One request (`http_timeout`) | 30 s | 30 s | 30 s | 300 s |
//! | Connecting, TLS included (`connect_timeout`) | 10 s | 10 s | 10 s | 10 s |
//! | First interval between polls (`poll_interval`) | 1 s | 5 s | 2 s | 0.5 s |
//! | Growth of the interval, up to | × 1.5, 10 s | × 1.5, 30 s | × 1.5, 15 s | × 2, 5 s |
//! | Retries of a request (`retry`) | 3 | 3 | 3 | 3 |
//! | Rate limit of a client (`rate_limit`) | 10 requests/s | none | none | none |
//!
//! A wait takes the `timeout` of its call, else that of its client, else the time in the table. Exceptions:
//! with EloqCloud and H2O Workflows, the client's `timeout` only lengthens the time in the table; with
//! EloqCloud, so does one set on the call before `.and_wait()`.
//!
//! Some calls have limits of their own:
//!
//! | Call (setter) | What is limited | Default |
//! |---|---|---|
//! | a batch (`Batch::timeout`) | the whole batch | none |
//! | a call of a batch (`timeout`) | the call, from its first request | that of the call outside of a batch |
//! | Onehouse: a sign-in (`SignIn::timeout`, feature `sign-in`) | the time that the person has to sign in | 300 s |
//! | Onehouse: a sign-in, a sign-out (`http_timeout`), the renewal of a session | one request | 20 s |
//! | Onehouse: the lock of a session | the wait for another program | 30 s |
//! | Onehouse: the renewal of a session | lock, discovery and exchange together | 90 s |
//! | H2O Workflows: the renewal of a token | one request | 30 s, or the call's `http_timeout` if longer |
//! | H2O Workflows: following a log | the time without data on a connection, which is then replaced; the whole log has no limit | 60 s |
//! | H2O Workflows: the logs of a run (`timeout` of `follow_logs`) | the whole log; the client's timeout does not apply | none |
//! | Hotdata: a result that a query has to wait for (`ready_within`) | the wait for that result, within the call's `timeout` | 120 s |
//! | Hotdata: `wait_for_result`, `fetch_ready` (`within`) | the wait, within the call's `timeout` | 120 s |
//! | Hotdata: a query while the service is busy (`when_busy`) | the retries, within the call's `timeout` | 120 s |
//! | Hotdata: a load while its table is locked (`when_locked`) | the retries, within the call's `timeout` | 60 s |
//! | Hotdata: rows as Arrow (`http_timeout`) | each piece of the body; the whole body has no limit | 300 s |
//! | Hotdata: an upload (`timeout`) | the whole upload | none |
//! | Hotdata: the URL of a part of an upload | one request | 30 s |
//! | Hotdata: a part of an upload | one request | 60 s plus 1 s for each 64 KiB, at most 30 min |
//!
//! Intervals shorter than 10 ms count as 10 ms. A `Retry-After` of the server replaces a shorter delay; it is
//! capped at 60 s (at 120 s for a part of an upload; not at all for `when_busy` and `when_locked`) and never
//! reaches past the deadline of the call.
//!
//! Sources: onehouse-python-sdk 0.3.0 (call, request and poll interval of Onehouse), the vendor's Airflow
//! provider (1200 s for clusters) and Terraform provider (30 min), hotdata 0.12.0 (poll interval of Hotdata),
//! Hotdata's command line (300 s). The vendors' clients of EloqCloud and H2O Workflows have no waits: those
//! limits are this crate's own.
