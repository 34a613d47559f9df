//! A thousand connections at a time, ten thousand requests, and something wrong with every third of them: the program
//! stays up, and its ledger has what its clients know. Prints how long that took and how much memory. Needs 1100 open
//! files (`ulimit -n`).
//!
//! ```text
//! cargo bench --package controlplane-emulator --bench emulator_soak
//! ```

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use controlplane::onehouse::Client;
use controlplane_emulator::onehouse::Identity;
use serde_json::{Value, json};

const CONNECTIONS: usize = 1000;
/// Of each connection, half of them submits.
const REQUESTS: usize = 10;
/// How often all of that is done: memory is compared between rounds.
const ROUNDS: usize = 3;

const FAULTS: [&str; 17] = [
    "p=0.02: delay=5ms",
    "p=0.02: close-before-read",
    "p=0.02, contains=soak: close-before-read",
    "p=0.02: take-then-close",
    "p=0.02: cut-header",
    "p=0.02: cut-body",
    "p=0.02: too-long",
    "p=0.02: too-short",
    "p=0.02: not-json",
    "p=0.02: not-utf8",
    "p=0.02: empty-body",
    "p=0.02: huge-body=256KiB",
    "p=0.02: drip=1ms",
    "p=0.02: status=503",
    "p=0.02: status=502, taken",
    "p=0.04: operation-status=NEW",
    "p=0.04: back-to-pending",
];

/// The program. It is killed if the test fails.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start() -> Self {
        let faults = FAULTS.iter().flat_map(|spec| ["--fault", spec]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_controlplane-emulator"))
            .args([
                "onehouse",
                "--listen",
                "127.0.0.1:0",
                "--rate",
                "off",
                "--pending-polls",
                "0",
                "--seed",
                "1",
            ])
            .args(faults)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
        Self { child, address }
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_nodelay(true).unwrap();
        BufReader::new(stream)
    }

    /// An exchange on the emulator's own paths.
    fn own(&self, method: &str, path: &str) -> Value {
        let mut stream = self.connect();
        let (status, body, _) = exchange(&mut stream, method, path, "", "").expect("no fault strikes these");
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }

    /// Resident memory in KiB, where the system tells.
    fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix(" kB")?.parse().ok()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request and its answer: status, body, whether the connection lives on. `None` if there is no whole answer.
