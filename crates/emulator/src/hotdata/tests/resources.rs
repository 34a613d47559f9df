//! What is kept, and its rules.

use super::*;

#[test]
fn a_database_has_a_catalog_and_a_schema_of_its_own() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let made = caller
        .database(json!({ "name": "Sales", "default_schema": "main", "schemas": [{ "name": "Raw", "tables": [{ "name": "T" }] }] }));
    let (id, connection) = (text(&made["id"]), text(&made["default_connection_id"]));
    assert!(id.starts_with("dbid") && connection.starts_with("conn") && id.len() == 30, "{made}");
    assert_eq!(made["created"], true);
    let listed = caller.get("databases")["databases"][0].clone();
    assert_eq!((&listed["id"], listed.get("default_connection_id")), (&json!(id), None));
    let schema = |name: &str| {
        caller.call(Method::Post, &format!("databases/{id}/schemas"), Some(json!({ "name": name })))
    };
    // They are there already.
    assert_eq!((schema("main").0, schema("RAW").0, schema("more").0), (409, 409, 201));
    for name in ["", "1x", "a-b", "a.b"] {
        assert_eq!(schema(name).0, 400, "{name}");
    }
    let table = json!({ "name": "Orders", "key": ["id"], "sorted_by": [{ "column": "id" }] });
    let made = caller.post(201, &format!("connections/{connection}/schemas/MORE/tables"), table);
    assert_eq!(made, json!({ "connection_id": connection, "schema": "more", "table": "orders" }));
    let tables = caller.get(&format!("information_schema?connection_id={connection}&schema=m%25"));
    assert_eq!(tables["tables"][0]["sorted_by"], json!([{ "column": "id", "direction": "asc" }]));
    // Its catalog is a connection for tables and indexes, and for nothing else.
    assert_eq!(caller.get("connections"), json!({ "connections": [] }));
    assert_eq!(caller.refused(Method::Get, &format!("connections/{connection}"), None), bad("NOT_FOUND"));
    assert_eq!(caller.refused(Method::Delete, &format!("connections/{connection}"), None), bad("CONFLICT"));
    let body = json!({ "constant_per_key": ["a"], "key": ["b"] });
    let path = format!("databases/{id}/schemas/more/tables/orders/constant-per-key");
    assert_eq!(caller.refused(Method::Put, &path, Some(body)), bad("BAD_REQUEST"));
    assert_eq!(caller.call(Method::Delete, &format!("databases/{id}"), None), (204, Value::Null));
    assert_eq!(caller.get("information_schema")["count"], 0);
}

#[test]
fn names_are_labels_and_ids_are_names() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let make = |body: Value| caller.call(Method::Post, "databases", Some(body));
    let by_name = |name: &str| caller.refused(Method::Get, &format!("databases/by-name?name={name}"), None);
    let first = caller.database(json!({ "name": "Ärger A" }));
    let again = make(json!({ "name": "Ärger a", "if_not_exists": true }));
    assert_eq!((again.0, &again.1["id"], &again.1["created"]), (200, &first["id"], &json!(false)));
    // Accents count.
    assert_eq!(make(json!({ "name": "ärger a", "if_not_exists": true })).0, 201);
    assert_eq!(make(json!({ "description": "as it was called once" })).1["name"], "as it was called once");
    assert_eq!(make(json!({ "name": "ÄRGER A" })).0, 201);
    assert_eq!(by_name("%C3%84rger%20a"), bad("CONFLICT"));
    assert_eq!(by_name("nobody"), bad("NOT_FOUND"));
    assert_eq!(by_name(""), bad("BAD_REQUEST"));
    assert_eq!(make(json!({ "if_not_exists": true })).0, 400);
    for body in [
        json!({ "default_catalog": "hotdata" }),
        json!({ "default_catalog": "A" }),
        json!({ "default_schema": "1" }),
        json!({ "expires_at": "tomorrow" }),
        json!({ "expires_at": "2025-12-31T23:59:59Z" }),
        json!({ "expires_at": "0h" }),
        json!({ "expires_at": "1h30m" }),
        json!({ "schemas": [{ "name": "a" }, { "name": "A" }] }),
        json!({ "name": 7 }),
        json!([]),
    ] {
        assert_eq!(make(body.clone()).0, 400, "{body}");
    }
}

#[test]
fn the_default_schema_is_the_only_one_that_is_declared() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    for (body, schema) in [
        (json!({}), "main"),
        (json!({ "schemas": [{ "name": "Sales" }] }), "sales"),
        (json!({ "schemas": [{ "name": "sales" }], "default_schema": "other" }), "other"),
        (json!({ "schemas": [{ "name": "sales" }, { "name": "stock" }] }), "main"),
    ] {
        assert_eq!(caller.database(body.clone())["default_schema"], schema, "{body}");
    }
}

