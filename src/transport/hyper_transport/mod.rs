//! The transport of futures, on hyper.
//!
//! hyper's connections are used directly and not through its pooled client: that one finishes connecting in
//! tasks of its own, and cannot tell whether anything of a request was written. Here a connection belongs to
//! the future that uses it, which drives it too; dropping the future closes the connection and leaves nothing
//! behind.

mod connect;
mod connection;
mod failure;
mod message;
mod reading;
mod socket;
mod tcp;
mod tunnel;
mod watch;

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::Response as HyperResponse;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use rustls::ClientConfig;
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::http::{LONGEST, Request, Response, host_of, target};
use crate::transport::config::HttpConfig;
use crate::transport::lookup::Lookups;
use crate::transport::proxy::ProxyRules;
use crate::transport::roots::Roots;
use crate::transport::stream::append;
use crate::transport::suspend::LAST_LOOK;
use crate::transport::{AsyncPieces, AsyncTransport, Opened, SendError, tls};

use connection::{Idle, Key, Live};
use failure::{Failure, Road};
use message::copied;
use reading::Reading;

type BoxError = Box<dyn StdError + Send + Sync>;

/// The async transport. It sends requests with hyper: HTTP/1.1, TLS by rustls, pooled keep-alive connections,
/// and the [`Proxy`](crate::transport::Proxy) of its [`HttpConfig`].
///
/// It must be used inside a Tokio runtime with I/O and time enabled. It holds the pool of connections, so
/// make one and share it.
pub struct HyperTransport {
    tls: OnceLock<Arc<ClientConfig>>,
    verify_tls: bool,
    roots: Roots,
    connect_timeout: Duration,
    user_agent: HeaderValue,
    proxies: ProxyRules,
    lookups: Lookups,
    idle: Mutex<Vec<Idle>>,
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperTransport")
    }
}

impl HyperTransport {
    /// Returns a transport with its own pool of connections.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the PEM text of additional authorities has
    /// no certificate or an invalid one, if `SSL_CERT_FILE` or `SSL_CERT_DIR` leads to no certificate, or if
    /// the proxy's URL or the `User-Agent` is not valid.
    pub fn new(config: &HttpConfig) -> Result<Self, Error> {
        let proxies = ProxyRules::new(&config.proxy);
        proxies.check()?;
        let user_agent = HeaderValue::from_str(&config.user_agent).map_err(|e| {
            Error::invalid(
                "setting the user agent",
                "it contains characters that an HTTP header cannot contain",
            )
            .with_source(e)
        })?;
        Ok(Self {
            tls: OnceLock::new(),
            verify_tls: config.verify_tls,
            roots: Roots::new(config)?,
            connect_timeout: config.connect_timeout.min(LONGEST),
            user_agent,
            proxies,
            lookups: Lookups::default(),
            idle: Mutex::default(),
        })
    }

    /// The settings of TLS, which are made when they are first needed: listing whom to trust takes time.
    fn tls(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let tls = Arc::new(tls::client_config(self.verify_tls, &self.roots)?);
        Ok(self.tls.get_or_init(|| tls).clone())
    }

    /// `wrote` becomes the flag of the connection in use.
    async fn run(&self, request: &Request, wrote: &Mutex<Arc<AtomicBool>>) -> Result<Response, Failure> {
        let url = target(&request.url()).map_err(Failure::invalid)?;
        let key = Key::of(&url);
        let message = self.message(request, &url)?;
        if let Some(mut live) = self.take_idle(&key).await {
            live.wrote.store(false, Ordering::Release);
            match live.exchange(message, request.max_response_body, wrote).await {
                // It ended before anything was written to it: this was no attempt yet.
                Err(Failure::Ended) if !live.wrote.load(Ordering::Acquire) => {}
                outcome => {
                    let response = outcome?;
                    self.keep(key, live).await;
                    return Ok(response);
                }
            }
        }
        let message = self.message(request, &url)?;
        let mut live = self.connect(&key, url).await?;
        let response = live.exchange(message, request.max_response_body, wrote).await?;
        self.keep(key, live).await;
        Ok(response)
    }

    /// The answer up to its body, on a connection of its own.
    async fn run_open(
        &self,
        request: &Request,
        wrote: &Mutex<Arc<AtomicBool>>,
    ) -> Result<(Live, HyperResponse<Incoming>), Failure> {
        let url = target(&request.url()).map_err(Failure::invalid)?;
        let message = self.message(request, &url)?;
        let mut live = self.connect(&Key::of(&url), url).await?;
        let response = live.head(message, wrote).await?;
        Ok((live, response))
    }

    /// What went wrong with a request, in the words of all transports.
    fn told(&self, request: &Request, time: Duration, failure: Failure, sent: bool) -> SendError {
        let url = request.url();
        let url = target(&url).ok();
        let proxy = url.as_ref().and_then(|url| self.proxies.proxy_for(url));
        let road = Road {
            host: host_of(&request.base_url),
            proxy: proxy.map(host_of),
            limit: request.max_response_body,
            time,
        };
        road.classify(failure, sent)
    }
}

