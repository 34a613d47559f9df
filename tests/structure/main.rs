//! The structure of `src/`: which rooms use which, and what they name.

mod names;
mod rooms;
mod source;
