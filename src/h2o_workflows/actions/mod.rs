//! Composite actions and their revisions.

mod commands;
mod model;
mod revisions;

pub use commands::{
    CreateAction, DeleteAction, GetAction, ListActions, PublishAction, UpdateAction, ValidateAction,
};
pub use model::{Action, ActionRevision, ActionRevisionsPage, ActionsPage};
pub use revisions::{GetActionRevision, ListActionRevisions};
