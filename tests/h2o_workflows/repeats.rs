//! A server that repeats secrets: no error shows them.

use controlplane::h2o_workflows::{Client, Credentials, CredentialsBuilder};
use controlplane::{RetryPolicy, SecretString};
use proptest::prelude::*;

use crate::repeated::{assert_hidden, forms, replies};
use crate::scripted::{Reply, Scripted};

const STEP: &str = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";

fn client(credentials: CredentialsBuilder, reply: Reply) -> Client {
    let builder = Client::builder().credentials(credentials.build().unwrap()).retry(RetryPolicy::retries(0));
    builder.transport(Scripted::new(move |_, _| reply.clone())).build().unwrap()
}

fn service() -> CredentialsBuilder {
    Credentials::builder().endpoint("https://w.test")
}

fn issuer() -> CredentialsBuilder {
    service().issuer_url("https://auth.test").client_id("id").token_endpoint("https://auth.test/token")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn no_error_shows_a_token_that_the_service_or_the_issuer_repeats(secret in "[!-~]{8,30}") {
        for reply in replies(&secret) {
            for credentials in [
                service().token_provider(SecretString::from(&*secret)),
                issuer().refresh_token(&*secret),
                issuer().refresh_token("another").client_secret(&*secret),
            ] {
                let client = client(credentials, reply.clone());
                assert_hidden(&secret, &client.workflow().get_workflow("workspaces/w/workflows/f").send().unwrap_err());
            }
        }
        for form in forms(&secret) {
            let text = serde_json::to_string(&form).unwrap();
            let line = format!("{{\"error\": {{\"code\": 13, \"message\": {text}}}}}\n");
            let reply = Reply::Pieces(200, Default::default(), vec![line.into_bytes()], None);
            let client = client(service().token_provider(SecretString::from(&*secret)), reply);
            let error = client.step().stream_step_logs(STEP).follow().next().unwrap().unwrap_err();
            assert_hidden(&secret, &error);
        }
    }
}

#[test]
fn builders_show_no_password_of_a_url() {
    let url = "https://me:hunter2@h";
    let builder = Credentials::builder().environment(url).endpoint(url).issuer_url(url);
    let grant = controlplane::auth::RefreshGrant::new(url, "id", "t").token_endpoint(url);
    let shown = format!("{builder:?} {grant:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
