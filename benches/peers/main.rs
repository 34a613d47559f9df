//! The vendor's Python SDK and this crate on the same emulator, plain and with TLS: operations in a second,
//! processor time, memory, and the time to the first answer. Prints a table for each, with ratios.
//!
//! ```text
//! benches/peers/run
//! ```
//!
//! The script makes the environment with the vendor's SDK, builds the program `controlplane-emulator` and
//! runs `cargo bench --bench peers`. The mode `client` of this program is for itself. It
//! needs Linux, which tells what a process takes.

mod client;
mod process;

use std::path::Path;
use std::time::Duration;

use controlplane_emulator::onehouse::Identity;

use process::{Client, Emulator};

/// How often all clients work, in turn. Odd, so that one of the figures is the median.
const ROUNDS: usize = 5;
/// How long each works in a round.
const TIME: Duration = Duration::from_secs(2);
/// How often each is started in a round besides, for the time that it takes.
const STARTS: usize = 2;

/// Who is compared. Those of the vendor are `vendor.py`, the others are this program; both are told the last
/// word. The ratios are to the first.
const ROWS: &[(&str, Whose, &str)] = &[
    ("vendor's SDK, sequential", Whose::Vendors, "sequential"),
    ("vendor's SDK, sequential, with a Session", Whose::Vendors, "session"),
    ("vendor's SDK, 32 threads", Whose::Vendors, "threads"),
    ("this crate, blocking, sequential", Whose::Ours, "sequential"),
    ("this crate, blocking, 32 threads", Whose::Ours, "threads"),
    ("this crate, async, 32 tasks on 1 thread", Whose::Ours, "tasks"),
    ("this crate, batch on 1 thread", Whose::Ours, "batch-1"),
    ("this crate, batch on up to 8 threads", Whose::Ours, "batch-8"),
];

#[derive(Clone, Copy)]
enum Whose {
    Vendors,
    Ours,
}

/// The variable with the interpreter that has the vendor's SDK.
const PYTHON: &str = "PEERS_PYTHON";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match (&arguments[..], std::env::var_os(PYTHON)) {
        (["client", how, ca], _) => client::run(how, ca),
        _ if !cfg!(target_os = "linux") => println!("this measures on Linux only"),
        // What `cargo bench` adds. Without it, as in `cargo test --all-targets`, nothing is measured.
        (_, Some(python)) if arguments.contains(&"--bench") => measure(Path::new(&python)),
        _ => println!("run it as `benches/peers/run`"),
    }
}

/// The figures of one client, one of each for a round; of the times to the first answer there are more.
#[derive(Default)]
struct Figures {
    operations: Vec<f64>,
    processor: Vec<f64>,
    memory: Vec<f64>,
    start_up: Vec<f64>,
}

fn measure(python: &Path) {
    println!(
        "One operation is SHOW LAKES submitted, and one poll that finds it done. {ROUNDS} rounds, {} s for each client in a \
         round, median.",
        TIME.as_secs()
    );
    println!("In brackets: the ratio to the first row. Of operations more is better, of all else less.");
    let empty = || ROWS.iter().map(|_| Figures::default()).collect();
    let (mut plain, mut tls): (Vec<Figures>, Vec<Figures>) = (empty(), empty());
    for _ in 0..ROUNDS {
        for (with_tls, table) in [(false, &mut plain), (true, &mut tls)] {
            for (&(_, whose, how), figures) in ROWS.iter().zip(table) {
                round(whose, how, python, with_tls, figures);
            }
        }
    }
    print("plain", plain);
    print("TLS", tls);
}

/// One client at work, on an emulator that has nothing else to do and no memories.
fn round(whose: Whose, how: &str, python: &Path, tls: bool, figures: &mut Figures) {
    let emulator = Emulator::start(tls);
    let own = std::env::current_exe().expect("this program");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/vendor.py");
    let variables = variables(&emulator);
    let start = || match whose {
        Whose::Vendors => Client::start(python, &[script, how], &variables),
        Whose::Ours => Client::start(&own, &["client", how, &emulator.ca], &variables),
    };
    for _ in 0..STARTS {
        figures.start_up.push(start().start_up.as_secs_f64());
    }
    let mut client = start();
    let work = client.work(TIME);
    figures.operations.push(work.operations / work.taken.as_secs_f64());
    figures.processor.push(work.processor / work.operations);
    figures.memory.push(work.memory);
    figures.start_up.push(client.start_up.as_secs_f64());
}

/// The variables from which both clients read their credentials, and the vendor's the certificate authority.
/// Neither finds a credentials file.
fn variables(emulator: &Emulator) -> Vec<(&'static str, String)> {
    let identity = Identity::default();
    let mut variables = vec![
        ("HOME", "/nowhere".to_owned()),
        ("ONEHOUSE_ACCOUNT_UID", identity.account_uid),
        ("ONEHOUSE_PROJECT_UID", identity.project_uid),
        ("ONEHOUSE_API_KEY", identity.api_key),
        ("ONEHOUSE_API_SECRET", identity.api_secret),
        ("ONEHOUSE_LINK_UID", identity.link_uid),
        ("ONEHOUSE_REGION", identity.region),
        ("ONEHOUSE_USER_UID", identity.user_uid),
        ("ONEHOUSE_BASE_URL", emulator.url.clone()),
    ];
    if !emulator.ca.is_empty() {
        variables.push(("REQUESTS_CA_BUNDLE", emulator.ca.clone()));
    }
    variables
}

fn print(name: &str, table: Vec<Figures>) {
    println!("\n{:41}         operations      processor time            peak             time to", "");
    println!("{name:41}         per second    of an operation          memory        first answer");
    let medians = |figures: Figures| {
        [figures.operations, figures.processor, figures.memory, figures.start_up].map(median)
    };
    let table: Vec<[f64; 4]> = table.into_iter().map(medians).collect();
    for ((name, ..), figures) in ROWS.iter().zip(&table) {
        let [operations, processor, memory, start_up] = figures;
        let ratio = |figure: usize| three_digits(figures[figure] / table[0][figure]);
        println!(
            "{name:41} {operations:8.0} ({:>6})  {:6.3} ms ({:>6})  {:4.1} MiB ({:>5})  {:5.1} ms ({:>6})",
            ratio(0),
            processor * 1e3,
            ratio(1),
            memory / (1024.0 * 1024.0),
            ratio(2),
            start_up * 1e3,
            ratio(3),
        );
    }
}

/// A ratio with three digits that say something.
fn three_digits(ratio: f64) -> String {
    let decimals = match ratio {
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    format!("{ratio:.decimals$}")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
