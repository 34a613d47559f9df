//! All commands in one type.

use serde::{Deserialize, Serialize};

use crate::client::{Action, Running};
use crate::error::Error;
use crate::http::Request;

use super::client::Hotdata;
use super::command::{CallOptions, Command, Core, Spec};
use super::*;

/// All commands in one type, under the vendor's names of the operations: a plan can live in a JSON file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnyCommand {
    /// [`GetDatabase`]
    GetDatabase(GetDatabase),
}

/// What all commands have, whatever they give.
trait AnyPlain {
    fn spec(&self) -> Spec;
    fn to_request(&self) -> Result<Request, Error>;
}

impl<C: Command> AnyPlain for C {
    fn spec(&self) -> Spec {
        Command::spec(self)
    }

    fn to_request(&self) -> Result<Request, Error> {
        Command::to_request(self)
    }
}

impl AnyCommand {
    /// The request that would be sent, or the first of them.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        self.plain().to_request()
    }

    /// The vendor's name, the command's effect, and whose it is.
    pub fn spec(&self) -> Spec {
        self.plain().spec()
    }

    fn plain(&self) -> &dyn AnyPlain {
        match self {
            Self::GetDatabase(c) => c,
        }
    }
}

/// What an [`AnyCommand`] gives. Serializes as what is in it: the wire's own JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AnyOutput {
    /// See there.
    DatabaseDetail(Box<DatabaseDetailResponse>),
}

impl Action<Hotdata> for AnyCommand {
    type Output = AnyOutput;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<AnyOutput>, Error> {
        Ok(match self {
            Self::GetDatabase(c) => c.start(core, options)?.map(|o| AnyOutput::DatabaseDetail(Box::new(o))),
        })
    }
}
