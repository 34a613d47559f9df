//! Paths, queries and forms, decoded.

/// Text without its percent-encoding.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// The path and the query of what follows the host, the query decoded.
pub(crate) fn split(target: &str) -> (&str, Vec<(String, String)>) {
    let text = |text: &str| String::from_utf8_lossy(&decoded(text)).into_owned();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (text(name), text(value))
    };
    (path, query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect())
}
