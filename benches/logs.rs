//! Measures how fast the log of a step is read: `cargo bench --bench logs`. See
//! `README.md` here.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use controlplane::SecretString;
use controlplane::h2o_workflows::{Client, Credentials};
use controlplane::transport::Proxy;

const STEP: &str = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";
/// Bytes of the log in a chunk of the stream.
const CHUNK: usize = 1000;
const MEGABYTE: usize = 1_000_000;
/// The limit of a call. It does not limit how long a log is followed.
const LIMIT: Duration = Duration::from_secs(3);

/// The body of a stream that the server sends.
#[derive(Clone, Copy)]
enum Body {
    /// This many bytes of a log.
    Log(usize),
    /// This many line ends.
    Newlines(usize),
}

/// Serves the body to every request, each on a connection of its own.
fn serve(body: Body) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that has gone is not a fault of the server.
            let _ = answer(stream, body);
        }
    });
    Ok(format!("http://{address}"))
}

fn answer(stream: TcpStream, body: Body) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let mut out = std::io::BufWriter::with_capacity(1 << 16, stream);
    out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")?;
    match body {
        Body::Log(bytes) => {
            let text = BASE64_STANDARD
                .encode([b"0123456789".repeat(CHUNK / 10 - 1), b"012345678\n".to_vec()].concat());
            let line = |offset: usize| {
                format!("{{\"result\":{{\"data\":\"{text}\",\"offset\":\"{offset:010}\"}}}}\n")
            };
            write!(out, "Content-Length: {}\r\n\r\n", line(0).len() * (bytes / CHUNK))?;
            for chunk in 1..=bytes / CHUNK {
                out.write_all(line(chunk * CHUNK).as_bytes())?;
            }
        }
        Body::Newlines(bytes) => {
            write!(out, "Content-Length: {bytes}\r\n\r\n")?;
            out.write_all(&vec![b'\n'; bytes])?;
        }
    }
    out.flush()
}

fn client(url: &str) -> Result<Client, Box<dyn Error>> {
    let credentials =
        Credentials::builder().endpoint(url).token_provider(SecretString::from("token")).build()?;
    Ok(Client::builder().credentials(credentials).timeout(LIMIT).proxy(Proxy::None).build()?)
}

/// Reads the body with bare ureq and looks at nothing of it: the bytes of the response, which are more than those of the log.
fn raw(url: &str) -> Result<usize, Box<dyn Error>> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().proxy(None).timeout_global(Some(LIMIT)).build().into();
    let mut body = agent.get(url).call()?.into_body().into_reader();
    let (mut buffer, mut read) = (vec![0; 1 << 16], 0);
    loop {
        match body.read(&mut buffer)? {
            0 => return Ok(read),
            length => read += length,
        }
    }
}

/// Prints how long it took.
fn measured(
    what: &str,
    bytes: usize,
    run: impl FnOnce() -> Result<usize, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let read = run()?;
    let took = began.elapsed().as_secs_f64();
    println!("{what:34} {read:>10} bytes {took:>8.3} s {:>8.1} MB/s", bytes as f64 / 1e6 / took);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    for megabytes in [1, 10, 100] {
        let bytes = megabytes * MEGABYTE;
        let url = serve(Body::Log(bytes))?;
        let client = client(&url)?;
        measured(&format!("raw, {megabytes} MB"), bytes, || raw(&url))?;
        measured(&format!("follow, {megabytes} MB"), bytes, || {
            let mut read = 0;
            for chunk in client.step().stream_step_logs(STEP).follow() {
                read += chunk?.data.len();
            }
            Ok(read)
        })?;
        measured(&format!("follow as lines of text, {megabytes} MB"), bytes, || {
            let mut read = 0;
            for line in client.step().stream_step_logs(STEP).follow().lines() {
                read += line?.len() + 1;
            }
            Ok(read)
        })?;
    }
    let client_of = |body| client(&serve(body)?);
    let bytes = 10 * MEGABYTE;
    let client = client_of(Body::Log(bytes))?;
    measured("at once, 10 MB", bytes, || {
        let chunks = client.step().stream_step_logs(STEP).send()?;
        Ok(chunks.iter().map(|chunk| chunk.data.len()).sum())
    })?;
    let bytes = 4 * MEGABYTE;
    let client = client_of(Body::Newlines(bytes))?;
    measured("follow, 4 MB of line ends", bytes, || {
        Ok(client.step().stream_step_logs(STEP).follow().count())
    })?;
    measured("at once, 4 MB of line ends", bytes, || Ok(client.step().stream_step_logs(STEP).send()?.len()))?;
    Ok(())
}
