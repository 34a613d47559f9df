//! How the program starts: several services, a configuration file, addresses, signals.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running program and the lines that it printed when it was ready.
struct Program {
    child: Child,
    urls: Vec<(String, String)>,
}

impl Program {
    fn start(args: &[&str], lines: usize) -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_controlplane-emulator")).args(args), lines)
    }

    fn of(command: &mut Command, lines: usize) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let urls = stdout.lines().take(lines).map(|line| {
            let line = line.unwrap();
            let (name, url) = line
                .strip_prefix("controlplane-emulator: ")
                .and_then(|rest| rest.split_once(" listening on "))
                .unwrap_or_else(|| panic!("{line}"));
            (name.to_owned(), url.to_owned())
        });
        let urls: Vec<_> = urls.collect();
        assert_eq!(urls.len(), lines);
        Self { child, urls }
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn port(url: &str) -> u16 {
    let rest = url.split_once("://").unwrap().1;
    rest.split('/').next().unwrap().rsplit_once(':').unwrap().1.parse().unwrap()
}

fn health(mut stream: TcpStream, port: u16) -> Value {
    write!(stream, "GET /_emulator/health HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn all_services_run_in_one_program_with_one_configuration_file() {
    let scratch = Scratch::new("all");
    let (config, ready) = (scratch.file("emulator.toml"), scratch.file("ready"));
    fs::write(
        &config,
        "service = \"all\"\nlisten = \"127.0.0.1:0\"\npending-polls = 0\n[onehouse]\nshape = \"wrapped\"\n[eloq]\nidle = true\n",
    )
    .unwrap();
    let mut program = Program::start(&["--config", &config, "--ready-file", &ready, "--seed", "5"], 4);
    let names: Vec<&str> = program.urls.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["onehouse", "eloq", "h2o-workflows", "hotdata"]);
    let written: Value = serde_json::from_str(&fs::read_to_string(&ready).unwrap()).unwrap();
    for (name, url) in &program.urls {
        assert_eq!(written[name], url.as_str());
        let health = health(TcpStream::connect(("127.0.0.1", port(url))).unwrap(), port(url));
        assert_eq!((&health["service"], &health["ready"]), (&Value::from(name.as_str()), &Value::from(true)));
    }
    #[cfg(unix)]
    {
        program.signal("TERM");
        assert_eq!(program.child.wait().unwrap().code(), Some(0));
        assert!(!Path::new(&ready).exists(), "the file of a program that has ended");
    }
}

#[test]
fn localhost_is_reached_on_both_loopback_addresses() {
    let program = Program::start(&["eloq", "--listen", "localhost:0"], 1);
    let port = port(&program.urls[0].1);
    assert!(program.urls[0].1.starts_with("http://127.0.0.1:"));
    assert_eq!(health(TcpStream::connect(("127.0.0.1", port)).unwrap(), port)["service"], "eloq");
    // On a machine that has IPv6.
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        assert_eq!(health(TcpStream::connect((Ipv6Addr::LOCALHOST, port)).unwrap(), port)["service"], "eloq");
    }
}

