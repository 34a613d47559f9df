//! Measures the cost of this crate on top of ureq: the processor work of one operation (a submit and one poll
//! that finds it done) through the blocking client, against the least program on bare ureq that sends the same
//! bytes and parses the answers.
//!
//! ```text
//! cargo bench --bench overhead        # the ratio in processor time
//! benches/overhead-instructions       # the ratio in instructions, with valgrind
//! ```
//!
//! The script uses the other modes of this program: `serve`, and `client` or `bare` with the server's address
//! and a number of operations.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::exit;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use controlplane::onehouse::{Client, ClusterType, Credentials};
use controlplane::transport::HttpConfig;
use serde_json::{Value, json};
use ureq::Agent;

/// Operations of one side in one round.
const OPERATIONS: usize = 300;
/// Rounds, if there is time for them. Odd, so that one of them is the median.
const ROUNDS: usize = 51;
/// No further round begins after this long.
const AT_MOST: Duration = Duration::from_secs(8);

const ACCOUNT: &str = "5b2f9f0c-3f6e-4c1c-8a53-3b8b1c9f7d10";
const PROJECT: &str = "a41c7f6b-9d0e-4b8e-b7a1-7c3c52f1e2d4";
const KEY: &str = "Zm9yLWEtYmVuY2gtb25seQ==";
const SECRET: &str = "bm90LWEtc2VjcmV0LWF0LWFsbC1qdXN0LWFzLWxvbmc=";
const LINK: &str = "0f7c9f52-61f5-4f64-8e0e-0d1f8f0f7a35";
const REGION: &str = "us-west-2";
const USER: &str = "Xq3VtPzQe8aYb1LwKc5Rj7Nd";
const SQL: &str = "CREATE CLUSTER `prod`\n  TYPE = 'Managed'\n  MAX_OCU = 10\n  MIN_OCU = 1";

const SUBMITTED: &str = r#"{"requestId":"8c3f2e9d-7a16-4b0e-9a53-0d6b1f2c4e8a"}"#;
const DONE: &str = r#"{"apiStatus":"API_OPERATION_STATUS_SUCCESS","apiResponse":{"createClusterApiResponse":{"clusterId":"f0d0a1c2-52f4-4f0f-9a11-0c6b7a9d8e21"}}}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve"] => serve(),
        ["client", url, count] => Ours::new(url).run(number(count)),
        ["bare", url, count] => Bare::new(url, None).run(number(count)),
        // What `cargo bench` adds. Without it, as in `cargo test --all-targets`, nothing is measured.
        _ if arguments.contains(&"--bench") => measure(),
        _ => println!("run it as `cargo bench --bench overhead`"),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| {
        eprintln!("{text:?} is not a number of operations");
        exit(2)
    })
}

/// One of those that are compared.
trait Side {
    /// One submit, one poll.
    fn operation(&self);

    fn run(&self, count: usize) {
        for _ in 0..count {
            self.operation();
        }
    }
}

/// This crate. No rate limit, or it would wait most of the time; all else as it is by default.
struct Ours(Client);

impl Ours {
    fn new(url: &str) -> Self {
        let credentials = Credentials::builder()
            .env([("HOME", "/nowhere")])
            .account_uid(ACCOUNT)
            .project_uid(PROJECT)
            .api_key(KEY)
            .api_secret(SECRET)
            .link_uid(LINK)
            .region(REGION)
            .user_uid(USER)
            .base_url(url)
            .build()
            .expect("credentials");
        let client = Client::builder().credentials(credentials).no_rate_limit().build().expect("a client");
        Self(client)
    }
}

impl Side for Ours {
    fn operation(&self) {
        let call = self.0.create_cluster("prod", ClusterType::Managed).max_ocu(10).min_ocu(1);
        let done = call.send().expect("an operation that is done");
        assert!(done.is_terminal());
    }
}

/// The least program that does the same. It has no retries, knows its statement beforehand, and has no time
/// limits, or one each for sending and receiving: the system is told of a limit before each of its calls.
struct Bare {
    agent: Agent,
    root: String,
}

impl Bare {
    fn new(url: &str, limit: Option<Duration>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_send_request(limit)
            .timeout_send_body(limit)
            .timeout_recv_response(limit)
            .timeout_recv_body(limit)
            // As a header, where this crate has it.
            .user_agent("")
            .build();
        Self { agent: config.new_agent(), root: url.to_owned() }
    }
}

fn with_headers<B>(request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
    request
        .header("x-onehouse-account-uid", ACCOUNT)
        .header("x-onehouse-project-uid", PROJECT)
        .header("x-onehouse-api-key", KEY)
        .header("x-onehouse-api-secret", SECRET)
        .header("x-onehouse-link-uid", LINK)
        .header("x-onehouse-region", REGION)
        .header("x-onehouse-uuid", USER)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .header("user-agent", HttpConfig::default().user_agent)
}

