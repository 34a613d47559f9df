//! Connections, those that are in use and those that are kept.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Connection, SendRequest};
use hyper::http::uri::Uri;
use hyper::{Request as HyperRequest, Response as HyperResponse};

use crate::http::Response;
use crate::transport::suspend::Moment;

use super::HyperTransport;
use super::failure::Failure;
use super::message::read;
use super::socket::{Sight, Socket};
use super::watch::Watched;

/// Idle connections that are kept.
const MAX_IDLE: usize = 64;
/// How long an idle connection can be used again: as long as with ureq.
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);

/// What connections can be shared by.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) scheme: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
    /// A connection lives by the runtime that it was made in: in another one it would hear nothing.
    runtime: Option<tokio::runtime::Id>,
}

impl Key {
    pub(super) fn of(url: &Uri) -> Self {
        let is_https = url.scheme_str() == Some("https");
        Self {
            scheme: if is_https { "https" } else { "http" },
            host: url.host().unwrap_or_default().to_ascii_lowercase(),
            port: url.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            runtime: tokio::runtime::Handle::try_current().ok().map(|handle| handle.id()),
        }
    }
}

pub(super) struct Idle {
    key: Key,
    live: Live,
    since: Instant,
    kept: Moment,
}

#[cfg(test)]
impl Idle {
    /// As if the machine had been suspended meanwhile.
    pub(super) fn suspend(&mut self) {
        self.kept = Moment::before_suspend(Duration::from_secs(60));
    }
}

impl HyperTransport {
    /// An idle connection that is still good.
    pub(super) async fn take_idle(&self, key: &Key) -> Option<Live> {
        loop {
            let mut idle = {
                let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                // After a suspend, what is between does not know them any more, and nobody says so.
                let now = Moment::now();
                all.retain(|idle| idle.since.elapsed() < MAX_IDLE_AGE && !idle.kept.slept_until(now));
                let at = all.iter().rposition(|idle| idle.key == *key)?;
                all.remove(at)
            };
            // What has arrived is read first.
            let mut is_ready = idle.live.is_ready().await;
            let mut seen = idle.live.look();
            if is_ready && seen == Sight::Something {
                // A runtime hears of its sockets before its timers fire. If it still lies there after that, the
                // runtime is late, and it may be the end.
                tokio::time::sleep(Duration::from_millis(1)).await;
                is_ready = idle.live.is_ready().await;
                seen = idle.live.look();
            }
            if is_ready && seen == Sight::Silent {
                return Some(idle.live);
            }
        }
    }

    /// Keeps a connection whose answer has arrived whole, if it can be used again.
    pub(super) async fn keep(&self, key: Key, mut live: Live) {
        if live.is_ready().await && !live.write_failed.load(Ordering::Acquire) {
            let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= MAX_IDLE {
                all.remove(0);
            }
            all.push(Idle { key, live, since: Instant::now(), kept: Moment::now() });
        }
    }
}

/// A connection and the one who sends on it.
pub(super) struct Live {
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) connection: Connection<Watched, Full<Bytes>>,
    /// None if the system would not give a second hand on it.
    pub(super) socket: Option<Socket>,
    pub(super) wrote: Arc<AtomicBool>,
    /// A write failed: the connection is good for what has arrived, and for nothing else.
    pub(super) write_failed: Arc<AtomicBool>,
    /// The connection's future is done and must not be polled again.
    pub(super) ended: bool,
}

impl Live {
    /// What the system knows of the connection; without a hand on its socket, what the connection itself
    /// knows must do.
    fn look(&self) -> Sight {
        self.socket.as_ref().map_or(Sight::Silent, Socket::look)
    }

    /// Drives the connection; what it ends with is told by whoever waits for an answer.
    pub(super) fn drive(
        connection: &mut Connection<Watched, Full<Bytes>>,
        ended: &mut bool,
        cx: &mut Context<'_>,
    ) {
        if !*ended && Pin::new(connection).poll(cx).is_ready() {
            *ended = true;
        }
    }

    /// True if a request can be sent on it. Sees what has arrived meanwhile, the peer's end of the connection
    /// above all.
    async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            Self::drive(&mut self.connection, &mut self.ended, cx);
            Poll::Ready(!self.ended && self.sender.is_ready())
        })
        .await
    }

    pub(super) async fn exchange(
        &mut self,
        message: HyperRequest<Full<Bytes>>,
        limit: usize,
        in_use: &Mutex<Arc<AtomicBool>>,
    ) -> Result<Response, Failure> {
        let Self { sender, connection, ended, wrote, write_failed, .. } = self;
        *in_use.lock().unwrap_or_else(PoisonError::into_inner) = wrote.clone();
        let mut answer = pin!(async {
            let response = sender.send_request(message).await.map_err(Failure::http)?;
            read(response, limit, write_failed).await
        });
        poll_fn(|cx| {
            // What ends the connection also ends the answer, and the answer knows why; unless there was none
            // to come.
            Self::drive(connection, ended, cx);
            match answer.as_mut().poll(cx) {
                Poll::Pending if *ended => Poll::Ready(Err(Failure::Ended)),
                outcome => outcome,
            }
        })
        .await
    }
}

impl Live {
    /// The answer up to its body.
    pub(super) async fn head(
        &mut self,
        message: HyperRequest<Full<Bytes>>,
        in_use: &Mutex<Arc<AtomicBool>>,
    ) -> Result<HyperResponse<Incoming>, Failure> {
        let Self { sender, connection, ended, wrote, .. } = self;
        *in_use.lock().unwrap_or_else(PoisonError::into_inner) = wrote.clone();
        let mut answer = pin!(sender.send_request(message));
        poll_fn(|cx| {
            Self::drive(connection, ended, cx);
            match answer.as_mut().poll(cx) {
                Poll::Pending if *ended => Poll::Ready(Err(Failure::Ended)),
                outcome => outcome.map_err(Failure::http),
            }
        })
        .await
    }
}
