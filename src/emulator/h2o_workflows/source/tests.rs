//! Sources, good and bad.
