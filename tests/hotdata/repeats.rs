//! A server that repeats secrets: no error shows them.

use controlplane::RetryPolicy;
use controlplane::client::Origin;
use controlplane::hotdata::{Client, Credentials, CredentialsBuilder};
use proptest::prelude::*;

use crate::repeated::{assert_hidden, replies};
use crate::scripted::{Reply, Scripted};

fn client(credentials: CredentialsBuilder, reply: Reply) -> Client {
    let credentials = credentials.workspace_id("ws").build().unwrap();
    let builder = Client::builder().credentials(credentials).retry(RetryPolicy::retries(0));
    builder.transport(Scripted::new(move |_, _| reply.clone())).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_error_shows_a_key_that_the_server_repeats(secret in "[!-~][ -~]{6,30}[!-~]") {
        for reply in replies(&secret) {
            let client = client(Credentials::builder().env([("", ""); 0]).api_key(&*secret), reply);
            assert_hidden(&secret, &client.databases().get("d").send().unwrap_err());
        }
    }
}

#[test]
fn a_401_names_quotes_and_variables_that_are_nearly_right() {
    let variables =
        [("HOTDATA_API_KEY", "\"k\""), ("HOTDATA_WORKSPACE_UID", "near"), ("HOTDATA_TOKEN", "other")];
    let builder = || Credentials::builder().env(variables);
    let shown = client(builder(), Reply::text(401, "")).databases().get("d").send().unwrap_err().to_string();
    for says in ["api_key begins and ends with quotes", "HOTDATA_WORKSPACE_UID is set but not read"] {
        assert!(shown.contains(says), "{shown}");
    }
    assert!(!shown.contains("HOTDATA_TOKEN"), "{shown}");
    let missing = Credentials::builder().env([("HOTDATA_APIKEY", "k")]).build().unwrap_err().to_string();
    assert!(
        missing.contains("HOTDATA_APIKEY is set but not read; HOTDATA_API_KEY is the name that is read."),
        "{missing}"
    );
}

#[test]
fn credentials_say_where_each_field_came_from() {
    let variables =
        [("HOTDATA_WORKSPACE_ID", "w"), ("HOTDATA_API_URL", "http://127.0.0.1:1"), ("HOTDATA_API_KEY", "v")];
    let credentials = Credentials::builder().env(variables).api_key("k").build().unwrap();
    assert_eq!(credentials.origin("api_key"), Some(&Origin::Argument));
    assert_eq!(credentials.origin("workspace_id"), Some(&Origin::Variable("HOTDATA_WORKSPACE_ID")));
    assert_eq!(credentials.origin("base_url"), Some(&Origin::Variable("HOTDATA_API_URL")));
    assert_eq!(credentials.origin("database_id"), None);
    let credentials = Credentials::builder().env([("", ""); 0]).api_key("k").build().unwrap();
    assert_eq!(credentials.origin("base_url"), Some(&Origin::Default));
}

#[test]
fn a_base_url_may_end_in_the_version_and_not_in_another_path() {
    let base = |url: &str| {
        let builder = Credentials::builder().env([("", ""); 0]).api_key("k").base_url(url);
        builder
            .build()
            .map(|credentials| credentials.base_url().to_owned())
            .map_err(|error| error.to_string())
    };
    assert_eq!(base("https://api.hotdata.dev/v1").as_deref(), Ok("https://api.hotdata.dev"));
    assert_eq!(base("http://127.0.0.1:1/proxy/v1/").as_deref(), Ok("http://127.0.0.1:1/proxy"));
    for url in ["https://api.hotdata.dev/v2", "https://api.hotdata.dev/v1/query"] {
        let error = base(url).unwrap_err();
        assert!(error.contains("Write https://api.hotdata.dev."), "{error}");
    }
    let shown = format!("{:?}", Credentials::builder().base_url("https://me:hunter2@h"));
    assert!(!shown.contains("hunter2"), "{shown}");
}
