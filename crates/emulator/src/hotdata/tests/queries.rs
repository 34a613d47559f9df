//! Queries, runs and results.

use std::thread;

use super::*;

/// A database with a table of three rows, and a client whose header names it.
fn shop(emulator: &Emulator) -> Caller {
    let caller = Caller::of(emulator);
    let id = text(&caller.database(json!({}))["id"]);
    let load = json!({ "mode": "replace", "data": "id,name\n1,a\n2,b\n3,c\n" });
    caller.post(200, &format!("databases/{id}/schemas/main/tables/items/loads"), load);
    caller.with("x-database-id", &id)
}

fn ask(sql: &str) -> Value {
    json!({ "sql": sql })
}

const ALL: &str = "SELECT id, name FROM items ORDER BY id";

#[test]
fn a_small_result_comes_with_the_answer_and_is_kept() {
    let emulator = Emulator::start().unwrap();
    let caller = shop(&emulator);
    let said = caller.post(200, "query", ask(ALL));
    assert_eq!(said["columns"], json!(["id", "name"]));
    assert_eq!(said["rows"], json!([[1, "a"], [2, "b"], [3, "c"]]));
    assert_eq!(
        (&said["truncated"], &said["total_row_count"], &said["row_count"]),
        (&json!(false), &json!(3), &json!(3))
    );
    let (run, result) = (text(&said["query_run_id"]), text(&said["result_id"]));
    let run = caller.get(&format!("query-runs/{run}"));
    assert_eq!(
        (&run["status"], &run["row_count"], &run["result_id"]),
        (&json!("succeeded"), &json!(3), &json!(result))
    );
    let got = caller.get(&format!("results/{result}?offset=1&limit=1"));
    assert_eq!(
        (&got["rows"], &got["row_count"], &got["total_row_count"]),
        (&json!([[2, "b"]]), &json!(1), &json!(3))
    );
    let response =
        caller.send(Method::Get, &format!("/v1/results/{result}?offset=1&limit=1&format=csv"), None);
    assert_eq!(response.body, b"id,name\n2,b\n");
    assert_eq!(response.headers.text("x-total-row-count").unwrap(), "3");
    let link = response.headers.text("link").unwrap().into_owned();
    assert_eq!(link, format!("</v1/results/{result}?offset=2&limit=1&format=csv>; rel=\"next\""));
    let taken = emulator.ledger().pop().unwrap();
    assert_eq!((taken.operation, taken.rows), ("query", Some(3)));
    for bad_one in ["format=xls", "offset=-1", "limit=x", "format=parquet"] {
        let refused = caller.refused(Method::Get, &format!("results/{result}?{bad_one}"), None);
        assert_eq!(refused, bad("BAD_REQUEST"), "{bad_one}");
    }
}

#[test]
fn a_query_names_its_database_once() {
    let emulator = Emulator::start().unwrap();
    let caller = shop(&emulator);
    let id = caller.headers.last().unwrap().1.clone();
    let both = |id: &str| json!({ "sql": "SELECT 1", "database_id": id });
    caller.post(200, "query", both(&id));
    assert_eq!(caller.refused(Method::Post, "query", Some(both("dbidother"))), bad("BAD_REQUEST"));
    let without = caller.with("x-database-id", "");
    without.post(200, "query", both(&id));
    assert_eq!(without.refused(Method::Post, "query", Some(ask("SELECT 1"))), bad("BAD_REQUEST"));
    assert_eq!(without.refused(Method::Post, "query", Some(both("x y"))), bad("BAD_REQUEST"));
    assert_eq!(without.refused(Method::Post, "query", Some(both("dbidother"))), bad("NOT_FOUND"));
    for more in [
        json!({ "async_after_ms": 2000 }),
        json!({ "async": true, "async_after_ms": 999 }),
        json!({ "async": true, "async_after_ms": 60_001 }),
        json!({ "dialect": "klingon" }),
        json!({ "default_catalog": "none" }),
        json!({ "sql": "" }),
    ] {
        let mut body = ask("SELECT 1");
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(caller.refused(Method::Post, "query", Some(body)), bad("BAD_REQUEST"), "{more}");
    }
}

