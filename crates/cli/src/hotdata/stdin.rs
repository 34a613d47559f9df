//! Standard input as the source of an upload, whose reads Ctrl-C ends.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use controlplane::CancelToken;

/// The size of a piece, and how many are read ahead.
const PIECE: usize = 256 * 1024;
const AHEAD: usize = 4;
/// The interval between two looks at the token.
const LOOK: Duration = Duration::from_millis(100);

/// Standard input, read by a thread of its own: a read of a pipe cannot be interrupted.
pub(super) struct Stdin {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
    token: CancelToken,
}

impl Stdin {
    pub(super) fn new(token: &CancelToken) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(AHEAD);
        let read = move || {
            let mut stdin = io::stdin().lock();
            loop {
                let mut piece = vec![0; PIECE];
                let read = stdin.read(&mut piece).map(|count| {
                    piece.truncate(count);
                    piece
                });
                // The end is an empty piece; after it and after an error there is nothing more.
                let is_last = read.as_ref().map_or(true, Vec::is_empty);
                if sender.send(read).is_err() || is_last {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("standard input".to_owned()).spawn(read)?;
        Ok(Self { pieces, piece: Vec::new(), at: 0, token: token.clone() })
    }

    /// The next piece; empty at the end.
    fn next(&self) -> io::Result<Vec<u8>> {
        loop {
            if self.token.is_cancelled() {
                // Not the end: what was read so far is not the whole.
                return Err(io::Error::other("interrupted"));
            }
            match self.pieces.recv_timeout(LOOK) {
                Ok(piece) => return piece,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
            }
        }
    }
}

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            self.piece = self.next()?;
            self.at = 0;
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
