//! What a correct client does where the vendor's is wrong, as the note of the case says.

use controlplane::ErrorKind;
use serde_json::{Value, json};

use super::case::{Case, Done};
use super::compare::is_in;
use crate::vectors::unknown;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Right {
    /// It refuses the call before anything is sent.
    Refused,
    /// It has an error of its own about a response that cannot be read, with status and body, or reads what
    /// is there.
    Unreadable,
    /// It reads the response.
    Readable,
    /// It looks at the body of a failed response: an ordinary error is one.
    OrdinaryError,
    /// It sends the request to the right path; the outcome is as recorded.
    Normalised,
}

impl Right {
    /// `None`: the vendor is right, or the note is not known.
    pub(super) fn of(case: &Case<'_>) -> Option<Self> {
        let note = case.peer_note()?;
        let says = |texts: &[&str]| texts.iter().any(|text| note.contains(text));
        if says(&["before sending", "before anything is sent"]) {
            Some(Self::Refused)
        } else if says(&["decoding error of its own"]) {
            Some(Self::Unreadable)
        } else if says(&["looks at the body"]) {
            Some(Self::OrdinaryError)
        } else if case.base_suffix().ends_with('/') {
            Some(Self::Normalised)
        } else if says(&[
            "as it is",
            "as they are",
            "has an Arrow call",
            "decodes the body",
            "returns the query run ticket",
            "keeps the raw value",
            "chooses by job_type",
        ]) {
            Some(Self::Readable)
        } else {
            None
        }
    }

    /// What is wrong with the result of a call. `Refused` and `Normalised` are compared elsewhere.
    pub(super) fn compare(self, case: &Case<'_>, done: &Done) -> Vec<String> {
        let response = &case.exchanges().last().unwrap()["response"];
        match self {
            Self::Unreadable => unreadable(response, done),
            Self::OrdinaryError => ordinary(response, done),
            _ => readable(response, done),
        }
    }
}

fn unreadable(response: &Value, done: &Done) -> Vec<String> {
    match &done.result {
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedResponse | ErrorKind::OutcomeUnknown) => {
            let is_kept =
                error.status().map(u64::from) == response["status"].as_u64() && error.body().is_some();
            if is_kept { Vec::new() } else { vec![format!("status or body is not kept: {error:?}")] }
        }
        // What is missing is not an error unless it is an identity.
        Ok(got) if response["body"].is_object() && got["id"] == response["body"]["id"] => Vec::new(),
        result => vec![format!("no error about the response: {result:?}")],
    }
}

fn ordinary(response: &Value, done: &Done) -> Vec<String> {
    let Some(status) = response["status"].as_u64() else {
        return vec![unknown("a failed response without a status")];
    };
    let kind = match status {
        409 => ErrorKind::Conflict,
        404 => ErrorKind::NotFound,
        400..=499 => ErrorKind::Rejected,
        _ => ErrorKind::Server,
    };
    let expected = &response["body"]["error"];
    match &done.result {
        Err(error) => {
            let is_right = error.kind() == kind
                && error.status().map(u64::from) == Some(status)
                && error.api_code() == expected["code"].as_str()
                && error.api_message() == expected["message"].as_str();
            if is_right { Vec::new() } else { vec![format!("{error:?}\n    is not {}", response["body"])] }
        }
        result => vec![format!("{result:?}\n    is not {}", response["body"])],
    }
}

fn readable(response: &Value, done: &Done) -> Vec<String> {
    let got = match &done.result {
        Ok(got) => got,
        Err(error) => return vec![format!("{error:?}\n    is not {}", response["body"])],
    };
    let body = &response["body"];
    let is_right = match (super::server::bytes(body), body) {
        (Some(bytes), _) => done.bytes == Some(bytes),
        (None, Value::String(_)) => got == body,
        (None, body) => is_in(got, body) && *got != json!({}),
    };
    // The result of a job is of the kind that its type says.
    let variant = match body["job_type"].as_str() {
        Some("managed_load") => "Load(",
        Some("create_index") => "Index(",
        Some("bulk_create_databases") => "BulkCreateDatabases(",
        _ => "",
    };
    let is_typed = body["result"].is_null() || done.shown.contains(variant);
    if is_right && is_typed && !got.is_null() {
        Vec::new()
    } else {
        vec![format!("{got} ({})\n    is not {body}", done.shown)]
    }
}
