//! The older surface.

use super::*;

#[test]
fn the_older_surface_keeps_no_secret() {
    let emulator = Emulator::builder().older_surface(true).start().unwrap();
    let caller = Caller::of(&emulator);
    let made = caller.post(201, "secrets", json!({ "name": "s", "value": "hush" }));
    assert!(text(&made["id"]).starts_with("secr") && !made.to_string().contains("hush"), "{made}");
    let twice = caller.refused(Method::Post, "secrets", Some(json!({ "name": "s", "value": "x" })));
    assert_eq!(twice, bad("CONFLICT"));
    assert!(!caller.get("secrets/s").to_string().contains("hush"));
    assert_eq!(caller.call(Method::Put, "secrets/s", Some(json!({ "value": "y" }))).0, 200);
    assert_eq!(caller.call(Method::Delete, "secrets/s", None).0, 204);
    assert_eq!(caller.get("connection-types/postgres")["label"], "PostgreSQL");
    let source = json!({ "name": "w", "source_type": "postgres", "config": {} });
    let id = text(&caller.post(201, "connections", source)["id"]);
    assert_eq!(caller.get(&format!("connections/{id}/health"))["healthy"], true);
    assert_eq!(caller.call(Method::Delete, &format!("connections/{id}/cache"), None).0, 204);
    assert_eq!(caller.post(200, "refresh", json!({}))["connections_refreshed"], 1);
    let own = caller.database(json!({}))["default_connection_id"].clone();
    assert_eq!(
        caller.refused(Method::Post, "refresh", Some(json!({ "connection_id": own }))),
        bad("BAD_REQUEST")
    );
    caller.post(200, "context", json!({ "name": "notes", "content": "x" }));
    assert_eq!(caller.get("context/notes")["context"]["content"], "x");
}

/// A caller of an emulator that has the older surface.
fn older() -> (Emulator, Caller) {
    let emulator = Emulator::builder().older_surface(true).start().unwrap();
    let caller = Caller::of(&emulator);
    (emulator, caller)
}

