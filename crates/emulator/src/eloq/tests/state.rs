//! The state as a document.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use crate::document::testing::{
    Answered, Seen, check, check_gate, check_head, instance, refuses, request, send,
};
use crate::eloq::service::Options;
use crate::eloq::{Eloq, Pending};
use crate::instance::Instance;
use crate::settings::Settings;

fn make() -> Instance<Eloq> {
    instance::<Eloq>(configure)
}

fn configure(settings: &mut Settings, options: &mut Options) {
    settings.pending = Pending::between(Duration::from_secs(1)..=Duration::from_secs(60));
    settings.rate_limit = Some(7);
    settings.seed = 3;
    options.deleting = Some(Pending::polls(2));
}

type Op = (u8, u8);

fn act(on: &Instance<Eloq>, (what, which): &Op, _seen: &Seen) -> Answered {
    let name = ["a", "b", "c c"][usize::from(*which) % 3];
    let project = [147, 205, 147, 1][usize::from(*which) / 3 % 4];
    let base = format!("/api/v1/orgs/1/projects/{project}/clusters");
    let path = format!("{base}/{}", name.replace(' ', "%20"));
    let call = |method: &str, url: &str, body: &str| {
        send(on, &request(method, url, &[("authorization", "emulator-key")], body.as_bytes()))
    };
    let create = || {
        let sku = [3, 28, 40, 7][usize::from(*which) % 4];
        json!({ "clusterName": name, "region": "us-west-1", "skuId": sku, "requiredZone": null }).to_string()
    };
    match what % 8 {
        0 | 1 => call("POST", &base, &create()),
        2 => call("DELETE", &format!("{path}/delete"), ""),
        3 => call("GET", &format!("{base}?page=1&perPage=5"), ""),
        4 | 5 => call("GET", &path, ""),
        6 => {
            on.settings.clock.advance(Duration::from_millis(u64::from(*which) * 300));
            Answered::nothing()
        }
        _ => {
            match which % 3 {
                0 => on.faults.add("p=0.3: status=503".parse().unwrap()),
                1 => on.faults.add("nth=2, submit: take-then-close".parse().unwrap()),
                _ => drop(on.set_status(name, "provision_failed")),
            }
            Answered::nothing()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_restored_emulator_goes_on_as_the_original(
        before in prop::collection::vec(any::<Op>(), 0..40),
        after in prop::collection::vec(any::<Op>(), 0..30),
    ) {
        check(&make, &before, &after, &act);
    }
}

#[test]
fn a_state_that_contradicts_itself_is_refused() {
    let state = check(&make, &[(0, 0), (6, 255), (0, 1), (7, 0), (4, 0), (2, 0)], &[(3, 0), (4, 1)], &act);
    assert!(state.starts_with("{\"service\":\"eloq\",\"version\":1,\"clock\":76500000000,"), "{state}");
    let clusters = "/state/organization/clusters";
    refuses(
        &make(),
        &state,
        &[
            ("/service", json!("hotdata"), "/service: the state is of hotdata"),
            ("/version", json!(2), "/version: the state has the form 2"),
            ("/version", json!("1"), "/version "),
            ("/clock", json!("now"), "/clock "),
            ("/more", json!(1), "/more "),
            ("/faults/list/0/fault", json!("p=3: status=503"), "/faults/list/0/fault: "),
            (&format!("{clusters}/0/sku_id"), json!(99), "/state/organization/clusters/0/sku_id "),
            (&format!("{clusters}/0/project"), json!(1), "/state/organization/clusters/0/project: "),
            (&format!("{clusters}/1/name"), json!("a"), "/state/organization/clusters/1/name: "),
            (&format!("{clusters}/1/number"), json!(2), "/state/organization/clusters/1/number: "),
            (&format!("{clusters}/1/phase"), json!("gone"), "/state/organization/clusters/1/phase "),
            ("/state/taken", json!(-1), "/state/taken "),
        ],
    );
    for text in
        ["", "[]", "{}", "{\"service\": \"eloq\"", "\"eloq\"", "{\"service\": \"eloq\", \"version\": 1}"]
    {
        assert!(
            make().restore(text.as_bytes()).unwrap_err().contains("the state cannot be read at "),
            "{text}"
        );
    }
    assert!(make().restore(&[0xff]).unwrap_err().contains("UTF-8"));
}

#[test]
fn no_state_is_restored_while_a_request_is_answered() {
    let reads = check_gate::<Eloq>(configure, |on| {
        let mut seen = Seen::default();
        for (what, which) in (0..24).flat_map(|which| (0..8).map(move |what| (what, which))) {
            // Those that advance the clock are not requests.
            if matches!(what, 6) {
                continue;
            }
            seen.note(&act(on, &(what, which), &seen));
        }
        on.resources();
        on.settle();
    });
    assert!(reads > 100, "{reads}");
}

#[test]
fn no_time_is_restored_that_no_emulator_can_go_on_from() {
    check_head(&instance::<Eloq>(|settings, _| settings.rate_limit = Some(1)));
}
