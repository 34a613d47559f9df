//! Who may call: all headers of the vendor's pages on the submit API and the status API. With an API key
//! these are seven; with an access token of a signed-in user, `Authorization` and the four that are no
//! secret.

use std::fmt;

use crate::server::Headers;

/// The headers in the vendor's order, and whether a wrong one is a matter of authentication (HTTP 401) or of
/// permission (HTTP 403). Which status belongs to which header is the emulator's own choice.
const HEADERS: [(&str, u16); 7] = [
    ("x-onehouse-api-key", 401),
    ("x-onehouse-api-secret", 401),
    ("x-onehouse-account-uid", 403),
    ("x-onehouse-project-uid", 403),
    ("x-onehouse-link-uid", 403),
    ("x-onehouse-region", 403),
    ("x-onehouse-uuid", 403),
];

/// The values that a client of the emulator has to send in its headers. With an API key these are the first
/// seven; with a bearer token they are the token, `account_uid`, `project_uid`, `link_uid` and `region`.
///
/// `Debug` hides the key, the secret and the token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The value of the header `x-onehouse-account-uid`. Default: `emulator-account`.
    pub account_uid: String,
    /// The value of the header `x-onehouse-project-uid`. Default: `emulator-project`.
    pub project_uid: String,
    /// The value of the header `x-onehouse-api-key`. Default: `emulator-key`.
    pub api_key: String,
    /// The value of the header `x-onehouse-api-secret`. Default: `emulator-secret`.
    pub api_secret: String,
    /// The value of the header `x-onehouse-link-uid`. Default: `emulator-link`.
    pub link_uid: String,
    /// The value of the header `x-onehouse-region`. Default: `us-west-2`.
    pub region: String,
    /// The value of the header `x-onehouse-uuid`, the id of the user. Default: `emulator-user`.
    pub user_uid: String,
    /// The token that is always accepted in `Authorization: Bearer <token>`, besides the access tokens that
    /// sign-ins issue. If it is empty, no token at all is accepted, as in an organisation that does not allow
    /// bearer tokens. Default: `emulator-token`.
    pub bearer_token: String,
}

impl Default for Identity {
    /// Returns fixed values, which no real account has.
    fn default() -> Self {
        Self {
            account_uid: "emulator-account".to_owned(),
            project_uid: "emulator-project".to_owned(),
            api_key: "emulator-key".to_owned(),
            api_secret: "emulator-secret".to_owned(),
            link_uid: "emulator-link".to_owned(),
            region: "us-west-2".to_owned(),
            user_uid: "emulator-user".to_owned(),
            bearer_token: "emulator-token".to_owned(),
        }
    }
}

