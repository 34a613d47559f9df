//! A server that repeats secrets: no error shows them.

use controlplane::ErrorKind;
use controlplane::RetryPolicy;
use controlplane::onehouse::{Client, Credentials, CredentialsBuilder, SourceType};
use proptest::prelude::*;

use crate::repeated::{assert_hidden, replies};
use crate::scripted::{Reply, Scripted};

fn credentials() -> CredentialsBuilder {
    let builder = Credentials::builder().env([("HOME", "/nowhere")]).account_uid("acc").project_uid("prj");
    builder.link_uid("lnk").region("r").user_uid("usr").api_key("the-key").base_url("https://h.test")
}

fn client(credentials: CredentialsBuilder, reply: Reply) -> Client {
    let builder = Client::builder().credentials(credentials.build().unwrap()).retry(RetryPolicy::retries(0));
    builder.transport(Scripted::new(move |_, _| reply.clone())).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn no_error_shows_a_secret_that_the_server_repeats(secret in "[!-~][ -~]{6,30}[!-~]") {
        for reply in replies(&secret) {
            let own = client(credentials().api_secret(&*secret), reply.clone());
            assert_hidden(&secret, &own.delete_lake("l").send().unwrap_err());
            // A status that is not known is not an error.
            if let Err(error) = own.get_status("id").send() {
                assert_hidden(&secret, &error);
            }
            let other = client(credentials().api_secret("another"), reply);
            for key in ["x.secret", "dsn", "jdbc.url", "connection.uri", "azure.sas"] {
                let call = other.create_source("s", SourceType::S3).option(key, &*secret);
                assert_hidden(&secret, &call.send().unwrap_err());
            }
            let url = format!("postgres://me:{secret}@h/d");
            let call = other.create_source("s", SourceType::S3).option("url", &*url);
            let is_shown = format!("{:?}", call.command()).contains(&*secret);
            prop_assert!(!is_shown, "{}", secret);
            if !secret.contains(['@', ':', '/', '?', '#']) {
                assert_hidden(&secret, &call.send().unwrap_err());
            }
        }
    }
}

#[test]
fn a_short_secret_is_a_word_of_ordinary_text() {
    let reply = Reply::text(400, r#"{"message": "the column has the wrong value"}"#);
    let error = client(credentials().api_secret("wrong"), reply).show_lakes().send().unwrap_err();
    assert!(error.to_string().contains("has the wrong value"), "{error}");
    let shown = format!("{:?}", credentials().api_secret("wrong").build().unwrap());
    assert!(!shown.contains("wrong"), "{shown}");
}

#[test]
fn a_401_names_quotes_and_variables_that_are_nearly_right() {
    let variables = [
        ("ONEHOUSE_API_SECRET", "\"quoted-secret\""),
        ("ONEHOUSE_APISECRET", "near"),
        ("ONEHOUSE_USER", "not near"),
    ];
    let builder = credentials().env(variables);
    let error = client(builder, Reply::text(401, "")).show_lakes().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let shown = error.to_string();
    for says in [
        "api_secret begins and ends with quotes",
        "the environment variable ONEHOUSE_API_SECRET",
        "ONEHOUSE_APISECRET is set but not read; ONEHOUSE_API_SECRET is the name",
    ] {
        assert!(shown.contains(says), "{shown}");
    }
    assert!(!shown.contains("quoted-secret") && !shown.contains("ONEHOUSE_USER "), "{shown}");
    // Other refusals are about something else.
    let error = client(credentials().env(variables), Reply::text(403, "")).show_lakes().send().unwrap_err();
    assert!(!error.to_string().contains("quotes"), "{error}");
}
