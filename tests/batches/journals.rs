//! Journals that several use, that are not files, that cannot grow, or whose calls were never sent, in both
//! modes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use controlplane::onehouse::{AsyncClient, CallState, Client, Credentials};
use controlplane::transport::Proxy;
use controlplane::{Error, ErrorKind, RetryPolicy};
use controlplane_emulator::onehouse::{Emulator, Identity};

#[derive(Clone, Copy, Debug)]
enum Mode {
    Blocking,
    Async,
}

const MODES: [Mode; 2] = [Mode::Blocking, Mode::Async];

/// A folder that is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("controlplane-journals-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn credentials(url: &str) -> Credentials {
    let Identity { account_uid, project_uid, api_key, api_secret, link_uid, region, user_uid, .. } =
        Identity::default();
    Credentials::builder()
        .account_uid(account_uid)
        .project_uid(project_uid)
        .api_key(api_key)
        .api_secret(api_secret)
        .link_uid(link_uid)
        .region(region)
        .user_uid(user_uid)
        .base_url(url)
        .build()
        .unwrap()
}

fn client(url: &str) -> Client {
    let builder = Client::builder().credentials(credentials(url)).proxy(Proxy::None).no_rate_limit();
    builder.retry(RetryPolicy::retries(0)).poll_interval(Duration::from_millis(10)).build().unwrap()
}

fn async_client(url: &str) -> AsyncClient {
    let builder = AsyncClient::builder().credentials(credentials(url)).proxy(Proxy::None).no_rate_limit();
    builder.retry(RetryPolicy::retries(0)).poll_interval(Duration::from_millis(10)).build().unwrap()
}

/// Submits so many calls, or continues the journal. Returns the errors of the calls.
fn run(mode: Mode, url: &str, journal: &Path, calls: usize) -> Result<Vec<Option<Error>>, Error> {
    match mode {
        Mode::Blocking => {
            let client = client(url);
            let mut batch = if calls == 0 { client.batch_from(journal)? } else { client.batch() };
            for i in 0..calls {
                batch.journal(journal);
                batch.add(i.to_string(), client.create_service_principal(format!("p{i}")));
            }
            Ok(batch.run()?.map(|finished| finished.result.err()).collect())
        }
        Mode::Async => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let client = async_client(url);
            let mut batch = if calls == 0 { client.batch_from(journal)? } else { client.batch() };
            for i in 0..calls {
                batch.journal(journal);
                batch.add(i.to_string(), client.create_service_principal(format!("p{i}")));
            }
            runtime.block_on(async {
                let mut results = batch.run()?;
                let mut errors = Vec::new();
                while let Some(finished) = results.next().await {
                    errors.push(finished.result.err());
                }
                Ok(errors)
            })
        }
    }
}

/// The part of the next test that is a process of its own.
#[test]
fn a_process_that_continues() {
    let Ok(url) = std::env::var("CONTROLPLANE_TEST_CONTINUES_URL") else { return };
    let journal = PathBuf::from(std::env::var("CONTROLPLANE_TEST_CONTINUES_JOURNAL").unwrap());
    let mode = if std::env::var_os("CONTROLPLANE_TEST_CONTINUES_ASYNC").is_some() {
        Mode::Async
    } else {
        Mode::Blocking
    };
    // Each may lose against another, and says so.
    match run(mode, &url, &journal, 0) {
        Err(error) => assert_eq!(error.kind(), ErrorKind::Journal, "{error}"),
        Ok(errors) => {
            for error in errors.into_iter().flatten() {
                let is_left = matches!(
                    error.kind(),
                    ErrorKind::Journal | ErrorKind::Skipped | ErrorKind::OutcomeUnknown
                );
                assert!(is_left, "{error}");
            }
        }
    }
}