#[test]
fn lists_are_the_newest_first_and_clamped() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let ids: Vec<String> =
        (0..5).map(|n| text(&caller.database(json!({ "name": format!("n{n}") }))["id"])).collect();
    let page = caller.get("databases?limit=2");
    let shown = |page: &Value| {
        page["databases"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect::<Vec<_>>()
    };
    assert_eq!(shown(&page), [ids[4].clone(), ids[3].clone()]);
    assert_eq!((&page["count"], &page["limit"], &page["has_more"]), (&json!(2), &json!(2), &json!(true)));
    let cursor = text(&page["next_cursor"]);
    // What is made or deleted meanwhile shifts nothing.
    caller.database(json!({}));
    caller.call(Method::Delete, &format!("databases/{}", ids[3]), None);
    let page = caller.get(&format!("databases?limit=9&cursor={cursor}"));
    assert_eq!(shown(&page), [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    assert_eq!((&page["has_more"], page.get("next_cursor")), (&json!(false), None));
    for (limit, clamped) in [(0, 1), (100, 100), (101, 100)] {
        assert_eq!(caller.get(&format!("databases?limit={limit}"))["limit"], clamped);
    }
    assert_eq!(caller.refused(Method::Get, "databases?limit=x", None), bad("BAD_REQUEST"));
    // A cursor is for the list that it came from.
    let other = format!("databases?search=n&cursor={cursor}");
    assert_eq!(caller.refused(Method::Get, &other, None), bad("BAD_REQUEST"));
    assert_eq!(caller.get("databases/count?search=N"), json!({ "total": 4 }));
}

#[test]
fn catalogs_are_attached_by_a_name_that_is_free() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let (one, two) = (caller.database(json!({})), caller.database(json!({ "default_catalog": "own" })));
    let (id, theirs) = (text(&two["id"]), text(&one["default_connection_id"]));
    let attach = |connection: &str, alias: Value| {
        let body = json!({ "connection_id": connection, "alias": alias });
        caller.call(Method::Post, &format!("databases/{id}/catalogs"), Some(body)).0
    };
    // It is called `default`, as every one is.
    assert_eq!(attach(&theirs, Value::Null), 400);
    for alias in ["default", "own", "hotdata"] {
        assert_eq!(attach(&theirs, json!(alias)), 409, "{alias}");
    }
    assert_eq!(attach("connnone", json!("a")), 404);
    assert_eq!(attach(&text(&two["default_connection_id"]), json!("a")), 400);
    assert_eq!((attach(&theirs, json!("Lake")), attach(&theirs, json!("b"))), (204, 409));
    let shown = caller.get(&format!("databases/{id}"))["attachments"].clone();
    assert_eq!(shown, json!([{ "connection_id": theirs, "alias": "lake" }]));
    let path = format!("databases/{}", text(&one["id"]));
    assert_eq!(caller.refused(Method::Delete, &path, None), bad("CONFLICT"));
    // A fork has what its source has.
    let fork = caller.post(201, &format!("databases/{id}/fork"), json!({}));
    assert_eq!(caller.get(&format!("databases/{}", text(&fork["id"])))["attachments"], shown);
    let detach = || caller.call(Method::Delete, &format!("databases/{id}/catalogs/{theirs}"), None).0;
    assert_eq!((detach(), detach()), (204, 404));
}

#[test]
fn an_idempotency_key_gives_the_batch_that_was_made_with_it() {
    let emulator = Emulator::builder().pending_polls(1).start().unwrap();
    let caller = Caller::of(&emulator);
    let body = |count: u64| json!({ "count": count, "name_template": "n{index}", "idempotency_key": "k" });
    let batch = caller.post(202, "databases/bulk", body(10));
    assert_eq!(caller.refused(Method::Post, "databases/bulk", Some(body(10))), bad("CONFLICT"));
    let path = format!("databases/bulk/{}", text(&batch["batch_id"]));
    caller.get(&path);
    assert_eq!(caller.get(&path)["created_count"], 10);
    assert_eq!(caller.post(202, "databases/bulk", body(3))["batch_id"], batch["batch_id"]);
    assert_eq!(caller.get("databases/count")["total"], 10);
    for count in [0, 10_001] {
        let body = json!({ "count": count });
        assert_eq!(caller.refused(Method::Post, "databases/bulk", Some(body)), bad("BAD_REQUEST"));
    }
}
