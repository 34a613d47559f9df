//! Names of resources: `workspaces/w/workflows/f/revisions/active`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::error::{Error, shown};
use crate::http::{Bytes, Method, Request};

/// The characters that are encoded in a name. Slashes too, as the vendor's client does: the name is one
/// segment of the path, so that `..` in it leads nowhere and a colon in it begins no verb.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest name that is sent.
const MAX_NAME: usize = 4096;

/// The kinds of resources that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Workspace,
    Workflow,
    WorkflowRevision,
    Run,
    RunAttempt,
    Job,
    Step,
    Runner,
    Action,
    ActionRevision,
}

impl Kind {
    /// The collections in its names, from the outermost.
    fn collections(self) -> &'static [&'static str] {
        const STEP: [&str; 7] = ["workspaces", "workflows", "revisions", "runs", "attempts", "jobs", "steps"];
        match self {
            Self::Workspace => &STEP[..1],
            Self::Workflow => &STEP[..2],
            Self::WorkflowRevision => &STEP[..3],
            Self::Run => &STEP[..4],
            Self::RunAttempt => &STEP[..5],
            Self::Job => &STEP[..6],
            Self::Step => &STEP,
            Self::Runner => &["workspaces", "runners"],
            Self::Action => &["workspaces", "actions"],
            Self::ActionRevision => &["workspaces", "actions", "revisions"],
        }
    }

    /// True if the whole text is a name of this kind.
    pub(super) fn fits(self, name: &str) -> bool {
        let mut parts = name.split('/');
        let is_good = self.collections().iter().all(|collection| {
            parts.next() == Some(collection) && parts.next().is_some_and(|id| !id.is_empty())
        });
        is_good && parts.next().is_none() && name.len() <= MAX_NAME
    }

    fn example(self) -> String {
        let part = |collection: &&str| format!("{collection}/{{{}}}", collection.trim_end_matches('s'));
        self.collections().iter().map(part).collect::<Vec<_>>().join("/")
    }
}

/// A name as a segment of a path.
fn encoded(label: &str, kind: Kind, name: &str) -> Result<String, Error> {
    if kind.fits(name) {
        return Ok(utf8_percent_encode(name, NAME).to_string());
    }
    let why = format!("{:?} does not have the form {}", shown(name), kind.example());
    Err(Error::invalid(label, why).with_advice("Nothing was sent."))
}

/// Returns a request about one resource, possibly with a verb.
pub(super) fn name_request(
    label: &str,
    method: Method,
    kind: Kind,
    name: &str,
    verb: &str,
) -> Result<Request, Error> {
    Ok(Request::new(method, "", format!("/v1/{}{verb}", encoded(label, kind, name)?)))
}

/// Returns a request about a collection of a resource.
pub(super) fn collection_request(
    label: &str,
    method: Method,
    kind: Kind,
    parent: &str,
    collection: &str,
) -> Result<Request, Error> {
    Ok(Request::new(method, "", format!("/v1/{}/{collection}", encoded(label, kind, parent)?)))
}

/// Returns the body of a request with a YAML.
pub(super) fn source_body(source: &str) -> Bytes {
    json!({"sourceContents": source}).to_string().into()
}

/// Returns a request for one page of a collection.
pub(super) fn page_request(
    label: &str,
    kind: Kind,
    parent: &str,
    collection: &str,
    page_size: u32,
    page_token: &str,
) -> Result<Request, Error> {
    let mut request = collection_request(label, Method::Get, kind, parent, collection)?;
    // Both parameters always, as the vendor's client does.
    request.query =
        vec![("pageSize".to_owned(), page_size.to_string()), ("pageToken".to_owned(), page_token.to_owned())];
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_from_end_to_end() {
        for (kind, name) in [
            (Kind::Workspace, "workspaces/w"),
            (Kind::Workspace, "workspaces/ü x:y%2F.."),
            (Kind::Workflow, "workspaces/w/workflows/f"),
            (Kind::WorkflowRevision, "workspaces/-/workflows/-/revisions/-"),
            (Kind::Step, "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j[a:b,c:d]/steps/1"),
            (Kind::ActionRevision, "workspaces/w/actions/a/revisions/latest"),
        ] {
            assert!(kind.fits(name), "{name}");
        }
        for (kind, name) in [
            (Kind::Workspace, ""),
            (Kind::Workspace, "workspaces"),
            (Kind::Workspace, "workspaces/"),
            (Kind::Workspace, "Workspaces/w"),
            (Kind::Workspace, "/workspaces/w"),
            (Kind::Workspace, "workspaces/w/"),
            (Kind::Workspace, "xx/workspaces/w"),
            (Kind::Workflow, "workspaces//workflows/f"),
            (Kind::Workflow, "workspaces/w/workflows/f/extra/x"),
            (Kind::Workflow, "workspaces/w/actions/f"),
        ] {
            assert!(!kind.fits(name), "{name}");
        }
    }

    #[test]
    fn a_name_is_one_segment() {
        let path = name_request("", Method::Post, Kind::Runner, "workspaces/../runners/a:delete", ":x")
            .unwrap()
            .path;
        assert_eq!(path, "/v1/workspaces%2F..%2Frunners%2Fa%3Adelete:x");
    }
}
