//! JSON pointers (RFC 6901), with which `--query` chooses a part of a result.

/// A pointer whose syntax was checked before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// Returns the pointer as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a pointer: empty, or parts that each begin with `/`; `~` only as `~0` or `~1`.
pub(crate) fn pointer(text: &str) -> Result<Pointer, String> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err(format!("a JSON pointer begins with `/`: write `/{text}`"));
    }
    if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        return Err("in a JSON pointer `~` is written `~0`, and `/` inside a key `~1`".to_owned());
    }
    Ok(Pointer(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_is_checked() {
        for good in ["", "/", "/a/0/b", "/a~1b~0c"] {
            assert_eq!(pointer(good).unwrap().as_str(), good);
        }
        for bad in ["a", "a/b", "/a~", "/a~2"] {
            assert!(pointer(bad).is_err(), "{bad}");
        }
        assert!(pointer("state").unwrap_err().contains("`/state`"));
    }
}
