//! Logins, and the calls after them.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use controlplane::h2o_workflows::{AnyOutput, AsyncClient, Client, ClientBuilder, Credentials};
use controlplane::transport::Proxy;
use controlplane::{Clock, Error, SecretString};
use serde_json::{Value, json};

use super::compare::{compare_error, compare_outcome};
use super::flows::{Flow, compare_flow_requests, has_followed};
use super::service::{sent, service};
use super::{BASE, cases, cases_at, command, exchanges, is_login, not_known, op, outcome, retries, runtime};
use crate::clock::Leaping;
use crate::raw_server::RawServer;
use crate::scripted::Scripted;
use crate::served::serve;
use crate::vectors::{Case, Report, unknown, unknown_keys};
use crate::warnings::logged;

/// A folder of one case.
struct Folder(PathBuf);

impl Folder {
    fn new(case: &Case, mode: &str) -> Self {
        let name = case.id().replace('/', "-");
        let name = format!("controlplane-h2o-{}-{mode}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join(".h2oai")).unwrap();
        if let Some(text) = case.json["config"].as_str() {
            std::fs::write(path.join("config.toml"), text).unwrap();
        }
        if let Some(text) = case.json["home_config"].as_str() {
            std::fs::write(path.join(".h2oai/h2o-cli-config.toml"), text).unwrap();
        }
        Self(path)
    }

    /// A text with the path of a file in place of its name.
    fn filled(&self, text: &str) -> String {
        let path = |name: &str| self.0.join(name).to_str().unwrap().to_owned();
        match text {
            "missing.toml" | "missing.pem" => path(text),
            text => text.replace("{config}", &path("config.toml")),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sets what a case gives. `Err`: the harness does not know an argument; `Ok(Err(…))`: there are no such
/// credentials.
fn given<M>(
    mut client: ClientBuilder<M>,
    case: &Case,
    folder: &Folder,
) -> Result<Result<ClientBuilder<M>, Error>, String> {
    let mut env = vec![("HOME".to_owned(), folder.0.to_str().unwrap().to_owned())];
    for (name, value) in case.json["env"].as_object().into_iter().flatten() {
        let value = value.as_str().ok_or_else(|| unknown(format_args!("the variable {name}: {value}")))?;
        env.push((name.clone(), folder.filled(value)));
    }
    client = client.retry(retries(0));
    let mut builder = Credentials::builder().env(env);
    if op(case) == "login_custom" {
        // Without one it would be looked up.
        builder = builder.endpoint("");
    }
    for (name, value) in case.json["args"].as_object().into_iter().flatten() {
        let text = value.as_str().map(|text| folder.filled(text));
        builder = match (&**name, text, value) {
            (_, None, Value::Null) => builder,
            ("environment", Some(text), _) => builder.environment(text),
            ("platform_token", Some(text), _) => builder.platform_token(text),
            ("config_path", Some(text), _) => builder.config_path(text),
            ("endpoint", Some(text), _) => builder.endpoint(text),
            ("refresh_token", Some(text), _) => builder.refresh_token(text),
            ("issuer_url", Some(text), _) => builder.issuer_url(text),
            ("client_id", Some(text), _) => builder.client_id(text),
            ("client_secret", Some(text), _) => builder.client_secret(text),
            ("ssl_ca_cert", Some(text), _) => {
                client = client.ssl_ca_cert(text);
                builder
            }
            ("verify_ssl", None, Value::Bool(verify)) => {
                client = client.verify_ssl(*verify);
                builder
            }
            ("token_provider", Some(token), _) => builder.token_provider(SecretString::from(token)),
            ("token_provider", None, Value::Object(what)) if what.contains_key("error") => {
                // Any error of the crate will do.
                let fails = || Credentials::builder().env([("HOME", "/nonexistent")]).build();
                builder.token_provider(move || fails().map(|_| SecretString::from("no error")))
            }
            _ => return Err(unknown(format_args!("the argument {name}: {value}"))),
        };
    }
    Ok(builder.build().map(|credentials| client.credentials(credentials)))
}

/// What a login and the calls after it gave.
struct Ran {
    login: Result<String, Error>,
    calls: Vec<Result<AnyOutput, Error>>,
}

/// The calls after a login: how far the clock moves before each, and its command.
fn later(case: &Case) -> Vec<(Duration, String, String)> {
    let calls = case.json["then"].as_array().into_iter().flatten().enumerate();
    calls
        .map(|(i, then)| {
            let time = Duration::from_secs_f64(then["advance_s"].as_f64().unwrap_or_default());
            let args = case.raw(&format!("/then/{i}/args")).unwrap();
            (time, then["op"].as_str().unwrap().to_owned(), args)
        })
        .collect()
}

fn run(case: &Case, folder: &Folder, script: Scripted) -> Result<Ran, String> {
    let clock = Leaping::new();
    let builder = match given(Client::builder(), case, folder)? {
        Ok(builder) => builder.clock(clock.clone()),
        Err(error) => return Ok(Ran { login: Err(error), calls: Vec::new() }),
    };
    // Certificates are read where a transport is made.
    let builder = match has_certificates(case) {
        true => builder.proxy(Proxy::None),
        false => builder.transport(script),
    };
    let client = match builder.login() {
        Ok(client) => client,
        Err(error) => return Ok(Ran { login: Err(error), calls: Vec::new() }),
    };
    let mut calls = Vec::new();
    for (time, op, args) in later(case) {
        clock.sleep(time);
        calls.push(client.call(command(&op, &args)?).send());
    }
    Ok(Ran { login: Ok(client.endpoint().unwrap().to_owned()), calls })
}

fn run_async(case: &Case, folder: &Folder, script: Scripted) -> Result<Ran, String> {
    let builder = match given(AsyncClient::builder(), case, folder)? {
        Ok(builder) => builder,
        Err(error) => return Ok(Ran { login: Err(error), calls: Vec::new() }),
    };
    let builder = match has_certificates(case) {
        true => builder.proxy(Proxy::None),
        false => builder.transport(script),
    };
    runtime().block_on(async {
        let client = match builder.login().await {
            Ok(client) => client,
            Err(error) => return Ok(Ran { login: Err(error), calls: Vec::new() }),
        };
        let mut calls = Vec::new();
        for (_, op, args) in later(case) {
            calls.push(client.call(command(&op, &args)?).send().await);
        }
        Ok(Ran { login: Ok(client.endpoint().unwrap().to_owned()), calls })
    })
}

fn has_certificates(case: &Case) -> bool {
    case.json["args"]["ssl_ca_cert"].is_string()
}

/// The address of the service that discovery gives: the last one counts, without a slash at its end.
fn discovered(case: &Case) -> Option<&str> {
    let services =
        exchanges(case).iter().flat_map(|exchange| exchange["response"]["body"]["services"].as_array());
    let uri = services.flatten().rfind(|service| service["name"] == "services/workflows")?;
    Some(uri["uri"].as_str()?.trim_end_matches('/'))
}

/// What is wrong with the result of the login itself.
fn compare_login(case: &Case, flow: Flow, ran: &Ran, sent: &[controlplane::http::Request]) -> Vec<String> {
    let wanted = outcome(case);
    let is_refused_redirect = flow == Flow::Redirected && !has_followed(case, sent);
    match (&ran.login, wanted.get("ok"), wanted.get("error")) {
        (Err(error), ..) if is_refused_redirect => {
            compare_error(case, error, &json!({"kind": "discovery"}), false)
        }
        (login, ..) if is_refused_redirect => vec![format!("{login:?} without following the redirect")],
        // It may go on where the vendor's client fails.
        (Ok(endpoint), None, Some(_)) if flow == Flow::GoesOn && discovered(case) == Some(endpoint) => {
            Vec::new()
        }
        (Ok(endpoint), Some(ok), None) if ok["endpoint"].as_str() == Some(endpoint) => Vec::new(),
        (Err(error), None, Some(expected)) => compare_error(case, error, expected, false),
        (login, ..) => vec![format!("{login:?} is not {wanted}")],
    }
}

/// The service on loopback, and the case with its address: certificates are read for a real connection.
fn served(case: &Case) -> (Scripted, (RawServer, Case)) {
    let service_there: Arc<OnceLock<Scripted>> = Arc::default();
    let shared = service_there.clone();
    let script = Scripted::new(move |request, _| shared.get().unwrap().reply(request));
    let server = serve(script.clone(), BASE);
    let cases = cases_at(&server.url());
    let there = cases.iter().find(|other| other.place() == case.place()).unwrap().clone();
    let _ = service_there.set(service(&there).unwrap());
    (script, (server, there))
}

fn check(case: &Case, folder: &Folder, mode: Mode) -> Vec<String> {
    let mut wrong = not_known(case);
    let Some(flow) = Flow::of(case) else { return wrong };
    let (script, server) = match has_certificates(case) {
        false => (service(case), None),
        true => {
            let (script, server) = served(case);
            (Ok(script), Some(server))
        }
    };
    let script = match script {
        Ok(script) => script,
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let (ran, lines) = logged(|| match &server {
        None => mode(case, folder, script.clone()),
        Some((_, case)) => mode(case, folder, script.clone()),
    });
    let ran = match ran {
        Ok(ran) => ran,
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let sent = sent(&script);
    let login = ran.login.map(|endpoint| match &server {
        Some((server, _)) => endpoint.replace(&server.url(), BASE),
        None => endpoint,
    });
    let ran = Ran { login, calls: ran.calls };
    wrong.extend(compare_login(case, flow, &ran, &sent));
    let later = case.json["then"].as_array().map_or(&[][..], |then| then);
    if ran.login.is_ok() && ran.calls.len() != later.len() {
        wrong.push(format!("{} calls, not {}", ran.calls.len(), later.len()));
    }
    for (i, (got, then)) in ran.calls.iter().zip(later).enumerate() {
        let op = then["op"].as_str().unwrap_or_default();
        let changes =
            ["create", "update", "delete", "run_", "retry", "cancel"].iter().any(|verb| op.contains(verb));
        let differences = compare_outcome(case, op, &then["outcome"], got, changes);
        wrong.extend(differences.into_iter().map(|difference| format!("call {i}: {difference}")));
    }
    wrong.extend(compare_flow_requests(case, flow, &sent, ran.login.is_ok()));
    let says_so = |line: &String| line.starts_with("WARN") && line.contains("H2O_CLOUD_TOKEN_ENDPOINT_URL");
    if flow == Flow::VariableCounts && !lines.iter().any(says_so) {
        wrong.push(format!("no warning about the variable: {lines:?}"));
    }
    wrong
}

type Mode = fn(&Case, &Folder, Scripted) -> Result<Ran, String>;
const MODES: [(&str, Mode); 2] = [("blocking", run), ("async", run_async)];

#[test]
fn every_recorded_login_in_both_modes() {
    let cases = cases();
    let mut report = Report::new(&cases);
    let mut count = 0;
    for case in cases.iter().filter(|case| is_login(case)) {
        for (name, mode) in MODES {
            // The clock of futures is the real one.
            if name == "async" && later(case).iter().any(|(time, ..)| !time.is_zero()) {
                continue;
            }
            count += 1;
            report.run(case, name, || {
                let args = unknown_keys(&case.json["args"], "args", &ARGUMENTS);
                if args.is_empty() { check(case, &Folder::new(case, name), mode) } else { args }
            });
        }
    }
    report.finish();
    assert!(!cases.is_own() || count > 180, "{count}");
}

const ARGUMENTS: [&str; 11] = [
    "environment",
    "platform_token",
    "config_path",
    "endpoint",
    "refresh_token",
    "issuer_url",
    "client_id",
    "client_secret",
    "ssl_ca_cert",
    "verify_ssl",
    "token_provider",
];
