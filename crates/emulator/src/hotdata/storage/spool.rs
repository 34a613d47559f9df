//! Bytes that wait: in memory while there is room for them, in a file without a name beyond that.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ring::rand::{SecureRandom, SystemRandom};

use crate::server::lock;

/// Up to this many bytes a spool keeps in memory although there is no room: a file for every small thing
/// would be dear.
const SMALL: u64 = 4 * 1024;

/// The room in memory that spools share.
#[derive(Debug)]
pub(crate) struct Pool {
    limit: u64,
    used: AtomicU64,
}

impl Pool {
    /// Room for so many bytes.
    pub(crate) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicU64::new(0) })
    }

    /// How many bytes are in memory.
    #[cfg(test)]
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }

    fn take(&self, bytes: u64, even_if_full: bool) -> bool {
        let before = self.used.fetch_add(bytes, Ordering::AcqRel);
        let has_room = even_if_full || before.saturating_add(bytes) <= self.limit;
        if !has_room {
            self.give(bytes);
        }
        has_room
    }

    fn give(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// Bytes that are appended, and read from anywhere.
#[derive(Debug)]
pub(crate) struct Spool {
    pool: Arc<Pool>,
    memory: Vec<u8>,
    file: Option<Mutex<Nameless>>,
    length: u64,
}

impl Spool {
    /// An empty one.
    pub(crate) fn new(pool: &Arc<Pool>) -> Self {
        Self { pool: Arc::clone(pool), memory: Vec::new(), file: None, length: 0 }
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// Whether it lies in a file.
    #[cfg(test)]
    pub(crate) fn is_in_file(&self) -> bool {
        self.file.is_some()
    }

    /// Appends.
    ///
    /// # Errors
    ///
    /// Those of the file.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let more = bytes.len() as u64;
        if self.file.is_none() {
            if self.pool.take(more, self.length + more <= SMALL) {
                self.memory.extend_from_slice(bytes);
                self.length += more;
                return Ok(());
            }
            let mut file = Nameless::new()?;
            file.file.write_all(&self.memory)?;
            self.pool.give(self.length);
            self.memory = Vec::new();
            self.file = Some(Mutex::new(file));
        }
        if let Some(file) = &self.file {
            let mut nameless = lock(file);
            nameless.file.seek(SeekFrom::Start(self.length))?;
            nameless.file.write_all(bytes)?;
            self.length += more;
        }
        Ok(())
    }

    /// Reads at a place, as much as there is and fits. Zero at the end.
    ///
    /// # Errors
    ///
    /// Those of the file.
    pub(crate) fn read_at(&self, place: u64, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(place)).unwrap_or(usize::MAX);
        let wanted = left.min(into.len());
        let into = &mut into[..wanted];
        match &self.file {
            Some(file) => {
                let mut nameless = lock(file);
                nameless.file.seek(SeekFrom::Start(place))?;
                nameless.file.read_exact(into)?;
            }
            None => {
                let start = usize::try_from(place).unwrap_or(usize::MAX).min(self.memory.len());
                into.copy_from_slice(&self.memory[start..start + wanted]);
            }
        }
        Ok(wanted)
    }

    /// These bytes, all of them.
    ///
    /// # Errors
    ///
    /// Those of the file; `UnexpectedEof` if there are fewer.
    pub(crate) fn bytes(&self, place: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        match self.read_at(place, &mut bytes)? {
            read if read == length => Ok(bytes),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// The bytes of a spool in a document. What is read stays in memory: a document is not large.
pub(super) mod kept_spool {
    use std::sync::Arc;

    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserializer, Serializer};

    use super::{Pool, Spool};
    use crate::document::{MAX_DOCUMENT, words};

    pub(in super::super) fn serialize<Z: Serializer>(spool: &Arc<Spool>, to: Z) -> Result<Z::Ok, Z::Error> {
        let length = usize::try_from(spool.len()).ok().filter(|length| *length <= MAX_DOCUMENT);
        let length = length.ok_or_else(|| Z::Error::custom("an upload is larger than a document may be"))?;
        words::bytes::serialize(&spool.bytes(0, length).map_err(Z::Error::custom)?, to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Spool>, D::Error> {
        let mut spool = Spool::new(&Pool::new(u64::MAX));
        spool.push(&words::bytes::deserialize(from)?).map_err(D::Error::custom)?;
        Ok(Arc::new(spool))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.pool.give(self.memory.len() as u64);
    }
}

/// Several spools, one after the other, as one stream. Holds them for as long as it lives.
#[derive(Debug)]
pub(crate) struct SpoolReader {
    spools: Vec<Arc<Spool>>,
    current: usize,
    place: u64,
}

impl SpoolReader {
    /// From the beginning of the first.
    pub(crate) fn new(spools: Vec<Arc<Spool>>) -> Self {
        Self { spools, current: 0, place: 0 }
    }
}

impl Read for SpoolReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(spool) = self.spools.get(self.current).filter(|_| !into.is_empty()) {
            let read = spool.read_at(self.place, into)?;
            if read > 0 {
                self.place += read as u64;
                return Ok(read);
            }
            self.current += 1;
            self.place = 0;
        }
        Ok(0)
    }
}

/// A file that nobody else finds, and that is gone when it is closed.
#[derive(Debug)]
struct Nameless {
    file: File,
    /// Its path, where a file that is open cannot be removed.
    path: Option<PathBuf>,
}

impl Nameless {
    fn new() -> io::Result<Self> {
        Self::below(&std::env::temp_dir())
    }

    fn below(folder: &Path) -> io::Result<Self> {
        let mut random = [0; 16];
        let none = |_| io::Error::other("the system has no random bytes for the name of a temporary file");
        SystemRandom::new().fill(&mut random).map_err(none)?;
        let name = format!("controlplane-emulator-{}-{:032x}", process::id(), u128::from_ne_bytes(random));
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(&path)?;
        // Where this works, not even a killed process leaves anything behind.
        let path = fs::remove_file(&path).err().map(|_| path);
        Ok(Self { file, path })
    }
}

impl Drop for Nameless {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_memory_goes_to_a_file_and_reads_the_same() {
        let pool = Pool::new(10_000);
        let mut first = Spool::new(&pool);
        let mut second = Spool::new(&pool);
        let mut all = Vec::new();
        for n in 0..30_u8 {
            first.push(&[n; 500]).unwrap();
            all.extend([n; 500]);
            // In memory until there is no room, in the file from then on.
            assert_eq!(first.is_in_file(), all.len() > 10_000, "{n}");
        }
        assert_eq!(pool.used(), 0);
        second.push(&[7; 300]).unwrap();
        assert_eq!((first.len(), second.len(), pool.used()), (15_000, 300, 300));
        assert_eq!(first.bytes(499, 3).unwrap(), [0, 1, 1]);
        assert_eq!(second.bytes(299, 1).unwrap(), [7]);
        assert!(second.bytes(299, 2).is_err() && first.bytes(20_000, 1).is_err());
        all.extend([7; 300]);
        let mut read = Vec::new();
        let mut reader =
            SpoolReader::new(vec![Arc::new(first), Arc::new(Spool::new(&pool)), Arc::new(second)]);
        reader.read_to_end(&mut read).unwrap();
        assert!(read == all);
        drop(reader);
        assert_eq!(pool.used(), 0);
    }

    #[test]
    fn a_file_is_gone_when_it_is_closed() {
        let folder = std::env::temp_dir().join(format!("controlplane-spool-{}", process::id()));
        fs::create_dir(&folder).unwrap();
        let files = || fs::read_dir(&folder).unwrap().count();
        let nameless = Nameless::below(&folder).unwrap();
        // Windows may keep the name until the file is closed.
        assert!(files() == 0 || !cfg!(unix));
        drop(nameless);
        assert_eq!(files(), 0);
        fs::remove_dir(&folder).unwrap();
    }
}