fn exchange(
    stream: &mut BufReader<TcpStream>,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Option<(u16, Vec<u8>, bool)> {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.get_mut().write_all(request.as_bytes()).ok()?;
    let (mut status, mut length, mut lives) = (0, 0, true);
    for first in [true].into_iter().chain(std::iter::repeat(false)) {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let line = line.strip_suffix("\r\n")?;
        match line.split_once(": ") {
            _ if first => status = line.split(' ').nth(1)?.parse().ok()?,
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("connection", value)) => lives = value == "keep-alive",
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((status, body, lives))
}

/// What a client knows of a statement that it has sent once.
#[derive(Debug, PartialEq)]
enum Known {
    /// It was taken, under this id.
    Taken(String),
    /// Nothing.
    Nothing,
}

/// All that one client does, on one connection for as long as that lives.
fn work(
    program: &Program,
    mut stream: BufReader<TcpStream>,
    headers: &str,
    names: &[String],
) -> Vec<(String, Known)> {
    let offline = Client::offline();
    let mut learned = Vec::new();
    let mut first = None;
    for (n, name) in names.iter().enumerate() {
        let statement = offline.create_service_principal(name.as_str()).to_sql().unwrap();
        let body = json!({ "statement": statement }).to_string();
        let answer = exchange(&mut stream, "POST", "/v1/resource/", headers, &body);
        let payload = |body: &[u8]| serde_json::from_slice::<Value>(body).ok();
        let id = answer
            .as_ref()
            .filter(|(status, ..)| *status == 200)
            .and_then(|(_, body, _)| Some(payload(body)?["requestId"].as_str()?.to_owned()));
        if !answer.is_some_and(|(_, _, lives)| lives && id.is_some()) {
            drop(stream);
            stream = program.connect();
        }
        // The same one again and again, and others.
        first = first.or(id.clone());
        let asked = if n.is_multiple_of(2) { &first } else { &id };
        let path = format!("/v1/status/{}", asked.as_deref().unwrap_or("unknown"));
        learned.push((statement, id.map_or(Known::Nothing, Known::Taken)));
        let answer = exchange(&mut stream, "GET", &path, headers, "");
        if !answer.is_some_and(|(_, body, lives)| lives && payload(&body).is_some()) {
            drop(stream);
            stream = program.connect();
        }
    }
    learned
}

fn main() {
    let program = Program::start();
    let identity = Identity::default();
    let headers: String = identity.headers().map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    let memory = |when: &str| match program.memory() {
        Some(kib) => println!("{when}: {} MiB resident", kib / 1024),
        None => println!("{when}: this system does not tell how much memory a process has"),
    };
    memory("at the start");
    for round in 1..=ROUNDS {
        let start = Instant::now();
        // All of them stand, and none is waiting to be accepted, before any begins.
        let connect = |_| {
            let mut stream = program.connect();
            exchange(&mut stream, "GET", "/_emulator/", "", "").unwrap();
            stream
        };
        let connections: Vec<_> = (0..CONNECTIONS).map(connect).collect();
        let learned = Mutex::new(HashMap::new());
        std::thread::scope(|scope| {
            for (connection, stream) in connections.into_iter().enumerate() {
                let names: Vec<String> =
                    (0..REQUESTS / 2).map(|n| format!("soak-{connection}-{n}")).collect();
                let (program, headers, learned) = (&program, &headers, &learned);
                let client = std::thread::Builder::new().stack_size(256 * 1024);
                let all = move || {
                    let of_one = work(program, stream, headers, &names);
                    learned.lock().unwrap().extend(of_one);
                };
                client.spawn_scoped(scope, all).unwrap();
            }
        });
        let took = start.elapsed();
        memory(&format!("round {round}, after {took:.1?}"));
        let learned = learned.into_inner().unwrap();

        let ledger = program.own("GET", "/_emulator/ledger");
        let mut taken: HashMap<&str, Vec<&str>> = HashMap::new();
        for entry in ledger.as_array().unwrap() {
            let (statement, id) =
                (entry["statement"].as_str().unwrap(), entry["request_id"].as_str().unwrap());
            taken.entry(statement).or_default().push(id);
        }
        assert_eq!(learned.len(), CONNECTIONS * REQUESTS / 2);
        assert!(taken.keys().all(|statement| learned.contains_key(*statement)), "what nobody sent was taken");
        let mut heard = 0;
        for (statement, known) in &learned {
            let ids = taken.get(statement.as_str()).map_or(&[][..], Vec::as_slice);
            match known {
                Known::Taken(id) => {
                    assert_eq!(ids, [id.as_str()], "{statement}");
                    heard += 1;
                }
                Known::Nothing => assert!(ids.len() <= 1, "{statement}: {ids:?}"),
            }
        }
        // The request log agrees with the ledger, and every fault has struck.
        let requests = program.own("GET", "/_emulator/requests");
        let requests = requests.as_array().unwrap();
        assert_eq!(requests.len(), CONNECTIONS * REQUESTS);
        let answered = |request: &&Value| request["method"] == "POST" && !request["request_id"].is_null();
        assert_eq!(requests.iter().filter(answered).count(), ledger.as_array().unwrap().len());
        let struck: HashSet<&str> = requests.iter().filter_map(|request| request["fault"].as_str()).collect();
        assert_eq!(struck.len(), FAULTS.len(), "{struck:?}");
        let faulty = requests.iter().filter(|request| !request["fault"].is_null()).count();
        println!(
            "  {} requests, {faulty} with a fault; {} statements taken, {heard} heard of",
            requests.len(),
            taken.len()
        );
        program.own("POST", "/_emulator/reset");
    }
    memory("at the end");
}