fn upload(caller: &Caller, bytes: &[u8]) -> (u16, Value) {
    let response =
        caller.with("content-type", "text/csv").send(Method::Post, "/v1/files", Some(bytes.to_vec()));
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

#[test]
fn secrets_have_names_without_blanks_and_are_deleted_twice() {
    let (emulator, caller) = older();
    let create = |body: Value| caller.refused(Method::Post, "secrets", Some(body));
    for name in ["a b", " a", "a\t"] {
        assert_eq!(create(json!({ "name": name, "value": "x" })), bad("BAD_REQUEST"), "{name:?}");
    }
    assert_eq!(create(json!({ "name": "a" })), bad("BAD_REQUEST"));
    assert_eq!(create(json!({ "name": "a", "value": "" })).0, 201);
    assert_eq!(caller.call(Method::Put, "secrets/a", Some(json!({ "value": "" }))).0, 200);
    let delete = |name: &str| caller.call(Method::Delete, &format!("secrets/{name}"), None).0;
    assert_eq!((delete("a"), delete("a"), delete("never")), (204, 204, 404));
    let deleted = emulator.ledger().into_iter().filter(|taken| taken.operation == "delete_secret").count();
    assert_eq!(deleted, 1, "the second time nothing changed");
    assert_eq!(caller.refused(Method::Get, "secrets/a", None), bad("NOT_FOUND"));
    assert_eq!(caller.get("secrets"), json!({ "secrets": [] }));
    // The name is free.
    assert_eq!(create(json!({ "name": "a", "value": "y" })).0, 201);
    assert_eq!(caller.get("secrets")["secrets"].as_array().unwrap().len(), 1);
}

#[test]
fn deleted_secrets_take_no_room() {
    use crate::document::testing::{instance, request, send};

    let on = instance::<crate::hotdata::Hotdata>(|_, options| {
        options.behaviour.set("older-surface=on").unwrap();
    });
    let call = |method: &str, url: &str, body: &str| {
        let headers = [("authorization", "Bearer hd_emulator_key"), ("x-workspace-id", "ws_emulator")];
        send(&on, &request(method, &format!("/v1/{url}"), &headers, body.as_bytes())).status
    };
    let create = |number: usize| {
        call("POST", "secrets", &json!({ "name": format!("s{number}"), "value": "v" }).to_string())
    };
    let delete = |number: usize| call("DELETE", &format!("secrets/s{number}"), "");
    for number in 0..10_001 {
        assert_eq!((create(number), delete(number)), (201, 204), "{number}");
    }
    // Of the deleted ones the first is forgotten.
    assert_eq!((delete(0), delete(1), delete(10_000)), (404, 204, 204));
}

#[test]
fn files_are_pending_until_they_are_loaded_and_never_empty() {
    let (_emulator, caller) = older();
    assert_eq!(upload(&caller, b"").0, 400);
    let (status, file) = upload(&caller, b"a,b\n1,x\n");
    assert_eq!((status, &file["status"], &file["size_bytes"]), (201, &json!("pending"), &json!(8)));
    assert_eq!(caller.get("files?status=pending")["uploads"], json!([file]));
    let source = json!({ "type": "upload", "upload_id": file["id"] });
    caller.post(201, "datasets", json!({ "label": "One", "source": source }));
    assert_eq!(caller.get("files?status=pending")["uploads"], json!([]));
    assert_eq!(caller.get("files")["uploads"][0]["status"], "consumed");
}

#[test]
fn datasets_have_columns_and_names_that_are_free() {
    let (_emulator, caller) = older();
    let (_, file) = upload(&caller, b"a,b\n1,x\n");
    let body = |label: &str, source: &Value| json!({ "label": label, "source": source });
    let of_upload = json!({ "type": "upload", "upload_id": file["id"] });
    let refused = |body: Value| caller.refused(Method::Post, "datasets", Some(body));
    // A name that is taken does not use the upload up.
    let inline = json!({ "type": "inline", "inline": { "content": "a\n1.5\n", "format": "csv" } });
    let taken = caller.post(201, "datasets", body("One", &inline));
    assert_eq!(taken["table_name"], "up_one");
    assert_eq!(refused(body("one", &of_upload)), bad("BAD_REQUEST"));
    let made = caller.post(201, "datasets", body("Two", &of_upload));
    assert_eq!(refused(body("Three", &of_upload)), bad("BAD_REQUEST"));
    let path = format!("datasets/{}", text(&made["id"]));
    let rename = Some(json!({ "table_name": "up_one" }));
    assert_eq!(caller.refused(Method::Put, &path, rename), bad("BAD_REQUEST"));
    let columns = |id: &Value| caller.get(&format!("datasets/{}", text(id)))["columns"].clone();
    let column = |name: &str, kind: &str| json!({ "name": name, "data_type": kind, "nullable": true });
    assert_eq!(columns(&made["id"]), json!([column("a", "Int64"), column("b", "Utf8")]));
    assert_eq!(columns(&taken["id"]), json!([column("a", "Float64")]));
    let mut told = inline.clone();
    told["inline"]["columns"] = json!({ "a": "DECIMAL(4,2)" });
    let made = caller.post(201, "datasets", body("Four", &told));
    assert_eq!(columns(&made["id"]), json!([column("a", "Decimal128(4, 2)")]));
    let wrong = json!({ "type": "inline", "inline": { "content": "a\n1,2\n", "format": "csv" } });
    assert_eq!(refused(body("Five", &wrong)), bad("BAD_REQUEST"));
    // Those of a query, too.
    let database = text(&caller.database(json!({}))["id"]);
    let inside = caller.with("x-database-id", &database);
    let of_query = |sql: &str| json!({ "type": "sql_query", "sql": sql });
    let made = inside.post(201, "datasets", body("Six", &of_query("SELECT 1 AS n, 'x' AS t")));
    let found = columns(&made["id"]);
    assert_eq!((&found[0]["data_type"], &found[1]["data_type"]), (&json!("Int64"), &json!("Utf8")));
    let wrong = Some(body("Seven", &of_query("SELECT nobody")));
    assert_eq!(inside.refused(Method::Post, "datasets", wrong), bad("BAD_REQUEST"));
}

#[test]
fn queries_need_no_database() {
    let (_emulator, caller) = older();
    let found = caller.post(200, "query", json!({ "sql": "SELECT 1 AS one" }));
    assert_eq!(found["rows"], json!([[1]]));
    assert_eq!(caller.get(&format!("results/{}", text(&found["result_id"])))["status"], "ready");
    let source = json!({ "name": "Own", "source_type": "managed", "config": {} });
    let own = text(&caller.post(201, "connections", source)["id"]);
    caller.post(
        201,
        &format!("connections/{own}/schemas"),
        json!({ "name": "s", "tables": [{ "name": "t" }] }),
    );
    let load = json!({ "data": "a\n7\n", "mode": "replace" });
    caller.post(200, &format!("connections/{own}/schemas/s/tables/t/loads"), load);
    let sql = json!({ "sql": "SELECT a FROM own.s.t" });
    assert_eq!(caller.post(200, "query", sql)["rows"], json!([[7]]));
    let saved = caller.post(201, "queries", json!({ "name": "q", "sql": "SELECT 2 AS two" }));
    let path = format!("queries/{}/execute", text(&saved["id"]));
    assert_eq!(caller.post(200, &path, json!({}))["rows"], json!([[2]]));
    // Today they do.
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let body = Some(json!({ "sql": "SELECT 1" }));
    assert_eq!(caller.refused(Method::Post, "query", body), bad("BAD_REQUEST"));
}

#[test]
fn connections_are_of_a_type_that_is_listed() {
    let (_emulator, caller) = older();
    for kind in caller.get("connection-types")["connection_types"].as_array().unwrap() {
        let source = json!({ "name": kind["name"], "source_type": kind["name"], "config": {} });
        caller.post(201, "connections", source);
    }
    let source = json!({ "name": "w", "source_type": "abacus", "config": {} });
    assert_eq!(caller.refused(Method::Post, "connections", Some(source)), bad("BAD_REQUEST"));
}

#[test]
fn datasets_of_uploads_read_no_more_than_the_beginning_and_no_parquet() {
    let (_emulator, caller) = older();
    let dataset = |label: &str, bytes: &[u8]| {
        let (_, file) = upload(&caller, bytes);
        let source = json!({ "type": "upload", "upload_id": file["id"] });
        let made = caller.post(201, "datasets", json!({ "label": label, "source": source }));
        let shown = caller.get(&format!("datasets/{}", text(&made["id"])));
        let columns = shown["columns"].as_array().unwrap().iter();
        columns.map(|column| text(&column["data_type"])).collect::<Vec<_>>()
    };
    let mut parquet = b"PAR1".to_vec();
    parquet.extend_from_slice(&[0; 100]);
    let (_, file) = {
        let caller = caller.with("content-type", "application/vnd.apache.parquet");
        let response = caller.send(Method::Post, "/v1/files", Some(parquet));
        (response.status, serde_json::from_slice::<Value>(&response.body).unwrap())
    };
    let source = json!({ "type": "upload", "upload_id": file["id"] });
    let made = caller.post(201, "datasets", json!({ "label": "Parquet", "source": source }));
    assert_eq!(caller.get(&format!("datasets/{}", text(&made["id"])))["columns"], json!([]));
    // What is wrong far behind is not met.
    let mut long = b"a\n".to_vec();
    long.extend_from_slice(&b"1234567\n".repeat(140_000));
    long.extend_from_slice(b"1,2\n");
    assert_eq!(dataset("Long", &long), ["Int64"]);
    // No line ends in the beginning.
    assert!(dataset("Wide", &b"x".repeat(1_100_000)).is_empty());
}
