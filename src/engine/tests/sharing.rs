//! Batches of several clients that share the server's limit, in virtual time.

use super::*;
use crate::engine::batch::{Batch, BatchStep, Entry, Past, Submitted};

/// Admits so many requests in any second.
struct Limited {
    admitted: std::collections::VecDeque<Instant>,
    limit: usize,
    /// What it sends with a 429.
    retry_after: Option<&'static str>,
    /// Until then it admits none.
    busy_until: Instant,
}

impl Limited {
    fn admits(&mut self, now: Instant) -> bool {
        while self.admitted.front().is_some_and(|then| now.duration_since(*then) >= SECOND) {
            self.admitted.pop_front();
        }
        let admits = now >= self.busy_until && self.admitted.len() < self.limit;
        if admits {
            self.admitted.push_back(now);
        }
        admits
    }
}

/// A client with a batch.
struct Sharer {
    batch: Batch<Completed>,
    wake: Option<Instant>,
    flying: Vec<(Instant, usize, Result<Response, SendError>)>,
    polls: Vec<u32>,
    kinds: Vec<Option<ErrorKind>>,
    ended: Option<Instant>,
}

/// What became of all.
#[derive(Debug)]
struct Shared {
    admitted: usize,
    refused: usize,
    took: Duration,
    kinds: Vec<Option<ErrorKind>>,
    /// The slowest to the mean.
    spread: f64,
}

struct Sharing {
    clients: usize,
    calls: usize,
    /// Polls that find an operation running.
    pending: u32,
    timeout: Duration,
    limit: Option<u32>,
    retry_after: Option<&'static str>,
    busy: Duration,
    seed: u64,
    cancel: Option<Duration>,
}

impl Sharing {
    fn new(clients: usize, calls: usize) -> Self {
        Self {
            clients,
            calls,
            pending: 1,
            timeout: 120 * SECOND,
            limit: Some(10),
            retry_after: None,
            busy: Duration::ZERO,
            seed: 1,
            cancel: None,
        }
    }

    fn sharer(&self) -> Sharer {
        let entry = |job: usize| {
            let too_many = TooMany::LeaveToBatch;
            let settings = Settings { timeout: self.timeout, too_many, ..Settings::default() };
            let budget = Arc::new(Budget::unlimited());
            let context = CallContext::new(format!("JOB {job}"), settings, budget, Arc::new(Plain));
            let request = Request::new(Method::Post, "http://h", format!("/{job}"));
            let operation = Operation::submit(Arc::new(context), request, Effect::Changes, accept());
            let kind = "KIND".to_owned();
            let work = Box::new(Submitted::new(operation, |done| done));
            Entry {
                label: format!("JOB {job}"),
                member: 0,
                kind,
                work,
                after: vec![],
                past: Past::Todo,
                age: None,
            }
        };
        let budget = Arc::new(self.limit.map_or_else(Budget::unlimited, Budget::per_second));
        Sharer {
            batch: Batch::new((0..self.calls).map(entry).collect(), vec![budget], false),
            wake: None,
            flying: Vec::new(),
            polls: vec![0; self.calls],
            kinds: vec![None; self.calls],
            ended: None,
        }
    }

