//! Recorded cases that this crate fails. A case is taken out of this list by the change that cures it: the
//! tests fail when a case of this list passes.

/// The file and the name of each case.
pub(crate) const KNOWN_FAULTS: [(&str, &str); 0] = [];
