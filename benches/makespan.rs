//! How long a batch takes in virtual time, against the least that any schedule needs.
//!
//! ```text
//! cargo bench --bench makespan
//! ```
//!
//! `benches/README.md` describes the measurement and the least time. Time passes only when somebody waits, so the figures are the same on every machine.

use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use controlplane::Clock;
use controlplane::http::{Headers, Method, Request, Response};
use controlplane::onehouse::{Client, Credentials};
use controlplane::transport::{SendError, Transport};

/// Requests in a second that the server takes.
const RATE: usize = 10;
/// How long a request and its answer take.
const ROUND_TRIP: Duration = Duration::from_millis(50);
/// How long operations take, in seconds.
const TAKES: (f64, f64) = (5.0, 120.0);
const SEED: u64 = 20_261_121;

/// The time of the simulation.
#[derive(Clone)]
struct Virtual(Arc<Mutex<Instant>>);

impl Virtual {
    fn pass(&self, time: Duration) {
        *lock(&self.0) += time;
    }
}

impl Clock for Virtual {
    fn now(&self) -> Instant {
        *lock(&self.0)
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) {
        self.pass(time);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The server: takes statements, and knows when each ends.
struct Server {
    clock: Virtual,
    takes: Vec<Duration>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ends: Vec<Instant>,
    requests: usize,
}

impl Server {
    fn answer(&self, request: &Request) -> &'static str {
        let mut state = lock(&self.state);
        state.requests += 1;
        let now = self.clock.now();
        match request.method {
            Method::Post => {
                let end = now + self.takes[state.ends.len()];
                state.ends.push(end);
                "taken"
            }
            _ => {
                let id: usize = request.path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
                if state.ends[id] <= now {
                    "API_OPERATION_STATUS_SUCCESS"
                } else {
                    "API_OPERATION_STATUS_PENDING"
                }
            }
        }
    }
}

struct ToServer(Arc<Server>);

impl Transport for ToServer {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        self.0.clock.pass(ROUND_TRIP / 2);
        let body = match self.0.answer(request) {
            "taken" => format!(r#"{{"requestId": "{}"}}"#, lock(&self.0.state).ends.len() - 1),
            status => format!(r#"{{"apiStatus": "{status}", "apiResponse": null}}"#),
        };
        self.0.clock.pass(ROUND_TRIP / 2);
        Ok(Response::new(200, Headers::new(), body))
    }
}

/// The same durations each time.
fn durations(count: usize) -> Vec<Duration> {
    let mut state = SEED;
    let mut draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|_| Duration::from_secs_f64(TAKES.0 + (TAKES.1 - TAKES.0) * draw())).collect()
}

/// The least time of a schedule that does not know the durations beforehand: two requests for each operation, and in the order given, ten submits in a second, until the end of the operation that ends last,
/// and a poll.
fn least(takes: &[Duration]) -> Duration {
    let requests = Duration::from_secs_f64((2 * takes.len()) as f64 / RATE as f64);
    let ends = takes.iter().enumerate().map(|(i, takes)| Duration::from_secs((i / RATE) as u64) + *takes);
    requests.max(ends.max().unwrap_or_default()) + ROUND_TRIP
}

/// The batch of this crate: time, requests, and how long after its end an operation was heard of, on average.
fn batch(takes: &[Duration]) -> Result<(Duration, usize, Duration), controlplane::Error> {
    let start = Instant::now();
    let clock = Virtual(Arc::new(Mutex::new(start)));
    let server = Arc::new(Server { clock: clock.clone(), takes: takes.to_vec(), state: Mutex::default() });
    let client = Client::builder()
        .credentials(credentials()?)
        .transport(ToServer(server.clone()))
        .clock(clock.clone())
        .rate_limit(RATE as u32)
        .timeout(Duration::from_secs(3600))
        .build()?;
    let mut batch = client.batch();
    for i in 0..takes.len() {
        batch.add(i.to_string(), client.create_service_principal(format!("p{i}")));
    }
    let mut late = Duration::ZERO;
    for finished in batch.run()? {
        let done = finished.result?;
        let id: usize = done.request_id.parse().unwrap_or(0);
        late += clock.now().saturating_duration_since(lock(&server.state).ends[id]);
    }
    let requests = lock(&server.state).requests;
    Ok((clock.now() - start, requests, late / u32::try_from(takes.len()).unwrap_or(1)))
}

fn credentials() -> Result<Credentials, controlplane::Error> {
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

/// Clients that poll at intervals, as the vendor's does (at once, then 1 s × 1.5 up to 10 s) or at a fixed
/// one, with so many operations at a time; each waits for a place at the server, first come, first served.
fn naive(takes: &[Duration], at_a_time: usize, interval: impl Fn(u32) -> Duration) -> (Duration, usize) {
    /// When it comes; which operation; how often it has polled, none if it is to be submitted.
    type Visit = std::cmp::Reverse<(Duration, usize, Option<u32>)>;
    let mut visits: BinaryHeap<Visit> = BinaryHeap::new();
    let mut waiting = takes.len().min(at_a_time);
    visits.extend((0..waiting).map(|i| std::cmp::Reverse((Duration::ZERO, i, None))));
    let mut ends: HashMap<usize, Duration> = HashMap::new();
    // The times of the last requests: the one a second later than the tenth before it may go.
    let mut window = std::collections::VecDeque::new();
    let (mut requests, mut last) = (0, Duration::ZERO);
    while let Some(std::cmp::Reverse((time, i, polls))) = visits.pop() {
        let free = if window.len() < RATE { time } else { window[0] + Duration::from_secs(1) };
        if free > time {
            visits.push(std::cmp::Reverse((free, i, polls)));
            continue;
        }
        window.push_back(time);
        if window.len() > RATE {
            window.pop_front();
        }
        requests += 1;
        let answered = time + ROUND_TRIP;
        last = last.max(answered);
        match polls {
            None => {
                ends.insert(i, time + ROUND_TRIP / 2 + takes[i]);
                visits.push(std::cmp::Reverse((answered, i, Some(0))));
            }
            Some(polls) if time + ROUND_TRIP / 2 < ends[&i] => {
                visits.push(std::cmp::Reverse((answered + interval(polls), i, Some(polls + 1))));
            }
            Some(_) if waiting < takes.len() => {
                visits.push(std::cmp::Reverse((answered, waiting, None)));
                waiting += 1;
            }
            Some(_) => {}
        }
    }
    (last, requests)
}

/// The vendor's intervals.
fn growing(polls: u32) -> Duration {
    Duration::from_secs_f64(1.5f64.powi(polls.min(20) as i32).min(10.0))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!(
        "{RATE} requests in a second, {} s to {} s for an operation; times in seconds, and their ratio to the least\n",
        TAKES.0, TAKES.1
    );
    println!(
        "{:>10} {:>9} | {:>20} {:>10} {:>10} | {:>20} {:>10} | {:>20} {:>10}",
        "operations",
        "least",
        "batch",
        "requests",
        "heard of",
        "all at once, 1 s",
        "requests",
        "32 threads",
        "requests"
    );
    for count in [100, 1_000, 10_000] {
        let takes = durations(count);
        let least = least(&takes);
        let shown = |time: Duration| {
            format!("{:.0} ({:.3})", time.as_secs_f64(), time.as_secs_f64() / least.as_secs_f64())
        };
        let (time, requests, late) = batch(&takes)?;
        let (fixed, fixed_requests) = naive(&takes, count, |_| Duration::from_secs(1));
        let (threads, threads_requests) = naive(&takes, 32, growing);
        println!(
            "{count:>10} {:>9.1} | {:>20} {requests:>10} {:>8.0} s | {:>20} {fixed_requests:>10} | {:>20} {threads_requests:>10}",
            least.as_secs_f64(),
            shown(time),
            late.as_secs_f64(),
            shown(fixed),
            shown(threads),
        );
    }
    Ok(())
}
