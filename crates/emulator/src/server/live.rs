//! Bodies that are made while they are sent: nobody knows how long they will be, so they go out in chunks,
//! or, to a client that does not know chunks, until the connection ends.

#![cfg_attr(
    not(any(test, feature = "h2o-workflows", feature = "hotdata")),
    expect(
        dead_code,
        reason = "no service that is enabled makes them; the server and the faults handle them all the same"
    )
)]

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use super::Wire;

/// How much of a body is made before it is sent, by those faults that must know its length.
const MOST_THERE: usize = 16 * 1024 * 1024;

/// What comes next in a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These bytes, as one chunk; none: no chunk.
    Bytes(Vec<u8>),
    /// Nothing yet: to be asked again so much later.
    #[cfg(any(test, feature = "h2o-workflows"))]
    Wait(Duration),
    /// The body is whole.
    End,
    /// The rest cannot be made: the client must not take the body for whole.
    #[cfg(any(test, feature = "hotdata"))]
    Broken,
}

/// A body that is asked for piece by piece.
pub(crate) struct Live(Box<dyn FnMut() -> Piece + Send>);

impl Live {
    pub(crate) fn new(next: impl FnMut() -> Piece + Send + 'static) -> Self {
        Self(Box::new(next))
    }

    /// All that there is without waiting, up to some 16 MiB.
    pub(crate) fn what_is_there(mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < MOST_THERE {
            let Piece::Bytes(bytes) = (self.0)() else { break };
            all.extend_from_slice(&bytes);
        }
        all
    }

    /// Writes the body. `Ok(true)`: it is whole, and the client has been told so. `pause` waits and says
    /// whether to go on.
    pub(super) fn write(
        &mut self,
        stream: &mut impl Write,
        wire: Wire,
        knows_chunks: bool,
        pause: &dyn Fn(Duration) -> bool,
    ) -> io::Result<bool> {
        let send = |stream: &mut _, bytes: &[u8]| match knows_chunks {
            true => chunk(stream, bytes),
            false => plain(stream, bytes),
        };
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
                                send(stream, &[*byte])?;
                            }
                        }
                        _ => send(stream, bytes)?,
                    }
                    if !pause(Duration::ZERO) {
                        return Ok(false);
                    }
                }
                #[cfg(any(test, feature = "h2o-workflows"))]
                Piece::Wait(time) => {
                    if !pause(time) {
                        return Ok(false);
                    }
                }
                // A stream that is to be cut later than it ends is cut at its end.
                Piece::End if matches!(wire, Wire::Cut { .. }) => return Ok(false),
                #[cfg(any(test, feature = "hotdata"))]
                Piece::Broken => return Ok(false),
                // The end of the connection says it.
                Piece::End if !knows_chunks => return Ok(false),
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
    plain(stream, &framed)
}

fn plain(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
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
        let whole = pieces().write(&mut out, wire, true, &|_| true).unwrap();
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
    fn who_does_not_know_chunks_gets_bytes_until_the_connection_ends() {
        let mut out = Vec::new();
        assert!(!pieces().write(&mut out, Wire::Normal, false, &|_| true).unwrap());
        assert_eq!(out, b"abcde");
    }

    #[test]
    fn what_cannot_be_made_is_not_ended() {
        let mut out = Vec::new();
        let mut pieces = vec![Piece::Broken, Piece::Bytes(b"ab".to_vec())];
        let mut live = Live::new(move || pieces.pop().unwrap_or(Piece::End));
        assert!(!live.write(&mut out, Wire::Normal, true, &|_| true).unwrap());
        assert_eq!(out, b"2\r\nab\r\n");
    }

    #[test]
    fn it_ends_when_the_server_does() {
        let mut out = Vec::new();
        assert!(!pieces().write(&mut out, Wire::Normal, true, &|_| false).unwrap());
        assert_eq!(out, b"2\r\nab\r\n");
    }
}
