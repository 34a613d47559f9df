//! The structure of `src/`: which rooms use which, and what they name. And that the manifests list every test, example and
//! bench.

mod names;
mod rooms;
mod source;
mod targets;
