//! The address of the emulator in the words of its client.

use crate::server::Received;

/// The base of all addresses, as the client has it: what it calls us.
pub(crate) fn base(request: &Received, scheme: &str) -> String {
    let host = request.headers.text("host").filter(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b))
    });
    format!("{scheme}://{}", host.as_deref().unwrap_or("localhost"))
}
