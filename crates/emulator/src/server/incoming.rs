//! Bodies of requests while they come, out of either framing: the only way in which bodies are read.

use std::io::{self, ErrorKind, Read, Write};

use super::http1::{Reader, Refusal, TOO_LONG, refuse};

/// How much of a body that its service did not read is read all the same.
const LEFT_OVER: u64 = 16 * 1024 * 1024;

/// The body of a request while it comes: what a service reads that does not want it whole.
pub(crate) trait Body: Read {
    /// How long it is, if the client said.
    #[cfg_attr(not(any(test, feature = "hotdata")), expect(dead_code, reason = "Hotdata alone asks for it"))]
    fn length(&self) -> Option<u64>;
}

/// The body of a request while it comes, out of either framing.
#[derive(Debug)]
pub(crate) struct Incoming<'r, S> {
    reader: &'r mut Reader<S>,
    left: Left,
    length: Option<u64>,
    most: u64,
    /// Whether the client waits to be told to go on.
    is_waited_for: bool,
    /// Why it cannot be read to its end.
    refusal: Option<Refusal>,
}

/// What is still to come.
#[derive(Debug)]
enum Left {
    /// So many bytes, and nothing after them.
    Bytes(u64),
    /// The line of a chunk; before it the end of another, if there was one.
    Chunks { is_first: bool },
    /// So many bytes of a chunk.
    Chunk(u64),
}

impl<'r, S: Read + Write> Incoming<'r, S> {
    /// `most` is how long it may be where it does not say how long it is.
    pub(super) fn new(
        reader: &'r mut Reader<S>,
        length: Option<u64>,
        most: u64,
        is_waited_for: bool,
    ) -> Self {
        let left = length.map_or(Left::Chunks { is_first: true }, Left::Bytes);
        Self { reader, left, length, most, is_waited_for, refusal: None }
    }

    /// Why it could not be read to its end.
    pub(super) fn refusal(&mut self) -> Option<Refusal> {
        self.refusal.take()
    }

    /// After a service has answered: reads what it left, within bounds, because a client that is still
    /// sending may not hear an answer. True: the body is whole, and another request may follow.
    pub(crate) fn end(mut self) -> Result<bool, Refusal> {
        let mut rest = vec![0; super::http1::READ];
        let mut left = LEFT_OVER;
        // Who waits to be told sends nothing.
        while left > 0 && !self.is_waited_for && self.refusal.is_none() {
            match self.read(&mut rest) {
                Ok(0) if self.refusal.is_none() => return Ok(true),
                Ok(read) => left = left.saturating_sub(read as u64),
                Err(_) => break,
            }
        }
        match self.refusal.take() {
            Some(refusal) => Err(refusal),
            None => Ok(matches!(self.left, Left::Bytes(0))),
        }
    }

    fn next(&mut self, into: &mut [u8]) -> Result<usize, Refusal> {
        if self.is_waited_for {
            self.is_waited_for = false;
            let stream = &mut self.reader.stream;
            let told = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
            told.and_then(|()| stream.flush()).map_err(|_| Refusal::Gone)?;
        }
        loop {
            match self.left {
                Left::Bytes(0) => return Ok(0),
                Left::Bytes(left) => {
                    let read = self.reader.some(left, into)?;
                    self.left = Left::Bytes(left - read as u64);
                    return Ok(read);
                }
                Left::Chunk(0) => self.left = Left::Chunks { is_first: false },
                Left::Chunk(left) => {
                    let read = self.reader.some(left, into)?;
                    self.left = Left::Chunk(left - read as u64);
                    return Ok(read);
                }
                Left::Chunks { is_first } => {
                    if !is_first && self.reader.take(2)? != b"\r\n" {
                        return refuse(400, "a chunk is not as long as its size says");
                    }
                    let size = self.reader.chunk()?;
                    if size == 0 {
                        self.reader.trailers()?;
                        self.left = Left::Bytes(0);
                        continue;
                    }
                    match self.most.checked_sub(size) {
                        Some(most) => self.most = most,
                        None => return refuse(413, TOO_LONG),
                    }
                    self.left = Left::Chunk(size);
                }
            }
        }
    }
}

impl<S: Read + Write> Read for Incoming<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if self.refusal.is_some() {
            return Err(ErrorKind::InvalidData.into());
        }
        self.next(into).map_err(|refusal| {
            self.refusal = Some(refusal);
            ErrorKind::InvalidData.into()
        })
    }
}

impl<S: Read + Write> Body for Incoming<'_, S> {
    fn length(&self) -> Option<u64> {
        self.length
    }
}
