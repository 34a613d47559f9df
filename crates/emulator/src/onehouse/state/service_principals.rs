//! Service principals and their API tokens.
//!
//! The emulator's own: ids of service principals, the token's `key`, and that deleting a principal deletes
//! its tokens.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use controlplane::onehouse::{
    AlterServicePrincipal, CreateApiToken, CreateServicePrincipal, DeleteApiToken, DeleteServicePrincipal,
};

use super::super::operations::{Fault, Outcome};
use super::{Context, State, check_free, find, find_mut};

/// A service principal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServicePrincipal {
    id: String,
    /// Names of tokens are unique for a principal. The secrets are not kept: they are shown once.
    tokens: BTreeSet<String>,
}

const WHAT: &str = "service principal";

impl State {
    pub(super) fn create_service_principal(
        &mut self,
        command: &CreateServicePrincipal,
        context: &mut Context<'_>,
    ) -> Outcome {
        check_free(&self.service_principals, WHAT, &command.name)?;
        let principal = ServicePrincipal { id: context.ids.uuid(), tokens: BTreeSet::new() };
        let payload = json!({ "name": command.name, "id": principal.id });
        self.service_principals.insert(command.name.clone(), principal);
        Ok(payload)
    }

    pub(super) fn alter_service_principal(&mut self, command: &AlterServicePrincipal) -> Outcome {
        let id = find(&self.service_principals, WHAT, &command.name)?.id.clone();
        if command.new_name != command.name {
            check_free(&self.service_principals, WHAT, &command.new_name)?;
        }
        if let Some(principal) = self.service_principals.remove(&command.name) {
            self.service_principals.insert(command.new_name.clone(), principal);
        }
        Ok(json!({ "name": command.new_name, "id": id }))
    }

    pub(super) fn delete_service_principal(&mut self, command: &DeleteServicePrincipal) -> Outcome {
        find(&self.service_principals, WHAT, &command.name)?;
        self.service_principals.remove(&command.name);
        Ok(json!({ "name": command.name }))
    }

    pub(super) fn show_service_principals(&self) -> Outcome {
        let all = self.service_principals.iter();
        Ok(all.map(|(name, principal)| json!({ "name": name, "id": principal.id })).collect())
    }

    pub(super) fn create_api_token(
        &mut self,
        command: &CreateApiToken,
        context: &mut Context<'_>,
    ) -> Outcome {
        let principal = find_mut(&mut self.service_principals, WHAT, &command.service_principal)?;
        if !principal.tokens.insert(command.name.clone()) {
            return Err(Fault::taken("API token", &command.name));
        }
        Ok(json!({
            "name": command.name,
            "service_principal": command.service_principal,
            "key": context.ids.hex(),
            "secret": context.ids.hex(),
        }))
    }

    pub(super) fn delete_api_token(&mut self, command: &DeleteApiToken) -> Outcome {
        let principal = find_mut(&mut self.service_principals, WHAT, &command.service_principal)?;
        if !principal.tokens.remove(&command.name) {
            return Err(Fault::unknown("API token", &command.name));
        }
        Ok(json!({ "name": command.name, "service_principal": command.service_principal }))
    }
}
