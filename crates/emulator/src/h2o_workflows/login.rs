//! What comes before the service: discovery, and the token end point.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use crate::address::base;
use crate::document::words::count;
use crate::moment::Moment;
use crate::seeded::mix;
use crate::server::{Received, Reply};

use super::query::Query;

/// Sets tokens apart from other numbers of the same seed.
const TOKENS: u64 = 0x746f_6b65_6e73;
/// The most tokens of each kind that are remembered.
const MAX_TOKENS: usize = 100_000;

/// Where the discovery is.
pub(super) const DISCOVERY: &str = "/.ai.h2o.cloud.discovery/v1/";
/// The path of the issuer.
pub(super) const ISSUER: &str = "/auth/realms/emulator";
/// The version of the vendor's client that this was held against.
const VERSION: &str = "1.1.2";

/// What can be chosen about tokens.
#[derive(Clone, Debug)]
pub(super) struct LoginRules {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    pub(super) expires_in: Duration,
    pub(super) tells_expiry: bool,
    pub(super) rotates: bool,
}

impl Default for LoginRules {
    fn default() -> Self {
        Self {
            access_token: "emulator-access-token".to_owned(),
            refresh_token: "emulator-refresh-token".to_owned(),
            client_id: "hac-platform-public".to_owned(),
            client_secret: None,
            expires_in: Duration::from_secs(300),
            tells_expiry: true,
            rotates: false,
        }
    }
}

/// The tokens that were given out, and the two that are settings: those are not part of a state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tokens {
    #[serde(skip)]
    fixed: Fixed,
    seed: u64,
    /// With the end of each; `None`: after the end of the clock.
    access: BTreeMap<String, Option<Moment>>,
    /// Whether the first refresh token, which is a setting, can be exchanged.
    is_first_valid: bool,
    refresh: BTreeSet<String>,
    #[serde(deserialize_with = "count")]
    pub(super) renewals: u64,
}

/// The tokens that are settings.
#[derive(Debug, Default)]
pub(super) struct Fixed {
    access: String,
    refresh: String,
}

impl Tokens {
    pub(super) fn new(rules: &LoginRules, seed: u64) -> Self {
        let mut tokens = Self {
            fixed: Fixed::default(),
            seed,
            access: BTreeMap::new(),
            is_first_valid: true,
            refresh: BTreeSet::new(),
            renewals: 0,
        };
        tokens.set_fixed(rules);
        tokens
    }

    /// Sets the tokens that are settings.
    pub(super) fn set_fixed(&mut self, rules: &LoginRules) {
        self.fixed = Fixed { access: rules.access_token.clone(), refresh: rules.refresh_token.clone() };
    }

