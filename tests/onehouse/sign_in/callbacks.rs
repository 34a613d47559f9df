//! What comes to the listener, from a browser and from others.

use std::sync::mpsc;

use controlplane::ErrorKind;

use super::*;

/// Runs a sign-in; `person` gets the address of the page, on a thread of its own.
fn with_person(
    emulator: &Emulator,
    home: &Home,
    person: impl Fn(String) + Clone + Send + Sync + 'static,
) -> Result<Session, Error> {
    sign_in(emulator, home)
        .no_browser(move |url| {
            let (url, person) = (url.to_owned(), person.clone());
            std::thread::spawn(move || person(url));
        })
        .run()
}

#[test]
fn only_the_callback_of_this_sign_in_ends_the_wait() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let (give, take) = mpsc::channel();
    with_person(&emulator, &home, move |url| {
        let redirect = parameter(&url, "redirect_uri");
        let state = parameter(&url, "state");
        let root = redirect.strip_suffix("/oauth/callback").unwrap();
        let statuses = [
            fetch("GET", &format!("{root}/favicon.ico"), "").status,
            fetch("GET", &format!("{root}/"), "").status,
            fetch("GET", &format!("{redirect}/?code=x&state={state}"), "").status,
            fetch("GET", &format!("{redirect}?code=x&state=wrong"), "").status,
            fetch("GET", &format!("{redirect}?code=x"), "").status,
            fetch("GET", &format!("{redirect}?error=access_denied&state=wrong"), "").status,
            fetch("GET", &format!("{redirect}?code=x&state={state}&state={state}"), "").status,
            fetch("POST", &format!("{redirect}?code=x&state={state}"), "").status,
            fetch("HEAD", &format!("{redirect}?code=x&state={state}"), "").status,
        ];
        browse(&url).recv().unwrap();
        give.send(statuses).unwrap();
    })
    .unwrap();
    assert_eq!(take.recv().unwrap(), [404, 404, 404, 400, 400, 400, 400, 405, 405]);
}

#[test]
fn clients_that_are_slow_or_hostile_delay_nobody() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    with_person(&emulator, &home, |url| {
        let redirect = parameter(&url, "redirect_uri");
        let host = redirect.strip_prefix("http://").unwrap().split('/').next().unwrap();
        let connect = || TcpStream::connect(host).unwrap();
        // Many that say nothing, half a request, too much, and no HTTP.
        let silent: Vec<TcpStream> = (0..100).map(|_| connect()).collect();
        let mut half = connect();
        half.write_all(b"GET /oauth/callback?code=x&st").unwrap();
        let mut long = connect();
        let _ = long.write_all(&vec![b'a'; 100_000]);
        let mut binary = connect();
        binary.write_all(b"\x16\x03\x01\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        binary.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400 "));
        drop(connect());
        browse(&url).recv().unwrap();
        drop(silent);
    })
    .unwrap();
}

#[test]
fn a_denied_sign_in_says_so() {
    let (emulator, home) = (emulator(|builder| builder), Home::new());
    let (give, take) = mpsc::channel();
    let error = with_person(&emulator, &home, move |url| {
        let callback = fetch("POST", &url, "decision=deny").location();
        give.send(fetch("GET", &callback, "").body).unwrap();
    })
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(error.to_string().contains("access_denied: the user denied the sign-in"), "{error}");
    assert!(take.recv().unwrap().contains("did not complete"));
    assert!(!session(&emulator, &home).is_signed_in());
}

#[test]
fn a_response_of_another_server_is_refused_before_the_code_is_used() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    for issuer in ["&iss=https%3A%2F%2Fevil.test", ""] {
        let error = with_person(&emulator, &home, move |url| {
            let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
            fetch("GET", &format!("{redirect}?code=stolen&state={state}{issuer}"), "");
        })
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert!(error.to_string().contains("authorization server"), "{error}");
    }
    assert_eq!(count(&emulator, "token"), 0);
}

#[test]
fn a_callback_without_a_code_is_a_failure() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let error = with_person(&emulator, &home, |url| {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        fetch("GET", &format!("{redirect}?state={state}"), "");
    })
    .unwrap_err();
    assert!(error.to_string().contains("no code"), "{error}");
}

#[test]
fn a_code_of_another_sign_in_does_not_match_the_verifier() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let (give, take) = mpsc::channel();
    let error = with_person(&emulator, &home, move |url| {
        // Somebody else's authorization, whose code is slipped in with the right state.
        let challenge = parameter(&url, "code_challenge");
        let other = url.replace(&challenge, &"A".repeat(43));
        let callback = fetch("GET", &other, "").location();
        give.send(parameter(&callback, "code")).unwrap();
        fetch("GET", &callback, "");
    })
    .unwrap_err();
    assert_eq!(
        (error.kind(), error.api_code()),
        (ErrorKind::Authentication, Some("invalid_grant")),
        "{error}"
    );
    assert!(error.to_string().contains("verifier") && error.to_string().contains("Sign in again"), "{error}");
    let code = take.recv().unwrap();
    assert!(!format!("{error} {error:?}").contains(&code), "{error:?}");
    assert!(!session(&emulator, &home).is_signed_in());
}
