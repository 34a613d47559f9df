//! The transport of futures, on hyper.
//!
//! hyper's connections are used directly and not through its pooled client: that one finishes connecting in tasks of its
//! own, and cannot tell whether anything of a request was written. Here a connection belongs to the future that uses it,
//! which drives it too; dropping the future closes the connection and leaves nothing behind.

mod connect;
mod connection;
mod failure;
mod message;
mod reading;
mod socket;
mod watch;

use std::error::Error as StdError;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::Response as HyperResponse;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use rustls::ClientConfig;
use tokio::time::timeout;

use crate::error::Error;
use crate::http::{LONGEST, Request, Response, host_of, target};
use crate::transport::config::HttpConfig;
use crate::transport::proxy::ProxyRules;
use crate::transport::{AsyncPieces, AsyncTransport, Opened, SendError, tls};

use connection::{Idle, Key, Live};
use failure::{Failure, Road};
use message::copied;
use reading::Reading;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Sends requests with hyper: HTTP/1.1, rustls, pooled keep-alive connections, proxies as
/// [`Proxy`](crate::transport::Proxy) says.
///
/// To be used inside a Tokio runtime with I/O and time switched on. Cheap to share, not to make: it holds the
/// connections.
pub struct HyperTransport {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    user_agent: HeaderValue,
    proxies: ProxyRules,
    idle: Mutex<Vec<Idle>>,
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperTransport")
    }
}

impl HyperTransport {
    /// A transport with its own pool of connections.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the CA text holds no certificate or a broken one, or if
    /// the proxy's URL is not one.
    pub fn new(config: &HttpConfig) -> Result<Self, Error> {
        let proxies = ProxyRules::new(&config.proxy);
        proxies.check()?;
        let user_agent = HeaderValue::from_str(&config.user_agent)
            .map_err(|e| Error::invalid("setting the user agent", "it cannot be a header").with_source(e))?;
        Ok(Self {
            tls: Arc::new(tls::client_config(config)?),
            connect_timeout: config.connect_timeout.min(LONGEST),
            user_agent,
            proxies,
            idle: Mutex::default(),
        })
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
        let proxy = url.as_ref().and_then(|url| {
            self.proxies.proxy_for(url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default())
        });
        let road = Road {
            host: host_of(&request.base_url),
            proxy: proxy.map(host_of),
            limit: request.max_response_body,
            time,
        };
        road.classify(failure, sent)
    }
}

impl AsyncTransport for HyperTransport {
    async fn send(&self, request: &Request, time: Duration) -> Result<Response, SendError> {
        let time = time.min(LONGEST);
        let wrote = Mutex::default();
        let result = timeout(time, self.run(request, &wrote)).await;
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
        let result = timeout(time, self.run_open(request, &wrote)).await;
        let sent = wrote.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Acquire);
        let (live, response) = match result {
            Ok(Ok(opened)) => opened,
            Ok(Err(failure)) => return Err(self.told(request, time, failure, sent)),
            Err(_) => return Err(self.told(request, time, Failure::Timeout, sent)),
        };
        let (parts, body) = response.into_parts();
        let mut reading =
            Some(Reading { live, body, host: host_of(&request.base_url).to_owned(), idle, silence: None });
        let pieces = AsyncPieces::new(move |cx| {
            let Some(open) = &mut reading else { return Poll::Ready(Ok(None)) };
            let piece = ready!(open.poll(cx));
            if !matches!(piece, Ok(Some(_))) {
                reading = None;
            }
            Poll::Ready(piece)
        });
        Ok(Opened::new(parts.status.as_u16(), copied(&parts.headers), pieces))
    }
}
