//! What a correct client does at a login where the vendor's does something else, and which requests that
//! takes.

use controlplane::http::Request;
use serde_json::{Value, json};

use super::compare::{compare_request, compare_requests, form, path_of};
use super::service::{key_of, recorded_key};
use super::{BASE, exchanges, op, outcome};
use crate::vectors::Case;

/// How the requests of a login and of the calls after it relate to the recorded ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flow {
    /// They are the recorded ones, without links and components, which no login needs.
    Same,
    /// The vendor's client stops at links or components; this one may go on.
    GoesOn,
    /// Discovery redirects: it may be followed or refused.
    Redirected,
    /// The vendor's client is wrong: its exchanges may hold requests that a correct client does not send.
    Fewer,
    /// A variable names another token endpoint than the issuer that was given as an argument: the argument
    /// counts.
    ArgumentCounts,
    /// A variable names another token endpoint than the discovered issuer: it counts, and a warning says so.
    VariableCounts,
    /// The address of the service has a path, which the version has too.
    VersionBelow,
    /// A token is refused: it is renewed once, and the call repeated once.
    Renews,
}

fn path(request: &Value) -> &str {
    request["path"].as_str().unwrap_or_default()
}

/// True for a request to discovery that no login needs.
fn is_optional(path: &str) -> bool {
    path.ends_with("/v1/links") || path.ends_with("/v1/components")
}

fn is_redirect(exchange: &Value) -> bool {
    exchange["response"]["status"].as_u64().is_some_and(|status| (300..400).contains(&status))
        && exchange["response"]["headers"]["location"].is_string()
}

/// The path that a redirect leads to.
fn target(exchange: &Value) -> &str {
    let location = exchange["response"]["headers"]["location"].as_str().unwrap_or_default();
    location.strip_prefix(BASE).unwrap_or(location)
}

/// True if a redirect was followed.
pub(super) fn has_followed(case: &Case, sent: &[Request]) -> bool {
    let targets: Vec<&str> =
        exchanges(case).iter().filter(|exchange| is_redirect(exchange)).map(target).collect();
    sent.iter().any(|request| targets.contains(&&*path_of(request)))
}

impl Flow {
    /// The flow of a login. `None`: the vendor's client is wrong, and only the note says how.
    pub(super) fn of(case: &Case) -> Option<Self> {
        let json = &case.json;
        let exchanges = exchanges(case);
        let overrides =
            json["env"]["H2O_CLOUD_TOKEN_ENDPOINT_URL"].as_str().is_some_and(|url| !url.is_empty());
        let has_issuer = json["args"]["issuer_url"].as_str().is_some_and(|url| !url.is_empty());
        let is_call = |exchange: &Value| {
            let path = path(&exchange["request"]);
            exchange["response"]["status"] == 401 && path.contains("/v1/workspaces")
        };
        // A token that the program gives is not renewed here.
        let is_renewable = !json["args"]["token_provider"].is_string();
        let endpoint = outcome(case)["ok"]["endpoint"].as_str().and_then(|url| url.strip_prefix(BASE));
        Some(if op(case) == "login_custom" && overrides && has_issuer {
            Self::ArgumentCounts
        } else if op(case) == "login" && overrides {
            Self::VariableCounts
        } else if exchanges.iter().any(is_call) && is_renewable {
            Self::Renews
        } else if endpoint.is_some_and(|path| !path.trim_matches('/').is_empty()) {
            Self::VersionBelow
        } else if json["peer_bug"] == true {
            return (!json["expected"].is_null()).then_some(Self::Fewer);
        } else if json["outcome"]["error"].is_object()
            && exchanges.last().is_some_and(|last| is_optional(path(&last["request"])))
            && json["outcome"]["error"]["kind"] == "discovery"
        {
            Self::GoesOn
        } else if exchanges.iter().enumerate().any(|(i, exchange)| {
            is_redirect(exchange)
                && !is_optional(path(&exchange["request"]))
                && exchanges.get(i + 1).is_some_and(|next| path(&next["request"]) == target(exchange))
        }) {
            Self::Redirected
        } else {
            Self::Same
        })
    }
}

/// The recorded requests that a login needs.
pub(super) fn needed(case: &Case) -> Vec<Value> {
    let exchanges = exchanges(case);
    let mut needed = Vec::new();
    let mut skipped = None;
    for exchange in exchanges {
        let request = &exchange["request"];
        if is_optional(path(request)) || skipped == Some(path(request)) {
            skipped = is_redirect(exchange).then(|| target(exchange));
        } else {
            needed.push(request.clone());
        }
    }
    needed
}

/// True for what a login may ask after the point where the vendor's has stopped: the issuer, a token, the
/// version.
fn is_continuation(request: &Request) -> bool {
    let path = path_of(request);
    ["/.well-known/openid-configuration", "/token", "/version"].iter().any(|end| path.ends_with(end))
}

