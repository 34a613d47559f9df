//! Signing in: metadata, the page with one button, tokens, revocation.
//!
//! The metadata's path, the client, the redirect URI, the parameters and the fields are those that the
//! vendor's SDK 0.3.0 sends and reads. The paths of the other endpoints, the page and the texts of errors are
//! the emulator's own.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::address::base;
use crate::document::words::count;
use crate::moment::Moment;
use crate::parameters::Parameters;
use crate::seeded::mix;
use crate::server::{Received, Reply};

/// The path of the metadata.
const METADATA: &str = "/.well-known/oauth-authorization-server";
const AUTHORIZE: &str = "/oauth/authorize";
const TOKEN: &str = "/oauth/token";
const REVOKE: &str = "/oauth/revoke";

/// The public client of the vendor's CLI.
const CLIENT_ID: &str = "oh-cli";
/// The path on the loopback address that is registered for the client; any port may be before it.
const CALLBACK: &str = "/oauth/callback";

/// How long a code can be exchanged.
const CODE_LASTS: Duration = Duration::from_secs(60);
/// How long a session lasts from its sign-in.
const SESSION_LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most codes, refresh tokens or access tokens that are remembered.
const MAX_KEPT: usize = 100_000;

/// Sets tokens apart from other numbers of the same seed.
const TOKENS: u64 = 0x7369_676e_2d69_6e00;

/// Settings of sign-ins.
#[derive(Clone, Debug)]
pub(super) struct SignInRules {
    /// How long an access token is valid.
    pub(super) expires_in: Duration,
    /// Whether the authorization needs no click.
    pub(super) auto_approve: bool,
}

impl Default for SignInRules {
    /// As the vendor's: an hour, and a person who clicks.
    fn default() -> Self {
        Self { expires_in: Duration::from_secs(3600), auto_approve: false }
    }
}

/// An endpoint of the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Metadata,
    Authorize,
    Token,
    Revoke,
}

impl Endpoint {
    pub(super) fn of(path: &str) -> Option<Self> {
        Some(match path {
            METADATA => Self::Metadata,
            AUTHORIZE => Self::Authorize,
            TOKEN => Self::Token,
            REVOKE => Self::Revoke,
            _ => return None,
        })
    }

    /// A name for the journal.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Metadata => "oauth_metadata",
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Revoke => "revoke",
        }
    }

    fn methods(self) -> &'static str {
        match self {
            Self::Metadata => "GET",
            Self::Authorize => "GET, POST",
            Self::Token | Self::Revoke => "POST",
        }
    }
}

/// The sessions of all who have signed in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIns {
    seed: u64,
    /// How many codes and tokens were issued.
    #[serde(deserialize_with = "count")]
    issued: u64,
    codes: BTreeMap<String, Code>,
    /// Every refresh token, with its session and whether it was used.
    refresh: BTreeMap<String, (u64, bool)>,
    /// When each session began. A revoked one is not there.
    sessions: BTreeMap<u64, Moment>,
    /// When each access token expires; `None`: after the end of the clock.
    access: BTreeMap<String, Option<Moment>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    challenge: String,
    redirect_uri: String,
    issued: Moment,
}

/// An error of RFC 6749: the HTTP status, the code and the description.
type Refusal = (u16, &'static str, &'static str);

