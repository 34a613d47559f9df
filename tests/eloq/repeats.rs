//! A server that repeats secrets: no error shows them.

use controlplane::RetryPolicy;
use controlplane::client::Origin;
use controlplane::eloq::{Client, Credentials, CredentialsBuilder};
use proptest::prelude::*;

use crate::repeated::{assert_hidden, replies};
use crate::scripted::{Reply, Scripted};

fn client(credentials: CredentialsBuilder, reply: Reply) -> Client {
    let builder = Client::builder().credentials(credentials.build().unwrap()).retry(RetryPolicy::retries(0));
    builder.transport(Scripted::new(move |_, _| reply.clone())).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_error_shows_a_key_that_the_server_repeats(secret in "[!-~][ -~]{6,30}[!-~]") {
        for reply in replies(&secret) {
            let client = client(Credentials::builder().api_key(&*secret), reply);
            assert_hidden(&secret, &client.info().send().unwrap_err());
        }
    }
}

#[test]
fn a_401_names_quotes_and_variables_that_are_nearly_right() {
    let builder = || Credentials::builder().env([("ELOQ_API_KEY", "'k'"), ("ELOQ_APIKEY", "near")]);
    let credentials = builder().build().unwrap();
    assert_eq!(credentials.origin("api_key"), Some(&Origin::Variable("ELOQ_API_KEY")));
    assert_eq!(credentials.origin("base_url"), Some(&Origin::Default));
    assert_eq!(credentials.origin("other"), None);
    let shown = client(builder(), Reply::text(401, "")).info().send().unwrap_err().to_string();
    for says in
        ["Settings, API Keys", "api_key begins and ends with quotes", "ELOQ_APIKEY is set but not read"]
    {
        assert!(shown.contains(says), "{shown}");
    }
    let missing = Credentials::builder().env([("ELOQ_APIKEY", "near")]).build().unwrap_err().to_string();
    assert!(
        missing.contains("ELOQ_APIKEY is set but not read; ELOQ_API_KEY is the name that is read."),
        "{missing}"
    );
}

#[test]
fn a_key_with_a_line_break_is_refused_with_its_place() {
    for key in ["k\n", " k", "k\r\n"] {
        let error = Credentials::builder().env([("ELOQ_API_KEY", key)]).build().unwrap_err().to_string();
        assert!(error.contains("ELOQ_API_KEY") && error.contains("white space or a line break"), "{error}");
    }
}

#[test]
fn builders_show_no_password_of_a_url() {
    let shown = format!("{:?}", Credentials::builder().base_url("https://me:hunter2@h/api/v1"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_base_url_with_a_path_that_cannot_work_is_refused() {
    for (url, right) in [
        ("https://api-prod.eloqdata.com", "https://api-prod.eloqdata.com/api/v1"),
        ("https://h.test/api/v1/org-info", "https://h.test/api/v1"),
    ] {
        let error = Credentials::builder().api_key("k").base_url(url).build().unwrap_err().to_string();
        assert!(error.contains(&format!("Write {right}.")), "{error}");
    }
}

#[test]
fn host_port_user_and_password_decide_whether_a_cluster_can_be_used() {
    let cluster = |state: &str, port: u16| {
        let body = format!(
            r#"{{"code": 200, "message": "", "data": {{"display_cluster_name": "c", "status": "available", "org_id": 1,
                "project_id": 2, "elb_addr": "lb.test", "elb_port": {port}, "elb_state": {state},
                "admin_user": "dQ==", "admin_password": "cA=="}}}}"#
        );
        let org = r#"{"code": 200, "message": "", "data": {"auth_info": {"auth_provider": "", "email": "", "id": ""},
            "org_info": {"org_id": 1, "org_name": "o", "projects": [{"project_id": 2, "project_name": "p"}]},
            "user_name": "u"}}"#;
        Scripted::new(move |request, _| {
            Reply::text(200, if request.path.ends_with("org-info") { org.to_owned() } else { body.clone() })
        })
    };
    for state in ["\"active\"", "\"provisioning\"", "\"\"", "null"] {
        let client = |port| {
            let credentials = Credentials::builder().api_key("k").build().unwrap();
            Client::builder().credentials(credentials).transport(cluster(state, port)).build().unwrap()
        };
        let ready = client(6378).cluster_credentials("c").send().unwrap();
        assert_eq!((ready.host.as_str(), ready.port), ("lb.test", 6378), "{state}");
        let error = client(0).cluster_credentials("c").send().unwrap_err();
        assert!(error.to_string().contains("no port yet"), "{state}: {error}");
    }
}
