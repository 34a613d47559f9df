//! The sign-in from end to end.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use controlplane::ErrorKind;
use controlplane::client::CancelToken;
use controlplane::onehouse::{AsyncClient, SignIn};

use super::*;
use crate::warnings::logged;

#[test]
fn a_person_signs_in_and_calls_need_no_api_key() {
    let (emulator, home) = (emulator(|builder| builder), Home::new());
    let (give, take) = mpsc::channel();
    let session = sign_in(&emulator, &home)
        .no_browser(move |url| {
            let (url, give) = (url.to_owned(), give.clone());
            std::thread::spawn(move || {
                let page = fetch("GET", &url, "");
                assert_eq!((page.status, page.body.matches("<button").count()), (200, 1), "{}", page.body);
                // The button sends the form to the address that it names.
                let action = page.body.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
                let action = action.replace("&amp;", "&");
                let host = url.split("/oauth").next().unwrap();
                let callback = fetch("POST", &format!("{host}{action}"), "").location();
                give.send((url, fetch("GET", &callback, ""))).unwrap();
            });
        })
        .run()
        .unwrap();
    let (url, page) = take.recv().unwrap();
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Signed in") && page.body.contains("close this tab"), "{}", page.body);
    assert!(page.head.contains("Cache-Control: no-store") && page.head.contains("no-referrer"));

    assert_eq!(session.issuer(), emulator.url());
    assert!(session.is_signed_in());
    let port = emulator.url().rsplit_once(':').unwrap().1;
    assert_eq!(session.path(), home.path().join(format!(".onehouse/sessions/127.0.0.1_{port}.json")));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "oh-cli"),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ] {
        assert_eq!(parameter(&url, name), value);
    }
    assert_eq!((parameter(&url, "state").len(), parameter(&url, "code_challenge").len()), (22, 43));
    let redirect = parameter(&url, "redirect_uri");
    assert!(redirect.starts_with("http://127.0.0.1:") && redirect.ends_with("/oauth/callback"), "{redirect}");

    let client = client(&emulator, &home).unwrap();
    client.show_lakes().send().unwrap();
    let async_client = AsyncClient::new(builder(&emulator, &home).build().unwrap()).unwrap();
    runtime().block_on(async { async_client.show_lakes().await }).unwrap();
    // The access token lasts: no call renewed it.
    assert_eq!(count(&emulator, "token"), 1);
}

#[test]
#[cfg(unix)]
fn the_session_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(session.path()), 0o600);
    assert_eq!(mode(session.path().parent().unwrap()), 0o700);
    let value = stored(&session);
    let mut names: Vec<&String> = value.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_at", "refresh_token"]);
    assert!(value["expires_at"].is_f64());
    // Nothing temporary is left.
    let mut files: Vec<_> = std::fs::read_dir(session.path().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let name = session.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(files, [name.to_owned(), format!("{name}.lock")]);
}

#[test]
fn futures_sign_in_and_out_too() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    runtime().block_on(async {
        let session =
            sign_in(&emulator, &home).no_browser(|url| drop(browse(url))).run_async().await.unwrap();
        assert!(session.is_signed_in());
        let signed_out = session.sign_out_async().await.unwrap();
        assert!(matches!(signed_out, onehouse::SignedOut::Revoked), "{signed_out:?}");
    });
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| signed_in(&emulator, &home))).collect();
        threads.into_iter().for_each(|thread| drop(thread.join().unwrap()));
    });
    emulator.expire_access_tokens();
    client(&emulator, &home).unwrap().show_lakes().send().unwrap();
}

#[test]
fn a_sign_in_ends_when_it_is_cancelled_or_its_time_is_over() {
    let (emulator, home) = (emulator(|builder| builder), Home::new());
    let token = CancelToken::new();
    let cancel = token.clone();
    let error =
        sign_in(&emulator, &home).cancel_with(&token).no_browser(move |_| cancel.cancel()).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");

    let runtime = runtime();
    let token = CancelToken::new();
    let cancel = token.clone();
    let pending = sign_in(&emulator, &home).cancel_with(&token).no_browser(move |_| cancel.cancel());
    let error = runtime.block_on(pending.run_async()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");

    let error =
        sign_in(&emulator, &home).timeout(Duration::from_millis(1)).no_browser(|_| {}).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
    assert!(error.is_timeout() && error.to_string().contains("no sign-in was completed"), "{error}");
    assert!(!session(&emulator, &home).is_signed_in());
}

#[test]
fn a_port_that_is_in_use_is_named() {
    let (emulator, home) = (emulator(|builder| builder), Home::new());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = sign_in(&emulator, &home).port(port).no_browser(|_| {}).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(error.to_string().contains(&format!("port {port}")), "{error}");
    drop(taken);
    let seen = std::sync::Arc::new(Mutex::new(String::new()));
    let keep = seen.clone();
    sign_in(&emulator, &home)
        .port(port)
        .timeout(Duration::from_millis(1))
        .no_browser(move |url| *keep.lock().unwrap() = parameter(url, "redirect_uri"))
        .run()
        .unwrap_err();
    assert_eq!(*seen.lock().unwrap(), format!("http://127.0.0.1:{port}/oauth/callback"));
}

#[test]
fn no_token_and_no_code_is_logged() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let (session, lines) = logged(|| {
        let session = signed_in(&emulator, &home);
        emulator.expire_access_tokens();
        let client = client(&emulator, &home).unwrap();
        client.show_lakes().send().unwrap();
        session
    });
    // At level trace ureq's own wire dump shows what the server sends: see `UreqTransport`.
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.starts_with("TRACE ")).collect();
    assert!(!lines.is_empty());
    let lines = lines.join("\n");
    assert_no_token(&lines, &stored(&session));
    for part in ["refresh-", "access-", "code-", "code_verifier="] {
        assert!(!lines.contains(part), "{part} in {lines}");
    }
}

#[test]
fn a_server_without_sign_in_and_one_that_is_not_there() {
    let home = Home::new();
    let hotdata = crate::raw_server::RawServer::start(|mut stream, _| {
        if crate::raw_request::read_request(&mut stream).is_some() {
            let _ =
                stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let at = |url: &str| SignIn::new().credentials(Credentials::builder().env(variables(url, home.path())));
    let error = at(&hotdata.url()).no_browser(|_| panic!("no page")).run().unwrap_err();
    assert_eq!(error.status(), Some(404), "{error}");
    assert!(error.to_string().contains("OAuth metadata"), "{error}");
    let error = at("https://user:hunter2@h").no_browser(|_| panic!("no page")).run().unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidArgument && !error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn metadata_of_another_issuer_are_refused() {
    let home = Home::new();
    let server = crate::raw_server::RawServer::start(|mut stream, _| {
        if crate::raw_request::read_request(&mut stream).is_some() {
            let body = r#"{"issuer": "http://evil.test", "authorization_endpoint": "http://evil.test/a",
                           "token_endpoint": "http://evil.test/t"}"#;
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            let _ = stream.write_all(head.as_bytes());
        }
    });
    let at = SignIn::new().credentials(Credentials::builder().env(variables(&server.url(), home.path())));
    let error = at.no_browser(|_| panic!("no page")).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    assert!(error.to_string().contains("http://evil.test"), "{error}");
}
