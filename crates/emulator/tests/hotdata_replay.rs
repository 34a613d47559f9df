//! The recorded cases in the other direction: what the vendor's client sends, the emulator takes, and what it
//! answers has the shape of the recorded answers. The ids of the recordings stand for things that are made
//! before each case.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use controlplane::http::{Method, Request, Response};
use controlplane::transport::{HttpConfig, Proxy, Transport, UreqTransport};
use controlplane_emulator::hotdata::Emulator;
use serde_json::{Value, json};

/// The recorded cases. They are in the repository and not in the published package, which has to compile without them.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/hotdata-wire.jsonl");
/// The classes whose requests the service takes because of what they say.
const CLASSES: [&str; 7] = ["plain", "args", "body", "answer", "query", "load", "upload"];

/// What the recording server, which takes everything, took and the emulator refuses, by the beginning of the
/// case's id, and why.
const REFUSED: [(&str, &str); 20] = [
    ("upload_file/single-no-key", "no key is given"),
    ("add_database_table/body-awkward", "names are identifiers"),
    ("add_managed_schema/body-awkward", "names are identifiers"),
    ("create_connection/body-all", "secret_id and secret_name exclude each other"),
    ("create_embedding_provider/body-all", "api_key and secret_name exclude each other"),
    ("create_index/body-alt4", "an index is one of columns"),
    ("create_index/body-alt8", "int8 is for ivf only"),
    ("create_workspace/body-", "there is no such organization"),
    ("list_workspaces/only-organization_public_id", "there is no such organization"),
    ("load_database_table/plain", "exactly one source"),
    ("load_database_table/body-", "exactly one source"),
    ("load_managed_table/plain", "exactly one source"),
    ("load_managed_table/body-a", "exactly one source, columns that are named, a scale from 0"),
    ("query/body-alt", "there is no SQL, or it is none"),
    ("update_embedding_provider/body-all", "api_key and secret_name exclude each other"),
    ("get_result/format-parquet", "the emulator writes no Parquet"),
    ("query_with_follow/async-", "S is not SQL"),
    ("query_with_follow/follow-body-database", "dbid_body is not an id of a database"),
    ("query_with_follow/follow-no-database", "S is not SQL"),
    ("finalize_upload_handler/body-", "parts with gaps, and ETags that nobody gave"),
];

/// Fields that the recorded answers have, and that may be absent or null.
const OPTIONAL: [&str; 14] = [
    "algorithm",
    "config",
    "description",
    "expires_at",
    "forked_from",
    "metric",
    "name",
    "next_cursor",
    "nlist",
    "probe_fraction",
    "source_column",
    "table_size",
    "vector_precision",
    "warning",
];

