//! Where a service is.

use crate::error::Error;
use crate::http::shown_url;
use crate::transport::is_loopback;

/// A base URL that can be one, without slashes at its end. `example`: one that is right, for messages.
pub(crate) fn checked_base_url<'a>(base_url: &'a str, example: &str) -> Result<&'a str, Error> {
    let refuse = |why: &str| {
        Error::invalid(format!("using the base URL {:?}", shown_url(base_url)), why)
            .with_advice(format!("It looks like {example}."))
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
        Ok(_) => return Err(refuse("its port is not one")),
        Err(e) => return Err(refuse(&format!("it is not a URL: {e}"))),
    };
    if scheme.eq_ignore_ascii_case("http") && !is_loopback(host.trim_matches(['[', ']'])) {
        log::warn!("the base URL is http: whoever sits between here and {host} reads the API secret");
    }
    Ok(base_url.trim_end_matches('/'))
}
