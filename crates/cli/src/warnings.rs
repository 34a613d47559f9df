//! The warnings of the library, on standard error.
//!
//! The library writes them to `log`: variables that win over a profile, files that others can read, journals that
//! cannot be written. It masks secrets in them.

use log::{LevelFilter, Log, Metadata, Record};

use crate::progress::{Progress, one_line};

/// Shows the warnings of the library until the program ends.
pub(crate) fn install(progress: &Progress) {
    if log::set_boxed_logger(Box::new(Warnings(progress.clone()))).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}

struct Warnings(Progress);

impl Log for Warnings {
    /// Returns true for warnings of the library's modules. Its progress has no module: the bars show it, and a failed
    /// call is the failure of the command.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= LevelFilter::Warn && metadata.target().starts_with("controlplane::")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let text = record.args().to_string();
            // An error has its advice on a second line, for programs; the failure of the command has it in the words
            // of a command line.
            self.0.warn(&one_line(text.lines().next().unwrap_or_default()));
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;

    #[test]
    fn only_warnings_of_the_library_are_shown() {
        let warnings = Warnings(Progress::new(false));
        for (target, level, is_shown) in [
            ("controlplane::onehouse::credentials", Level::Warn, true),
            ("controlplane::client::batch", Level::Error, true),
            ("controlplane::transport", Level::Info, false),
            ("controlplane", Level::Warn, false),
            ("ureq", Level::Warn, false),
        ] {
            let metadata = Metadata::builder().target(target).level(level).build();
            assert_eq!(warnings.enabled(&metadata), is_shown, "{target} {level}");
        }
    }
}
