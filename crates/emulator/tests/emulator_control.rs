//! The paths under `/_emulator/` as clients of other languages and browsers use them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use controlplane::onehouse::{Client, ClusterType};
use controlplane_emulator::onehouse::Emulator;
use controlplane_emulator::{Pending, Service, eloq, h2o_workflows, hotdata};
use serde_json::{Value, json};

/// Sends a request with these header lines, each with its end: status, head and body.
fn send(address: &str, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
}

fn address<S: Service>(emulator: &controlplane_emulator::Emulator<S>) -> String {
    let rest = emulator.url().split_once("://").unwrap().1;
    rest.split('/').next().unwrap().to_owned()
}

fn call<S: Service>(
    emulator: &controlplane_emulator::Emulator<S>,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let address = address(emulator);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, _, body) =
        send(&address, method, &format!("/_emulator/{path}"), &format!("host: {address}\r\n"), &body);
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[test]
fn a_web_page_cannot_reset_the_emulator_and_a_rebound_name_cannot_read_it() {
    let emulator = Emulator::builder().allow_host("onehouse").start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    client.delete_lake("raw").submit().unwrap();
    let address = address(&emulator);
    let port = address.rsplit_once(':').unwrap().1;
    for (headers, status) in [
        (format!("host: {address}\r\norigin: https://evil.example\r\n"), 403),
        (format!("host: {address}\r\norigin: null\r\n"), 403),
        (format!("host: {address}\r\norigin: http://127.0.0.1:1\r\n"), 403),
        (format!("host: evil.example:{port}\r\n"), 403),
        (format!("host: evil.example:{port}\r\norigin: http://evil.example:{port}\r\n"), 403),
        (format!("host: localhost:{port}\r\norigin: http://localhost:{port}\r\n"), 200),
        (format!("host: onehouse:{port}\r\n"), 200),
        (format!("host: [::1]:{port}\r\n"), 200),
    ] {
        for (method, path) in [("GET", "ledger"), ("GET", "faults"), ("GET", ""), ("POST", "reset")] {
            let is_read = method == "GET" || status == 403;
            let (answered, _, body) = send(&address, method, &format!("/_emulator/{path}"), &headers, "");
            assert_eq!(answered, status, "{method} {path} {headers}");
            assert_eq!(status == 403, body.starts_with("{\"error\":"), "{body}");
            assert_eq!(emulator.ledger().len(), usize::from(is_read), "{method} {path} {headers}");
            if !is_read {
                client.delete_lake("raw").submit().unwrap();
            }
        }
    }
    // The service itself is reached under any name, as behind a proxy; it wants its credentials.
    assert_eq!(send(&address, "POST", "/v1/resource/", "host: evil.example\r\n", "{}").0, 401);
}

#[test]
fn each_service_says_that_it_is_ready_and_which_it_is() {
    fn check<S: Service>(name: &str) {
        let emulator = controlplane_emulator::Emulator::<S>::start().unwrap();
        let (status, health) = call(&emulator, "GET", "health", &Value::Null);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!((status, health), (200, json!({ "service": name, "version": version, "ready": true })));
        assert!(emulator.requests().is_empty());
        let (status, resources) = call(&emulator, "GET", "resources", &Value::Null);
        assert_eq!(status, 200);
        assert!(resources.is_array(), "{resources}");
        assert_eq!(call(&emulator, "POST", "health", &Value::Null).0, 405);
        assert_eq!(call(&emulator, "GET", "elsewhere", &Value::Null).0, 404);
    }
    check::<controlplane_emulator::onehouse::Onehouse>("onehouse");
    check::<eloq::Eloq>("eloq");
    check::<h2o_workflows::H2oWorkflows>("h2o-workflows");
    check::<hotdata::Hotdata>("hotdata");
}