impl SignIns {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            issued: 0,
            codes: BTreeMap::new(),
            refresh: BTreeMap::new(),
            sessions: BTreeMap::new(),
            access: BTreeMap::new(),
        }
    }

    /// True for an access token that was issued and has not expired.
    pub(super) fn admits(&self, token: &str, now: Moment) -> bool {
        self.access.get(token).is_some_and(|end| end.is_none_or(|end| now < end))
    }

    /// Ends all access tokens. Sessions go on.
    pub(super) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    /// Ends all sessions. Access tokens stay valid until they expire.
    pub(super) fn revoke_sessions(&mut self) {
        self.sessions.clear();
    }

    /// Answers a request.
    pub(super) fn answer(
        &mut self,
        endpoint: Endpoint,
        request: &Received,
        rules: &SignInRules,
        scheme: &str,
        now: Moment,
    ) -> Reply {
        if !endpoint.methods().split(", ").any(|method| method == request.method) {
            return Reply::new(405).header("allow", endpoint.methods());
        }
        let issuer = base(request, scheme);
        match endpoint {
            Endpoint::Metadata => Reply::new(200).json(&metadata(&issuer)),
            Endpoint::Authorize => self.authorize(request, rules, &issuer, now),
            Endpoint::Token => match form(request).and_then(|form| self.token(&form, rules, now)) {
                Ok(body) => Reply::new(200).header("cache-control", "no-store").json(&body),
                Err(refusal) => refused(refusal),
            },
            Endpoint::Revoke => match form(request).and_then(|form| self.revoke(&form)) {
                Ok(()) => Reply::new(200).json(&json!({})),
                Err(refusal) => refused(refusal),
            },
        }
    }

    fn next(&mut self, kind: &str) -> String {
        self.issued += 1;
        let number = self.issued;
        format!("{kind}-{number}-{:016x}", mix(self.seed ^ TOKENS ^ mix(number)))
    }

    /// The page with one button, or the way back to the client.
    fn authorize(&mut self, request: &Received, rules: &SignInRules, issuer: &str, now: Moment) -> Reply {
        let Some(query) = Parameters::of(&request.query) else {
            return page(400, "The query is not UTF-8.", "");
        };
        let field = |name: &str| query.only(name).filter(|value| !value.is_empty());
        // Whoever may be somebody else is not sent anything, not even an error.
        if field("client_id") != Some(CLIENT_ID) {
            return page(400, "The client is not known: client_id has to be oh-cli.", "");
        }
        let Some(redirect_uri) = field("redirect_uri").filter(|uri| is_loopback_callback(uri)) else {
            return page(
                400,
                "The redirect URI is not registered for the client: it has to be http://127.0.0.1:PORT/oauth/callback.",
                "",
            );
        };
        let back = |parameters: &[(&str, &str)]| {
            let mut uri = redirect_uri.to_owned();
            let state = field("state").map(|state| ("state", state));
            let all = parameters.iter().copied().chain(state).chain([("iss", issuer)]);
            for (number, (name, value)) in all.enumerate() {
                uri.push(if number == 0 { '?' } else { '&' });
                uri.push_str(name);
                uri.push('=');
                uri.extend(percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC));
            }
            Reply::new(302).header("location", &uri).header("cache-control", "no-store")
        };
        let wrong = if field("response_type") != Some("code") {
            Some(("unsupported_response_type", "only response_type=code is supported"))
        } else if field("code_challenge_method") != Some("S256") {
            Some(("invalid_request", "code_challenge_method has to be S256"))
        } else if field("code_challenge").is_none_or(|challenge| challenge.len() != 43) {
            Some(("invalid_request", "code_challenge has to have 43 characters"))
        } else if field("scope").is_none_or(|scope| scope.split(' ').all(|word| word != "openid")) {
            Some(("invalid_scope", "the scope has to contain openid"))
        } else {
            None
        };
        if let Some((error, description)) = wrong {
            return back(&[("error", error), ("error_description", description)]);
        }
        if request.method == "GET" && !rules.auto_approve {
            let button = format!(
                "<form method=\"post\" action=\"{AUTHORIZE}?{}\"><button autofocus>Sign in</button></form>",
                escaped(&request.query)
            );
            return page(
                200,
                "A program on this machine asks to sign in to the local Onehouse emulator.",
                &button,
            );
        }
        let decision = Parameters::of(&String::from_utf8_lossy(&request.body));
        if decision.is_some_and(|form| form.get("decision") == Some("deny")) {
            return back(&[("error", "access_denied"), ("error_description", "the user denied the sign-in")]);
        }
        let code = self.next("code");
        let challenge = field("code_challenge").unwrap_or_default().to_owned();
        self.codes.retain(|_, code| now < code.issued + CODE_LASTS);
        if self.codes.len() >= MAX_KEPT {
            self.codes.clear();
        }
        self.codes
            .insert(code.clone(), Code { challenge, redirect_uri: redirect_uri.to_owned(), issued: now });
        back(&[("code", &code)])
    }

    fn token(&mut self, form: &Parameters, rules: &SignInRules, now: Moment) -> Result<Value, Refusal> {
        let needed = |name: &str, missing| {
            form.only(name).filter(|value| !value.is_empty()).ok_or((400, "invalid_request", missing))
        };
        let grant = needed("grant_type", "grant_type is missing")?;
        if needed("client_id", "client_id is missing")? != CLIENT_ID {
            return Err((401, "invalid_client", "the client is not known"));
        }
        let invalid = |why| (400, "invalid_grant", why);
        let session = match grant {
            "authorization_code" => {
                let given = needed("code", "code is missing")?;
                let verifier = needed("code_verifier", "code_verifier is missing")?;
                let redirect_uri = needed("redirect_uri", "redirect_uri is missing")?;
                // Good for one attempt, whatever its outcome.
                let code = self.codes.remove(given).ok_or(invalid("the code is not valid"))?;
                if now >= code.issued + CODE_LASTS {
                    return Err(invalid("the code has expired"));
                }
                if code.redirect_uri != redirect_uri {
                    return Err(invalid("the redirect URI is not that of the authorization"));
                }
                if URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) != code.challenge {
                    return Err(invalid("the code verifier does not match the challenge"));
                }
                let session = self.issued;
                self.sessions.insert(session, now);
                session
            }
            "refresh_token" => {
                let given = needed("refresh_token", "refresh_token is missing")?;
                let (session, was_used) =
                    *self.refresh.get(given).ok_or(invalid("the refresh token is not valid"))?;
                if was_used {
                    self.sessions.remove(&session);
                    return Err(invalid("the refresh token was used before; the session is revoked"));
                }
                let began = *self.sessions.get(&session).ok_or(invalid("the session was revoked"))?;
                if now >= began + SESSION_LASTS {
                    return Err(invalid("the session has expired"));
                }
                self.refresh.insert(given.to_owned(), (session, true));
                session
            }
            _ => {
                return Err((
                    400,
                    "unsupported_grant_type",
                    "only the grant types authorization_code and refresh_token are supported",
                ));
            }
        };
        let (access, refresh) = (self.next("access"), self.next("refresh"));
        self.access.retain(|_, end| end.is_none_or(|end| now < end));
        if self.access.len() >= MAX_KEPT {
            self.access.clear();
        }
        if self.refresh.len() >= MAX_KEPT {
            self.refresh.retain(|_, (_, was_used)| !*was_used);
        }
        self.access.insert(access.clone(), now.checked_add(rules.expires_in));
        self.refresh.insert(refresh.clone(), (session, false));
        Ok(json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": rules.expires_in.as_secs(),
            "refresh_token": refresh,
            "scope": "openid",
        }))
    }

    fn revoke(&mut self, form: &Parameters) -> Result<(), Refusal> {
        if form.only("client_id") != Some(CLIENT_ID) {
            return Err((401, "invalid_client", "the client is not known"));
        }
        let token = form.text("token").ok_or((400, "invalid_request", "token is missing"))?;
        // A token that is not known is not an error (RFC 7009, section 2.2).
        if let Some((session, _)) = self.refresh.get(token) {
            self.sessions.remove(session);
        }
        Ok(())
    }
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{AUTHORIZE}"),
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid"],
        "authorization_response_iss_parameter_supported": true,
    })
}

