//! Progress on standard error: a spinner or a bar while a call runs.
//!
//! There is none when standard error is no terminal, or with `--quiet`. No colours are used.

use std::time::Duration;

use controlplane::Effect;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::stderr;

/// How much is shown on standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    is_terminal: bool,
    is_quiet: bool,
}

impl Progress {
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self { is_terminal: stderr::is_terminal(), is_quiet }
    }

    /// True if bars are shown.
    pub(crate) fn is_shown(self) -> bool {
        self.is_terminal && !self.is_quiet
    }

    /// Writes a remark for a person: nothing where nobody looks. Not while a bar is shown.
    pub(crate) fn note(self, line: &str) {
        if self.is_shown() {
            stderr::say(line);
        }
    }

    /// Writes a warning. Not while a bar is shown.
    pub(crate) fn warn(self, line: &str) {
        if !self.is_quiet {
            stderr::say(&format!("warning: {line}"));
        }
    }

    /// Returns a callback for `on_progress` of one call.
    ///
    /// The id of a change is written the moment it is known, to a log file too: what was submitted must be
    /// found again even if the program is killed. That of a request which only reads is shown on a terminal
    /// alone, beside the spinner.
    pub(crate) fn observer(
        self,
        label: &str,
        effect: Effect,
    ) -> impl Fn(&controlplane::Progress) + Send + Sync + 'static {
        let (label, is_change) = (one_line(label), effect == Effect::Changes);
        let bar = self.is_shown().then(|| spinner(&label));
        move |progress| {
            match progress {
                controlplane::Progress::Submitted { id } if is_change && !self.is_quiet => {
                    let line = format!("request id {}", one_line(id));
                    match &bar {
                        Some(bar) => bar.suspend(|| stderr::say(&line)),
                        None => stderr::say(&line),
                    }
                }
                controlplane::Progress::Finished { .. } => {
                    if let Some(bar) = &bar {
                        bar.finish_and_clear();
                    }
                    return;
                }
                _ => {}
            }
            if let Some(bar) = &bar {
                bar.set_message(message(&label, progress));
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

fn message(label: &str, progress: &controlplane::Progress) -> String {
    match progress {
        controlplane::Progress::Polled { id, status, .. } => {
            format!("{label}: {} (request id {})", one_line(status), one_line(id))
        }
        other => format!("{label}: {}", one_line(&other.to_string())),
    }
}

/// Text from outside on one line: nothing in it moves the cursor.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
