//! What an emulator remembers, within bounds.

use std::collections::VecDeque;

/// The most entries of a history.
const MAX_ENTRIES: usize = 65_536;
/// The most text of a history, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The newest entries, bounded in number and in the text they hold.
#[derive(Debug)]
pub(crate) struct History<T> {
    entries: VecDeque<(usize, T)>,
    bytes: usize,
}

impl<T: Clone> History<T> {
    pub(crate) fn new() -> Self {
        Self { entries: VecDeque::new(), bytes: 0 }
    }

    /// Adds an entry that holds so many bytes of text.
    pub(crate) fn push(&mut self, entry: T, bytes: usize) {
        self.entries.push_back((bytes, entry));
        self.bytes += bytes;
        while self.entries.len() > MAX_ENTRIES || (self.bytes > MAX_BYTES && self.entries.len() > 1) {
            if let Some((bytes, _)) = self.entries.pop_front() {
                self.bytes -= bytes;
            }
        }
    }

    /// All entries, the oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.entries.iter().map(|(_, entry)| entry.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_bounded_both_ways() {
        let mut history = History::new();
        for i in 0..MAX_ENTRIES + 3 {
            history.push(i, 1);
        }
        assert_eq!((history.all().len(), history.all()[0]), (MAX_ENTRIES, 3));
        history.push(0, MAX_BYTES);
        assert_eq!(history.all(), [0]);
        history.push(1, MAX_BYTES + 1);
        assert_eq!(history.all(), [1]);
        history.push(2, 1);
        assert_eq!(history.all(), [2]);
    }
}