/// Why there is no answer.
struct Late;

/// Waits for an answer, and looks once more when the time is up: it may have arrived while the process did
/// not run. `wrote` says whether anything was sent; without, there is nothing to look for.
async fn within<T>(
    time: Duration,
    wrote: &Mutex<Arc<AtomicBool>>,
    answer: impl Future<Output = T>,
) -> Result<T, Late> {
    let mut answer = pin!(answer);
    let mut end = Instant::now() + time;
    let mut timer = pin!(sleep_until(end));
    let mut is_last_look = false;
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(Ok(answer));
            }
            // A peer that sends without end keeps the runtime from its timers: so the clock is asked too.
            if timer.as_mut().poll(cx).is_pending() && Instant::now() < end {
                return Poll::Pending;
            }
            let is_sent = wrote.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Acquire);
            if !is_sent || std::mem::replace(&mut is_last_look, true) {
                return Poll::Ready(Err(Late));
            }
            end = Instant::now() + LAST_LOOK;
            timer.as_mut().reset(end);
        }
    })
    .await
}

impl AsyncTransport for HyperTransport {
    async fn send(&self, request: &Request, time: Duration) -> Result<Response, SendError> {
        let time = time.min(LONGEST);
        let wrote = Mutex::default();
        let result = within(time, &wrote, self.run(request, &wrote)).await;
        let sent = wrote.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Acquire);
        let failure = match result {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::Timeout,
        };
        Err(self.told(request, time, failure, sent))
    }

    async fn open(
        &self,
        request: &Request,
        time: Duration,
        idle: Duration,
    ) -> Result<Opened<AsyncPieces>, SendError> {
        let (time, idle) = (time.min(LONGEST), idle.min(LONGEST));
        let wrote = Mutex::default();
        let result = within(time, &wrote, self.run_open(request, &wrote)).await;
        let sent = wrote.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Acquire);
        let (live, response) = match result {
            Ok(Ok(opened)) => opened,
            Ok(Err(failure)) => return Err(self.told(request, time, failure, sent)),
            Err(_) => return Err(self.told(request, time, Failure::Timeout, sent)),
        };
        let (parts, body) = response.into_parts();
        let mut reading = Some(Reading {
            live,
            body,
            host: host_of(&request.base_url).to_owned(),
            idle,
            silence: None,
            is_last_look: false,
        });
        let mut rest = Bytes::new();
        let pieces = AsyncPieces::reading(move |cx, buffer, most| {
            if rest.is_empty() {
                let Some(open) = &mut reading else { return Poll::Ready(Ok(false)) };
                match ready!(open.poll(cx)) {
                    Ok(Some(data)) => rest = data,
                    end => {
                        reading = None;
                        return Poll::Ready(end.map(|_| false));
                    }
                }
            }
            append(&mut rest, buffer, most);
            Poll::Ready(Ok(true))
        });
        Ok(Opened::new(parts.status.as_u16(), copied(&parts.headers), pieces))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::http::Method;
    use crate::transport::{Proxy, SendErrorKind};

    fn transport() -> HyperTransport {
        HyperTransport::new(&HttpConfig { proxy: Proxy::None, ..HttpConfig::default() }).unwrap()
    }

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn an_answer_that_has_arrived_is_read_although_the_time_is_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        for is_sent in [true, false] {
            let wrote = Mutex::new(Arc::new(AtomicBool::new(is_sent)));
            let found = run(async {
                let stream = tokio::net::TcpStream::connect(address).await.unwrap();
                listener.accept().unwrap().0.write_all(b"x").unwrap();
                // The runtime has not heard of it yet.
                within(Duration::ZERO, &wrote, stream.readable()).await
            });
            assert_eq!(found.is_ok(), is_sent);
        }
    }

    #[test]
    fn a_connection_that_was_kept_over_a_suspend_is_not_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            // They stay open to the end.
            let mut all = Vec::new();
            for answers in [2, 1] {
                let (mut stream, _) = listener.accept().unwrap();
                for _ in 0..answers {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        stream.read_exact(&mut byte).unwrap();
                        request.push(byte[0]);
                    }
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
                }
                all.push(stream);
            }
        });
        let transport = transport();
        run(async {
            let request = Request::new(Method::Get, &url, "/");
            for is_suspended in [false, false, true] {
                if is_suspended {
                    transport.idle.lock().unwrap()[0].suspend();
                }
                transport.send(&request, Duration::from_secs(20)).await.unwrap();
            }
        });
        server.join().unwrap();
    }

    #[test]
    fn without_a_thread_nothing_is_sent() {
        let transport = HyperTransport { lookups: Lookups::without_threads(), ..transport() };
        let request = Request::new(Method::Post, "http://h.example", "/");
        let error = run(transport.send(&request, Duration::from_secs(20))).unwrap_err();
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Connect, false), "{error}");
        assert!(error.to_string().contains("thread"), "{error}");
    }
}
