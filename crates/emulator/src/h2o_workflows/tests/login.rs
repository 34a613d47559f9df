//! Discovery and tokens.

use super::*;

/// A renewal: status and body.
fn renew(caller: &Caller, form: &str) -> (u16, Value) {
    let mut request = Request::new(Method::Post, caller.url.as_str(), "/auth/realms/emulator/token");
    request.headers.push("content-type", "application/x-www-form-urlencoded");
    request.body = Some(form.as_bytes().to_vec().into());
    let response = caller.transport.send(&request, Duration::from_secs(20)).unwrap();
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

const GOOD: &str =
    "grant_type=refresh_token&client_id=hac-platform-public&refresh_token=emulator-refresh-token";

#[test]
fn discovery_leads_to_the_token_end_point_and_the_service() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller { token: String::new(), ..Caller::of(&emulator) };
    let get = |path: &str| {
        let (status, body) = caller.raw(Method::Get, path, None);
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let discovery = "/.ai.h2o.cloud.discovery/v1";
    let environment = get(&format!("{discovery}/environment"));
    assert_eq!(environment["environment"]["h2oCloudEnvironment"], emulator.url());
    assert_eq!(environment["environment"]["issuerUrl"], emulator.issuer_url());
    let services = get(&format!("{discovery}/services"));
    assert_eq!(services["services"][0]["uri"], emulator.url());
    // A client that goes on while there is this key would go on for ever.
    assert!(services.get("nextPageToken").is_none());
    assert_eq!(get(&format!("{discovery}/clients"))["clients"][0]["oauth2ClientId"], emulator.client_id());
    get(&format!("{discovery}/links"));
    get(&format!("{discovery}/components"));
    let metadata = get("/auth/realms/emulator/.well-known/openid-configuration");
    assert_eq!(metadata["token_endpoint"], format!("{}/token", emulator.issuer_url()));
    get("/version");
    assert_eq!(caller.refused(Method::Get, "workspaces/w/workflows", None), (401, 16));
}

#[test]
fn tokens_expire_and_are_renewed() {
    let hands = Hands::new();
    let emulator = hands.on(Emulator::builder().expires_in(Duration::from_secs(10))).start().unwrap();
    let mut caller = Caller::of(&emulator);
    let (status, answer) = renew(&caller, GOOD);
    assert_eq!((status, &answer["expires_in"], &answer["token_type"]), (200, &json!(10), &json!("Bearer")));
    assert!(answer.get("refresh_token").is_none());
    caller.token = answer["access_token"].as_str().unwrap().to_owned();
    let workflows = |caller: &Caller| caller.call(Method::Get, "workspaces/w/workflows", None).0;
    hands.forward(9.9);
    assert_eq!(workflows(&caller), 200);
    hands.forward(0.1);
    assert_eq!(workflows(&caller), 401);
    let second = renew(&caller, GOOD).1["access_token"].as_str().unwrap().to_owned();
    assert_ne!(second, caller.token);
    caller.token = second;
    assert_eq!(workflows(&caller), 200);
    emulator.revoke_access_tokens();
    assert_eq!(workflows(&caller), 401);
    caller.token = emulator.access_token().to_owned();
    assert_eq!((workflows(&caller), emulator.renewals()), (200, 2));
    assert!(emulator.ledger().is_empty());
}

#[test]
fn refresh_tokens_are_good_for_once_if_they_are_rotated() {
    let emulator = Emulator::builder().rotate_refresh_tokens().omit_expires_in().start().unwrap();
    let caller = Caller::of(&emulator);
    let (_, first) = renew(&caller, GOOD);
    assert!(first.get("expires_in").is_none());
    let next = GOOD.replace("emulator-refresh-token", first["refresh_token"].as_str().unwrap());
    let (status, answer) = renew(&caller, GOOD);
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    assert_eq!(renew(&caller, &next).0, 200);
    assert_eq!(renew(&caller, &next).0, 400);
    // What was lost on the way was taken all the same.
    emulator.reset();
    emulator.add_fault("starts=token: status=500, taken".parse().unwrap());
    let mut request = Request::new(Method::Post, caller.url.as_str(), "/auth/realms/emulator/token");
    request.headers.push("content-type", "application/x-www-form-urlencoded");
    request.body = Some(GOOD.as_bytes().to_vec().into());
    assert_eq!(caller.transport.send(&request, Duration::from_secs(20)).unwrap().status, 500);
    emulator.clear_faults();
    assert_eq!((renew(&caller, GOOD).0, emulator.renewals()), (400, 1));
}

#[test]
fn a_renewal_that_is_none_is_refused() {
    let emulator = Emulator::builder().client_secret(Some("s e".to_owned())).start().unwrap();
    let caller = Caller::of(&emulator);
    let good = format!("{GOOD}&client_secret=s+e");
    for (form, status, error) in [
        (GOOD.to_owned(), 401, "invalid_client"),
        (good.replace("hac-platform", "other"), 401, "invalid_client"),
        (good.replace("emulator-refresh", "other"), 400, "invalid_grant"),
        (good.replace("=refresh_token", "=password"), 400, "unsupported_grant_type"),
        (good.replace("grant_type=refresh_token&", ""), 400, "invalid_request"),
        (format!("{good}&refresh_token=again"), 400, "invalid_request"),
        ("{}".to_owned(), 400, "invalid_request"),
    ] {
        let (got, answer) = renew(&caller, &form);
        assert_eq!((got, answer["error"].as_str().unwrap()), (status, error), "{form}");
    }
    assert_eq!((renew(&caller, &good).0, emulator.renewals()), (200, 1));
    emulator.revoke_refresh_tokens();
    assert_eq!(renew(&caller, &good).0, 400);
}
