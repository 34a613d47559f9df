//! Measures how several processes share one rate limit. Each knows only its own requests.
//!
//! ```text
//! cargo bench --bench sharing
//! ```
//!
//! The results are in `benches/README.md`. A round takes some 40 s; the number of rounds is the argument (3
//! if there is none, at most 20).

use std::error::Error;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use controlplane::ErrorKind;
use controlplane::onehouse::{Client, Credentials};
use controlplane::transport::Proxy;
use controlplane_emulator::onehouse::{Emulator, Identity};

/// Requests in a second that the server admits.
const RATE: u32 = 10;
const PROCESSES: usize = 8;
/// For all processes together.
const CALLS: usize = 96;
/// For a call.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The address of the server, for a process that is a client.
const ADDRESS: &str = "CONTROLPLANE_BENCH_SHARING";

fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(address) = std::env::var(ADDRESS) {
        return client(&address);
    }
    let rounds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(3);
    println!(
        "{PROCESSES} processes with {CALLS} calls in all, {RATE} requests in a second, {} s for a call\n",
        TIMEOUT.as_secs()
    );
    println!("calls lost | admitted | 429 | share of 429 | admitted in a second | slowest to the mean");
    for _ in 0..u32::min(rounds, 20) {
        round()?;
    }
    Ok(())
}

fn round() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().rate_limit(Some(RATE)).start()?;
    let begun = Instant::now();
    let children = (0..PROCESSES).map(|_| {
        let mut child = Command::new(std::env::current_exe()?);
        child.env(ADDRESS, emulator.url()).stdout(Stdio::piped()).spawn()
    });
    let children: Vec<_> = children.collect::<Result<_, _>>()?;
    let (mut lost, mut times) = (0, Vec::new());
    for mut child in children {
        let mut text = String::new();
        child.stdout.take().ok_or("no output")?.read_to_string(&mut text)?;
        if !child.wait()?.success() {
            return Err("a client failed".into());
        }
        let mut words = text.split_whitespace();
        times.push(words.next().ok_or("no time")?.parse::<f64>()?);
        lost += words.next().ok_or("no count")?.parse::<usize>()?;
    }
    let took = begun.elapsed().as_secs_f64();
    let requests = emulator.requests();
    let admitted = requests.iter().filter(|request| request.status == 200).count();
    let refused = requests.iter().filter(|request| request.status == 429).count();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let slowest = times.iter().copied().fold(0.0, f64::max);
    println!(
        "{lost:>10} | {admitted:>8} | {refused:>3} | {:>10.1} % | {:>20.2} | {:>19.2}",
        100.0 * refused as f64 / (admitted + refused) as f64,
        admitted as f64 / took,
        slowest / mean
    );
    Ok(())
}

/// Runs a part of the calls as a batch. Prints how long it took, and how many were refused to the end.
fn client(address: &str) -> Result<(), Box<dyn Error>> {
    let Identity { account_uid, project_uid, api_key, api_secret, link_uid, region, user_uid, .. } =
        Identity::default();
    let credentials = Credentials::builder()
        .account_uid(account_uid)
        .project_uid(project_uid)
        .api_key(api_key)
        .api_secret(api_secret)
        .link_uid(link_uid)
        .region(region)
        .user_uid(user_uid)
        .base_url(address)
        .build()?;
    let client = Client::builder().credentials(credentials).proxy(Proxy::None).build()?;
    let begun = Instant::now();
    let mut batch = client.batch();
    for i in 0..CALLS / PROCESSES {
        let name = format!("p{}x{i}", std::process::id());
        batch.add(i.to_string(), client.create_service_principal(name).timeout(TIMEOUT));
    }
    let mut lost = 0;
    for finished in batch.run()? {
        match finished.result {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::RateLimited => lost += 1,
            Err(error) => return Err(error.into()),
        }
    }
    println!("{} {lost}", begun.elapsed().as_secs_f64());
    Ok(())
}