    /// Whether a request has one that counts, in one header.
    pub(super) fn admit(&self, request: &Received, now: Moment) -> Result<(), &'static str> {
        let mut headers =
            request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let (Some((_, header)), None) = (headers.next(), headers.next()) else {
            return Err("the request needs the header Authorization exactly once, with a bearer token");
        };
        let token = header.strip_prefix(b"Bearer ").and_then(|token| std::str::from_utf8(token).ok());
        let end = |token: &str| match token == self.fixed.access {
            true => Some(&None),
            false => self.access.get(token),
        };
        match token.and_then(end) {
            Some(end) if end.is_none_or(|end| now < end) => Ok(()),
            Some(_) => Err("the token has expired"),
            None => Err("the token is not valid"),
        }
    }

    /// Returns whether an access token was issued here or is the fixed one. An expired one counts too.
    pub(super) fn has_access(&self, token: &str) -> bool {
        token == self.fixed.access || self.access.contains_key(token)
    }

    /// Returns whether a refresh token was issued here and not exchanged, or is the first one.
    pub(super) fn has_refresh(&self, token: &str) -> bool {
        (self.is_first_valid && token == self.fixed.refresh) || self.refresh.contains(token)
    }

    /// Access tokens that were given out are good for nothing from now on, but the one that is fixed.
    pub(super) fn revoke_access(&mut self) {
        self.access.clear();
    }

    /// No refresh token is good for anything from now on.
    pub(super) fn revoke_refresh(&mut self) {
        self.is_first_valid = false;
        self.refresh.clear();
    }

    /// `POST {token_endpoint}`: the answer, and whether a token was given out.
    pub(super) fn renew(&mut self, rules: &LoginRules, request: &Received, now: Moment) -> (Reply, bool) {
        match self.renewed(rules, request, now) {
            Ok(body) => (Reply::new(200).header("cache-control", "no-store").json(&body), true),
            Err((status, error, description)) => {
                let body = json!({ "error": error, "error_description": description });
                (Reply::new(status).json(&body), false)
            }
        }
    }

    fn renewed(
        &mut self,
        rules: &LoginRules,
        request: &Received,
        now: Moment,
    ) -> Result<Value, (u16, &'static str, &'static str)> {
        let kind = request.headers.text("content-type").map(|kind| kind.to_ascii_lowercase());
        let is_form = kind.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
        });
        let invalid = |why| (400, "invalid_request", why);
        let form = std::str::from_utf8(&request.body).ok().filter(|_| is_form).and_then(Query::of);
        let form = form
            .ok_or_else(|| invalid("the body is not a form (application/x-www-form-urlencoded in UTF-8)"))?;
        let field = |name: &str| form.only(name).filter(|value| !value.is_empty());
        match field("grant_type") {
            None => return Err(invalid("grant_type is missing")),
            Some("refresh_token") => {}
            Some(_) => {
                return Err((
                    400,
                    "unsupported_grant_type",
                    "only the grant type refresh_token is supported",
                ));
            }
        }
        if field("client_id") != Some(&rules.client_id) {
            return Err((401, "invalid_client", "client_id is missing, or the client is not known"));
        }
        if rules.client_secret.is_some() && field("client_secret") != rules.client_secret.as_deref() {
            return Err((401, "invalid_client", "client_secret is missing or wrong"));
        }
        let given = field("refresh_token").ok_or_else(|| invalid("refresh_token is missing"))?;
        if !self.has_refresh(given) {
            return Err((400, "invalid_grant", "the refresh token is not valid"));
        }
        self.renewals += 1;
        self.access.retain(|_, end| end.is_none_or(|end| now < end));
        if self.access.len() >= MAX_TOKENS {
            self.revoke_access();
        }
        let number = self.renewals;
        let token = |kind: &str, salt: u64| {
            format!("{kind}-{number}-{:016x}", mix(self.seed ^ TOKENS ^ mix(number ^ salt)))
        };
        let (access, refresh) = (token("access", 0), token("refresh", 1 << 63));
        let mut body = json!({ "access_token": access, "token_type": "Bearer" });
        if rules.tells_expiry {
            body["expires_in"] = json!(rules.expires_in.as_secs());
        }
        if rules.rotates {
            body["refresh_token"] = json!(refresh);
            // The one that was given is exchanged.
            if !self.refresh.remove(given) {
                self.is_first_valid = false;
            }
            self.refresh.insert(refresh);
        }
        body["scope"] = json!("openid");
        // A time beyond the clock's never comes.
        self.access.insert(access, now.checked_add(rules.expires_in));
        Ok(body)
    }
}

/// The refresh token in the form of a token request.
pub(super) fn refresh_token(request: &Received) -> Option<String> {
    if request.path.strip_prefix(ISSUER) != Some("/token") {
        return None;
    }
    let form = std::str::from_utf8(&request.body).ok().and_then(Query::of)?;
    form.only("refresh_token").filter(|token| !token.is_empty()).map(str::to_owned)
}

/// Whether an access token has the form of those that are issued.
pub(super) fn looks_issued(token: &str) -> bool {
    token.starts_with("access-")
}

/// What the discovery says; `None`: there is no such path.
pub(super) fn discovery(path: &str, base: &str, client_id: &str) -> Option<Value> {
    Some(match path.strip_prefix(DISCOVERY)? {
        "environment" => json!({ "environment": {
            "h2oCloudEnvironment": base,
            "issuerUrl": format!("{base}{ISSUER}"),
            "h2oCloudPlatformOauth2Scope": "openid offline_access",
            "h2oCloudVersion": "emulator",
        } }),
        "services" => json!({ "services": [{
            "name": "services/workflows",
            "displayName": "Workflows",
            "uri": base,
            "version": VERSION,
            "pythonClient": format!("h2o-workflows=={VERSION}"),
        }] }),
        "clients" => json!({ "clients": [{
            "name": "clients/platform",
            "displayName": "Platform",
            "oauth2ClientId": client_id,
        }] }),
        "links" => json!({ "links": [{ "name": "links/emulator", "uri": base, "text": "Emulator" }] }),
        "components" => json!({ "components": [{
            "name": "components/workflows",
            "displayName": "Workflows",
            "version": VERSION,
        }] }),
        _ => return None,
    })
}

/// The metadata of the issuer.
pub(super) fn openid_configuration(base: &str) -> Value {
    json!({
        "issuer": format!("{base}{ISSUER}"),
        "token_endpoint": format!("{base}{ISSUER}/token"),
        "grant_types_supported": ["refresh_token"],
    })
}

/// The answer of `GET /version`.
pub(super) fn version() -> Value {
    json!({ "version": VERSION })
}