/// Two or three processes continue a journal whose last line was cut, at once.
#[test]
fn processes_that_continue_a_cut_journal_at_once_submit_nothing_twice() {
    for mode in MODES {
        for processes in [2, 3] {
            let folder = Folder::new(&format!("at-once-{mode:?}-{processes}"));
            let emulator = Emulator::builder().start().unwrap();
            let journal = folder.0.join("batch.jsonl");
            // The plan, and the beginning of a line.
            let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            run(Mode::Blocking, &format!("http://{dead}"), &journal, 5).unwrap();
            let text =
                std::fs::read_to_string(&journal).unwrap().replace(&format!("http://{dead}"), emulator.url());
            let plan: Vec<&str> = text.lines().take(6).collect();
            std::fs::write(&journal, format!("{}\n{{\"event\":{{\"at\":17", plan.join("\n"))).unwrap();
            let children: Vec<_> = (0..processes)
                .map(|_| {
                    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
                    if let Mode::Async = mode {
                        child.env("CONTROLPLANE_TEST_CONTINUES_ASYNC", "1");
                    }
                    child
                        .args(["--exact", "journals::a_process_that_continues"])
                        .env("CONTROLPLANE_TEST_CONTINUES_URL", emulator.url())
                        .env("CONTROLPLANE_TEST_CONTINUES_JOURNAL", &journal)
                        .stdout(std::process::Stdio::null())
                        .spawn()
                        .unwrap()
                })
                .collect();
            for mut child in children {
                assert!(child.wait().unwrap().success());
            }
            let mut statements: Vec<String> =
                emulator.ledger().iter().map(|taken| taken.statement.to_string()).collect();
            let all = statements.len();
            statements.sort();
            statements.dedup();
            assert_eq!(statements.len(), all, "{mode:?}, {processes}: a statement was taken twice");
            // What is left can be continued, and accounts for what was taken.
            let rest = client(emulator.url()).batch_from(&journal).unwrap();
            let sent = rest.calls().filter(|call| call.state() != CallState::Todo).count();
            assert!(sent >= all, "{mode:?}, {processes}: {sent} are known, {all} were taken");
        }
    }
}

