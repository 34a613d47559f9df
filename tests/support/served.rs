//! The replies of a scripted transport, given by a server on loopback.

use std::io::Write;
use std::net::TcpStream;

use controlplane::http::{Headers, Method, Request};

use crate::raw_request::read_request;
use crate::raw_server::RawServer;
use crate::scripted::{Reply, Scripted};

const METHODS: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];

/// A server that answers one request on each connection. The requests that the script sees have `base` as
/// their address.
pub(crate) fn serve(script: Scripted, base: &'static str) -> RawServer {
    RawServer::start(move |mut stream, _| {
        let Some(text) = read_request(&mut stream) else { return };
        let reply = script.reply(&request(&text, base));
        let _ = write(&mut stream, reply);
    })
}

fn request(text: &str, base: &str) -> Request {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let method = first.next().unwrap();
    let method = *METHODS.iter().find(|known| known.as_str() == method).unwrap();
    // The query stands in the path as it was sent.
    let mut request = Request::new(method, base, first.next().unwrap());
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        request.headers.push(name.to_owned(), value.trim());
    }
    request.body = (!body.is_empty()).then(|| body.as_bytes().to_vec().into());
    request
}

fn write(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, headers: &Headers| {
        let mut head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n");
        for (name, value) in headers.iter() {
            head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value)));
        }
        head
    };
    match reply {
        Reply::Whole(response) => {
            let mut head = head(response.status, &response.headers);
            if !matches!(response.status, 204 | 304) {
                head.push_str(&format!("Content-Length: {}\r\n", response.body.len()));
            }
            stream.write_all(&[head.as_bytes(), b"\r\n", &response.body].concat())
        }
        Reply::Pieces(status, headers, pieces, end) => {
            let head = head(status, &headers) + "Transfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes())?;
            for piece in pieces {
                let size = format!("{:x}\r\n", piece.len());
                stream.write_all(&[size.as_bytes(), &piece, b"\r\n"].concat())?;
                stream.flush()?;
            }
            if end.is_none() {
                stream.write_all(b"0\r\n\r\n")?;
            }
            Ok(())
        }
        Reply::Fails(..) => Ok(()),
    }
}