#[test]
fn a_truncated_result_is_saved_while_its_run_goes_on() {
    let emulator =
        Emulator::builder().preview_rows(Some(1)).result_pending(Pending::polls(2)).start().unwrap();
    let caller = shop(&emulator);
    let said = caller.post(200, "query", ask(ALL));
    assert_eq!((&said["truncated"], &said["rows"]), (&json!(true), &json!([[1, "a"]])));
    assert_eq!((said.get("total_row_count"), &said["preview_row_count"]), (None, &json!(1)));
    let result = format!("results/{}", text(&said["result_id"]));
    let run = format!("query-runs/{}", text(&said["query_run_id"]));
    let (status, body) = caller.call(Method::Get, &result, None);
    assert_eq!((status, &body["status"]), (202, &json!("pending")));
    assert_eq!(caller.get(&run)["status"], "running");
    assert_eq!(caller.get(&run)["status"], "succeeded");
    assert_eq!(caller.get(&result)["rows"], json!([[1, "a"], [2, "b"], [3, "c"]]));
    assert_eq!(caller.get(&format!("{result}?limit=0"))["rows"], json!([]));
}

#[test]
fn what_is_asked_in_the_background_is_told_later() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let caller = shop(&emulator);
    let mut body = ask(ALL);
    body["async"] = json!(true);
    let ticket = caller.post(202, "query", body.clone());
    assert_eq!(ticket["status"], "running");
    let run = format!("query-runs/{}", text(&ticket["query_run_id"]));
    let statuses: Vec<_> = (0..3).map(|_| text(&caller.get(&run)["status"])).collect();
    assert_eq!(statuses, ["running", "running", "succeeded"]);
    emulator.set("run-status=interrupted").unwrap();
    let ticket = caller.post(202, "query", body);
    let run = format!("query-runs/{}", text(&ticket["query_run_id"]));
    let last = (0..3).map(|_| caller.get(&run)).last().unwrap();
    assert_eq!((&last["status"], last.get("result_id")), (&json!("interrupted"), None));
    assert_eq!(caller.get("query-runs?status=interrupted,failed")["count"], 1);
}

#[test]
fn async_after_waits_for_what_is_quick() {
    let hands = Hands::new();
    let emulator =
        hands.on(Emulator::builder()).pending(Pending::time(Duration::from_secs(2))).start().unwrap();
    let caller = shop(&emulator);
    let body = |after: u64| json!({ "sql": ALL, "async": true, "async_after_ms": after });
    caller.post(200, "query", body(2000));
    let ticket = caller.post(202, "query", body(1999));
    let run = format!("query-runs/{}", text(&ticket["query_run_id"]));
    assert_eq!(caller.get(&run)["status"], "running");
    hands.forward(2.0);
    assert_eq!(caller.get(&run)["status"], "succeeded");
}

#[test]
fn results_that_fail_or_cannot_be_saved() {
    let emulator = Emulator::builder().set("fail-results=the disk is full").unwrap().start().unwrap();
    let caller = shop(&emulator);
    let said = caller.post(200, "query", ask(ALL));
    let (status, body) = caller.call(Method::Get, &format!("results/{}", text(&said["result_id"])), None);
    assert_eq!(
        (status, &body["status"], &body["error_message"]),
        (409, &json!("failed"), &json!("the disk is full"))
    );
    emulator.set("fail-results=off").unwrap();
    emulator.set("unsaved-results=on").unwrap();
    let said = caller.post(200, "query", ask(ALL));
    assert_eq!(said.get("result_id"), None);
    let run = caller.get(&format!("query-runs/{}", text(&said["query_run_id"])));
    assert_eq!(
        (&run["status"], run.get("result_id"), run["warning_message"].is_string()),
        (&json!("succeeded"), None, true)
    );
    emulator.set("preview-rows=1").unwrap();
    let refused = caller.refused(Method::Post, "query", Some(ask(ALL)));
    assert_eq!(refused, (503, "PERSISTENCE_UNAVAILABLE".to_owned()));
    emulator.set("unsaved-results=off").unwrap();
    emulator.set("json-limit=10").unwrap();
    let result = text(&caller.post(200, "query", ask(ALL))["result_id"]);
    let refused = caller.refused(Method::Get, &format!("results/{result}"), None);
    assert_eq!(refused, (413, "RESULT_TOO_LARGE".to_owned()));
}

