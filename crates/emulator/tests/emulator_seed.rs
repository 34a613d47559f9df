//! Plans and states that an emulator begins with.

use std::time::Duration;

use controlplane::eloq as eloq_client;
use controlplane::onehouse::{Client, Credentials};
use controlplane_emulator::{Error, Pending, eloq, h2o_workflows, hotdata, onehouse};
use serde_json::{Value, json};

/// The plan that the crate `controlplane` provisions a project with, in its examples. It is in the repository and not in
/// the published package, which has to compile without it.
const PROVISION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/provision.json");

/// The steps of that plan that are of Onehouse, without the name of the service.
fn provision() -> String {
    let plan = std::fs::read_to_string(PROVISION)
        .unwrap_or_else(|error| panic!("reading {PROVISION}, which is in the repository only: {error}"));
    let mut steps: Vec<Value> = serde_json::from_str(&plan).unwrap();
    steps.retain_mut(|step| match step["command"].get_mut("onehouse").map(Value::take) {
        Some(command) => {
            step["command"] = command;
            true
        }
        None => false,
    });
    Value::from(steps).to_string()
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(error @ Error::InvalidState { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_of_the_client_is_there_from_the_start_and_after_a_reset() {
    let emulator = onehouse::Emulator::builder()
        .pending(Pending::time(Duration::from_secs(1200)))
        .fault("nth=1, submit: status=503".parse().unwrap())
        .initial(provision())
        .start()
        .unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    let names = || {
        // What the plan made has ended; what is asked now takes its time.
        let state: Value = serde_json::from_str(&emulator.state().unwrap()).unwrap();
        let resources = state["state"]["project"]["resources"].clone();
        let of = |kind: &str| resources[kind].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        [of("clusters"), of("databases"), of("flows"), of("jobs"), of("service_principals")].concat()
    };
    let made = ["Connector", "System", "ingest", "spark", "events", "sales", "page_views", "nightly", "ci"];
    assert_eq!(names(), made);
    // Nobody sent a request, so the first one meets the fault.
    assert!(emulator.ledger().is_empty() && emulator.requests().is_empty());
    client.delete_flow("page_views").submit().unwrap_err();
    assert_eq!(emulator.requests()[0].status, 503);
    client.delete_flow("page_views").submit().unwrap();
    assert!(!names().contains(&"page_views".to_owned()));
    emulator.reset();
    assert_eq!(names(), made);
    assert!(emulator.requests().is_empty());
    assert_eq!(emulator.state().unwrap().matches("nth=1").count(), 1);
}

#[test]
fn statements_commands_and_requests_can_be_mixed_and_an_error_names_the_entry() {
    let plan = json!([
        "CREATE CLUSTER c TYPE = 'Managed'",
        { "create_source": { "name": "s", "source_type": "S3" } },
        { "key": "bot", "command": { "create_service_principal": { "name": "bot" } }, "after": ["x"] },
        { "method": "POST", "path": "/v1/resource/", "body": { "statement": "CREATE GROUP z" } },
    ]);
    let emulator = onehouse::Emulator::builder().initial(plan.to_string()).start().unwrap();
    let before = emulator.state().unwrap();
    for name in ["\"c\"", "\"s\"", "\"bot\"", "\"z\""] {
        assert!(before.contains(name), "{name}: {before}");
    }
    for (entry, says) in [
        (json!("CREATE NONSENSE"), "entry 2 (CREATE NONSENSE): "),
        (json!("DELETE CLUSTER nobody"), "NOT_FOUND: cluster 'nobody' does not exist"),
        (json!({ "create_cluster": { "name": "x" } }), "entry 2 (create_cluster): missing field"),
        (json!({ "create_clutser": {} }), "entry 2 (create_clutser): unknown variant"),
        (
            json!({ "method": "POST", "path": "/v1/nothing" }),
            "entry 2 (POST /v1/nothing): HTTP 404: no such path",
        ),
        (json!({ "method": "POST", "path": "/", "bdoy": 1 }), "unknown field `bdoy`"),
        (json!(7), "entry 2"),
    ] {
        let plan = json!(["CREATE GROUP made", entry]).to_string();
        let why = reason(emulator.fill(&plan));
        assert!(why.contains(says), "{why}");
        let why = reason(onehouse::Emulator::builder().initial(&plan).start());
        assert!(why.contains(says), "{why}");
    }
    for (text, says) in
        [("{}", "neither a plan"), ("[1,", "line 1"), ("{\"service\": \"eloq\", \"version\": 1}", "eloq")]
    {
        let why = reason(emulator.fill(text));
        assert!(why.contains(says), "{why}");
    }
    emulator.stop_clock();
    // The first entry of a plan that fails leaves nothing behind.
    assert!(!emulator.state().unwrap().contains("\"made\""));
    emulator.fill("[\"CREATE GROUP made\"]").unwrap();
    assert!(emulator.state().unwrap().contains("\"made\""));
}

#[test]
fn requests_fill_the_other_services_and_use_what_earlier_ones_answered() {
    let clusters = "/api/v1/orgs/1/projects/147/clusters";
    let cluster = |name: &str| json!({ "clusterName": name, "region": "us-west-1", "skuId": 28 });
    let plan = json!([
        { "method": "POST", "path": clusters, "body": cluster("a") },
        { "method": "POST", "path": clusters, "body": cluster("b") },
        { "method": "DELETE", "path": format!("{clusters}/a/delete") },
    ]);
    let emulator = eloq::Emulator::builder()
        .pending(Pending::time(Duration::from_secs(600)))
        .rate_limit(Some(1))
        .initial(plan.to_string())
        .start()
        .unwrap();
    let client = eloq_client::Client::from_key_and_url(emulator.api_key(), emulator.url()).unwrap();
    let b = client.cluster("b").send().unwrap();
    assert_eq!(b.status, eloq_client::ClusterStatus::Available);

    let plan = json!([
        { "method": "POST", "path": "/v1/databases", "body": { "name": "shop" }, "as": "shop" },
        { "method": "POST", "path": "/v1/databases/${shop/id}/schemas/main/tables/orders/loads",
          "body": { "mode": "replace", "data": "id,total\n1,9.50\n" } },
        { "method": "POST", "path": "/v1/uploads", "body": { "declared_size_bytes": 5 }, "as": "upload" },
        { "method": "POST", "path": "/v1/query", "headers": { "X-Database-Id": "${shop/id}" },
          "body": { "sql": "SELECT total FROM orders", "async": true } },
    ]);
    let emulator = hotdata::Emulator::builder().initial(plan.to_string()).start().unwrap();
    let state: Value = serde_json::from_str(&emulator.state().unwrap()).unwrap();
    let space = &state["state"]["workspaces"][0];
    assert_eq!(space["catalogs"][0]["data"][0]["rows"], json!([[1, 9.5]]));
    assert_eq!(space["runs"][0]["outcome"], "succeeded");
    let why = reason(
        emulator.fill(&json!([{ "method": "GET", "path": "/v1/databases/${nobody/id}" }]).to_string()),
    );
    assert!(why.contains("entry 1 (GET /v1/databases/${nobody/id}): `${nobody/id}`"), "{why}");

    let source = "id: f\ninputs: {x: {type: string, default: a}}\njobs: {a: {steps: [{run: 'echo ${{ .inputs.x }}'}]}}\n";
    let workflow = "/v1/workspaces/w/workflows";
    let plan = json!([
        { "method": "POST", "path": workflow, "body": { "sourceContents": source } },
        { "method": "POST", "path": format!("{workflow}/f:activate"), "body": {} },
        { "method": "POST", "path": format!("{workflow}/f/revisions/active:run"), "body": {} },
    ]);
    let emulator = h2o_workflows::Emulator::builder()
        .pending(Pending::time(Duration::from_secs(600)))
        .initial(plan.to_string())
        .start()
        .unwrap();
    let state: Value = serde_json::from_str(&emulator.state().unwrap()).unwrap();
    let run = &state["state"]["workspaces"]["runs"][0];
    assert_eq!(run["attempts"][0]["progress"]["phase"], "succeeded", "{run}");
}

#[test]
fn a_state_fills_an_emulator_and_each_space_begins_with_it() {
    let first = onehouse::Emulator::start().unwrap();
    first.fill("[\"CREATE SERVICE_PRINCIPAL seeded\"]").unwrap();
    first.add_fault("nth=9: status=503".parse().unwrap());
    let state = first.state().unwrap();
    let all = json!({ "onehouse": serde_json::from_str::<Value>(&state).unwrap(), "eloq": [] }).to_string();
    for text in [state, all] {
        let emulator = onehouse::Emulator::builder()
            .pending_polls(0)
            .accept_any_credentials()
            .initial(&text)
            .start()
            .unwrap();
        let of = |project: &str| {
            let credentials = Credentials::builder().env(emulator.variables()).project_uid(project);
            let client = Client::new(credentials.build().unwrap()).unwrap();
            client.create_service_principal(project).send().unwrap();
            client.show_service_principals().send().unwrap().rows().len()
        };
        assert_eq!((of("a"), of("b")), (2, 2));
        assert!(!emulator.state().unwrap().contains("nth=9"), "faults are those of the settings");
        emulator.reset();
        assert!(emulator.state().unwrap().contains("seeded"));
        assert_eq!(of("a"), 2);
    }
    // A file for several services has nothing for this one.
    let emulator = onehouse::Emulator::builder().initial("{\"eloq\": [\"no statement\"]}").start().unwrap();
    assert!(emulator.ledger().is_empty());
}
