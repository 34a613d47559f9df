//! Results as Arrow.

use controlplane::hotdata::{AsyncClient, Client};

use crate::case::{Case, Done};
use crate::server::Server;

/// What comes of a case of this layer; `None`: it is not there yet.
pub fn run(case: &Case, server: &Server, client: &Client) -> Option<Done> {
    let _ = (case, server, client);
    None
}

/// The same as a future.
pub async fn run_async(case: &Case, server: &Server, client: &AsyncClient) -> Option<Done> {
    let _ = (case, server, client);
    None
}
