//! Signing out: the session is deleted here and revoked at the server.

use std::sync::Arc;
use std::time::Instant;

use secrecy::SecretString;

use crate::client::{Action, Running};
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Machine};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Response, host_of};
use crate::onehouse::call::{CallOptions, Core};
use crate::onehouse::client::Onehouse;

use super::discovery::{Metadata, discover};
use super::lock::{Lock, Locking};
use super::place::Place;
use super::session_file::Unusable;
use super::token_endpoint::{CLIENT_ID, post};
use super::unauthenticated;

const ATTEMPTED: &str = "signing out of Onehouse";

/// The result of a sign-out. Whatever the result, the session file was deleted if there was one. An access
/// token that was issued before stays valid until it expires, at most one hour.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignedOut {
    /// The server has revoked the session.
    Revoked,
    /// The server has not confirmed that it revoked the session; the error says why. If the server has not
    /// revoked the session, it ends there when its refresh token expires.
    Unconfirmed(Error),
    /// There was no session on this machine, and nothing was sent.
    WasNotSignedIn,
}

/// The call that signs out.
#[derive(Clone, Debug)]
pub(super) struct SignOut(pub(super) Place);

impl Action<Onehouse> for SignOut {
    type Output = SignedOut;

    fn start(&self, _: &Core, options: &CallOptions) -> Result<Running<SignedOut>, Error> {
        let context = unauthenticated(ATTEMPTED, options);
        let steps = Steps { place: self.0.clone(), context: context.clone(), stage: Stage::Lock };
        Ok(Running::new(Sequence::new(context, steps)))
    }
}

struct Steps {
    place: Place,
    context: Arc<CallContext>,
    stage: Stage,
}

/// The session is deleted before anything is sent, so it is gone even if the program ends while it waits for
/// the server.
enum Stage {
    Lock,
    Discovery(SecretString),
    Revocation,
    Over,
}

enum Part {
    Lock(Lock),
    Response(Response),
}

impl Steps {
    fn delete(&self) -> Result<(), Error> {
        self.place.file.delete().map_err(|error| {
            let path = shown(&self.place.file.path().display().to_string());
            let happened = format!("the session file {path} cannot be deleted: {error}");
            Error::new(ErrorKind::Credentials, ATTEMPTED, happened)
                .with_source(error)
                .with_advice("Delete it by hand.")
        })
    }

    fn run(&mut self, stage: Stage, exchange: crate::engine::Exchange) -> Planned<Part, SignedOut> {
        self.stage = stage;
        Ok(Next::Run(Box::new(exchange.map(|outcome| outcome.map(Part::Response)))))
    }
}

impl Plan for Steps {
    type Part = Part;
    type Output = SignedOut;

    fn begin(&mut self, _: Instant) -> Planned<Part, SignedOut> {
        let locking = Locking::machine(&self.context, self.place.file.clone());
        Ok(Next::Run(Box::new(locking.map(|outcome| outcome.map(Part::Lock)))))
    }

    fn ended(&mut self, _: Instant, outcome: Result<Part, Error>) -> Planned<Part, SignedOut> {
        let issuer = self.place.issuer.clone();
        match (std::mem::replace(&mut self.stage, Stage::Over), outcome) {
            (Stage::Lock, Ok(Part::Lock(_lock))) => {
                self.place.file.recover();
                let session = self.place.file.read();
                self.delete()?;
                match session {
                    Ok(session) => {
                        let request = discover(&self.context, &issuer);
                        self.run(Stage::Discovery(session.refresh_token), request)
                    }
                    Err(Unusable::Missing) => Ok(Next::Done(SignedOut::WasNotSignedIn)),
                    // The refresh token may be in a keychain, or was not read.
                    Err(why) => {
                        let happened =
                            format!("the session was not revoked: {}", why.describe(self.place.file.path()));
                        let error = Error::new(ErrorKind::Credentials, ATTEMPTED, happened)
                            .with_advice("If `oh` made the session, sign out with `oh logout` too.");
                        Ok(Next::Done(SignedOut::Unconfirmed(error)))
                    }
                }
            }
            // Whoever holds the lock may write the session once more; but most likely that program hangs.
            (Stage::Lock, Err(error)) => {
                self.delete()?;
                let error = error.with_advice(
                    "The session file was deleted, but the server was not asked to revoke the session.",
                );
                Ok(Next::Done(SignedOut::Unconfirmed(error)))
            }
            (Stage::Discovery(token), Ok(Part::Response(response))) => {
                let metadata = match Metadata::read(&response, &issuer) {
                    Ok(metadata) => metadata,
                    Err(error) => return Ok(Next::Done(SignedOut::Unconfirmed(error))),
                };
                let Some(endpoint) = metadata.revocation_endpoint else {
                    let error = Error::new(
                        ErrorKind::UnexpectedResponse,
                        ATTEMPTED,
                        "the server's metadata has no revocation_endpoint, so the session was not revoked",
                    );
                    return Ok(Next::Done(SignedOut::Unconfirmed(error)));
                };
                let (hint, client) = ("refresh_token".into(), CLIENT_ID.into());
                let form = [("token", &token), ("token_type_hint", &hint), ("client_id", &client)];
                let label = format!("revoking the session at {}", host_of(&issuer));
                let request = post(&self.context, label, &endpoint, &form);
                self.run(Stage::Revocation, request)
            }
            (Stage::Revocation, Ok(_)) => Ok(Next::Done(SignedOut::Revoked)),
            (_, Err(error)) => Ok(Next::Done(SignedOut::Unconfirmed(error))),
            (_, Ok(_)) => Err(Error::new(ErrorKind::UnexpectedResponse, ATTEMPTED, "a step was not begun")
                .with_advice("This is a bug in this crate. Please report it.")),
        }
    }
}
