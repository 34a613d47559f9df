//! The sources of uploads: bytes, files, readers.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use crate::error::{Error, ErrorKind, shown};

use super::watch::{Watch, grown, handle_of};

/// A seekable reader.
pub(super) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// The source that the program passes.
pub(super) enum Input {
    Path(PathBuf),
    Bytes(Bytes),
    /// With another handle of the file, if it is one.
    File(Box<dyn ReadSeek>, Option<File>),
    Reader(Box<dyn Read + Send>),
}

impl Input {
    /// The input for a seekable source.
    pub(super) fn file(file: impl Read + Seek + Send + 'static) -> Self {
        let handle = handle_of(&file);
        Self::File(Box::new(file), handle)
    }

    /// Returns what it is, for messages.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Path(path) => shown(&path.display().to_string()),
            Self::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Self::File(..) => "a file".to_owned(),
            Self::Reader(_) => "a reader".to_owned(),
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::File(..) => f.write_str("File"),
            Self::Reader(_) => f.write_str("Reader"),
        }
    }
}

/// An open source.
pub(super) struct Source(Mutex<Opened>);

enum Opened {
    Bytes(Bytes),
    File {
        file: Box<dyn ReadSeek>,
        /// The position where the upload begins.
        start: u64,
        /// The current position.
        at: u64,
        /// The size from the start.
        size: u64,
        watch: Option<Watch>,
        /// Fewer bytes are uploaded than there are.
        is_prefix: bool,
    },
    Reader {
        reader: Box<dyn Read + Send>,
        /// The bytes that were read to find out the length.
        head: Bytes,
    },
}

impl Source {
    /// Opens the source. Returns its size too, if it can be read more than once, and the name of its file.
    pub(super) fn open(input: Input, label: &str) -> Result<(Self, Option<u64>), Error> {
        let path = match &input {
            Input::Path(path) => path.display().to_string(),
            _ => "the input".to_owned(),
        };
        let failed = |error: io::Error| {
            Error::new(ErrorKind::Io, label, format!("{path} cannot be read: {error}"))
                .with_advice("Nothing was sent.")
                .with_source(error)
        };
        let (opened, size) = match input {
            Input::Bytes(bytes) => {
                let size = bytes.len() as u64;
                (Opened::Bytes(bytes), Some(size))
            }
            Input::Path(path) => {
                // Before it is opened: opening a pipe may wait for ever.
                if !std::fs::metadata(&path).map_err(failed)?.is_file() {
                    return Err(Error::invalid(
                        label,
                        format!(
                            "{} is not a regular file, so it cannot be read more than once",
                            path.display()
                        ),
                    )
                    .with_advice("Nothing was sent. For a pipe or a device use `.upload_reader(…)`."));
                }
                let file = File::open(&path).map_err(failed)?;
                let size = file.metadata().map_err(failed)?.len();
                let handle = file.try_clone().map_err(failed)?;
                let watch = Some(Watch::new(handle, Some(path)).map_err(failed)?);
                (
                    Opened::File { file: Box::new(file), start: 0, at: 0, size, watch, is_prefix: false },
                    Some(size),
                )
            }
            Input::File(mut file, handle) => {
                let watch = handle.map(|handle| Watch::new(handle, None)).transpose().map_err(failed)?;
                let start = file.stream_position().map_err(failed)?;
                let end = file.seek(SeekFrom::End(0)).map_err(failed)?;
                let size = end.saturating_sub(start);
                (Opened::File { file, start, at: end, size, watch, is_prefix: false }, Some(size))
            }
            Input::Reader(reader) => (Opened::Reader { reader, head: Bytes::new() }, None),
        };
        Ok((Self(Mutex::new(opened)), size))
    }

    /// Declares that only this many bytes of the source are uploaded.
    pub(super) fn limit(&mut self, length: u64) {
        let opened = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Opened::File { size, is_prefix, .. } = opened {
            *is_prefix = length < *size;
        }
    }

    /// Returns true for a file, which others can write to.
    pub(super) fn can_change(&self) -> bool {
        matches!(&*self.0.lock().unwrap_or_else(PoisonError::into_inner), Opened::File { .. })
    }

    /// Returns how the source has changed since it was opened, if it has. A file of which only a part was to
    /// be uploaded may have grown.
    pub(super) fn compare(&self) -> io::Result<Option<String>> {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *opened {
            Opened::File { watch: Some(watch), is_prefix, .. } => watch.change(*is_prefix),
            Opened::File { file, start, at, size, is_prefix, .. } => {
                let end = file.seek(SeekFrom::End(0))?;
                *at = end;
                Ok(grown(*size, end.saturating_sub(*start), *is_prefix))
            }
            Opened::Bytes(_) | Opened::Reader { .. } => Ok(None),
        }
    }

    /// Returns bytes that are in memory.
    pub(super) fn at_hand(&self, offset: u64, length: usize) -> Option<Bytes> {
        match &*self.0.try_lock().ok()? {
            Opened::Bytes(bytes) => Some(slice(bytes, offset, length)),
            _ => None,
        }
    }

    /// Reads this many bytes at this offset, or fewer at the end, one read at a time. A source that can be
    /// read only once is read on.
    pub(super) fn read(&self, offset: u64, length: usize, spare: Option<Bytes>) -> io::Result<Bytes> {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reader: &mut dyn Read = match &mut *opened {
            Opened::Bytes(bytes) => return Ok(slice(bytes, offset, length)),
            Opened::Reader { reader, head } => &mut Headed { head, reader },
            Opened::File { file, start, at, .. } => {
                let place = start.checked_add(offset).ok_or(io::ErrorKind::InvalidInput)?;
                if *at != place {
                    file.seek(SeekFrom::Start(place))?;
                }
                *at = place.saturating_add(length as u64);
                file
            }
        };
        let mut buffer = buffer(length, spare);
        let read = read_full(reader, &mut buffer);
        if !matches!(read, Ok(read) if read == length)
            && let Opened::File { at, .. } = &mut *opened
        {
            // Wherever it is now: to be sought again.
            *at = u64::MAX;
        }
        buffer.truncate(read?);
        Ok(buffer.freeze())
    }

