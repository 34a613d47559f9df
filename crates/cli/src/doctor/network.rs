//! Proxies, certificates, clock and reachability.

use std::time::{Duration, Instant, SystemTime};

use controlplane::http::{Method, Request};
use controlplane::transport::{HttpConfig, Proxy, SendError, SendErrorKind, Transport, UreqTransport};

use crate::advice::translated;
use crate::app::App;
use crate::progress::one_line;

use super::{Finding, Level};

/// The time for one request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A clock that is off by more than this makes tokens and certificates invalid sooner or later.
const MAX_DIFFERENCE: i64 = 60;

const PROXIES: [&str; 6] =
    ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// The settings of the environment that all services share.
pub(super) fn settings() -> Vec<Finding> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut findings = Vec::new();
    let proxies: Vec<&str> = PROXIES.into_iter().filter(|name| is_set(name)).collect();
    let direct: Vec<&str> = ["no_proxy", "NO_PROXY"].into_iter().filter(|name| is_set(name)).collect();
    findings.push(Finding::new(
        Level::Info,
        "proxy",
        match (proxies.as_slice(), direct.as_slice()) {
            ([], []) => "no variable is set".to_owned(),
            ([], direct) => format!("{} is set, but no proxy is configured", direct.join(", ")),
            (proxies, []) => format!("{} is set", proxies.join(", ")),
            (proxies, direct) => format!("{} is set, and {}", proxies.join(", "), direct.join(", ")),
        },
    ));
    let roots: Vec<&str> =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(|name| is_set(name)).collect();
    let trusted = if roots.is_empty() {
        "the built-in certificate authorities (Mozilla's)".to_owned()
    } else {
        format!("the certificate authorities of {}", roots.join(" and "))
    };
    findings.push(match UreqTransport::new(&HttpConfig::default()) {
        Ok(_) => Finding::new(Level::Ok, "certificates", format!("trusted: {trusted}")),
        Err(error) => {
            let text = error.to_string();
            let (what, advice) = text.split_once('\n').unwrap_or((&text, ""));
            Finding::new(Level::Error, "network", what).advice(translated(advice).unwrap_or_default())
        }
    });
    findings
}

/// The proxy that requests to an address go through.
pub(super) fn proxy(service: &str, address: &str) -> Option<Finding> {
    let is_set = PROXIES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    match Proxy::FromEnv.of(address) {
        Ok(Some(proxy)) => Some(Finding::new(
            Level::Info,
            service,
            format!("requests to {address} go through the proxy {proxy}"),
        )),
        Ok(None) if is_set => Some(Finding::new(
            Level::Info,
            service,
            format!(
                "requests to {address} do not use the proxy (NO_PROXY has the host, there is no proxy for its scheme, or it is \
                 this machine)"
            ),
        )),
        Ok(None) => None,
        Err(error) => {
            let text = error.to_string();
            let (what, advice) = text.split_once('\n').unwrap_or((&text, ""));
            Some(Finding::new(Level::Error, service, what).advice(translated(advice).unwrap_or_default()))
        }
    }
}

/// Sends one request without credentials: any answer of the service will do, and its date is compared.
pub(super) fn reach(app: &App, service: &str, address: &str) -> Vec<Finding> {
    // Settings that cannot be used are a finding already.
    let Ok(transport) = UreqTransport::new(&HttpConfig::default()) else { return Vec::new() };
    let mut request = Request::new(Method::Get, address, "");
    request.max_response_body = 64 * 1024;
    let began = Instant::now();
    let timeout = app.globals.timeout.unwrap_or(TIMEOUT);
    // Nothing is lost if Ctrl-C ends it.
    let answered = app.interrupt.at_once(|| transport.send(&request, timeout));
    let took = began.elapsed().as_millis();
    match answered {
        Ok(response) => {
            let status = response.status;
            let mut findings = vec![match status {
                300..=399 => {
                    Finding::new(Level::Warning, service, format!("{address} redirects (HTTP {status})"))
                        .advice("The base URL may be wrong, or a proxy asks for a sign-in.")
                }
                500..=599 => {
                    Finding::new(Level::Warning, service, format!("answers at {address} with HTTP {status}"))
                        .advice("Try again later, or see the status page of the service.")
                }
                407 => Finding::new(Level::Error, service, "the proxy asks for a user and a password")
                    .advice("Write them into the URL of the proxy, percent-encoded."),
                _ => Finding::new(
                    Level::Ok,
                    service,
                    format!("answers at {address} (HTTP {status} without credentials, {took} ms)"),
                ),
            }];
            let date =
                response.headers.text("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok());
            findings.extend(date.map(|date| clock(service, date, SystemTime::now())));
            findings
        }
        Err(error) => vec![unreachable(service, address, &error)],
    }
}

/// Compares the clock of this machine with that of the service.
fn clock(service: &str, theirs: SystemTime, ours: SystemTime) -> Finding {
    let seconds = |time: Result<Duration, std::time::SystemTimeError>| match time {
        Ok(ahead) => i64::try_from(ahead.as_secs()).unwrap_or(i64::MAX),
        Err(behind) => -i64::try_from(behind.duration().as_secs()).unwrap_or(i64::MAX),
    };
    let ahead = seconds(ours.duration_since(theirs));
    let direction = if ahead >= 0 { "ahead of" } else { "behind" };
    let what = format!("the clock of this machine is {} s {direction} that of the service", ahead.abs());
    if ahead.abs() > MAX_DIFFERENCE {
        return Finding::new(Level::Warning, service, what).advice(
            "Set the clock of this machine, for example with NTP: certificates and tokens depend on it.",
        );
    }
    Finding::new(Level::Ok, service, format!("the clock agrees with the service's ({} s)", ahead.abs()))
}

fn unreachable(service: &str, address: &str, error: &SendError) -> Finding {
    let advice = match error.kind() {
        SendErrorKind::Tls | SendErrorKind::Certificate | SendErrorKind::CertificateExpired => {
            "If the network inspects TLS, set SSL_CERT_FILE to a file with the certificates that are trusted, the \
             company's among them. If the certificate is not valid yet or no longer, check the clock."
        }
        SendErrorKind::ProxyAuthentication => {
            "Write user and password into the URL of the proxy, percent-encoded."
        }
        _ => {
            "Check the address and the network. If the network needs a proxy, set https_proxy; if it must not be used for \
             this host, set no_proxy."
        }
    };
    let finding = Finding::new(
        Level::Error,
        service,
        format!("{address} cannot be reached: {}", one_line(&error.to_string())),
    );
    finding.advice(error.advice().unwrap_or(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_by_more_than_a_minute_is_a_warning() {
        let now = SystemTime::now();
        for (offset, level, part) in [
            (0, Level::Ok, "agrees with the service's (0 s)"),
            (60, Level::Ok, "agrees with the service's (60 s)"),
            (61, Level::Warning, "61 s ahead of"),
            (3600, Level::Warning, "3600 s ahead of"),
        ] {
            let finding = clock("eloq", now - Duration::from_secs(offset), now);
            assert_eq!(finding.level, level);
            assert!(finding.what.contains(part), "{}", finding.what);
        }
        let behind = clock("eloq", now + Duration::from_secs(90), now);
        assert_eq!(behind.level, Level::Warning);
        assert!(behind.what.contains("90 s behind"), "{}", behind.what);
        assert!(!behind.advice.is_empty());
    }
}