#[test]
fn the_clock_is_advanced_stopped_and_started_over_http() {
    let emulator = Emulator::builder().pending(Pending::time(Duration::from_secs(1200))).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    let id = client.create_cluster("etl", ClusterType::Managed).submit().unwrap().request_id;
    let ended = || client.get_status(&id).send().unwrap().is_terminal();
    let clock = |body: Value| call(&emulator, "POST", "clock", &body);
    assert_eq!(clock(json!({ "stopped": true })), (200, json!({ "advanced": "0s", "stopped": true })));
    assert_eq!(clock(json!({ "advance": "19m" })), (200, json!({ "advanced": "1140s", "stopped": true })));
    let (_, resources) = call(&emulator, "GET", "resources", &Value::Null);
    let row = |kind: &str, name: &str| {
        let all = resources.as_array().unwrap().iter();
        all.clone().find(|one| one["kind"] == kind && one["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(row("cluster", "etl")["state"], "STARTING");
    assert_eq!(row("operation", &id)["state"], "PENDING for 1140 s");
    assert!(!ended());
    assert_eq!(clock(json!({ "advance": "1m", "stopped": false })).0, 200);
    assert!(ended());
    let (_, resources) = call(&emulator, "GET", "resources", &Value::Null);
    assert!(
        resources.to_string().contains("\"RUNNING\"") && !resources.to_string().contains(&id),
        "{resources}"
    );
    for wrong in [
        json!({}),
        json!([]),
        json!({ "advance": 20 }),
        json!({ "advance": "soon" }),
        json!({ "stop": true }),
        // Too far, so it is not stopped either.
        json!({ "advance": "900000h", "stopped": true }),
    ] {
        let (status, body) = clock(wrong.clone());
        assert_eq!(status, 400, "{wrong}");
        assert!(!body["error"].as_str().unwrap().is_empty());
    }
    let clock = call(&emulator, "GET", "clock", &Value::Null).1;
    assert_eq!(clock, json!({ "advanced": "1200s", "stopped": false }));
}

#[test]
fn requests_say_why_they_were_refused() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    client.execute("CREATE NONSENSE").submit().unwrap_err();
    client.execute("CREATE SOURCE `s` WITH 'kafka.password' = hunter2hunter2").submit().unwrap_err();
    client.show_lakes().submit().unwrap();
    let (_, requests) = call(&emulator, "GET", "requests", &Value::Null);
    assert!(requests[0]["reason"].as_str().unwrap().contains("line 1, column 8"), "{requests}");
    // The text of a statement may be a secret.
    assert!(!requests[1]["reason"].as_str().unwrap().contains("hunter2"), "{requests}");
    assert_eq!(requests[2]["reason"], Value::Null);
    let (_, last) = call(&emulator, "GET", "requests?last=1", &Value::Null);
    assert_eq!(last, json!([requests[2]]));

    let emulator = eloq::Emulator::start().unwrap();
    let address = address(&emulator);
    send(&address, "GET", "/api/v1/nothing", "host: x\r\n", "");
    assert!(emulator.requests()[0].reason.as_ref().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn the_page_is_whole_and_loads_nothing_from_elsewhere() {
    let emulator = Emulator::start().unwrap();
    let address = address(&emulator);
    let (status, head, body) = send(&address, "GET", "/_emulator/", &format!("host: {address}\r\n"), "");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/html; charset=utf-8"), "{head}");
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(body.starts_with("<!DOCTYPE html>") && body.trim_end().ends_with("</html>"));
    for foreign in
        ["http://", "https://", "//cdn", "innerHTML", "insertAdjacentHTML", "document.write", "eval("]
    {
        assert!(!body.contains(foreign), "{foreign}");
    }
}

#[test]
fn each_account_has_a_space_of_its_own() {
    use controlplane::onehouse::Credentials;

    let emulator = Emulator::builder().accept_any_credentials().start().unwrap();
    let client = |project: &str, key: &str| {
        let credentials = Credentials::builder().env(emulator.variables()).project_uid(project).api_key(key);
        Client::new(credentials.build().unwrap()).unwrap()
    };
    let (a, b) = (client("a", "k"), client("b", "k"));
    let id = a.create_service_principal("bot").submit().unwrap().request_id;
    assert_ne!(b.create_service_principal("bot").submit().unwrap().request_id, id);
    assert!(b.get_status(&id).send().is_err(), "an operation of another project");
    // The credentials of the first request are those of the space.
    assert!(client("a", "other").show_lakes().submit().is_err());
    assert!(emulator.ledger().is_empty());
    let space = |path: &str| call(&emulator, "GET", path, &Value::Null);
    assert_eq!(space("spaces").1, json!(["emulator-account/a", "emulator-account/b"]));
    assert_eq!(space("ledger?space=emulator-account%2Fa").1.as_array().unwrap().len(), 1);
    assert_eq!(space("requests?last=1&space=emulator-account/b").1[0]["status"], 404);
    assert_eq!(space("ledger?space=nobody").0, 404);
    assert_eq!(call(&emulator, "POST", "reset?space=emulator-account/a", &Value::Null).0, 200);
    assert_eq!(space("ledger?space=emulator-account/a").1, json!([]));
    assert_eq!(space("ledger?space=emulator-account/b").1.as_array().unwrap().len(), 1);
    emulator.reset();
    assert_eq!(space("spaces").1, json!([]));

    // Without it, other credentials are refused.
    let strict = Emulator::start().unwrap();
    let credentials = Credentials::builder().env(strict.variables()).project_uid("a").build().unwrap();
    assert!(Client::new(credentials).unwrap().show_lakes().submit().is_err());
}

#[test]
fn keys_and_tokens_have_spaces_too() {
    let get = |address: &str, path: &str, authorization: &str| {
        let headers = format!("host: {address}\r\nauthorization: {authorization}\r\n");
        send(address, "GET", path, &headers, "").0
    };
    let emulator = eloq::Emulator::builder().accept_any_credentials().start().unwrap();
    let own = address(&emulator);
    for key in ["one", "Bearer one", "Bearer two", emulator.api_key()] {
        assert_eq!(get(&own, "/api/v1/org-info", key), 200, "{key}");
    }
    assert_eq!(get(&own, "/api/v1/org-info", "Bearer "), 401);
    assert_eq!(call(&emulator, "GET", "spaces", &Value::Null).1, json!(["one", "two"]));

    let emulator = hotdata::Emulator::builder().accept_any_credentials().start().unwrap();
    let own = address(&emulator);
    let create = |key: &str| {
        let workspace = emulator.workspace_id();
        let headers =
            format!("host: {own}\r\nauthorization: Bearer {key}\r\nx-workspace-id: {workspace}\r\n");
        let body = send(&own, "POST", "/v1/uploads", &headers, "{\"declared_size_bytes\": 3}").2;
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let (one, two) = (create("one"), create("two"));
    assert_ne!(one["upload_id"], two["upload_id"]);
    // The storage has no key: its URL is of the space that signed it.
    let url = two["url"].as_str().unwrap();
    let path = &url[url.find("/_storage").or_else(|| url.find("/storage")).unwrap()..];
    assert_eq!(send(&own, "PUT", path, &format!("host: {own}\r\n"), "abc").0, 200);
    let (_, requests) = call(&emulator, "GET", "requests?space=two", &Value::Null);
    assert_eq!(requests.as_array().unwrap().len(), 2, "{requests}");

    let emulator =
        h2o_workflows::Emulator::builder().rotate_refresh_tokens().accept_any_credentials().start().unwrap();
    let own = address(&emulator);
    let exchange = |refresh: &str| {
        let form = format!("grant_type=refresh_token&client_id=hac-platform-public&refresh_token={refresh}");
        let headers = format!("host: {own}\r\ncontent-type: application/x-www-form-urlencoded\r\n");
        serde_json::from_str::<Value>(&send(&own, "POST", "/auth/realms/emulator/token", &headers, &form).2)
            .unwrap()
    };
    let first = exchange("mine");
    let second = exchange(first["refresh_token"].as_str().unwrap());
    let list = |token: &str| get(&own, "/v1/workspaces/w/workflows", &format!("Bearer {token}"));
    assert_eq!(list(second["access_token"].as_str().unwrap()), 200);
    assert_eq!(list("access-0-0000000000000000"), 401, "it looks like one that was issued");
    assert_eq!(list("fixed"), 200);
    assert_eq!(call(&emulator, "GET", "spaces", &Value::Null).1, json!(["fixed", "mine"]));
}

#[test]
fn a_state_is_kept_and_restored_over_http() {
    let emulator = Emulator::builder().pending(Pending::time(Duration::from_secs(1200))).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    let id = client.create_cluster("etl", ClusterType::Managed).submit().unwrap().request_id;
    assert_eq!(call(&emulator, "POST", "clock", &json!({ "stopped": true, "advance": "19m" })).0, 200);
    let (status, state) = call(&emulator, "GET", "state", &Value::Null);
    assert_eq!((status, &state["service"], &state["version"]), (200, &json!("onehouse"), &json!(1)));

    let other = Emulator::builder().pending(Pending::time(Duration::from_secs(1200))).start().unwrap();
    call(&other, "POST", "clock", &json!({ "stopped": true }));
    let others = Client::new(other.credentials()).unwrap();
    assert!(others.get_status(&id).send().is_err());
    assert_eq!(call(&other, "PUT", "state", &state), (200, json!({})));
    assert_eq!(call(&other, "GET", "state", &Value::Null).1.to_string(), state.to_string());
    assert_eq!(other.state().unwrap(), emulator.state().unwrap());
    // As old as it was, and what happened to the first one has not happened to this one.
    assert!(!others.get_status(&id).send().unwrap().is_terminal());
    assert_eq!(call(&other, "POST", "clock", &json!({ "advance": "1m" })).0, 200);
    assert!(others.get_status(&id).send().unwrap().is_terminal());
    assert_eq!((other.ledger().len(), emulator.ledger().len()), (0, 1));
    other.reset();
    assert!(others.get_status(&id).send().is_err());

    let before = other.state().unwrap();
    let mut wrong = state.clone();
    wrong["state"]["project"]["resources"]["clusters"]["etl"]["type"] = json!("Custom");
    let (status, body) = call(&other, "PUT", "state", &wrong);
    let why = body["error"].as_str().unwrap();
    assert!(status == 400 && why.contains("/state/project/resources/clusters/etl/type"), "{why}");
    let eloq = eloq::Emulator::start().unwrap();
    let (status, body) = call(&eloq, "PUT", "state", &state);
    assert!(status == 400 && body["error"].as_str().unwrap().contains("the state is of onehouse"), "{body}");
    assert_eq!(call(&other, "POST", "state", &state).0, 405);
    assert_eq!(call(&other, "DELETE", "state", &Value::Null).0, 405);
    assert_eq!(other.state().unwrap(), before);
    assert!(other.restore("{}").unwrap_err().to_string().contains("missing field `service`"));

    // A web page reads none, and cannot send one of any size.
    let address = address(&other);
    for method in ["GET", "PUT"] {
        let headers = format!("host: {address}\r\norigin: https://evil.example\r\n");
        assert_eq!(
            send(&address, method, "/_emulator/state", &headers, &state.to_string()).0,
            403,
            "{method}"
        );
    }
    let mut stream = TcpStream::connect(&address).unwrap();
    let length = 64 * 1024 * 1024 + 1;
    write!(stream, "PUT /_emulator/state HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n")
        .unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    assert_eq!(other.state().unwrap(), before);
}

#[test]
fn a_large_state_is_read_whole() {
    let emulator = hotdata::Emulator::start().unwrap();
    let own = address(&emulator);
    let workspace = emulator.workspace_id();
    let key = emulator.api_key();
    let headers = format!("host: {own}\r\nauthorization: Bearer {key}\r\nx-workspace-id: {workspace}\r\n");
    let length = 3 * 1024 * 1024;
    let body =
        send(&own, "POST", "/v1/uploads", &headers, &json!({ "declared_size_bytes": length }).to_string()).2;
    let made: Value = serde_json::from_str(&body).unwrap();
    let url = made["url"].as_str().unwrap();
    let path = &url[url.find("/storage").unwrap()..];
    assert_eq!(send(&own, "PUT", path, &format!("host: {own}\r\n"), &"x".repeat(length)).0, 200);
    emulator.stop_clock();
    let state = call(&emulator, "GET", "state", &Value::Null).1;
    let other = hotdata::Emulator::start().unwrap();
    other.stop_clock();
    assert_eq!(call(&other, "PUT", "state", &state), (200, json!({})));
    assert_eq!(other.state().unwrap(), emulator.state().unwrap());
}

#[test]
fn a_state_is_that_of_one_space() {
    let emulator = eloq::Emulator::builder().accept_any_credentials().start().unwrap();
    emulator.stop_clock();
    let own = address(&emulator);
    let create = |key: &str, name: &str| {
        let headers = format!("host: {own}\r\nauthorization: Bearer {key}\r\n");
        let body = json!({ "clusterName": name, "region": "r", "skuId": 3 }).to_string();
        assert_eq!(send(&own, "POST", "/api/v1/orgs/1/projects/147/clusters", &headers, &body).0, 200);
    };
    let state = |space: &str| call(&emulator, "GET", &format!("state{space}"), &Value::Null);
    create("one", "a");
    create("two", "b");
    create(emulator.api_key(), "c");
    let one = state("?space=one").1;
    let (two, own_state) = (state("?space=two").1, state("").1);
    assert!(one.to_string().contains("\"a\"") && !one.to_string().contains("\"b\""), "{one}");
    assert_eq!(call(&emulator, "PUT", "state?space=two", &one).0, 200);
    assert_eq!(state("?space=two").1, one);
    assert_ne!(two, one);
    assert_eq!((state("?space=one").1, state("").1), (one.clone(), own_state));
    assert_eq!(call(&emulator, "PUT", "state?space=three", &one).0, 404);
}

#[test]
fn web_pages_of_an_origin_that_is_named_may_call_the_service_and_no_others() {
    let emulator =
        Emulator::builder().cors("http://localhost:5173").cors("https://app.example").start().unwrap();
    let own = address(&emulator);
    let origin = |origin: &str| format!("host: {own}\r\norigin: {origin}\r\n");
    let asks = "access-control-request-method: POST\r\naccess-control-request-headers: content-type,x-onehouse-api-key\r\n";
    let preflight = |of: &str| send(&own, "OPTIONS", "/v1/resource/", &format!("{}{asks}", origin(of)), "");
    for allowed in ["http://localhost:5173", "https://app.example"] {
        let (status, head, _) = preflight(allowed);
        assert_eq!(status, 204);
        for line in [
            &format!("access-control-allow-origin: {allowed}"),
            "access-control-allow-headers: content-type,x-onehouse-api-key",
            "access-control-allow-methods: get, head, post, put, patch, delete",
            "vary: origin",
        ] {
            assert!(head.contains(line), "{line}: {head}");
        }
        assert!(!head.contains("allow-credentials") && !head.contains("private-network"), "{head}");
        // What is refused is shown to the page, too.
        let (status, head, _) = send(&own, "POST", "/v1/resource/", &origin(allowed), "{}");
        assert!(status == 401 && head.contains(&format!("access-control-allow-origin: {allowed}")), "{head}");
        assert!(head.contains("access-control-expose-headers: etag, grpc-message, grpc-status,"), "{head}");
    }
    // Neither a preflight nor a page counts as a request to the service by itself.
    assert_eq!(emulator.requests().len(), 2);
    let private =
        format!("{}{asks}access-control-request-private-network: true\r\n", origin("https://app.example"));
    let head = send(&own, "OPTIONS", "/v1/resource/", &private, "").1;
    assert!(head.contains("access-control-allow-private-network: true"), "{head}");
    for foreign in
        ["http://localhost:5174", "https://evil.example", "null", "https://app.example.evil.example"]
    {
        let (status, head, _) = preflight(foreign);
        assert_eq!(status, 405, "{foreign}");
        assert!(!head.contains("access-control") && head.contains("vary: origin"), "{head}");
        let head = send(&own, "POST", "/v1/resource/", &origin(foreign), "{}").1;
        assert!(!head.contains("access-control"), "{head}");
    }
    let two = format!("{}origin: https://evil.example\r\n", origin("https://app.example"));
    assert!(!send(&own, "POST", "/v1/resource/", &two, "{}").1.contains("access-control"));
    // The emulator's own paths are closed to all of them.
    for of in ["http://localhost:5173", "https://app.example"] {
        let (status, head, _) = send(&own, "POST", "/_emulator/reset", &origin(of), "");
        assert!(status == 403 && !head.contains("access-control"), "{head}");
        let (status, head, _) =
            send(&own, "OPTIONS", "/_emulator/reset", &format!("{}{asks}", origin(of)), "");
        assert!(status == 403 && !head.contains("access-control"), "{head}");
    }

    // Without it nothing changes.
    let closed = Emulator::start().unwrap();
    let own = address(&closed);
    let origin = format!("host: {own}\r\norigin: http://localhost:5173\r\n");
    let (status, head, _) = send(&own, "OPTIONS", "/v1/resource/", &format!("{origin}{asks}"), "");
    assert!(status == 405 && !head.contains("access-control") && !head.contains("vary"), "{head}");
    assert_eq!(closed.requests().len(), 1);
    for wrong in ["*", "localhost:5173", "http://a/"] {
        let error = Emulator::builder().cors(wrong).start().unwrap_err();
        assert!(error.to_string().contains("origin"), "{error}");
    }

    // Bodies that are read in pieces and bodies that are made while they are sent have the headers, too.
    let emulator = hotdata::Emulator::builder().cors("http://localhost:5173").start().unwrap();
    let own = address(&emulator);
    let headers = format!("host: {own}\r\norigin: http://localhost:5173\r\n");
    let (status, head, _) = send(&own, "PUT", "/storage/x/0?expires=1&signature=00", &headers, "abc");
    assert!(status == 403 && head.contains("access-control-allow-origin: http://localhost:5173"), "{head}");
}
