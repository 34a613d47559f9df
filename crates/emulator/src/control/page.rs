//! `/_emulator/`: a page that shows the emulator in a browser.

use crate::server::Reply;

/// The whole page. It fetches nothing but the other paths under `/_emulator/`, and writes what they answer as
/// text, never as markup.
const PAGE: &str = include_str!("page.html");

/// Allows what the page has in itself, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn reply() -> Reply {
    let mut reply = Reply::new(200)
        .header("content-type", "text/html; charset=utf-8")
        .header("content-security-policy", POLICY)
        .header("x-content-type-options", "nosniff")
        .header("cache-control", "no-store");
    reply.body = PAGE.as_bytes().to_vec();
    reply
}
