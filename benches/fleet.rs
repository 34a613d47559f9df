//! Clients that share a limit which none of them knows, in virtual time.
//!
//! ```text
//! cargo bench --bench fleet
//! ```
//!
//! `benches/README.md` describes the measurement. Each client is a thread, and time passes only when all of them wait.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use controlplane::http::{Headers, Method, Request, Response};
use controlplane::onehouse::{Client, Credentials};
use controlplane::transport::{SendError, Transport};
use controlplane::{Clock, Error, ErrorKind};

/// The number of requests that the server admits in any second.
const RATE: usize = 10;
const OPERATIONS: usize = 1_000;
/// The deadline of each call.
const TIMEOUT: Duration = Duration::from_secs(600);
const RUNS: u64 = 5;
const SECOND: Duration = Duration::from_secs(1);

fn main() -> Result<(), Error> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("run it as `cargo bench --bench fleet`");
        return Ok(());
    }
    println!("{OPERATIONS} operations, {RATE} requests in a second, means of {RUNS} runs\n");
    println!("| Clients | Operations of each | Lost | 429 | Admitted of the limit | Slowest to the median |");
    println!("|---|---|---|---|---|---|");
    for clients in [10, 100, 1_000] {
        let mut all = Figures::default();
        for seed in 1..=RUNS {
            all.add(&run(clients, seed)?);
        }
        let share = |part: f64| part / RUNS as f64;
        println!(
            "| {clients} | {} | {} | {:.1} % | {:.2} | {:.2} |",
            OPERATIONS / clients,
            all.lost,
            100.0 * share(all.rejected),
            share(all.goodput),
            share(all.slowest),
        );
    }
    Ok(())
}

/// The figures of a run, or the sums of several.
#[derive(Default)]
struct Figures {
    /// Calls that failed.
    lost: usize,
    /// The share of 429s.
    rejected: f64,
    /// Admitted requests in a second, of the limit.
    goodput: f64,
    /// The time of the slowest client, of the median.
    slowest: f64,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.rejected += other.rejected;
        self.goodput += other.goodput;
        self.slowest += other.slowest;
    }
}

