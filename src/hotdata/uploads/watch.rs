//! Whether a file is still the one that was opened.

use std::any::Any;
use std::fs::{File, Metadata};
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::time::SystemTime;

/// A file as it was when it was opened, and where to look at it again.
pub(super) struct Watch {
    /// The file itself, also if another one has its name now.
    handle: File,
    path: Option<PathBuf>,
    first: Stamp,
}

/// What changes when a file changes.
#[derive(PartialEq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// The device and the number of the file on it.
    id: Option<(u64, u64)>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok(), id: identity(metadata) }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

/// The standard library has no stable identity of files elsewhere.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Returns a second handle of a file that the program passes, to look at its metadata.
pub(super) fn handle_of(source: &dyn Any) -> Option<File> {
    if let Some(file) = source.downcast_ref::<File>() {
        return file.try_clone().ok();
    }
    source.downcast_ref::<BufReader<File>>()?.get_ref().try_clone().ok()
}

impl Watch {
    pub(super) fn new(handle: File, path: Option<PathBuf>) -> io::Result<Self> {
        let first = Stamp::of(&handle.metadata()?);
        Ok(Self { handle, path, first })
    }

    /// Returns how the file has changed, if it has. `may_grow`: its first bytes were read only, so it may
    /// have more at its end.
    pub(super) fn change(&self, may_grow: bool) -> io::Result<Option<String>> {
        if let Some(path) = &self.path {
            match std::fs::metadata(path) {
                Ok(metadata) if identity(&metadata) == self.first.id => {}
                Ok(_) => return Ok(Some("another file has its name now".to_owned())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Some("it was removed or renamed".to_owned()));
                }
                Err(error) => return Err(error),
            }
        }
        let now = Stamp::of(&self.handle.metadata()?);
        Ok(grown(self.first.size, now.size, may_grow).or_else(|| {
            let is_other = now.modified != self.first.modified && !(may_grow && now.size > self.first.size);
            is_other.then(|| "it was modified".to_owned())
        }))
    }
}

/// Describes a change of the size.
pub(super) fn grown(first: u64, now: u64, may_grow: bool) -> Option<String> {
    let is_same = now == first || (may_grow && now > first);
    (!is_same).then(|| format!("it had {first} bytes and has {now}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::*;

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("controlplane-watch-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("a"), b"0123456789").unwrap();
            Self(dir)
        }

        fn watch(&self) -> Watch {
            Watch::new(File::open(self.0.join("a")).unwrap(), Some(self.0.join("a"))).unwrap()
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn append(dir: &Dir) {
        let mut file = File::options().append(true).open(dir.0.join("a")).unwrap();
        file.write_all(b"more").unwrap();
    }

    #[test]
    fn each_kind_of_change_is_seen() {
        let dir = Dir::new("kinds");
        let watch = dir.watch();
        assert_eq!(watch.change(false).unwrap(), None);
        append(&dir);
        assert_eq!(watch.change(false).unwrap().as_deref(), Some("it had 10 bytes and has 14"));
        assert_eq!(watch.change(true).unwrap(), None);
        let watch = dir.watch();
        let file = File::options().write(true).open(dir.0.join("a")).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(5)).unwrap();
        for may_grow in [false, true] {
            assert_eq!(watch.change(may_grow).unwrap().as_deref(), Some("it was modified"));
        }
        file.set_len(3).unwrap();
        assert_eq!(watch.change(true).unwrap().as_deref(), Some("it had 14 bytes and has 3"));
        let watch = dir.watch();
        std::fs::remove_file(dir.0.join("a")).unwrap();
        assert_eq!(watch.change(false).unwrap().as_deref(), Some("it was removed or renamed"));
    }

    #[cfg(unix)]
    #[test]
    fn another_file_under_the_same_name_is_seen() {
        let dir = Dir::new("other");
        let watch = dir.watch();
        std::fs::write(dir.0.join("b"), b"0123456789").unwrap();
        std::fs::rename(dir.0.join("b"), dir.0.join("a")).unwrap();
        assert_eq!(watch.change(true).unwrap().as_deref(), Some("another file has its name now"));
    }

    #[test]
    fn a_file_that_the_program_opened_has_a_handle_of_its_own() {
        let dir = Dir::new("handle");
        let file = File::open(dir.0.join("a")).unwrap();
        assert!(handle_of(&file).is_some());
        assert!(handle_of(&BufReader::new(file)).is_some());
        assert!(handle_of(&io::Cursor::new(b"x")).is_none());
    }
}
