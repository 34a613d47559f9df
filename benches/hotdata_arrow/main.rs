//! How fast a result is read as Arrow, against the same body read raw and against the vendor's client.
//!
//! ```text
//! benches/hotdata_arrow/run                 with the vendor's Python client
//! cargo bench --features arrow,hotdata --bench hotdata_arrow         without
//! ```
//!
//! A server on loopback sends the same record batch again and again. It and each reader are processes of
//! their own; the other modes of this program are for itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio, exit};
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use controlplane::hotdata::{AsyncClient, Client, Credentials};
use controlplane::transport::Proxy;

const MIB: u64 = 1024 * 1024;
/// About as much in all.
const SIZE: u64 = 1024 * MIB;
const BATCH_ROWS: usize = 8192;
const ROUNDS: usize = 7;
const WHO: [&str; 4] = ["raw", "blocking", "async", "vendor"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["server"] => serve(),
        ["reader", who, url] => reader(who, url),
        // What `cargo bench` adds. Without it, as in `cargo test --all-targets`, nothing is measured.
        _ if !arguments.contains(&"--bench") => {
            println!("run it as `cargo bench --features arrow,hotdata --bench hotdata_arrow`")
        }
        _ => measure(),
    }
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    exit(1)
}

/// One reader's run.
#[derive(Clone, Copy)]
struct Run {
    seconds: f64,
    rows: f64,
    peak: f64,
}

fn measure() {
    let Ok(program) = std::env::current_exe() else { fail("this program has no path") };
    let spawned = Command::new(&program).arg("server").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut server) = spawned else { fail("the server does not start") };
    let Some(output) = server.stdout.take() else { fail("the server says nothing") };
    let mut said = String::new();
    if BufReader::new(output).read_line(&mut said).is_err() {
        fail("the server says nothing");
    }
    let Some((url, rows, bytes)) = said.trim().split_once(' ').and_then(|(url, rest)| {
        let (rows, bytes) = rest.split_once(' ')?;
        Some((url, rows.parse::<f64>().ok()?, bytes.parse::<f64>().ok()?))
    }) else {
        fail(&said)
    };
    let python = std::env::var("PEERS_PYTHON").ok();
    println!(
        "{:.0} million rows of 4 columns in batches of {BATCH_ROWS}, {:.0} MiB; the median of {ROUNDS} runs in turn\n",
        rows / 1e6,
        bytes / MIB as f64
    );
    let mut all: Vec<Vec<Run>> = WHO.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (who, runs) in WHO.iter().zip(&mut all) {
            let mut command = match (*who, &python) {
                ("vendor", None) => continue,
                ("vendor", Some(python)) => {
                    let mut command = Command::new(python);
                    command.args(["-B", concat!(env!("CARGO_MANIFEST_DIR"), "/hotdata_arrow/peer.py"), url]);
                    command
                }
                _ => {
                    let mut command = Command::new(&program);
                    command.args(["reader", who, url]);
                    command
                }
            };
            let run = told(who, &mut command);
            if *who != "raw" && run.rows != rows {
                fail(&format!("{who} has read {} rows", run.rows));
            }
            runs.push(run);
        }
    }
    println!("| | MiB/s | Ratio | Peak memory |\n|---|---|---|---|");
    let raw = median(&mut all[0]).map_or(f64::NAN, |run| run.seconds);
    for (who, runs) in WHO.iter().zip(&mut all) {
        let Some(run) = median(runs) else { continue };
        let speed = bytes / MIB as f64 / run.seconds;
        println!("| {who} | {speed:.0} | {:.2} | {:.0} MiB |", raw / run.seconds, run.peak / MIB as f64);
    }
    drop(server.stdin.take());
    let _ = server.wait();
}

