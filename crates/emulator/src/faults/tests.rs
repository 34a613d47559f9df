//! Which faults strike, and faults as text.

use proptest::prelude::*;

use super::*;
use crate::Error;

/// A request, as `METHOD path statement`; a statement makes it a submit, GET a poll.
fn strikes(faults: &Faults, request: &str) -> Option<usize> {
    let mut parts = request.splitn(3, ' ');
    let (method, path, statement) = (parts.next().unwrap(), parts.next().unwrap(), parts.next());
    let kind = match (method, statement) {
        (_, Some(_)) => RequestKind::Submit,
        ("GET", _) => RequestKind::Poll,
        _ => RequestKind::Other,
    };
    let seen = Seen { method, path, kind, statement, has_ended: path.ends_with("over") };
    let fault = faults.on_arrival(&Seen { statement: None, ..seen }).or_else(|| faults.on_request(&seen))?;
    // The status tells the faults of a test apart.
    Some(match fault.action() {
        Action::Status(answer) => usize::from(answer.status - 200),
        _ => 0,
    })
}

fn faults(specs: &[&str]) -> Faults {
    Faults::new(0, specs.iter().map(|spec| spec.parse().unwrap_or_else(|e| panic!("{e}"))))
}

#[test]
fn which_requests_are_struck() {
    for (spec, requests) in [
        ("status=200", "+GET /a|+PUT /b|+POST /c X"),
        ("nth=2: status=200", "-GET /a|+GET /a|-GET /a|-GET /a"),
        ("nth=2, times=2: status=200", "-GET /a|+GET /a|+GET /a|-GET /a"),
        ("nth=2, times=0: status=200", "-GET /a|-GET /a"),
        ("every=3: status=200", "-GET /a|-GET /a|+GET /a|-GET /a|-GET /a|+GET /a"),
        ("every=2, times=1: status=200", "-GET /a|+GET /a|-GET /a|-GET /a"),
        ("times=2: status=200", "+GET /a|+GET /a|-GET /a"),
        ("p=0: status=200", "-GET /a|-GET /a"),
        ("p=1: status=200", "+GET /a|+GET /a"),
        ("submit: status=200", "-GET /a|-PUT /a|+POST /a X"),
        ("poll: status=200", "+GET /a|-PUT /a|-POST /a X"),
        ("other: status=200", "-GET /a|+PUT /a|-POST /a X"),
        ("method=put: status=200", "-GET /a|+PUT /a|-put /a"),
        ("path=/a/: status=200", "-GET /a|+GET /a/|+GET /a/b|-GET /b/a/|-GET /A/"),
        (
            "starts=Create  cluster: status=200",
            "-GET /a|+POST /a CREATE CLUSTER c|+POST /a \n create\tcluster `c`",
        ),
        ("starts=create clus: status=200", "-POST /a CREATE CLUSTER c|-POST /a CREATE"),
        ("contains=Straße: status=200", "+POST /a SHOW STRAßE|-POST /a SHOW|-GET /Straße"),
        // Only what meets the other conditions is counted.
        ("nth=2, poll: status=200", "-GET /a|-POST /a X|-POST /a X|+GET /a"),
        ("every=2, contains=x: status=200", "-POST /a x|-POST /a y|+POST /a xx|-POST /a y"),
        ("close-before-read", "+GET /a|+POST /a X"),
        ("nth=2, path=/a: close-before-read", "-GET /a|-GET /b|+GET /a"),
        ("contains=x: close-before-read", "-POST /a y|+POST /a x|-GET /x"),
        ("operation-status=x", "+GET /a|-PUT /a|-POST /a X"),
        ("back-to-pending", "-GET /a|+GET /a/over|-PUT /a/over"),
        ("status=200", "-GET /_emulator/ledger|+GET /_emulator|-POST /_emulator/reset"),
    ] {
        let faults = faults(&[spec]);
        for request in requests.split('|') {
            let struck = strikes(&faults, &request[1..]).is_some();
            assert_eq!(struck, request.starts_with('+'), "{spec}: {request} in {requests}");
        }
    }
}

