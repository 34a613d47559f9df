//! A process that is stopped in the middle of a call and goes on after the call's timeout.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use controlplane::transport::SendErrorKind;

use crate::both::{Under, config, fails, on_both, post};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;

/// The timeout of the call.
const TIME: Duration = Duration::from_secs(3);

/// A shell that sends signals to a process. It is started before they are needed, which takes a while.
struct Signals {
    shell: Child,
    lines: ChildStdin,
}

impl Signals {
    fn new() -> Self {
        let mut shell = Command::new("/bin/sh").stdin(Stdio::piped()).spawn().unwrap();
        let lines = shell.stdin.take().unwrap();
        Self { shell, lines }
    }

    fn send(&mut self, signal: &str, process: u32) {
        writeln!(self.lines, "kill -s {signal} {process}").unwrap();
        self.lines.flush().unwrap();
    }

    fn end(self) {
        let Self { mut shell, lines } = self;
        drop(lines);
        shell.wait().unwrap();
    }
}

/// Waits until the system has stopped a process.
fn until_stopped(process: u32) {
    let is_stopped = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        // The state follows the name, which is in brackets.
        stat.rsplit_once(')').unwrap().1.trim_start().starts_with('T')
    };
    while !is_stopped() {
        std::hint::spin_loop();
    }
}

/// Lets the time of a call pass that begins now: a call of this process, which nobody answers.
fn until_time_is_over() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let request = post(&format!("http://{}", mute.local_addr().unwrap()));
    let transport = Under::Blocking(controlplane::transport::UreqTransport::new(&config()).unwrap());
    fails(transport.send(&request, TIME), SendErrorKind::Timeout, true);
}

/// The response arrives while the process is stopped. When it goes on, the call has timed out, and the
/// response is read all the same. A process that stops itself would stop the other tests: this one starts
/// itself again.
#[test]
fn a_response_that_arrives_while_the_process_is_stopped_is_read() {
    const TARGET: &str = "CONTROLPLANE_TEST_TARGET";
    if let Ok(target) = std::env::var(TARGET) {
        on_both(|make| {
            let response = make(&config()).unwrap().send(&post(&target), TIME);
            assert_eq!(response.unwrap().body, b"in time");
        });
        return;
    }
    let (started, process) = std::sync::mpsc::channel();
    let mut process_of = None;
    let server = CountedServer::start(move |mut stream, _| {
        let mut signals = Signals::new();
        let process = *process_of.get_or_insert_with(|| process.recv().unwrap());
        if read_request(&mut stream).is_none() {
            return;
        }
        signals.send("STOP", process);
        until_stopped(process);
        stream.write_all(&answer("200 OK", "", "in time")).unwrap();
        until_time_is_over();
        signals.send("CONT", process);
        signals.end();
        wait_for_close(&mut stream);
    });
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "stopped::a_response_that_arrives_while_the_process_is_stopped_is_read"])
        .env(TARGET, server.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    started.send(child.id()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(server.connections(), 2);
}
