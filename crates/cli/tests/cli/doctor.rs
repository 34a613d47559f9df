//! `controlplane doctor`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use crate::services::{TempFile, eloq, h2o, hotdata, onehouse, with};
use crate::support::{Ran, program, run};

fn findings(ran: &Ran) -> Vec<Value> {
    ran.json()["findings"].as_array().unwrap().clone()
}

/// The findings about this, as `level: what -> advice`.
fn about(ran: &Ran, about: &str) -> Vec<String> {
    findings(ran)
        .iter()
        .filter(|finding| finding["about"] == about)
        .map(|finding| {
            let part = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!("{}: {} -> {}", part("level"), part("finding"), part("advice"))
        })
        .collect()
}

fn doctor(command: &mut Command) -> Ran {
    run(command.args(["doctor", "-o", "json"]))
}

#[test]
fn everything_is_well_with_an_emulator_and_no_secret_is_shown() {
    let onehouse = onehouse(controlplane_emulator::onehouse::Emulator::builder());
    let (eloq, (hotdata, _)) = (eloq(), hotdata(controlplane_emulator::hotdata::Emulator::builder()));
    let h2o = h2o(controlplane_emulator::h2o_workflows::Emulator::builder());
    let before =
        (eloq.requests().len(), hotdata.requests().len(), h2o.requests().len(), onehouse.requests().len());
    let mut all = onehouse.variables();
    all.extend(eloq.variables());
    all.extend(hotdata.variables());
    all.extend(h2o.variables());
    let secrets: Vec<String> = all
        .iter()
        .filter(|(name, _)| ["KEY", "SECRET", "TOKEN"].iter().any(|word| name.contains(word)))
        .map(|(_, value)| value.clone())
        .collect();
    assert!(secrets.len() >= 4);
    for format in ["json", "table", "yaml", "csv"] {
        let ran = run(with(all.clone(), &["doctor"]).args(["-o", format])).code(0);
        for secret in &secrets {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{secret}: {ran:?}");
        }
    }
    let ran = doctor(&mut with(all, &[])).code(0);
    for (service, field) in [
        ("onehouse", "api_secret comes from the environment variable ONEHOUSE_API_SECRET"),
        ("eloq", "api_key comes from the environment variable ELOQ_API_KEY"),
        ("h2o", "platform_token comes from the environment variable H2O_CLOUD_CLIENT_PLATFORM_TOKEN"),
        ("hotdata", "api_key comes from the environment variable HOTDATA_API_KEY"),
    ] {
        let all = about(&ran, service);
        assert!(all.iter().any(|finding| finding.contains(field)), "{all:?}");
        assert!(all.iter().any(|finding| finding.contains("answers at http")), "{all:?}");
        assert!(all.iter().any(|finding| finding.contains("the clock agrees")), "{all:?}");
    }
    let after =
        (eloq.requests().len(), hotdata.requests().len(), h2o.requests().len(), onehouse.requests().len());
    assert_eq!(after, (before.0 + 5, before.1 + 5, before.2 + 5, before.3 + 5), "one request each time");
}

