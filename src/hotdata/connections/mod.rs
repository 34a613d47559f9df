//! Connections to sources.

mod commands;
mod model;

pub use commands::{Connections, CreateConnection, DeleteConnection, GetConnection, ListConnections};
pub use model::{
    ConnectionInfo, CreateConnectionRequest, CreateConnectionResponse, DiscoveryStatus,
    GetConnectionResponse, ListConnectionsResponse,
};
