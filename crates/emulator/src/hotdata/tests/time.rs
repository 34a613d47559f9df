//! What time brings about: on a clock that the tests set.

use super::*;

#[test]
fn a_batch_fills_over_its_time() {
    let hands = Hands::new();
    let emulator =
        hands.on(Emulator::builder()).pending(Pending::time(Duration::from_secs(10))).start().unwrap();
    let caller = Caller::of(&emulator);
    let batch = caller.post(202, "databases/bulk", json!({ "count": 100, "name_template": "n{index}" }));
    let path = format!("databases/bulk/{}", text(&batch["batch_id"]));
    let made = || caller.get(&path)["created_count"].clone();
    assert_eq!((made(), made()), (json!(0), json!(0)));
    hands.forward(4.0);
    assert_eq!((made(), &caller.get("databases/count")["total"]), (json!(40), &json!(40)));
    hands.forward(5.99);
    assert_eq!(made(), 99);
    hands.forward(0.01);
    assert_eq!(made(), 100);
    let job = caller.get(&format!("jobs/{}", text(&batch["job_id"])));
    assert_eq!((&job["status"], &job["result"]["created"]), (&json!("succeeded"), &json!(100)));
    assert_eq!(job["completed_at"], "2026-01-01T00:00:10Z");
}

#[test]
fn a_batch_that_is_deleted_while_it_fills_stops() {
    let emulator = Emulator::builder().pending_polls(4).start().unwrap();
    let caller = Caller::of(&emulator);
    let batch = caller.post(202, "databases/bulk", json!({ "count": 10 }));
    let path = format!("databases/bulk/{}", text(&batch["batch_id"]));
    caller.get(&path);
    caller.get(&path);
    let (status, deleted) = caller.call(Method::Delete, &path, None);
    assert_eq!((status, &deleted["deleted_count"]), (200, &json!(5)));
    assert_eq!(caller.get(&path)["cancel_requested"], true);
    caller.get(&path);
    let job = caller.get(&format!("jobs/{}", text(&batch["job_id"])));
    assert_eq!(job["result"]["cancelled"], true, "{job}");
    assert_eq!(job["result"]["created"], 5);
    assert_eq!(caller.get("databases/count")["total"], 0);
}

#[test]
fn databases_expire_and_take_their_contexts_with_them() {
    let hands = Hands::new();
    let emulator = hands.on(Emulator::builder()).start().unwrap();
    let caller = Caller::of(&emulator);
    let made = caller.database(json!({ "expires_at": "90m" }));
    assert_eq!(made["expires_at"], "2026-01-01T01:30:00Z");
    assert_eq!(caller.database(json!({ "expires_at": "7d" }))["expires_at"], "2026-01-08T00:00:00Z");
    let at = json!({ "expires_at": "2026-01-01T03:00:00+02:00" });
    assert_eq!(caller.database(at)["expires_at"], "2026-01-01T01:00:00Z");
    let id = text(&made["id"]);
    caller.post(200, &format!("databases/{id}/context"), json!({ "name": "a", "content": "" }));
    let fork = caller.post(201, &format!("databases/{id}/fork"), json!({}));
    assert_eq!(fork["expires_at"], made["expires_at"]);
    hands.forward(5399.0);
    assert_eq!(caller.get("databases/count")["total"], 3);
    hands.forward(1.0);
    assert_eq!(caller.get("databases/count")["total"], 1);
    assert_eq!(caller.refused(Method::Get, &format!("databases/{id}/context/a"), None), bad("NOT_FOUND"));
}

#[test]
fn a_workspace_is_provisioned_by_and_by_and_gone_at_once() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let made = caller.post(201, "workspaces", json!({ "name": "more" }))["workspace"].clone();
    let status = || caller.get("workspaces")["workspaces"][1]["provision_status"].clone();
    assert_eq!((status(), status()), (json!("pending"), json!("provisioned")));
    let id = text(&made["public_id"]);
    let inside = caller.with("x-workspace-id", &id);
    inside.database(json!({}));
    assert_eq!(caller.get("databases/count")["total"], 0);
    assert_eq!(caller.call(Method::Delete, &format!("workspaces/{id}"), None).0, 204);
    assert_eq!(inside.call(Method::Get, "databases", None).0, 404);
    let operations: Vec<_> = emulator.ledger().iter().map(|one| one.operation).collect();
    assert_eq!(operations, ["create_workspace", "create_database", "delete_workspace"]);
}