/// What a reader says of itself.
fn told(who: &str, command: &mut Command) -> Run {
    let Ok(output) = command.output() else { fail(&format!("{who} does not start")) };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match words[..] {
        [seconds, rows, peak] => Run { seconds, rows, peak },
        _ => fail(&format!("{who}: {said}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// The run with the middle time, with the highest peak of all.
fn median(runs: &mut [Run]) -> Option<Run> {
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let peak = runs.iter().map(|run| run.peak).fold(0.0, f64::max);
    runs.get(runs.len() / 2).map(|run| Run { peak, ..*run })
}

fn batch() -> RecordBatch {
    let ids = Int64Array::from_iter_values(0..BATCH_ROWS as i64);
    let amounts = Float64Array::from_iter_values((0..BATCH_ROWS).map(|i| i as f64 * 0.25));
    let names = StringArray::from_iter_values((0..BATCH_ROWS).map(|i| format!("customer {i:07}")));
    let paid = BooleanArray::from_iter((0..BATCH_ROWS).map(|i| (i % 7 != 0).then_some(i % 2 == 0)));
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(ids)),
        ("amount", Arc::new(amounts)),
        ("name", Arc::new(names)),
        ("paid", Arc::new(paid)),
    ];
    RecordBatch::try_from_iter(columns).unwrap_or_else(|error| fail(&error.to_string()))
}

/// The pieces of a stream: its beginning, a batch, its end.
fn pieces() -> Result<[Vec<u8>; 3], arrow_schema::ArrowError> {
    let batch = batch();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    let begin = writer.get_ref().len();
    writer.write(&batch)?;
    let end = writer.get_ref().len();
    writer.finish()?;
    let all = writer.into_inner()?;
    Ok([all[..begin].to_vec(), all[begin..end].to_vec(), all[end..].to_vec()])
}

/// Answers every request with the whole stream, until whoever started it is gone.
fn serve() {
    let pieces = pieces().unwrap_or_else(|error| fail(&error.to_string()));
    let batches = SIZE / pieces[1].len() as u64;
    let length = pieces[0].len() as u64 + batches * pieces[1].len() as u64 + pieces[2].len() as u64;
    let Ok(listener) = TcpListener::bind("127.0.0.1:0") else { fail("no port") };
    let Ok(address) = listener.local_addr() else { fail("no address") };
    println!("http://{address} {} {length}", batches * BATCH_ROWS as u64);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who has read enough goes away.
            let _ = answer(stream, &pieces, batches, length);
        }
    });
    let _ = std::io::stdin().read(&mut [0]);
}

fn answer(mut stream: TcpStream, pieces: &[Vec<u8>; 3], batches: u64, length: u64) -> std::io::Result<()> {
    let mut head = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apache.arrow.stream\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    )?;
    stream.write_all(&pieces[0])?;
    for _ in 0..batches {
        stream.write_all(&pieces[1])?;
    }
    stream.write_all(&pieces[2])
}

fn reader(who: &str, url: &str) {
    let started = Instant::now();
    let rows = match who {
        "raw" => raw(url),
        "async" => in_futures(url),
        _ => blocking(url),
    };
    let took = started.elapsed().as_secs_f64();
    match rows {
        Ok(rows) => println!("{took} {rows} {}", peak()),
        Err(why) => fail(&why),
    }
}

/// The body, into one buffer that is written over again and again.
fn raw(url: &str) -> Result<usize, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let answer = agent.get(format!("{url}/v1/results/r")).call().map_err(|error| error.to_string())?;
    let mut body = answer.into_body().into_reader();
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        match body.read(&mut buffer).map_err(|error| error.to_string())? {
            0 => return Ok(length),
            read => length += read,
        }
    }
}

fn credentials(url: &str) -> Result<Credentials, controlplane::Error> {
    Credentials::builder().api_key("k").workspace_id("w").base_url(url).build()
}

fn blocking(url: &str) -> Result<usize, String> {
    let read = || {
        let client = Client::builder().credentials(credentials(url)?).proxy(Proxy::None).build()?;
        let mut rows = 0;
        for batch in client.results().stream_arrow("r").database_id("d").send()? {
            rows += batch?.num_rows();
        }
        Ok(rows)
    };
    read().map_err(|error: controlplane::Error| error.to_string())
}

fn in_futures(url: &str) -> Result<usize, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let read = async {
        let client = AsyncClient::builder().credentials(credentials(url)?).proxy(Proxy::None).build()?;
        let mut batches = client.results().stream_arrow("r").database_id("d").send().await?;
        let mut rows = 0;
        while let Some(batch) = batches.next().await {
            rows += batch?.num_rows();
        }
        Ok(rows)
    };
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(read).map_err(|error: controlplane::Error| error.to_string())
}

/// The most memory that this process had, in bytes; 0 where nobody tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    peak.and_then(|peak| peak.trim().parse::<u64>().ok()).unwrap_or_default() * 1024
}
