//! The emulator as any client would see it: raw requests.

mod state;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use controlplane::http::{Method, Request};
use controlplane::transport::{Transport, UreqTransport};

struct Caller {
    transport: UreqTransport,
    url: String,
    key: String,
}

impl Caller {
    fn of(emulator: &Emulator) -> Self {
        let transport = crate::testing::transport();
        Self { transport, url: emulator.url().to_owned(), key: emulator.api_key().to_owned() }
    }

    fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = Request::new(method, self.url.trim_end_matches('/'), path);
        request.headers.push("authorization", self.key.as_str());
        request.body = body.map(|body| body.to_string().into());
        let response = self.transport.send(&request, Duration::from_secs(20)).unwrap();
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::Get, path, None)
    }

    fn create(&self, name: &str) -> (u16, Value) {
        let body = json!({ "clusterName": name, "region": "us-west-1", "skuId": 3 });
        self.call(Method::Post, CLUSTERS, Some(body))
    }
}

const CLUSTERS: &str = "/orgs/1/projects/147/clusters";

fn message(answer: &(u16, Value)) -> String {
    answer.1["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_cluster_comes_and_goes() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let caller = Caller::of(&emulator);
    let c1 = format!("{CLUSTERS}/c1");
    let delete = format!("{c1}/delete");
    assert_eq!(caller.get(&c1).0, 404);
    assert_eq!(caller.create("c1"), (200, json!({ "code": 200, "message": "", "data": null })));
    let (status, described) = caller.get(&c1);
    assert_eq!((status, &described["code"]), (200, &json!(0)));
    assert_eq!(described["data"]["status"], "provisioning");
    assert_eq!((&described["data"]["elb_addr"], &described["data"]["elb_port"]), (&json!(""), &json!(0)));
    let refused = caller.call(Method::Delete, &delete, None);
    assert_eq!(refused.0, 403);
    assert!(message(&refused).contains("not in available state"));
    assert_eq!(caller.get(&c1).1["data"]["status"], "provisioning");
    let (_, described) = caller.get(&c1);
    assert_eq!(described["data"]["status"], "available");
    assert_eq!(described["data"]["elb_port"], 6378);
    assert_eq!(described["data"]["admin_user"], "MTQ3LWMx");
    assert_eq!(described["data"]["zone"], "us-west-1a");
    assert_eq!(caller.call(Method::Delete, &delete, None).1["code"], 200);
    assert_eq!(caller.get(&c1).1["data"]["status"], "deleting");
    assert_eq!(caller.call(Method::Delete, &delete, None).0, 403);
    assert_eq!(caller.get(&c1).0, 200);
    assert_eq!(caller.get(&c1).0, 404);
    assert_eq!(emulator.ledger().len(), 2);
    emulator.reset();
    assert!(emulator.ledger().is_empty() && emulator.requests().is_empty());
}

#[test]
fn what_is_wrong_is_refused_in_an_envelope() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let caller = Caller::of(&emulator);
    assert_eq!(caller.create("c1").0, 200);
    let create = |body: Value| caller.call(Method::Post, CLUSTERS, Some(body));
    let good = json!({ "clusterName": "c2", "region": "r", "skuId": 3 });
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    for (answer, status) in [
        (create(json!([])), 400),
        (create(json!({})), 400),
        (create(with("clusterName", json!(""))), 400),
        (create(with("clusterName", json!("c1"))), 400),
        (create(with("clusterName", json!(7))), 400),
        (create(with("region", json!(""))), 400),
        (create(with("skuId", json!(9999))), 400),
        (create(with("skuId", json!("3"))), 400),
        (create(with("requiredZone", json!(1))), 400),
        (create(with("more", json!(1))), 400),
        (caller.get(CLUSTERS), 400),
        (caller.get(&format!("{CLUSTERS}?page=0&perPage=20")), 400),
        (caller.get(&format!("{CLUSTERS}?page=1&perPage=51")), 400),
        (caller.get(&format!("{CLUSTERS}?page=1&page=1&perPage=5")), 400),
        (caller.get("/skus-by-args?type=serverless&eloqModule=eloqkv"), 400),
        (caller.get("/skus-by-args?type=cheap&eloqModule=eloqkv&cloudProvider=aws"), 400),
        (caller.get("/orgs/2/projects/147/clusters?page=1&perPage=20"), 403),
        (caller.get("/orgs/1/projects/148/clusters/c1"), 403),
        (caller.get("/orgs/1/projects/205/clusters/c1"), 404),
        (caller.get("/orgs/1/projects/147/clusters/"), 404),
        (caller.get("/orgs/1/projects/147/clusters/c1/more"), 404),
        (caller.get("/nothing"), 404),
        (caller.call(Method::Put, CLUSTERS, Some(json!({}))), 405),
        (caller.call(Method::Delete, &format!("{CLUSTERS}/c1"), None), 405),
    ] {
        assert_eq!((answer.0, &answer.1["code"]), (status, &json!(status)), "{answer:?}");
        assert!(!message(&answer).is_empty() && answer.1["data"].is_null(), "{answer:?}");
    }
    assert_eq!(emulator.ledger().len(), 1);
}

#[test]
fn the_key_is_bare_or_a_bearer() {
    let emulator = Emulator::start().unwrap();
    let mut caller = Caller::of(&emulator);
    assert_eq!(caller.get("/org-info").0, 200);
    caller.key = "Bearer emulator-key".to_owned();
    assert_eq!(caller.get("/org-info").0, 200);
    for wrong in ["", "emulator-keys", "Basic emulator-key", "Bearer"] {
        caller.key = wrong.to_owned();
        let answer = caller.get("/org-info");
        assert_eq!((answer.0, message(&answer).as_str()), (401, "invalid token"), "{wrong}");
    }
}

