//! What each set of features gives, and that it works.

#![cfg(test)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use controlplane::http::{Method, Request};
use controlplane::transport::{HttpConfig, Proxy, Transport, UreqTransport};

/// A server for one connection that answers everything with the same.
fn server(answer: &'static str) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        while matches!(stream.read(&mut request), Ok(n) if n > 0) {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
            stream.write_all((head + answer).as_bytes()).unwrap();
        }
    });
    (url, thread)
}

fn config() -> HttpConfig {
    let mut config = HttpConfig::default();
    config.proxy = Proxy::None;
    config
}

#[test]
fn the_blocking_transport_is_always_there() {
    let (url, thread) = server("hello");
    let transport = UreqTransport::new(&config()).unwrap();
    let response = transport.send(&Request::new(Method::Get, url, "/"), Duration::from_secs(20)).unwrap();
    assert_eq!(response.body, b"hello");
    drop(transport);
    thread.join().unwrap();
}

#[cfg(feature = "async")]
#[test]
fn the_transport_of_futures_needs_no_service() {
    use controlplane::transport::{AsyncTransport, HyperTransport};

    let (url, thread) = server("hello");
    let transport = HyperTransport::new(&config()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = Request::new(Method::Get, url, "/");
    let response = runtime.block_on(transport.send(&request, Duration::from_secs(20))).unwrap();
    assert_eq!(response.body, b"hello");
    drop(transport);
    thread.join().unwrap();
}

#[cfg(feature = "onehouse")]
#[test]
fn onehouse_gives_sql_offline() {
    let client = controlplane::onehouse::Client::offline();
    assert_eq!(client.show_lakes().to_sql().unwrap(), "SHOW LAKES");
}

#[cfg(all(feature = "onehouse", feature = "async"))]
#[test]
fn both_names_of_the_client_are_unambiguous() {
    let sql = controlplane::onehouse::AsyncClient::offline().show_lakes().to_sql().unwrap();
    assert_eq!(sql, controlplane::onehouse::Client::offline().show_lakes().to_sql().unwrap());
}

#[cfg(all(feature = "onehouse", feature = "emulator"))]
#[test]
fn the_emulator_answers() {
    use controlplane::onehouse::Client;

    let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    assert!(client.show_lakes().send().unwrap().rows().is_empty());
}

#[cfg(feature = "eloq")]
#[test]
fn eloq_gives_requests_offline() {
    let client = controlplane::eloq::Client::offline();
    let request = client.cluster("a/b").project((1, 147)).to_request().unwrap();
    assert_eq!(request.path, "/orgs/1/projects/147/clusters/a%2Fb");
}

#[cfg(all(feature = "eloq", feature = "emulator"))]
#[test]
fn the_emulator_of_eloq_answers() {
    use controlplane::eloq::Client;

    let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::from_key_and_url(emulator.api_key(), emulator.url()).unwrap();
    assert!(client.clusters().send().unwrap().cluster_list.is_empty());
}

#[cfg(all(feature = "eloq", feature = "async", feature = "emulator"))]
#[test]
fn the_emulator_of_eloq_answers_futures() {
    use controlplane::eloq::AsyncClient;

    let emulator = controlplane_emulator::eloq::Emulator::builder().pending_polls(0).start().unwrap();
    let client = AsyncClient::from_key_and_url(emulator.api_key(), emulator.url()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(async { client.org().await }).unwrap().org_id, 1);
}

#[cfg(feature = "h2o-workflows")]
#[test]
fn h2o_workflows_gives_requests_offline() {
    let client = controlplane::h2o_workflows::Client::offline();
    let request = client.run().get_run("workspaces/w/workflows/f/revisions/r/runs/x").to_request().unwrap();
    assert_eq!(request.path, "/v1/workspaces%2Fw%2Fworkflows%2Ff%2Frevisions%2Fr%2Fruns%2Fx");
}

#[cfg(feature = "hotdata")]
#[test]
fn hotdata_gives_requests_offline() {
    let client = controlplane::hotdata::Client::offline();
    let request = client.databases().get("a/b").to_request().unwrap();
    assert_eq!(request.path, "/v1/databases/a%2Fb");
}

#[cfg(all(feature = "hotdata", feature = "async"))]
#[test]
fn the_clients_of_hotdata_ask_the_same() {
    let blocking = controlplane::hotdata::Client::offline().jobs().list().to_request().unwrap();
    assert_eq!(controlplane::hotdata::AsyncClient::offline().jobs().list().to_request().unwrap(), blocking);
}

#[cfg(feature = "sign-in")]
#[test]
fn an_access_token_takes_the_place_of_an_api_key() {
    use controlplane::SecretString;
    use controlplane::onehouse::{Client, Credentials, SignIn};

    let builder = Credentials::builder().env([("HOME", "/nowhere")]).account_uid("a").project_uid("p");
    let credentials =
        builder.link_uid("l").region("r").token_provider(SecretString::from("t")).build().unwrap();
    assert!(credentials.is_bearer());
    assert!(Client::new(credentials).is_ok());
    let lookup = Credentials::builder().env([("HOME", "/nowhere"), ("USERPROFILE", "/nowhere")]);
    assert!(!SignIn::new().credentials(lookup).session().unwrap().is_signed_in());
}
