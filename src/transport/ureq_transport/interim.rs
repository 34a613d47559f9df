//! Responses that say that another one will follow (1xx).

use ureq::unversioned::transport::Buffers;

/// Removes interim responses from the beginning of the input. ureq would refuse a `100 Continue` that has
/// headers.
pub(super) fn skip_interim(buffers: &mut dyn Buffers) {
    while let Some(length) = interim(buffers.input()) {
        buffers.input_consume(length);
    }
}

/// The length of the interim response that the input begins with, if it is whole. 101 is none: nothing
/// follows it.
fn interim(input: &[u8]) -> Option<usize> {
    let status = input.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(1..5))?;
    let [b' ', b'1', digits @ ..] = status else { return None };
    if digits == b"01" || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    input.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_responses_are_known_when_they_are_whole() {
        let one = "HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n";
        for cut in 0..one.len() {
            assert_eq!(interim(&one.as_bytes()[..cut]), None, "{cut}");
        }
        assert_eq!(interim(format!("{one}HTTP/1.1 200 OK").as_bytes()), Some(one.len()));
        assert_eq!(interim(b"HTTP/1.0 103 Early Hints\r\n\r\n"), Some(28));
        for other in ["HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 1xx No\r\n\r\n"]
        {
            assert_eq!(interim(other.as_bytes()), None, "{other}");
        }
    }
}
