//! Loads: sources, modes, locks, keys, jobs; indexes, which need rows.

use super::*;

struct Shop {
    caller: Caller,
    database: String,
    connection: String,
}

impl Shop {
    fn of(emulator: &Emulator) -> Self {
        let caller = Caller::of(emulator);
        let made = caller.database(json!({}));
        let (database, connection) = (text(&made["id"]), text(&made["default_connection_id"]));
        Self { caller: caller.with("x-database-id", &database), database, connection }
    }

    fn load(&self, table: &str, fields: Value) -> (u16, Value) {
        let mut body = json!({ "mode": "replace" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let path = format!("databases/{}/schemas/main/tables/{table}/loads", self.database);
        self.caller.call(Method::Post, &path, Some(body))
    }

    /// Status and code of a load that is refused.
    fn refused(&self, table: &str, fields: Value) -> (u16, String) {
        let (status, body) = self.load(table, fields);
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    fn rows(&self, sql: &str) -> Value {
        self.caller.post(200, "query", json!({ "sql": sql }))["rows"].clone()
    }
}

#[test]
fn exactly_one_source_and_what_goes_with_it() {
    let emulator = Emulator::start().unwrap();
    let shop = Shop::of(&emulator);
    for fields in [
        json!({}),
        json!({ "data": "a\n1\n", "upload_id": "upld1" }),
        json!({ "data": "a\n1\n", "mode": "merge" }),
        json!({ "data": "a\n1\n", "format": "json" }),
        json!({ "data": "a\n1\n", "format": "parquet" }),
        json!({ "result_id": "rslt1", "format": "csv" }),
        json!({ "upload_id": "upld1", "columns": { "a": "BIGINT" } }),
        json!({ "upload_id": "upld1", "idempotency_key": "k" }),
        json!({ "data": "a\n1\n", "idempotency_key": "k".repeat(256) }),
        json!({ "data": "a\n1\n", "columns": { "b": "BIGINT" } }),
        json!({ "data": "a\n1\n", "async_after_ms": 1000 }),
        json!({ "data": "a\n1\n", "mode": "upsert" }),
        json!({ "data": 7 }),
    ] {
        assert_eq!(shop.refused("t", fields.clone()), bad("BAD_REQUEST"), "{fields}");
    }
    assert_eq!(shop.refused("t", json!({ "upload_id": "upldnone" })), bad("NOT_FOUND"));
    assert_eq!(shop.refused("t", json!({ "result_id": "rsltnone" })), bad("NOT_FOUND"));
    let most = 2 * 1024 * 1024;
    let data = |size: usize| format!("a\n{}\n", "x".repeat(size - 3));
    let refused = shop.refused("t", json!({ "data": data(most + 1) }));
    assert_eq!(refused, (413, "INLINE_DATA_TOO_LARGE".to_owned()));
    // Nothing was taken, and no table came of it.
    assert_eq!(emulator.ledger().len(), 1);
    assert_eq!(shop.caller.get("information_schema")["count"], 0);
    assert_eq!(shop.load("t", json!({ "data": data(most) })).0, 200);
    assert_eq!(shop.caller.get("information_schema")["tables"][0]["synced"], true);
}

#[test]
fn a_table_is_locked_while_it_is_loaded_in_the_background() {
    let emulator = Emulator::builder().pending_polls(3).start().unwrap();
    let shop = Shop::of(&emulator);
    let (status, ticket) = shop.load("t", json!({ "data": "a\n1\n", "async": true }));
    assert_eq!((status, &ticket["status"]), (202, &json!("pending")));
    assert_eq!(ticket["status_url"], format!("/v1/jobs/{}", text(&ticket["id"])));
    let again = shop.load("t", json!({ "data": "a\n2\n" }));
    assert_eq!((again.0, &again.1["error"]["code"]), (409, &json!("RESOURCE_LOCKED")));
    // The other tables are not.
    assert_eq!(shop.load("u", json!({ "data": "a\n1\n" })).0, 200);
    // Each refusal was a look: in the end the first is done.
    assert_eq!(shop.load("t", json!({ "data": "a\n2\n" })).0, 409);
    assert_eq!(shop.load("t", json!({ "data": "a\n2\n" })).0, 409);
    assert_eq!(shop.load("t", json!({ "mode": "append", "data": "a\n2\n" })).0, 200);
    assert_eq!(shop.rows("SELECT a FROM t ORDER BY a"), json!([[1], [2]]));
    let job = shop.caller.get(&format!("jobs/{}", text(&ticket["id"])));
    assert_eq!((&job["job_type"], &job["result"]["row_count"]), (&json!("managed_load"), &json!(1)));
    emulator.set("locked-loads=1").unwrap();
    let path = format!("/v1/connections/{}/schemas/main/tables/t/loads", shop.connection);
    let body = json!({ "mode": "replace", "data": "a\n3\n" }).to_string().into_bytes();
    let response = shop.caller.send(Method::Post, &path, Some(body.clone()));
    assert_eq!((response.status, response.headers.text("retry-after").unwrap().as_ref()), (409, "5"));
    assert_eq!(shop.caller.send(Method::Post, &path, Some(body)).status, 200);
}

#[test]
fn an_idempotency_key_loads_once() {
    let emulator = Emulator::builder().pending_polls(1).start().unwrap();
    let shop = Shop::of(&emulator);
    let body = |data: &str, more: bool| json!({ "mode": "append", "data": data, "idempotency_key": "k", "async": more });
    let (status, _) = shop.load("t", body("a\n1\n", true));
    assert_eq!(status, 202);
    assert_eq!(shop.refused("t", body("a\n1\n", false)), bad("CONFLICT"));
    assert_eq!(shop.refused("t", body("a\n2\n", false)), bad("IDEMPOTENCY_KEY_CONFLICT"));
    shop.caller.get("jobs");
    let (status, done) = shop.load("t", body("a\n1\n", false));
    assert_eq!((status, &done["row_count"]), (200, &json!(1)));
    assert_eq!(shop.rows("SELECT a FROM t"), json!([[1]]));
    let loads =
        emulator.ledger().into_iter().filter(|one| one.mode.is_some()).map(|one| (one.operation, one.rows));
    assert_eq!(loads.collect::<Vec<_>>(), [("load_database_table", None), ("managed_load", Some(1))]);
}

#[test]
fn an_upload_is_loaded_once_and_given_back_if_that_fails() {
    use std::io::Write;
    let emulator = Emulator::builder().older_surface(true).start().unwrap();
    let shop = Shop::of(&emulator);
    let upload = |kind: &str, bytes: &[u8]| {
        let response =
            shop.caller.with("content-type", kind).send(Method::Post, "/v1/files", Some(bytes.to_vec()));
        text(&serde_json::from_slice::<Value>(&response.body).unwrap()["id"])
    };
    let id = upload("text/csv", b"a,b\n1,x\n2,y\n");
    assert_eq!(shop.refused("t", json!({ "upload_id": id, "mode": "delete" })), bad("BAD_REQUEST"));
    assert_eq!(shop.load("t", json!({ "upload_id": id })).1["row_count"], 2);
    assert_eq!(shop.refused("t", json!({ "upload_id": id })), bad("CONFLICT"));
    let id = upload("application/octet-stream", b"{\"a\": 3}\n{\"a\": 4}\n");
    assert_eq!(shop.load("u", json!({ "upload_id": id })).1["row_count"], 2);
    assert_eq!(shop.rows("SELECT a FROM u ORDER BY a"), json!([[3], [4]]));
    let id = upload("application/octet-stream", b"PAR1....");
    assert_eq!(shop.refused("v", json!({ "upload_id": id })), bad("BAD_REQUEST"));
    // What is packed is unpacked.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"a\n5\n").unwrap();
    let packed = packed.finish().unwrap();
    let body = json!({ "declared_size_bytes": packed.len(), "content_encoding": "gzip", "content_type": "text/csv" });
    let session = shop.caller.post(201, "uploads", body);
    let url = text(&session["url"]);
    let (host, path) = url.split_at(url.find("/storage/").unwrap());
    let mut request = Request::new(Method::Put, host, path);
    request.body = Some(packed.into());
    assert_eq!(shop.caller.transport.send(&request, Duration::from_secs(20)).unwrap().status, 200);
    let token = text(&session["finalize_token"]);
    let path = format!("uploads/{}/finalize", text(&session["upload_id"]));
    shop.caller.with("x-upload-finalize-token", &token).post(200, &path, json!({}));
    assert_eq!(shop.load("w", json!({ "upload_id": session["upload_id"] })).1["row_count"], 1);
}

#[test]
fn a_result_can_be_loaded_as_often_as_one_likes() {
    let emulator = Emulator::builder().result_pending(Pending::polls(1)).start().unwrap();
    let shop = Shop::of(&emulator);
    let said = shop.caller.post(200, "query", json!({ "sql": "SELECT 1 AS a, 'x' AS b" }));
    let load = json!({ "mode": "append", "result_id": said["result_id"] });
    assert_eq!(shop.refused("t", load.clone()), bad("CONFLICT"));
    shop.caller.call(Method::Get, &format!("results/{}", text(&said["result_id"])), None);
    assert_eq!(shop.load("t", load.clone()).1["row_count"], 1);
    assert_eq!(shop.load("t", load).1["row_count"], 2);
    assert_eq!(shop.rows("SELECT a, b FROM t"), json!([[1, "x"], [1, "x"]]));
}

#[test]
fn a_fork_goes_its_own_way() {
    let emulator = Emulator::start().unwrap();
    let shop = Shop::of(&emulator);
    shop.load("t", json!({ "data": "a\n1\n" }));
    let fork = shop.caller.post(201, &format!("databases/{}/fork", shop.database), json!({}));
    shop.load("t", json!({ "mode": "append", "data": "a\n2\n" }));
    let inside = shop.caller.with("x-database-id", &text(&fork["id"]));
    let rows = |caller: &Caller| {
        caller.post(200, "query", json!({ "sql": "SELECT a FROM t ORDER BY a" }))["rows"].clone()
    };
    assert_eq!((rows(&inside), rows(&shop.caller)), (json!([[1]]), json!([[1], [2]])));
    assert_eq!(shop.caller.call(Method::Delete, &format!("databases/{}", shop.database), None).0, 204);
    assert_eq!(rows(&inside), json!([[1]]));
}

#[test]
fn indexes_have_rules() {
    let emulator = Emulator::start().unwrap();
    let shop = Shop::of(&emulator);
    let make = |table: &str, fields: Value| {
        let mut body = json!({ "index_name": "i", "columns": ["a"] });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let path = format!("connections/{}/tables/main/{table}/indexes", shop.connection);
        shop.caller.call(Method::Post, &path, Some(body))
    };
    let declare = |body: Value| {
        shop.caller.post(201, &format!("databases/{}/schemas/main/tables", shop.database), body);
    };
    declare(json!({ "name": "empty" }));
    declare(json!({ "name": "sorted", "sorted_by": [{ "column": "a" }] }));
    shop.load("sorted", json!({ "data": "a\n1\n" }));
    shop.load("t", json!({ "data": "a,b\n1,x\n" }));
    assert_eq!(
        (make("none", json!({})).0, make("empty", json!({})).0, make("sorted", json!({})).0),
        (404, 400, 400)
    );
    for fields in [
        json!({ "columns": [] }),
        json!({ "columns": ["z"] }),
        json!({ "index_type": "tree" }),
        json!({ "index_type": "vector", "columns": ["a", "b"] }),
        json!({ "index_type": "vector", "algorithm": "ivf", "metric": "dot" }),
        json!({ "index_type": "vector", "algorithm": "ivf", "vector_precision": "float16" }),
        json!({ "index_type": "vector", "vector_precision": "int8" }),
        json!({ "index_type": "vector", "nlist": 3 }),
        json!({ "index_type": "vector", "algorithm": "ivf", "nlist": 65_537 }),
        json!({ "index_type": "vector", "algorithm": "ivf", "probe_fraction": 0 }),
        json!({ "index_type": "vector", "embedding_provider_id": "none" }),
    ] {
        assert_eq!(make("t", fields.clone()).0, 400, "{fields}");
    }
    let (status, made) = make("t", json!({ "index_type": "vector" }));
    assert_eq!((status, &made["algorithm"], &made["metric"]), (201, &json!("hnsw"), &json!("l2")));
    assert_eq!(make("t", json!({ "index_name": "j", "index_type": "vector" })).0, 400);
    let (status, ticket) = make("t", json!({ "index_name": "j", "columns": ["b"], "async": true }));
    assert_eq!(status, 202);
    let list = || shop.caller.get("indexes?limit=1");
    let page = list();
    assert_eq!((&page["count"], &page["has_more"]), (&json!(1), &json!(true)));
    let next = shop.caller.get(&format!("indexes?limit=1&cursor={}", text(&page["next_cursor"])));
    assert_eq!(next["indexes"][0]["index_name"], "j");
    let job = shop.caller.get(&format!("jobs/{}", text(&ticket["id"])));
    assert_eq!((&job["status"], &job["result"]["status"]), (&json!("succeeded"), &json!("ready")));
    let path = format!("connections/{}/tables/main/t/indexes/i", shop.connection);
    assert_eq!(shop.caller.call(Method::Delete, &path, None).0, 204);
    assert_eq!(list()["indexes"][0]["index_name"], "j");
}

#[test]
fn a_profile_comes_a_while_after_the_load() {
    let emulator = Emulator::start().unwrap();
    let shop = Shop::of(&emulator);
    shop.load("t", json!({ "data": "a,b\n1,x\n2,\n" }));
    let path = format!("connections/{}/tables/main/t/profile", shop.connection);
    assert_eq!(shop.caller.refused(Method::Get, &path, None), bad("NOT_FOUND"));
    let profile = shop.caller.get(&path);
    assert_eq!((&profile["row_count"], &profile["columns"][1]["null_count"]), (&json!(2), &json!(1)));
    assert_eq!(shop.caller.get("usage")["storage_bytes"].as_u64().map(|bytes| bytes > 0), Some(true));
}