fn run(clients: usize, seed: u64) -> Result<Figures, Error> {
    let fleet = Arc::new(Fleet::new(clients, seed));
    let threads: Vec<_> = (0..clients)
        .map(|client| {
            let fleet = fleet.clone();
            let work = move || {
                let member = Member { fleet, client };
                let done = member.work();
                member.fleet.leave();
                done
            };
            thread::Builder::new().stack_size(512 * 1024).spawn(work).expect("no thread")
        })
        .collect();
    let mut lost = 0;
    let mut times = Vec::new();
    for thread in threads {
        let (failed, time) = thread.join().expect("a client panicked")?;
        lost += failed;
        times.push(time.as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let slowest = times[times.len() - 1];
    let state = fleet.lock();
    let admitted = state.admitted as f64;
    Ok(Figures {
        lost,
        rejected: state.rejected as f64 / (admitted + state.rejected as f64),
        goodput: admitted / state.now.duration_since(fleet.start).as_secs_f64() / RATE as f64,
        slowest: slowest / times[times.len() / 2],
    })
}

/// The clients, their time, and the server.
struct Fleet {
    start: Instant,
    state: Mutex<State>,
    /// Wakes the client of that number.
    wakes: Vec<Condvar>,
}

struct State {
    now: Instant,
    /// Clients that do not wait.
    running: usize,
    /// Clients that wait: until when, in which order they came, and their numbers.
    waiting: BinaryHeap<Reverse<(Instant, u64, usize)>>,
    came: u64,
    woken: Vec<bool>,
    draw: u64,
    /// When the requests of the last second were admitted.
    window: VecDeque<Instant>,
    admitted: usize,
    rejected: usize,
    /// The polls of each operation.
    polls: Vec<u32>,
}

impl State {
    /// Wakes the client whose time comes first. Only one runs at a time, so each run with a seed is the same.
    fn advance(&mut self, wakes: &[Condvar]) {
        if self.running > 0 {
            return;
        }
        if let Some(Reverse((until, _, client))) = self.waiting.pop() {
            self.now = self.now.max(until);
            self.running = 1;
            self.woken[client] = true;
            wakes[client].notify_one();
        }
    }

    /// The time of a request or a response on its way.
    fn travel(&mut self) -> Duration {
        self.draw = self.draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_micros(5_000 + (self.draw >> 33) % 20_000)
    }

    fn answer(&mut self, request: &Request) -> Response {
        while self.window.front().is_some_and(|then| self.now.duration_since(*then) >= SECOND) {
            self.window.pop_front();
        }
        if self.window.len() >= RATE {
            self.rejected += 1;
            let mut headers = Headers::new();
            headers.push("retry-after", "1".as_bytes());
            return Response::new(429, headers, "");
        }
        self.window.push_back(self.now);
        self.admitted += 1;
        let body = if request.method == Method::Post {
            self.polls.push(0);
            format!(r#"{{"requestId": "{}"}}"#, self.polls.len() - 1)
        } else {
            let id: usize = request.path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
            self.polls[id] += 1;
            // Each is reported as pending once.
            let status = if self.polls[id] > 1 { "SUCCESS" } else { "PENDING" };
            format!(r#"{{"apiStatus": "API_OPERATION_STATUS_{status}", "apiResponse": null}}"#)
        };
        Response::new(200, Headers::new(), body)
    }
}

impl Fleet {
    fn new(clients: usize, seed: u64) -> Self {
        let start = Instant::now();
        let state = State {
            now: start,
            running: clients,
            waiting: BinaryHeap::new(),
            came: 0,
            woken: vec![false; clients],
            draw: seed,
            window: VecDeque::new(),
            admitted: 0,
            rejected: 0,
            polls: Vec::new(),
        };
        Self { start, state: Mutex::new(state), wakes: (0..clients).map(|_| Condvar::new()).collect() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, client: usize, time: Duration) {
        let mut state = self.lock();
        let until = state.now + time;
        state.came += 1;
        let came = state.came;
        state.waiting.push(Reverse((until, came, client)));
        state.running -= 1;
        state.advance(&self.wakes);
        while !state.woken[client] {
            state = self.wakes[client].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.woken[client] = false;
    }

    fn leave(&self) {
        let mut state = self.lock();
        state.running -= 1;
        state.advance(&self.wakes);
    }
}

/// A client's view of the fleet: its clock, and its way to the server.
#[derive(Clone)]
struct Member {
    fleet: Arc<Fleet>,
    client: usize,
}

impl Member {
    /// Runs a batch. Returns the number of calls that failed, and how long all took.
    fn work(&self) -> Result<(usize, Duration), Error> {
        // All begin within a fifth of a second, and one after the other.
        let first = self.fleet.lock().travel() * 8;
        self.sleep(first);
        let start = self.now();
        let client = Client::builder()
            .credentials(credentials()?)
            .transport(self.clone())
            .clock(self.clone())
            .timeout(TIMEOUT)
            .build()?;
        let mut batch = client.batch();
        for i in 0..OPERATIONS / self.fleet.wakes.len() {
            batch.add(i.to_string(), client.create_service_principal(format!("p{i}")));
        }
        let mut failed = 0;
        for finished in batch.run()? {
            if let Err(error) = finished.result {
                assert!(
                    matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::OperationTimeout),
                    "{error}"
                );
                failed += 1;
            }
        }
        Ok((failed, self.now() - start))
    }
}

impl Clock for Member {
    fn now(&self) -> Instant {
        self.fleet.lock().now
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) {
        self.fleet.wait(self.client, time);
    }
}

impl Transport for Member {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        let there = self.fleet.lock().travel();
        self.sleep(there);
        let (response, back) = {
            let mut state = self.fleet.lock();
            (state.answer(request), state.travel())
        };
        self.sleep(back);
        Ok(response)
    }
}

fn credentials() -> Result<Credentials, Error> {
    Credentials::builder()
        .account_uid("a")
        .project_uid("p")
        .api_key("k")
        .api_secret("s")
        .link_uid("l")
        .region("us-west-2")
        .user_uid("u")
        .build()
}