#[test]
fn the_first_that_strikes_does_and_all_count() {
    let all = faults(&["every=2: status=202", "nth=2, times=2: status=203", "status=204, taken"]);
    let struck: Vec<_> = (0..6).map(|_| strikes(&all, "GET /a").unwrap()).collect();
    // The second of them lost its first strike to the first, and has it still.
    assert_eq!(struck, [4, 2, 3, 2, 3, 2]);
    // What is decided at arrival comes before what is decided later.
    let all = faults(&["status=202", "nth=2: close-before-read"]);
    let struck: Vec<_> = (0..3).map(|_| strikes(&all, "GET /a").unwrap()).collect();
    assert_eq!(struck, [2, 0, 2]);
    all.clear();
    assert_eq!(strikes(&all, "GET /a"), None);
    all.add("status=205".parse().unwrap());
    assert_eq!(strikes(&all, "GET /a"), Some(5));
}

#[test]
fn chance_follows_from_seed_place_and_count_alone() {
    let run = |seed, before: &[&str], noise: bool| {
        let specs = before.iter().chain(&["method=PUT, p=0.25: status=201"]);
        let faults = Faults::new(seed, specs.map(|spec| spec.parse().unwrap()));
        (0..4000)
            .map(|_| {
                if noise {
                    strikes(&faults, "GET /a");
                }
                strikes(&faults, "PUT /a").is_some()
            })
            .collect::<Vec<_>>()
    };
    let first = run(1, &[], false);
    assert_eq!(first, run(1, &[], true));
    assert_ne!(first, run(2, &[], false));
    // Two faults alike do not strike alike.
    assert_ne!(first, run(1, &["method=PUT, p=0: status=202"], false));
    let struck = first.iter().filter(|struck| **struck).count();
    assert!((850..1150).contains(&struck), "{struck} of 4000 with p=0.25");
}

