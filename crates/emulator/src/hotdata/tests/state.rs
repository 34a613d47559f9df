//! The state as a document.

use proptest::prelude::*;
use serde_json::{Value, json};

use std::time::Duration;

use crate::document::testing::{
    Answered, Seen, check, check_gate, check_head, instance, refuses, request, send,
};
use crate::hotdata::settings::Options;
use crate::hotdata::{Hotdata, Pending};
use crate::instance::Instance;
use crate::settings::Settings;

#[derive(Clone, Copy, Debug)]
struct Op(u8, u8);

fn make(pending: Pending) -> Instance<Hotdata> {
    instance::<Hotdata>(|settings, options| configure(settings, options, pending))
}

fn configure(settings: &mut Settings, options: &mut Options, pending: Pending) {
    settings.pending = pending;
    settings.seed = 9;
    for text in ["older-surface=on", "result-pending=1", "min-part=1", "single-up-to=16", "preview-rows=2"] {
        options.behaviour.set(text).unwrap();
    }
}

/// What can be loaded, with the types of its columns.
const DATA: [(&str, &str); 4] = [
    ("a,b,c\n1,x,2.50\n2,,1e300\n3,\"\"\"q\",-0.0\n", r#"{"a": "BIGINT", "b": "VARCHAR", "c": "DOUBLE"}"#),
    ("a,b,c\n2,z,1\n9,y,0.1\n", r#"{"a": "BIGINT", "b": "VARCHAR", "c": "DOUBLE"}"#),
    (
        "a,d,t,z,n,f,y\n1,2026-01-31,2026-01-01 00:00:00.5,2026-01-01T00:00:00Z,12345678901234567890.12,true,abc\n2,,,,0.10,false,\n",
        r#"{"a": "BIGINT", "d": "DATE", "t": "TIMESTAMP", "z": "TIMESTAMPTZ", "n": "DECIMAL(38,2)", "f": "BOOLEAN", "y": "BLOB"}"#,
    ),
    ("a\n9223372036854775807\n-1\n", r#"{"a": "BIGINT"}"#),
];

const QUERIES: [&str; 8] = [
    "SELECT * FROM t0",
    "SELECT a, b, c FROM t1 ORDER BY a DESC",
    "SELECT count(*) AS n, sum(a) AS s FROM t0",
    "SELECT * FROM t2",
    "SELECT 1 AS one, NULL AS nothing, 'x' AS text",
    "SELECT x.a FROM t0 x JOIN t1 y ON x.a = y.a",
    "SELECT nonsense FROM nowhere",
    "SELECT * FROM other.main.t0",
];

fn act(on: &Instance<Hotdata>, Op(what, which): &Op, seen: &Seen) -> Answered {
    let which = *which;
    // Mostly the oldest database: what belongs together meets there.
    let database = || {
        let is_database = |text: &str| text.starts_with("dbid") && text.len() == 30;
        if which % 4 == 3 { seen.pick(which / 4, is_database) } else { seen.oldest(is_database) }
    };
    let with = |method: &str, url: &str, more: &[(&'static str, &str)], body: &[u8]| {
        let mut headers =
            vec![("authorization", "Bearer hd_emulator_key"), ("x-workspace-id", "ws_emulator")];
        headers.extend_from_slice(more);
        send(on, &request(method, &format!("/v1/{url}"), &headers, body))
    };
    let call = |method: &str, url: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        with(method, url, &[("x-database-id", &database())], body.as_bytes())
    };
    let get = |url: &str| call("GET", url, Value::Null);
    let id = |prefix: &str| {
        seen.pick(which / 3, |text| text.starts_with(prefix) && text.len() == prefix.len() + 26)
    };
    let table = format!("databases/{}/schemas/main/tables/t{}", database(), which % 3);
    let (data, columns) = DATA[usize::from(which) % DATA.len()];
    let columns: Value = serde_json::from_str(columns).unwrap();
    match what % 32 {
        0 => {
            let fields = [
                json!({}),
                json!({ "name": format!("n{}", which % 5), "expires_at": "1h" }),
                json!({ "name": "d", "if_not_exists": true, "default_catalog": "own" }),
                json!({ "schemas": [{ "name": "main", "tables": [{ "name": "t0", "key": ["a"], "partition_by":
                    [{ "column": "b", "transform": "identity" }] }] }] }),
            ];
            call("POST", "databases", fields[usize::from(which) % 4].clone())
        }
        1..=3 => {
            let mode = ["replace", "append", "upsert", "delete", "update"][usize::from(which) % 5];
            let mut body = json!({ "mode": mode, "data": data, "columns": columns });
            if mode != "append" && mode != "replace" {
                body["key"] = json!(["a"]);
            }
            if which % 7 == 0 {
                body["async"] = json!(true);
            }
            if which % 11 == 0 {
                body["idempotency_key"] = json!(format!("k{}", which % 2));
            }
            call("POST", &format!("{table}/loads"), body)
        }
        4..=6 => {
            let mut body = json!({ "sql": QUERIES[usize::from(which) % QUERIES.len()] });
            if which % 5 == 0 {
                body["async"] = json!(true);
            }
            call("POST", "query", body)
        }
        7 => get(&format!("query-runs/{}", id("qrun"))),
        8 => get(&format!("results/{}?offset=1", id("rslt"))),
        9 => get(&format!("jobs/{}", id("jobs"))),
        10 => {
            let fields = [
                json!({ "declared_size_bytes": 6, "content_type": "text/csv" }),
                json!({ "declared_size_bytes": 40, "part_size": 20 }),
                json!({}),
            ];
            call("POST", "uploads", fields[usize::from(which) % 3].clone())
        }
        11 | 12 => {
            let url = seen.pick(which / 2, |text| text.contains("/storage/"));
            let path = &url[url.find("/storage/").unwrap_or(0)..];
            let bytes: &[u8] = if which % 2 == 0 { b"a\n1\n2\n" } else { b"a,b,c\n7,seven,0.5\n.." };
            send(on, &request("PUT", path, &[], bytes))
        }
        13 => {
            let (upload, token) = (id("upld"), seen.pick(which, |text| text.len() == 40));
            with("POST", &format!("uploads/{upload}/finalize"), &[("x-upload-finalize-token", &token)], b"{}")
        }
        14 => {
            let mut body = json!({ "mode": "append", "upload_id": id("upld") });
            if which % 2 == 0 {
                body["async"] = json!(true);
            }
            call("POST", &format!("{table}/loads"), body)
        }
        15 => call("POST", &format!("{table}/loads"), json!({ "mode": "replace", "result_id": id("rslt") })),
        16 => {
            let sql = QUERIES[usize::from(which) % QUERIES.len()];
            match which % 4 {
                0 => call("POST", "queries", json!({ "name": "q", "sql": sql, "tags": ["a"] })),
                1 => {
                    call("PUT", &format!("queries/{}", id("svqr")), json!({ "sql": sql, "description": "d" }))
                }
                2 => call("POST", &format!("queries/{}/execute", id("svqr")), json!({})),
                _ => get(&format!("queries/{}/versions", id("svqr"))),
            }
        }
        17 => call(
            "POST",
            &format!("databases/{}/fork", database()),
            json!({ "name": "fork", "description": "f" }),
        ),
        18 => match which % 3 {
            0 => call(
                "POST",
                "databases/bulk",
                json!({ "count": 12, "name_template": "b{index}", "idempotency_key": "b" }),
            ),
            1 => get(&format!("databases/bulk/{}", id("btch"))),
            _ => call("DELETE", &format!("databases/bulk/{}", id("btch")), Value::Null),
        },
        19 => {
            let path = format!("databases/{}/context", database());
            match which % 3 {
                0 | 1 => call("POST", &path, json!({ "name": format!("c{}", which % 4), "content": "text" })),
                _ => call("DELETE", &format!("{path}/c0"), Value::Null),
            }
        }
        20 => {
            let is_connection = |text: &str| text.starts_with("conn") && text.len() == 30;
            let connection = if which > 200 { id("conn") } else { seen.oldest(is_connection) };
            let path = format!("connections/{connection}/tables/main/t{}/indexes", which % 3);
            let body = match which % 4 {
                0 => {
                    json!({ "index_name": "v", "columns": ["b"], "index_type": "vector", "algorithm": "ivf", "nlist": 5, "probe_fraction": 0.25 })
                }
                1 => json!({ "index_name": "i", "columns": ["a"], "async": true }),
                2 => return get(&path),
                _ => json!({ "index_name": "m", "columns": ["b"], "index_type": "bm25" }),
            };
            call("POST", &path, body)
        }
        21 => match which % 3 {
            0 => call(
                "POST",
                "embedding-providers",
                json!({ "name": "e", "provider_type": "local", "config": { "m": 1.5 }, "api_key": "k" }),
            ),
            1 => call("PUT", &format!("embedding-providers/{}", id("embp")), json!({ "secret_name": null })),
            _ => get("embedding-providers"),
        },
        22 => match which % 4 {
            0 => call(
                "POST",
                "connections",
                json!({ "name": format!("p{}", which % 8), "source_type": "postgres", "config": {} }),
            ),
            1 => {
                call("POST", "connections", json!({ "name": "own", "source_type": "managed", "config": {} }))
            }
            2 => call(
                "POST",
                &format!("databases/{}/catalogs", database()),
                json!({ "connection_id": id("conn"), "alias": "other" }),
            ),
            _ => get(&format!("connections/{}", id("conn"))),
        },
        23 => match which % 6 {
            0 => call("POST", "secrets", json!({ "name": format!("s{}", which % 4), "value": "v" })),
            1 => call(
                "POST",
                "datasets",
                json!({ "label": format!("L {which}"), "source": { "type": "url", "url": "http://x" } }),
            ),
            2 => call("PUT", &format!("datasets/{}", id("data")), json!({ "pinned_version": 1 })),
            3 => with("POST", "files", &[("content-type", "text/csv")], b"a\n5\n"),
            4 => get("files"),
            _ => call("POST", "refresh", json!({ "async": true })),
        },
        24 => match which % 3 {
            0 => call("POST", "workspaces", json!({ "name": "second" })),
            1 => get("workspaces"),
            _ => call(
                "DELETE",
                &format!(
                    "workspaces/{}",
                    seen.pick(which, |text| text.len() == 23 && text.starts_with("ws_"))
                ),
                Value::Null,
            ),
        },
        25 | 26 => {
            on.settings.clock.advance(Duration::from_millis(u64::from(which) * u64::from(which) * 10));
            Answered::nothing()
        }
        27 => {
            let texts = [
                "locked-loads=2",
                "run-status=cancelled",
                "errors=word",
                "run-status=off",
                "job-status=failed",
                "result-pending=1s..3s",
            ];
            on.set(texts[usize::from(which) % texts.len()]).unwrap();
            Answered::nothing()
        }
        28 => match which % 5 {
            0 => call("DELETE", &format!("databases/{}", id("dbid")), Value::Null),
            1 => call("DELETE", &format!("connections/{}/schemas/main/tables/t0", id("conn")), Value::Null),
            2 => call("DELETE", &format!("queries/{}", id("svqr")), Value::Null),
            3 => call("DELETE", &format!("databases/{}/catalogs/{}", database(), id("conn")), Value::Null),
            _ => call("DELETE", &format!("connections/{}", id("conn")), Value::Null),
        },
        29 => get(["jobs", "databases", "query-runs", "results"][usize::from(which) % 4]),
        30 => get("information_schema?include_columns=true"),
        _ => get(&format!("databases/{}/lineage", database())),
    }
}

/// A database with tables, a fork of it, and everything else under way.
fn first() -> Vec<Op> {
    let mut all =
        vec![Op(0, 3), Op(1, 60), Op(1, 10), Op(1, 62), Op(1, 0), Op(4, 0), Op(4, 3), Op(5, 5), Op(17, 0)];
    all.extend([
        Op(10, 0),
        Op(11, 0),
        Op(13, 0),
        Op(10, 1),
        Op(16, 0),
        Op(19, 0),
        Op(21, 0),
        Op(22, 0),
        Op(22, 1),
    ]);
    all.extend([
        Op(23, 0),
        Op(23, 1),
        Op(23, 3),
        Op(24, 0),
        Op(18, 0),
        Op(20, 1),
        Op(20, 3),
        Op(25, 90),
        Op(14, 10),
    ]);
    all
}

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<(u8, u8)>().prop_map(|(what, which)| Op(what, which)), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_restored_emulator_goes_on_as_the_original(by_time in any::<bool>(), some in ops(80), after in ops(50)) {
        let pending = match by_time {
            true => Pending::between(Duration::from_secs(1)..=Duration::from_secs(600)),
            false => Pending::polls(2),
        };
        check(&|| make(pending), &[first(), some].concat(), &after, &act);
    }
}

#[test]
fn a_busy_workspace_is_kept_whole_and_contradictions_are_refused() {
    let make = || make(Pending::polls(2));
    let on = make();
    let mut seen = Seen::default();
    for op in first() {
        let answered = act(&on, &op, &seen);
        assert!(answered.status < 400, "{op:?} {}", answered.text());
        seen.note(&answered);
    }
    let state = check(&make, &first(), &[Op(4, 0), Op(7, 0), Op(29, 1)], &act);
    let document: Value = serde_json::from_str(&state).unwrap();
    let space = &document["state"]["workspaces"][0];
    for (kind, value) in space.as_object().unwrap() {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        assert!(!is_empty || kind == "used", "{kind} is empty: {state}");
    }
    for part in
        ["Decimal128(38, 2)", "{\"bytes\":\"YWJj\"}", "\"12345678901234567890.12\"", "1e300", "\"claimed\""]
    {
        assert!(state.contains(part), "{part}: {state}");
    }
    let upload = document["state"]["uploads"].as_object().unwrap();
    let claimed = upload.iter().find(|(_, one)| one["phase"]["claimed"].is_object()).unwrap().0;
    let at = |rest: &str| format!("/state/workspaces/0/{rest}");
    let phase = format!("/state/uploads/{claimed}/phase");
    refuses(
        &make(),
        &state,
        &[
            (
                &at("databases/0/connection"),
                json!("connx"),
                "workspaces/0/databases/0/connection: there is no `connx`",
            ),
            (
                &at("databases/1/id"),
                document["state"]["workspaces"][0]["databases"][0]["id"].clone(),
                "databases/1/id: ",
            ),
            (&at("catalogs/0/database"), json!("dbidx"), "workspaces/0/catalogs/0/database: "),
            (&at("catalogs/0/data/0/rows/0"), json!([1]), "row 0 has 1 values"),
            (
                &at("catalogs/0/data/0/rows/0/0"),
                json!("x"),
                "row 0, column `a`: the value is not of the type Int64",
            ),
            (&at("catalogs/0/data/0/columns/0/data_type"), json!("Decimal128(99, 1)"), "is not a type"),
            (&at("contexts/0/database"), json!("dbidx"), "workspaces/0/contexts/0/database: "),
            (&at("loads/0/job"), json!("jobsx"), "workspaces/0/loads/0/job: "),
            (&at("batches/0/count"), json!(0), "workspaces/0/batches/0/count: "),
            (&at("batches/0/id"), json!("b"), "workspaces/0/batches/0/id: "),
            (&at("runs/0/milliseconds"), json!(u64::MAX), "workspaces/0/runs/0: "),
            (&at("jobs/0/kind"), json!("labour"), "/state/workspaces/0/jobs/0/kind "),
            (&at("results/0/rows/batches/0/rows/0"), json!([]), "a batch has"),
            (&phase, json!({ "ready": { "since": 0 } }), "the upload of this load is not"),
            (&at("loads"), json!([]), "/phase: the upload is `claimed`, but no load has it"),
            ("/state/counts/made", json!(-1), "/state/counts/made "),
            ("/state/settings/errors", json!("loud"), "/state/settings/errors "),
            (
                "/state/settings/unknown_workspace",
                json!(7),
                "/state/settings/unknown_workspace: 7 is not 403",
            ),
            (
                "/state/settings/part_size",
                json!(0),
                "/state/settings/part_size: it must be null or at least 1",
            ),
        ],
    );
}

#[test]
fn no_state_is_restored_while_a_request_is_answered() {
    let reads = check_gate::<Hotdata>(
        |settings, options| configure(settings, options, Pending::polls(1)),
        |on| {
            let mut seen = Seen::default();
            for (what, which) in (0..24).flat_map(|which| (0..32).map(move |what| (what, which))) {
                // Those that advance the clock are not requests.
                if matches!(what, 25 | 26) {
                    continue;
                }
                seen.note(&act(on, &Op(what, which), &seen));
            }
            on.resources();
            on.settle();
        },
    );
    assert!(reads > 100, "{reads}");
}

#[test]
fn no_time_is_restored_that_no_emulator_can_go_on_from() {
    check_head(&instance::<Hotdata>(|settings, _| settings.rate_limit = Some(1)));
}

#[test]
fn more_of_a_kind_than_a_workspace_keeps_is_refused() {
    let on = make(Pending::polls(2));
    let seen = first().iter().fold(Seen::default(), |mut seen, op| {
        seen.note(&act(&on, op, &seen));
        seen
    });
    drop(seen);
    let state = on.state().unwrap();
    let document: Value = serde_json::from_str(&state).unwrap();
    let space = &document["state"]["workspaces"][0];
    let many = |kind: &str, count: usize| json!(vec![space[kind][0].clone(); count]);
    let changes: Vec<(String, Value, String)> =
        [("contexts", 10_001), ("saved", 10_001), ("secrets", 20_001)]
            .into_iter()
            .map(|(kind, count)| {
                let most = count - 1;
                let why = format!("workspaces/0/{kind}: there are more than {most}");
                (format!("/state/workspaces/0/{kind}"), many(kind, count), why)
            })
            .collect();
    let changes: Vec<(&str, Value, &str)> =
        changes.iter().map(|(at, new, why)| (at.as_str(), new.clone(), why.as_str())).collect();
    refuses(&on, &state, &changes);
}

#[test]
fn usage_of_runs_of_many_rows_does_not_overflow() {
    let on = make(Pending::polls(0));
    let call = |method: &str, url: &str, more: &[(&'static str, &str)], body: &[u8]| {
        let mut headers =
            vec![("authorization", "Bearer hd_emulator_key"), ("x-workspace-id", "ws_emulator")];
        headers.extend_from_slice(more);
        send(&on, &request(method, &format!("/v1/{url}"), &headers, body))
    };
    let database = call("POST", "databases", &[], b"{}").json()["id"].as_str().unwrap().to_owned();
    let asked = call("POST", "query", &[("x-database-id", &database)], br#"{"sql": "SELECT 1 AS a"}"#);
    assert_eq!(asked.status, 200, "{}", asked.text());
    let mut document: Value = serde_json::from_str(&on.state().unwrap()).unwrap();
    let runs = &mut document["state"]["workspaces"][0]["runs"];
    runs[0]["rows"] = json!(1_u64 << 42);
    let run = runs[0].clone();
    *runs = (0..10_000)
        .map(|number| {
            let mut run = run.clone();
            run["id"] = json!(format!("qrun{number}"));
            run
        })
        .collect();
    on.restore(document.to_string().as_bytes()).unwrap();
    assert_eq!(call("GET", "usage", &[], b"").status, 200);
}

#[test]
fn a_config_can_be_restored_however_deep_it_is() {
    let on = make(Pending::polls(0));
    let create = |depth: usize| {
        let config = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let body = format!(r#"{{"name": "n{depth}", "provider_type": "local", "config": {config}}}"#);
        let headers = [("authorization", "Bearer hd_emulator_key"), ("x-workspace-id", "ws_emulator")];
        send(&on, &request("POST", "/v1/embedding-providers", &headers, body.as_bytes())).status
    };
    assert_eq!([63, 64, 123].map(create), [201, 400, 400]);
    let state = on.state().unwrap();
    on.restore(state.as_bytes()).unwrap();
}

#[test]
fn a_file_that_is_refused_is_not_kept() {
    let on = make(Pending::polls(0));
    let upload = || {
        let headers = [("authorization", "Bearer hd_emulator_key"), ("x-workspace-id", "ws_emulator")];
        send(&on, &request("POST", "/v1/files", &headers, b"a")).status
    };
    let last = (0..10_001).map(|_| upload()).fold((0, 0), |(_, last), status| (last, status));
    assert_eq!(last, (201, 503));
    let document: Value = serde_json::from_str(&on.state().unwrap()).unwrap();
    assert_eq!(document["state"]["uploads"].as_object().unwrap().len(), 10_000);
}
