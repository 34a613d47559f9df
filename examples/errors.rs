//! One error of each kind, and what a program does about it.
//!
//! ```text
//! cargo run --example errors
//! ```

use std::net::TcpListener;
use std::time::Duration;

use controlplane::http::{Headers, Request, Response};
use controlplane::onehouse::{Client, ClientBuilder, ClusterType, Credentials};
use controlplane::transport::{Proxy, SendError, SendErrorKind, Transport};
use controlplane::{Error, ErrorKind, ExposeSecret, RetryPolicy};
use controlplane_emulator::onehouse::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().pending_polls(0).start()?;
    let good = emulator.credentials();
    let client = plain(&good).build()?;

    show("An invalid name", client.describe_cluster("no spaces").send());
    show("No credentials", Credentials::builder().env([("HOME", "/nowhere")]).build());
    show("A wrong secret", plain(&with(&good, "not-the-secret", good.region())).build()?.show_lakes().send());
    show(
        "A wrong region",
        plain(&with(&good, good.api_secret().expose_secret(), "mars-1")).build()?.show_lakes().send(),
    );
    show("A statement with a syntax error", client.execute("SHWO LAKES").send());
    show("An operation that does not exist", client.get_status("no-such-id").send());
    show("An operation that fails", client.delete_cluster("never-created").send());

    let slow = Emulator::builder().pending_polls(1000).start()?;
    let call = plain(&slow.credentials()).build()?.create_cluster("slow", ClusterType::Spark);
    show("An operation that takes too long", call.timeout(Duration::from_millis(500)).send());

    let busy = Emulator::builder().rate_limit(Some(1)).start()?;
    let impatient = plain(&busy.credentials()).no_rate_limit().retry(RetryPolicy::retries(0)).build()?;
    show(
        "Too many requests",
        (0..3).map(|_| impatient.show_lakes().submit()).find(Result::is_err).transpose(),
    );

    let nobody = at(&good, &format!("http://{}", free_address()));
    show(
        "Nothing listens on the port",
        plain(&nobody).retry(RetryPolicy::retries(1)).build()?.show_lakes().send(),
    );
    let https = at(&good, &emulator.url().replace("http://", "https://"));
    show("A port without TLS", plain(&https).retry(RetryPolicy::retries(0)).build()?.show_lakes().send());

    // The rest needs a server that misbehaves, which a custom transport plays.
    let redirect = |to: &str| {
        let mut headers = Headers::new();
        headers.push("location", to);
        Canned::Answer(302, headers)
    };
    show(
        "A redirect",
        canned(&good, redirect("https://elsewhere.example/v1/resource/"))?.show_lakes().send(),
    );
    show("A conflict", canned(&good, Canned::Answer(409, Headers::new()))?.run_job("etl").send());
    show(
        "The server fails on a read",
        canned(&good, Canned::Answer(503, Headers::new()))?.show_lakes().send(),
    );
    show(
        "The server fails on a change",
        canned(&good, Canned::Answer(503, Headers::new()))?.run_job("etl").send(),
    );
    show("The connection breaks on a change", canned(&good, Canned::Broken)?.run_job("etl").send());
    Ok(())
}

/// What a program does about an error.
fn advice(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::OutcomeUnknown => "check whether it took effect, then decide",
        ErrorKind::OperationTimeout => "keep the request id and resume later",
        _ if error.is_resumable() => "resume with the request id",
        _ if error.is_retryable() => "try again later",
        _ if error.is_auth() => "ask for other credentials",
        ErrorKind::InvalidArgument | ErrorKind::Rejected => "correct the call",
        _ => "report it",
    }
}

fn show<T: std::fmt::Debug>(title: &str, outcome: Result<T, Error>) {
    println!("{title}");
    match outcome {
        Ok(value) => println!("  succeeded: {value:?}\n"),
        Err(error) => {
            println!("  {:?}", error.kind());
            for line in error.to_string().lines() {
                println!("  {line}");
            }
            println!("  -> {}\n", advice(&error));
        }
    }
}

fn plain(credentials: &Credentials) -> ClientBuilder {
    Client::builder()
        .credentials(credentials.clone())
        .proxy(Proxy::None)
        .poll_interval(Duration::from_millis(100))
}

fn rebuilt(from: &Credentials, secret: &str, region: &str, url: &str) -> Credentials {
    Credentials::builder()
        .account_uid(from.account_uid())
        .project_uid(from.project_uid())
        .api_key(from.api_key().expose_secret())
        .api_secret(secret)
        .link_uid(from.link_uid())
        .region(region)
        .user_uid(from.user_uid())
        .base_url(url)
        .build()
        .expect("all fields are given")
}

fn with(from: &Credentials, secret: &str, region: &str) -> Credentials {
    rebuilt(from, secret, region, from.base_url())
}

fn at(from: &Credentials, url: &str) -> Credentials {
    rebuilt(from, from.api_secret().expose_secret(), from.region(), url)
}

fn free_address() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

fn canned(credentials: &Credentials, canned: Canned) -> Result<Client, Error> {
    plain(credentials).transport(canned).retry(RetryPolicy::retries(0)).build()
}

/// A transport that always returns the same.
enum Canned {
    Answer(u16, Headers),
    Broken,
}

impl Transport for Canned {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        match self {
            Self::Answer(status, headers) => Ok(Response::new(*status, headers.clone(), "")),
            Self::Broken => Err(SendError::new(SendErrorKind::Closed, true, "the connection broke")),
        }
    }
}
