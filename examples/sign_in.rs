//! Signs a person in through the browser, unless somebody is signed in, and makes a call as that person.
//!
//! ```text
//! cargo run --features sign-in --example sign_in [-- [--no-browser] [--sign-out]]
//! ```
//!
//! Without `ONEHOUSE_BASE_URL` it talks to an emulator inside this program, plays the browser itself, keeps
//! the session in a directory for temporary files and signs out. With it, it opens your browser and keeps the
//! session where the vendor's `oh` keeps its own; `--no-browser` prints the address instead, and `--sign-out`
//! ends the session after the call. A call needs `ONEHOUSE_ACCOUNT_UID`, `ONEHOUSE_PROJECT_UID`,
//! `ONEHOUSE_LINK_UID` and `ONEHOUSE_REGION`, or a profile that has them.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use controlplane::onehouse::{Client, Credentials, SignIn, SignedOut};
use controlplane_emulator::onehouse::Emulator;

fn main() {
    if let Err(error) = run() {
        eprintln!("\n{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let is_real = std::env::var_os("ONEHOUSE_BASE_URL").is_some_and(|value| !value.is_empty());
    // Kept until the end: an emulator stops when it is dropped.
    let emulator = if is_real { None } else { Some(Emulator::builder().auto_approve().start()?) };
    let directory = std::env::temp_dir().join(format!("sign-in-{}", std::process::id()));
    let credentials = match &emulator {
        None => Credentials::builder(),
        Some(emulator) => {
            let identity = emulator.identity();
            Credentials::builder()
                .account_uid(&identity.account_uid)
                .project_uid(&identity.project_uid)
                .link_uid(&identity.link_uid)
                .region(&identity.region)
                .base_url(emulator.url())
                .sessions_directory(&directory)
        }
    };

    let mut sign_in = SignIn::new().credentials(credentials.clone());
    if emulator.is_some() {
        sign_in = sign_in.no_browser(|url| {
            let url = url.to_owned();
            // The program waits for the browser, so the browser cannot wait for the program.
            std::thread::spawn(move || {
                if let Err(error) = browse(&url) {
                    eprintln!("the browser: {error}");
                }
            });
        });
    } else if has("--no-browser") {
        sign_in = sign_in.no_browser(|url| println!("Open this page to sign in:\n  {url}"));
    }
    let mut session = sign_in.session()?;
    if session.is_signed_in() {
        println!("Somebody is signed in to {}.", session.issuer());
    } else {
        session = sign_in.run()?;
        println!("Signed in to {}; the session is in {}.", session.issuer(), session.path().display());
    }

    let client = Client::new(credentials.build()?)?;
    let lakes = client.show_lakes().send()?;
    println!("There are {} lakes.", lakes.rows().len());

    // Until then every other program on this machine can use the session, `oh` among them.
    if emulator.is_some() || has("--sign-out") {
        match session.sign_out()? {
            SignedOut::Revoked => println!("Signed out."),
            SignedOut::Unconfirmed(why) => println!("Signed out on this machine only: {why}"),
            _ => println!("Nobody was signed in."),
        }
    }
    if emulator.is_some() {
        std::fs::remove_dir_all(directory)?;
    }
    Ok(())
}

/// Plays the browser on an emulator that approves every sign-in: it follows the redirects.
fn browse(url: &str) -> io::Result<()> {
    let page = get(url)?;
    let location = page.lines().find_map(|line| line.strip_prefix("location: "));
    get(location.ok_or_else(|| io::Error::other("the page leads nowhere"))?)?;
    Ok(())
}

fn get(url: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| io::Error::other("not http"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
