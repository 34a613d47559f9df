//! Measures what a call of a large batch costs: memory, processor time, its part of the journal, and the time to
//! continue from the journal. Batches of 10,000 and of 100,000 calls, of Onehouse alone, and of Onehouse and
//! EloqCloud.
//!
//! ```text
//! cargo bench --bench large_batches
//! ```
//!
//! It needs Linux, which tells what a process takes. The transport answers at once, and the clock passes only when
//! somebody waits, so nothing but the batch is measured. The other modes of this program are for itself: `run` and
//! `resume`.

use std::path::Path;
use std::process::{Command, exit};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use controlplane::http::{Headers, Method, Request, Response};
use controlplane::transport::{SendError, Transport};
use controlplane::{Batch, Clock, Error, eloq, onehouse};

const CALLS: [usize; 2] = [10_000, 100_000];
/// What is aimed at: bytes and microseconds for a call, and seconds to continue.
const AIMS: (f64, f64, f64) = (4096.0, 100.0, 2.0);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["run", services, count, journal, ends] => {
            run(number(services), number(count), journal, number(ends))
        }
        ["resume", journal] => resume(Path::new(journal)),
        _ => {
            measure(&arguments);
            Ok(())
        }
    };
    if let Err(error) = done {
        eprintln!("{error}");
        exit(1);
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| {
        eprintln!("{text:?} is not a number");
        exit(2)
    })
}

/// A clock that passes only when somebody waits.
#[derive(Clone)]
struct Virtual(Arc<Mutex<Instant>>);

impl Clock for Virtual {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

/// Accepts everything, and has ended each operation at its first poll.
#[derive(Clone, Default)]
struct Ready(Arc<AtomicUsize>);

impl Transport for Ready {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let body = if request.path.contains("clusters") {
            r#"{"code": 0, "message": "success", "data": null}"#.to_owned()
        } else if request.method == Method::Post {
            format!(r#"{{"requestId": "{count:08x}-7a16-4b0e-9a53-0d6b1f2c4e8a"}}"#)
        } else {
            r#"{"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": null}"#.to_owned()
        };
        Ok(Response::new(200, Headers::new(), body))
    }
}

fn clients() -> Result<(onehouse::Client, eloq::Client), Error> {
    let clock = Virtual(Arc::new(Mutex::new(Instant::now())));
    let credentials = onehouse::Credentials::builder()
        .env([("HOME", "/nowhere")])
        .account_uid("a")
        .project_uid("p")
        .api_key("k")
        .api_secret("s")
        .link_uid("l")
        .region("us-west-2")
        .user_uid("u")
        .build()?;
    // The default limit of ten requests in a second. The last poll of a call may be hours after its submit.
    let day = Duration::from_secs(24 * 3600);
    let onehouse =
        onehouse::Client::builder().credentials(credentials).clock(clock.clone()).transport(Ready::default());
    let credentials = eloq::Credentials::builder().api_key("eloq-made-up-key-0001").build()?;
    let eloq = eloq::Client::builder().credentials(credentials).clock(clock).transport(Ready::default());
    Ok((onehouse.timeout(day).build()?, eloq.timeout(day).rate_limit(10).project((1, 147)).build()?))
}

/// Runs a batch until so many calls have ended, in this process. Prints, separated by spaces: bytes that are resident at
/// most, and seconds of the processor, both for a call.
fn run(services: usize, count: usize, journal: &str, ends: usize) -> Result<(), Error> {
    let (onehouse, eloq) = clients()?;
    // What the first call needs is there then.
    drop(onehouse.create_service_principal("first").send()?);
    let (memory, start) = (most_resident(), processor_time());
    let mut batch = Batch::new();
    if journal != "none" {
        batch.journal(journal);
    }
    for i in 0..count {
        let key = format!("call {i}");
        if i % services == 0 {
            batch.add(key, onehouse.create_service_principal(format!("principal_{i}")));
        } else {
            batch.add(key, eloq.cluster_create(format!("cluster-{i}"), "us-west-1", 3));
        }
    }
    for finished in batch.run()?.take(ends) {
        finished.result?;
    }
    let count = count as f64;
    println!("{} {}", (most_resident() - memory) / count, (processor_time() - start) / count);
    Ok(())
}

/// Continues a batch until its next call has ended. Prints the seconds of the processor that it took.
fn resume(journal: &Path) -> Result<(), Error> {
    let (onehouse, eloq) = clients()?;
    let start = processor_time();
    let batch = Batch::from_journal(journal, [(&onehouse).into(), (&eloq).into()])?;
    let next = batch.run()?.next();
    println!("{}", processor_time() - start);
    next.map_or(Ok(()), |finished| finished.result.map(drop))
}

/// Runs them in processes of their own, and prints a table.
fn measure(arguments: &[&str]) {
    // What `cargo bench` adds. Without it, as in `cargo test --all-targets`, nothing is measured.
    if !arguments.contains(&"--bench") {
        return println!("run it as `cargo bench --bench large_batches`");
    }
    if !cfg!(target_os = "linux") {
        return println!("this measures on Linux only");
    }
    let (memory, time, resumed) = AIMS;
    println!(
        "Batches that run to their end. Aims: {memory:.0} bytes and {time:.0} µs for a call, {resumed:.0} s to continue.\n"
    );
    println!(
        "                                    without a journal       with a journal                     continued"
    );
    println!(
        "services              calls     memory      processor     memory    processor   file      at half"
    );
    for (services, name) in [(1, "Onehouse"), (2, "Onehouse, EloqCloud")] {
        for calls in CALLS {
            let journal = folder().join(format!("controlplane-bench-{}.jsonl", std::process::id()));
            let path = journal.to_string_lossy().into_owned();
            let run = |journal: &str, ends: usize| {
                child(&["run", &services.to_string(), &calls.to_string(), journal, &ends.to_string()])
            };
            let plain = run("none", calls);
            let kept = run(&path, calls);
            let size = std::fs::metadata(&journal).map_or(0, |file| file.len());
            let _ = std::fs::remove_file(&journal);
            run(&path, calls / 2);
            let resumed = child(&["resume", &path]);
            let _ = std::fs::remove_file(&journal);
            println!(
                "{name:20} {calls:>7}  {:6.2} KiB  {:8.1} µs  {:6.2} KiB  {:8.1} µs  {:5.0} B  {:6.2} s",
                plain[0] / 1024.0,
                plain[1] * 1e6,
                kept[0] / 1024.0,
                kept[1] * 1e6,
                size as f64 / calls as f64,
                resumed[0],
            );
        }
    }
    println!(
        "\nMemory is the most that became resident; time is that of the processor. Both, and the file, for a call."
    );
}

/// A directory in memory, if the system has one: what the disk takes is not measured.
fn folder() -> std::path::PathBuf {
    let quick = Path::new("/dev/shm");
    if quick.is_dir() { quick.to_owned() } else { std::env::temp_dir() }
}

fn child(arguments: &[&str]) -> Vec<f64> {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).args(arguments).output().expect("this program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

/// The most memory of this process that was resident at a time, in bytes.
fn most_resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux, which tells of its memory");
    let kib = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.trim().parse::<f64>().ok()).expect("resident memory") * 1024.0
}

/// What this thread has had of the processor, user and system, in seconds.
fn processor_time() -> f64 {
    let text =
        std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux, which tells of its time");
    let nanoseconds = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.expect("processor time") / 1e9
}
