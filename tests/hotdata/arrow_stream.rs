//! A result of ten million rows, one batch after the other: the memory of the program that reads it does not
//! grow.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use controlplane::hotdata::{AsyncClient, Client, ClientBuilder, Credentials};
use controlplane::transport::Proxy;

use crate::raw_request::read_request;
use crate::raw_server::RawServer;

const ROWS: i64 = 10_000_000;
const BATCH: i64 = 65_536;
/// The variable that gives the reading process the address of the server.
const URL: &str = "CONTROLPLANE_TEST_ARROW_URL";
/// How much more memory the stream may take than its first batches did. Whole it has 160 MB.
const MAX_GROWTH: u64 = 16 * 1024 * 1024;

fn batch(from: i64) -> RecordBatch {
    let to = (from + BATCH).min(ROWS);
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(from..to));
    let doubles: ArrayRef = Arc::new(Int64Array::from_iter_values((from..to).map(|n| n * 2)));
    RecordBatch::try_from_iter([("n", numbers), ("twice", doubles)]).unwrap()
}

/// Each write is a chunk.
struct Chunks(TcpStream);

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !bytes.is_empty() {
            write!(self.0, "{:x}\r\n", bytes.len())?;
            self.0.write_all(bytes)?;
            self.0.write_all(b"\r\n")?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Makes the batches as they are read.
fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    read_request(&mut stream);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apache.arrow.stream\r\n\
                X-Total-Row-Count: 10000000\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes())?;
    let mut chunks = Chunks(stream);
    let mut writer = StreamWriter::try_new(&mut chunks, &batch(0).schema()).unwrap();
    for from in (0..ROWS).step_by(usize::try_from(BATCH).unwrap()) {
        if writer.write(&batch(from)).is_err() {
            return Ok(());
        }
    }
    let _ = writer.finish();
    drop(writer);
    chunks.0.write_all(b"0\r\n\r\n")
}

/// The most memory that this process has had so far; `None` where the system does not tell.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Takes batches, and looks at all of them.
#[derive(Default)]
struct Sum {
    rows: i64,
    sum: i64,
    early: Option<u64>,
}

impl Sum {
    fn add(&mut self, batch: &RecordBatch) {
        let column = |i: usize| batch.column(i).as_primitive::<Int64Type>().values();
        self.rows += i64::try_from(batch.num_rows()).unwrap();
        self.sum += column(1).iter().sum::<i64>() - column(0).iter().sum::<i64>();
        if self.rows <= 3 * BATCH {
            self.early = peak_memory();
        }
    }

    fn check(&self) {
        assert_eq!((self.rows, self.sum), (ROWS, ROWS * (ROWS - 1) / 2));
        if let (Some(early), Some(late)) = (self.early, peak_memory()) {
            println!("peak {early} bytes after the first batches, {late} after the last");
            // The system counts in steps: the later figure can be the smaller one.
            assert!(late.saturating_sub(early) <= MAX_GROWTH, "from {early} to {late} bytes");
        }
    }
}

fn builder<M>(builder: ClientBuilder<M>, url: &str) -> ClientBuilder<M> {
    let credentials = Credentials::builder().api_key("k").workspace_id("w").base_url(url).build().unwrap();
    builder.credentials(credentials).database_id("d").proxy(Proxy::None)
}

/// Started by the other test as a process of its own; by itself it has nothing to do.
#[test]
fn reader() {
    let Ok(url) = std::env::var(URL) else { return };
    let client = builder(Client::builder(), &url).build().unwrap();
    let stream = client.results().stream_arrow("r").send().unwrap();
    assert_eq!(stream.info().total_row_count, Some(u64::try_from(ROWS).unwrap()));
    let mut sum = Sum::default();
    for batch in stream {
        sum.add(&batch.unwrap());
    }
    sum.check();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = builder(AsyncClient::builder(), &url).build().unwrap();
        let mut stream = client.results().stream_arrow("r").send().await.unwrap();
        let mut sum = Sum::default();
        while let Some(batch) = stream.next().await {
            sum.add(&batch.unwrap());
        }
        sum.check();
    });
    println!("read it twice");
}

#[test]
fn ten_million_rows_take_the_memory_of_one_batch() {
    let server = RawServer::start(|stream, _| {
        std::thread::spawn(move || serve(stream));
    });
    let mut program = std::process::Command::new(std::env::current_exe().unwrap());
    let output = program
        .args(["arrow_stream::reader", "--exact", "--nocapture"])
        .env(URL, server.url())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("read it twice"), "{told}\n{errors}");
    println!("{told}");
}
