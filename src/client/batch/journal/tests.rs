//! What a journal makes of every kind of content.

use serde_json::json;

use super::*;

fn header(calls: usize) -> Header {
    let owner = Owner { service: "service", endpoint: "https://h".into(), account: "project".into() };
    Header { calls, ..Header::new(owner, false) }
}

fn planned(key: &str) -> Planned {
    Planned {
        key: key.to_owned(),
        after: Vec::new(),
        timeout_ms: 60_000,
        poll_interval_ms: 1000,
        call: json!({"sql": "SHOW LAKES"}),
    }
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect()
}

fn happened(at: u64, key: &str, event: JournalEvent) -> Line {
    Line::JournalEvent(Happened { at, key: key.to_owned(), event })
}

fn submitted(id: &str) -> JournalEvent {
    JournalEvent::Submitted { request_id: id.to_owned() }
}

/// The journal of two calls, with these events.
fn journal(events: Vec<(&str, JournalEvent)>) -> String {
    let mut lines = vec![Line::Journal(header(2)), Line::Call(planned("a")), Line::Call(planned("b"))];
    lines.extend(events.into_iter().zip(1000..).map(|((key, event), at)| happened(at, key, event)));
    text(&lines)
}

fn contents(text: &str) -> Result<Contents, Error> {
    read(Path::new("j"), text.as_bytes())
}

fn error(text: &str) -> String {
    let error = contents(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    error.to_string()
}

#[test]
fn what_happened_to_a_call_is_read_back() {
    use JournalEvent::{Again, NotTaken, Settled, Submitting};
    let done = || JournalEvent::Done { status: "OK".into() };
    let failed = || JournalEvent::Failed { error: "no".into() };
    let unknown = || JournalEvent::Unknown { error: "lost".into() };
    for (events, past, id) in [
        (vec![], Past::Todo, None),
        (vec![Submitting], Past::Unknown, None),
        (vec![Submitting, Submitting], Past::Unknown, None),
        (vec![Submitting, NotTaken], Past::Todo, None),
        (vec![Submitting, NotTaken, Submitting, submitted("1")], Past::Submitted, Some("1")),
        (vec![Submitting, submitted("1"), done()], Past::Done, Some("1")),
        (vec![Submitting, submitted("1"), failed()], Past::Failed, Some("1")),
        (vec![Submitting, submitted("1"), failed(), Again], Past::Todo, None),
        (vec![Submitting, unknown()], Past::Unknown, None),
        (vec![Submitting, unknown(), Settled], Past::Done, None),
        (vec![Submitting, unknown(), Again, Submitting, submitted("2")], Past::Submitted, Some("2")),
        (vec![Submitting, Again], Past::Todo, None),
        (vec![Submitting, Settled], Past::Done, None),
    ] {
        let case = format!("{events:?}");
        let journal = journal(events.into_iter().map(|event| ("a", event)).collect());
        let mut histories = contents(&journal).unwrap().histories;
        let written = histories[0].settle(false);
        assert_eq!((histories[0].past, histories[0].request_id.as_deref()), (past, id), "{case}");
        assert_eq!(written, None, "{case}");
        assert_eq!(histories[1], History::default(), "{case}");
    }
    // What changes nothing may simply be sent again, and that is written down.
    let mut histories = contents(&journal(vec![("a", Submitting)])).unwrap().histories;
    assert_eq!((histories[0].settle(true), histories[0].past), (Some(NotTaken), Past::Todo));
}

#[test]
fn the_age_of_an_operation_is_that_since_its_submit() {
    let histories =
        contents(&journal(vec![("a", JournalEvent::Submitting), ("a", submitted("1"))])).unwrap().histories;
    let wall = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
    assert_eq!(histories[0].age(wall(4001)), Some(Duration::from_secs(3)));
    assert_eq!(histories[0].age(wall(1)), None, "the clock was turned back");
    assert_eq!(histories[1].age(wall(4001)), None);
}

#[test]
fn what_cannot_be_is_refused_with_its_line() {
    let good = journal(vec![("a", JournalEvent::Submitting)]);
    let first = good.lines().next().unwrap();
    for (text, expected) in [
        (String::new(), "it ends before its calls do"),
        (format!("{first}\n"), "it ends before its calls do"),
        ("{}\n".to_owned(), "line 1"),
        ("hello\n".to_owned(), "line 1"),
        ("\u{0}\n".to_owned(), "line 1"),
        (good.replace("\"version\":1", "\"version\":2"), "version is 2"),
        (good.replacen(first, "", 1), "line 1"),
        (format!("{first}\n{good}"), "line 2: it is not a line of a journal"),
        (good.replace("\"key\":\"b\"", "\"key\":\"a\""), "line 3: the call \"a\" is one too many"),
        (good.replace("\"calls\":2", "\"calls\":1"), "line 3: the call \"b\" is one too many"),
        (good.replace("submitting", "submerging"), "line 4"),
        (format!("{good}{good}"), "line 5"),
        (journal(vec![("c", JournalEvent::Submitting)]), "line 4: there is no call \"c\""),
        (journal(vec![("a", submitted("1"))]), "line 4: Submitted"),
        (
            journal(vec![
                ("a", JournalEvent::Submitting),
                ("a", JournalEvent::Done { status: String::new() }),
            ]),
            "line 5: Done",
        ),
        (journal(vec![("a", JournalEvent::Again)]), "line 4: Again"),
    ] {
        let error = error(&text);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn wherever_it_was_cut_it_can_be_read_or_had_not_begun() {
    use JournalEvent::{NotTaken, Submitting};
    let whole = journal(vec![
        ("a", Submitting),
        ("b", Submitting),
        ("b", NotTaken),
        ("a", submitted("1")),
        ("b", Submitting),
        ("a", JournalEvent::Done { status: "OK ü".into() }),
    ]);
    let plan = whole.match_indices('\n').nth(2).unwrap().0;
    for cut in 0..=whole.len() {
        let bytes = &whole.as_bytes()[..cut];
        match read(Path::new("j"), bytes) {
            Ok(contents) => {
                assert!(cut > plan);
                assert_eq!(contents.calls.len(), 2);
                let length = contents.length as usize;
                assert!(
                    length <= cut && bytes[..length].ends_with(b"\n") && !bytes[length..].contains(&b'\n')
                );
            }
            Err(error) => assert!(cut <= plan, "{cut}: {error}"),
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Whatever the file holds: contents or an error, and no more.
    #[test]
    fn nothing_that_a_file_may_hold_does_harm(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
        place in 0usize..400,
    ) {
        let _ = read(Path::new("j"), &bytes);
        let mut text = journal(vec![("a", JournalEvent::Submitting), ("a", submitted("1"))]).into_bytes();
        let place = place % text.len();
        text.splice(place..place, bytes);
        let _ = read(Path::new("j"), &text);
    }
}
