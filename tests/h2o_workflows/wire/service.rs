//! The service, its discovery and its issuer: they answer by path, as recorded.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use controlplane::http::Request;
use controlplane::transport::SendErrorKind;
use serde_json::Value;

use super::{BASE, CLOSED, exchanges};
use crate::paths::{decoded, split};
use crate::recorded;
use crate::scripted::{Reply, Scripted};
use crate::vectors::Case;

/// Method and decoded path. Whether slashes in a name are encoded does not matter.
pub(super) fn key_of(method: &str, path: &str) -> Vec<u8> {
    [method.as_bytes(), b" ", &decoded(path)].concat()
}

/// The same for a recorded request. The vendor's client keeps a slash at the end of a discovered address; a
/// correct client does not.
pub(super) fn recorded_key(request: &Value) -> Vec<u8> {
    let path = request["path"].as_str().unwrap();
    key_of(request["method"].as_str().unwrap(), &path.replacen("//v1/", "/v1/", 1))
}

/// Gives the recorded responses of each path in their order. A correct client may go on where the vendor's
/// has stopped: an issuer and a version that are not recorded answer as they usually do, and a call that was
/// refused with 401 is refused again.
pub(super) fn service(case: &Case) -> Result<Scripted, String> {
    let mut replies: BTreeMap<Vec<u8>, VecDeque<Reply>> = BTreeMap::new();
    for (i, exchange) in exchanges(case).iter().enumerate() {
        let reply = recorded::reply(case, &format!("/exchanges/{i}/response"))?;
        replies.entry(recorded_key(&exchange["request"])).or_default().push_back(reply);
    }
    let state = Mutex::new((replies, BTreeMap::<Vec<u8>, Reply>::new(), 0));
    Ok(Scripted::new(move |request, _| {
        let url = request.url();
        if url.starts_with(CLOSED) {
            return Reply::Fails(SendErrorKind::Connect, false);
        }
        let (path, _) = split(url.strip_prefix(BASE).unwrap());
        let key = key_of(request.method.as_str(), path);
        let mut state = state.lock().unwrap();
        let (replies, last, tokens) = &mut *state;
        if let Some(reply) = replies.get_mut(&key).and_then(VecDeque::pop_front) {
            last.insert(key, reply.clone());
            return reply;
        }
        match last.get(&key) {
            Some(Reply::Whole(refused)) if refused.status == 401 => Reply::Whole(refused.clone()),
            _ => not_recorded(request, path, tokens),
        }
    }))
}

fn not_recorded(request: &Request, path: &str, tokens: &mut u32) -> Reply {
    if let Some(issuer) = path.strip_suffix("/.well-known/openid-configuration") {
        return Reply::text(200, format!("{{\"token_endpoint\": \"{BASE}{issuer}/token\"}}"));
    }
    if path.ends_with("/version") {
        return Reply::text(200, String::new());
    }
    if path.ends_with("/token") && request.body.is_some() {
        *tokens += 1;
        return Reply::text(200, format!("{{\"access_token\": \"another-{tokens}\", \"expires_in\": 300}}"));
    }
    Reply::text(404, "{\"code\": 5, \"message\": \"not recorded\"}".to_owned())
}

/// What was sent to the service: requests to the closed address reach nobody.
pub(super) fn sent(script: &Scripted) -> Vec<Request> {
    let mut sent = script.sent();
    sent.retain(|request| request.url().starts_with(BASE));
    sent
}
