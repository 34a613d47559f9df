//! The client: skeleton.

use std::marker::PhantomData;

use super::call::Call;
use super::commands::Command;

/// Blocking mode.
#[derive(Clone, Debug)]
pub struct Blocking;

/// A client.
#[derive(Clone, Debug)]
pub struct Client<M = Blocking>(PhantomData<M>);

impl Client {
    /// A client that cannot send.
    pub fn offline() -> Self {
        Self(PhantomData)
    }
}

impl<M> Client<M> {
    /// Any command.
    pub fn call<C: Command>(&self, command: C) -> Call<M, C> {
        Call::new(Client(PhantomData), command)
    }
}
