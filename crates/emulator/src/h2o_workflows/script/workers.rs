//! The threads on which steps run: a few for all spaces of an emulator.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::server::lock;

use super::run::Work;

/// The most steps whose processes run at the same time; others wait.
pub(super) const MAX_AT_ONCE: usize = 16;
/// The most steps that wait: memory is bounded.
const MAX_WAITING: usize = 10_000;

/// The threads. Clones share them; the last one waits for the end of the steps that run.
#[derive(Clone, Default)]
pub(in super::super) struct Workers(Arc<Owner>);

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers")
    }
}

#[derive(Default)]
struct Owner(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    running: usize,
    waiting: VecDeque<Work>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Runs it as soon as fewer than sixteen run.
    pub(super) fn add(&self, work: Work) -> Result<(), String> {
        let queue = &self.0.0;
        let mut all = lock(queue);
        if all.running >= MAX_AT_ONCE {
            if all.waiting.len() >= MAX_WAITING {
                all.waiting.retain(|work| !work.is_given_up());
            }
            if all.waiting.len() >= MAX_WAITING {
                return Err(format!("{MAX_WAITING} steps wait already"));
            }
            all.waiting.push_back(work);
            return Ok(());
        }
        let shared = Arc::clone(queue);
        let thread = thread::Builder::new()
            .name("step".to_owned())
            .spawn(move || {
                let mut next = Some(work);
                while let Some(work) = next {
                    if !work.is_given_up() {
                        work.run();
                    }
                    next = following(&shared);
                }
            })
            .map_err(|e| format!("cannot start a thread for the step: {e}"))?;
        all.running += 1;
        all.threads.retain(|thread| !thread.is_finished());
        all.threads.push(thread);
        Ok(())
    }

    /// How many threads there are, and how many steps wait.
    #[cfg(test)]
    pub(in super::super) fn counts(&self) -> (usize, usize) {
        let all = lock(&self.0.0);
        (all.running, all.waiting.len())
    }
}

/// The step that runs next on this thread; `None`: the thread ends.
fn following(queue: &Mutex<Queue>) -> Option<Work> {
    let mut all = lock(queue);
    let next = all.waiting.pop_front();
    all.running -= usize::from(next.is_none());
    next
}

impl Drop for Owner {
    fn drop(&mut self) {
        let threads = {
            let mut all = lock(&self.0);
            all.waiting.clear();
            std::mem::take(&mut all.threads)
        };
        // Their steps were dropped before, so this is short.
        for thread in threads {
            let _ = thread.join();
        }
    }
}
