//! Queries that are followed, waits for results, and loads that wait for locked tables.

use std::error::Error as _;
use std::time::Duration;

use controlplane::hotdata::{
    AsyncClient, BackoffPolicy, Client, FollowedQuery, GetResult, Load, LoadDatabaseTable, LoadManagedTable,
    Query, ResultFailure,
};
use controlplane::{Error, ErrorKind, PollPolicy};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::case::{Case, Done};
use super::errors;

/// The arguments without those that say how it is done.
fn command<T: DeserializeOwned>(case: &Case<'_>) -> T {
    let settings = ["retry", "poll", "load_retry", "auto_follow", "max_auto_rows", "max_auto_bytes"];
    let args = case.args().as_object().unwrap().iter();
    let args: Map<String, Value> = args
        .filter(|(name, _)| !settings.contains(&&***name))
        .map(|(name, value)| (name.replace("result_id", "id"), value.clone()))
        .collect();
    serde_json::from_value(args.into()).unwrap()
}

fn seconds(value: &Value) -> Option<Duration> {
    value.as_f64().map(Duration::from_secs_f64)
}

/// Without chance, and as the case has it.
fn policy(mut policy: BackoffPolicy, args: &Value) -> BackoffPolicy {
    policy.jitter = args["jitter"].as_f64().unwrap_or(0.0);
    if let Some(retries) = args["max_retries"].as_u64() {
        policy.max_retries = retries.try_into().unwrap();
    }
    policy.base_backoff = seconds(&args["base_backoff_s"]).unwrap_or(policy.base_backoff);
    policy.max_backoff = seconds(&args["max_backoff_s"]).unwrap_or(policy.max_backoff);
    policy.deadline = seconds(&args["deadline_s"]).unwrap_or(policy.deadline);
    policy
}

fn polls(args: &Value) -> PollPolicy {
    let mut polls = PollPolicy::every(seconds(&args["base_backoff_s"]).unwrap_or(Duration::from_millis(500)));
    polls.factor = 2.0;
    polls.max_interval = seconds(&args["max_backoff_s"]).unwrap_or(Duration::from_secs(5));
    polls
}

fn within(args: &Value) -> Duration {
    seconds(&args["deadline_s"]).unwrap_or(Duration::from_secs(120))
}

/// A limit: not given, none, or so much.
fn limit(args: &Value, name: &str) -> Option<Option<u64>> {
    args.get(name).map(Value::as_u64)
}

/// The call of a case, in the same words for both modes.
macro_rules! send {
    ($case:expr, $client:expr, $($await:tt)*) => {{
        let (case, args) = ($case, $case.args());
        match case.op() {
            "query_with_follow" => {
                let query: Query = command(case);
                let usual = FollowedQuery::new(query.clone());
                let mut call = $client
                    .follow_query(query)
                    .when_busy(policy(usual.when_busy, &args["retry"]))
                    .polling(polls(&args["poll"]))
                    .ready_within(within(&args["poll"]));
                if let Some(rows) = args["poll"]["page_size"].as_u64() {
                    call = call.page_size(rows);
                }
                if let Some(follow) = args["auto_follow"].as_bool() {
                    call = call.follow(follow);
                }
                if let Some(rows) = limit(args, "max_auto_rows") {
                    call = call.max_auto_rows(rows);
                }
                if let Some(bytes) = limit(args, "max_auto_bytes") {
                    call = call.max_auto_bytes(bytes);
                }
                Done::new(call.send() $($await)*)
            }
            "wait_for_result" => {
                let wanted: GetResult = command(case);
                let call = $client.results().wait_for_result(wanted.id).polling(polls(&args["poll"]));
                let mut call = call.within(within(&args["poll"]));
                if let Some(id) = wanted.x_database_id {
                    call = call.database_id(id);
                }
                Done::new(call.send() $($await)*)
            }
            "fetch_ready_result" => {
                let wanted: GetResult = command(case);
                let call = $client.results().fetch_ready(wanted.id).polling(polls(&args["poll"]));
                let mut call = call.within(within(&args["poll"]));
                if let Some(id) = wanted.x_database_id {
                    call = call.database_id(id);
                }
                if let Some(offset) = wanted.offset {
                    call = call.offset(offset);
                }
                if let Some(limit) = wanted.limit {
                    call = call.limit(limit);
                }
                if let Some(format) = wanted.format {
                    call = call.format(format);
                }
                Done::new(call.send() $($await)*)
            }
            "load_database_table_with_retry" => {
                let load: LoadDatabaseTable = command(case);
                let usual = Load::new(load.clone());
                let call = $client.load(load).when_locked(policy(usual.when_locked, &args["load_retry"]));
                Done::new(call.send() $($await)*)
            }
            "load_managed_table_with_retry" => {
                let load: LoadManagedTable = command(case);
                let usual = Load::new(load.clone());
                let call = $client.load(load).when_locked(policy(usual.when_locked, &args["load_retry"]));
                Done::new(call.send() $($await)*)
            }
            other => panic!("{other}"),
        }
    }};
}

