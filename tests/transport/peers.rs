//! Servers with odd manners.

use std::io::Write;
use std::time::Duration;

use controlplane::transport::SendErrorKind;

use crate::both::{config, fails, on_both, post, send};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;

#[test]
fn interim_responses_are_passed_over_whatever_their_headers() {
    on_both(|make| {
        for interim in [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 100 Continue\r\nServer: s\r\nX-Request-Id: 1\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\nA: b\r\n\r\n",
            "HTTP/1.1 102 Processing\r\nContent-Length: 100\r\n\r\n",
        ] {
            let server = CountedServer::start(move |mut stream, _| {
                while read_request(&mut stream).is_some() {
                    let whole = [interim.as_bytes(), &answer("201 Created", "", "{}")].concat();
                    if stream.write_all(&whole).is_err() {
                        return;
                    }
                }
            });
            let transport = make(&config()).unwrap();
            for _ in 0..2 {
                let response = transport.send(&post(&server.url()), Duration::from_secs(20)).unwrap();
                assert_eq!((response.status, &*response.body), (201, &b"{}"[..]), "{interim}");
            }
            assert_eq!(server.connections(), 1, "{interim}");
        }
    });
}

#[test]
fn interim_responses_without_end_are_bounded_by_the_time_of_the_request() {
    on_both(|make| {
        let many = b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n".repeat(1000);
        let server = CountedServer::start(move |mut stream, _| {
            read_request(&mut stream);
            while stream.write_all(&many).is_ok() {}
        });
        let result = make(&config()).unwrap().send(&post(&server.url()), Duration::from_millis(300));
        fails(result, SendErrorKind::Timeout, true);
    });
}

#[test]
fn an_answer_that_comes_a_byte_at_a_time_is_an_answer() {
    on_both(|make| {
        let server = CountedServer::start(|mut stream, _| {
            stream.set_nodelay(true).unwrap();
            read_request(&mut stream);
            let interim = b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n".to_vec();
            for byte in [interim, answer("200 OK", "X-A: b\r\n", "{\"a\": 1}")].concat() {
                stream.write_all(&[byte]).unwrap();
            }
            wait_for_close(&mut stream);
        });
        let response = send(make, &post(&server.url())).unwrap();
        assert_eq!((response.status, &*response.body), (200, &b"{\"a\": 1}"[..]));
    });
}

#[test]
fn headers_without_end_are_bounded() {
    on_both(|make| {
        for line in [&b"X-H: 1\r\n"[..], b"xxxxxxxxxxxxxxxx"] {
            let server = CountedServer::start(move |mut stream, _| {
                read_request(&mut stream);
                if stream.write_all(b"HTTP/1.1 200 OK\r\nX-A: ").is_ok() {
                    while stream.write_all(line).is_ok() {}
                }
            });
            fails(send(make, &post(&server.url())), SendErrorKind::Protocol, true);
        }
    });
}

/// The kernel's list of connections says which timer each has.
#[test]
#[cfg(target_os = "linux")]
fn keepalive_is_on() {
    on_both(|make| {
        let (sender, timers) = std::sync::mpsc::channel();
        let server = CountedServer::start(move |mut stream, _| {
            read_request(&mut stream);
            let hex = |address: std::net::SocketAddr| format!(":{:04X}", address.port());
            let (port, ours) = (hex(stream.peer_addr().unwrap()), hex(stream.local_addr().unwrap()));
            let is_idle = || {
                let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
                let line = table.lines().find(|line| {
                    let mut ends = line.split_whitespace().skip(1).take(2);
                    ends.next().is_some_and(|end| end.ends_with(&port))
                        && ends.next().is_some_and(|end| end.ends_with(&ours))
                });
                // 01 is the timer of what was sent and is not acknowledged yet.
                let timer = line.and_then(|line| line.split_whitespace().nth(5)).unwrap_or("00").to_owned();
                (!timer.starts_with("01")).then_some(timer)
            };
            let timer = loop {
                if let Some(timer) = is_idle() {
                    break timer;
                }
                std::thread::yield_now();
            };
            sender.send(timer).unwrap();
            stream.write_all(&answer("200 OK", "", "{}")).unwrap();
        });
        send(make, &post(&server.url())).unwrap();
        let timer = timers.recv().unwrap();
        // 02 is that of keepalive; the rest is the time that is left, in hundredths of a second.
        let (kind, left) = timer.split_once(':').unwrap();
        assert_eq!(kind, "02", "{timer}");
        let left = u64::from_str_radix(left, 16).unwrap();
        assert!((1..=3000).contains(&left), "{timer}");
    });
}
