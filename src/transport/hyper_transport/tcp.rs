//! TCP connections.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::http::uri::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::transport::addresses::{in_turns, set_options};
use crate::transport::lookup::{LookupError, Lookups};

use super::BoxError;
use super::socket::Socket;

/// The next address is tried if the one before has not answered for this long (RFC 8305 recommends it).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects, and leaves a second hand on the socket behind.
#[derive(Clone)]
pub(super) struct Connector {
    lookups: Lookups,
    socket: Arc<Mutex<Option<Socket>>>,
    write_failed: Arc<AtomicBool>,
}

impl Connector {
    /// `write_failed` becomes true when a write to the connection fails.
    pub(super) fn new(lookups: Lookups, write_failed: Arc<AtomicBool>) -> Self {
        Self { lookups, socket: Arc::default(), write_failed }
    }

    /// Where the second hand will be found.
    pub(super) fn socket(&self) -> Arc<Mutex<Option<Socket>>> {
        self.socket.clone()
    }

    async fn connect(self, url: Uri) -> Result<TokioIo<Tcp>, BoxError> {
        let addresses = self.addresses(&url).await?;
        let stream = first_of(in_turns(&addresses)).await?.into_std()?;
        set_options(&stream)?;
        let twin = stream.try_clone().ok().map(Socket);
        *self.socket.lock().unwrap_or_else(PoisonError::into_inner) = twin;
        let stream = TcpStream::from_std(stream)?;
        Ok(TokioIo::new(Tcp { stream, writing: Writing::Works, write_failed: self.write_failed }))
    }

    async fn addresses(&self, url: &Uri) -> Result<Vec<SocketAddr>, LookupError> {
        let host = url.host().unwrap_or_default();
        let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let lookup = self.lookups.begin(&format!("{host}:{port}"))?;
        poll_fn(|cx| lookup.poll(cx)).await
    }
}

/// What was left behind, if anything: without, the connection serves as well.
pub(super) fn left(socket: &Mutex<Option<Socket>>) -> Option<Socket> {
    socket.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Tcp>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(self.clone().connect(url))
    }
}

/// Connects to whichever address answers first. They start one after the other, so that mostly the first one
/// does.
async fn first_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut attempts = Vec::new();
    let mut stagger = Box::pin(tokio::time::sleep(Duration::ZERO));
    let mut refused = io::Error::new(ErrorKind::NotFound, "the name has no addresses");
    poll_fn(move |cx| {
        loop {
            let is_due = attempts.is_empty() || stagger.as_mut().poll(cx).is_ready();
            if let Some(address) = is_due.then(|| waiting.next()).flatten() {
                attempts.push(Box::pin(TcpStream::connect(address)));
                stagger.as_mut().reset(tokio::time::Instant::now() + STAGGER);
            }
            let mut at = 0;
            let before = attempts.len();
            while at < attempts.len() {
                match attempts[at].as_mut().poll(cx) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Ok(stream)),
                    Poll::Ready(Err(error)) => {
                        refused = error;
                        drop(attempts.remove(at));
                    }
                    Poll::Pending => at += 1,
                }
            }
            if attempts.len() < before && waiting.len() > 0 {
                // One that was refused makes way for the next at once.
                stagger.as_mut().reset(tokio::time::Instant::now());
            } else if attempts.is_empty() {
                return Poll::Ready(Err(std::mem::replace(&mut refused, ErrorKind::NotFound.into())));
            } else if waiting.len() == 0 || stagger.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// A connection that can be read after a write has failed: the response may have arrived already.
pub(super) struct Tcp {
    stream: TcpStream,
    writing: Writing,
    write_failed: Arc<AtomicBool>,
}

/// Whether the peer takes what is written.
enum Writing {
    Works,
    /// A write failed, with this error until it is reported.
    Failed(Option<io::Error>),
}

impl Connection for Tcp {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Tcp {
    fn wrote(&mut self, all: usize, result: io::Result<usize>) -> io::Result<usize> {
        match result {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                self.writing = Writing::Failed(Some(error));
                self.write_failed.store(true, Ordering::Release);
                Ok(all)
            }
            result => result,
        }
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        match &mut self.writing {
            // The end of a connection that broke is not an end of a body.
            Writing::Failed(error) if result.is_err() || buffer.filled().len() == before => {
                Poll::Ready(Err(error.take().unwrap_or_else(|| ErrorKind::BrokenPipe.into())))
            }
            _ => Poll::Ready(result),
        }
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Writing::Failed(_) = self.writing {
            // It would not arrive. What has arrived here is to be read.
            return Poll::Ready(Ok(bytes.len()));
        }
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(self.wrote(bytes.len(), result))
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
        let all = pieces.iter().map(|piece| piece.len()).sum();
        if let Writing::Failed(_) = self.writing {
            return Poll::Ready(Ok(all));
        }
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, pieces));
        Poll::Ready(self.wrote(all, result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Writing::Failed(_) = self.writing {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::transport::addresses::silent::Silent;

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn an_address_that_refuses_makes_way_for_the_next() {
        let (_listener, good) = Silent::other();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let stream = run(first_of(vec![free, free, good])).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert_eq!(run(first_of(vec![free, free])).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(run(first_of(Vec::new())).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn an_address_that_is_silent_is_overtaken() {
        let silent = Silent::new();
        let (_listener, good) = Silent::other();
        let stream = run(first_of(vec![silent.address(), silent.address(), good])).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    }
}
