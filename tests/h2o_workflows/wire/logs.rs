//! Streams of logs, followed piece by piece: what was given before an error counts too.

use std::collections::BTreeMap;

use controlplane::Error;
use controlplane::h2o_workflows::{AsyncClient, Client, StreamStepLogs};
use controlplane::transport::Proxy;
use serde_json::Value;

use super::compare::{bytes_of_text, compare_error, compare_requests, stream_of};
use super::service::{sent, service};
use super::{BASE, calls, cases, credentials, exchanges, is_stream, not_known, outcome, retries, runtime};
use crate::clock::Leaping;
use crate::scripted::Scripted;
use crate::served::serve;
use crate::vectors::{Case, Report};

/// How a stream can end.
pub(super) const ENDS: [&str; 4] = ["closed", "error line", "decode error", "transport error"];

/// What was given, and where it ended.
struct Followed {
    bytes: Vec<u8>,
    offset: u64,
    error: Option<Error>,
}

fn follow(client: &Client, command: StreamStepLogs) -> Followed {
    let call = client.step().stream_step_logs(command.name).offset(command.offset).output(command.stream);
    let mut logs = call.follow();
    let (mut bytes, mut error) = (Vec::new(), None);
    for chunk in &mut logs {
        match chunk {
            Ok(chunk) => bytes.extend(chunk.data),
            Err(why) => error = Some(why),
        }
    }
    assert!(logs.next().is_none());
    Followed { bytes, offset: logs.offset(), error }
}

fn follow_async(client: &AsyncClient, command: StreamStepLogs) -> Followed {
    runtime().block_on(async {
        let call = client.step().stream_step_logs(command.name).offset(command.offset).output(command.stream);
        let mut logs = call.follow();
        let (mut bytes, mut error) = (Vec::new(), None);
        while let Some(chunk) = logs.next().await {
            match chunk {
                Ok(chunk) => bytes.extend(chunk.data),
                Err(why) => error = Some(why),
            }
        }
        assert!(logs.next().await.is_none());
        Followed { bytes, offset: logs.offset(), error }
    })
}

type Mode = fn(&Case, Scripted, StreamStepLogs) -> Followed;
const MODES: [(&str, Mode); 4] = [
    ("blocking", |case, script, command| {
        follow(&calls::client(case, script, &Leaping::new()).unwrap(), command)
    }),
    ("async", |case, script, command| follow_async(&calls::async_client(case, script).unwrap(), command)),
    ("blocking, over sockets", |_, script, command| {
        let server = serve(script, BASE);
        let client = Client::builder().credentials(credentials(&server.url())).retry(retries(0));
        follow(&client.proxy(Proxy::None).clock(Leaping::new()).build().unwrap(), command)
    }),
    ("async, over sockets", |_, script, command| {
        let server = serve(script, BASE);
        let client = AsyncClient::builder().credentials(credentials(&server.url())).retry(retries(0));
        follow_async(&client.proxy(Proxy::None).build().unwrap(), command)
    }),
];

fn check(case: &Case, mode: Mode) -> Vec<String> {
    let mut wrong = not_known(case);
    let script = match service(case) {
        Ok(script) => script,
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let command: StreamStepLogs = match serde_json::from_str(&case.raw("/args").unwrap()) {
        Ok(command) => command,
        Err(_) if outcome(case)["error"]["kind"] == "argument" => return wrong,
        Err(why) => return [wrong, vec![format!("no command: {why}")]].concat(),
    };
    let followed = mode(case, script.clone(), command);
    let expected = &case.json["expected"]["stream"];
    let (wanted, error) = stream_of(case)
        .unwrap_or_else(|| (bytes_before_the_end(outcome(case)), outcome(case).get("error").cloned()));
    if followed.bytes != wanted {
        let shown = String::from_utf8_lossy(&followed.bytes);
        wrong.push(format!("{shown:?} is not {:?}", String::from_utf8_lossy(&wanted)));
    }
    match (&followed.error, error) {
        (None, None) => {}
        (Some(got), Some(expected)) => wrong.extend(compare_error(case, got, &expected, false)),
        (got, expected) => wrong.push(format!("{got:?} is not {expected:?}")),
    }
    if let Some(offset) = expected["offset"].as_u64()
        && followed.offset != offset
    {
        wrong.push(format!("offset {} is not {offset}", followed.offset));
    }
    let requests: Vec<&Value> = exchanges(case).iter().map(|exchange| &exchange["request"]).collect();
    wrong.extend(compare_requests(&sent(&script), &requests));
    wrong
}

/// The text that the vendor's client gave, as bytes.
fn bytes_before_the_end(outcome: &Value) -> Vec<u8> {
    match (outcome.get("ok"), outcome.get("yielded")) {
        (Some(text), _) | (None, Some(text)) => bytes_of_text(text),
        (None, None) => Vec::new(),
    }
}

#[test]
fn every_recorded_stream() {
    let cases = cases();
    let mut report = Report::new(&cases);
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for case in cases.iter().filter(|case| is_stream(case)) {
        if let Some(end) = case.json["expected"]["stream"]["end"].as_str() {
            *ends.entry(end.to_owned()).or_default() += 1;
        }
        for (name, mode) in MODES {
            report.run(case, name, || check(case, mode));
        }
    }
    report.finish();
    assert!(!cases.is_own() || ends.values().sum::<u32>() > 14 && ends.len() == ENDS.len(), "{ends:?}");
}
