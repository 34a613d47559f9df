//! Nothing that is logged at any level, by this crate or by those it uses, holds a secret. A binary of its
//! own, because a process has one logger.

use std::sync::Mutex;
use std::time::Duration;

use controlplane::RetryPolicy;
use controlplane::onehouse::{AsyncClient, Client, ClusterType, Credentials};
use controlplane::transport::Proxy;
use controlplane_emulator::onehouse::Emulator;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LINES.lock().unwrap().push(format!("{} {}: {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

#[test]
fn no_secret_is_logged_at_any_level() {
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let emulator = Emulator::start().unwrap();
    let credentials = |secret: &str, base_url: &str| {
        Credentials::builder()
            .env([("HOME", "/nowhere")])
            .account_uid("acc")
            .project_uid("prj")
            .api_key("hunter-key")
            .api_secret(secret)
            .link_uid("lnk")
            .region("us-west-2")
            .user_uid("usr")
            .base_url(base_url)
            .build()
            .unwrap()
    };
    let client = |credentials: Credentials| {
        Client::builder()
            .credentials(credentials)
            .proxy(Proxy::None)
            .poll_interval(Duration::from_millis(10))
            .retry(RetryPolicy::retries(1))
            .build()
            .unwrap()
    };

    let good = client(emulator.credentials());
    let call = good
        .create_cluster("prod", ClusterType::Managed)
        .option("schema.registry.confluent.secret", "hunter-option");
    call.send().unwrap();
    let identity = emulator.identity();
    assert!(client(credentials("hunter-secret", emulator.url())).show_lakes().send().is_err());
    let nobody =
        format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    assert!(client(credentials("hunter-secret", &nobody)).show_lakes().send().is_err());

    // The same with futures, through a proxy that wants a password.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asynchronous = |credentials: Credentials, proxy: Proxy| {
        let builder =
            AsyncClient::builder().credentials(credentials).proxy(proxy).retry(RetryPolicy::retries(0));
        builder.poll_interval(Duration::from_millis(10)).build().unwrap()
    };
    runtime.block_on(async {
        let good = asynchronous(emulator.credentials(), Proxy::None);
        good.create_cluster("more", ClusterType::Managed)
            .option("x.secret", "hunter-option")
            .send()
            .await
            .unwrap();
        let bad = asynchronous(credentials("hunter-secret", emulator.url()), Proxy::None);
        assert!(bad.show_lakes().send().await.is_err());
        let proxy = Proxy::Url(nobody.replace("http://", "http://hunter:hunter@"));
        let through = asynchronous(credentials("hunter-secret", "http://target.test"), proxy);
        assert!(through.show_lakes().send().await.is_err());
    });

    // EloqCloud: the key is the whole of a header.
    let eloq = controlplane_emulator::eloq::Emulator::builder().api_key("hunter-eloq").start().unwrap();
    let key = |key: &str| {
        controlplane::eloq::Credentials::builder().api_key(key).base_url(eloq.url()).build().unwrap()
    };
    let client = controlplane::eloq::Client::builder().credentials(key("hunter-eloq"));
    let client = client.proxy(Proxy::None).poll_interval(Duration::from_millis(10)).build().unwrap();
    client.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap();
    let wrong = controlplane::eloq::AsyncClient::builder().credentials(key("hunter-wrong"));
    let wrong = wrong.proxy(Proxy::None).build().unwrap();
    assert!(runtime.block_on(wrong.clusters().send()).is_err());

    let lines = LINES.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("submitted, id")), "the crate logs what it does");
    assert!(lines.iter().any(|line| line.contains("ureq")), "ureq logs what it does");
    let wire: Vec<u8> = lines.iter().flat_map(|line| dumped(line)).collect();
    let wire = String::from_utf8_lossy(&wire);
    assert!(wire.contains("x-onehouse-api-secret: ***"), "ureq logs what it writes: {wire}");
    assert!(wire.to_lowercase().contains("authorization: ***"), "{wire}");
    for secret in ["hunter", identity.api_key.as_str(), identity.api_secret.as_str()] {
        assert!(!wire.contains(secret), "{wire}");
        for line in lines.iter() {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

/// The bytes of a line of a dump: `6162 6364  abcd`.
fn dumped(line: &str) -> Vec<u8> {
    let Some((_, row)) = line.split_once("ureq_proto::util: ") else { return Vec::new() };
    let hex: String = row.split("  ").next().unwrap_or_default().split(' ').collect();
    hex.as_bytes()
        .chunks(2)
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
