//! Progress on standard error: a spinner or a bar while a call runs.
//!
//! There is none when standard error is no terminal, or with `--quiet`. No colours are used.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use controlplane::Effect;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, WeakProgressBar};

use crate::stderr;

/// How much is shown on standard error.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    is_terminal: bool,
    is_quiet: bool,
    /// The bar that is shown. Lines are written above it.
    bar: Arc<Mutex<Shown>>,
}

/// A bar that somebody else holds: it is cleared when the call that it belongs to is dropped.
#[derive(Clone, Default)]
struct Shown(WeakProgressBar);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl Progress {
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self { is_terminal: stderr::is_terminal(), is_quiet, bar: Arc::default() }
    }

    /// True if bars are shown.
    pub(crate) fn is_shown(&self) -> bool {
        self.is_terminal && !self.is_quiet
    }

    /// Writes a remark for a person: nothing where nobody looks.
    pub(crate) fn note(&self, line: &str) {
        if self.is_shown() {
            self.say(line);
        }
    }

    /// Writes a warning.
    pub(crate) fn warn(&self, line: &str) {
        self.tell(&format!("warning: {line}"));
    }

    /// Writes a line that also a log file should have, such as an id.
    pub(crate) fn tell(&self, line: &str) {
        if !self.is_quiet {
            self.say(line);
        }
    }

    fn say(&self, line: &str) {
        let bar = self.bar().0.upgrade();
        match bar {
            Some(bar) => bar.suspend(|| stderr::say(line)),
            None => stderr::say(line),
        }
    }

    /// Sets the bar that lines are written above, or that there is none any more.
    pub(crate) fn set_bar(&self, bar: Option<&ProgressBar>) {
        *self.bar() = Shown(bar.map(ProgressBar::downgrade).unwrap_or_default());
    }

    fn bar(&self) -> MutexGuard<'_, Shown> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a callback for `on_progress` of one call.
    ///
    /// The id of a change is written the moment it is known, to a log file too: what was submitted must be
    /// found again even if the program is killed. That of a request which only reads is shown on a terminal
    /// alone, beside the spinner.
    ///
    /// `word`: the service's word for an id.
    pub(crate) fn observer(
        &self,
        label: &str,
        effect: Effect,
        word: fn(&str) -> &'static str,
    ) -> impl Fn(&controlplane::Progress) + Send + Sync + use<> + 'static {
        let (label, is_change) = (one_line(label), effect == Effect::Changes);
        let bar = self.is_shown().then(|| spinner(&label));
        self.set_bar(bar.as_ref());
        let shown = self.clone();
        move |progress| {
            match progress {
                controlplane::Progress::Submitted { id } if is_change => {
                    shown.tell(&format!("{} {}", word(id), one_line(id)));
                }
                controlplane::Progress::Finished { .. } => {
                    if let Some(bar) = &bar {
                        bar.finish_and_clear();
                        shown.set_bar(None);
                    }
                    return;
                }
                _ => {}
            }
            if let Some(bar) = &bar {
                bar.set_message(message(&label, progress, word));
            }
        }
    }
}

/// Returns a bar that turns until it is cleared.
pub(crate) fn spinner(label: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // A template that is not valid would be a fault of this line; the default is fine too.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
        bar.set_style(style.tick_chars("|/-\\ "));
    }
    bar.set_message(label.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn message(label: &str, progress: &controlplane::Progress, word: fn(&str) -> &'static str) -> String {
    match progress {
        controlplane::Progress::Polled { id, status, .. } => {
            format!("{label}: {} ({} {})", one_line(status), word(id), one_line(id))
        }
        other => format!("{label}: {}", one_line(&other.to_string())),
    }
}

/// Text from outside on one line: nothing in it moves the cursor.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