fn cases() -> Vec<Value> {
    let cases = std::fs::read_to_string(CASES)
        .unwrap_or_else(|error| panic!("reading {CASES}, which is in the repository only: {error}"));
    cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What is known of a value from all the answers in which it was recorded.
#[derive(Debug, Default)]
struct Shape {
    types: BTreeSet<&'static str>,
    objects: usize,
    keys: BTreeMap<String, (usize, Shape)>,
    elements: Option<Box<Shape>>,
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a flag",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

impl Shape {
    fn learn(&mut self, value: &Value) {
        self.types.insert(kind(value));
        match value {
            Value::Object(fields) => {
                self.objects += 1;
                for (name, value) in fields {
                    let (count, shape) = self.keys.entry(name.clone()).or_default();
                    *count += 1;
                    shape.learn(value);
                }
            }
            Value::Array(values) => {
                let elements = self.elements.get_or_insert_default();
                values.iter().for_each(|value| elements.learn(value));
            }
            _ => {}
        }
    }

    /// What is missing, and what is of another type.
    fn check(&self, at: &str, value: &Value, wrong: &mut Vec<String>) {
        // A null is nothing; whether there may be nothing, the object tells that has it.
        if !value.is_null()
            && !self.types.contains(kind(value))
            && self.types.iter().any(|one| *one != "null")
        {
            wrong.push(format!("{at} is {}, not {:?}", kind(value), self.types));
        }
        // These are anything.
        if ["rows", "config", "profile", "result"].contains(&at.rsplit(['.', '[']).next().unwrap_or_default())
        {
            return;
        }
        match value {
            Value::Object(fields) => {
                for (name, (count, shape)) in &self.keys {
                    match fields.get(name) {
                        Some(value) if !value.is_null() => shape.check(&format!("{at}.{name}"), value, wrong),
                        _ if *count == self.objects && !OPTIONAL.contains(&name.as_str()) => {
                            wrong.push(format!("{at}.{name} is missing"));
                        }
                        _ => {}
                    }
                }
                for name in fields.keys().filter(|name| !self.keys.contains_key(*name) && self.objects > 0) {
                    wrong.push(format!("{at}.{name} was never recorded"));
                }
            }
            Value::Array(values) => {
                for value in values {
                    if let Some(shape) = &self.elements {
                        shape.check(&format!("{at}[]"), value, wrong);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The shapes of the good answers, by method, path without ids, and status.
fn shapes() -> BTreeMap<(String, u64), Shape> {
    let mut shapes: BTreeMap<(String, u64), Shape> = BTreeMap::new();
    for case in cases() {
        if case["outcome"]["ok"].is_null() || ["awkward", "error"].contains(&word(&case["class"])) {
            continue;
        }
        // One that answers what is read and ignored, and one that a client has to bear.
        if word(&case["id"]).contains("/answer-extra") || word(&case["id"]).contains("/unexpected-") {
            continue;
        }
        for exchange in case["exchanges"].as_array().unwrap() {
            let response = &exchange["response"];
            if response["body"].is_object() && response["status"].as_u64().unwrap_or(500) < 300 {
                let place = place(&exchange["request"]);
                let status = response["status"].as_u64().unwrap();
                if response["body"].get("base64").is_none() {
                    shapes.entry((place, status)).or_default().learn(&response["body"]);
                }
            }
        }
    }
    shapes
}

/// The recorded ids and names.
const DATABASE: &str = "dbid7h2k9q4m1x8c";
const CONNECTION: &str = "conn4f7a1b9c2d8e5g3h6j0k2m4n8p";
const BATCH: &str = "dbat_0001";
const JOB: &str = "job_42";
const PROVIDER: &str = "embp_1";
const SAVED: &str = "svqr5k4j3h2g1f0d9s8a7p6o5i4u3y";
const UPLOAD: &str = "upld2m4n6b8v0c1x3z5l7k9j2h4g6f";
const RUN: &str = "qrun1a2b3c4d5e6f7g8h9i0j1k2l3m";
const RESULT: &str = "rslt9z8y7x6w5v4u3t2s1r0q9p8o7n";
const WORKSPACE: &str = "ws_9";
const TOKEN: &str = "finalize-token-1";
const SECRET: &str = "secr_1";
const IDS: [&str; 12] =
    [DATABASE, CONNECTION, BATCH, JOB, PROVIDER, SAVED, UPLOAD, RUN, RESULT, WORKSPACE, TOKEN, SECRET];

/// Method and path with a star for every id.
fn place(request: &Value) -> String {
    let path: Vec<&str> =
        word(&request["path"]).split('/').map(|one| if IDS.contains(&one) { "*" } else { one }).collect();
    format!("{} {}", word(&request["method"]), path.join("/"))
}

/// An emulator, and a client that sends what it is told.
struct Replay {
    emulator: Emulator,
    transport: UreqTransport,
    ids: BTreeMap<&'static str, String>,
    e_tags: BTreeMap<u64, String>,
}

impl Replay {
    fn start() -> Self {
        let builder = Emulator::builder().api_key("test-key").workspace_id("ws_test").pending_polls(0);
        let emulator = builder
            .older_surface(true)
            .set("min-part=1")
            .unwrap()
            .set("part-size=1")
            .unwrap()
            .start()
            .unwrap();
        let mut config = HttpConfig::default();
        config.proxy = Proxy::None;
        Self {
            emulator,
            transport: UreqTransport::new(&config).unwrap(),
            ids: BTreeMap::new(),
            e_tags: BTreeMap::new(),
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        query: &Value,
        headers: &Value,
        body: Option<Vec<u8>>,
    ) -> Response {
        let method = match method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            other => panic!("{other}"),
        };
        let mut request = Request::new(method, self.emulator.url(), path);
        request.query = serde_json::from_value(query.clone()).unwrap();
        for (name, value) in headers.as_object().unwrap() {
            request.headers.push(name.clone(), word(value));
        }
        request.body = body.map(Into::into);
        self.transport.send(&request, Duration::from_secs(60)).unwrap()
    }

    /// Makes something: what was said of it.
    fn make(&self, method: &str, path: &str, body: Value) -> Value {
        let mut headers = json!({ "authorization": "Bearer test-key", "x-workspace-id": "ws_test" });
        if let Some(id) = self.ids.get(DATABASE) {
            headers["x-database-id"] = json!(id);
        }
        let response =
            self.send(method, &format!("/v1/{path}"), &json!([]), &headers, Some(body.to_string().into()));
        let text = String::from_utf8_lossy(&response.body).into_owned();
        assert!(response.status < 300, "{method} {path} {body}: {} {text}", response.status);
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn is(&mut self, recorded: &'static str, id: &Value) {
        self.ids.insert(recorded, word(id).to_owned());
    }

    /// Everything that a case may need. Only what it makes itself is not there yet.
    fn prepare(&mut self, case: &Value, request: &Value) {
        self.emulator.reset();
        self.ids.clear();
        let op = word(&case["op"]);
        let is_lake = case["args"].to_string().contains("\"default_catalog\":\"lake\"") && op == "query";
        let mut orders = json!({ "name": "orders" });
        if op.starts_with("set_") {
            orders["key"] = json!(["order_id"]);
        }
        let schemas = match op {
            "add_database_schema" | "add_managed_schema" => json!([]),
            "add_database_table" | "add_managed_table" => json!([{ "name": "sales" }]),
            _ if is_lake => json!([{ "name": "core", "tables": [orders] }]),
            _ => json!([{ "name": "sales", "tables": [orders] }]),
        };
        let home = if op.starts_with("add_") { "main" } else { "sales" };
        let mut body = json!({ "name": "forecast_rules", "schemas": schemas, "default_schema": home });
        if is_lake {
            body["default_catalog"] = json!("lake");
            body["default_schema"] = json!("core");
        }
        let database = self.make("POST", "databases", body);
        self.is(DATABASE, &database["id"]);
        self.is(CONNECTION, &database["default_connection_id"]);
        let path = format!("databases/{}", word(&database["id"]));
        if !op.starts_with("add_") && !op.starts_with("load_") {
            let schema = if is_lake { "core" } else { "sales" };
            let csv = "id,order_id,customer_id,region,ordered_at,amount,note,body,name,v,a,b,c d\n\
                       1,1,7,eu,2026-03-01,2.5,n,t,x,1,1,2,3\n";
            let loaded = json!({ "mode": "replace", "data": csv, "async": true });
            let job = self.make("POST", &format!("{path}/schemas/{schema}/tables/orders/loads"), loaded);
            self.is(JOB, &job["id"]);
            self.make("GET", &format!("jobs/{}", word(&job["id"])), Value::Null);
        }
        let provider = json!({ "name": "first", "provider_type": "local" });
        let provider = self.make("POST", "embedding-providers", provider);
        self.is(PROVIDER, &provider["id"]);
        if op.ends_with("_catalog") || op == "delete_connection" || op == "get_connection" {
            let other = self.make(
                "POST",
                "connections",
                json!({ "name": "other", "source_type": "managed", "config": {} }),
            );
            self.is(CONNECTION, &other["id"]);
            if op == "detach_database_catalog" {
                self.make("POST", &format!("{path}/catalogs"), json!({ "connection_id": other["id"] }));
            }
        }
        let batch = self.make("POST", "databases/bulk", json!({ "count": 2 }));
        self.is(BATCH, &batch["batch_id"]);
        self.make("POST", &format!("{path}/context"), json!({ "name": "forecast_rules", "content": "x" }));
        let saved = self.make("POST", "queries", json!({ "name": "q", "sql": "SELECT 1" }));
        self.is(SAVED, &saved["id"]);
        for sql in ["SELECT 2", "SELECT 3"] {
            self.make("PUT", &format!("queries/{}", word(&saved["id"])), json!({ "sql": sql }));
        }
        if ["delete_index", "list_indexes", "list_indexes_collection"].contains(&op) {
            let index =
                json!({ "index_name": "orders_amount_idx", "index_type": "sorted", "columns": ["amount"] });
            let tables = format!("connections/{}/tables/sales/orders", self.ids[CONNECTION]);
            self.make("POST", &format!("{tables}/indexes"), index);
        }
        let asked = self.make("POST", "query", json!({ "sql": "SELECT 1 AS n UNION ALL SELECT 2" }));
        self.is(RUN, &asked["query_run_id"]);
        self.is(RESULT, &asked["result_id"]);
        let workspace = self.make("POST", "workspaces", json!({ "name": "old" }));
        self.is(WORKSPACE, &workspace["workspace"]["public_id"]);
        let secret = self.make("POST", "secrets", json!({ "name": "pg-reader", "value": "v" }));
        self.is(SECRET, &secret["id"]);
        for name in ["openai-key", "openai-key-2"] {
            self.make("POST", "secrets", json!({ "name": name, "value": "v" }));
        }
        self.prepare_upload(op, request);
    }

    /// An upload that is as far as the request needs it.
    fn prepare_upload(&mut self, op: &str, request: &Value) {
        let parts = request["body"]["parts"].as_array().cloned();
        let in_parts = word(&request["path"]).ends_with("/parts") || parts.is_some();
        // Without a size it is one in parts.
        let body = if in_parts { json!({}) } else { json!({ "declared_size_bytes": 5 }) };
        let upload = self.make("POST", "uploads", body);
        self.is(UPLOAD, &upload["upload_id"]);
        self.is(TOKEN, &upload["finalize_token"]);
        let path = format!("/v1/uploads/{}", word(&upload["upload_id"]));
        let headers = json!({ "authorization": "Bearer test-key", "x-workspace-id": "ws_test",
            "x-upload-finalize-token": upload["finalize_token"] });
        self.e_tags.clear();
        for part in parts.unwrap_or_default() {
            let number = &part["part_number"];
            let body = json!({ "part_numbers": [number] }).to_string().into_bytes();
            let minted = self.send("POST", &format!("{path}/parts"), &json!([]), &headers, Some(body));
            let minted: Value = serde_json::from_slice(&minted.body).unwrap();
            let put = self.put(word(&minted["parts"][0]["url"]), b"x");
            self.e_tags.insert(number.as_u64().unwrap(), put.headers.text("etag").unwrap().into_owned());
        }
        if !in_parts {
            self.put(word(&upload["url"]), b"id\n1\n");
        }
        if op.starts_with("load_") {
            let finalized = self.send("POST", &format!("{path}/finalize"), &json!([]), &headers, None);
            assert_eq!(finalized.status, 200);
        }
    }

    fn put(&self, url: &str, bytes: &[u8]) -> Response {
        let (path, query) = url.strip_prefix(self.emulator.url()).unwrap().split_once('?').unwrap();
        let query: Vec<_> = query.split('&').map(|one| one.split_once('=').unwrap()).collect();
        let put = self.send("PUT", path, &json!(query), &json!({}), Some(bytes.to_vec()));
        assert_eq!(put.status, 200, "{}", String::from_utf8_lossy(&put.body));
        put
    }

    /// The recorded request, about what was made.
    fn replay(&self, request: &Value) -> Response {
        let mut text = request.to_string();
        for (recorded, id) in &self.ids {
            text = text.replace(recorded, id);
        }
        let mut request: Value = serde_json::from_str(&text).unwrap();
        for part in request.pointer_mut("/body/parts").and_then(Value::as_array_mut).into_iter().flatten() {
            // Those of the recording server are its own; what is none of a storage stays.
            if let Some(e_tag) = part["part_number"].as_u64().and_then(|number| self.e_tags.get(&number)) {
                part["e_tag"] = json!(e_tag);
            }
        }
        let body = Some(&request["body"]).filter(|body| !body.is_null());
        let body = body.map(|body| body.to_string().into_bytes());
        let mut query = request["query"].clone();
        // Cursors are known to who made them.
        query.as_array_mut().unwrap().retain(|one| one[0] != "cursor");
        self.send(word(&request["method"]), word(&request["path"]), &query, &request["headers"], body)
    }
}

#[test]
fn what_the_service_took_the_emulator_takes_and_answers_alike() {
    let shapes = shapes();
    let mut replay = Replay::start();
    let (mut failures, mut count, mut refused) = (Vec::new(), 0, BTreeSet::new());
    for case in cases().iter().filter(|case| CLASSES.contains(&word(&case["class"]))) {
        let id = word(&case["id"]);
        for exchange in case["exchanges"].as_array().unwrap() {
            let (request, recorded) = (&exchange["request"], &exchange["response"]);
            let wanted = recorded["status"].as_u64().unwrap_or(500);
            // The storage's addresses are those of its own sessions.
            if wanted >= 300 || word(&request["path"]).starts_with("/storage/") {
                continue;
            }
            replay.prepare(case, request);
            let response = replay.replay(request);
            count += 1;
            let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            if response.status >= 300 {
                match REFUSED.iter().find(|(start, _)| id.starts_with(start)) {
                    Some((start, _)) => drop(refused.insert(*start)),
                    None => failures.push(format!("{id}: {} {body} for {request}", response.status)),
                }
                continue;
            }
            let mut wrong = Vec::new();
            match shapes.get(&(place(request), u64::from(response.status))) {
                Some(shape) if body.is_object() => shape.check("", &body, &mut wrong),
                _ => {}
            }
            if !wrong.is_empty() {
                failures.push(format!("{id} ({}): {} in {body}", response.status, wrong.join(", ")));
            }
        }
    }
    println!("{count} requests");
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
    let unused: Vec<_> = REFUSED.iter().filter(|(start, _)| !refused.contains(start)).collect();
    assert!(unused.is_empty(), "no longer refused: {unused:?}");
}