impl Identity {
    /// Returns the names and values of the seven headers of a request with the API key, in the order in which
    /// the emulator checks them.
    pub fn headers(&self) -> [(&'static str, &str); 7] {
        let values = [
            &self.api_key,
            &self.api_secret,
            &self.account_uid,
            &self.project_uid,
            &self.link_uid,
            &self.region,
            &self.user_uid,
        ];
        std::array::from_fn(|i| (HEADERS[i].0, values[i].as_str()))
    }

    /// Returns the names and values of the five headers of a request with the bearer token. `x-onehouse-uuid`
    /// is not among them; a request that has it nevertheless is accepted, whatever its value.
    pub fn bearer_headers(&self) -> [(&'static str, String); 5] {
        let [_, _, rest @ .., _] = self.headers();
        let [account, project, link, region] = rest.map(|(name, value)| (name, value.to_owned()));
        [("authorization", format!("Bearer {}", self.bearer_token)), account, project, link, region]
    }

    /// The identity that a request sends: what it does not send is as in this one. `None` without account and
    /// project.
    pub(super) fn sent(&self, headers: &Headers) -> Option<Self> {
        let text = |name: &str| {
            let value = headers.get(name).and_then(|value| std::str::from_utf8(value).ok());
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let or = |name: &str, own: &String| text(name).unwrap_or_else(|| own.clone());
        let bearer = text("authorization")
            .and_then(|value| value.split_once(' ').map(|(_, token)| token.trim().to_owned()));
        Some(Self {
            account_uid: text("x-onehouse-account-uid")?,
            project_uid: text("x-onehouse-project-uid")?,
            api_key: or("x-onehouse-api-key", &self.api_key),
            api_secret: or("x-onehouse-api-secret", &self.api_secret),
            link_uid: or("x-onehouse-link-uid", &self.link_uid),
            region: or("x-onehouse-region", &self.region),
            user_uid: or("x-onehouse-uuid", &self.user_uid),
            bearer_token: bearer.unwrap_or_else(|| self.bearer_token.clone()),
        })
    }

    /// Checks the headers of a request. An error is the HTTP status and the text that names the header; it
    /// never shows a value. `is_issued`: whether a token was issued to somebody who has signed in.
    pub(super) fn check(
        &self,
        headers: &Headers,
        is_issued: impl Fn(&str) -> bool,
    ) -> Result<(), (u16, String)> {
        let count =
            |wanted: &str| headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).count();
        let is_bearer = count("authorization") > 0;
        if is_bearer {
            let key = HEADERS.iter().find(|(name, status)| *status == 401 && count(name) > 0);
            if let Some((name, _)) = key {
                return Err((
                    401,
                    format!("authorization: a request cannot have both this header and {name}"),
                ));
            }
            if count("authorization") > 1 {
                return Err((401, "authorization: the request has this header more than once".to_owned()));
            }
            self.check_token(headers.get("authorization").unwrap_or_default(), is_issued)?;
        }
        let needed = |name: &str, status: u16| !is_bearer || (status == 403 && name != "x-onehouse-uuid");
        for ((name, wanted), (_, status)) in self.headers().into_iter().zip(HEADERS) {
            if !needed(name, status) {
                continue;
            }
            match headers.get(name) {
                None => return Err((status, format!("{name}: this header is missing"))),
                Some(value) if value != wanted.as_bytes() => {
                    return Err((status, format!("{name}: this header has the wrong value")));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn check_token(&self, value: &[u8], is_issued: impl Fn(&str) -> bool) -> Result<(), (u16, String)> {
        let (scheme, token) = value.split_at(value.iter().position(|b| *b == b' ').unwrap_or(value.len()));
        let why = if !scheme.eq_ignore_ascii_case(b"bearer") {
            "the scheme has to be Bearer"
        } else if self.bearer_token.is_empty() {
            "bearer tokens are switched off for this organisation"
        } else if token.trim_ascii() != self.bearer_token.as_bytes()
            && !std::str::from_utf8(token.trim_ascii()).is_ok_and(is_issued)
        {
            "the token is wrong or has expired"
        } else {
            return Ok(());
        };
        Err((401, format!("authorization: {why}")))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("account_uid", &self.account_uid)
            .field("project_uid", &self.project_uid)
            .field("link_uid", &self.link_uid)
            .field("region", &self.region)
            .field("user_uid", &self.user_uid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = Vec<(&'static str, String)>;

    /// Nobody has signed in.
    fn none(_: &str) -> bool {
        false
    }

    fn sent(identity: &Identity, change: impl Fn(&str, &str) -> Option<String>) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in identity.headers() {
            if let Some(value) = change(name, value) {
                headers.push(name, value);
            }
        }
        headers
    }

    #[test]
    fn every_header_counts_and_the_answer_names_it() {
        let identity = Identity::default();
        assert_eq!(identity.check(&sent(&identity, |_, v| Some(v.to_owned())), none), Ok(()));
        for (wrong, status) in HEADERS {
            let right = identity.headers().into_iter().find(|(name, _)| *name == wrong).unwrap().1;
            let same_length = right.to_uppercase();
            let missing = sent(&identity, |n, v| (n != wrong).then(|| v.to_owned()));
            let (got, why) = identity.check(&missing, none).unwrap_err();
            assert_eq!(got, status);
            assert!(why.contains(wrong) && why.contains("missing"), "{why}");
            for value in ["hunter2", &same_length, ""] {
                let other = sent(&identity, |n, v| Some(if n == wrong { value } else { v }.to_owned()));
                let (got, why) = identity.check(&other, none).unwrap_err();
                assert_eq!(got, status);
                assert!(why.contains(wrong) && !why.contains("hunter2"), "{why}");
            }
        }
    }

    #[test]
    fn a_bearer_token_takes_the_place_of_key_secret_and_user() {
        let identity = Identity::default();
        let good = identity.bearer_headers();
        let with = |change: &dyn Fn(&mut Pairs)| {
            let mut all = good.to_vec();
            change(&mut all);
            let mut headers = Headers::new();
            all.into_iter().for_each(|(name, value)| headers.push(name, value));
            identity.check(&headers, none)
        };
        assert_eq!(with(&|_| ()), Ok(()));
        assert_eq!(with(&|all| all[0].1 = "bearer  emulator-token".to_owned()), Ok(()));
        assert_eq!(with(&|all| all.push(("x-onehouse-uuid", "anybody".to_owned()))), Ok(()));
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer hunter2",
            "Bearer emulator-tokens",
            "Basic emulator-token",
            "emulator-token",
        ] {
            let (status, why) = with(&|all| all[0].1 = value.to_owned()).unwrap_err();
            assert_eq!(status, 401, "{value}");
            assert!(why.starts_with("authorization: ") && !why.contains("hunter2"), "{why}");
        }
        let (status, why) = with(&|all| all.push(all[0].clone())).unwrap_err();
        assert!(status == 401 && why.contains("more than once"), "{why}");
        // Both schemes at once, even if all is right.
        for (name, value) in
            [("X-Onehouse-Api-Key", "emulator-key"), ("x-onehouse-api-secret", "emulator-secret")]
        {
            let (status, why) = with(&|all| all.push((name, value.to_owned()))).unwrap_err();
            assert!(status == 401 && why.contains("both") && why.contains(&name.to_lowercase()), "{why}");
        }
        for i in 1..5 {
            let (status, why) = with(&|all| drop(all.remove(i))).unwrap_err();
            assert!(status == 403 && why.contains(good[i].0), "{why}");
            let (status, why) = with(&|all| all[i].1 = "hunter2".to_owned()).unwrap_err();
            assert!(status == 403 && why.contains(good[i].0) && !why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn an_organisation_without_bearer_tokens_accepts_none() {
        let identity = Identity { bearer_token: String::new(), ..Identity::default() };
        for value in ["Bearer ", "Bearer", "Bearer emulator-token"] {
            let mut headers = Headers::new();
            headers.push("authorization", value);
            let (status, why) = identity.check(&headers, none).unwrap_err();
            assert!(status == 401 && why.contains("switched off"), "{why}");
        }
    }

    #[test]
    fn debug_hides_key_secret_and_token() {
        let shown = format!("{:?}", Identity::default());
        for secret in ["emulator-key", "emulator-secret", "emulator-token"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
