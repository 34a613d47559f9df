//! `login` and `logout` against the emulator.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use controlplane_emulator::onehouse::Emulator;

use crate::support::{Directory, emulator, oh, run};

/// Opens the page as a browser would, and follows where it leads.
fn browse(url: &str) {
    let mut url = url.to_owned();
    for _ in 0..5 {
        let rest = url.strip_prefix("http://").unwrap().to_owned();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let location = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        match location {
            Some(next) => url = next,
            None => return,
        }
    }
}

#[test]
fn a_session_takes_the_place_of_the_api_key_until_logout() {
    let emulator = emulator(Emulator::builder().pending_polls(0).auto_approve());
    let home = Directory::new("sign-in");
    let person = |arguments: &[&str]| {
        let mut command = oh(&emulator, arguments);
        command.env("HOME", home.path()).env_remove("ONEHOUSE_API_KEY").env_remove("ONEHOUSE_API_SECRET");
        command
    };
    run(&mut person(&["cluster", "show"])).code(6);

    let mut login =
        person(&["login", "--no-browser"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(login.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("http://") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0);
    }
    browse(line.trim());
    let output = login.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && stdout.starts_with("Signed in to http://127.0.0.1"), "{stdout}");

    run(&mut person(&["cluster", "show"])).code(0);
    let dry = run(&mut person(&["logout", "--dry-run", "-o", "json"])).code(0);
    assert_eq!(dry.json()["status"], "would sign out");
    assert!(run(&mut person(&["logout"])).code(0).stdout.starts_with("Signed out of http://"));
    assert!(run(&mut person(&["logout"])).code(0).stdout.starts_with("Not signed in to http://"));
    let again = run(&mut person(&["logout", "-o", "json"])).code(0);
    assert_eq!(again.json()["status"], "not signed in");
    run(&mut person(&["cluster", "show"])).code(6);
    // Nothing of the session is left.
    let sessions = fs::read_dir(home.path().join(".onehouse/sessions")).unwrap();
    assert!(sessions.flatten().all(|entry| !entry.file_name().to_string_lossy().ends_with(".json")));
}
