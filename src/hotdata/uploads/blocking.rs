//! An upload on threads: a thread for each job that is under way, as many as the machine allows.
//!
//! The caller's thread decides, calls back and waits. So it can end at once what is cancelled, whatever the others wait for:
//! the sockets that they use are shut. What cannot be ended, a read or a connection that is being made, is left behind after
//! a moment, and what it brings is thrown away.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::client::{Blocking, Shared};
use crate::engine::blocking::driver::Clock;
use crate::error::Error;
use crate::hotdata::client::Hotdata;
use crate::http::{Interrupt, LONGEST};

use super::call::Attendant;
use super::failure;
use super::machine::{Job, Outcome, Step, Upload};
use super::model::FinalizeUploadResponse;
use super::source::Source;

/// How long those are waited for whose work was ended.
const LINGER: Duration = Duration::from_millis(300);

/// Runs an upload to its end.
pub(super) fn run(
    client: &Shared<Hotdata, Blocking>,
    mut upload: Upload,
    source: &Arc<Source>,
    mut attendant: Attendant,
) -> Result<FinalizeUploadResponse, Error> {
    let clock = client.core().clock();
    // A clock of a test stands still unless somebody waits.
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
                    upload.done(id, clock.now(), clock.wall(), outcome);
                }
            }
            Step::Wait(time) if crew.threads.is_none() => clock.sleep(time),
            Step::Answer if crew.is_idle() => {
                // Never, unless a thread went away without a word.
                upload.stop(failure::unreadable("uploading", None, "the work of a thread was lost", None));
            }
            step => {
                let time = if let Step::Wait(time) = step { time } else { LONGEST };
                if let Some((id, outcome)) = crew.wait(time) {
                    upload.done(id, clock.now(), clock.wall(), outcome);
                }
            }
        }
    }
    drop(crew);
    upload.finish().unwrap_or_else(|| Err(crate::client::not_run()))
}

/// What the threads share.
struct Shop {
    client: Shared<Hotdata, Blocking>,
    source: Arc<Source>,
    interrupt: Interrupt,
}

impl Shop {
    fn work(&self, job: Job) -> Outcome {
        match job {
            Job::Call { mut request, timeout, is_final } => {
                if !is_final {
                    request.interrupt = Some(self.interrupt.clone());
                }
                Outcome::of(&request, self.client.transport().send(&request, timeout))
            }
            Job::Put { mut request, timeout } => {
                request.interrupt = Some(self.interrupt.clone());
                // The request ends here, so that its bytes are held by nobody else when the outcome is told.
                Outcome::of(&request, self.client.transport().send(&request, timeout))
            }
            Job::Read { offset, length, spare } => Outcome::Read(self.source.read(offset, length, spare)),
            Job::Peek { length } => Outcome::Peeked(self.source.peek(length)),
        }
    }
}

/// The threads of one upload.
struct Crew {
    shop: Arc<Shop>,
    /// `None`: the caller does everything himself.
    threads: Option<Threads>,
}

struct Threads {
    sender: Sender<(u64, Option<Outcome>)>,
    receiver: Receiver<(u64, Option<Outcome>)>,
    running: HashMap<u64, JoinHandle<()>>,
}

impl Crew {
    fn new(client: Shared<Hotdata, Blocking>, source: Arc<Source>, on_threads: bool) -> Self {
        let shop = Arc::new(Shop { client, source, interrupt: Interrupt::new() });
        let threads = on_threads.then(|| {
            let (sender, receiver) = channel();
            Threads { sender, receiver, running: HashMap::new() }
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

    /// Begins a job; the outcome of one that takes no time, or for which there is no thread.
    fn begin(&mut self, id: u64, job: Job) -> Option<Outcome> {
        if let Job::Read { offset, length, .. } = &job {
            if let Some(bytes) = self.shop.source.at_hand(*offset, *length) {
                return Some(Outcome::Read(Ok(bytes)));
            }
        }
        let Some(threads) = &mut self.threads else { return Some(self.shop.work(job)) };
        // The job is handed over by a channel: a thread that cannot be had leaves it here.
        let (give, take) = channel::<Job>();
        let (shop, sender) = (self.shop.clone(), threads.sender.clone());
        let work = move || {
            let mut word = Word { sender, id, outcome: None };
            if let Ok(job) = take.recv() {
                word.outcome = Some(shop.work(job));
            }
        };
        match std::thread::Builder::new().name("controlplane upload".into()).spawn(work) {
            Ok(handle) => {
                threads.running.insert(id, handle);
                give.send(job).err().map(|back| self.shop.work(back.0))
            }
            Err(_) => Some(self.shop.work(job)),
        }
    }

    /// What came of a job, if one ends soon enough and nobody else wakes the caller.
    fn wait(&mut self, time: Duration) -> Option<(u64, Outcome)> {
        let threads = self.threads.as_mut()?;
        match threads.receiver.recv_timeout(time) {
            Ok((id, outcome)) => {
                let handle = threads.running.remove(&id);
                // It has nothing left to do.
                if let Some(Err(panic)) = handle.map(JoinHandle::join) {
                    std::panic::resume_unwind(panic);
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
        if self.is_idle() {
            return;
        }
        self.shop.interrupt.trip();
        let Some(threads) = &mut self.threads else { return };
        let until = Instant::now() + LINGER;
        while !threads.running.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match threads.receiver.recv_timeout(left) {
                Ok((id, _)) => drop(threads.running.remove(&id).map(JoinHandle::join)),
                Err(_) => return,
            }
        }
    }
}

/// Tells what came of a job, also if its thread panics.
struct Word {
    sender: Sender<(u64, Option<Outcome>)>,
    id: u64,
    outcome: Option<Outcome>,
}

impl Drop for Word {
    fn drop(&mut self) {
        // Nobody listens any more: the upload has ended.
        let _ = self.sender.send((self.id, self.outcome.take()));
    }
}
