//! The driver of uploads on threads: one thread for each job under way, as many as the machine allows. A
//! thread whose job is done takes another one, because starting a thread costs more than handing a job over.
//!
//! The caller's thread decides, calls back and waits, so it can end a cancelled upload at once, whatever the
//! other threads wait for: their requests are interrupted. A read or a connect that cannot be interrupted is
//! left behind after a moment, and its outcome is dropped.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::client::{Blocking, Shared};
use crate::engine::blocking::driver::Clock;
use crate::engine::machine::Now;
use crate::error::Error;
use crate::hotdata::client::Hotdata;
use crate::http::{Interrupt, LONGEST};

use super::call::Attendant;
use super::failure;
use super::machine::{Job, Outcome, Step, Upload};
use super::model::FinalizeUploadResponse;
use super::source::Source;

/// The time that interrupted threads have to end.
const LINGER: Duration = Duration::from_millis(300);

/// Runs an upload to its end.
pub(super) fn run(
    client: &Shared<Hotdata, Blocking>,
    mut upload: Upload,
    source: &Arc<Source>,
    mut attendant: Attendant,
) -> Result<FinalizeUploadResponse, Error> {
    let clock = client.core().clock();
    let now = || Now { at: clock.now(), wall: clock.wall() };
    // The clock of a test moves only while the caller sleeps.
    let mut crew = Crew::new(client.clone(), source.clone(), clock.is_of_the_system());
    let wake = crew.wake();
    if let Some(wake) = &wake {
        attendant.on_cancel(wake);
    }
    loop {
        attendant.look_after(&mut upload);
        match upload.next(clock.now()) {
            Step::Done => break,
            Step::Begin(id, job) => {
                if let Some(outcome) = crew.begin(id, job) {
                    upload.done(id, now(), outcome);
                }
            }
            Step::Wait(time) if crew.threads.is_none() => clock.sleep(time),
            Step::Job if crew.is_idle() => {
                // Only if a thread ended without an outcome.
                upload.stop(failure::unreadable("uploading", None, "the outcome of a thread was lost", None));
            }
            step => {
                let time = if let Step::Wait(time) = step { time } else { LONGEST };
                if let Some((id, outcome)) = crew.wait(time) {
                    upload.done(id, now(), outcome);
                }
            }
        }
    }
    drop(crew);
    upload.finish()
}

/// What the threads share.
struct Shop {
    client: Shared<Hotdata, Blocking>,
    source: Arc<Source>,
    interrupt: Interrupt,
}

impl Shop {
    /// Does a job. Its request ends here, so that nobody else holds its bytes when the outcome is taken.
    fn work(&self, job: Job) -> Outcome {
        match job {
            Job::Call { mut request, timeout, is_final } => {
                if !is_final {
                    request.interrupt = Some(self.interrupt.clone());
                }
                Outcome::Response(self.client.transport().send(&request, timeout))
            }
            Job::Put { mut request, timeout } => {
                request.interrupt = Some(self.interrupt.clone());
                Outcome::Response(self.client.transport().send(&request, timeout))
            }
            Job::Read { offset, length, spare } => Outcome::Read(self.source.read(offset, length, spare)),
            Job::Peek { length } => Outcome::Peeked(self.source.peek(length)),
            Job::Compare => Outcome::Compared(self.source.compare()),
        }
    }
}

/// The threads of one upload.
struct Crew {
    shop: Arc<Shop>,
    /// `None`: the caller's thread does everything.
    threads: Option<Threads>,
}

struct Threads {
    sender: Sender<(u64, Option<Outcome>)>,
    receiver: Receiver<(u64, Option<Outcome>)>,
    running: HashMap<u64, Worker>,
    /// Those without a job.
    idle: Vec<Worker>,
}

/// A thread that does one job after the other, until `jobs` is dropped or one of them panics.
struct Worker {
    jobs: Sender<(u64, Job)>,
    handle: JoinHandle<()>,
}

