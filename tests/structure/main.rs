//! The structure of `src/`: which rooms use which, and what they name.

// `names` is to join them when the engine names no feature of a service any more.
mod rooms;
mod source;
