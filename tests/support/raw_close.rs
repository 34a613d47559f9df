//! The end of a connection.

use std::io::Read;

/// Waits until the peer has closed the connection.
pub(crate) fn wait_for_close(stream: &mut impl Read) {
    let mut buffer = [0; 1024];
    while matches!(stream.read(&mut buffer), Ok(n) if n > 0) {}
}
