//! A second hand on the socket of a connection, to see whether its peer has closed it.
//!
//! A runtime hears of that in its own time, on a loaded machine some milliseconds late. Who is about to send
//! a request that must not be sent twice asks the system itself.

use std::io::ErrorKind;
use std::net::TcpStream as StdStream;

/// What can be seen of an idle connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing has arrived, and it is open.
    Silent,
    /// Something has arrived that nobody asked for: the end of TLS, or a ticket for later.
    Something,
    /// The peer has closed it, or it broke.
    Closed,
}

/// The second hand.
#[derive(Debug)]
pub(super) struct Socket(pub(super) StdStream);

impl Socket {
    pub(super) fn look(&self) -> Sight {
        // The runtime has made the socket one that does not block.
        match self.0.peek(&mut [0]) {
            Ok(0) => Sight::Closed,
            Ok(_) => Sight::Something,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                Sight::Silent
            }
            Err(_) => Sight::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_peer_does_shows() {
        use std::io::Write;

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = StdStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let socket = Socket(stream);
        assert_eq!(socket.look(), Sight::Silent);
        peer.write_all(b"x").unwrap();
        let seen = |expected| {
            // What is sent on loopback arrives without anybody's help.
            let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
            while socket.look() != expected {
                assert!(std::time::Instant::now() < limit, "{:?}", socket.look());
                std::thread::yield_now();
            }
        };
        seen(Sight::Something);
        // It was only looked at.
        assert_eq!(socket.look(), Sight::Something);
        std::io::Read::read_exact(&mut &socket.0, &mut [0]).unwrap();
        assert_eq!(socket.look(), Sight::Silent);
        drop(peer);
        seen(Sight::Closed);
    }
}
