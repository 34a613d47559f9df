//! Streams that are whole, and streams that are not.