/// What is wrong with the requests of a flow.
pub(super) fn compare_flow_requests(
    case: &Case,
    flow: Flow,
    sent: &[Request],
    succeeded: bool,
) -> Vec<String> {
    let sent: Vec<Request> = sent.iter().filter(|request| !is_optional(&path_of(request))).cloned().collect();
    let mut needed = needed(case);
    match flow {
        Flow::Same | Flow::VariableCounts => all(&sent, &needed),
        Flow::GoesOn => {
            let (before, after) = sent.split_at(needed.len().min(sent.len()));
            let mut wrong = all(before, &needed);
            wrong.extend(after.iter().filter(|request| !is_continuation(request)).map(not_expected));
            if succeeded {
                wrong.extend(asked_for_all(after));
            }
            wrong
        }
        Flow::Redirected if succeeded => all(&sent, &needed),
        // Refused: nothing is sent after the redirect.
        Flow::Redirected => {
            let redirect = exchanges(case).iter().find(|exchange| is_redirect(exchange)).unwrap();
            let key = recorded_key(&redirect["request"]);
            needed.truncate(needed.iter().position(|request| recorded_key(request) == key).unwrap() + 1);
            all(&sent, &needed)
        }
        Flow::Fewer => {
            let is_recorded = |request: &Request| {
                let key = key_of(request.method.as_str(), &path_of(request));
                needed.iter().any(|needed| recorded_key(needed) == key)
            };
            let mut left = needed.iter();
            let mut wrong = Vec::new();
            for request in &sent {
                let fits = left.any(|expected| compare_request(request, expected).is_empty());
                let may_go_on = is_continuation(request) && !is_recorded(request);
                if !fits && !may_go_on {
                    wrong.push(not_expected(request));
                }
            }
            if succeeded {
                wrong.extend(asked_for_all(&sent));
            }
            wrong
        }
        Flow::ArgumentCounts => {
            let issuer = case.json["args"]["issuer_url"].as_str().unwrap().trim_end_matches('/');
            let issuer = issuer.strip_prefix(BASE).unwrap_or(issuer);
            let variable = case.json["env"]["H2O_CLOUD_TOKEN_ENDPOINT_URL"].as_str().unwrap();
            let variable = variable.strip_prefix(BASE).unwrap_or(variable);
            for request in needed.iter_mut().filter(|request| path(request) == variable) {
                request["path"] = json!(format!("{issuer}/token"));
            }
            let configuration = format!("{issuer}/.well-known/openid-configuration");
            if !needed.iter().any(|request| path(request) == configuration) {
                let request =
                    json!({"method": "GET", "path": configuration, "query": [], "headers": {}, "body": null});
                needed.insert(0, request);
            }
            all(&sent, &needed)
        }
        Flow::VersionBelow => {
            let endpoint = outcome(case)["ok"]["endpoint"].as_str().unwrap().trim_end_matches('/');
            let prefix = endpoint.strip_prefix(BASE).unwrap();
            for request in needed.iter_mut().filter(|request| path(request) == "/version") {
                request["path"] = json!(format!("{prefix}/version"));
            }
            all(&sent, &needed)
        }
        Flow::Renews => renewed(case, &sent, needed),
    }
}

fn all(sent: &[Request], needed: &[Value]) -> Vec<String> {
    compare_requests(sent, &needed.iter().collect::<Vec<_>>())
}

fn not_expected(request: &Request) -> String {
    format!("a request that nobody expects: {} {}", request.method.as_str(), path_of(request))
}

/// What a login that has succeeded must have asked at least.
fn asked_for_all(sent: &[Request]) -> Vec<String> {
    match sent.iter().any(|request| path_of(request).ends_with("/version")) {
        true => Vec::new(),
        false => vec!["the version was not asked for".to_owned()],
    }
}

/// After each call that was refused with 401: one renewal, and the same call with the new token, which is
/// refused too.
fn renewed(case: &Case, sent: &[Request], needed: Vec<Value>) -> Vec<String> {
    let is_refused = |request: &Value| {
        let key = recorded_key(request);
        exchanges(case).iter().any(|exchange| {
            recorded_key(&exchange["request"]) == key && exchange["response"]["status"] == 401
        })
    };
    let token = needed.iter().rfind(|request| path(request).ends_with("token")).cloned();
    let mut expected = Vec::new();
    let mut renewals = 0;
    for request in needed {
        let mut again = request.clone();
        let is_refused = is_refused(&request);
        // What comes after a renewal has a token that is not recorded.
        if renewals > 0 && request["headers"]["authorization"].is_string() {
            again["headers"]["authorization"] = json!(format!("Bearer another-{renewals}"));
            expected.push(again.clone());
        } else {
            expected.push(request);
        }
        if is_refused {
            renewals += 1;
            expected.extend(token.clone());
            again["headers"]["authorization"] = json!(format!("Bearer another-{renewals}"));
            expected.push(again);
        }
    }
    // A refresh token that was rotated is the one to send.
    let rotated = exchanges(case)
        .iter()
        .rfind(|exchange| exchange["response"]["body"]["access_token"].is_string())
        .and_then(|exchange| exchange["response"]["body"]["refresh_token"].as_str());
    if let (Some(rotated), Some(token)) = (rotated, token.as_ref()) {
        let mut fields = form(token["body"].as_str().unwrap_or_default());
        fields.insert("refresh_token".to_owned(), rotated.to_owned());
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| {
                format!(
                    "{name}={}",
                    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
                )
            })
            .collect();
        let first = expected.iter().position(|request| request == token).map_or(0, |first| first + 1);
        for request in expected[first..].iter_mut().filter(|request| *request == token) {
            request["body"] = json!(body.join("&"));
        }
    }
    all(sent, &expected)
}
