//! What a path is about: the resource, and what is to be done with it.

use percent_encoding::percent_decode_str;

use super::refusal::{Code, Refusal};

/// The kinds of resources, with the collection words that lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
    /// The kind that this word leads to.
    fn below(self, word: &str) -> Option<Self> {
        match (self, word) {
            (Self::Workspace, "workflows") => Some(Self::Workflow),
            (Self::Workflow, "revisions") => Some(Self::WorkflowRevision),
            (Self::WorkflowRevision, "runs") => Some(Self::Run),
            (Self::Run, "attempts") => Some(Self::RunAttempt),
            (Self::RunAttempt, "jobs") => Some(Self::Job),
            (Self::Job, "steps") => Some(Self::Step),
            (Self::Workspace, "runners") => Some(Self::Runner),
            (Self::Workspace, "actions") => Some(Self::Action),
            (Self::Action, "revisions") => Some(Self::ActionRevision),
            _ => None,
        }
    }
}

/// The words after a colon at the very end. What is not one of them is part of a name.
const VERBS: [&str; 9] = [
    ":activate",
    ":cancel",
    ":deactivate",
    ":logs",
    ":publish",
    ":retry",
    ":run",
    ":streamLogs",
    ":validate",
];

/// What a path under `/v1/` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// What it is, or what a collection holds.
    pub(super) kind: Kind,
    /// The parts of the name: of the resource, or of the collection's parent.
    pub(super) ids: Vec<String>,
    /// The same as a resource name.
    pub(super) name: String,
    pub(super) is_collection: bool,
    /// With its colon, or nothing.
    pub(super) verb: &'static str,
}

impl Target {
    /// By the path after `/v1/`, percent-encoded as it was sent. Slashes may be encoded or not; a verb's
    /// colon may not, so that a name can end like a verb.
    pub(super) fn of(path: &str) -> Result<Self, Refusal> {
        let no_such = || Refusal::new(Code::NotFound, "Not Found");
        let found = VERBS.iter().find_map(|verb| Some((path.strip_suffix(verb)?, *verb)));
        let (path, verb) = found.unwrap_or((path, ""));
        let decoded = percent_decode_str(path)
            .decode_utf8()
            .map_err(|_| Refusal::argument("the name is not UTF-8"))?
            .into_owned();
        let mut segments = decoded.split('/');
        if segments.next() != Some("workspaces") {
            return Err(no_such());
        }
        let mut kind = Kind::Workspace;
        let mut ids = Vec::new();
        let mut name = "workspaces".to_owned();
        loop {
            let id = segments.next().filter(|id| !id.is_empty()).ok_or_else(no_such)?;
            ids.push(id.to_owned());
            name.push_str(&format!("/{id}"));
            let Some(word) = segments.next() else {
                return match kind {
                    Kind::Workspace => Err(no_such()),
                    _ => Ok(Self { kind, ids, name, is_collection: false, verb }),
                };
            };
            kind = kind.below(word).ok_or_else(no_such)?;
            if segments.clone().next().is_none() {
                return Ok(Self { kind, ids, name, is_collection: true, verb });
            }
            name.push_str(&format!("/{word}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_name_are_one() {
        let run = "workspaces/w/workflows/f/revisions/r/runs/x";
        for path in [run.to_owned(), run.replace('/', "%2F"), run.replacen('/', "%2f", 3)] {
            let target = Target::of(&path).unwrap();
            assert_eq!((target.kind, target.name.as_str(), target.is_collection), (Kind::Run, run, false));
            assert_eq!(target.ids, ["w", "f", "r", "x"]);
        }
        let runs = Target::of("workspaces%2F-%2Fworkflows%2F-%2Frevisions%2F-/runs").unwrap();
        assert_eq!((runs.kind, runs.is_collection), (Kind::Run, true));
        assert_eq!(runs.name, "workspaces/-/workflows/-/revisions/-");
    }

    #[test]
    fn a_verb_is_a_verb_at_the_very_end_alone() {
        let verb = |path| Target::of(path).map(|target| (target.verb, target.ids)).unwrap();
        let ids = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        assert_eq!(verb("workspaces/w/workflows/f:activate"), (":activate", ids(&["w", "f"])));
        assert_eq!(verb("workspaces/w/workflows:validate"), (":validate", ids(&["w"])));
        assert_eq!(verb("workspaces/w/actions/a%3Aactivate"), ("", ids(&["w", "a:activate"])));
        assert_eq!(verb("workspaces/w/actions/a:b"), ("", ids(&["w", "a:b"])));
        let job = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/test[os:ubuntu,python:3.9]";
        assert_eq!(verb(job).1.last().unwrap(), "test[os:ubuntu,python:3.9]");
    }

    #[test]
    fn parts_are_decoded_once_and_nothing_is_tidied_up() {
        let ids = |path| Target::of(path).unwrap().ids;
        assert_eq!(ids("workspaces%2Fa%252Fb%20c%2Bd%2Factions%2F.."), ["a%2Fb c+d", ".."]);
        for path in [
            "",
            "workspaces",
            "workspaces/w",
            "workspaces/",
            "workspaces//workflows",
            "workspaces/w/workflows/",
            "workspaces/w/jobs",
            "workspaces/w/workflows/f/runs",
            "workspaces/w/runners/r/revisions",
            "x/workspaces/w/workflows",
            "/workspaces/w/workflows",
        ] {
            assert_eq!(Target::of(path).unwrap_err().code, Code::NotFound, "{path}");
        }
        assert_eq!(Target::of("workspaces/%ff/workflows").unwrap_err().code, Code::InvalidArgument);
    }
}
