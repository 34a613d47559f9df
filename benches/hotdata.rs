//! What an upload costs on top of PUTs with bare ureq, and how much memory it takes.
//!
//! ```text
//! cargo bench --features hotdata --bench hotdata
//! ```
//!
//! A gibibyte goes to a storage on loopback that throws it away. The storage and each client are processes of
//! their own; the other modes of this program are for itself.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::process::{Command, Stdio, exit};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use controlplane::hotdata::{AsyncClient, Client, Credentials, UploadCall};
use controlplane::transport::Proxy;

#[path = "../tests/support/pattern.rs"]
mod pattern;
// Here it only takes what comes: nothing goes wrong, and nobody looks at what has arrived.
#[allow(dead_code)]
#[path = "../tests/support/storage.rs"]
mod storage;

use pattern::Pattern;
use storage::Storage;

const MIB: u64 = 1024 * 1024;
const SIZE: u64 = 1024 * MIB;
const PART: u64 = 8 * MIB;
const ROUNDS: usize = 7;
/// How many parts are in flight.
const WIDTHS: [usize; 2] = [1, 10];
const WHO: [&str; 3] = ["bare ureq", "blocking", "async"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["storage"] => serve(),
        ["client", who, width, url] => client(who, width.parse().unwrap_or(1), url),
        // What `cargo bench` adds. Without it, as in `cargo test --all-targets`, nothing is measured.
        _ if !arguments.contains(&"--bench") => {
            println!("run it as `cargo bench --features hotdata --bench hotdata`")
        }
        _ => measure(),
    }
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    exit(1)
}

fn itself() -> Command {
    match std::env::current_exe() {
        Ok(path) => Command::new(path),
        Err(error) => fail(&error.to_string()),
    }
}

/// A storage, until whoever started it is gone.
fn serve() {
    let storage = Storage::start(PART, false, |_, _| None);
    println!("{}", storage.url());
    let _ = std::io::stdin().read(&mut [0]);
}

fn measure() {
    let spawned = itself().arg("storage").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut storage) = spawned else { fail("the storage does not start") };
    let mut url = String::new();
    let Some(output) = storage.stdout.take() else { fail("the storage says nothing") };
    if BufReader::new(output).read_line(&mut url).is_err() {
        fail("the storage says nothing");
    }
    println!("{} MiB in parts of {} MiB; the median of {ROUNDS} runs in turn\n", SIZE / MIB, PART / MIB);
    println!("| Parts in flight | | MiB/s | Ratio | Peak memory | Budget |\n|---|---|---|---|---|---|");
    for width in WIDTHS {
        let mut all: Vec<Vec<(f64, u64)>> = WHO.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for (who, runs) in WHO.iter().zip(&mut all) {
                runs.push(run(who, width, url.trim()));
            }
        }
        let medians: Vec<(f64, u64)> = all.iter_mut().map(|runs| median(runs)).collect();
        for (who, (time, peak)) in WHO.iter().zip(&medians) {
            let speed = (SIZE / MIB) as f64 / time;
            let ratio = medians[0].0 / time;
            let budget = width as u64 * PART / MIB;
            println!("| {width} | {who} | {speed:.0} | {ratio:.2} | {} MiB | {budget} MiB |", peak / MIB);
        }
    }
    drop(storage.stdin.take());
    let _ = storage.wait();
}

/// The middle time, and the highest peak.
fn median(runs: &mut [(f64, u64)]) -> (f64, u64) {
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    (runs[runs.len() / 2].0, runs.iter().map(|(_, peak)| *peak).max().unwrap_or_default())
}

/// Seconds and bytes.
fn run(who: &str, width: usize, url: &str) -> (f64, u64) {
    let output = itself().args(["client", who, &width.to_string(), url]).output();
    let Ok(output) = output else { fail("a client does not start") };
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = told.split_whitespace().map(str::parse::<f64>);
    match (words.next(), words.next()) {
        (Some(Ok(time)), Some(Ok(peak))) => (time, peak as u64),
        _ => fail(&format!("{who}: {told}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn client(who: &str, width: usize, url: &str) {
    let started = Instant::now();
    let result = match who {
        "bare ureq" => bare(width, url),
        "async" => in_futures(width, url),
        _ => Client::builder()
            .credentials(credentials(url))
            .proxy(Proxy::None)
            .build()
            .and_then(|client| said(client.uploads().upload_file(Pattern::new(SIZE)), width).send())
            .map(|finished| finished.size_bytes)
            .map_err(|error| error.to_string()),
    };
    let took = started.elapsed();
    match result {
        Ok(SIZE) => println!("{} {}", took.as_secs_f64(), peak()),
        other => fail(&format!("{other:?}")),
    }
}

fn credentials(url: &str) -> Credentials {
    let credentials = Credentials::builder().api_key("k").workspace_id("w").base_url(url).build();
    credentials.unwrap_or_else(|error| fail(&error.to_string()))
}

fn said<M>(call: UploadCall<M>, width: usize) -> UploadCall<M> {
    call.max_concurrency(width).memory_budget(width as u64 * PART)
}

fn in_futures(width: usize, url: &str) -> Result<u64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let builder = AsyncClient::builder().credentials(credentials(url));
        let client = builder.proxy(Proxy::None).build().map_err(|error| error.to_string())?;
        let sent = said(client.uploads().upload_file(Pattern::new(SIZE)), width).send().await;
        sent.map(|finished| finished.size_bytes).map_err(|error| error.to_string())
    })
}

/// The least that does the same: threads that read a part each and put it. Nothing is minted, nothing
/// finalized.
fn bare(width: usize, url: &str) -> Result<u64, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .proxy(None)
        .max_idle_connections_per_host(32)
        .timeout_global(Some(Duration::from_secs(188)))
        .build()
        .into();
    let (next, sent) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..width {
            scope.spawn(|| {
                let (mut source, mut buffer) = (Pattern::new(SIZE), vec![0; PART as usize]);
                loop {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    if part * PART >= SIZE {
                        return;
                    }
                    let is_read = source.seek(SeekFrom::Start(part * PART)).is_ok();
                    if !is_read || source.read_exact(&mut buffer).is_err() {
                        return;
                    }
                    let url = format!("{url}/storage/{}?signature=0123456789abcdef", part + 1);
                    if agent.put(url).send(&buffer[..]).is_ok() {
                        sent.fetch_add(PART, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Ok(sent.into_inner())
}

/// The most memory that this process had, in bytes; 0 where nobody tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    peak.and_then(|peak| peak.trim().parse::<u64>().ok()).unwrap_or_default() * 1024
}
