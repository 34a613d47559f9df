//! URL paths with names and ids in them.

use crate::error::{Error, shown};
use crate::http::encode_segment;

/// Returns a path: each `{name}` of the template is replaced by its parameter, percent-encoded without safe
/// characters.
///
/// # Errors
///
/// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a parameter is empty, `.` or `..`: the request
/// would reach another path.
pub(super) fn path(label: &str, template: &str, parameters: &[(&str, &str)]) -> Result<String, Error> {
    let mut path = template.to_owned();
    for (name, value) in parameters {
        if matches!(*value, "" | "." | "..") {
            let happened = format!("{name} is {:?}, which cannot be part of a path", shown(value));
            return Err(Error::invalid(label, happened).with_advice("Nothing was sent."));
        }
        path = path.replacen(&format!("{{{name}}}"), &encode_segment(value), 1);
    }
    debug_assert!(!path.contains("/{"), "{path}: a parameter is missing");
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stay_in_their_segments() {
        let template = "/v1/connections/{connection_id}/schemas/{schema}/tables";
        let made = path("test", template, &[("connection_id", "a/b?c"), ("schema", "{x}")]).unwrap();
        assert_eq!(made, "/v1/connections/a%2Fb%3Fc/schemas/%7Bx%7D/tables");
        for bad in ["", ".", ".."] {
            assert!(path("test", "/v1/databases/{database_id}", &[("database_id", bad)]).is_err(), "{bad:?}");
        }
    }
}
