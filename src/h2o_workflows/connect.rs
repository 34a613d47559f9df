//! Machines that need the account: the endpoint is looked up first if it is not known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::auth::Authorized;
use crate::client::Running;
use crate::engine::failure::seconds;
use crate::engine::sequence::{Next, Plan, Planned, Sequence, then};
use crate::engine::{BoxMachine, CallContext, Machine, TooMany};
use crate::error::{Error, ErrorKind};

use super::account::{Account, Ask, Endpoint, Turn};
use super::command::Core;
use super::login::{Discover, Discovered, discovery};

/// The interval at which a call checks whether another one has looked up the endpoint.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Runs the machine that `make` returns, and adds an access token to its requests (in a batch: see
/// [`tokens_for`](crate::client::batch::BatchPlatform::tokens_for)). The endpoint is looked up first, within
/// the timeout of the call, unless it is known.
pub(super) fn authorized<K>(
    core: &Core,
    context: &Arc<CallContext>,
    make: impl FnOnce(&Endpoint) -> K + Send + 'static,
) -> Result<Running<K::Output>, Error>
where
    K: Machine + 'static,
    K::Output: Send,
{
    let account = &core.protocol()?.0;
    let call = context.clone();
    let make = move |endpoint: &Endpoint| -> BoxMachine<K::Output> {
        let machine = make(endpoint);
        match call.settings.too_many {
            // A request of a batch may wait for its turn longer than a token is valid: whoever sends it adds
            // the token.
            TooMany::LeaveToBatch => Box::new(machine),
            _ => Box::new(Authorized::new(endpoint.tokens.clone(), machine, call.settings.clone())),
        }
    };
    if let Some(endpoint) = account.endpoint() {
        return Ok(Running(make(endpoint)));
    }
    let label = context.label.clone();
    let connect = Connect::machine(account.clone(), context.clone())
        .map(move |endpoint| endpoint.map_err(|error| error.with_context(label)));
    let machine = then(context.clone(), connect, move |endpoint| Ok(make(&endpoint)));
    Ok(Running::new(machine))
}

/// Finds the endpoint. Of all calls that need it at a time, one looks it up.
pub(super) struct Connect {
    account: Arc<Account>,
    context: Arc<CallContext>,
    /// The look-up of another call that was waited for.
    waited: Option<u64>,
    /// The look-up of this call.
    turn: Option<(Arc<Discover>, Turn)>,
}

impl Connect {
    pub(super) fn machine(account: Arc<Account>, context: Arc<CallContext>) -> Sequence<Self> {
        Sequence::new(context.clone(), Self { account, context, waited: None, turn: None })
    }
}

impl Plan for Connect {
    type Part = Discovered;
    type Output = Endpoint;

    fn begin(&mut self, now: Instant) -> Planned<Discovered, Endpoint> {
        match self.account.ask(self.waited) {
            Ask::Known(endpoint) => Ok(Next::Done(endpoint)),
            Ask::Failed(error) => Err(error),
            Ask::LookUp(discover, turn) => {
                let machine = discovery(&discover, &self.context);
                self.turn = Some((discover, turn));
                Ok(Next::Run(Box::new(machine)))
            }
            Ask::Wait(number) => {
                self.waited = Some(number);
                let span = self.context.span(now);
                if now >= span.deadline {
                    let elapsed = span.elapsed(now);
                    return Err(Error::new(
                        ErrorKind::OperationTimeout,
                        "looking up H2O Workflows",
                        format!("timed out after {} while another call was looking it up", seconds(elapsed)),
                    )
                    .with_elapsed(elapsed)
                    .with_retryable(true)
                    .with_advice("Nothing was sent. Give the call more time (`.timeout(…)`)."));
                }
                Ok(Next::Pause(LOOK_AGAIN.min(span.deadline - now)))
            }
        }
    }

    fn ended(&mut self, _: Instant, outcome: Result<Discovered, Error>) -> Planned<Discovered, Endpoint> {
        let Some((discover, turn)) = self.turn.take() else { return outcome.and_then(|_| Err(no_turn())) };
        match outcome.and_then(|found| discover.choose(&found)) {
            Ok(endpoint) => Ok(Next::Done(turn.found(endpoint))),
            Err(error) => {
                turn.failed(&error);
                Err(error)
            }
        }
    }
}

/// A look-up runs only with its turn.
#[cold]
fn no_turn() -> Error {
    Error::new(ErrorKind::UnexpectedResponse, "looking up H2O Workflows", "the look-up was not this call's")
        .with_advice("This is a bug in this crate. Please report it.")
}
