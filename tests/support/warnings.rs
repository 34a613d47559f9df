//! What a thread logs. A process has one logger, so that no other test of the binary can have its own.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LOGGED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Capture;

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOGGED.with_borrow_mut(|logged| logged.push(format!("{} {}", record.level(), record.args())));
    }

    fn flush(&self) {}
}

/// What this thread logs at any level while `run` runs, each line with its level before it.
pub(crate) fn logged<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        log::set_logger(&Capture).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    LOGGED.take();
    let result = run();
    (result, LOGGED.take())
}
