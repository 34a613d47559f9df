//! Words of a shell: what a message prints for a person to copy.

use std::ffi::OsStr;
use std::path::Path;

use crate::output::visible;

/// Returns a text as one word of a POSIX shell; with control characters as one of bash, ksh and zsh.
pub(crate) fn shell_word(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&byte));
    if is_plain {
        text.to_owned()
    } else if visible(text) == text {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        escaped(text.as_bytes())
    }
}

/// Returns a path as one word of a shell that is no option, whatever bytes it has.
pub(crate) fn shell_path(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.starts_with(b"-") {
        return shell_path(&Path::new(".").join(path));
    }
    match path.to_str() {
        Some(text) => shell_word(text),
        None => escaped(&bytes_of(path.as_os_str())),
    }
}

#[cfg(unix)]
fn bytes_of(name: &OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).to_vec()
}

#[cfg(not(unix))]
fn bytes_of(name: &OsStr) -> Vec<u8> {
    name.to_string_lossy().into_owned().into_bytes()
}

/// A word in the form `$'…'`, which has escapes for all bytes.
fn escaped(bytes: &[u8]) -> String {
    let mut word = String::from("$'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            // Three digits: a digit that follows is none of them.
            byte => word.push_str(&format!("\\{byte:03o}")),
        }
    }
    word + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_service_is_one_word_of_the_shell() {
        assert_eq!(shell_word("8c3f2e9d-7a16"), "8c3f2e9d-7a16");
        assert_eq!(shell_word("a; rm -rf 'x'"), r"'a; rm -rf '\''x'\'''");
        assert_eq!(shell_word("größe"), "'größe'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn a_path_is_no_option() {
        assert_eq!(shell_path(Path::new("-x.journal")), "./-x.journal");
        assert_eq!(shell_path(Path::new("a b")), "'a b'");
    }

    /// A shell reads the printed word as the name again.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_any_name_back() {
        use std::os::unix::ffi::OsStrExt;
        for name in [&b"j\xff\xc3\xa91"[..], b"a\nb'c\\d\x1b[2J7", "x\u{202e}y".as_bytes()] {
            let word = shell_path(Path::new(OsStr::from_bytes(name)));
            assert!(word.is_ascii() && visible(&word) == word, "{word}");
            let command = format!("printf %s {word}");
            let Ok(output) = std::process::Command::new("bash").args(["-c", &command]).output() else {
                return;
            };
            assert_eq!(output.stdout, name, "{word}");
        }
    }
}