#[test]
fn the_free_plan_has_three_clusters_for_all_projects() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    for name in ["a", "b", "c"] {
        assert_eq!(caller.create(name).0, 200);
    }
    let answer = caller.create("d");
    assert_eq!(answer.0, 403);
    assert!(message(&answer).contains("3 clusters"), "{answer:?}");
}

#[test]
fn pages_have_the_total_of_all() {
    let emulator = Emulator::builder().cluster_limit(None).start().unwrap();
    let caller = Caller::of(&emulator);
    for i in 0..7 {
        caller.create(&format!("c{i}"));
    }
    let (_, page) = caller.get(&format!("{CLUSTERS}?page=2&perPage=3"));
    let names: Value =
        page["data"]["cluster_list"].as_array().unwrap().iter().map(|c| c["cluster_name"].clone()).collect();
    assert_eq!((names, &page["data"]["total"]), (json!(["c3", "c4", "c5"]), &json!(7)));
    assert_eq!(page["data"]["cluster_list"][0]["cloud_provider"], "AWS");
    let (_, page) = caller.get(&format!("{CLUSTERS}?page=9&perPage=3"));
    assert_eq!(page["data"], json!({ "cluster_list": [], "total": 7 }));
}

#[test]
fn names_are_one_segment_whatever_is_in_them() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let caller = Caller::of(&emulator);
    caller.create("a/b?c");
    assert_eq!(caller.get(&format!("{CLUSTERS}/a%2Fb%3Fc")).1["data"]["display_cluster_name"], "a/b?c");
    assert_eq!(caller.get(&format!("{CLUSTERS}/a/b")).0, 404);
}

#[test]
fn faults_strike_by_kind_and_body() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let caller = Caller::of(&emulator);
    emulator.add_fault("submit, contains=c1: status=500, body=<h1>oops</h1>".parse().unwrap());
    assert_eq!(caller.create("c1"), (500, Value::Null));
    assert_eq!(caller.create("c2").0, 200);
    emulator.clear_faults();
    emulator.add_fault("poll, nth=1: operation-status=hibernating".parse().unwrap());
    emulator.add_fault("poll, nth=2: back-to-pending".parse().unwrap());
    emulator.add_fault(r#"other: status=200, body="{\"code\": 403, \"message\": \"no\"}""#.parse().unwrap());
    let c2 = format!("{CLUSTERS}/c2");
    assert_eq!(caller.get(&c2).1["data"]["status"], "hibernating");
    assert_eq!(caller.get(&c2).1["data"]["status"], "provisioning");
    assert_eq!(caller.get(&c2).1["data"]["status"], "available");
    assert_eq!(caller.get("/org-info"), (200, json!({ "code": 403, "message": "no" })));
    assert_eq!(emulator.ledger().len(), 1);
}

#[test]
fn it_can_be_steered_from_outside() {
    let emulator = Emulator::start().unwrap();
    let mut caller = Caller::of(&emulator);
    caller.create("c1");
    caller.url = caller.url.replace("/api/v1/", "");
    caller.key = String::new();
    let (_, ledger) = caller.get("/_emulator/ledger");
    assert_eq!(
        ledger,
        json!([{ "change": "create", "project_id": 147, "cluster_name": "c1", "region": "us-west-1", "sku_id": 3, "required_zone": null }])
    );
    let (_, requests) = caller.get("/_emulator/requests");
    assert_eq!((requests.as_array().unwrap().len(), &requests[0]["method"]), (1, &json!("POST")));
    let faults = json!(["submit: status=500"]);
    assert_eq!(caller.call(Method::Post, "/_emulator/faults", Some(faults.clone())), (200, faults));
    assert_eq!(caller.call(Method::Post, "/_emulator/reset", None).0, 200);
    assert_eq!(caller.get("/_emulator/faults").1, json!([]));
    assert_eq!(caller.get("/_emulator/nothing").0, 404);
}

#[test]
fn with_a_clock_of_its_own_time_passes_at_once() {
    use std::sync::atomic::{AtomicU64, Ordering};

    let (start, minutes) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let passed = minutes.clone();
    let emulator = Emulator::builder()
        .pending(Pending::time(Duration::from_secs(600)))
        .deleting(Pending::time(Duration::from_secs(60)))
        .becomes_idle()
        .clock(move || start + Duration::from_secs(60 * passed.load(Ordering::SeqCst)))
        .start()
        .unwrap();
    let caller = Caller::of(&emulator);
    caller.create("c1");
    let c1 = format!("{CLUSTERS}/c1");
    for _ in 0..3 {
        assert_eq!(caller.get(&c1).1["data"]["status"], "provisioning");
    }
    minutes.store(10, Ordering::SeqCst);
    assert_eq!(caller.get(&c1).1["data"]["status"], "idle");
    assert_eq!(caller.call(Method::Delete, &format!("{c1}/delete"), None).0, 403);
    assert!(emulator.set_status("c1", "available") && !emulator.set_status("c2", "available"));
    assert_eq!(caller.call(Method::Delete, &format!("{c1}/delete"), None).0, 200);
    assert_eq!(caller.get(&c1).0, 200);
    minutes.store(11, Ordering::SeqCst);
    assert_eq!(caller.get(&c1).0, 404);
}
