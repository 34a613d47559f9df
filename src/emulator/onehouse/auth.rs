//! Who may call: the seven headers of reference 1.2, all of them, as the status API's page demands.

use std::fmt;

use crate::http::Headers;

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

/// The seven values that a caller of the emulator has to send.
///
/// `Debug` hides the key and the secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// `x-onehouse-account-uid`
    pub account_uid: String,
    /// `x-onehouse-project-uid`
    pub project_uid: String,
    /// `x-onehouse-api-key`
    pub api_key: String,
    /// `x-onehouse-api-secret`
    pub api_secret: String,
    /// `x-onehouse-link-uid`
    pub link_uid: String,
    /// `x-onehouse-region`
    pub region: String,
    /// `x-onehouse-uuid`
    pub user_uid: String,
}

impl Default for Identity {
    /// Fixed values that are plainly no real ones.
    fn default() -> Self {
        Self {
            account_uid: "emulator-account".to_owned(),
            project_uid: "emulator-project".to_owned(),
            api_key: "emulator-key".to_owned(),
            api_secret: "emulator-secret".to_owned(),
            link_uid: "emulator-link".to_owned(),
            region: "us-west-2".to_owned(),
            user_uid: "emulator-user".to_owned(),
        }
    }
}

impl Identity {
    /// The header names with their values, in the order in which they are checked.
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

    /// Checks the headers of a request. An error is the HTTP status and the text that names the header; it
    /// never shows a value.
    pub(super) fn check(&self, headers: &Headers) -> Result<(), (u16, String)> {
        if headers.get("authorization").is_some() {
            let why = "authorization: the emulator knows API keys only, and no call carries both";
            return Err((401, why.to_owned()));
        }
        for ((name, wanted), (_, status)) in self.headers().into_iter().zip(HEADERS) {
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
        assert_eq!(identity.check(&sent(&identity, |_, v| Some(v.to_owned()))), Ok(()));
        for (wrong, status) in HEADERS {
            let right = identity.headers().into_iter().find(|(name, _)| *name == wrong).unwrap().1;
            let same_length = right.to_uppercase();
            let missing = sent(&identity, |n, v| (n != wrong).then(|| v.to_owned()));
            let (got, why) = identity.check(&missing).unwrap_err();
            assert_eq!(got, status);
            assert!(why.contains(wrong) && why.contains("missing"), "{why}");
            for value in ["hunter2", &same_length, ""] {
                let other = sent(&identity, |n, v| Some(if n == wrong { value } else { v }.to_owned()));
                let (got, why) = identity.check(&other).unwrap_err();
                assert_eq!(got, status);
                assert!(why.contains(wrong) && !why.contains("hunter2"), "{why}");
            }
        }
        let mut both = sent(&identity, |_, v| Some(v.to_owned()));
        both.push("Authorization", "Bearer x");
        assert_eq!(identity.check(&both).unwrap_err().0, 401);
    }

    #[test]
    fn debug_hides_the_secret_and_the_key() {
        let shown = format!("{:?}", Identity::default());
        assert!(!shown.contains("emulator-key") && !shown.contains("emulator-secret"), "{shown}");
    }
}
