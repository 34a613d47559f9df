//! `configure`, on files of its own.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Directory, Ran, onehouse, program, run_with_input};

const ANSWERS: &str = "emulator-account\nemulator-project\nemulator-key\nemulator-secret\nus-west-2\nemulator-user\nemulator-link\nhttp://127.0.0.1:1\n";

fn configure(file: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = program(&["onehouse", "configure"]);
    command.args(arguments).env("ONEHOUSE_CREDENTIALS_FILE", file);
    run_with_input(&mut command, input)
}

fn read(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn a_new_file_is_for_its_owner_alone_and_works() {
    let directory = Directory::new("configure");
    let file = directory.path().join("new/credentials");
    let ran = configure(&file, &[], &format!("\n{ANSWERS}")).code(0);
    assert!(ran.stdout.contains("default") && !ran.stdout.contains("secret"), "{ran:?}");
    assert!(!ran.stderr.contains("emulator-secret"), "{ran:?}");
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(read(&file)["_default"], "default");

    let emulator = onehouse();
    let show = program(&["onehouse", "cluster", "show", "-o", "name", "--base-url", emulator.url()])
        .env("ONEHOUSE_CREDENTIALS_FILE", &file)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(show.stdout).unwrap(), "Connector\nSystem\n");
}

#[test]
fn other_profiles_and_unknown_keys_stay() {
    let directory = Directory::new("configure");
    let file = directory.path().join("credentials");
    let before = json!({
        "prod": {"api_key": "K", "x": [1]},
        "_default": "prod",
        "dev": {"region": "old", "account_uid": "A", "ai_gateway_url": "U", "api_key": "k", "api_secret": "s"},
    });
    fs::write(&file, before.to_string()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    // Empty answers keep what is there; the key of the SDK is the one that counts.
    let input = "\nP\n\n\nus-east-1\nU1\nL1\n\nn\n";
    configure(&file, &["-p", "dev"], input).code(0);
    assert_eq!(
        read(&file),
        json!({
            "prod": {"api_key": "K", "x": [1]},
            "_default": "prod",
            "dev": {
                "region": "us-east-1", "account_uid": "A", "ai_gateway_url": "U", "api_key": "k", "api_secret": "s",
                "project_uid": "P", "user_id": "U1", "request_id": "L1", "api_endpoint": "https://api.onehouse.ai",
            },
        })
    );
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    // The default profile is asked for last.
    configure(&file, &["-p", "dev"], "\n\n\n\n\n\n\n\ny\n").code(0);
    assert_eq!(read(&file)["_default"], "dev");
}

#[test]
fn a_file_that_it_cannot_write_again_is_left_alone() {
    let directory = Directory::new("configure");
    let file = directory.path().join("credentials");
    for content in ["[default]\napi_key = k\n", "{\"a\": ", "{\"a\": 1} x", "[1]", "\u{feff}{}"] {
        fs::write(&file, content).unwrap();
        let ran = configure(&file, &["-p", "a"], ANSWERS).code(6);
        assert!(
            ran.stderr.contains("left as it is") && ran.stderr.contains("ONEHOUSE_CREDENTIALS_FILE"),
            "{ran:?}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    fs::write(&file, "{\"a\": \"no object\"}").unwrap();
    configure(&file, &["-p", "a"], ANSWERS).code(6);
    fs::write(&file, b"{\"a\": \"\xff\"}").unwrap();
    configure(&file, &["-p", "a"], ANSWERS).code(6);
    // A directory in its place.
    configure(directory.path(), &["-p", "a"], ANSWERS).code(6);
}

#[test]
fn nothing_is_written_before_the_last_answer() {
    let directory = Directory::new("configure");
    let file = directory.path().join("credentials");
    let lines: Vec<&str> = ANSWERS.lines().collect();
    for end in 0..lines.len() {
        let ran =
            configure(&file, &["-p", "a"], &(lines[..end].join("\n") + if end > 0 { "\n" } else { "" }))
                .code(2);
        assert!(ran.stderr.contains("nothing was written"), "{ran:?}");
    }
    // A key without its secret, an empty answer, a control character, a name that is taken.
    configure(&file, &["-p", "a"], "A\nP\nkey\n\nr\nu\nl\n\n").code(2);
    configure(&file, &["-p", "a"], "A\n\n").code(2);
    configure(&file, &["-p", "a"], "A\u{1b}\n").code(2);
    configure(&file, &["-p", "_default"], ANSWERS).code(2);
    configure(&file, &["-p", "a", "--dry-run"], ANSWERS).code(0);
    assert!(!file.exists());
}

#[test]
fn a_link_stays_a_link_and_a_directory_without_permission_is_an_error() {
    let directory = Directory::new("configure");
    let target = directory.path().join("target");
    let link = directory.path().join("link");
    fs::write(&target, "{}").unwrap();
    symlink(&target, &link).unwrap();
    configure(&link, &["-p", "a"], ANSWERS).code(0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(&target)["a"]["account_uid"], "emulator-account");
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");

    // Nothing can be created there, whoever asks.
    let ran = configure(Path::new("/proc/nowhere/credentials"), &["-p", "a"], ANSWERS).code(1);
    assert!(ran.stderr.contains("writing") && !ran.stderr.contains("panicked"), "{ran:?}");
}

#[test]
fn two_at_once_lose_neither_profile() {
    let directory = Directory::new("configure");
    let file = directory.path().join("credentials");
    fs::write(&file, "{}").unwrap();
    let start = |profile: &str| {
        let mut command = program(&["onehouse", "configure", "-p", profile]);
        command.env("ONEHOUSE_CREDENTIALS_FILE", &file);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // The second is asked while the first writes.
    let mut second = start("b");
    configure(&file, &["-p", "a"], ANSWERS).code(0);
    std::io::Write::write_all(second.stdin.as_mut().unwrap(), format!("{ANSWERS}n\n").as_bytes()).unwrap();
    drop(second.stdin.take());
    assert_eq!(second.wait().unwrap().code(), Some(0));
    let profiles = read(&file);
    assert!(profiles["a"].is_object() && profiles["b"].is_object(), "{profiles}");
}