#[test]
fn a_port_in_use_names_the_option_for_a_free_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_controlplane-emulator"))
        .args(["onehouse", "--listen", &address])
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains(&address) && shown.contains("--listen 127.0.0.1:0"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_configuration_file_that_is_wrong_is_named_in_one_line() {
    let scratch = Scratch::new("config");
    for (place, (text, says)) in [
        ("listne = \"x:1\"", "listne"),
        ("rate 3", "expected"),
        ("service = \"eloq\"\nshape = \"flat\"", "--shape is for onehouse"),
        ("config = \"x\"", "command line"),
        ("service = \"eloq\"\n[eloq]\nclusters = \"many\"", "clusters"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = scratch.file(&format!("{place}.toml"));
        fs::write(&path, text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_controlplane-emulator"))
            .args(["--config", &path])
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(shown.lines().next().unwrap().contains(says) && shown.lines().count() == 2, "{shown}");
    }
}

#[test]
#[cfg(unix)]
fn under_nohup_it_outlives_its_terminal() {
    let mut nohup = Command::new("nohup");
    let program = Program::of(
        nohup.args([env!("CARGO_BIN_EXE_controlplane-emulator"), "eloq", "--listen", "127.0.0.1:0"]),
        1,
    );
    program.signal("HUP");
    let port = port(&program.urls[0].1);
    assert_eq!(health(TcpStream::connect(("127.0.0.1", port)).unwrap(), port)["service"], "eloq");
}

#[test]
fn a_file_fills_the_emulator_at_its_start() {
    let scratch = Scratch::new("seed");
    let file = |name: &str, text: &str| {
        let path = scratch.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let plan = file("plan.json", "[{\"create_service_principal\": {\"name\": \"seeded\"}}]");
    let args =
        ["onehouse", "--listen", "127.0.0.1:0", "--cors", "http://localhost:5173", "--seed-file", &plan];
    let program = Program::start(&args, 1);
    let mut stream = TcpStream::connect(("127.0.0.1", port(&program.urls[0].1))).unwrap();
    write!(stream, "GET /_emulator/resources HTTP/1.0\r\n\r\n").unwrap();
    let mut resources = String::new();
    stream.read_to_string(&mut resources).unwrap();
    assert!(resources.contains("\"seeded\""), "{resources}");

    let refused = |args: &[&str]| {
        let ended = Command::new(env!("CARGO_BIN_EXE_controlplane-emulator")).args(args).output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };
    let wrong = file("wrong.json", "[\"CREATE GROUP a\", \"CREATE NONSENSE\"]");
    let (code, why) = refused(&["onehouse", "--listen", "127.0.0.1:0", "--seed-file", &wrong]);
    assert_eq!(code, Some(1), "{why}");
    assert!(why.contains(&format!("--seed-file {wrong}: entry 2 (CREATE NONSENSE): ")), "{why}");
    let (code, why) = refused(&["all", "--listen", "127.0.0.1:0", "--seed-file", &plan]);
    assert!(code == Some(2) && why.contains("names of services"), "{why}");
    // A table of the configuration has a file for one service.
    let config = format!("service = \"all\"\nlisten = \"127.0.0.1:0\"\n[onehouse]\nseed-file = {wrong:?}\n");
    let (code, why) = refused(&["--config", &file("emulator.toml", &config)]);
    assert!(code == Some(1) && why.contains("entry 2"), "{why}");
    let all = file("all.json", "{\"eloq\": [], \"onehouse\": [\"CREATE NONSENSE\"]}");
    let (code, why) = refused(&["all", "--listen", "127.0.0.1:0", "--seed-file", &all]);
    assert!(code == Some(1) && why.contains("entry 1"), "{why}");
}

/// Sends a request with the fixed access token of H2O Workflows, and returns the body of the response.
#[cfg(target_os = "linux")]
fn h2o_workflows(url: &str, method: &str, path: &str, body: &Value) -> Value {
    let (port, body) = (port(url), body.to_string());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /v1/{path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer emulator-access-token\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// However the program ends, also by a signal of which it hears nothing. SIGHUP comes when its terminal is closed.
#[test]
#[cfg(target_os = "linux")]
fn the_processes_of_steps_end_with_the_program() {
    use serde_json::json;

    // The program outlives SIGHUP where its parent ignores the signal, as under `nohup`.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    let ignores_hangups = u64::from_str_radix(ignored, 16).unwrap() & 1 != 0;
    let signals = ["KILL", "HUP", "TERM"].into_iter().filter(|signal| *signal != "HUP" || !ignores_hangups);
    for signal in signals {
        let args = ["h2o-workflows", "--listen", "127.0.0.1:0", "--pending-polls", "0", "--run-steps"];
        let mut program = Program::start(&args, 1);
        let url = program.urls[0].1.clone();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // One process stays in its group and one does not.
        let script =
            format!("exec 3<>/dev/tcp/127.0.0.1/{port}; pwd >&3; setsid sleep 1000 & sleep 1000; true");
        let source = format!("id: f\njobs: {{a: {{steps: [{{run: {}}}]}}}}\n", json!(script));
        let body = json!({ "sourceContents": source });
        h2o_workflows(&url, "POST", "workspaces/w/workflows", &body);
        h2o_workflows(&url, "POST", "workspaces/w/workflows/f:activate", &json!({}));
        let path = "workspaces/w/workflows/f/revisions/active:run";
        let run = h2o_workflows(&url, "POST", path, &json!({}));
        h2o_workflows(&url, "GET", run["run"]["name"].as_str().unwrap(), &json!({}));
        let mut step = BufReader::new(listener.accept().unwrap().0);
        let mut directory = String::new();
        step.read_line(&mut directory).unwrap();
        assert!(Path::new(directory.trim()).is_dir(), "{directory}");
        program.signal(signal);
        program.child.wait().unwrap();
        // The connection ends when no process has it any more.
        let mut rest = String::new();
        step.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "{signal}");
        while Path::new(directory.trim()).exists() {
            std::thread::yield_now();
        }
    }
}
