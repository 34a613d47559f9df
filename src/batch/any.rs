//! Clients and outputs of any service.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::batch::Member;
#[cfg(feature = "async")]
use crate::client::mode::AsyncSender;
use crate::client::mode::Sender;
use crate::client::{Blocking, Platform, Shared};
#[cfg(feature = "eloq")]
use crate::eloq;
#[cfg(feature = "h2o-workflows")]
use crate::h2o_workflows;
#[cfg(feature = "hotdata")]
use crate::hotdata;
#[cfg(feature = "onehouse")]
use crate::onehouse;

use super::{Listed, Services};

/// The output of a call of a [`Batch`](super::Batch), whose calls may be of any service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnyOutput {
    /// The output of a call of EloqCloud.
    #[cfg(feature = "eloq")]
    Eloq(eloq::AnyOutput),
    /// The output of a call of H2O Workflows.
    #[cfg(feature = "h2o-workflows")]
    H2oWorkflows(h2o_workflows::AnyOutput),
    /// The output of a call of Hotdata.
    #[cfg(feature = "hotdata")]
    Hotdata(hotdata::AnyOutput),
    /// The output of a call of Onehouse.
    #[cfg(feature = "onehouse")]
    Onehouse(onehouse::StatusResponse),
}

/// A client of any service. It is made from a reference to a client, which it clones: `(&client).into()`.
#[non_exhaustive]
pub enum AnyClient<M> {
    /// A client of EloqCloud.
    #[cfg(feature = "eloq")]
    Eloq(eloq::client::Client<M>),
    /// A client of H2O Workflows.
    #[cfg(feature = "h2o-workflows")]
    H2oWorkflows(h2o_workflows::client::Client<M>),
    /// A client of Hotdata.
    #[cfg(feature = "hotdata")]
    Hotdata(hotdata::client::Client<M>),
    /// A client of Onehouse.
    #[cfg(feature = "onehouse")]
    Onehouse(onehouse::client::Client<M>),
}

impl<M> fmt::Debug for AnyClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "eloq")]
            Self::Eloq(client) => client.fmt(f),
            #[cfg(feature = "h2o-workflows")]
            Self::H2oWorkflows(client) => client.fmt(f),
            #[cfg(feature = "hotdata")]
            Self::Hotdata(client) => client.fmt(f),
            #[cfg(feature = "onehouse")]
            Self::Onehouse(client) => client.fmt(f),
        }
    }
}

impl<M> Clone for AnyClient<M> {
    fn clone(&self) -> Self {
        match self {
            #[cfg(feature = "eloq")]
            Self::Eloq(client) => Self::Eloq(client.clone()),
            #[cfg(feature = "h2o-workflows")]
            Self::H2oWorkflows(client) => Self::H2oWorkflows(client.clone()),
            #[cfg(feature = "hotdata")]
            Self::Hotdata(client) => Self::Hotdata(client.clone()),
            #[cfg(feature = "onehouse")]
            Self::Onehouse(client) => Self::Onehouse(client.clone()),
        }
    }
}

impl<M> AnyClient<M> {
    pub(super) fn member(self) -> Member<Services, M> {
        match self {
            #[cfg(feature = "eloq")]
            Self::Eloq(client) => Member::new(client.shared),
            #[cfg(feature = "h2o-workflows")]
            Self::H2oWorkflows(client) => Member::new(client.shared),
            #[cfg(feature = "hotdata")]
            Self::Hotdata(client) => Member::new(client.shared),
            #[cfg(feature = "onehouse")]
            Self::Onehouse(client) => Member::new(client.shared),
        }
    }
}

impl AnyClient<Blocking> {
    pub(super) fn sender(self) -> Arc<dyn Sender> {
        match self {
            #[cfg(feature = "eloq")]
            Self::Eloq(client) => Arc::new(client.shared),
            #[cfg(feature = "h2o-workflows")]
            Self::H2oWorkflows(client) => Arc::new(client.shared),
            #[cfg(feature = "hotdata")]
            Self::Hotdata(client) => Arc::new(client.shared),
            #[cfg(feature = "onehouse")]
            Self::Onehouse(client) => Arc::new(client.shared),
        }
    }
}

#[cfg(feature = "async")]
impl AnyClient<Async> {
    pub(super) fn async_sender(self) -> Arc<dyn AsyncSender> {
        match self {
            #[cfg(feature = "eloq")]
            Self::Eloq(client) => Arc::new(client.shared),
            #[cfg(feature = "h2o-workflows")]
            Self::H2oWorkflows(client) => Arc::new(client.shared),
            #[cfg(feature = "hotdata")]
            Self::Hotdata(client) => Arc::new(client.shared),
            #[cfg(feature = "onehouse")]
            Self::Onehouse(client) => Arc::new(client.shared),
        }
    }
}

#[cfg(feature = "eloq")]
impl Listed for eloq::client::Eloq {
    fn output(output: eloq::AnyOutput) -> AnyOutput {
        AnyOutput::Eloq(output)
    }

    fn listed<M>(client: Shared<Self, M>) -> AnyClient<M> {
        AnyClient::Eloq(Self::client(client))
    }
}

#[cfg(feature = "eloq")]
impl<M> From<&eloq::client::Client<M>> for AnyClient<M> {
    fn from(client: &eloq::client::Client<M>) -> Self {
        Self::Eloq(client.clone())
    }
}

#[cfg(feature = "h2o-workflows")]
impl Listed for h2o_workflows::client::H2oWorkflows {
    fn output(output: h2o_workflows::AnyOutput) -> AnyOutput {
        AnyOutput::H2oWorkflows(output)
    }

    fn listed<M>(client: Shared<Self, M>) -> AnyClient<M> {
        AnyClient::H2oWorkflows(Self::client(client))
    }
}

#[cfg(feature = "h2o-workflows")]
impl<M> From<&h2o_workflows::client::Client<M>> for AnyClient<M> {
    fn from(client: &h2o_workflows::client::Client<M>) -> Self {
        Self::H2oWorkflows(client.clone())
    }
}

#[cfg(feature = "hotdata")]
impl Listed for hotdata::client::Hotdata {
    fn output(output: hotdata::AnyOutput) -> AnyOutput {
        AnyOutput::Hotdata(output)
    }

    fn listed<M>(client: Shared<Self, M>) -> AnyClient<M> {
        AnyClient::Hotdata(Self::client(client))
    }
}

#[cfg(feature = "hotdata")]
impl<M> From<&hotdata::client::Client<M>> for AnyClient<M> {
    fn from(client: &hotdata::client::Client<M>) -> Self {
        Self::Hotdata(client.clone())
    }
}

#[cfg(feature = "onehouse")]
impl Listed for onehouse::client::Onehouse {
    fn output(output: onehouse::StatusResponse) -> AnyOutput {
        AnyOutput::Onehouse(output)
    }

    fn listed<M>(client: Shared<Self, M>) -> AnyClient<M> {
        AnyClient::Onehouse(Self::client(client))
    }
}

#[cfg(feature = "onehouse")]
impl<M> From<&onehouse::client::Client<M>> for AnyClient<M> {
    fn from(client: &onehouse::client::Client<M>) -> Self {
        Self::Onehouse(client.clone())
    }
}
