//! Bodies that are made while they are sent: nobody knows how long they will be, so they go out in chunks.

// Only what has streams makes them.
#![cfg_attr(not(any(test, feature = "emulator-h2o-workflows")), allow(dead_code))]

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use super::Wire;

/// What comes next in a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These bytes, as one chunk; none: no chunk.
    Bytes(Vec<u8>),
    /// Nothing yet: to be asked again so much later.
    Wait(Duration),
    /// The body is whole.
    End,
}

/// A body that is asked for piece by piece.
pub(crate) struct Live(Box<dyn FnMut() -> Piece + Send>);

impl Live {
    pub(crate) fn new(next: impl FnMut() -> Piece + Send + 'static) -> Self {
        Self(Box::new(next))
    }

    /// All that there is without waiting.
    pub(crate) fn what_is_there(mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Piece::Bytes(bytes) = (self.0)() {
            all.extend_from_slice(&bytes);
        }
        all
    }

    /// Writes the body. `Ok(true)`: it is whole, and the client has been told so. `pause` waits and says whether to go on.
    pub(super) fn write(
        &mut self,
        stream: &mut impl Write,
        wire: Wire,
        pause: &dyn Fn(Duration) -> bool,
    ) -> io::Result<bool> {
        let mut left = match wire {
            Wire::Cut { after } => after,
            _ => usize::MAX,
        };
        loop {
            if left == 0 {
                return Ok(false);
            }
            match (self.0)() {
                Piece::Bytes(bytes) => {
                    let bytes = &bytes[..bytes.len().min(left)];
                    left -= bytes.len();
                    match wire {
                        Wire::Drip { pause: between } => {
                            for byte in bytes {
                                if !pause(between) {
                                    return Ok(false);
                                }
                                chunk(stream, &[*byte])?;
                            }
                        }
                        _ => chunk(stream, bytes)?,
                    }
                    if !pause(Duration::ZERO) {
                        return Ok(false);
                    }
                }
                Piece::Wait(time) => {
                    if !pause(time) {
                        return Ok(false);
                    }
                }
                // A stream that is to be cut later than it ends is cut at its end.
                Piece::End if matches!(wire, Wire::Cut { .. }) => return Ok(false),
                Piece::End => {
                    stream.write_all(b"0\r\n\r\n")?;
                    stream.flush()?;
                    return Ok(true);
                }
            }
        }
    }
}

/// One chunk, in one write.
fn chunk(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
    framed.extend_from_slice(bytes);
    framed.extend_from_slice(b"\r\n");
    stream.write_all(&framed)?;
    stream.flush()
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces() -> Live {
        let mut left = vec![
            Piece::End,
            Piece::Bytes(b"cde".to_vec()),
            Piece::Bytes(Vec::new()),
            Piece::Wait(Duration::from_secs(1)),
            Piece::Bytes(b"ab".to_vec()),
        ];
        Live::new(move || left.pop().unwrap_or(Piece::End))
    }

    fn written(wire: Wire) -> (bool, String) {
        let mut out = Vec::new();
        let whole = pieces().write(&mut out, wire, &|_| true).unwrap();
        (whole, String::from_utf8(out).unwrap())
    }

    #[test]
    fn pieces_go_out_as_chunks() {
        assert_eq!(written(Wire::Normal), (true, "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n".to_owned()));
        let drip = Wire::Drip { pause: Duration::ZERO };
        assert_eq!(written(drip).1.matches("1\r\n").count(), 5);
        assert_eq!(pieces().what_is_there(), b"ab");
    }

    #[test]
    fn a_cut_counts_the_bytes_of_the_body_and_not_of_the_chunks() {
        for (after, sent) in [(0, ""), (1, "1\r\na\r\n"), (3, "2\r\nab\r\n1\r\nc\r\n")] {
            assert_eq!(written(Wire::Cut { after }), (false, sent.to_owned()));
        }
        assert_eq!(written(Wire::Cut { after: 5 }), (false, "2\r\nab\r\n3\r\ncde\r\n".to_owned()));
        assert_eq!(written(Wire::Cut { after: 9 }), (false, "2\r\nab\r\n3\r\ncde\r\n".to_owned()));
    }

    #[test]
    fn it_ends_when_the_server_does() {
        let mut out = Vec::new();
        assert!(!pieces().write(&mut out, Wire::Normal, &|_| false).unwrap());
        assert_eq!(out, b"2\r\nab\r\n");
    }
}