#[test]
fn calls_that_were_never_sent_are_submitted_by_the_next_run() {
    for mode in MODES {
        let folder = Folder::new(&format!("unsent-{mode:?}"));
        let journal = folder.0.join("batch.jsonl");
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{address}");
        let errors = run(mode, &url, &journal, 5).unwrap();
        assert!(
            errors.iter().all(|error| error.as_ref().unwrap().kind() == ErrorKind::Transport),
            "{errors:?}"
        );
        let batch = client(&url).batch_from(&journal).unwrap();
        assert!(batch.calls().all(|call| call.state() == CallState::Todo));
        drop(batch);
        let emulator = Emulator::builder().listen(address.to_string()).start().unwrap();
        let errors = run(mode, &url, &journal, 0).unwrap();
        assert!(errors.len() == 5 && errors.iter().all(Option::is_none), "{errors:?}");
        assert_eq!(emulator.ledger().len(), 5);
    }
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_no_file_is_refused_at_once() {
    let folder = Folder::new("special");
    let fifo = folder.0.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for mode in MODES {
        for (path, why) in [
            (fifo.as_path(), "not a regular file"),
            (&folder.0, "a directory"),
            (Path::new("/dev/zero"), "not a regular file"),
        ] {
            for calls in [0, 1] {
                let error = run(mode, "http://127.0.0.1:9", path, calls).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Journal);
                assert!(error.to_string().contains(why), "{error}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_replaced_stops_the_batch_with_the_ids_that_are_known() {
    for mode in MODES {
        let folder = Folder::new(&format!("replaced-{mode:?}"));
        let journal = folder.0.join("batch.jsonl");
        let emulator = Emulator::builder().pending_polls(0).start().unwrap();
        // As `sed -i` would, as soon as the first call was submitted.
        let replace = {
            let (journal, copy) = (journal.clone(), folder.0.join("copy"));
            move |key: &str| {
                if key == "0" {
                    std::fs::copy(&journal, &copy).unwrap();
                    std::fs::rename(&copy, &journal).unwrap();
                }
            }
        };
        let errors: Vec<Option<Error>> = match mode {
            Mode::Blocking => {
                let client = client(emulator.url());
                let mut batch = client.batch();
                batch.journal(&journal).threads(1);
                for i in 0..4 {
                    let call = batch.add(i.to_string(), client.create_service_principal(format!("p{i}")));
                    if i > 0 {
                        call.after((i - 1).to_string());
                    }
                }
                let results = batch.run().unwrap();
                results
                    .inspect(|finished| replace(&finished.key))
                    .map(|finished| finished.result.err())
                    .collect()
            }
            Mode::Async => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let client = async_client(emulator.url());
                let mut batch = client.batch();
                batch.journal(&journal);
                for i in 0..4 {
                    let call = batch.add(i.to_string(), client.create_service_principal(format!("p{i}")));
                    if i > 0 {
                        call.after((i - 1).to_string());
                    }
                }
                runtime.block_on(async {
                    let (mut results, mut errors) = (batch.run().unwrap(), Vec::new());
                    while let Some(finished) = results.next().await {
                        replace(&finished.key);
                        errors.push(finished.result.err());
                    }
                    errors
                })
            }
        };
        let ids: Vec<String> =
            emulator.requests().into_iter().filter_map(|request| request.request_id).collect();
        assert_eq!(emulator.ledger().len(), 1);
        assert!(errors[0].is_none());
        let error = errors[1].as_ref().unwrap();
        assert_eq!(error.kind(), ErrorKind::Journal);
        assert!(error.to_string().contains(&format!("\"0\": {}", ids[0])), "{error}");
        assert!(errors[2..].iter().all(|error| error.as_ref().unwrap().kind() == ErrorKind::Skipped));
    }
}

/// The part of the next test whose files may not grow.
#[cfg(unix)]
#[test]
fn a_process_whose_disk_is_full() {
    let Ok(folder) = std::env::var("CONTROLPLANE_TEST_FULL_FOLDER") else { return };
    let folder = PathBuf::from(folder);
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    // The plan alone is too large.
    let large = folder.join("large.jsonl");
    let error = run(Mode::Blocking, emulator.url(), &large, 400).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
    assert!(!large.exists(), "what cannot be continued is in the way");
    assert!(emulator.ledger().is_empty());
    for mode in MODES {
        // The plan fits, and not all that happens.
        let journal = folder.join(format!("{mode:?}.jsonl"));
        let emulator = Emulator::builder().pending_polls(0).start().unwrap();
        let errors = run(mode, emulator.url(), &journal, 36).unwrap();
        let kinds: Vec<Option<ErrorKind>> =
            errors.iter().map(|error| error.as_ref().map(Error::kind)).collect();
        let done = kinds.iter().filter(|kind| kind.is_none()).count();
        assert!(kinds.contains(&Some(ErrorKind::Skipped)), "{kinds:?}");
        assert_eq!(emulator.ledger().len(), done, "{kinds:?}");
        // It cannot be continued as long as that is so, but it can be read, and knows what was sent.
        assert!(run(mode, emulator.url(), &journal, 0).is_err());
        let batch = client(emulator.url()).batch_from(&journal).unwrap();
        let todo = batch.calls().filter(|call| call.state() == CallState::Todo).count();
        assert!(todo + done <= 36 && todo > 0, "{todo} are left, {done} are done");
        println!("{}", journal.display());
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_stops_a_batch_before_it_sends_what_it_cannot_write_down() {
    let folder = Folder::new("full");
    // Writes beyond the limit fail instead of killing the process. 29 blocks of 512 bytes.
    let script =
        "trap '' XFSZ; ulimit -f 29; exec \"$0\" --exact journals::a_process_whose_disk_is_full --nocapture";
    let child = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("CONTROLPLANE_TEST_FULL_FOLDER", &folder.0)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{text}");
    assert!(text.contains("Async.jsonl"), "{text}");
}
