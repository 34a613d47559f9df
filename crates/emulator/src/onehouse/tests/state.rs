//! The state as a document.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use crate::document::testing::{
    Answered, Seen, check, check_gate, check_head, instance, refuses, request, send,
};
use crate::instance::Instance;
use crate::onehouse::{Identity, Onehouse, Pending};

/// Statements that build on each other.
const FIRST: [&str; 22] = [
    "CREATE CLUSTER c TYPE = 'Managed' MAX_OCU = 4",
    "CREATE LAKE l LAKE_TYPE = 'MANAGED' BUCKET_PATH = 's3://b/l/' DEFAULT_SERVICES_CLUSTER = 'c'",
    "CREATE DATABASE d LAKE = 'l'",
    "CREATE SOURCE s3 SOURCE_TYPE = 'S3' WITH 'api.secret' = 'x', 'b' = '1.50'",
    "CREATE SOURCE kafka SOURCE_TYPE = 'MSK_KAFKA' CREDENTIAL_TYPE = 'CREDENTIAL_TYPE_ONEHOUSE'",
    "CREATE CATALOG g TYPE = 'GLUE'",
    "CREATE TRANSFORMATION Flat TYPE = 'FLATTEN_STRUCT'",
    "CREATE VALIDATION V TYPE = 'SCHEMA' WITH 'schema.target_schema_name' = 'k'",
    "CREATE FLOW f SOURCE = 's3' LAKE = 'l' DATABASE = 'd' TABLE_NAME = 't' WRITE_MODE = 'IMMUTABLE' CLUSTER = 'c' \
     CATALOGS = ('g') TRANSFORMATIONS = ('FLAT') MIN_SYNC_FREQUENCY_MINS = 5 VALIDATIONS = ('V')",
    "CREATE FLOW k SOURCE = 'kafka' LAKE = 'l' DATABASE = 'd' TABLE_NAME = 'u' WRITE_MODE = 'MUTABLE' CLUSTER = 'c' \
     RECORD_KEY_FIELDS = ('r') \
     PARTITION_KEY_FIELDS = (field='a' partition_type='DATE_STRING' input_format='' output_format='yyyy') WITH 'kafka.topic.name' = 'x'",
    "CREATE JOB j TYPE = 'JAR' PARAMETERS = ('--class', 'x') CLUSTER = 'c'",
    "CREATE AND RUN JOB broken TYPE = 'PYTHON' PARAMETERS = ('emulator.fail') CLUSTER = 'c'",
    "UPLOAD JAR a WITH 's3.path' = 's3://b/a.jar'",
    "CREATE SERVICE_PRINCIPAL p",
    "CREATE API_TOKEN t SERVICE_PRINCIPAL = 'p'",
    "GRANT ROLE ADMIN ON PROJECT 'p' TO USER 'u'",
    "GRANT PRIVILEGE SELECT ON LAKE 'l' TO GROUP 'z'",
    "CREATE GROUP z",
    "ALTER OCU SET LIMIT = '3'",
    "RUN JOB j",
    "RUN SERVICE IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICE = 'AUTOSAVEPOINT'",
    "ALTER SERVICES_CLUSTER IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICES_CLUSTER = 'System'",
];

/// Statements in any order.
const MORE: [&str; 30] = [
    "DESCRIBE CLUSTER c",
    "ALTER CLUSTER c SET STATE = 'STOP' NEW_NAME = 'c'",
    "ALTER CLUSTER c SET STATE = 'START' MIN_OCU = 2 WITH 'a' = 'c'",
    "CREATE CLUSTER c2 TYPE = 'SQL'",
    "DELETE CLUSTER c2",
    "ALTER CLUSTER c SET MAX_OCU = 9 NEW_NAME = 'c 3'",
    "SHOW CLUSTERS",
    "ALTER FLOW f SET STATE = PAUSE",
    "ALTER FLOW f SET STATE = CLEAN_AND_RESTART",
    "ALTER FLOW k SET QUARANTINE_ENABLED = 'FALSE'",
    "DESCRIBE FLOW k",
    "DELETE FLOW f",
    "DELETE DATABASE d LAKE = 'l' CASCADE",
    "SHOW TABLES LAKE = 'l' DATABASE = 'd'",
    "CREATE TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLUSTER' TRIGGER_MODE = 'ON_DEMAND'",
    "RUN SERVICE IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICE = 'CLEAN'",
    "CANCEL TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'",
    "PAUSE TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 'u' SERVICE = 'COMPACT'",
    "SHOW RUNS IN TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'",
    "SHOW RUNS IN JOB j",
    "DELETE JOB broken",
    "REPLACE JAR a WITH 'gcs.path' = 'gs://b/a.jar'",
    "ALTER SERVICE_PRINCIPAL p NEW_NAME = 'q; 2'",
    "CREATE SERVICE_PRINCIPAL p",
    "SHOW SERVICE_PRINCIPALS",
    "SHOW GRANTS",
    "DELETE GROUP z",
    "SHOW LAKES",
    "CREATE NONSENSE",
    "DELETE LAKE l CASCADE",
];