#[test]
fn texts_are_read_with_what_they_leave_out() {
    for (text, fault) in [
        ("take-then-close", Fault::new(Action::TakeThenClose)),
        (
            " nth = 3 ,submit:take-then-close ",
            Fault::new(Action::TakeThenClose).nth(3).kind(RequestKind::Submit),
        ),
        (
            "poll,times=2: unknown-status=RESTING",
            Fault::new(Action::OperationStatus("RESTING".into())).kind(RequestKind::Poll).times(2),
        ),
        ("drip", Fault::new(Action::Drip(Duration::from_secs(1)))),
        ("drop-header=etag", Fault::new(Action::DropHeader("etag".into()))),
        ("huge-body", Fault::new(Action::HugeBody(64 << 20))),
        ("huge-body=2GiB", Fault::new(Action::HugeBody(2 << 30))),
        ("huge-body=7", Fault::new(Action::HugeBody(7))),
        ("cut-body", Fault::new(Action::CutBody(None))),
        ("cut-body=0", Fault::new(Action::CutBody(Some(0)))),
        ("too-long", Fault::new(Action::TooLong(100))),
        ("too-short", Fault::new(Action::TooShort(5))),
        ("p=5e-1: delay=1.5s", Fault::new(Action::Delay(Duration::from_millis(1500))).chance(0.5)),
        (
            "status=302,location=https://x.example:1/?a=b",
            Fault::new(Answer::new(302).location("https://x.example:1/?a=b")),
        ),
        (
            r#"status=200, body="{\"code\": 403, \"data\": null}""#,
            Fault::new(Answer::new(200).body(r#"{"code": 403, "data": null}"#)),
        ),
        ("status=500, body=<h1>oops</h1>", Fault::new(Answer::new(500).body("<h1>oops</h1>"))),
        (
            r#"contains="a, \"b\": \\\n" , path=/v1/ : status=429, retry-after=-1"#,
            Fault::new(Answer::new(429).retry_after("-1")).contains("a, \"b\": \\\n").path_prefix("/v1/"),
        ),
        (r#"status=503, grpc-message="", taken"#, Fault::new(Answer::new(503).grpc_message("").taken())),
    ] {
        assert_eq!(text.parse::<Fault>().unwrap(), fault, "{text}");
    }
    let list = Fault::list_from_json(r#"["p=0.5: drip", "status=500"]"#).unwrap();
    assert_eq!(
        list,
        [Fault::new(Action::Drip(Duration::from_secs(1))).chance(0.5), Fault::new(Action::status(500))]
    );
    assert_eq!(Fault::list_from_json(" [] ").unwrap(), []);
}

#[test]
fn what_is_no_fault_is_refused_with_what_is_known() {
    let long = format!("contains={}: drip", "x".repeat(crate::document::MAX_DOCUMENT));
    for (text, why) in [
        ("", "neither a condition nor an action"),
        (
            "coffee",
            "`coffee` is neither a condition nor an action; `controlplane-emulator --help` lists all of them",
        ),
        ("Drip", "did you mean `drip`?"),
        ("clos-before-read", "did you mean `close-before-read`?"),
        ("nth=2: statsu=503", "`statsu` is not an action; did you mean `status`"),
        ("too-lang", "did you mean `too-long`"),
        ("nth=x: status=1", "`nth` is a whole number from 1 on, not `x`"),
        ("p=2: coffee", "`p` is a number from 0 to 1"),
        ("nth=3", "the action is missing"),
        ("nth=3:", "is not an action"),
        ("nth=3, drip", "write `:` between"),
        ("drip: nth=3", "`,` was expected"),
        ("drip=1s, taken", "nothing may follow `drip`"),
        ("drip, ", "nothing may follow `drip`"),
        ("submit: nth=3: drip", "`nth` is not an action"),
        ("nth=3, nth=4: drip", "twice"),
        ("nth=3, p=0.5: drip", "only one of `nth`, `every` and `p`"),
        ("submit, poll: drip", "only one of `submit`"),
        ("submit: back-to-pending", "for polls"),
        ("other: operation-status=x", "for polls"),
        ("nth: drip", "`nth` needs a value"),
        ("nth=: drip", "a value is missing"),
        ("nth=0: drip", "from 1 on"),
        ("nth=+1: drip", "whole number"),
        ("nth=99999999999999999999: drip", "whole number"),
        ("p=1.1: drip", "from 0 to 1"),
        ("p=nan: drip", "from 0 to 1"),
        ("submit=1: drip", "takes no value"),
        ("not-json=1", "takes no value"),
        ("delay", "needs a value"),
        ("delay=1", "300ms"),
        ("delay=25h", "at most 24h"),
        ("huge-body=1TB", "not a size"),
        ("huge-body=1025GiB", "not a size"),
        ("huge-body=KiB", "not a size"),
        ("huge-body=99999999999999999999", "not a size"),
        ("status", "needs a value"),
        ("status=199", "from 200 to 599"),
        ("status=600", "from 200 to 599"),
        ("status=65736", "from 200 to 599"),
        ("status=503, coffee", "grpc-message, retry-after"),
        ("status=503, taken, taken", "twice"),
        ("status=503, retry-after", "needs a value"),
        ("status=503, taken=yes", "takes no value"),
        ("contains=\"a: drip", "not closed"),
        (r#"contains="\t": drip"#, "after a backslash"),
        (r#"contains="a" b: drip"#, "`,` was expected before `b: drip`"),
        ("contains=a\"b: drip", "has to be in double quotes"),
        (&long, "longer than"),
    ] {
        let error = text.parse::<Fault>().expect_err(text);
        assert!(matches!(error, Error::InvalidSetting { .. }));
        let shown = error.to_string();
        assert!(shown.contains(why) && shown.len() < 900, "{text}: {shown}");
    }
    for (json, why) in [("{}", "array"), ("[1]", "array"), ("[\"coffee\"]", "coffee"), ("", "array")] {
        let error = Fault::list_from_json(json).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let many = serde_json::to_string(&vec!["drip"; 1001]).unwrap();
    assert!(Fault::list_from_json(&many).unwrap_err().to_string().contains("1000"));
}

#[test]
fn values_out_of_range_count_as_the_nearest() {
    assert_eq!(Answer::new(100), Answer::new(200));
    assert_eq!(Answer::new(1000), Answer::new(599));
    let fault = || Fault::new(Action::NotJson);
    assert_eq!(fault().nth(0), fault().nth(1));
    assert_eq!(fault().every(0), fault().every(1));
    assert_eq!(fault().chance(f64::NAN), fault().chance(0.0));
    assert_eq!(fault().chance(-1.0), fault().chance(0.0));
    assert_eq!(fault().chance(7.0), fault().chance(1.0));
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let text = || proptest::option::of(any::<String>());
    (200_u16..600, text(), text(), text(), text(), any::<bool>()).prop_map(
        |(status, grpc_message, retry_after, location, body, taken)| Answer {
            status,
            grpc_message,
            retry_after,
            location,
            body,
            taken,
        },
    )
}

fn any_action() -> impl Strategy<Value = Action> {
    let time = || (0..86_400_u64, 0..1_000_000_000_u32).prop_map(|(s, n)| Duration::new(s, n));
    prop_oneof![
        time().prop_map(Action::Delay),
        Just(Action::CloseBeforeRead),
        Just(Action::TakeThenClose),
        Just(Action::CutHeader),
        any::<Option<usize>>().prop_map(Action::CutBody),
        any::<u64>().prop_map(Action::TooLong),
        any::<u64>().prop_map(Action::TooShort),
        Just(Action::NotJson),
        Just(Action::NotUtf8),
        Just(Action::EmptyBody),
        Just(Action::Sparse),
        (0..9_usize).prop_map(Action::ErrorLine),
        any::<String>().prop_map(Action::DropHeader),
        any::<u64>().prop_map(Action::HugeBody),
        (0..=1_u64 << 10).prop_map(|gib| Action::HugeBody(gib << 30)),
        time().prop_map(Action::Drip),
        any_answer().prop_map(Action::Status),
        any::<String>().prop_map(Action::OperationStatus),
        Just(Action::BackToPending),
    ]
}

fn any_fault() -> impl Strategy<Value = Fault> {
    let pick = prop_oneof![
        Just(Pick::All),
        (1..=u64::MAX).prop_map(Pick::Nth),
        (1..=u64::MAX).prop_map(Pick::Every),
        (0.0..=1.0).prop_map(Pick::Chance),
    ];
    let kind = proptest::option::of(prop_oneof![
        Just(RequestKind::Submit),
        Just(RequestKind::Poll),
        Just(RequestKind::Other),
    ]);
    let text = || proptest::option::of(prop_oneof![any::<String>(), "[ -~\n]{0,20}"]);
    (any_action(), pick, any::<Option<u64>>(), kind, text(), text(), text(), text()).prop_map(
        |(action, pick, times, kind, method, path, starts, contains)| {
            let method = method.map(|method| method.to_ascii_uppercase());
            // As a program builds it.
            let Fault { action, .. } = Fault::new(action);
            Fault { action, when: When { pick, times, kind, method, path, starts, contains } }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(fault in any_fault()) {
        let text = fault.to_string();
        match Fault::from_kept(&text) {
            Ok(read) => prop_assert_eq!(&read, &fault, "{}", text),
            Err(error) => prop_assert!(false, "{}: {}", text, error),
        }
        // Only one that can strike nothing is refused of those who write it.
        let strikes = fault.when.kind.is_none_or(|kind| kind == RequestKind::Poll || !fault.action.is_for_polls());
        prop_assert_eq!(text.parse::<Fault>().is_ok(), strikes, "{}", text);
    }

    #[test]
    fn no_text_is_too_strange(text in "([a-z0-9-]{1,9}|nth|p|status|contains|drip|[=,:\"\\\\ 0-9]|\\PC){0,12}") {
        let _ = text.parse::<Fault>();
    }
}

/// Whatever a program adds, a state with it can be restored, and its text is read again.
#[test]
fn faults_of_a_program_are_in_a_state_that_can_be_restored() {
    let long = "x".repeat(100_000);
    let all = [
        Fault::new(Action::Delay(Duration::MAX)),
        Fault::new(Action::Drip(Duration::from_secs(1 << 40))),
        Fault::new(Action::HugeBody(u64::MAX)),
        Fault::new(Answer::new(500).body(long.clone())),
        Fault::new(Action::BackToPending).kind(RequestKind::Submit).contains(long),
    ];
    let many = std::iter::repeat_with(|| all.iter().cloned()).take(MAX_FAULTS).flatten();
    let armed = Faults::new(1, many.take(MAX_FAULTS + 5));
    let kept = serde_json::to_string(&armed.kept()).unwrap();
    let restored = Faults::new(2, []);
    restored.restore(serde_json::from_str::<KeptFaults>(&kept).unwrap().read().unwrap());
    assert_eq!(restored.all(), armed.all());
    assert_eq!(all[0].to_string(), "delay=86400s");
    for fault in &all[..4] {
        assert_eq!(fault.to_string().parse::<Fault>().unwrap(), *fault);
    }
}
