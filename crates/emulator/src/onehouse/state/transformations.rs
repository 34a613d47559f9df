//! Transformations and validations.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    CreateTransformation, CreateValidation, DeleteTransformation, DeleteValidation, DescribeTransformation,
    DescribeValidation, Options, TransformationType, ValidationType,
};

use crate::document::words::one_of;

use super::super::operations::Outcome;
use super::super::words::{Spelling, Word};
use super::{State, check_free, check_known, check_unused, find, shown_options};

/// Something that a flow does to its records.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(rename = "type", deserialize_with = "kind")]
    kind: Spelling,
    options: Options,
}

/// A type of transformations or of validations: no word is both.
fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Spelling, D::Error> {
    let transformations = TransformationType::KNOWN.iter().map(|(_, spelling)| *spelling);
    let validations = ValidationType::KNOWN.iter().map(|(_, spelling)| *spelling);
    one_of(from, &transformations.chain(validations).collect::<Vec<_>>())
}

impl State {
    /// Names of transformations are lower-cased, and matched without regard to case.
    pub(super) fn create_transformation(&mut self, command: &CreateTransformation) -> Outcome {
        let kind = check_known(&command.transformation_type)?;
        let name = command.name.to_lowercase();
        check_free(&self.transformations, "transformation", &name)?;
        let step = Step { kind, options: command.options.clone() };
        let payload = json!({ "name": name, "type": step.kind });
        self.transformations.insert(name, step);
        Ok(payload)
    }

    pub(super) fn delete_transformation(&mut self, command: &DeleteTransformation) -> Outcome {
        let name = command.name.to_lowercase();
        find(&self.transformations, "transformation", &name)?;
        let names = |list: &Option<Vec<String>>| list.iter().flatten().any(|one| one.to_lowercase() == name);
        let users = self.users(|flow| names(&flow.spec.transformations), |_| false, |_| false, |_| false);
        check_unused("transformation", &name, &users)?;
        self.transformations.remove(&name);
        Ok(json!({ "name": name }))
    }

    pub(super) fn describe_transformation(&self, command: &DescribeTransformation) -> Outcome {
        let name = command.name.to_lowercase();
        Ok(described(&name, find(&self.transformations, "transformation", &name)?))
    }

    pub(super) fn show_transformations(&self) -> Outcome {
        Ok(rows(&self.transformations))
    }

    /// Names of validations keep their case, and it counts.
    pub(super) fn create_validation(&mut self, command: &CreateValidation) -> Outcome {
        let kind = check_known(&command.validation_type)?;
        check_free(&self.validations, "validation", &command.name)?;
        let step = Step { kind, options: command.options.clone() };
        let payload = json!({ "name": command.name, "type": step.kind });
        self.validations.insert(command.name.clone(), step);
        Ok(payload)
    }

    pub(super) fn delete_validation(&mut self, command: &DeleteValidation) -> Outcome {
        let name = &command.name;
        find(&self.validations, "validation", name)?;
        let names = |list: &Option<Vec<String>>| list.iter().flatten().any(|one| one == name);
        let users = self.users(|flow| names(&flow.spec.validations), |_| false, |_| false, |_| false);
        check_unused("validation", name, &users)?;
        self.validations.remove(name);
        Ok(json!({ "name": name }))
    }

    pub(super) fn describe_validation(&self, command: &DescribeValidation) -> Outcome {
        Ok(described(&command.name, find(&self.validations, "validation", &command.name)?))
    }

    pub(super) fn show_validations(&self) -> Outcome {
        Ok(rows(&self.validations))
    }
}

fn described(name: &str, step: &Step) -> Value {
    json!({ "name": name, "type": step.kind, "options": shown_options(&step.options) })
}

fn rows(all: &BTreeMap<String, Step>) -> Value {
    all.iter().map(|(name, step)| json!({ "name": name, "type": step.kind })).collect()
}
