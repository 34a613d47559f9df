//! Decodes an Arrow IPC stream that comes in pieces.
//!
//! arrow-ipc trusts lengths and panics over some invalid ones. So the framing is read here: the header of a
//! message is checked before its body is collected, and a body over the limit is rejected. The sums of
//! lengths are checked too, and the sizes after decompression. Remaining panics are caught.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{CompressionType, Message, MessageHeader, root_as_message};
use arrow_schema::SchemaRef;

use super::lz4;

/// The longest metadata of a message: a schema of many columns, or the positions of the buffers of a batch.
const MAX_HEAD: u32 = 16 * 1024 * 1024;
/// The largest capacity that is reserved for a body before its bytes arrive.
const MAX_TRUSTED: usize = 8 * 1024 * 1024;
/// The number of bytes that are read at once between two bodies: a length and a header, mostly.
const BETWEEN: usize = 2 * 1024;
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The end marker of a stream.
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// A decoder that receives bytes and keeps the decoded batches.
pub(super) struct Decoder {
    stream: StreamDecoder,
    state: State,
    /// The largest body, compressed or not.
    limit: u64,
    ready: VecDeque<RecordBatch>,
    /// The sizes of the dictionaries of the stream, by id.
    dictionaries: HashMap<i64, u64>,
}

enum State {
    /// The length of a message, as far as it has arrived.
    Length(Vec<u8>),
    Head {
        length: usize,
        bytes: Vec<u8>,
    },
    Body {
        head: Vec<u8>,
        length: usize,
        bytes: Vec<u8>,
    },
    /// The end marker has arrived.
    Ended,
    Broken,
}

/// The reason that a stream is invalid.
type Why = String;