/// What comes of a case of this layer.
pub(super) fn run(case: &Case<'_>, client: &Client) -> Done {
    compared(case, send!(case, client,))
}

/// The same as a future.
pub(super) async fn run_async(case: &Case<'_>, client: &AsyncClient) -> Done {
    compared(case, send!(case, client, .await))
}

/// Compares what errors of these layers say.
fn compared(case: &Case<'_>, mut done: Done) -> Done {
    let (Err(error), Some(expected)) = (&done.result, case.outcome().get("error")) else { return done };
    let mut wrong = Vec::new();
    let mut check = |what: &str, is_right: bool| {
        if !is_right {
            wrong.push(format!("{what}: {error:?}\n    is not {expected}"));
        }
    };
    let kind = |kind: ErrorKind| error.kind() == kind;
    let is_about_result = error.resource() == expected["result_id"].as_str() && has_run(case, error);
    let text = |name: &str| expected[name].as_str();
    match text("exception").unwrap_or_default() {
        "ResultFailedError" => {
            check("kind", kind(ErrorKind::OperationFailed));
            check("result", is_about_result);
            check("message", error.api_message() == text("error_message"));
        }
        "ResultTimeoutError" => {
            check("kind", kind(ErrorKind::OperationTimeout) && error.is_timeout());
            check("result", is_about_result);
            check("status", error.api_status() == text("result_status"));
        }
        "ResultIncompleteError" => {
            check("kind", kind(ErrorKind::UnexpectedResponse));
            check("result", is_about_result);
            let counts = match error.detail() {
                Some(ResultFailure::Incomplete { fetched, expected }) => Some((*fetched, *expected)),
                _ => None,
            };
            check("counts", counts == expected["fetched"].as_u64().zip(expected["expected"].as_u64()));
        }
        "ResultTooLargeError" => {
            check("kind", kind(ErrorKind::LimitExceeded));
            check("result", is_about_result);
            let what = match error.detail() {
                Some(ResultFailure::TooLarge { measure, observed, limit }) => {
                    Some((measure, *observed, *limit))
                }
                _ => None,
            };
            let measure = what.map(|(measure, ..)| format!("{measure:?}").to_lowercase());
            check("measure", measure.as_deref() == text("kind"));
            check("observed", what.map(|(_, observed, _)| observed) == expected["observed"].as_u64());
            check("limit", what.map(|(.., limit)| limit) == expected["limit"].as_u64());
            check("source", error.source().is_some());
        }
        "ResultUnavailableError" => {
            check("kind", kind(ErrorKind::OperationFailed));
            check("detail", matches!(error.detail(), Some(ResultFailure::Unavailable { .. })));
            check("warning", error.api_message() == text("warning"));
        }
        "ServerOverloadedError" | "TableLockedError" => {
            let right = if expected["status"] == 429 { ErrorKind::RateLimited } else { ErrorKind::Conflict };
            check("kind", kind(right));
            check("attempts", error.attempts().map(u64::from) == expected["attempts"].as_u64());
            check("status", error.status().map(u64::from) == expected["status"].as_u64());
            check("code", error.api_code() == text("code"));
            check("message", text("message").is_none() || error.api_message() == text("message"));
            let after = text("retry_after").and_then(|text| text.parse::<f64>().ok());
            let is_asked = after.is_none() || error.retry_after() == after.map(Duration::from_secs_f64);
            check("retry after", is_asked);
        }
        _ => wrong.extend(errors::compare(case, error, may_have_changed(case))),
    }
    done.wrong.extend(wrong);
    done.is_compared = true;
    done
}

/// True if an error after a query has the id of its run.
fn has_run(case: &Case<'_>, error: &Error) -> bool {
    let first = case.exchanges().first().map(|exchange| &exchange["response"]["body"]["query_run_id"]);
    case.op() != "query_with_follow" || error.request_id() == first.and_then(Value::as_str)
}

/// True if the last request is the one that changes something, and not one of those that read what came of
/// it.
fn may_have_changed(case: &Case<'_>) -> bool {
    case.exchanges().last().is_some_and(|last| last["request"]["method"] != "GET")
}
