//! What the tests of several services use.

use controlplane::transport::{HttpConfig, Proxy, UreqTransport};

/// A transport that goes past any proxy.
pub(crate) fn transport() -> UreqTransport {
    let mut config = HttpConfig::default();
    config.proxy = Proxy::None;
    UreqTransport::new(&config).unwrap()
}
