//! Files and standard input, within limits.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::app::App;
use crate::failure::{Exit, Failure, Result};

/// The largest text that is read into memory.
const MAX_TEXT: u64 = 64 * 1024 * 1024;

/// Returns the text of a file, or of standard input for `-`. A signal ends the program meanwhile: the file may be a pipe
/// that nobody writes to.
pub(crate) fn text(app: &App, path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    let read = || match is_stdin(path) {
        true => bounded(io::stdin().lock(), MAX_TEXT),
        false => File::open(path).and_then(|file| bounded(file, MAX_TEXT)),
    };
    app.interrupt
        .at_once(read)
        .map_err(|e| Failure::new(Exit::Failed, format!("reading {}: {e}", shown(path))))
}

/// True if the path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn shown(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { format!("{path:?}") }
}

fn bounded(source: impl Read, most: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let place = e.utf8_error().valid_up_to();
        io::Error::other(format!("it is not UTF-8: the byte at offset {place} is not part of a character"))
    })?;
    // Windows' editors begin files with it.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_bounded_and_utf_8() {
        assert_eq!(bounded(&b"abc"[..], 3).unwrap(), "abc");
        assert_eq!(bounded("\u{feff}abc".as_bytes(), 10).unwrap(), "abc");
        assert!(bounded(&b"abcd"[..], 3).unwrap_err().to_string().contains("more than 3 bytes"));
        assert!(bounded(&b"ab\xff"[..], 3).unwrap_err().to_string().contains("offset 2"));
    }
}
