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

/// A command together with the client that sends it and the limits of the call. A call does nothing until it
/// is sent:
///
/// | Method | Effect |
/// |---|---|
/// | [`send`](Call::send) | sends the command and returns its output; a call with `and_wait`, and a wait, return when the work has ended |
/// | [`to_request`](Call::to_request) | returns the HTTP request and sends nothing |
///
/// A call owns its command and a clone of the client, so it can be stored, and sent from another thread.
pub type Call<M, C> = crate::client::Call<Hotdata, M, C>;

pub(crate) type Core = crate::client::Core<Hotdata>;
pub(crate) type CallOptions = crate::client::CallOptions<Hotdata>;

impl<M, C: Command> Call<M, C> {
    /// Returns the request of the call, without what the client adds when it sends the request: the address
    /// of the API, the key, the workspace, the client's database and its default headers. Sends nothing and
    /// needs no credentials.
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
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if an id or name in the path is empty, `.` or `..`, if
    /// the value of a header has characters other than printable ASCII, or if the body cannot be written as
    /// JSON.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = self.command.to_request()?;
        plain_headers(request.method, &mut request.headers);
        Ok(request)
    }
}

/// A command: one operation of the API with its arguments. The trait is sealed: only the commands of this
/// crate implement it.
pub trait Command: Clone + Send + Sync + 'static {
    /// The output of the command: what a call of it returns.
    type Output: 'static;

    /// The vendor's name of the operation, which is also the command's name in JSON, for example
    /// `create_database`.
    const NAME: &'static str;

    /// Returns the vendor's name of the operation.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Returns the effect of the command: [`Repeatable`](Effect::Repeatable) if sending it twice does no
    /// harm, else [`Changes`](Effect::Changes).
    fn effect(&self) -> Effect {
        self.endpoint().get_effect()
    }

    /// Returns the HTTP request of the command. Needs no client and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if an id or name in the path is empty, `.` or `..`, if
    /// the value of a header has characters other than printable ASCII, or if the body cannot be written as
    /// JSON.
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