    fn run(&self) -> Shared {
        let start = Instant::now();
        let mut draw = self.seed;
        // Milliseconds that a request is on its way.
        let mut travel = || {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Duration::from_micros(500 + (draw >> 33) % 6000)
        };
        let mut server = Limited {
            admitted: std::collections::VecDeque::new(),
            limit: 10,
            retry_after: self.retry_after,
            busy_until: start + self.busy,
        };
        let mut sharers: Vec<Sharer> = (0..self.clients).map(|_| self.sharer()).collect();
        for sharer in &mut sharers {
            sharer.wake = Some(start + travel() * 8);
        }
        let starts: Vec<Instant> = sharers.iter().filter_map(|sharer| sharer.wake).collect();
        // Requests on their way to the server.
        let mut coming: Vec<(Instant, usize, usize, Arc<Request>)> = Vec::new();
        let (mut admitted, mut refused) = (0, 0);
        let mut cancel = self.cancel.map(|at| start + at);
        while sharers.iter().any(|sharer| sharer.ended.is_none()) {
            let wakes =
                sharers.iter().filter(|sharer| sharer.ended.is_none()).filter_map(|sharer| sharer.wake);
            let answers = sharers.iter().flat_map(|sharer| sharer.flying.iter().map(|(at, ..)| *at));
            let times = wakes.chain(answers).chain(coming.iter().map(|(at, ..)| *at)).chain(cancel);
            let now = times.min().expect("nothing will ever happen");
            assert!(now < start + 3600 * SECOND, "no end");
            if cancel.take_if(|at| *at <= now).is_some() {
                for sharer in &mut sharers {
                    sharer.batch.cancel_all(Now { at: now, wall: SystemTime::UNIX_EPOCH });
                    sharer.wake = Some(now);
                }
            }
            if let Some(at) = coming.iter().position(|(at, ..)| *at <= now) {
                let (_, client, job, request) = coming.swap_remove(at);
                let is_submit = request.method == Method::Post;
                let sharer = &mut sharers[client];
                let response = if !server.admits(now) {
                    refused += 1;
                    let mut headers = Headers::new();
                    if let Some(text) = server.retry_after {
                        headers.push("retry-after", text.as_bytes());
                    }
                    Response::new(429, headers, "")
                } else {
                    admitted += 1;
                    let seen = &mut sharer.polls[job];
                    let body = match (is_submit, *seen < self.pending) {
                        (true, _) => format!("taken {job}"),
                        (false, true) => "pending PENDING".to_owned(),
                        (false, false) => "done".to_owned(),
                    };
                    *seen += u32::from(!is_submit);
                    Response::new(200, Headers::new(), body)
                };
                sharer.flying.push((now + travel(), job, Ok(response)));
            }
            for (client, sharer) in sharers.iter_mut().enumerate() {
                while let Some(at) = sharer.flying.iter().position(|(at, ..)| *at <= now) {
                    let (_, job, result) = sharer.flying.swap_remove(at);
                    sharer.batch.received(job, now, SystemTime::UNIX_EPOCH, result);
                    sharer.wake = Some(now);
                }
                while sharer.wake.is_some_and(|wake| wake <= now) {
                    sharer.wake = None;
                    match sharer.batch.next(now) {
                        BatchStep::Send { job, request, .. } => {
                            coming.push((now + travel(), client, job, request));
                            sharer.wake = Some(now);
                        }
                        BatchStep::Wait(time) => sharer.wake = Some(now + time),
                        BatchStep::Response => {}
                        #[cfg(errands)]
                        BatchStep::Errand { .. } => panic!("no call has an errand"),
                        BatchStep::Done => sharer.ended = sharer.ended.or(Some(now)),
                    }
                    sharer.batch.records();
                    while let Some((job, outcome)) = sharer.batch.concluded() {
                        sharer.kinds[job] = outcome.err().map(|error| error.kind());
                    }
                }
            }
        }
        let ends = sharers.iter().zip(starts).map(|(sharer, start)| sharer.ended.unwrap() - start);
        let times: Vec<f64> = ends.map(|time| time.as_secs_f64()).collect();
        let slowest = times.iter().copied().fold(0.0, f64::max);
        Shared {
            admitted,
            refused,
            took: Duration::from_secs_f64(slowest),
            kinds: sharers.into_iter().flat_map(|sharer| sharer.kinds).collect(),
            spread: slowest / (times.iter().sum::<f64>() / times.len() as f64),
        }
    }
}

/// Chance has a part in it, so the figures are those of all runs together. Those of real processes are in
/// `benches/README.md`.
#[test]
fn clients_that_share_a_limit_lose_no_call_and_seldom_hear_429() {
    let mut all = Vec::new();
    for retry_after in [None, Some("1")] {
        for seed in 1..=20 {
            let shared = Sharing { retry_after, seed, ..Sharing::new(8, 12) }.run();
            assert!(shared.kinds.iter().all(Option::is_none), "{shared:?}");
            assert_eq!(shared.admitted, 8 * 12 * 3, "{shared:?}");
            all.push(shared);
        }
    }
    let mean = |of: &dyn Fn(&Shared) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
    let refused = mean(&|shared| shared.refused as f64 / (shared.admitted + shared.refused) as f64);
    let in_a_second = mean(&|shared| shared.admitted as f64 / shared.took.as_secs_f64());
    let spread = mean(&|shared| shared.spread);
    let figures = format!("429: {refused:.3}, admitted in a second: {in_a_second:.2}, spread: {spread:.2}");
    println!("{figures}");
    assert!(refused < 0.115 && in_a_second > 8.9 && spread < 1.2, "{figures}");
}

