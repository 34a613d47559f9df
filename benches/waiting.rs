//! Measures the cost of waiting for many operations at once: memory and processor time of 10,000 and of 100,000
//! waits, each a Tokio task with `client.resume(id).send()`, all on one thread.
//!
//! ```text
//! cargo bench --bench waiting
//! ```
//!
//! It needs Linux, which tells what a process takes, and valgrind to count allocations. The other modes of
//! this program are for itself: `wait` and `hold` with a number of waits.

use std::process::{Command, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use controlplane::http::{Headers, Request, Response};
use controlplane::onehouse::{AsyncClient, Credentials};
use controlplane::transport::{AsyncTransport, SendError};

/// How many wait at once.
const WAITS: [usize; 2] = [10_000, 100_000];
/// How many wait at once where allocations are counted, which takes long: once and twice as many.
const COUNTED: usize = 1_000;
/// After so many polls of each, all wait for five seconds: the default policy polls at 0, 1, 2.5, 4.75, 8.1
/// and 13.2 s.
const POLLS: usize = 5;
/// For so much of those five seconds nothing but waiting is measured.
const STILL: Duration = Duration::from_secs(3);
/// The most memory for a wait that is aimed at, in bytes.
const AIM: f64 = 4096.0;
/// The longest interval between two polls of the default policy, in seconds.
const LONGEST_INTERVAL: f64 = 10.0;

const PENDING: &str = r#"{"apiStatus":"API_OPERATION_STATUS_PENDING","apiResponse":null}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["wait", count] => wait(number(count)),
        ["hold", count] => hold(number(count)),
        // What `cargo bench` adds. Without it, as in `cargo test --all-targets`, nothing is measured.
        _ if !arguments.contains(&"--bench") => println!("run it as `cargo bench --bench waiting`"),
        _ if !cfg!(target_os = "linux") => println!("this measures on Linux only"),
        _ => measure(),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| {
        eprintln!("{text:?} is not a number of waits");
        exit(2)
    })
}

/// Answers at once that the operation is pending, and counts. So what is measured is the wait, without any
/// socket.
struct Pending(Arc<AtomicUsize>);

impl AsyncTransport for Pending {
    async fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let mut headers = Headers::new();
        headers.push("content-type", "application/json");
        Ok(Response::new(200, headers, PENDING))
    }
}

/// Many waits on one client.
struct Waits {
    client: AsyncClient,
    polls: Arc<AtomicUsize>,
    begun: usize,
}

impl Waits {
    fn new() -> Self {
        let polls = Arc::new(AtomicUsize::new(0));
        let credentials = Credentials::builder()
            .env([("HOME", "/nowhere")])
            .account_uid("5b2f9f0c-3f6e-4c1c-8a53-3b8b1c9f7d10")
            .project_uid("a41c7f6b-9d0e-4b8e-b7a1-7c3c52f1e2d4")
            .api_key("Zm9yLWEtYmVuY2gtb25seQ==")
            .api_secret("bm90LWEtc2VjcmV0LWF0LWFsbC1qdXN0LWFzLWxvbmc=")
            .link_uid("0f7c9f52-61f5-4f64-8e0e-0d1f8f0f7a35")
            .region("us-west-2")
            .user_uid("Xq3VtPzQe8aYb1LwKc5Rj7Nd")
            .base_url("https://api.onehouse.ai")
            .build()
            .expect("credentials");
        // Longer than this runs. No rate limit: it would let ten of them poll in a second.
        let client = AsyncClient::builder()
            .credentials(credentials)
            .timeout(Duration::from_secs(3600))
            .no_rate_limit()
            .transport(Pending(polls.clone()))
            .build()
            .expect("a client");
        Self { client, polls, begun: 0 }
    }

    /// One wait.
    fn future(&self) -> impl Future<Output = impl Send + use<>> + Send + use<> {
        self.client.resume(format!("{:08x}-7a16-4b0e-9a53-0d6b1f2c4e8a", self.begun)).send()
    }

    /// Begins so many, each of which polls at once.
    async fn begin(&mut self, count: usize) {
        for _ in 0..count {
            drop(tokio::spawn(self.future()));
            self.begun += 1;
        }
        self.polled(1).await;
    }

