//! Which services the calls of a batch may belong to.

use std::sync::Arc;

#[cfg(feature = "async")]
use crate::client::Async;
#[cfg(feature = "async")]
use crate::client::mode::AsyncSender;
use crate::client::mode::Sender;
use crate::client::{Blocking, Shared};

use super::BatchPlatform;

/// The services whose calls a batch may have: one service, or any of them. The trait is sealed: only types of
/// this crate implement it.
pub trait BatchScope: Sized + 'static {
    /// The output of a call.
    type Output: Send + 'static;

    /// The client of a call.
    #[doc(hidden)]
    type Client<M>: Clone;

    /// Whether clients join the batch with their first call. Otherwise it has one client.
    #[doc(hidden)]
    const IS_OPEN: bool;

    /// Returns what sends the requests of a client.
    #[doc(hidden)]
    fn sender(client: Self::Client<Blocking>) -> Arc<dyn Sender>;

    /// Returns what sends the requests of a client.
    #[cfg(feature = "async")]
    #[doc(hidden)]
    fn async_sender(client: Self::Client<Async>) -> Arc<dyn AsyncSender>;
}

/// A scope to which the calls of this service belong. Sealed.
pub trait Includes<P: BatchPlatform>: BatchScope {
    /// Converts the output of a call.
    #[doc(hidden)]
    fn output(output: P::Output) -> Self::Output;

    /// Converts a client.
    #[doc(hidden)]
    fn client<M>(client: Shared<P, M>) -> Self::Client<M>;
}

impl<P: BatchPlatform> BatchScope for P {
    type Output = P::Output;
    type Client<M> = Shared<P, M>;

    const IS_OPEN: bool = false;

    fn sender(client: Shared<P, Blocking>) -> Arc<dyn Sender> {
        Arc::new(client)
    }

    #[cfg(feature = "async")]
    fn async_sender(client: Shared<P, Async>) -> Arc<dyn AsyncSender> {
        Arc::new(client)
    }
}

impl<P: BatchPlatform> Includes<P> for P {
    fn output(output: P::Output) -> P::Output {
        output
    }

    fn client<M>(client: Shared<P, M>) -> Shared<P, M> {
        client
    }
}