#[test]
fn a_profile_in_a_file_is_named() {
    let file = TempFile::new(
        "credentials",
        "[test]\naccount_uid = a\nproject_uid = p\napi_key = k1\napi_secret = hunter2\nlink_uid = l\nregion = r\nuser_uid = u\n",
    );
    let folder = std::path::Path::new(file.path()).parent().unwrap();
    std::fs::create_dir(folder.join(".onehouse")).unwrap();
    std::fs::rename(file.path(), folder.join(".onehouse").join("credentials")).unwrap();
    let mut command = program(&["-p", "test", "doctor", "--offline", "onehouse", "-o", "json"]);
    let ran = run(command.env("HOME", folder)).code(0);
    let all = about(&ran, "onehouse").join("\n");
    assert!(all.contains("api_key comes from the profile [test] of the file "), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn missing_credentials_are_an_error_of_a_service_that_is_asked_for() {
    let ran = run(&mut program(&["doctor", "--offline", "-o", "json"])).code(0);
    assert_eq!(about(&ran, "eloq"), ["info: no credentials are set -> "]);
    let ran = run(&mut program(&["doctor", "--offline", "-o", "json", "eloq"])).code(6);
    let all = about(&ran, "eloq");
    assert!(all[0].starts_with("error: credentials: ") && all[0].contains("Set ELOQ_API_KEY"), "{all:?}");
    // A name that is nearly right is a sign that the service is used.
    let mut command = program(&["doctor", "--offline", "-o", "json"]);
    let ran = run(command.env("HOTDATA_APIKEY", "hunter2")).code(6);
    let all = about(&ran, "hotdata");
    assert!(all[0].contains("HOTDATA_APIKEY is set but not read") && !all[0].contains("hunter2"), "{all:?}");
}

#[test]
fn quotes_around_a_value_are_a_warning_without_the_value() {
    let mut command = program(&["doctor", "--offline", "eloq", "-o", "json"]);
    let ran = run(command.env("ELOQ_API_KEY", "\"hunter2\"")).code(0);
    let all = about(&ran, "eloq").join("\n");
    assert!(all.contains("warning: ") && all.contains("quotes") && !all.contains("hunter2"), "{all}");
}

#[test]
fn proxies_are_named_without_their_passwords() {
    let proxy = "http://user:hunter2@proxy.example:3128";
    let eloq = |direct: &str| {
        let mut command = program(&["doctor", "--offline", "eloq", "-o", "json"]);
        command.envs([("ELOQ_API_KEY", "k"), ("https_proxy", proxy), ("NO_PROXY", direct)]);
        let ran = run(&mut command).code(0);
        assert!(!ran.stdout.contains("hunter2"), "{ran:?}");
        (about(&ran, "proxy"), about(&ran, "eloq").join("\n"))
    };
    let (settings, through) = eloq("other.example");
    assert_eq!(settings, ["info: https_proxy is set, and NO_PROXY -> "]);
    assert!(through.contains("go through the proxy http://proxy.example:3128"), "{through}");
    let (_, past) = eloq("eloqdata.com");
    assert!(past.contains("do not use the proxy"), "{past}");
    let mut command = program(&["doctor", "--offline", "eloq", "-o", "json"]);
    command.envs([("ELOQ_API_KEY", "k"), ("https_proxy", "nonsense://u:hunter2@h")]);
    let ran = run(&mut command).code(1);
    assert!(!ran.stdout.contains("hunter2") && ran.stdout.contains("URL of the proxy"), "{ran:?}");
}

#[test]
fn certificates_that_cannot_be_read_are_an_error() {
    let mut command = program(&["doctor", "--offline", "eloq", "-o", "json"]);
    command.envs([("ELOQ_API_KEY", "k"), ("SSL_CERT_FILE", "/nowhere/ca.pem")]);
    let ran = run(&mut command).code(1);
    assert!(ran.stdout.contains("SSL_CERT_FILE"), "{ran:?}");
}

/// Answers one request with these lines.
fn serve(lines: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut piece = [0; 1024];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = socket.read(&mut piece).unwrap();
            request.extend_from_slice(&piece[..count]);
        }
        socket.write_all(lines.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, server)
}

fn eloq_at(address: &str) -> Command {
    let mut command = program(&["doctor", "eloq", "-o", "json"]);
    command.envs([("ELOQ_API_KEY", "hunter2"), ("ELOQ_BASE_URL", address)]);
    command
}

#[test]
fn a_clock_that_differs_is_a_warning_and_no_request_has_credentials() {
    let (address, server) = serve(
        "HTTP/1.1 401 Unauthorized\r\nDate: Thu, 01 Jan 2015 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
    );
    let ran = run(&mut eloq_at(&address)).code(0);
    let all = about(&ran, "eloq").join("\n");
    assert!(all.contains("warning: the clock of this machine is ") && all.contains("s ahead of"), "{all}");
    assert!(all.contains("Set the clock"), "{all}");
    let request = server.join().unwrap();
    assert!(!request.contains("hunter2") && !request.to_lowercase().contains("authorization"), "{request}");
}

#[test]
fn a_service_that_cannot_be_reached_is_an_error_with_what_to_do() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api/v1", closed.local_addr().unwrap());
    drop(closed);
    let ran = run(&mut eloq_at(&address)).code(1);
    let all = about(&ran, "eloq").join("\n");
    assert!(all.contains("error: ") && all.contains("cannot be reached"), "{all}");
    let (address, server) =
        serve("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n");
    let ran = run(&mut eloq_at(&address)).code(0);
    server.join().unwrap();
    let all = about(&ran, "eloq").join("\n");
    assert!(all.contains("redirects (HTTP 302)"), "{all}");
}

#[test]
fn a_base_url_with_a_password_is_not_shown() {
    for url in
        ["http://user:SEKRET@127.0.0.1:9", "http://127.0.0.1:9/?sig=SEKRET", "http://127.0.0.1:9/#SEKRET"]
    {
        for format in ["json", "table"] {
            let mut command = program(&["doctor", "onehouse", "-o", format]);
            let ran = run(command.env("ONEHOUSE_BASE_URL", url)).code(1);
            assert!(!ran.stdout.contains("SEKRET") && !ran.stderr.contains("SEKRET"), "{url}: {ran:?}");
        }
    }
}

#[test]
fn credentials_are_tried_when_asked_for() {
    let onehouse = onehouse(controlplane_emulator::onehouse::Emulator::builder().pending_polls(0));
    let (eloq, (hotdata, _)) = (eloq(), hotdata(controlplane_emulator::hotdata::Emulator::builder()));
    let h2o = h2o(controlplane_emulator::h2o_workflows::Emulator::builder());
    let all = [onehouse.variables(), eloq.variables(), hotdata.variables(), h2o.variables()].concat();
    let services = ["onehouse", "eloq", "h2o", "hotdata"];
    let ran = doctor(&mut with(all.clone(), &[])).code(0);
    for service in services {
        let found = about(&ran, service).join("\n");
        assert!(found.contains("info: sign-in: not tried -> `controlplane doctor --sign-in`"), "{found}");
    }
    let changes = (onehouse.ledger().len(), eloq.ledger().len());
    let ran = run(&mut with(all.clone(), &["doctor", "--sign-in", "-o", "json"])).code(0);
    for service in services {
        let found = about(&ran, service).join("\n");
        assert!(found.contains("ok: sign-in: the credentials were accepted"), "{found}");
    }
    assert_eq!((onehouse.ledger().len(), eloq.ledger().len()), (changes.0 + 1, changes.1));
    for (service, variable) in [
        ("onehouse", "ONEHOUSE_API_SECRET"),
        ("eloq", "ELOQ_API_KEY"),
        ("h2o", "H2O_CLOUD_CLIENT_PLATFORM_TOKEN"),
        ("hotdata", "HOTDATA_API_KEY"),
    ] {
        let mut command = with(all.clone(), &["doctor", service, "--sign-in", "-o", "json"]);
        let ran = run(command.env(variable, "wrong-hunter2")).code(6);
        let found = about(&ran, service).join("\n");
        assert!(found.contains("error: sign-in: the credentials were rejected: "), "{found}");
        assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{ran:?}");
    }
}
