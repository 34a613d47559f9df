//! Commands as data, and calls that send them.

use crate::client::{Action, Running};
use crate::engine::Effect;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::Request;

use super::client::Hotdata;
use super::endpoint::Endpoint;
use super::protocol::plain_headers;

/// A command with the client that sends it and the limits of the call. It does nothing until it is sent:
///
/// | Method | Effect |
/// |---|---|
/// | [`send`](Call::send) | sends the command, and waits for the end if it is a wait |
/// | [`to_request`](Call::to_request) | returns the request and sends nothing |
///
/// A call owns its command and a clone of the client, so it can be stored and sent from another thread.
pub type Call<M, C> = crate::client::Call<Hotdata, M, C>;

pub(crate) type Core = crate::client::Core<Hotdata>;
pub(crate) type CallOptions = crate::client::CallOptions<Hotdata>;

impl<M, C: Command> Call<M, C> {
    /// Returns the request of the call, without the API's address, the key and the workspace. Sends nothing
    /// and needs none of them.
    ///
    /// ```
    /// # use controlplane::hotdata::Client;
    /// let request = Client::offline().databases().get("dbid7h2k9q4m1x8c").to_request()?;
    /// assert_eq!(request.path, "/v1/databases/dbid7h2k9q4m1x8c");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = self.command.to_request()?;
        plain_headers(request.method, &mut request.headers);
        Ok(request)
    }
}

/// A command: one operation of the API with its arguments. Sealed: implemented by the commands of this crate.
pub trait Command: Clone + Send + Sync + 'static {
    /// The output of sending it.
    type Output: 'static;

    /// The vendor's name of the operation, which is also the command's name in JSON, for example `create_database`.
    const NAME: &'static str;

    /// Returns the vendor's name of the operation.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Returns the effect of the command: `Repeatable` if it can be sent twice without harm, else `Changes`.
    fn effect(&self) -> Effect {
        self.endpoint().get_effect()
    }

    /// Returns the request of the command. Needs no client and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_request(&self) -> Result<Request, Error> {
        Ok(self.endpoint().prepare()?.request)
    }

    /// The operation with the arguments of the command.
    #[doc(hidden)]
    fn endpoint(&self) -> Endpoint<'_, Self::Output>;
}

impl<C: Command> Action<Hotdata> for C {
    type Output = C::Output;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<C::Output>, Error> {
        let mut prepared = self.endpoint().prepare()?;
        let protocol = core.protocol()?;
        let secrets = std::mem::take(&mut prepared.secrets);
        let context = core.context(protocol.clone(), &*prepared.label, secrets, options);
        Ok(Running::new(prepared.machine(protocol, &context, None)?))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::hotdata::{Client, Credentials};

    /// Counts how often its endpoint is made.
    #[derive(Clone)]
    struct Counted(Arc<AtomicUsize>);

    impl Command for Counted {
        type Output = ();
        const NAME: &'static str = "counted";

        fn endpoint(&self) -> Endpoint<'_, ()> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Endpoint::get(Self::NAME, "/v1/counted").nothing()
        }
    }

    #[test]
    fn a_send_makes_the_endpoint_once() {
        let credentials =
            Credentials::builder().env([("", ""); 0]).api_key("k").workspace_id("w").build().unwrap();
        let client = Client::new(credentials).unwrap();
        let made = Arc::new(AtomicUsize::new(0));
        let call = client.call(Counted(made.clone()));
        assert!(call.command.start(call.client.core(), &call.options).is_ok());
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }
}
