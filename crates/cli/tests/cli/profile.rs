//! `--profile`, and the warnings of the library.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use controlplane_emulator::onehouse::Emulator;

use crate::services::with;
use crate::support::{Directory, oh, onehouse, program, run, statements};

/// A home with a credentials file that has the profile `dev` for this emulator.
fn home(emulator: &Emulator, mode: u32) -> Directory {
    let directory = Directory::new("profile");
    let (identity, url) = (emulator.identity(), emulator.url());
    let text = format!(
        "[dev]\naccount_uid = {}\nproject_uid = {}\napi_key = {}\napi_secret = {}\nlink_uid = {}\nregion = {}\nuser_uid = {}\nbase_url = {url}\n",
        identity.account_uid,
        identity.project_uid,
        identity.api_key,
        identity.api_secret,
        identity.link_uid,
        identity.region,
        identity.user_uid,
    );
    let folder = directory.path().join(".onehouse");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("credentials"), text).unwrap();
    fs::set_permissions(folder.join("credentials"), fs::Permissions::from_mode(mode)).unwrap();
    directory
}

/// The program with the variables of one emulator, and a home with the profile of another.
fn between(variables: &Emulator, home: &Directory, arguments: &[&str]) -> Command {
    let mut command = oh(variables, arguments);
    command.env("HOME", home.path());
    command
}

#[test]
fn an_explicit_profile_wins_over_the_variables() {
    let (production, dev) = (onehouse(), onehouse());
    let home = home(&dev, 0o600);
    let create = |name: &'static str| ["service-principal", "create", name];
    run(&mut between(&production, &home, &create("a"))).code(0);
    run(between(&production, &home, &create("b")).args(["-p", "dev"])).code(0);
    assert_eq!(statements(&production), ["CREATE SERVICE_PRINCIPAL `a`"]);
    assert_eq!(statements(&dev), ["CREATE SERVICE_PRINCIPAL `b`"]);
    // Plans and single operations too.
    let id = &dev.ledger()[0].request_id;
    let mut status = with(production.variables(), &["status", id, "-p", "dev"]);
    run(status.env("HOME", home.path())).code(0);
    let ran = run(&mut between(&production, &home, &["cluster", "show", "-p", "nosuch"])).code(6);
    assert!(ran.stderr.contains("Add the keys to the profile \"nosuch\""), "{ran:?}");
    let mut doctor = with(production.variables(), &["doctor", "onehouse", "-p", "nosuch", "--offline"]);
    let ran = run(doctor.env("HOME", home.path())).code(6);
    assert!(ran.stdout.contains("Add the keys to the profile \"nosuch\""), "{ran:?}");
    let ran = run(&mut between(&production, &home, &["cluster", "show", "-p", ""])).code(2);
    assert!(ran.stderr.contains("--profile"), "{ran:?}");
    let mut doctor = with(production.variables(), &["doctor", "onehouse", "-p", "dev", "--offline"]);
    let ran = run(doctor.env("HOME", home.path())).code(0);
    assert!(ran.stdout.contains("api_key comes from the profile [dev]"), "{ran:?}");
}

#[test]
fn a_profile_without_an_address_has_that_of_the_variable() {
    let directory = Directory::new("profile");
    let file = directory.path().join("credentials");
    fs::write(&file, "[dev]\naccount_uid = a\nproject_uid = p\napi_key = k\napi_secret = s\nlink_uid = l\nregion = r\nuser_uid = u\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = program(&["doctor", "onehouse", "-p", "dev", "--offline"]);
    command.env("ONEHOUSE_CREDENTIALS_FILE", &file).env("ONEHOUSE_BASE_URL", "http://127.0.0.1:1");
    let ran = run(&mut command).code(0);
    assert!(
        ran.stdout.contains("http://127.0.0.1:1 ") || ran.stdout.contains("ONEHOUSE_BASE_URL"),
        "{ran:?}"
    );
}

#[test]
fn services_without_profiles_refuse_the_option() {
    for line in [&["eloq", "clusters"][..], &["h2o", "runs", "list", "w"], &["hotdata", "workspaces"]] {
        let ran = run(program(line).args(["-p", "dev"])).code(2);
        assert!(ran.stderr.contains(&format!("--profile has no effect on {}", line[0])), "{ran:?}");
    }
}

#[test]
fn warnings_of_the_library_are_shown_unless_quiet() {
    let emulator = onehouse();
    let home = home(&emulator, 0o644);
    let show = || {
        let mut command = program(&["onehouse", "cluster", "show", "-o", "name", "-p", "dev"]);
        command.env("HOME", home.path());
        command
    };
    let ran = run(&mut show()).code(0);
    assert!(ran.stderr.starts_with("warning: ") && ran.stderr.contains("chmod 600"), "{ran:?}");
    assert!(!ran.stderr.contains(&emulator.identity().api_secret), "{ran:?}");
    assert_eq!(run(show().arg("-q")).code(0).stderr, "");
}