impl Decoder {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            stream: StreamDecoder::new(),
            state: State::Length(Vec::new()),
            limit,
            ready: VecDeque::new(),
            dictionaries: HashMap::new(),
        }
    }

    /// Takes the next complete batch.
    pub(super) fn next(&mut self) -> Option<RecordBatch> {
        self.ready.pop_front()
    }

    /// Returns true if a complete batch is ready.
    pub(super) fn has_batch(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(super) fn schema(&self) -> Option<SchemaRef> {
        self.stream.schema()
    }

    /// Returns true after the end marker.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Returns the number of rows of the batches that are ready.
    pub(super) fn ready_rows(&self) -> u64 {
        self.ready
            .iter()
            .fold(0, |sum, batch| sum.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX)))
    }

    /// Ends a stream whose bytes have ended. This must be between two messages.
    pub(super) fn close(&mut self) -> Result<(), Why> {
        match &self.state {
            State::Length(bytes) if bytes.is_empty() => self.push(&END),
            _ => Err("it ends within a message".to_owned()),
        }
    }

    /// Returns the buffer that the next bytes are to be appended to, and how many it takes: the body of a
    /// message is read in place, without a copy. [`put`](Self::put) takes it back.
    pub(super) fn room(&mut self) -> (Vec<u8>, usize) {
        match &mut self.state {
            State::Body { length, bytes, .. } => {
                let most = *length - bytes.len();
                (std::mem::take(bytes), most)
            }
            _ => (Vec::new(), BETWEEN),
        }
    }

    /// Decodes what was appended to the buffer of [`room`](Self::room).
    pub(super) fn put(&mut self, buffer: Vec<u8>) -> Result<(), Why> {
        let State::Body { head, length, bytes } = &mut self.state else { return self.push(&buffer) };
        if buffer.len() < *length {
            *bytes = buffer;
            return Ok(());
        }
        let head = std::mem::take(head);
        let put = self.body(head, buffer);
        if put.is_err() {
            self.state = State::Broken;
        }
        put
    }

    /// Decodes the next bytes. Bytes after the end marker are ignored.
    fn push(&mut self, piece: &[u8]) -> Result<(), Why> {
        let pushed = self.take(piece);
        if pushed.is_err() {
            self.state = State::Broken;
        }
        pushed
    }

    fn take(&mut self, mut piece: &[u8]) -> Result<(), Why> {
        while !piece.is_empty() {
            match &mut self.state {
                State::Length(bytes) => {
                    let wanted = if bytes.starts_with(&CONTINUATION) { 8 } else { 4 };
                    fill(bytes, wanted, &mut piece);
                    if bytes.len() == wanted && *bytes != CONTINUATION {
                        let bytes = std::mem::take(bytes);
                        self.length(bytes)?;
                    }
                }
                State::Head { length, bytes } => {
                    fill(bytes, *length, &mut piece);
                    if bytes.len() == *length {
                        let bytes = std::mem::take(bytes);
                        self.head(bytes)?;
                    }
                }
                State::Body { head, length, bytes } => {
                    fill(bytes, *length, &mut piece);
                    if bytes.len() == *length {
                        let (head, bytes) = (std::mem::take(head), std::mem::take(bytes));
                        self.body(head, bytes)?;
                    }
                }
                State::Ended => return Ok(()),
                State::Broken => return Err("an earlier part of it was invalid".to_owned()),
            }
        }
        Ok(())
    }

    /// Handles the length of a message.
    fn length(&mut self, bytes: Vec<u8>) -> Result<(), Why> {
        let last = bytes.len().saturating_sub(4);
        let length = bytes[last..].try_into().map(u32::from_le_bytes).unwrap_or_default();
        if length > MAX_HEAD {
            return Err(format!(
                "a message declares a header of {length} bytes, and the limit is {MAX_HEAD}"
            ));
        }
        self.feed(bytes)?;
        self.state = match usize::try_from(length) {
            Ok(0) => State::Ended,
            Ok(length) => State::Head { length, bytes: Vec::new() },
            Err(e) => return Err(e.to_string()),
        };
        Ok(())
    }

    /// Handles the metadata of a message.
    fn head(&mut self, head: Vec<u8>) -> Result<(), Why> {
        let message =
            root_as_message(&head).map_err(|e| format!("the header of a message is invalid: {e}"))?;
        let length =
            u64::try_from(message.bodyLength()).map_err(|_| "a message has a negative body length")?;
        if length > self.limit {
            return Err(format!(
                "a message says that its body has {length} bytes, and the limit is {}; `.max_batch_bytes(…)` raises it",
                self.limit
            ));
        }
        check_head(message, length, self.stream.schema().is_some())?;
        let length = usize::try_from(length).map_err(|e| e.to_string())?;
        if length == 0 {
            return self.body(head, Vec::new());
        }
        self.state = State::Body { head, length, bytes: Vec::with_capacity(length.min(MAX_TRUSTED)) };
        Ok(())
    }

    /// Handles a complete message.
    fn body(&mut self, head: Vec<u8>, body: Vec<u8>) -> Result<(), Why> {
        let message = root_as_message(&head).map_err(|e| e.to_string())?;
        let size = unpacked_size(message, &body, self.limit)?;
        if let Some(dictionary) = message.header_as_dictionary_batch() {
            let known = self.dictionaries.entry(dictionary.id()).or_default();
            *known = if dictionary.isDelta() { known.saturating_add(size) } else { size };
            let all = self.dictionaries.values().fold(0, |sum: u64, size| sum.saturating_add(*size));
            if all > self.limit {
                return Err(format!(
                    "its dictionaries have {all} bytes together, and the limit is {}; `.max_batch_bytes(…)` raises it",
                    self.limit
                ));
            }
        }
        self.feed(head)?;
        self.feed(body)?;
        self.state = State::Length(Vec::new());
        Ok(())
    }

    /// Passes bytes to arrow-ipc, which decodes a message without a body only when the next byte arrives.
    fn feed(&mut self, bytes: Vec<u8>) -> Result<(), Why> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut buffer = bytes.into();
        loop {
            let stream = &mut self.stream;
            // What it leaves behind is not used again.
            let decoded = catch_unwind(AssertUnwindSafe(|| stream.decode(&mut buffer)));
            match decoded {
                Ok(Ok(Some(batch))) => self.ready.push_back(batch),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => return Err(error.to_string()),
                Err(_) => return Err("its contents are inconsistent: the Arrow decoder panicked".to_owned()),
            }
            if buffer.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Moves bytes of the piece until `bytes` has the wanted length.
fn fill(bytes: &mut Vec<u8>, wanted: usize, piece: &mut &[u8]) {
    let (taken, rest) = piece.split_at(piece.len().min(wanted.saturating_sub(bytes.len())));
    bytes.extend_from_slice(taken);
    *piece = rest;
}

/// Checks the metadata of a message before its body is collected.
fn check_head(message: Message<'_>, length: u64, has_schema: bool) -> Result<(), Why> {
    let batch = match message.header_type() {
        MessageHeader::Schema => {
            return match message.header_as_schema() {
                _ if has_schema => Err("it has a second schema".to_owned()),
                Some(schema) if schema.fields().is_some() && length == 0 => Ok(()),
                _ => Err("its schema is missing".to_owned()),
            };
        }
        _ if !has_schema => return Err("a message precedes the schema".to_owned()),
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        other => {
            return Err(format!(
                "it has a message of type {}, which is neither a schema nor a batch",
                other.0
            ));
        }
    };
    let batch = batch.ok_or("the header of a batch is missing")?;
    let is_count = |number: i64| number >= 0;
    let good_nodes = batch.nodes().is_none_or(|nodes| {
        nodes.iter().all(|node| is_count(node.length()) && (0..=node.length()).contains(&node.null_count()))
    });
    if !is_count(batch.length()) || !good_nodes {
        return Err("a batch has invalid numbers of rows or nulls".to_owned());
    }
    for buffer in batch.buffers().iter().flatten() {
        let end = u64::try_from(buffer.offset())
            .ok()
            .zip(u64::try_from(buffer.length()).ok())
            .and_then(|(offset, length)| offset.checked_add(length));
        if end.is_none_or(|end| end > length) {
            return Err("a part of a batch is outside of the batch".to_owned());
        }
    }
    Ok(())
}

/// Returns the size of a message after decompression.
fn unpacked_size(message: Message<'_>, body: &[u8], limit: u64) -> Result<u64, Why> {
    let batch = message
        .header_as_record_batch()
        .or_else(|| message.header_as_dictionary_batch().and_then(|batch| batch.data()));
    let Some(batch) = batch else { return Ok(0) };
    let codec = batch.compression().map(|compression| compression.codec());
    let mut size = 0_u64;
    for buffer in batch.buffers().iter().flatten() {
        let start = usize::try_from(buffer.offset()).map_err(|e| e.to_string())?;
        let length = usize::try_from(buffer.length()).map_err(|e| e.to_string())?;
        let part = body.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        let part_size = match codec {
            Some(codec) if !part.is_empty() => unpacked_part(codec, part)?,
            _ => u64::try_from(part.len()).unwrap_or(u64::MAX),
        };
        size = size.saturating_add(part_size);
        if size > limit {
            return Err(format!(
                "a batch has more than {limit} bytes, which is the limit; `.max_batch_bytes(…)` raises it"
            ));
        }
    }
    Ok(size)
}

/// Returns the decompressed size of a buffer, which begins with that size, or with -1 if it is not
/// compressed.
fn unpacked_part(codec: CompressionType, part: &[u8]) -> Result<u64, Why> {
    let (size, packed) = part.split_at_checked(8).ok_or("a compressed buffer has no size")?;
    let size = size.try_into().map(i64::from_le_bytes).unwrap_or_default();
    if size == -1 {
        return Ok(u64::try_from(packed.len()).unwrap_or(u64::MAX));
    }
    let size = u64::try_from(size).map_err(|_| "a compressed buffer has a negative size")?;
    match codec {
        // zstd produces no more bytes than the declared size.
        CompressionType::ZSTD => Ok(size),
        CompressionType::LZ4_FRAME => Ok(size.max(lz4::most(packed).ok_or("a buffer is not valid LZ4")?)),
        _ => Err("a buffer has an unknown compression".to_owned()),
    }
}