fn parsed(answer: ureq::http::Response<ureq::Body>) -> Value {
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().read_to_vec().expect("a whole body");
    serde_json::from_slice(&body).expect("JSON")
}

impl Side for Bare {
    fn operation(&self) {
        let body = json!({ "statement": SQL }).to_string();
        let submit = with_headers(self.agent.post(format!("{}/v1/resource/", self.root)));
        let submitted = parsed(submit.send(&body).expect("an answer"));
        let id = submitted["requestId"].as_str().expect("an id");
        let poll = with_headers(self.agent.get(format!("{}/v1/status/{id}", self.root)));
        let done = parsed(poll.call().expect("an answer"));
        assert_eq!(done["apiStatus"], "API_OPERATION_STATUS_SUCCESS");
    }
}

/// Runs them in turn, and prints what they took.
fn measure() {
    same_requests();
    let url = format!("http://{}", start(None));
    let (mut ours, mut bare, mut limited) = (Vec::new(), Vec::new(), Vec::new());
    let started = Instant::now();
    while ours.len() < ROUNDS && (ours.len() < 3 || started.elapsed() < AT_MOST) {
        bare.push(taken(&Bare::new(&url, None)));
        ours.push(taken(&Ours::new(&url)));
        limited.push(taken(&Bare::new(&url, Some(Duration::from_secs(30)))));
    }
    let kind = if processor_time().is_some() { "processor time of the thread" } else { "wall time" };
    println!("one submit and one poll, {} rounds of {OPERATIONS} operations, {kind}, median:", ours.len());
    let (ours, bare, limited) = (median(&mut ours), median(&mut bare), median(&mut limited));
    println!("  bare ureq                    {bare:8.2} µs for an operation");
    println!("  bare ureq with time limits   {limited:8.2} µs for an operation");
    println!("  controlplane                 {ours:8.2} µs for an operation");
    println!("  ratio                        {:8.3}", ours / bare);
    println!("  ratio, with time limits      {:8.3}", ours / limited);
}

/// What is compared has to be the same: both sides send the same bytes.
fn same_requests() {
    let (sender, requests) = channel();
    let url = format!("http://{}", start(Some(sender)));
    Ours::new(&url).operation();
    let ours: Vec<String> = requests.try_iter().collect();
    Bare::new(&url, None).operation();
    let bare: Vec<String> = requests.try_iter().collect();
    assert_eq!(ours, bare, "the two sides do not send the same");
    assert_eq!(ours.len(), 2);
}

/// Microseconds for one operation, of one round, with the connection open.
fn taken(side: &dyn Side) -> f64 {
    side.run(OPERATIONS / 10);
    let (wall, processor) = (Instant::now(), processor_time());
    side.run(OPERATIONS);
    let taken = match (processor, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall.elapsed(),
    };
    taken.as_secs_f64() * 1e6 / OPERATIONS as f64
}

/// What this thread has had of the processor, user and system, where Linux tells it.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    // Kernels that do not keep the figure show 0.
    (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints its address, and answers until its input ends.
fn serve() {
    println!("http://{}", start(None));
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// A server that does next to nothing, on a thread of its own, as long as the process lives. Tells of each
/// request before it answers it.
///
/// It takes one connection after the other, so that both sides have to do with the same thread: with one for
/// each, where the system happens to run them made more of a difference than the sides do.
fn start(requests: Option<Sender<String>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, requests.as_ref());
        }
    });
    address
}

fn answer(mut stream: TcpStream, requests: Option<&Sender<String>>) -> Option<()> {
    let whole = |body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\ndate: Sat, 21 Nov 2026 08:00:00 \
             GMT\r\n\r\n{body}",
            body.len()
        )
    };
    let (submitted, done) = (whole(SUBMITTED), whole(DONE));
    stream.set_nodelay(true).ok()?;
    let mut buffer = [0; 8192];
    loop {
        let mut read = 0;
        while !is_whole(&buffer[..read]) {
            read += match stream.read(buffer.get_mut(read..)?) {
                Ok(0) | Err(_) => return None,
                Ok(n) => n,
            };
        }
        if let Some(requests) = requests {
            requests.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).ok()?;
        }
        let answer = if buffer.starts_with(b"POST") { &submitted } else { &done };
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

/// Whether this is a whole request: to its empty line, and with the body's closing brace if it is a POST.
fn is_whole(request: &[u8]) -> bool {
    if request.starts_with(b"POST") { request.ends_with(b"}") } else { request.ends_with(b"\r\n\r\n") }
}
