//! Who may come in, how errors look, and what faults do.

use super::*;

#[test]
fn the_key_the_workspace_and_the_database_are_asked_for_in_this_order() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    for key in ["", "Bearer other", "hd_emulator_key", "Basic hd_emulator_key"] {
        let (status, body) = caller.with("authorization", key).call(Method::Get, "jobs", None);
        assert_eq!((status, body["error"]["code"].as_str()), (401, Some("UNAUTHORIZED")), "{key}");
    }
    for workspace in ["", "ws_other"] {
        let answer = caller.with("x-workspace-id", workspace).call(Method::Get, "jobs", None);
        assert_eq!(answer, (404, json!({ "error": { "message": "workspace_not_found" } })), "{workspace}");
        // These three do without.
        caller.with("x-workspace-id", workspace).get("workspaces");
    }
    let database = text(&caller.database(json!({}))["id"]);
    let scoped = [
        (Method::Get, "query-runs"),
        (Method::Get, "query-runs/qrun1"),
        (Method::Get, "results"),
        (Method::Get, "results/rslt1"),
        (Method::Get, "indexes"),
        (Method::Post, "queries/svqr1/execute"),
    ];
    for (method, path) in scoped {
        let call = |id: &str| caller.with("x-database-id", id).refused(method, path, None);
        for id in ["", "x", "dbid", "dbidX", "dbid-1"] {
            assert_eq!(call(id), bad("BAD_REQUEST"), "{path} {id}");
        }
        assert_eq!(call("dbidnone"), bad("NOT_FOUND"), "{path}");
        let (status, _) = caller.with("x-database-id", &database).call(method, path, None);
        assert!(status == 200 || status == 404, "{path}: {status}");
    }
    assert_eq!(caller.refused(Method::Get, "nothing", None), bad("NOT_FOUND"));
    assert_eq!(caller.refused(Method::Put, "jobs", None).0, 405);
    assert_eq!(caller.refused(Method::Get, "secrets", None), bad("NOT_FOUND"));
    assert_eq!(caller.refused(Method::Get, "jobs?limit=1&limit=1", None), bad("BAD_REQUEST"));
    assert_eq!(caller.refused(Method::Get, "jobs?other=1", None), bad("BAD_REQUEST"));
    // Nobody was asked to do anything but once.
    assert_eq!(emulator.ledger().len(), 1);
}

#[test]
fn errors_have_the_shape_that_was_chosen() {
    let emulator =
        Emulator::builder().error_shape(ErrorShape::Uncoded).unknown_workspace_as_403().start().unwrap();
    let caller = Caller::of(&emulator);
    let (status, body) = caller.call(Method::Get, "jobs/x", None);
    assert_eq!((status, body), (404, json!({ "error": { "message": "job x not found" } })));
    let (status, body) = caller.with("x-workspace-id", "ws_x").call(Method::Get, "jobs", None);
    assert_eq!((status, body), (403, json!({ "error": { "message": "forbidden" } })));
    emulator.set("errors=word").unwrap();
    assert_eq!(caller.call(Method::Get, "jobs/x", None).1, json!({ "error": "not_found" }));
    emulator.set("errors=page").unwrap();
    let page = caller.send(Method::Get, "/v1/jobs/x", None);
    assert_eq!((page.status, page.headers.get("content-type")), (404, Some(b"text/html".as_slice())));
    emulator.set("errors=coded").unwrap();
    // The three operations on workspaces have a model of their own.
    let missing = caller.call(Method::Delete, "workspaces/ws_x", None);
    assert_eq!(missing, (404, json!({ "error": "workspace_not_found" })));
    let unnamed = caller.call(Method::Post, "workspaces", Some(json!({})));
    assert_eq!(unnamed, (422, json!({ "error": "name_missing" })));
    assert!(emulator.set("errors=none").is_err());
}

#[test]
fn what_is_taken_stands_in_the_ledger_whatever_becomes_of_the_answer() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    emulator.add_fault("starts=create_database, nth=1: status=503, taken".parse().unwrap());
    emulator.add_fault("starts=create_database, nth=2: status=503".parse().unwrap());
    for wanted in [503, 503, 201] {
        assert_eq!(caller.call(Method::Post, "databases", Some(json!({ "name": "a" }))).0, wanted);
    }
    let taken = emulator.ledger();
    assert_eq!(taken.iter().map(|one| one.operation).collect::<Vec<_>>(), ["create_database"; 2]);
    assert_eq!(taken[0].workspace_id, "ws_emulator");
    assert_eq!(caller.get("databases/count")["total"], 2);
    let requests = emulator.requests();
    assert_eq!(requests.iter().map(|one| one.taken).collect::<Vec<_>>(), [true, false, true, false]);
    assert_eq!(requests[3].operation, Some("count_databases"));
    emulator.reset();
    assert_eq!((emulator.ledger().len(), emulator.requests().len()), (0, 0));
    assert_eq!(caller.get("databases/count")["total"], 0);
}

#[test]
fn a_poll_can_be_told_another_status_and_go_back() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let caller = Caller::of(&emulator);
    let batch = caller.post(202, "databases/bulk", json!({ "count": 2 }));
    let job = format!("jobs/{}", text(&batch["job_id"]));
    assert_eq!(caller.get(&job)["status"], "succeeded");
    emulator.add_fault("poll, times=1: back-to-pending".parse().unwrap());
    let back = caller.get(&job);
    assert_eq!(
        (&back["status"], back.get("completed_at"), back.get("result")),
        (&json!("running"), None, None)
    );
    emulator.add_fault("poll, times=1: operation-status=resting".parse().unwrap());
    assert_eq!(caller.get(&job)["status"], "resting");
    assert_eq!(caller.get(&job)["status"], "succeeded");
}

#[test]
fn settings_are_changed_over_http_all_or_none() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let set = |body: Value| {
        let body = body.to_string().into_bytes();
        caller.send(Method::Post, "/_emulator/settings", Some(body)).status
    };
    assert_eq!(set(json!(["older-surface=on", "x=1"])), 400);
    assert_eq!(caller.refused(Method::Get, "secrets", None), bad("NOT_FOUND"));
    assert_eq!(set(json!(["older-surface=on", "preview-rows=1"])), 200);
    assert_eq!(caller.get("secrets"), json!({ "secrets": [] }));
    assert_eq!(set(json!("x")), 400);
    emulator.reset();
    assert_eq!(caller.refused(Method::Get, "secrets", None), bad("NOT_FOUND"));
}
