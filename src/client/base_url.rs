//! Where a service is.

use crate::error::Error;
use crate::http::{host_of, shown_url};
use crate::transport::is_loopback;

/// A base URL that can be one, without slashes at its end. `what` it is and an `example` of one that is right, for
/// messages.
pub(crate) fn checked_base_url<'a>(what: &str, base_url: &'a str, example: &str) -> Result<&'a str, Error> {
    let refuse = |why: &str| {
        Error::invalid(format!("using the {what} {:?}", shown_url(base_url)), why)
            .with_advice(format!("A valid {what} looks like {example}."))
    };
    let Some((scheme, rest)) = base_url.split_once("://") else {
        return Err(refuse("it has no scheme"));
    };
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(refuse("its scheme is neither https nor http"));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.starts_with(':') {
        return Err(refuse("it has no host"));
    }
    if authority.contains('@') {
        return Err(refuse("it has a user name or password in it, which would not be used"));
    }
    if base_url.contains(['?', '#']) {
        return Err(refuse("it has a query or a fragment"));
    }
    if base_url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(refuse("it has white space in it"));
    }
    let host = match base_url.parse::<http::Uri>() {
        Ok(url)
            if authority
                .rsplit_once(':')
                .is_none_or(|(_, port)| port.ends_with(']') || url.port_u16().is_some()) =>
        {
            url.host().unwrap_or_default().to_owned()
        }
        Ok(_) => return Err(refuse("its port is not a number from 0 to 65535")),
        Err(e) => return Err(refuse(&format!("it is not a URL: {e}"))),
    };
    if scheme.eq_ignore_ascii_case("http") && !is_loopback(host.trim_matches(['[', ']'])) {
        log::warn!(
            "the {what} is http: anyone on the network path to {host} can read the secrets that are sent"
        );
    }
    Ok(base_url.trim_end_matches('/'))
}

/// The path of a checked URL, without slashes at its ends.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or("", |(_, path)| path).trim_matches('/')
}

/// The address to which the paths of requests are added: a base URL without slashes at its end, and without
/// `/v1` at its end if the paths begin with it, as those of a default without a path do.
///
/// A URL is refused if it cannot work: with the path of a request, or at the host of the default with another
/// path, if the vendor's host `is_only_at` this path.
pub(crate) fn api_root<'a>(base_url: &'a str, default: &str, is_only_at: bool) -> Result<&'a str, Error> {
    let refuse = |why: String, right: &str| {
        Err(Error::invalid(format!("using the base URL {:?}", shown_url(base_url)), why)
            .with_advice(format!("Nothing was sent. Write {}.", right.trim_end_matches('/'))))
    };
    let mut root = checked_base_url("base URL", base_url, default)?;
    let mut after = path(root).split('/').skip_while(|segment| *segment != "v1");
    if after.any(|segment| segment != "v1") {
        let end = root.find("/v1/").unwrap_or(root.len());
        let end = if path(default).is_empty() { end } else { end + "/v1".len() };
        let why = "it has a path after `v1`, to which the path of each request would be added";
        return refuse(why.to_owned(), &root[..end]);
    }
    if path(default).is_empty() {
        root = root.strip_suffix("/v1").unwrap_or(root);
    }
    let host = host_of(default);
    if is_only_at && host_of(root).eq_ignore_ascii_case(host) && path(root) != path(default) {
        return refuse(format!("the API of {host} is not at `/{}`", path(root)), default);
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = "https://api.vendor.test";

    #[test]
    fn one_version_at_the_end_is_no_part_of_the_root() {
        for (url, root) in [
            ("https://api.vendor.test/v1/", DEFAULT),
            ("https://API.vendor.test/v1", "https://API.vendor.test"),
            ("http://127.0.0.1:1/proxy/x/v1//", "http://127.0.0.1:1/proxy/x"),
            ("http://127.0.0.1:1/proxy", "http://127.0.0.1:1/proxy"),
            ("https://h/v1/v1", "https://h/v1"),
        ] {
            assert_eq!(api_root(url, DEFAULT, true).unwrap(), root, "{url}");
        }
        let default = "https://api.vendor.test/api/v1/";
        for url in ["https://api.vendor.test/api/v1", "https://other.test", "https://other.test/x/v1"] {
            assert_eq!(api_root(url, default, true).unwrap(), url);
        }
    }

    #[test]
    fn a_path_that_cannot_work_is_refused_with_what_to_write() {
        let with_path = "https://api.vendor.test/api/v1/";
        for (url, default, says) in [
            ("https://h/v1/databases", DEFAULT, "Write https://h."),
            ("https://h/proxy/v1/resource/", DEFAULT, "Write https://h/proxy."),
            ("https://api.vendor.test/v2", DEFAULT, "Write https://api.vendor.test."),
            ("https://api.vendor.test/api/v1", DEFAULT, "Write https://api.vendor.test."),
            ("https://h/api/v1/org-info", with_path, "Write https://h/api/v1."),
            ("https://api.vendor.test", with_path, "Write https://api.vendor.test/api/v1."),
        ] {
            let error = api_root(url, default, true).unwrap_err();
            assert_eq!(error.kind(), crate::error::ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(says), "{url}: {error}");
        }
        assert!(api_root("https://api.vendor.test/v2", DEFAULT, false).is_ok());
    }
}
