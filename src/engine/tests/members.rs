//! Batches with the calls of several clients, in virtual time: each client has its own budget, pause and turns.

use super::*;
use crate::engine::batch::{Batch, BatchStep, Entry, Past, Submitted};

/// A batch of two clients and its server, which accepts at once and has ended every operation at its first poll.
struct Two {
    budgets: [Arc<Budget>; 2],
    /// The client of each job.
    members: Vec<usize>,
    after: Vec<Vec<usize>>,
    /// How long a request of each client takes.
    round_trips: [Duration; 2],
    /// The first client's first request is refused, with this `Retry-After`.
    refuses: Option<Duration>,
    lanes: usize,
}

/// When each request went, for whom and for which job.
type Sent = Vec<(Duration, usize, usize)>;

impl Two {
    fn new(members: Vec<usize>) -> Self {
        let after = vec![Vec::new(); members.len()];
        Self {
            budgets: [Arc::new(Budget::per_second(10)), Arc::new(Budget::per_second(10))],
            members,
            after,
            round_trips: [Duration::from_millis(20); 2],
            refuses: None,
            lanes: usize::MAX,
        }
    }

    fn entry(&self, job: usize) -> Entry<Completed> {
        let settings =
            Settings { timeout: 3600 * SECOND, too_many: TooMany::LeaveToBatch, ..Settings::default() };
        let budget = Arc::new(Budget::unlimited());
        let context = CallContext::new(format!("JOB {job}"), settings, budget, Arc::new(Plain));
        let request = Request::new(Method::Post, "http://h", format!("/{job}"));
        let operation = Operation::submit(Arc::new(context), request, Effect::Changes, accept());
        Entry {
            label: format!("JOB {job}"),
            member: self.members[job],
            #[cfg(operation_batches)]
            kind: "KIND".to_owned(),
            work: Box::new(Submitted::new(operation, |done| done)),
            after: self.after[job].clone(),
            past: Past::Todo,
            #[cfg(operation_batches)]
            age: None,
        }
    }

    /// Runs it, and returns what was sent and when each job ended.
    fn run(&self) -> (Sent, Vec<Option<Duration>>) {
        let entries = (0..self.members.len()).map(|job| self.entry(job)).collect();
        let mut batch = Batch::new(entries, self.budgets.to_vec(), false);
        batch.limit_in_flight(self.lanes);
        let start = Instant::now();
        let (mut now, mut sent, mut ends) = (start, Sent::new(), vec![None; self.members.len()]);
        let mut refuses = self.refuses;
        let mut flying: Vec<(Instant, usize, Result<Response, SendError>)> = Vec::new();
        for _ in 0..1_000_000 {
            let step = batch.next(now);
            while let Some((job, outcome)) = batch.concluded() {
                outcome.unwrap();
                ends[job] = Some(now - start);
            }
            let wake = match step {
                BatchStep::Send { job, member, request, .. } => {
                    assert_eq!(member, self.members[job], "by another client");
                    sent.push((now - start, member, job));
                    let (mut headers, mut status) = (Headers::new(), 200);
                    let body = if member == 0
                        && let Some(asked) = refuses.take()
                    {
                        headers.push("Retry-After", asked.as_secs().to_string());
                        status = 429;
                        String::new()
                    } else if request.method == Method::Post {
                        format!("taken {job}")
                    } else {
                        "done".to_owned()
                    };
                    let response = Response::new(status, headers, body);
                    flying.push((now + self.round_trips[member], job, Ok(response)));
                    continue;
                }
                BatchStep::Wait(time) => Some(now + time),
                BatchStep::Response => None,
                #[cfg(errands)]
                BatchStep::Errand { .. } => panic!("no call has an errand"),
                BatchStep::Done => return (sent, ends),
            };
            let next = flying.iter().map(|(time, ..)| *time).chain(wake).min().expect("nothing happens");
            now = now.max(next);
            while let Some(at) = flying.iter().position(|(time, ..)| *time <= now) {
                let (_, job, result) = flying.swap_remove(at);
                batch.received(job, now, SystemTime::UNIX_EPOCH, result);
            }
        }
        panic!("no end");
    }
}

/// How many requests of a client went in the first second and a half.
fn early(sent: &Sent, member: usize) -> usize {
    sent.iter().filter(|(at, of, _)| *of == member && *at < Duration::from_millis(1500)).count()
}

#[test]
fn each_client_has_its_own_budget() {
    let (alone, _) = Two::new(vec![0; 40]).run();
    let (both, ends) = Two::new((0..80).map(|job| job % 2).collect()).run();
    assert!(ends.iter().all(Option::is_some));
    for member in 0..2 {
        let own: Vec<Duration> = both.iter().filter(|(_, of, _)| *of == member).map(|(at, ..)| *at).collect();
        assert_eq!(own.len(), alone.len());
        // As fast as if it were alone, and no faster.
        assert!(*own.last().unwrap() < alone.last().unwrap().0 + SECOND / 2, "{own:?}");
        assert!(own.windows(11).all(|eleven| eleven[10] - eleven[0] > SECOND), "{own:?}");
    }
}

#[test]
fn a_pause_of_one_client_delays_no_other() {
    let mut two = Two::new((0..40).map(|job| job % 2).collect());
    two.refuses = Some(30 * SECOND);
    let (sent, ends) = two.run();
    // The first request of the first client went, and nothing more before the pause was over.
    let paused: Vec<_> = sent.iter().filter(|(at, of, _)| *of == 0 && *at < 30 * SECOND).collect();
    assert_eq!(paused.len(), 1, "{paused:?}");
    let others = ends.iter().enumerate().filter(|(job, _)| job % 2 == 1).map(|(_, end)| end.unwrap());
    assert!(others.max().unwrap() < 6 * SECOND);
    assert!(ends.iter().all(Option::is_some));
}

#[test]
fn a_client_without_a_limit_leaves_the_places_of_the_others() {
    for lanes in [1, 4] {
        let mut two = Two::new((0..16).map(|job| usize::from(job >= 6)).collect());
        two.budgets[0] = Arc::new(Budget::unlimited());
        (two.lanes, two.round_trips[0]) = (lanes, 60 * SECOND);
        let (sent, ends) = two.run();
        assert_eq!(early(&sent, 0), lanes, "so many at a time");
        assert!(ends[6..].iter().all(|end| end.unwrap() < 4 * SECOND), "{ends:?}");
    }
}

#[test]
fn a_call_begins_when_that_of_another_client_has_ended() {
    let mut two = Two::new(vec![0, 1, 0, 1]);
    two.after = vec![vec![1], vec![], vec![0], vec![2, 1]];
    let (sent, ends) = two.run();
    let began = |job: usize| sent.iter().find(|(.., of)| *of == job).unwrap().0;
    let ended = |job: usize| ends[job].unwrap();
    for (job, before) in [(0, 1), (2, 0), (3, 2), (3, 1)] {
        assert!(began(job) >= ended(before), "{job} after {before}: {sent:?}");
    }
}