/// Most are rejected when all begin. A single run may be far from the others, so the figures are means. Figures of larger
/// fleets are in `benches/README.md`.
#[test]
fn a_fleet_of_clients_with_one_call_each_uses_the_limit() {
    let runs = [(None, 1), (Some("1"), 2), (Some("1"), 3), (None, 4), (Some("1"), 5), (Some("1"), 6)];
    let (mut in_a_second, mut spread) = (0.0, 0.0);
    for (retry_after, seed) in runs {
        let timeout = 600 * SECOND;
        let shared = Sharing { timeout, retry_after, seed, ..Sharing::new(100, 1) }.run();
        assert!(shared.kinds.iter().all(Option::is_none), "{shared:?}");
        in_a_second += shared.admitted as f64 / shared.took.as_secs_f64() / runs.len() as f64;
        spread += shared.spread / runs.len() as f64;
    }
    println!("admitted in a second: {in_a_second:.2}, spread: {spread:.2}");
    assert!(in_a_second > 6.5 && spread < 2.5, "admitted in a second: {in_a_second:.2}, spread: {spread:.2}");
}

#[test]
fn a_server_that_admits_nothing_for_20_s_loses_no_call_that_has_time() {
    for limit in [Some(10), None] {
        let sharing = Sharing { busy: 20 * SECOND, limit, pending: 0, ..Sharing::new(1, 20) };
        let shared = sharing.run();
        assert!(shared.kinds.iter().all(Option::is_none), "{limit:?}: {shared:?}");
        assert!(shared.refused <= 60 && shared.took < 60 * SECOND, "{limit:?}: {shared:?}");
        // A call that times out says that the limit was the cause.
        let sharing = Sharing { busy: 3600 * SECOND, limit, timeout: 10 * SECOND, ..Sharing::new(1, 3) };
        let shared = sharing.run();
        assert_eq!(shared.kinds, [Some(ErrorKind::RateLimited); 3], "{limit:?}");
    }
}

#[test]
fn a_slowed_batch_is_cancelled_at_once() {
    let sharing = Sharing { busy: 3600 * SECOND, cancel: Some(30 * SECOND), ..Sharing::new(1, 5) };
    let shared = sharing.run();
    let is_over = |kind: &Option<ErrorKind>| {
        matches!(kind, Some(ErrorKind::Skipped | ErrorKind::Cancelled | ErrorKind::RateLimited))
    };
    assert!(shared.kinds.iter().all(is_over), "{shared:?}");
    assert!(shared.took < 31 * SECOND, "{shared:?}");
}

/// Waits that share a client: each bears the 429s of 20 s, and together they ask seldom.
#[test]
fn waits_bear_429_until_the_deadline_and_slow_the_budget_of_all() {
    let budget = Arc::new(Budget::per_second(10));
    let settings = Settings { timeout: 120 * SECOND, ..Settings::default() };
    let operation = |id: usize| {
        let context =
            CallContext::new(format!("WAIT {id}"), settings.clone(), budget.clone(), Arc::new(Plain));
        let id = id.to_string();
        Operation::resume(Arc::new(context), Id::Request(id.clone()), poll(&id))
    };
    let mut waits: Vec<Operation> = (0..10).map(operation).collect();
    let start = Instant::now();
    let mut times = vec![Some(start); waits.len()];
    let mut refused = 0;
    while let Some((at, now)) =
        times.iter().enumerate().filter_map(|(at, time)| Some((at, (*time)?))).min_by_key(|(_, time)| *time)
    {
        times[at] = match waits[at].next(now) {
            Step::Wait(time) => Some(now + time),
            Step::Done => None,
            _ => {
                let is_busy = now < start + 20 * SECOND;
                refused += u32::from(is_busy);
                let (status, body) = if is_busy { (429, "") } else { (200, "done") };
                let response = Response::new(status, Headers::new(), body);
                let wall = SystemTime::UNIX_EPOCH;
                waits[at].on(Now { at: now, wall }, Event::Response(Ok(response)));
                Some(now)
            }
        };
    }
    assert!(waits.iter_mut().all(|wait| wait.finish().is_ok()));
    assert!(refused <= 20, "{refused} polls were refused");
}