#[derive(Clone, Copy, Debug)]
enum Op {
    Say(&'static str),
    Any(u8, u8),
}

fn make(pending: Pending) -> Instance<Onehouse> {
    instance::<Onehouse>(|settings, options| {
        settings.pending = pending;
        settings.seed = 11;
        options.sign_in.auto_approve = true;
    })
}

fn submit(on: &Instance<Onehouse>, statement: &str) -> Answered {
    let identity = Identity::default();
    let headers = identity.headers();
    send(
        on,
        &request("POST", "/v1/resource/", &headers, json!({ "statement": statement }).to_string().as_bytes()),
    )
}

fn act(on: &Instance<Onehouse>, op: &Op, seen: &Seen) -> Answered {
    let (what, which) = match op {
        Op::Say(statement) => return submit(on, statement),
        Op::Any(what, which) => (*what, *which),
    };
    let identity = Identity::default();
    let is_id = |text: &str| text.len() == 36 && text.as_bytes()[14] == b'4';
    let form = [("content-type", "application/x-www-form-urlencoded")];
    match what % 12 {
        0..=4 => submit(on, MORE[usize::from(which) % MORE.len()]),
        5 | 6 => {
            let path = format!("/v1/status/{}", seen.pick(which, is_id));
            send(on, &request("GET", &path, &identity.headers(), b""))
        }
        7 => {
            let run = seen.pick(which, is_id);
            let verb = if which % 5 == 0 { "CANCEL" } else { "DESCRIBE" };
            submit(on, &format!("{verb} JOB_RUN `{run}` JOB_NAME = 'j'"))
        }
        8 => {
            on.settings.clock.advance(Duration::from_millis(u64::from(which) * 100));
            Answered::nothing()
        }
        9 => {
            let faults =
                ["p=0.3, poll: operation-status=LOST", "every=3, poll: back-to-pending", "nth=4: status=503"];
            on.faults.add(faults[usize::from(which) % 3].parse().unwrap());
            Answered::nothing()
        }
        10 => {
            // The SHA-256 of `verifier`, and a code for it.
            let query = "client_id=oh-cli&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fcallback&response_type=code\
                         &code_challenge_method=S256&scope=openid&state=x\
                         &code_challenge=iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ";
            send(on, &request("GET", &format!("/oauth/authorize?{query}"), &[], b""))
        }
        _ => {
            let token = seen.pick(which, |text| text.starts_with("refresh-") || text.starts_with("access-"));
            let client = "client_id=oh-cli";
            let call = |path: &str, body: String| send(on, &request("POST", path, &form, body.as_bytes()));
            match which % 4 {
                0 => {
                    let code = seen.pick(which / 4, |text| text.starts_with("code-"));
                    let back = "redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fcallback";
                    let grant = "grant_type=authorization_code";
                    call(
                        "/oauth/token",
                        format!("{client}&{grant}&code={code}&code_verifier=verifier&{back}"),
                    )
                }
                1 => call("/oauth/token", format!("{client}&grant_type=refresh_token&refresh_token={token}")),
                2 => call("/oauth/revoke", format!("{client}&token={token}")),
                _ => {
                    let [_, rest @ ..] = identity.bearer_headers();
                    let bearer = format!("Bearer {token}");
                    let mut headers = vec![("authorization", bearer.as_str())];
                    headers.extend(rest.iter().map(|(name, value)| (*name, value.as_str())));
                    send(on, &request("POST", "/v1/resource/", &headers, br#"{"statement": "SHOW LAKES"}"#))
                }
            }
        }
    }
}

fn first() -> Vec<Op> {
    FIRST.into_iter().map(Op::Say).collect()
}

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<(u8, u8)>().prop_map(|(what, which)| Op::Any(what, which)), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_restored_emulator_goes_on_as_the_original(by_time in any::<bool>(), some in ops(60), after in ops(40)) {
        let pending = match by_time {
            true => Pending::between(Duration::from_secs(1)..=Duration::from_secs(60)),
            false => Pending::polls(2),
        };
        check(&|| make(pending), &[first(), some].concat(), &after, &act);
    }
}

#[test]
fn a_busy_project_is_kept_whole_and_contradictions_are_refused() {
    let make = || make(Pending::polls(1));
    for statement in FIRST {
        let on = make();
        let answered = submit(&on, statement);
        assert_eq!(answered.status, 200, "{statement} {answered:?}");
    }
    let mut all = first();
    all.extend([Op::Any(10, 0), Op::Any(10, 0), Op::Any(11, 0), Op::Any(9, 0)]);
    let state = check(&make, &all, &[Op::Any(11, 1), Op::Any(5, 0)], &act);
    for part in ["\"privilege\"", "\"queued\"", "\"STARTING\"", "refresh-", "\"challenge\"", "p=0.3"] {
        assert!(state.contains(part), "{part}: {state}");
    }
    let document: serde_json::Value = serde_json::from_str(&state).unwrap();
    for (kind, value) in document["state"]["project"]["resources"].as_object().unwrap() {
        let is_empty =
            value.as_object().map_or_else(|| value.as_array().unwrap().is_empty(), |map| map.is_empty());
        assert!(!is_empty, "{kind}: {state}");
    }
    let at = |rest: &str| format!("/state/project/resources/{rest}");
    let (lake, flow, job) = (at("lakes/l/services_cluster"), at("flows/f/spec/source"), at("jobs/j/cluster"));
    let (kind, service, run) =
        (at("clusters/c/type"), at("tables/0/1/services/CLEAN"), at("jobs/j/runs/0/status"));
    refuses(
        &make(),
        &state,
        &[
            ("/service", json!("eloq"), "/service: the state is of eloq"),
            (&lake, json!("nowhere"), "lakes/l/services_cluster: there is no cluster 'nowhere'"),
            (&flow, json!("nowhere"), "flows/f/spec/source: there is no source 'nowhere'"),
            (&at("flows/f/spec/name"), json!("g"), "flows/f/spec/name: "),
            (&at("flows/f/spec/database"), json!("x"), "flows/f/spec/database: "),
            (&at("flows/f/spec/validations"), json!(["v"]), "flows/f/spec/validations: "),
            (&job, json!("nowhere"), "jobs/j/cluster: there is no cluster 'nowhere'"),
            (&at("databases/d/lake"), json!("m"), "databases/d/lake: there is no lake 'm'"),
            (&kind, json!("Custom"), "/state/project/resources/clusters/c/type "),
            (&service, json!(null), "/state/project/resources/tables/0/1/services/CLEAN "),
            (&run, json!("lost"), "/state/project/resources/jobs/j/runs/0/status "),
            ("/state/project/operations/0/0", json!(3), "/state/project/operations/0/0 "),
            ("/state/project/ids/seed", json!("hunter2"), "invalid type: string, expected u64"),
            ("/state/sign_ins/issued", json!(null), "/state/sign_ins/issued "),
        ],
    );
}

#[test]
fn no_state_is_restored_while_a_request_is_answered() {
    let reads = check_gate::<Onehouse>(
        |settings, _| settings.pending = Pending::polls(1),
        |on| {
            let mut seen = Seen::default();
            for (what, which) in (0..24).flat_map(|which| (0..12).map(move |what| (what, which))) {
                // Those that advance the clock are not requests.
                if matches!(what, 8) {
                    continue;
                }
                seen.note(&act(on, &Op::Any(what, which), &seen));
            }
            on.resources();
            on.settle();
        },
    );
    assert!(reads > 100, "{reads}");
}

#[test]
fn no_time_is_restored_that_no_emulator_can_go_on_from() {
    check_head(&instance::<Onehouse>(|settings, _| settings.rate_limit = Some(1)));
}