#[test]
fn arrow_comes_whole_or_not_at_all() {
    let emulator = Emulator::start().unwrap();
    let caller = shop(&emulator).with("accept", "application/vnd.apache.arrow.stream");
    let send = || caller.send(Method::Post, "/v1/query", Some(ask(ALL).to_string().into_bytes()));
    let response = send();
    assert_eq!(response.headers.text("content-type").unwrap(), "application/vnd.apache.arrow.stream");
    assert_eq!(response.headers.text("x-total-row-count").unwrap(), "3");
    let reader = arrow_ipc::reader::StreamReader::try_new(response.body.as_slice(), None).unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 3);
    let result = response.headers.text("x-result-id").unwrap().into_owned();
    let again = caller.send(Method::Get, &format!("/v1/results/{result}"), None);
    let reader = arrow_ipc::reader::StreamReader::try_new(again.body.as_slice(), None).unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 3);
    emulator.set("preview-rows=2").unwrap();
    let response = send();
    assert!(response.status == 202 && response.headers.get("x-result-id").is_some());
    // Who names JSON too gets JSON.
    let both = caller.with("accept", "application/json, application/vnd.apache.arrow.stream");
    assert_eq!(both.post(200, "query", ask(ALL))["truncated"], true);
}

#[test]
fn json_is_packed_for_those_who_ask() {
    use std::io::Read;
    let emulator = Emulator::builder().set("gzip=on").unwrap().start().unwrap();
    let caller = shop(&emulator);
    let plain = caller.with("accept-encoding", "identity").send(Method::Get, "/v1/databases", None);
    assert_eq!(plain.headers.get("content-encoding"), None);
    let packed = caller.with("accept-encoding", "gzip").send(Method::Get, "/v1/databases", None);
    assert_eq!(packed.headers.text("content-encoding").unwrap(), "gzip");
    let mut body = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut body).unwrap();
    assert_eq!(body, plain.body);
}

#[test]
fn a_saved_query_is_run_by_its_version() {
    let emulator = Emulator::start().unwrap();
    let caller = shop(&emulator);
    let made = caller.post(201, "queries", json!({ "name": "q", "sql": "SELECT 1 AS a" }));
    let path = format!("queries/{}", text(&made["id"]));
    let update = |body: Value| caller.call(Method::Put, &path, Some(body)).1;
    assert_eq!(update(json!({ "sql": "SELECT 2 AS a", "description": "x" }))["latest_version"], 2);
    assert_eq!(update(json!({ "sql": "SELECT 2 AS a" }))["latest_version"], 2);
    assert_eq!(update(json!({ "category_override": "mine" }))["category"], "mine");
    assert_eq!(update(json!({ "category_override": null }))["category"], "projection");
    let run = |body: Value| caller.call(Method::Post, &format!("{path}/execute"), Some(body));
    assert_eq!(run(json!({})).1["rows"], json!([[2]]));
    assert_eq!(run(json!({ "version": 1 })).1["rows"], json!([[1]]));
    assert_eq!((run(json!({ "version": 3 })).0, run(json!({ "version": 0 })).0), (404, 404));
    let runs = caller.get(&format!("query-runs?saved_query_id={}", text(&made["id"])));
    assert_eq!(runs["query_runs"][0]["saved_query_version"], 1);
}

#[test]
fn attached_catalogs_are_seen_by_their_alias() {
    let emulator = Emulator::start().unwrap();
    let caller = shop(&emulator);
    let id = caller.headers.last().unwrap().1.clone();
    let connection = caller.get(&format!("databases/{id}"))["default_connection_id"].clone();
    let other = text(&caller.database(json!({ "default_catalog": "mine" }))["id"]);
    let inside = caller.with("x-database-id", &other);
    let sql = "SELECT count(*) AS n FROM shop.main.items";
    assert_eq!(inside.refused(Method::Post, "query", Some(ask(sql))).0, 400);
    let body = json!({ "connection_id": connection, "alias": "shop" });
    assert_eq!(inside.call(Method::Post, &format!("databases/{other}/catalogs"), Some(body)).0, 204);
    assert_eq!(inside.post(200, "query", ask(sql))["rows"], json!([[3]]));
    let load = json!({ "mode": "replace", "data": "x\n7\n" });
    inside.post(200, &format!("databases/{other}/schemas/main/tables/t/loads"), load);
    for name in ["t", "main.t", "mine.main.t", "default.main.t"] {
        assert_eq!(
            inside.post(200, "query", ask(&format!("SELECT x FROM {name}")))["rows"],
            json!([[7]]),
            "{name}"
        );
    }
}