/// True for the literal loopback address, any port and the registered path.
fn is_loopback_callback(uri: &str) -> bool {
    uri.strip_prefix("http://127.0.0.1:")
        .and_then(|rest| rest.strip_suffix(CALLBACK))
        .is_some_and(|port| port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn form(request: &Received) -> Result<Parameters, Refusal> {
    let kind = request.headers.text("content-type").unwrap_or_default().to_ascii_lowercase();
    let is_form = kind.split(';').next().map(str::trim) == Some("application/x-www-form-urlencoded");
    let form = std::str::from_utf8(&request.body).ok().filter(|_| is_form).and_then(Parameters::of);
    form.ok_or((
        400,
        "invalid_request",
        "the body is not a form (application/x-www-form-urlencoded in UTF-8)",
    ))
}

fn refused((status, error, description): Refusal) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    Reply::new(status).header("cache-control", "no-store").json(&body)
}

/// A page. `more` is HTML.
fn page(status: u16, text: &str, more: &str) -> Reply {
    let mut reply = Reply::new(status)
        .header("content-type", "text/html; charset=utf-8")
        .header("cache-control", "no-store")
        .header("referrer-policy", "no-referrer");
    reply.body = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Onehouse emulator</title>\n\
         <h1>Onehouse emulator</h1>\n<p>{}</p>\n{more}\n</html>\n",
        escaped(text)
    )
    .into_bytes();
    reply
}

/// Text in HTML, or in an attribute in double quotes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_literal_loopback_address_is_registered() {
        assert!(is_loopback_callback("http://127.0.0.1:1/oauth/callback"));
        assert!(is_loopback_callback("http://127.0.0.1:65535/oauth/callback"));
        for wrong in [
            "http://localhost:1/oauth/callback",
            "http://127.0.0.1/oauth/callback",
            "http://127.0.0.1:/oauth/callback",
            "http://127.0.0.1:65536/oauth/callback",
            "http://127.0.0.1:+1/oauth/callback",
            "http://127.0.0.1:1/oauth/callback/",
            "http://127.0.0.1:1@evil.test/oauth/callback",
            "https://127.0.0.1:1/oauth/callback",
        ] {
            assert!(!is_loopback_callback(wrong), "{wrong}");
        }
    }

    #[test]
    fn nothing_of_a_query_ends_the_attribute_that_it_is_in() {
        assert_eq!(escaped("a=\"><script>&b"), "a=&quot;&gt;&lt;script&gt;&amp;b");
    }
}