    /// Returns all bytes, if they are not more than `limit` and can be read again.
    pub(super) fn small(&self, size: Option<u64>, limit: u64) -> io::Result<Option<Bytes>> {
        let whole = match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Opened::Bytes(bytes) => bytes.len() as u64,
            Opened::File { size, .. } => *size,
            Opened::Reader { .. } => return Ok(None),
        };
        let size = size.unwrap_or(whole);
        let Some(length) = usize::try_from(size).ok().filter(|_| size <= limit) else { return Ok(None) };
        let bytes = self.read(0, length, None)?;
        if bytes.len() != length {
            let why = format!("the input ended after {} of {length} bytes", bytes.len());
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        if let Some(change) = self.compare()? {
            return Err(io::Error::other(format!("the input changed: {change}")));
        }
        Ok(Some(bytes))
    }

    /// Returns the size of a source that can be read only once, if it ends within fewer bytes than this. It
    /// is seekable then.
    pub(super) fn peek(&self, length: usize) -> io::Result<Option<u64>> {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Opened::Reader { reader, head } = &mut *opened else { return Ok(None) };
        let mut bytes = Vec::new();
        reader.take(length as u64).read_to_end(&mut bytes)?;
        let size = bytes.len();
        if size < length {
            *opened = Opened::Bytes(bytes.into());
            return Ok(Some(size as u64));
        }
        *head = bytes.into();
        Ok(None)
    }
}

/// A reader with the bytes that were read before.
struct Headed<'a> {
    head: &'a mut Bytes,
    reader: &'a mut dyn Read,
}

impl Read for Headed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.head.is_empty() {
            // Gives the memory back.
            *self.head = Bytes::new();
            return self.reader.read(buffer);
        }
        let length = buffer.len().min(self.head.len());
        buffer[..length].copy_from_slice(&self.head.split_to(length));
        Ok(length)
    }
}

fn slice(bytes: &Bytes, offset: u64, length: usize) -> Bytes {
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(from..from.saturating_add(length).min(bytes.len()))
}

/// Returns the spare buffer if nothing else holds it, or a new one.
fn buffer(length: usize, spare: Option<Bytes>) -> BytesMut {
    match spare.and_then(|spare| spare.try_into_mut().ok()) {
        Some(mut spare) if spare.capacity() >= length => {
            spare.resize(length, 0);
            spare
        }
        _ => BytesMut::zeroed(length),
    }
}

/// Reads until the buffer is full or the source has ended.
fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length.min(buffer.len() - filled),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A reader that returns three bytes at a time.
    struct Slow<R>(R);

    impl<R: Read> Read for Slow<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(3);
            self.0.read(&mut buffer[..length])
        }
    }

    impl<R: Seek> Seek for Slow<R> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_file_is_read_from_where_it_stands_and_at_any_place() {
        let mut file = Slow(Cursor::new(b"0123456789".to_vec()));
        file.seek(SeekFrom::Start(4)).unwrap();
        let (source, size) = Source::open(Input::file(file), "test").unwrap();
        assert_eq!(size, Some(6));
        assert!(source.at_hand(0, 1).is_none());
        for (offset, length, expected) in
            [(0, 4, "4567"), (4, 2, "89"), (2, 4, "6789"), (4, 9, "89"), (0, 1, "4")]
        {
            assert_eq!(source.read(offset, length, None).unwrap(), expected);
        }
        assert_eq!(source.read(1, 2, None).unwrap(), "56");
    }

    #[test]
    fn a_buffer_that_nobody_holds_is_used_again() {
        let (source, _) = Source::open(Input::file(Cursor::new(b"0123456789".to_vec())), "test").unwrap();
        let first = source.read(0, 4, None).unwrap();
        let place = first.as_ptr();
        let second = source.read(4, 3, Some(first)).unwrap();
        assert_eq!((second.as_ptr(), &second[..]), (place, &b"456"[..]));
        let held = second.clone();
        let third = source.read(0, 4, Some(second)).unwrap();
        assert_ne!(third.as_ptr(), place);
        assert_eq!((&held[..], &third[..]), (&b"456"[..], &b"0123"[..]));
    }

    #[test]
    fn a_reader_that_ends_soon_can_be_read_again() {
        let (source, size) = Source::open(Input::Reader(Box::new(Slow(&b"0123456789"[..]))), "test").unwrap();
        assert_eq!(size, None);
        assert_eq!(source.peek(11).unwrap(), Some(10));
        assert_eq!(source.read(8, 2, None).unwrap(), "89");
        assert_eq!(source.at_hand(0, 2).unwrap(), "01");
    }

    #[test]
    fn a_longer_one_is_read_on() {
        let (source, _) = Source::open(Input::Reader(Box::new(Slow(&b"0123456789"[..]))), "test").unwrap();
        assert_eq!(source.peek(5).unwrap(), None);
        for expected in ["0123", "4567", "89", ""] {
            assert_eq!(source.read(0, 4, None).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_file_is_refused_before_it_is_opened() {
        for path in [std::env::temp_dir(), PathBuf::from("/does/not/exist")] {
            assert!(Source::open(Input::Path(path), "test").is_err());
        }
    }
}