    /// Returns when each of them has polled so often.
    async fn polled(&self, times: usize) {
        while self.polls() < times * self.begun {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn polls(&self) -> usize {
        self.polls.load(Ordering::Relaxed)
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

/// So many waits, in this process. Prints what they took, separated by spaces: bytes of the future, bytes
/// resident for a wait, and seconds of the processor: to begin them and poll once, for all later polls, for a
/// second of stillness.
fn wait(count: usize) {
    block_on(async {
        let mut waits = Waits::new();
        let future = size_of_val(&waits.future());
        // What the first of them needs is there then.
        waits.begin(1).await;

        let (memory, start) = (resident(), processor_time());
        waits.begin(count).await;
        let begun = processor_time();
        waits.polled(POLLS).await;
        let polled = processor_time();
        let memory = (resident() - memory) / count as f64;

        let before = waits.polls();
        tokio::time::sleep(STILL).await;
        let still = processor_time() - polled;
        assert_eq!(waits.polls(), before, "they were to wait, and polled");

        let later = waits.polls() as f64 / waits.begun as f64 - 1.0;
        println!(
            "{future} {memory} {} {} {}",
            (begun - start) / count as f64,
            (polled - begun) / later / count as f64,
            still / STILL.as_secs_f64(),
        );
    });
}

/// Ends with so many waits in memory, for valgrind to count.
fn hold(count: usize) {
    block_on(async {
        let mut waits = Waits::new();
        waits.begin(count).await;
        exit(0)
    })
}

/// Runs them in processes of their own, and prints a table.
fn measure() {
    println!(
        "Operations that stay pending, and the waits for them: each a Tokio task, all on one thread, polls by the"
    );
    println!("default policy. Time is that of the processor.\n");
    println!("           memory   of the     to begin one      to poll   all waiting,     each polling");
    println!("  waits    of one   4 KiB aim  and poll once     once      no poll          every 10 s");
    let mut future = 0.0;
    for count in WAITS {
        let output = this_program().args(["wait", &count.to_string()]).output().expect("this program");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().map(|n| n.parse().expect("a number")).collect();
        let [size, memory, begin, poll, still] = numbers[..] else { panic!("not five numbers: {text}") };
        future = size;
        println!(
            "{:>7}  {:4.2} KiB   {:.3}      {:8.2} µs     {:6.2} µs   {:7.3} %       {:8.2} %",
            thousands(count),
            memory / 1024.0,
            memory / AIM,
            begin * 1e6,
            poll * 1e6,
            still * 100.0,
            count as f64 / LONGEST_INTERVAL * poll * 100.0,
        );
    }
    println!(
        "\nMemory is what becomes resident. % is of one processor; the last column is reckoned from the time of a poll."
    );
    println!("The future of a wait has {future} bytes.");
    match allocated() {
        Some((bytes, pieces)) => println!("Allocated for one wait: {bytes:.0} bytes in {pieces:.0} pieces."),
        None => println!(
            "How much is allocated for a wait is counted with valgrind, which is not installed here."
        ),
    }
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().expect("this program"))
}

fn thousands(number: usize) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}

/// Bytes and pieces that are allocated for a wait with its task, as valgrind counts them: those of twice as
/// many waits less those of once as many.
fn allocated() -> Option<(f64, f64)> {
    let (bytes, blocks) = allocated_by(COUNTED)?;
    let (twice_bytes, twice_blocks) = allocated_by(2 * COUNTED)?;
    Some(((twice_bytes - bytes) / COUNTED as f64, (twice_blocks - blocks) / COUNTED as f64))
}

fn allocated_by(count: usize) -> Option<(f64, f64)> {
    let program = std::env::current_exe().expect("this program");
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--leak-check=no", "--undef-value-errors=no"])
        .arg(program)
        .args(["hold", &count.to_string()]);
    let output = valgrind.output().ok()?;
    // "==123==     in use at exit: 2,345,678 bytes in 9,012 blocks"
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, counted) = text.split_once("in use at exit: ")?;
    let mut numbers =
        counted.lines().next()?.split(' ').filter_map(|word| word.replace(',', "").parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Resident memory of this process in bytes.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux, which tells of its memory");
    let kib = text.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<f64>().ok()).expect("resident memory") * 1024.0
}

/// What this thread has had of the processor, user and system, in seconds.
fn processor_time() -> f64 {
    let text =
        std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux, which tells of its time");
    let nanoseconds = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.expect("processor time") / 1e9
}