impl Worker {
    fn start(shop: Arc<Shop>, sender: Sender<(u64, Option<Outcome>)>) -> std::io::Result<Self> {
        let (jobs, take) = channel::<(u64, Job)>();
        let work = move || {
            while let Ok((id, job)) = take.recv() {
                let mut report = Report { sender: &sender, id, outcome: None };
                report.outcome = Some(shop.work(job));
            }
        };
        let handle = std::thread::Builder::new().name("controlplane upload".into()).spawn(work)?;
        Ok(Self { jobs, handle })
    }

    /// Ends the thread once its job is done.
    fn join(self) -> std::thread::Result<()> {
        drop(self.jobs);
        self.handle.join()
    }
}

impl Crew {
    fn new(client: Shared<Hotdata, Blocking>, source: Arc<Source>, on_threads: bool) -> Self {
        let shop = Arc::new(Shop { client, source, interrupt: Interrupt::new() });
        let threads = on_threads.then(|| {
            let (sender, receiver) = channel();
            Threads { sender, receiver, running: HashMap::new(), idle: Vec::new() }
        });
        Self { shop, threads }
    }

    /// Wakes the caller.
    fn wake(&self) -> Option<Arc<dyn Fn() + Send + Sync>> {
        let sender = self.threads.as_ref()?.sender.clone();
        Some(Arc::new(move || {
            let _ = sender.send((0, None));
        }))
    }

    fn is_idle(&self) -> bool {
        self.threads.as_ref().is_none_or(|threads| threads.running.is_empty())
    }

    /// Starts a job. Returns the outcome of a job that takes no time, or that got no thread.
    fn begin(&mut self, id: u64, job: Job) -> Option<Outcome> {
        if let Job::Read { offset, length, .. } = &job
            && let Some(bytes) = self.shop.source.at_hand(*offset, *length)
        {
            return Some(Outcome::Read(Ok(bytes)));
        }
        if matches!(job, Job::Compare) && !self.shop.source.can_change() {
            return Some(Outcome::Compared(Ok(None)));
        }
        let Some(threads) = &mut self.threads else { return Some(self.shop.work(job)) };
        let worker = match threads.idle.pop() {
            Some(worker) => Ok(worker),
            None => Worker::start(self.shop.clone(), threads.sender.clone()),
        };
        // Without a thread the caller does it.
        let Ok(worker) = worker else { return Some(self.shop.work(job)) };
        match worker.jobs.send((id, job)) {
            Ok(()) => {
                threads.running.insert(id, worker);
                None
            }
            Err(back) => Some(self.shop.work(back.0.1)),
        }
    }

    /// Waits for the outcome of a job. `None`: it timed out, or the caller was woken.
    fn wait(&mut self, time: Duration) -> Option<(u64, Outcome)> {
        let threads = self.threads.as_mut()?;
        match threads.receiver.recv_timeout(time) {
            Ok((id, outcome)) => {
                match (threads.running.remove(&id), &outcome) {
                    (Some(worker), Some(_)) => threads.idle.push(worker),
                    // A job without an outcome has panicked.
                    (Some(worker), None) => {
                        if let Err(panic) = worker.join() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                    (None, _) => {}
                }
                outcome.map(|outcome| (id, outcome))
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }
}

/// Nothing of the upload goes on after its end.
impl Drop for Crew {
    fn drop(&mut self) {
        let Some(threads) = &mut self.threads else { return };
        for worker in threads.idle.drain(..) {
            let _ = worker.join();
        }
        if threads.running.is_empty() {
            return;
        }
        self.shop.interrupt.trip();
        let until = Instant::now() + LINGER;
        while !threads.running.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match threads.receiver.recv_timeout(left) {
                Ok((id, _)) => drop(threads.running.remove(&id).map(Worker::join)),
                Err(_) => return,
            }
        }
    }
}

/// Reports the outcome of a job, also if it panics.
struct Report<'a> {
    sender: &'a Sender<(u64, Option<Outcome>)>,
    id: u64,
    outcome: Option<Outcome>,
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        // If the receiver is gone, the upload has ended.
        let _ = self.sender.send((self.id, self.outcome.take()));
    }
}
