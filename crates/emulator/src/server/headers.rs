//! The headers of a request or a response.

use std::borrow::Cow;
use std::fmt;

/// Headers whose values `Debug` shows. All others may hold secrets.
const SHOWN: [&str; 6] = ["accept", "content-length", "content-type", "date", "host", "user-agent"];

/// Header names and values, in order. Names are compared without regard to case; values are bytes.
#[derive(Clone, Default)]
pub(crate) struct Headers(Vec<(Cow<'static, str>, Vec<u8>)>);

impl Headers {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a header. One of the same name stays.
    pub(crate) fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first value of this name.
    #[cfg(any(test, feature = "h2o-workflows", feature = "hotdata", feature = "onehouse"))]
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The first value of this name as text. Bytes that are not UTF-8 are replaced.
    #[cfg(any(test, feature = "h2o-workflows", feature = "hotdata", feature = "onehouse"))]
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// The token of `Authorization: Bearer`, if the header is there once.
    #[cfg(any(feature = "eloq", feature = "h2o-workflows", feature = "hotdata"))]
    pub(crate) fn bearer(&self) -> Option<&str> {
        let mut all = self.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let (Some((_, value)), None) = (all.next(), all.next()) else { return None };
        let (scheme, token) = std::str::from_utf8(value).ok()?.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    }

    /// All headers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_slice()))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            if SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(name)) {
                map.entry(&name, &String::from_utf8_lossy(value));
            } else {
                map.entry(&name, &format_args!("…"));
            }
        }
        map.finish()
    }
}
