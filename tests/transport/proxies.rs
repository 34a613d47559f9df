//! Proxies that refuse.

use std::io::{Read, Write};

use controlplane::transport::{Proxy, SendErrorKind};

use crate::both::{ENOUGH, config, fails, on_both, post};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;

#[test]
fn a_wrong_password_is_sent_once_and_said_to_be_wrong() {
    on_both(|make| {
        let many = "X-Header: 1\r\n".repeat(200);
        let refused = answer("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n", "no");
        let flooded = answer("407 Proxy Authentication Required", &many, "no");
        for (bytes, reads) in [(refused.clone(), true), (refused, false), (flooded, true)] {
            for url in ["http://target.test", "https://target.test"] {
                let bytes = bytes.clone();
                let proxy = CountedServer::start(move |mut stream, _| {
                    if reads {
                        read_request(&mut stream);
                    } else {
                        // It knows already, and does not read the rest.
                        stream.read_exact(&mut [0; 8]).unwrap();
                    }
                    stream.write_all(&bytes).unwrap();
                });
                let mut through = config();
                through.proxy = Proxy::Url(format!("http://user:hunter2@{}", proxy.addr));
                let error = make(&through).unwrap().send(&post(url), ENOUGH).unwrap_err();
                assert!(error.to_string().contains("407"), "{error}");
                assert!(error.to_string().contains(&proxy.addr.to_string()), "{error}");
                assert!(error.advice().unwrap().contains("password"), "{error:?}");
                fails(Err(error), SendErrorKind::ProxyAuthentication, false);
                assert_eq!(proxy.connections(), 1);
            }
        }
    });
}

#[test]
fn another_refusal_has_its_status() {
    on_both(|make| {
        let proxy = CountedServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(&answer("503 Service Unavailable", "", "")).unwrap();
        });
        let mut through = config();
        through.proxy = Proxy::Url(format!("http://{}", proxy.addr));
        let error = make(&through).unwrap().send(&post("https://target.test"), ENOUGH).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the proxy {} refused the CONNECT request: HTTP 503", proxy.addr)
        );
        fails(Err(error), SendErrorKind::Proxy, false);
    });
}

#[test]
fn a_wrong_password_of_a_socks_proxy_is_sent_once_too() {
    on_both(|make| {
        for scheme in ["socks", "socks5", "socks5h"] {
            let proxy = CountedServer::start(|mut stream, _| {
                let mut hello = [0; 2];
                stream.read_exact(&mut hello).unwrap();
                stream.read_exact(&mut vec![0; hello[1].into()]).unwrap();
                // User and password, please.
                stream.write_all(&[5, 2]).unwrap();
                let mut head = [0; 2];
                stream.read_exact(&mut head).unwrap();
                stream.read_exact(&mut vec![0; head[1].into()]).unwrap();
                let mut length = [0];
                stream.read_exact(&mut length).unwrap();
                stream.read_exact(&mut vec![0; length[0].into()]).unwrap();
                // Wrong.
                stream.write_all(&[1, 1]).unwrap();
                wait_for_close(&mut stream);
            });
            let mut through = config();
            through.proxy = Proxy::Url(format!("{scheme}://user:hunter2@{}", proxy.addr));
            let request = post("http://127.0.0.1:1");
            fails(make(&through).unwrap().send(&request, ENOUGH), SendErrorKind::ProxyAuthentication, false);
            assert_eq!(proxy.connections(), 1);
        }
    });
}
