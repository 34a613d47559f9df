//! The pages that the browser ends on.

/// The sign-in is complete.
pub(super) const SIGNED_IN: Page = Page {
    status: "200 OK",
    title: "Signed in to Onehouse",
    text: "You can close this tab and return to the program.",
};

/// The sign-in has failed.
pub(super) const FAILED: Page = Page {
    status: "400 Bad Request",
    title: "Sign-in did not complete",
    text: "You can close this tab. The program says what went wrong.",
};

/// A callback that belongs to another sign-in, or to none.
pub(super) const NOT_OURS: Page = Page {
    status: "400 Bad Request",
    title: "This is not the sign-in that the program waits for",
    text: "Close this tab and use the newest sign-in page that the program has opened.",
};

/// Any other path.
pub(super) const NOT_FOUND: Page = Page {
    status: "404 Not Found",
    title: "Nothing here",
    text: "This address only receives the result of a sign-in.",
};

/// Any other method.
pub(super) const NOT_ALLOWED: Page = Page {
    status: "405 Method Not Allowed",
    title: "Only GET",
    text: "This address only receives the result of a sign-in.",
};

/// Something that is not HTTP, or too long.
pub(super) const BAD_REQUEST: Page = Page {
    status: "400 Bad Request",
    title: "Not a request",
    text: "This address only receives the result of a sign-in.",
};

/// A page of fixed text. Nothing of a request is repeated in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    text: &'static str,
}

impl Page {
    /// The whole response. The address of the page has a code in it, so it is neither kept nor passed on.
    pub(super) fn response(self) -> Vec<u8> {
        let Self { status, title, text } = self;
        let body = format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
             <h1>{title}</h1>\n<p>{text}</p>\n</html>\n"
        );
        let length = body.len();
        let allow = if status.starts_with("405") { "Allow: GET\r\n" } else { "" };
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n{allow}\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n{body}"
        )
        .into_bytes()
    }
}
