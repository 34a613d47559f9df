//! A tunnel through an HTTP proxy.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::http::uri::Uri;
use hyper::rt::{Read, ReadBuf, Write};
use secrecy::{ExposeSecret, SecretBox};
use tower_service::Service;

use crate::transport::tunnel::{self, Refusal};

use super::BoxError;

/// Connects through a proxy. hyper-util's own says of most responses only that it was unsuccessful.
#[derive(Clone)]
pub(super) struct Tunnel<C> {
    inner: C,
    proxy: Uri,
    user_agent: String,
    user: Option<(String, std::sync::Arc<SecretBox<String>>)>,
}

impl<C> Tunnel<C> {
    pub(super) fn new(inner: C, proxy: Uri, user_agent: &str, user: Option<(String, String)>) -> Self {
        let user =
            user.map(|(user, password)| (user, std::sync::Arc::new(SecretBox::new(Box::new(password)))));
        Self { inner, proxy, user_agent: user_agent.to_owned(), user }
    }
}

impl<C> Service<Uri> for Tunnel<C>
where
    C: Service<Uri>,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
    C::Response: Read + Write + Unpin + Send + 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let target = format!("{}:{}", url.host().unwrap_or_default(), url.port_u16().unwrap_or_default());
        let user = self.user.as_ref().map(|(user, password)| (&**user, &**password.expose_secret()));
        let request = tunnel::request(&target, &self.user_agent, user);
        let connecting = self.inner.call(self.proxy.clone());
        Box::pin(async move {
            let mut stream = connecting.await.map_err(Into::into)?;
            write_all(&mut stream, request.expose_secret()).await?;
            let mut input = Vec::new();
            // What follows the head is nothing that was asked for.
            while tunnel::response(&input)?.is_none() {
                if read_some(&mut stream, &mut input).await? == 0 {
                    return Err(Refusal::Closed.into());
                }
            }
            Ok(stream)
        })
    }
}

async fn write_all<S: Write + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    let mut written = 0;
    poll_fn(|cx| {
        while written < bytes.len() {
            match ready!(Pin::new(&mut *stream).poll_write(cx, &bytes[written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => written += more,
            }
        }
        Pin::new(&mut *stream).poll_flush(cx)
    })
    .await
}

/// Reads what is there, and returns how much it was.
async fn read_some<S: Read + Unpin>(stream: &mut S, input: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 1024];
    let mut buffer = ReadBuf::new(&mut piece);
    poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, buffer.unfilled())).await?;
    input.extend_from_slice(buffer.filled());
    Ok(buffer.filled().len())
}
