//! The source of a composite action. The vendor does not publish its schema: what is not known here is a
//! warning.

use serde_json::{Value, json};

use super::check::{Checker, Problem, Severity};
use super::workflow::read_id;
use super::yaml::{self, Data, Node};
use super::{Input, StepSource, inputs, jobs};

/// An action, as its source has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ActionSource {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    pub(in super::super) inputs: Vec<Input>,
    /// Names and descriptions.
    pub(in super::super) outputs: Vec<(String, String)>,
    pub(in super::super) steps: Vec<StepSource>,
}

impl ActionSource {
    /// `OutputDefinitions`.
    pub(in super::super) fn output_definitions(&self) -> Value {
        let outputs: Vec<Value> = self
            .outputs
            .iter()
            .map(|(parameter, description)| json!({ "parameter": parameter, "description": description }))
            .collect();
        json!({ "outputs": outputs })
    }
}

/// Reads a source.
pub(in super::super) fn read_action(source: &str) -> (ActionSource, Vec<Problem>) {
    let mut checker = Checker::default();
    let mut action = ActionSource::default();
    match yaml::read(source) {
        Ok(root) => fill(&mut action, &mut checker, &root),
        Err(broken) => checker.error(broken.place, "", format!("this is not YAML: {}", broken.why)),
    }
    (action, checker.problems)
}

fn fill(action: &mut ActionSource, checker: &mut Checker, root: &Node) {
    let known = ["id", "name", "description", "inputs", "outputs", "steps"];
    let Some(fields) = checker.fields(root, "", &known, Severity::Warning) else { return };
    action.id = read_id(checker, &fields);
    action.name = checker.text(&fields, "name").unwrap_or_default();
    action.inputs = inputs::read(checker, &fields, Severity::Warning);
    for (name, _, node) in checker.entries(&fields, "outputs") {
        let description = match &node.data {
            Data::Map(_) => {
                let path = format!("outputs.{name}");
                checker
                    .fields(node, &path, &["description", "value"], Severity::Warning)
                    .and_then(|output| checker.text(&output, "description"))
            }
            _ => None,
        };
        action.outputs.push((name.to_owned(), description.unwrap_or_default()));
    }
    if checker.needed(&fields, "steps") {
        action.steps = jobs::steps(checker, &fields, Severity::Warning);
    }
}
