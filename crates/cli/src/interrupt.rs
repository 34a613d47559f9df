//! Ctrl-C and the system's request to end.
//!
//! SIGHUP is left as it is: a program that was started under `nohup` ignores it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use controlplane::CancelToken;

use crate::failure::Exit;
use crate::stderr;

/// The time for a write that was going on at the first signal.
const GRACE: Duration = Duration::from_millis(500);

/// Cancels the running call at the first signal; ends the program at the second, and at the first where
/// there is no call to cancel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    token: CancelToken,
    /// The program waits for a person or a pipe, which no token interrupts.
    at_once: Arc<AtomicBool>,
    /// The number of writes of results that have begun, and of those that have ended: odd while one is going on.
    writes: Arc<AtomicU64>,
    before_the_end: Restore,
}

/// Restores something.
type Undo = Box<dyn Fn() + Send>;

/// The settings to restore before the program ends at once.
#[derive(Clone, Default)]
struct Restore(Arc<Mutex<Option<Undo>>>);

impl fmt::Debug for Restore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Restore")
    }
}

impl Restore {
    fn set(&self, restore: Option<Undo>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = restore;
    }

    fn run(&self) {
        if let Some(restore) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            restore();
        }
    }
}

impl Interrupt {
    /// Starts to listen for signals.
    pub(crate) fn install() -> Self {
        let interrupt = Self::default();
        let listener = interrupt.clone();
        // Without it Ctrl-C ends the program as it ends any other.
        if let Err(why) = listen(move || listener.signalled()) {
            stderr::say(&format!("warning: {why}; Ctrl-C will not say how to resume"));
        }
        interrupt
    }

    /// Returns the token that the first signal cancels.
    pub(crate) fn token(&self) -> &CancelToken {
        &self.token
    }

    /// Runs something that reads from a person or a pipe, before anything was sent. A signal ends the program
    /// meanwhile.
    pub(crate) fn at_once<T>(&self, read: impl FnOnce() -> T) -> T {
        let before = self.at_once.swap(true, Ordering::SeqCst);
        // The signal may have come before, when it only cancelled.
        if self.token.is_cancelled() {
            self.end();
        }
        let done = read();
        self.at_once.store(before, Ordering::SeqCst);
        done
    }

    /// Asks and reads while the terminal does not show what is typed: before the question too, because some type fast. The
    /// settings of the terminal are as they were afterwards, and if a signal ends the program meanwhile.
    pub(crate) fn without_echo<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.before_the_end.set(terminal());
        hide();
        let done = self.at_once(ask);
        self.before_the_end.run();
        self.before_the_end.set(None);
        done
    }

    fn end(&self) -> ! {
        self.before_the_end.run();
        end()
    }

    /// Runs something that writes results. If it is blocked when a signal comes, because nobody reads, the program
    /// ends. A write that is not blocked is finished, and the call that it belongs to is cancelled.
    pub(crate) fn while_writing<T>(&self, write: impl FnOnce() -> T) -> T {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let done = write();
        self.writes.fetch_add(1, Ordering::SeqCst);
        done
    }

    fn signalled(&self) {
        let is_second = self.token.is_cancelled();
        let writes = self.writes.load(Ordering::SeqCst);
        self.token.cancel();
        if is_second || self.at_once.load(Ordering::SeqCst) {
            self.end();
        }
        if writes % 2 == 1 {
            let same = self.writes.clone();
            let watch = move || {
                std::thread::sleep(GRACE);
                if same.load(Ordering::SeqCst) == writes {
                    end();
                }
            };
            // Not on this thread, which waits for the second signal.
            if std::thread::Builder::new().name("blocked write".to_owned()).spawn(watch).is_err() {
                end();
            }
        }
    }
}

/// Returns what restores the settings of the terminal.
#[cfg(unix)]
fn terminal() -> Option<Undo> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    let settings = tcgetattr(std::io::stdin()).ok()?;
    Some(Box::new(move || {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &settings);
    }))
}

#[cfg(not(unix))]
fn terminal() -> Option<Undo> {
    None
}

/// Tells the terminal not to show what is typed.
#[cfg(unix)]
fn hide() {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    if let Ok(mut settings) = tcgetattr(std::io::stdin()) {
        settings.local_modes.remove(LocalModes::ECHO);
        settings.local_modes.insert(LocalModes::ECHONL);
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &settings);
    }
}

#[cfg(not(unix))]
fn hide() {}

fn end() -> ! {
    std::process::exit(Exit::Interrupted as i32)
}

#[cfg(unix)]
fn listen(signalled: impl Fn() + Send + 'static) -> Result<(), String> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])
        .map_err(|e| format!("cannot listen for signals: {e}"))?;
    let wait = move || {
        for _ in signals.forever() {
            signalled();
        }
    };
    let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(wait);
    thread.map(drop).map_err(|e| format!("cannot listen for signals: {e}"))
}

#[cfg(not(unix))]
fn listen(signalled: impl Fn() + Send + 'static) -> Result<(), String> {
    ctrlc::set_handler(signalled).map_err(|e| format!("cannot listen for Ctrl-C: {e}"))
}
