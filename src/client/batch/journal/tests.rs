//! What a journal makes of every kind of content.

use std::cell::Cell;
use std::time::Duration;

use serde_json::json;
use serde_json::value::to_raw_value;

use super::*;
use crate::engine::Settings;
use crate::engine::batch::Past;

fn owner(account: &str) -> Owner {
    Owner {
        service: "service".into(),
        endpoint: "https://h".into(),
        account: account.into(),
        organization: None,
    }
}

fn header(calls: usize) -> Header {
    Header::new(vec![owner("project")], false, calls)
}

fn planned(key: &str) -> Planned {
    Planned {
        key: key.to_owned(),
        after: Vec::new(),
        member: 0,
        settings: KeptSettings::of(&Settings::default()),
        call: to_raw_value(&json!({"sql": "SHOW LAKES"})).unwrap(),
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
        (vec![done()], Past::Done, None),
        (vec![Submitting, done()], Past::Done, None),
        (vec![failed(), Again], Past::Todo, None),
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

const NOT_TAKEN: JournalEvent = JournalEvent::NotTaken;

#[test]
fn what_cannot_be_is_refused_with_its_line() {
    let good = journal(vec![("a", JournalEvent::Submitting)]);
    let first = good.lines().next().unwrap();
    for (text, expected) in [
        (String::new(), "it ends before all calls of the batch are listed"),
        (format!("{first}\n"), "it ends before all calls of the batch are listed"),
        ("{}\n".to_owned(), "line 1"),
        ("hello\n".to_owned(), "line 1"),
        ("\u{0}\n".to_owned(), "line 1"),
        (good.replace("\"version\":4", "\"version\":5"), "by a later version of this crate"),
        (
            good.replace("\"version\":4", "\"version\":5").replace("controlplane", "controlplan"),
            "its version is 5 and was written by controlplan 0.",
        ),
        (good.replace("\"version\":4", "\"version\":\"x\""), "its version is \"x\""),
        (
            "{\"journal\":{\"version\":99,\"other\":\"onehouse\"}}\n".to_owned(),
            "its version is 99, and controlplane 0.",
        ),
        ("{\"journal\":{\"version\":0}}\n".to_owned(), "its version is 0"),
        ("{\"journal\":{\"version\":1,\"project\":\"p\"}}\n".to_owned(), "line 1: unknown field `project`"),
        (
            good.replace("\"key\":\"b\",\"settings\"", "\"key\":\"b\",\"member\":1,\"settings\""),
            "line 3: the call \"b\" belongs to a client that the header does not list",
        ),
        (
            format!("{good}#cut\n{}", text(&[happened(2000, "a", NOT_TAKEN)])),
            "line 6: the line before was cut",
        ),
        (format!("{first}\n#cut\n{{\"opened\":{{\"at\":1}}}}\n"), "line 2"),
        (format!("#cut\n{good}"), "line 1"),
        (good.replacen(first, "", 1), "line 1"),
        (format!("{first}\n{good}"), "line 2: this is not a line of a journal"),
        (good.replace("\"key\":\"b\"", "\"key\":\"a\""), "line 3: there is a call \"a\" already"),
        (
            good.replace("\"calls\":2", "\"calls\":1"),
            "line 3: the journal has more calls than its header states (1): \"b\"",
        ),
        (good.replace("submitting", "submerging"), "line 4"),
        (format!("{good}{good}"), "line 5"),
        (journal(vec![("c", JournalEvent::Submitting)]), "line 4: there is no call \"c\""),
        (journal(vec![("a", submitted("1"))]), "line 4: unexpected event `submitted` of the call \"a\""),
        (
            journal(vec![
                ("a", JournalEvent::Done { status: String::new() }),
                ("a", JournalEvent::Done { status: String::new() }),
            ]),
            "line 5: unexpected event `done` of the call \"a\"",
        ),
        (journal(vec![("a", JournalEvent::Again)]), "line 4: unexpected event `again` of the call \"a\""),
    ] {
        let error = error(&text);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_names_of_events_are_those_of_journals() {
    use JournalEvent::{Again, Done, Failed, NotTaken, Settled, Submitted, Submitting, Unknown};
    let text = String::new;
    for event in [
        Submitting,
        Submitted { request_id: text() },
        NotTaken,
        Unknown { error: text() },
        Done { status: text() },
        Failed { error: text() },
        Again,
        Settled,
    ] {
        assert_eq!(serde_json::to_value(&event).unwrap()["what"], event.name());
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
                let is_cut = !bytes.ends_with(b"\n");
                assert_eq!(contents.end, End { length: cut as u64, is_cut });
            }
            Err(error) => assert!(cut <= plan, "{cut}: {error}"),
        }
    }
}

/// A folder that is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("controlplane-journal-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// A file with this text in it.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn keys() -> Vec<Arc<str>> {
    vec!["a".into(), "b".into()]
}

fn create(path: &Path, keys: &[&str]) -> Result<Journal, Error> {
    let names = keys.iter().map(|key| (*key).into()).collect();
    Journal::create(path, header(keys.len()), names, keys.iter().map(|key| Ok(planned(key))))
}

fn record(job: usize, event: JournalEvent) -> [Record; 1] {
    [Record { job, event }]
}

/// Opens a journal as it was read at `end`, and is about to submit the first call: true if that may be sent.
fn continues(path: &Path, end: End, before_opening: impl FnOnce(), before_writing: impl FnOnce()) -> bool {
    let Ok(mut journal) = Journal::open_after(path, end, keys(), before_opening) else { return false };
    journal.write_after(&record(0, JournalEvent::Submitting), SystemTime::now(), before_writing).is_ok()
}

/// Two or three processes read the same journal. Each of them is delayed at one of its points, where it has
/// checked the end of the file and not yet written, until the others have gone as far as they get.
#[test]
fn of_several_that_continue_a_journal_at_once_at_most_one_submits() {
    let folder = Folder::new("several");
    let plan = journal(vec![]);
    let events = journal(vec![("b", JournalEvent::Submitting), ("b", submitted("1"))]);
    for (case, text) in
        [plan.clone(), events[..events.len() - 1].to_owned(), events[..events.len() - 30].to_owned()]
            .iter()
            .enumerate()
    {
        // Where each of the first two is delayed: while it opens, while it writes, or not at all.
        for delays in 0..9 {
            for processes in [2, 3] {
                let path = folder.file(&format!("{case}-{delays}-{processes}"), text);
                let end = Journal::read(&path).unwrap().end;
                assert_eq!(end.is_cut, case > 0);
                let sent = Cell::new(0);
                let goes = |may_send: bool| sent.set(sent.get() + u32::from(may_send));
                let last = || goes(continues(&path, end, || {}, || {}));
                let second = || match (processes, delays / 3) {
                    (3, 0) => goes(continues(&path, end, last, || {})),
                    (3, 1) => goes(continues(&path, end, || {}, last)),
                    (3, _) => {
                        goes(continues(&path, end, || {}, || {}));
                        last();
                    }
                    _ => last(),
                };
                match delays % 3 {
                    0 => goes(continues(&path, end, second, || {})),
                    1 => goes(continues(&path, end, || {}, second)),
                    _ => {
                        goes(continues(&path, end, || {}, || {}));
                        second();
                    }
                }
                let case = format!("{case}, {processes} processes, delays {delays}");
                assert!(sent.get() <= 1, "{case}: {} of them submit", sent.get());
                // Whoever comes later can read it, and knows of every submit.
                let contents = Journal::read(&path).unwrap_or_else(|e| panic!("{case}: {e}"));
                let is_known = contents.histories[0] != History::default();
                assert!(is_known || sent.get() == 0, "{case}: the submit is lost");
                assert!(
                    continues(&path, contents.end, || {}, || {}) || is_known,
                    "{case}: no one can continue"
                );
            }
        }
    }
}

#[test]
fn a_line_that_was_cut_again_and_again_stays_void() {
    let folder = Folder::new("cut");
    let whole = journal(vec![("a", JournalEvent::Submitting), ("a", submitted("1"))]);
    // As if the newline alone were missing: it must not become a line later.
    let path = folder.file("journal", whole.trim_end());
    for _ in 0..3 {
        let contents = Journal::read(&path).unwrap();
        assert!(contents.end.is_cut);
        let mut first = contents.histories[0].clone();
        first.settle(false);
        assert_eq!((first.past, first.request_id), (Past::Unknown, None));
        drop(Journal::open(&path, contents.end, keys(), HashMap::new()).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(whole.trim_end()), "it only grows");
        assert_eq!(Journal::read(&path).unwrap().histories, contents.histories);
        // The next one does not get as far as its newline.
        std::fs::write(&path, &text[..text.len() - 1]).unwrap();
    }
}

#[test]
fn editors_marks_do_no_harm() {
    let text = journal(vec![("b", JournalEvent::Submitting), ("b", submitted("1"))]);
    let expected = contents(&text).unwrap();
    let edited = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let found = contents(&edited).unwrap();
    assert_eq!((found.histories, found.end.length), (expected.histories, edited.len() as u64));
    let folder = Folder::new("edited");
    let path = folder.file("journal", &format!("{edited}{{\"ev"));
    let end = Journal::read(&path).unwrap().end;
    assert!(continues(&path, end, || {}, || {}) && Journal::read(&path).is_ok());
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_replaced_or_removed_announces_nothing_more() {
    let folder = Folder::new("replaced");
    let now = SystemTime::now();
    type Change<'a> = &'a dyn Fn(&Path);
    let changes: [(&str, Change<'_>); 3] = [
        ("another file was put in its place", &|path| {
            let copy = path.with_extension("new");
            std::fs::copy(path, &copy).unwrap();
            std::fs::rename(copy, path).unwrap();
        }),
        ("it was removed or renamed", &|path| std::fs::rename(path, path.with_extension("moved")).unwrap()),
        ("it was removed or renamed", &|path| std::fs::remove_file(path).unwrap()),
    ];
    for (number, (why, change)) in changes.into_iter().enumerate() {
        for is_late in [false, true] {
            let path = folder.0.join(format!("{number}-{is_late}"));
            let mut journal = create(&path, &["a", "b"]).unwrap();
            journal.write(&record(0, JournalEvent::Submitting), now).unwrap();
            journal.write(&record(0, submitted("id-1")), now).unwrap();
            let next = record(1, JournalEvent::Submitting);
            let error = if is_late {
                journal.write_after(&next, now, || change(&path)).unwrap_err()
            } else {
                change(&path);
                journal.write(&next, now).unwrap_err()
            };
            assert_eq!(error.kind(), ErrorKind::Journal);
            let text = error.to_string();
            assert!(text.contains(why) && text.contains("\"a\": id-1"), "{text}");
            // What happened is written down still: the file may have another name.
            journal.write(&record(0, JournalEvent::Done { status: "OK".into() }), now).unwrap();
            if let Ok(moved) = Journal::read(&path.with_extension("moved")) {
                let pasts = moved.histories.into_iter().map(|mut history| {
                    history.settle(false);
                    history.past
                });
                assert_eq!(pasts.collect::<Vec<_>>(), [Past::Done, Past::Todo]);
            }
            if path.exists() {
                let there = Journal::read(&path).unwrap();
                assert!(there.histories[0].past != Past::Done);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = Folder::new("special");
    let fifo = folder.0.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let end = End { length: 0, is_cut: false };
    for (path, why) in [
        (fifo.as_path(), "not a regular file"),
        (Path::new("/dev/null"), "not a regular file"),
        (Path::new("/dev/zero"), "not a regular file"),
        (folder.0.as_path(), "a directory"),
    ] {
        for error in [
            Journal::read(path).unwrap_err(),
            Journal::open(path, end, keys(), HashMap::new()).unwrap_err(),
            create(path, &[]).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Journal);
            let text = error.to_string();
            assert!(text.contains(why) && text.contains("Choose a regular file"), "{text}");
        }
    }
    let missing = folder.0.join("no/such/folder");
    assert_eq!(create(&missing, &[]).unwrap_err().kind(), ErrorKind::Journal);
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

#[test]
fn every_setting_of_a_call_is_kept() {
    let mut settings = Settings {
        timeout: Duration::from_millis(1),
        http_timeout: Duration::from_millis(2),
        ..Settings::default()
    };
    let poll = &mut settings.poll;
    (poll.interval, poll.factor, poll.max_interval) =
        (Duration::from_millis(30), 1.25, Duration::from_millis(40));
    let retry = &mut settings.retry;
    (retry.retries, retry.factor, retry.jitter) = (7, 3.5, 0.125);
    (retry.first_delay, retry.max_delay) = (Duration::from_millis(5), Duration::from_millis(6));
    let text = serde_json::to_string(&KeptSettings::of(&settings)).unwrap();
    let mut restored = Settings::default();
    serde_json::from_str::<KeptSettings>(&text).unwrap().restore(&mut restored);
    assert_eq!(restored, settings);
    // Numbers that JSON does not have count as those that the policies make of them.
    (settings.poll.factor, settings.retry.factor, settings.retry.jitter) =
        (f64::NAN, f64::INFINITY, f64::NEG_INFINITY);
    let text = serde_json::to_string(&KeptSettings::of(&settings)).unwrap();
    serde_json::from_str::<KeptSettings>(&text).unwrap().restore(&mut restored);
    assert_eq!((restored.poll.factor, restored.retry.factor, restored.retry.jitter), (1.0, 1.0, 0.0));
}

/// What versions 1, 2 and 3 of the format wrote for the same batch.
const OLDER: [&str; 3] = [
    r#"{"journal":{"version":1,"service":"onehouse","endpoint":"https://h","account":"p","stops_on_failure":true,"calls":2}}
{"call":{"key":"a","call":{"sql":"CREATE LAKE `l`","timeout_ms":5000,"poll_interval_ms":30}}}
{"call":{"key":"b","after":["a"],"call":{"sql":"SHOW LAKES","timeout_ms":5000,"poll_interval_ms":30}}}
"#,
    r#"{"journal":{"version":2,"service":"onehouse","endpoint":"https://h","account":"p","stops_on_failure":true,"calls":2}}
{"call":{"key":"a","timeout_ms":5000,"poll_interval_ms":30,"call":{"sql":"CREATE LAKE `l`","label":"CREATE LAKE `l`","kind":"CREATE LAKE","effect":"Changes"}}}
{"call":{"key":"b","after":["a"],"timeout_ms":5000,"poll_interval_ms":30,"call":{"sql":"SHOW LAKES","label":"SHOW LAKES","kind":"SHOW LAKES","effect":"Repeatable"}}}
"#,
    r#"{"journal":{"version":3,"program":"controlplane 0.1.0","service":"onehouse","endpoint":"https://h","account":"p","stops_on_failure":true,"calls":2}}
{"call":{"key":"a","settings":{"timeout_ms":5000,"http_timeout_ms":7,"poll":{"interval_ms":30,"factor":1.5,"max_interval_ms":40},"retry":{"retries":3,"first_delay_ms":1,"factor":2.0,"max_delay_ms":9,"jitter":0.5}},"call":{"sql":"CREATE LAKE `l`","label":"CREATE LAKE `l`","kind":"CREATE LAKE","effect":"Changes"}}}
{"call":{"key":"b","after":["a"],"settings":{"timeout_ms":5000,"http_timeout_ms":7,"poll":{"interval_ms":30,"factor":1.5,"max_interval_ms":40},"retry":{"retries":3,"first_delay_ms":1,"factor":2.0,"max_delay_ms":9,"jitter":0.5}},"call":{"sql":"SHOW LAKES","label":"SHOW LAKES","kind":"SHOW LAKES","effect":"Repeatable"}}}
"#,
];

const OLDER_EVENTS: &str = r#"{"event":{"at":1000,"key":"a","what":"submitting"}}
{"event":{"at":1001,"key":"a","what":"submitted","request_id":"r1"}}
{"opened":{"at":2000}}
"#;

#[test]
fn journals_of_older_versions_are_read_and_continued() {
    let folder = Folder::new("older");
    for (version, plan) in (1..).zip(OLDER) {
        let path = folder.file(&version.to_string(), &format!("{plan}{OLDER_EVENTS}"));
        let contents = Journal::read(&path).unwrap_or_else(|e| panic!("{version}: {e}"));
        let Header { members, stops_on_failure, calls, .. } = &contents.header;
        assert_eq!((members.len(), &*members[0].service, &*members[0].account), (1, "onehouse", "p"));
        assert!(*stops_on_failure && *calls == 2);
        assert_eq!((contents.calls[1].member, &*contents.calls[1].after), (0, &["a".to_owned()][..]));
        assert_eq!(contents.histories[0].request_id.as_deref(), Some("r1"), "{version}");
        let mut settings = Settings::default();
        contents.calls[0].settings.restore(&mut settings);
        assert_eq!(settings.timeout, Duration::from_secs(5));
        assert_eq!(settings.poll.interval, Duration::from_millis(30));
        // What they did not keep is as the client has it.
        let retries = if version < 3 { Settings::default().retry.retries } else { 3 };
        assert_eq!(settings.retry.retries, retries, "{version}");
        // It is continued in the same file, and read again.
        let mut journal = Journal::open(&path, contents.end, keys(), HashMap::new()).unwrap();
        journal.write(&record(0, JournalEvent::Done { status: "OK".into() }), SystemTime::now()).unwrap();
        let again = Journal::read(&path).unwrap_or_else(|e| panic!("{version}: {e}"));
        assert_eq!((again.histories[0].past, again.histories[1].past), (Past::Done, Past::Todo), "{version}");
    }
}

#[test]
fn a_journal_that_could_not_be_begun_is_in_nobodys_way() {
    let folder = Folder::new("begun");
    let path = folder.0.join("journal");
    let calls = [Ok(planned("a")), Err(Error::invalid("the second call", "no name"))];
    let failed = Journal::create(&path, header(2), keys(), calls);
    assert!(failed.is_err() && !path.exists());
    create(&path, &["a"]).unwrap();
}

#[test]
fn each_call_has_the_owner_of_its_client() {
    let folder = Folder::new("owners");
    let path = folder.0.join("journal");
    let known = Owner { organization: Some("7".into()), ..owner("other") };
    let header = Header::new(vec![owner("project"), known.clone()], false, 2);
    let calls = [planned("a"), Planned { member: 1, ..planned("b") }];
    drop(Journal::create(&path, header, keys(), calls.into_iter().map(Ok)).unwrap());
    let contents = Journal::read(&path).unwrap();
    assert_eq!(contents.header.members, [owner("project"), known.clone()]);
    assert_eq!(contents.calls.iter().map(|call| call.member).collect::<Vec<_>>(), [0, 1]);
    // An organization that one of the two does not know is not a difference.
    assert_eq!(known.difference(&owner("other")), None);
    let elsewhere = Owner { organization: Some("8".into()), ..owner("other") };
    assert_eq!(known.difference(&elsewhere), Some(("organization", "7", "8")));
    assert_eq!(known.difference(&owner("project")), Some(("account", "other", "project")));
}
