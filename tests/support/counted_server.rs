//! A raw server that counts its connections.

use std::net::TcpStream;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::raw_server::RawServer;

/// The server.
pub(crate) struct CountedServer {
    server: RawServer,
    accepted: Arc<AtomicUsize>,
}

impl CountedServer {
    /// `handle` gets each connection and its number, from 0.
    pub(crate) fn start(mut handle: impl FnMut(TcpStream, usize) + Send + 'static) -> Self {
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = accepted.clone();
        let server = RawServer::start(move |stream, number| {
            counter.fetch_add(1, Ordering::SeqCst);
            handle(stream, number);
        });
        Self { server, accepted }
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Deref for CountedServer {
    type Target = RawServer;

    fn deref(&self) -> &RawServer {
        &self.server
    }
}
