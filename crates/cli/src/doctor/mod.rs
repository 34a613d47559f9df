//! `controlplane doctor`: what keeps the program from working on this machine, and what to do about it.
//!
//! No secret is shown, and no request carries one, except with `--sign-in`: each service gets one request without
//! credentials.

mod credentials;
mod network;
mod sign_in;

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::apply::Service;
use crate::failure::{Exit, Failure, Result};
use crate::profile;

/// Check credentials, proxy, certificates, clock and reachability, and say what to do about each finding
///
/// No secret is shown. Each service that is checked gets one request without credentials; with --sign-in it
/// also gets a request with the credentials, which changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Services to check [default: those with credentials]
    #[arg(value_enum)]
    services: Vec<Service>,
    /// Check the settings of this machine only, and send no request
    #[arg(long, conflicts_with = "sign_in")]
    offline: bool,
    /// Also try the credentials of each service, with a request that changes nothing. A platform token of H2O
    /// is exchanged for an access token; its issuer may then replace the platform token
    #[arg(long)]
    sign_in: bool,
}

/// How a check has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Ok,
    Info,
    Warning,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug)]
struct Finding {
    level: Level,
    /// The service, or the part of this machine, that it is about.
    about: String,
    what: String,
    /// The advice; empty if nothing is to be done.
    advice: String,
}

impl Finding {
    fn new(level: Level, about: impl Into<String>, what: impl Into<String>) -> Self {
        Self { level, about: about.into(), what: what.into(), advice: String::new() }
    }

    fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("level".into(), self.level.name().into());
        map.insert("about".into(), self.about.clone().into());
        map.insert("finding".into(), self.what.clone().into());
        map.insert("advice".into(), self.advice.clone().into());
        Value::Object(map)
    }
}

pub(crate) fn run(app: &App, args: &Args) -> Result {
    let mut findings = vec![Finding::new(
        Level::Info,
        "program",
        format!(
            "controlplane {} on {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    )];
    let all: &[Service] = if args.services.is_empty() { Service::value_variants() } else { &args.services };
    if !args.services.is_empty() {
        profile::check(app, all)?;
    }
    let mut found = Vec::new();
    for service in all {
        let credentials = credentials::of(app, *service);
        // Without a word about a service that nobody has set anything of, unless it was asked for.
        if args.services.is_empty() && credentials.is_absent {
            findings.push(Finding::new(Level::Info, service.name(), "no credentials are set"));
            continue;
        }
        findings.extend(credentials.findings);
        found.push((*service, credentials.address, credentials.is_complete));
    }
    findings.extend(network::settings());
    for (service, address, is_complete) in &found {
        if let Some(address) = address {
            if address.contains(['@', '?', '#']) {
                // A password may be in it: it is not shown, and nothing is sent.
                let what = "the base URL must not contain a user name, a query or a fragment";
                let advice = "Write it as https://HOST, with a path if there is one.";
                findings.push(Finding::new(Level::Error, service.name(), what).advice(advice));
                continue;
            }
            findings.extend(network::proxy(service.name(), address));
            if !args.offline && !app.globals.dry_run {
                findings.extend(network::reach(app, service.name(), address));
                if *is_complete {
                    findings.push(match args.sign_in {
                        true => sign_in::attempt(app, *service),
                        false => sign_in::untried(*service),
                    });
                }
            }
        }
    }
    print(app, &findings)?;
    let errors = findings.iter().filter(|finding| finding.level == Level::Error);
    match errors.clone().count() {
        0 => Ok(()),
        _ if errors.clone().all(|finding| finding.what.contains("credentials")) => {
            Err(problem(Exit::Credentials))
        }
        _ => Err(problem(Exit::Failed)),
    }
}

fn problem(exit: Exit) -> Failure {
    Failure::new(exit, "the check has found errors: see the findings above")
}

/// Prints the findings: in a table without JSON's names, each with what to do below it.
fn print(app: &App, findings: &[Finding]) -> Result {
    let whole = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
    });
    if app.out.format() != crate::output::Format::Table || app.out.has_query() {
        let rows = Value::Array(findings.iter().map(Finding::json).collect());
        return app.out.shaped(&whole, &rows);
    }
    let mut text = String::new();
    for finding in findings {
        text.push_str(&format!("{:7}  {}: {}\n", finding.level.name(), finding.about, finding.what));
        if !finding.advice.is_empty() {
            text.push_str(&format!("         -> {}\n", finding.advice));
        }
    }
    app.out.text(&crate::output::lines(&text))
}
