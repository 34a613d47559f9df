//! Several processes that share one session.

use std::process::{Command, Stdio};

use super::*;

/// The variables that make this test binary one of the processes.
const HOME: &str = "CONTROLPLANE_TEST_SESSION_HOME";
const URL: &str = "CONTROLPLANE_TEST_SESSION_URL";
const CALLS: &str = "CONTROLPLANE_TEST_SESSION_CALLS";

/// One of the processes: it makes calls, each of which has to renew the session. Without the variables it
/// does nothing.
#[test]
fn a_process_that_renews_the_session() {
    let variable = |name| std::env::var(name);
    let (Ok(home), Ok(url), Ok(calls)) = (variable(HOME), variable(URL), variable(CALLS)) else { return };
    let credentials =
        Credentials::builder().env(variables(&url, Path::new(&home))).session(true).build().unwrap();
    let client = Client::builder().credentials(credentials).no_rate_limit().build().unwrap();
    for _ in 0..calls.parse::<u32>().unwrap() {
        client.show_lakes().send().unwrap();
    }
}

#[test]
fn processes_never_use_a_refresh_token_twice() {
    // A token is renewed a minute before it expires: one that lasts half a minute is renewed before each
    // request.
    let (emulator, home) =
        (emulator(|builder| builder.auto_approve().expires_in(Duration::from_secs(30))), Home::new());
    signed_in(&emulator, &home);
    let children: Vec<_> = (0..3)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "sign_in::processes::a_process_that_renews_the_session"])
                .env(HOME, home.path())
                .env(URL, emulator.url())
                .env(CALLS, "10")
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(emulator.ledger().len(), 30);
    // One for each request, and the sign-in; none was refused.
    let requests = emulator.requests();
    assert!(requests.iter().all(|request| request.status < 400));
    assert_eq!(
        count(&emulator, "token"),
        1 + count(&emulator, "show_lakes") + count(&emulator, "get_status")
    );
    client(&emulator, &home).unwrap().show_lakes().send().unwrap();
}
