//! This crate as one of the clients that are compared. Its credentials are in its environment. What it says
//! and what it is told is in `process.rs`.

use std::io::{BufRead, Read, stdin};
use std::time::{Duration, Instant};

use controlplane::onehouse::{AsyncClient, Client};

/// Threads or tasks, where there are many. As many as `vendor.py` has threads.
const MANY: usize = 32;
/// Operations in one batch.
const IN_A_BATCH: usize = 500;

/// `how` is the last word of a row in `main.rs`; `ca` is a file, or empty without TLS.
pub(super) fn run(how: &str, ca: &str) {
    match how {
        "sequential" => blocking(ca, 1),
        "threads" => blocking(ca, MANY),
        "tasks" => asynchronous(ca),
        "batch-1" => batch(ca, 1),
        "batch-8" => batch(ca, 8),
        _ => panic!("{how:?} is not one of them"),
    }
}

fn client(ca: &str) -> Client {
    let mut builder = Client::builder().no_rate_limit();
    if !ca.is_empty() {
        builder = builder.ca_file(ca);
    }
    let client = builder.build().expect("a client");
    client.show_lakes().submit().expect("the first answer");
    client
}

fn blocking(ca: &str, threads: usize) {
    let client = client(ca);
    let Some(end) = ready() else { return };
    let work = || {
        let mut count = 0;
        while Instant::now() < end {
            client.show_lakes().send().expect("an operation that is done");
            count += 1;
        }
        count
    };
    let count: u64 = if threads == 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            all.into_iter().map(|thread| thread.join().expect("a thread that worked")).sum()
        })
    };
    done(count);
}

/// One batch after the other.
fn batch(ca: &str, threads: usize) {
    let client = client(ca);
    let Some(end) = ready() else { return };
    let mut count = 0;
    while Instant::now() < end {
        let mut batch = client.batch();
        batch.threads(threads);
        for i in 0..IN_A_BATCH {
            batch.add(i.to_string(), client.show_lakes());
        }
        for finished in batch.run().expect("a batch") {
            finished.result.expect("an operation that is done");
            count += 1;
        }
    }
    done(count);
}

/// All tasks on one thread.
fn asynchronous(ca: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut builder = AsyncClient::builder().no_rate_limit();
    if !ca.is_empty() {
        builder = builder.ca_file(ca);
    }
    let client = builder.build().expect("a client");
    runtime.block_on(client.show_lakes().submit()).expect("the first answer");
    let Some(end) = ready() else { return };
    let work = |client: AsyncClient| async move {
        let mut count = 0;
        while Instant::now() < end {
            client.show_lakes().send().await.expect("an operation that is done");
            count += 1;
        }
        count
    };
    let count = runtime.block_on(async {
        let all: Vec<_> = (0..MANY).map(|_| tokio::spawn(work(client.clone()))).collect();
        let mut count: u64 = 0;
        for task in all {
            count += task.await.expect("a task that worked");
        }
        count
    });
    done(count);
}

/// Tells that the first request was answered. Returns until when to work, or nothing if that was all.
fn ready() -> Option<Instant> {
    println!("ready");
    let mut seconds = String::new();
    stdin().lock().read_line(&mut seconds).expect("standard input");
    let seconds = seconds.trim();
    (!seconds.is_empty()).then(|| {
        Instant::now() + Duration::from_secs_f64(seconds.parse().expect("how many seconds to work for"))
    })
}

/// Tells how many operations that were, and stays to be looked at until its input ends.
fn done(count: u64) {
    println!("{count}");
    let _ = stdin().read_to_end(&mut Vec::new());
}
