//! Renewals of tokens by a real issuer on loopback: calls that end early, rotation, and files.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::client::Origin;
use controlplane::h2o_workflows::{AsyncClient, Client, Credentials, CredentialsBuilder};
use controlplane::{CancelToken, ErrorKind, ExposeSecret, RetryPolicy};

use crate::raw_request::read_request;
use crate::raw_server::RawServer;
use crate::scripted::{Reply, Scripted};

const PARENT: &str = "workspaces/w";

/// An issuer that holds its first response to a token request back, and the service, which accepts the first access token
/// once: so a renewal follows whenever the client asks, early or late.
struct World {
    server: RawServer,
    /// The refresh tokens that were sent.
    sent: Arc<Mutex<Vec<String>>>,
    release: Sender<()>,
}

fn write(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    // A client may have given up.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

impl World {
    /// `arrived` is called when the first token request has arrived, before it is answered.
    fn new(mut arrived: impl FnMut() + Send + 'static) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (log, (release, released)): (_, (_, Receiver<()>)) = (sent.clone(), channel());
        let is_spent = AtomicBool::new(false);
        let server = RawServer::start(move |mut stream, _| {
            let Some(request) = read_request(&mut stream) else { return };
            if !request.starts_with("POST /token ") {
                if request.contains("Bearer access-1") && is_spent.swap(true, Ordering::SeqCst) {
                    return write(&mut stream, "401 Unauthorized", "{}");
                }
                return write(&mut stream, "200 OK", r#"{"workflows": []}"#);
            }
            let token = request.split("refresh_token=").nth(1).unwrap().split('&').next().unwrap();
            let number = {
                let mut log = log.lock().unwrap();
                log.push(token.to_owned());
                log.len()
            };
            if number == 1 {
                arrived();
                released.recv().unwrap();
            }
            let body = format!(
                r#"{{"access_token": "access-{number}", "refresh_token": "rotated{number}", "expires_in": 3600}}"#
            );
            write(&mut stream, "200 OK", &body);
        });
        Self { server, sent, release }
    }

    fn credentials(&self) -> CredentialsBuilder {
        let url = self.server.url();
        Credentials::builder()
            .env([("HOME", "/nonexistent"), ("H2O_CLOUD_TOKEN_ENDPOINT_URL", "http://127.0.0.1:1/stolen")])
            .endpoint(&*url)
            .refresh_token("original")
            .issuer_url(&*url)
            .client_id("id")
            .token_endpoint(format!("{url}/token"))
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

#[test]
fn a_call_that_ends_early_does_not_lose_the_rotated_token() {
    let token = CancelToken::new();
    let theirs = token.clone();
    let world = World::new(move || theirs.cancel());
    let rotated = Arc::new(Mutex::new(Vec::new()));
    let log = rotated.clone();
    let keep =
        move |token: &controlplane::SecretString| log.lock().unwrap().push(token.expose_secret().to_owned());
    let credentials = world.credentials().on_token_rotated(keep).build().unwrap();
    let client = Client::new(credentials).unwrap();
    let list = || client.workflow().list_workflows(PARENT);
    // The first one is cancelled while the issuer has the refresh token, the second one has too little time.
    let error = list().cancel_with(&token).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    let short = list().timeout(Duration::from_millis(20)).retry(RetryPolicy::retries(0));
    let error = short.send().unwrap_err();
    // On a busy machine it may time out before it asks for the token.
    assert!(error.is_timeout(), "{error}");
    assert_eq!(world.sent(), ["original"]);
    world.release.send(()).unwrap();
    list().send().unwrap();
    assert_eq!(
        (world.sent(), rotated.lock().unwrap().clone()),
        (vec!["original".into()], vec!["rotated1".into()])
    );
    // The service no longer accepts the access token: the next renewal sends the refresh token that was rotated.
    list().send().unwrap();
    assert_eq!(world.sent(), ["original", "rotated1"]);
}

#[test]
fn a_dropped_future_does_not_lose_the_rotated_token() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (arrived, arrives) = tokio::sync::oneshot::channel();
    let mut arrived = Some(arrived);
    let world = World::new(move || arrived.take().unwrap().send(()).unwrap());
    runtime.block_on(async {
        let client = AsyncClient::new(world.credentials().build().unwrap()).unwrap();
        let list = || client.workflow().list_workflows(PARENT);
        tokio::select! {
            outcome = list().send() => panic!("{outcome:?}"),
            arrived = arrives => arrived.unwrap(),
        }
        let mut second = std::pin::pin!(list().send());
        // It waits for the renewal of the first, and begins none.
        let waits = std::future::poll_fn(|context| {
            std::task::Poll::Ready(second.as_mut().poll(context).is_pending())
        });
        assert!(waits.await);
        world.release.send(()).unwrap();
        second.await.unwrap();
        assert_eq!(world.sent(), ["original"]);
        list().await.unwrap();
        assert_eq!(world.sent(), ["original", "rotated1"]);
    });
}

#[test]
fn a_builder_of_a_client_takes_the_callback_too() {
    let world = World::new(|| {});
    world.release.send(()).unwrap();
    let seen = Arc::new(Mutex::new(0));
    let log = seen.clone();
    let builder = Client::builder().credentials(world.credentials().build().unwrap());
    let client = builder.on_token_rotated(move |_| *log.lock().unwrap() += 1).login().unwrap();
    for renewals in 1..=2 {
        client.workflow().list_workflows(PARENT).send().unwrap();
        assert_eq!(*seen.lock().unwrap(), renewals);
    }
}

/// A cloud whose issuer knows no refresh token.
fn cloud() -> Scripted {
    Scripted::new(|request, _| {
        let url = request.url();
        match url.strip_prefix("https://cloud.test/.ai.h2o.cloud.discovery/v1/") {
            Some("environment") => Reply::text(
                200,
                r#"{"environment": {"h2oCloudEnvironment": "https://cloud.test", "issuerUrl": "https://auth.test"}}"#,
            ),
            Some("services") => {
                Reply::text(200, r#"{"services": [{"name": "services/workflows", "uri": "https://w.test"}]}"#)
            }
            Some("clients") => {
                Reply::text(200, r#"{"clients": [{"name": "clients/platform", "oauth2ClientId": "id"}]}"#)
            }
            _ if url.ends_with("/openid-configuration") => Reply::text(
                200,
                format!(
                    r#"{{"token_endpoint": "{}"}}"#,
                    url.replace("/.well-known/openid-configuration", "/token")
                ),
            ),
            _ => Reply::text(400, r#"{"error": "invalid_grant"}"#),
        }
    })
}

struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("controlplane-tokens-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const CONFIG: &str =
    "Endpoint = \"https://cloud.test\"\nPlatformClientID = \"id\"\nPlatformToken = \"of-the-file\"\n";

#[test]
fn a_refused_token_of_a_file_or_a_variable_says_that_the_issuer_may_have_replaced_it() {
    let file = File::new("refused.toml", CONFIG);
    let path = file.0.display().to_string();
    let home = ("HOME", "/nonexistent");
    let token = ("H2O_CLOUD_CLIENT_PLATFORM_TOKEN", "'quoted'");
    for (builder, says) in [
        (Credentials::builder().env([home, ("H2OCONFIG", &*path)]), vec![&*path, "on_token_rotated"]),
        (
            Credentials::builder().env([home, token, ("H2O_CLOUD_ENVIRONMENT", "https://cloud.test")]),
            vec!["H2O_CLOUD_CLIENT_PLATFORM_TOKEN", "on_token_rotated", "begins and ends with quotes"],
        ),
        (
            Credentials::builder().env([home]).environment("https://cloud.test").platform_token("mine"),
            vec!["Get a new refresh token."],
        ),
    ] {
        let credentials = builder.build().unwrap();
        let client = Client::builder().credentials(credentials).transport(cloud()).build().unwrap();
        let error = client.workflow().list_workflows(PARENT).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        for says in says {
            assert!(error.to_string().contains(says), "{error}");
        }
        assert!(!format!("{error:?}").contains("of-the-file"), "{error:?}");
    }
}

#[test]
fn arguments_win_over_variables_and_over_discovery() {
    let variables = [
        ("HOME", "/nonexistent"),
        ("H2O_CLOUD_TOKEN_ENDPOINT_URL", "https://variable.test/token"),
        ("H2O_CLOUD_ENVIRONMENT", "https://variable.test"),
        ("H2O_CLOUD_DISCOVERY", "https://variable.test/d"),
        ("H2O_CLOUD_CLIENT_PLATFORM_TOKEN", "variable-token"),
    ];
    let found = || Credentials::builder().env(variables).environment("https://cloud.test");
    for (builder, to, fields) in [
        (
            found().refresh_token("argument-token").issuer_url("https://own.test"),
            "https://own.test/token",
            vec!["refresh_token", "issuer_url"],
        ),
        (
            found().platform_token("argument-token").token_endpoint("https://own.test/t"),
            "https://own.test/t",
            vec!["platform_token", "token_endpoint"],
        ),
        (
            found()
                .endpoint("https://w.test")
                .refresh_token("argument-token")
                .issuer_url("https://own.test")
                .client_id("own"),
            "https://own.test/token",
            vec!["endpoint", "refresh_token", "issuer_url", "client_id"],
        ),
    ] {
        let credentials = builder.build().unwrap();
        for field in fields {
            assert_eq!(credentials.origin(field), Some(&Origin::Argument), "{field}");
        }
        let transport = cloud();
        let client = Client::builder().credentials(credentials).transport(transport.clone()).build().unwrap();
        client.workflow().list_workflows(PARENT).send().unwrap_err();
        let last = transport.sent().pop().unwrap();
        let form = String::from_utf8(last.body.clone().unwrap().to_vec()).unwrap();
        assert_eq!(last.url(), to);
        assert!(form.contains("refresh_token=argument%2Dtoken"), "{form}");
        assert!(transport.sent().iter().all(|request| !request.url().contains("variable")));
    }
    let credentials = Credentials::builder().env(variables).build().unwrap();
    assert_eq!(credentials.origin("environment"), Some(&Origin::Variable("H2O_CLOUD_DISCOVERY")));
    assert_eq!(
        credentials.origin("platform_token"),
        Some(&Origin::Variable("H2O_CLOUD_CLIENT_PLATFORM_TOKEN"))
    );
    assert_eq!(credentials.origin("token_endpoint"), Some(&Origin::Variable("H2O_CLOUD_TOKEN_ENDPOINT_URL")));
}

#[test]
fn an_empty_secret_is_none_also_with_discovery() {
    let credentials = Credentials::builder()
        .env([("HOME", "/nonexistent")])
        .environment("https://cloud.test")
        .platform_token("token")
        .client_secret("");
    let transport = cloud();
    let client = Client::builder().credentials(credentials.build().unwrap()).transport(transport.clone());
    client.build().unwrap().workflow().list_workflows(PARENT).send().unwrap_err();
    let form = String::from_utf8(transport.sent().pop().unwrap().body.unwrap().to_vec()).unwrap();
    assert!(!form.contains("client_secret"), "{form}");
}

#[test]
fn a_token_with_a_line_break_is_refused_with_its_place() {
    for token in ["t\n", " t", "t\u{0}t"] {
        let variables = [("HOME", "/nonexistent"), ("H2O_CLOUD_CLIENT_PLATFORM_TOKEN", token)];
        let builder = Credentials::builder().env(variables).environment("https://cloud.test");
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains("H2O_CLOUD_CLIENT_PLATFORM_TOKEN"), "{error}");
    }
}

#[test]
fn addresses_of_other_things_are_refused() {
    let environment = "https://cloud.test/.ai.h2o.cloud.discovery/";
    let builder = Credentials::builder().env([("HOME", "/nonexistent")]).environment(environment);
    let error = builder.platform_token("t").build().unwrap_err().to_string();
    assert!(error.contains("Write https://cloud.test,"), "{error}");
    let endpoint = |url: &str| {
        let builder =
            Credentials::builder().endpoint(url).token_provider(controlplane::SecretString::from("t"));
        Client::new(builder.build()?).map(|client| client.endpoint().map(str::to_owned))
    };
    assert_eq!(endpoint("https://w.test/base/v1/").unwrap().as_deref(), Some("https://w.test/base"));
    let error = endpoint("https://w.test/v1/workspaces").unwrap_err().to_string();
    assert!(error.contains("Write https://w.test."), "{error}");
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_not_a_file_is_not_opened() {
    use std::os::unix::net::UnixListener;
    let path = std::env::temp_dir().join(format!("controlplane-tokens-{}-socket", std::process::id()));
    let _listener = UnixListener::bind(&path).unwrap();
    let path = path.to_str().unwrap();
    for (named, says) in [
        (path, "not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("/", "not a regular file"),
        ("/no/such/file", "there is no such file"),
    ] {
        let error = Credentials::builder().env([("H2OCONFIG", named)]).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains(says) && error.to_string().contains(named), "{error}");
    }
    std::fs::remove_file(path).unwrap();
}
