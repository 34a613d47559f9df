//! Sessions, the storage, and what can be put there.

use super::*;

const MIB: usize = 1024 * 1024;

/// A session, by the fields of its request.
fn session(caller: &Caller, fields: Value) -> Value {
    caller.post(201, "uploads", fields)
}

/// Puts bytes at an address: the status and the ETag.
fn put(url: &Value, bytes: &[u8], headers: &[(&'static str, &str)]) -> (u16, String) {
    let url = text(url);
    let (host, path) = url.split_at(url.find("/storage/").unwrap());
    let mut request = Request::new(Method::Put, host, path);
    for (name, value) in headers {
        request.headers.push(*name, *value);
    }
    request.body = Some(bytes.to_vec().into());
    let response = crate::testing::transport().send(&request, Duration::from_secs(20)).unwrap();
    let e_tag = response.headers.text("etag").map(std::borrow::Cow::into_owned);
    (response.status, e_tag.unwrap_or_default())
}

fn finalize(caller: &Caller, session: &Value, body: Option<Value>) -> (u16, Value) {
    let caller = caller.with("x-upload-finalize-token", &text(&session["finalize_token"]));
    let path = format!("uploads/{}/finalize", text(&session["upload_id"]));
    caller.call(Method::Post, &path, body)
}

#[test]
fn one_body_is_put_once_or_again_and_finalized_once() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let made = session(&caller, json!({ "declared_size_bytes": 5, "content_type": "text/csv" }));
    assert_eq!(
        (&made["mode"], &made["headers"], made.get("part_urls")),
        (&json!("single"), &json!({}), None)
    );
    assert!(text(&made["url"]).starts_with(emulator.url()));
    assert_eq!(finalize(&caller, &made, None).0, 400, "nothing was put");
    assert_eq!(put(&made["url"], b"hell", &[]).0, 200);
    assert_eq!(finalize(&caller, &made, None).0, 400, "too few bytes");
    let (status, e_tag) = put(&made["url"], b"hello", &[]);
    assert!(status == 200 && e_tag.starts_with('"') && e_tag.ends_with('"'), "{status} {e_tag}");
    for headers in [("authorization", "Bearer x"), ("x-workspace-id", "ws"), ("content-type", "text/csv")] {
        assert_eq!(put(&made["url"], b"hello", &[headers]).0, 403, "{headers:?}");
    }
    let wrong = json!({ "upload_id": made["upload_id"], "finalize_token": "x" });
    assert_eq!(finalize(&caller, &wrong, None).0, 400);
    assert_eq!(finalize(&caller, &made, Some(json!({ "parts": null }))).0, 400);
    let (status, done) = finalize(&caller, &made, Some(json!({})));
    assert_eq!((status, &done["size_bytes"], &done["status"]), (200, &json!(5), &json!("ready")));
    assert_eq!(finalize(&caller, &made, None).0, 400, "it is finalized already");
    assert!(put(&made["url"], b"hello", &[]).0 >= 400);
    let taken: Vec<_> = emulator.ledger().iter().map(|one| (one.operation, one.bytes)).collect();
    let wanted = [
        ("create_upload_session_handler", None),
        ("storage_put", Some(4)),
        ("storage_put", Some(5)),
        ("finalize_upload_handler", Some(5)),
    ];
    assert_eq!(taken, wanted);
    // The signature is nobody's business.
    assert!(emulator.requests().iter().all(|one| one.query.is_empty()));
}

#[test]
fn parts_are_put_in_any_order_and_named_in_theirs() {
    let emulator = Emulator::builder().set("part-size=2000000").unwrap().set("min-part=1000000").unwrap();
    let emulator = emulator.start().unwrap();
    let caller = Caller::of(&emulator);
    // Streaming: no size, and addresses as they are asked for.
    let made = session(&caller, json!({ "part_size": 8 * MIB }));
    assert_eq!((&made["part_size"], made.get("part_urls"), made.get("url")), (&json!(2_000_000), None, None));
    let token = text(&made["finalize_token"]);
    let with_token = caller.with("x-upload-finalize-token", &token);
    let mint = |numbers: Value| {
        let path = format!("uploads/{}/parts", text(&made["upload_id"]));
        with_token.call(Method::Post, &path, Some(json!({ "part_numbers": numbers })))
    };
    for numbers in [json!([]), json!([0]), json!([1, 1]), json!([10_001]), json!(["1"]), json!(null)] {
        assert_eq!(mint(numbers.clone()).0, 400, "{numbers}");
    }
    let (status, minted) = mint(json!([2, 1]));
    assert_eq!((status, &minted["parts"][0]["part_number"]), (200, &json!(1)));
    let second = put(&minted["parts"][1]["url"], b"bbb", &[]).1;
    let first = put(&minted["parts"][0]["url"], &vec![b'a'; 2_000_000], &[]).1;
    let part = |number: u64, e_tag: &str| json!({ "part_number": number, "e_tag": e_tag });
    for parts in [
        json!([]),
        json!([part(2, &second), part(1, &first)]),
        json!([part(1, &first), part(1, &first)]),
        json!([part(1, &first), part(2, "\"0\"")]),
        json!([part(1, &first), part(2, &second), part(3, &second)]),
    ] {
        assert_eq!(finalize(&caller, &made, Some(json!({ "parts": parts }))).0, 400, "{parts}");
    }
    assert_eq!(finalize(&caller, &made, None).0, 400);
    let parts = json!({ "parts": [part(1, &first), part(2, &second)] });
    let (status, done) = finalize(&caller, &made, Some(parts));
    assert_eq!((status, &done["size_bytes"]), (200, &json!(2_000_003)));
    // Of known size: all addresses at once.
    let made = session(&caller, json!({ "declared_size_bytes": 9 * MIB }));
    assert_eq!(made["part_urls"].as_array().map(Vec::len), Some(5));
    assert_eq!(caller.refused(Method::Post, "uploads", Some(json!({ "declared_size_bytes": null }))).0, 400);
}

#[test]
fn addresses_sessions_and_uploads_grow_old() {
    let hands = Hands::new();
    let emulator = hands.on(Emulator::builder()).start().unwrap();
    let caller = Caller::of(&emulator);
    let made = session(&caller, json!({ "declared_size_bytes": 1 }));
    hands.forward(1799.0);
    assert_eq!(put(&made["url"], b"x", &[]).0, 200);
    hands.forward(1.0);
    assert_eq!(put(&made["url"], b"x", &[]).0, 403);
    assert_eq!(finalize(&caller, &made, None).0, 200);
    let late = session(&caller, json!({ "declared_size_bytes": 0 }));
    assert_eq!(put(&late["url"], b"", &[]).0, 200);
    hands.forward(24.0 * 3600.0);
    assert_eq!(finalize(&caller, &late, None).0, 400);
    hands.forward(6.0 * 24.0 * 3600.0);
    let database = text(&caller.database(json!({}))["id"]);
    let load = json!({ "mode": "replace", "upload_id": made["upload_id"] });
    let path = format!("databases/{database}/schemas/main/tables/t/loads");
    assert_eq!(caller.refused(Method::Post, &path, Some(load)), bad("NOT_FOUND"));
}

#[test]
fn without_signed_addresses_there_are_no_uploads() {
    let emulator = Emulator::builder().set("presign=off").unwrap().start().unwrap();
    let caller = Caller::of(&emulator);
    for (path, body) in [("uploads", json!({})), ("uploads/batch", json!({ "uploads": [{}] }))] {
        let refused = caller.refused(Method::Post, path, Some(body));
        assert_eq!(refused, (501, "PRESIGN_UNSUPPORTED".to_owned()), "{path}");
    }
    assert!(emulator.ledger().is_empty());
}

#[test]
fn faults_strike_parts_and_an_upload_is_of_its_workspace() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let made = session(&caller, json!({ "declared_size_bytes": 1 }));
    emulator.add_fault("path=/storage/, nth=1: drop-header=ETag".parse().unwrap());
    emulator.add_fault("path=/storage/, nth=2: status=429, retry-after=1".parse().unwrap());
    assert_eq!(put(&made["url"], b"x", &[]), (200, String::new()));
    assert_eq!(put(&made["url"], b"x", &[]).0, 429);
    // A taken one is in the ledger, the other is not.
    assert_eq!(emulator.ledger().iter().filter(|one| one.operation == "storage_put").count(), 1);
    let other = caller.post(201, "workspaces", json!({ "name": "other" }))["workspace"]["public_id"].clone();
    let outside = caller.with("x-workspace-id", &text(&other));
    assert_eq!(finalize(&outside, &made, None).0, 404);
    assert_eq!(finalize(&caller, &made, None).0, 200);
}

#[test]
fn a_file_in_one_request_as_there_was_once() {
    let emulator = Emulator::builder().older_surface(true).start().unwrap();
    let caller = Caller::of(&emulator).with("content-type", "text/csv");
    let big = vec![b'x'; 3 * MIB];
    let response = caller.send(Method::Post, "/v1/files", Some(big));
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(
        (response.status, &body["size_bytes"], &body["status"]),
        (201, &json!(3 * MIB), &json!("pending"))
    );
    assert_eq!(caller.get("files?status=pending")["uploads"], json!([body]));
    assert_eq!(caller.get("files?status=consumed")["uploads"], json!([]));
    assert_eq!(
        caller.with("authorization", "").send(Method::Post, "/v1/files", Some(Vec::new())).status,
        401
    );
}