#[test]
fn a_result_can_go_back_and_was_once_of_no_database() {
    let emulator = Emulator::start().unwrap();
    let caller = shop(&emulator);
    let result = text(&caller.post(200, "query", ask(ALL))["result_id"]);
    let path = format!("results/{result}");
    emulator.add_fault("starts=get_result, times=1: back-to-pending".parse().unwrap());
    let (status, body) = caller.call(Method::Get, &path, None);
    assert_eq!((status, body), (202, json!({ "status": "processing", "result_id": result })));
    assert_eq!(caller.get(&path)["status"], "ready");
    let outside = caller.with("x-database-id", "");
    assert_eq!(outside.refused(Method::Get, &path, None), bad("BAD_REQUEST"));
    emulator.set("older-surface=on").unwrap();
    assert_eq!(outside.get(&path)["row_count"], 3);
    assert_eq!(outside.get("query-runs")["count"], 1);
    assert_eq!(outside.refused(Method::Get, "indexes", None), bad("BAD_REQUEST"));
}

#[test]
fn nobody_waits_for_a_query_that_takes_long() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let id = text(&caller.database(json!({}))["id"]);
    let engine = lock(&emulator.instance.service.world).engine.clone();
    let full = engine.fill();
    let said = thread::scope(|scope| {
        let full = full;
        let asked = scope.spawn(|| caller.call(Method::Post, "query", Some(one(&id))));
        while engine.waiting() == 0 {
            thread::yield_now();
        }
        let other = Caller::of(&emulator);
        other.post(201, "databases", json!({ "name": "meanwhile" }));
        assert!(!emulator.ledger().iter().any(|taken| taken.operation == "query"));
        drop(full);
        asked.join().unwrap()
    });
    assert_eq!((said.0, &said.1["rows"]), (200, &json!([[1]])));
    assert_eq!(emulator.ledger().last().unwrap().operation, "query");
}

/// Nor for the columns of a query that a dataset is made from.
#[test]
fn nobody_waits_for_the_query_of_a_dataset() {
    let emulator = Emulator::start().unwrap();
    emulator.set("older-surface=on").unwrap();
    let caller = Caller::of(&emulator);
    let id = text(&caller.database(json!({}))["id"]);
    let inside = caller.with("x-database-id", &id);
    let engine = lock(&emulator.instance.service.world).engine.clone();
    let full = engine.fill();
    let dataset = json!({ "label": "d", "source": { "type": "sql_query", "sql": "SELECT 1 AS n" } });
    let made = thread::scope(|scope| {
        let full = full;
        let made = scope.spawn(|| inside.post(201, "datasets", dataset));
        while engine.waiting() == 0 {
            thread::yield_now();
        }
        let other = Caller::of(&emulator);
        other.post(201, "databases", json!({ "name": "meanwhile" }));
        // Replacing the state does not wait either.
        let kept = emulator.state().unwrap();
        emulator.restore(&kept).unwrap();
        drop(full);
        made.join().unwrap()
    });
    let path = format!("datasets/{}", text(&made["id"]));
    assert_eq!(caller.get(&path)["columns"][0]["name"], "n");
    assert_eq!(emulator.ledger().last().unwrap().operation, "create_dataset");
}

#[test]
fn a_query_that_runs_when_everything_is_reset_leaves_nothing() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let id = text(&caller.database(json!({}))["id"]);
    let engine = lock(&emulator.instance.service.world).engine.clone();
    let full = engine.fill();
    let (status, _) = thread::scope(|scope| {
        let full = full;
        let asked = scope.spawn(|| caller.call(Method::Post, "query", Some(one(&id))));
        while engine.waiting() == 0 {
            thread::yield_now();
        }
        emulator.reset();
        drop(full);
        asked.join().unwrap()
    });
    assert_eq!(status, 503);
    assert!(emulator.ledger().is_empty());
}

/// A query that finds one row.
fn one(database: &str) -> Value {
    json!({ "sql": "SELECT 1 AS n", "database_id": database })
}
