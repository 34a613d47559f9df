//! Which credentials are used, and what they send.

use controlplane::auth::TokenProvider;
use controlplane::{ErrorKind, SecretString};

use super::*;

fn with_key(emulator: &Emulator, home: &Home) -> CredentialsBuilder {
    let key = [("API_KEY", "emulator-key"), ("API_SECRET", "emulator-secret"), ("USER_UID", "emulator-user")]
        .map(|(name, value)| (format!("ONEHOUSE_{name}"), value.to_owned()));
    Credentials::builder().env(variables(emulator.url(), home.path()).into_iter().chain(key))
}

#[test]
fn a_session_takes_the_place_of_the_key_of_the_environment_and_not_of_an_argument() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    assert!(!with_key(&emulator, &home).build().unwrap().is_bearer());
    signed_in(&emulator, &home);
    let credentials = with_key(&emulator, &home).build().unwrap();
    assert!(credentials.is_bearer());
    assert_eq!(credentials.user_uid(), "");
    Client::new(credentials).unwrap().show_lakes().send().unwrap();
    assert!(!with_key(&emulator, &home).session(false).build().unwrap().is_bearer());
    assert!(!with_key(&emulator, &home).api_key("emulator-key").build().unwrap().is_bearer());
    let provided = with_key(&emulator, &home).token_provider(SecretString::from("t")).build().unwrap();
    assert!(provided.is_bearer());
}

#[test]
fn a_session_is_that_of_its_host() {
    let (one, other, home) = (emulator(Builder::auto_approve), emulator(|builder| builder), Home::new());
    signed_in(&one, &home);
    let error = builder(&other, &home).build().unwrap_err();
    assert_eq!(error.missing_fields(), ["api_key", "api_secret", "user_uid"]);
    let error = builder(&other, &home).session(true).build().unwrap_err();
    assert!(error.to_string().contains("no session file"), "{error}");
    // The path of the base URL does not matter.
    assert!(builder(&one, &home).base_url(format!("{}/v1/", one.url())).build().unwrap().is_bearer());
}

#[test]
fn without_a_home_directory_there_is_no_session() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let homeless = || {
        let all = variables(emulator.url(), home.path());
        let homeless = all.into_iter().filter(|(name, _)| !["HOME", "USERPROFILE"].contains(&&**name));
        Credentials::builder().env(homeless)
    };
    assert_eq!(homeless().build().unwrap_err().missing_fields(), ["api_key", "api_secret", "user_uid"]);
    for error in [
        homeless().session(true).build().unwrap_err(),
        SignIn::new().credentials(homeless()).session().unwrap_err(),
        SignIn::new().credentials(homeless()).no_browser(|_| panic!("no page")).run().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains(crate::credentials::HOME), "{error}");
    }
    let directory = session.path().parent().unwrap();
    assert!(homeless().sessions_directory(directory).build().unwrap().is_bearer());
}

/// Gives tokens in order, the next one after each that was rejected.
struct Tokens(std::sync::Mutex<Vec<&'static str>>);

impl TokenProvider for Tokens {
    fn token(&self) -> Result<SecretString, Error> {
        Ok((*self.0.lock().unwrap().last().unwrap()).into())
    }

    fn rejected(&self, _: &SecretString) {
        let mut tokens = self.0.lock().unwrap();
        if tokens.len() > 1 {
            tokens.pop();
        }
    }
}

#[test]
fn a_token_of_the_programs_own_is_tried_again_once() {
    let (emulator, home) = (emulator(|builder| builder), Home::new());
    let call = |tokens: &[&'static str]| {
        let tokens = Tokens(std::sync::Mutex::new(tokens.to_vec()));
        let credentials = builder(&emulator, &home).token_provider(tokens).build().unwrap();
        Client::new(credentials).unwrap().show_lakes().send()
    };
    call(&["emulator-token"]).unwrap();
    call(&["emulator-token", "stale"]).unwrap();
    let error = call(&["stale-3", "stale-2", "stale-1"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(!format!("{error:?}").contains("stale"), "{error:?}");
    let statuses: Vec<u16> = emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 200, 401, 200, 200, 401, 401]);
}
