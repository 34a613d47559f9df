//! Hotdata.
