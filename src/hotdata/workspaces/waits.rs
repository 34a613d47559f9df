//! Waits for workspaces (reference, section 5).

use serde_json::Value;

use crate::client::{Action, Running, not_run};
use crate::engine::Judgement;
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core, about};
use crate::hotdata::parts::{Parts, text};

use super::commands::{ListWorkspaces, Workspaces};
use super::model::WorkspaceListItem;

/// See [`Workspaces::wait_until_provisioned`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitUntilProvisioned {
    /// The workspace.
    pub public_id: String,
}

/// # Waiting
impl<M> Workspaces<M> {
    /// Waits until a workspace is `provisioned`, as the list of workspaces has it, and gives it. Any other status, and not
    /// being in the list, counts as still going.
    ///
    /// # Errors
    ///
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) with the last status if it is not within the time of the call.
    pub fn wait_until_provisioned(&self, public_id: impl Into<String>) -> Call<M, WaitUntilProvisioned> {
        let wait = WaitUntilProvisioned { public_id: public_id.into() };
        Call::new(self.client.shared.clone(), wait)
    }
}

impl Action<Hotdata> for WaitUntilProvisioned {
    type Output = WorkspaceListItem;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<WorkspaceListItem>, Error> {
        let label = about("waiting for workspace", &self.public_id);
        let parts = Parts::new(core, options, label.clone())?;
        let id = self.public_id.clone();
        let judge = move |body: Value| {
            let workspaces =
                body["workspaces"].as_array().ok_or_else(|| "the answer has no workspaces".to_owned())?;
            let Some(ours) = workspaces.iter().find(|workspace| workspace["public_id"] == *id) else {
                return Ok(Judgement::Pending { status: "not in the list".to_owned() });
            };
            let status = text(ours, "provision_status")?;
            Ok(match &*status {
                "provisioned" => Judgement::Done { status, body: ours.clone() },
                _ => Judgement::Pending { status },
            })
        };
        let wait = parts.wait(&ListWorkspaces::default(), &self.public_id, Box::new(judge))?;
        Ok(Running::new(wait, move |mut wait| {
            let done = wait.finish().unwrap_or_else(|| Err(not_run()))?;
            serde_json::from_value(done.body)
                .map_err(|e| Error::new(ErrorKind::UnexpectedResponse, label, e.to_string()))
        }))
    }
}
