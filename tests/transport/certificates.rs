//! Certificates that are not accepted, and what is said of each.

use std::io::Write;
use std::sync::Arc;

use controlplane::transport::{SendError, SendErrorKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::both::{
    CA, ENOUGH, Make, answer_all, config, on_both, post, tls_config_of, tls_server, tls_server_with,
};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_response::answer;

/// The error of a request to a server with this TLS, by a client that trusts this CA.
fn error(make: Make<'_>, server: &CountedServer, ca: &[u8]) -> SendError {
    let mut trusting = config();
    trusting.extra_ca_pem = Some(ca.to_vec());
    let request = post(&format!("https://localhost:{}", server.addr.port()));
    let error = make(&trusting).unwrap().send(&request, ENOUGH).unwrap_err();
    assert!(!error.is_sent(), "{error:?}");
    error
}

#[track_caller]
fn says(error: &SendError, kind: SendErrorKind, message: &str, advice: &str) {
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(error.to_string().contains(message), "{error}");
    assert!(error.to_string().contains("localhost"), "{error}");
    let text = error.advice().unwrap_or_default();
    assert!(text.contains(advice), "{error}: {text}");
}

fn pem(der: &[u8]) -> Vec<u8> {
    use base64::Engine;
    let text = base64::prelude::BASE64_STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
}

/// A server whose certificate is made by an authority of its own, and that authority.
fn made(change: impl Fn(&mut CertificateParams)) -> (CountedServer, Vec<u8>) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = pem(ca.self_signed(&ca_key).unwrap().der());
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, &issuer).unwrap().der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = tls_config_of(certificate, key);
    let server = CountedServer::start(move |stream, _| {
        let connection = rustls::ServerConnection::new(Arc::clone(&tls)).unwrap();
        answer_all(&mut rustls::StreamOwned::new(connection, stream), &answer("200 OK", "", "{}"));
    });
    (server, ca_pem)
}

#[test]
fn a_certificate_out_of_its_time() {
    on_both(|make| {
        let server = tls_server_with(
            include_bytes!("../data/tls/expired.pem"),
            include_bytes!("../data/tls/expired.key"),
            answer("200 OK", "", "{}"),
        );
        says(&error(make, &server, CA), SendErrorKind::CertificateExpired, "expired on", "clock");
        let (server, ca) = made(|params| params.not_after = date_time_ymd(2001, 2, 3));
        let expired = error(make, &server, &ca);
        says(&expired, SendErrorKind::CertificateExpired, "expired on Sat, 03 Feb 2001", "clock");
        let (server, ca) = made(|params| params.not_before = date_time_ymd(2999, 1, 2));
        let early = error(make, &server, &ca);
        says(&early, SendErrorKind::CertificateExpired, "not valid before Wed, 02 Jan 2999", "clock");
    });
}

#[test]
fn a_certificate_of_nobody_who_is_known() {
    on_both(|make| {
        let (server, _) = made(|_| ());
        let unknown = error(make, &server, CA);
        says(&unknown, SendErrorKind::Certificate, "issuer is unknown", "SSL_CERT_FILE");
        assert!(unknown.advice().unwrap().contains("native-roots"));
    });
}

#[test]
fn a_certificate_for_another_name() {
    on_both(|make| {
        let (server, ca) = made(|params| {
            let names: Vec<String> = (0..9).map(|number| format!("h{number}.example")).collect();
            params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
        });
        let other = error(make, &server, &ca);
        says(&other, SendErrorKind::Certificate, "but for h0.example, h1.example", "base URL");
        assert!(!other.to_string().contains("h8.example"), "{other}");
    });
}

#[test]
fn a_certificate_of_an_authority_as_a_server_s_own() {
    on_both(|make| {
        let (server, ca) = made(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
        let own = error(make, &server, &ca);
        says(&own, SendErrorKind::Certificate, "certificate authority", "cannot be a server's own");
    });
}

#[test]
fn a_certificate_with_an_algorithm_that_is_not_supported() {
    on_both(|make| {
        let p521: [&[u8]; 3] = [
            include_bytes!("../data/tls/p521.pem"),
            include_bytes!("../data/tls/p521.key"),
            include_bytes!("../data/tls/p521-ca.pem"),
        ];
        let p384: [&[u8]; 3] = [
            include_bytes!("../data/tls/p384-sha512.pem"),
            include_bytes!("../data/tls/p384-sha512.key"),
            include_bytes!("../data/tls/p384-sha512-ca.pem"),
        ];
        for [certificate, key, ca] in [p521, p384] {
            let server = tls_server_with(certificate, key, answer("200 OK", "", "{}"));
            says(&error(make, &server, ca), SendErrorKind::Certificate, "algorithm", "P-521");
        }
    });
}

#[test]
fn https_to_a_port_without_tls() {
    on_both(|make| {
        let server = CountedServer::start(|mut stream, _| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            wait_for_close(&mut stream);
        });
        says(&error(make, &server, CA), SendErrorKind::Tls, "does not speak TLS", "scheme");
    });
}

/// The environment of a process cannot be changed under the feet of other tests, so this one starts itself
/// again.
#[test]
fn the_environment_names_authorities() {
    const TARGET: &str = "CONTROLPLANE_TEST_TARGET";
    if let Ok(target) = std::env::var(TARGET) {
        on_both(|make| {
            let transport = make(&config());
            match (target.as_str(), transport) {
                ("", transport) => assert!(transport.err().unwrap().to_string().contains("SSL_CERT_FILE")),
                (target, transport) => {
                    assert_eq!(transport.unwrap().send(&post(target), ENOUGH).unwrap().status, 200);
                }
            }
        });
        return;
    }
    let server = tls_server(answer("200 OK", "", "{}"));
    let target = format!("https://localhost:{}", server.addr.port());
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tls");
    let file = format!("{directory}/ca.pem");
    for (name, value, target) in [
        ("SSL_CERT_FILE", file.as_str(), target.as_str()),
        ("SSL_CERT_DIR", directory, &target),
        ("SSL_CERT_FILE", "/does/not/exist", ""),
        ("SSL_CERT_FILE", "/dev/null", ""),
        ("SSL_CERT_FILE", directory, ""),
    ] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "certificates::the_environment_names_authorities"])
            .env_remove("SSL_CERT_FILE")
            .env_remove("SSL_CERT_DIR")
            .env(name, value)
            .env(TARGET, target)
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}={value}: {}", String::from_utf8_lossy(&output.stdout));
    }
}
