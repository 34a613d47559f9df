//! Whether anything of a request was written to its connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

/// What hyper reads from and writes to.
pub(super) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// After so many reads in a row the future yields. hyper reads interim responses for as long as there are
/// any, and a peer that sends them without end would keep it from looking at the clock.
const READS_IN_A_ROW: u32 = 4;

/// A stream that notes whether anything was written to it.
pub(super) struct Watched {
    stream: Pin<Box<dyn Stream>>,
    wrote: Arc<AtomicBool>,
    reads: u32,
}

impl Watched {
    pub(super) fn new(stream: Pin<Box<dyn Stream>>, wrote: Arc<AtomicBool>) -> Self {
        Self { stream, wrote, reads: 0 }
    }
}

impl Read for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.reads == READS_IN_A_ROW {
            self.reads = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let result = self.stream.as_mut().poll_read(cx, buffer);
        self.reads = if result.is_ready() { self.reads + 1 } else { 0 };
        result
    }
}

impl Write for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Before the write: one that fails half-way has sent something.
        self.wrote.store(true, Ordering::Release);
        self.stream.as_mut().poll_write(cx, bytes)
    }

    // Without these two, hyper would copy a body in order to send it.

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wrote.store(true, Ordering::Release);
        self.stream.as_mut().poll_write_vectored(cx, pieces)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}
