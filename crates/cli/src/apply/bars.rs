//! Bars of a batch: one for the whole, and a line for each call that is running. On standard error.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use controlplane::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::App;
use crate::progress::one_line;

use super::batches::Listed;
use super::service::Service;

/// The most lines of running calls.
const MAX_LINES: usize = 8;

#[derive(Clone)]
pub(super) struct Bars(Arc<Inner>);

struct Inner {
    progress: crate::progress::Progress,
    services: HashMap<String, Service>,
    /// The ids that the service has given to calls.
    ids: Mutex<HashMap<String, String>>,
    /// `None` where nobody looks.
    shown: Option<Shown>,
}

struct Shown {
    all: MultiProgress,
    total: ProgressBar,
    running: Mutex<HashMap<String, ProgressBar>>,
}

impl Bars {
    pub(super) fn new(app: &App, calls: &[Listed]) -> Self {
        let left: Vec<&Listed> = calls.iter().filter(|call| !call.is_over()).collect();
        let services = left
            .iter()
            .filter_map(|call| Some((call.key.clone(), Service::of_journal(&call.service)?)))
            .collect();
        let shown = app.progress.is_shown().then(|| {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            let total = all.add(ProgressBar::new(left.len() as u64));
            if let Ok(style) = ProgressStyle::with_template("[{bar:30}] {pos}/{len} steps {elapsed}") {
                total.set_style(style.progress_chars("#> "));
            }
            total.enable_steady_tick(Duration::from_millis(250));
            app.progress.set_bar(Some(&total));
            Shown { all, total, running: Mutex::default() }
        });
        Self(Arc::new(Inner { progress: app.progress.clone(), services, ids: Mutex::default(), shown }))
    }

    /// Shows the progress of a call. Its id is written the moment it is known.
    pub(super) fn show(&self, key: &str, progress: &Progress) {
        let shown = self.0.shown.as_ref();
        if let Progress::Submitted { id } = progress {
            self.ids().insert(key.to_owned(), id.clone());
            let word = self.0.services.get(key).map_or("id", |service| service.id_word(id));
            self.0.progress.tell(&format!("{}: {word} {}", one_line(key), one_line(id)));
        }
        let Some(shown) = shown else { return };
        let mut running = shown.running();
        if !running.contains_key(key) {
            if running.len() >= MAX_LINES {
                return;
            }
            let line = shown.all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix}: {wide_msg}") {
                line.set_style(style.tick_chars("|/-\\ "));
            }
            line.set_prefix(one_line(key));
            line.enable_steady_tick(Duration::from_millis(250));
            running.insert(key.to_owned(), line);
        }
        if let Some(line) = running.get(key) {
            line.set_message(one_line(&progress.to_string()));
        }
    }

    fn ids(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the line of a call. Returns the id that the service has given to it in this run.
    pub(super) fn finish(&self, key: &str) -> Option<String> {
        self.end_line(key);
        self.ids().remove(key)
    }

    fn end_line(&self, key: &str) {
        let Some(shown) = &self.0.shown else { return };
        if let Some(line) = shown.running().remove(key) {
            line.finish_and_clear();
            shown.all.remove(&line);
        }
        shown.total.inc(1);
    }

    /// Removes everything.
    pub(super) fn clear(&self) {
        if let Some(shown) = &self.0.shown {
            for (_, line) in shown.running().drain() {
                line.finish_and_clear();
            }
            shown.total.finish_and_clear();
            self.0.progress.set_bar(None);
        }
    }
}

impl Shown {
    fn running(&self) -> MutexGuard<'_, HashMap<String, ProgressBar>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
