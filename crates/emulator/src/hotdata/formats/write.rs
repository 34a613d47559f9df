//! A result as Arrow, JSON, CSV or Markdown, piece by piece.

use std::fmt;
use std::io;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::IpcWriteOptions;
use serde_json::{Map, Value};

use super::store::{StoredResult, Window, broken, encode};
use super::values::Values;

/// What stands at the end of an Arrow stream.
const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// A body, piece by piece. Each piece is about a batch; an error means that the body cannot be finished.
pub(crate) struct Pieces(Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>);

impl Pieces {
    pub(crate) fn new(pieces: impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static) -> Self {
        Self(Box::new(pieces))
    }

    /// All of them in one.
    #[cfg(test)]
    pub(crate) fn whole(self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        for piece in self {
            all.append(&mut piece?);
        }
        Ok(all)
    }
}

impl Iterator for Pieces {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pieces")
    }
}

/// As an Arrow IPC stream: the schema, batches, and the end of the stream.
pub(crate) fn arrow(result: &Arc<StoredResult>, window: Window, lz4: bool) -> Pieces {
    let options =
        match IpcWriteOptions::default().try_with_compression(lz4.then_some(CompressionType::LZ4_FRAME)) {
            Ok(options) => options,
            Err(e) => return Pieces::new(std::iter::once(Err(broken(e)))),
        };
    let empty = RecordBatch::new_empty(Arc::clone(result.schema()));
    let head = encode(&empty, &options).map(|(head, _)| head).map_err(broken);
    let mut batches = result.batches(window);
    let body = std::iter::from_fn(move || {
        Some(batches.next_kept()?.and_then(|kept| match kept {
            Ok(bytes) if !lz4 => Ok(bytes),
            Ok(bytes) => encode(&batches.decode_last(bytes)?, &options).map(|(_, body)| body).map_err(broken),
            Err(batch) => encode(&batch, &options).map(|(_, body)| body).map_err(broken),
        }))
    });
    Pieces::new(std::iter::once(head).chain(body).chain(std::iter::once(Ok(END_OF_STREAM.to_vec()))))
}

/// As JSON: an object with these members, then `columns`, `nullable` and `rows`.
pub(crate) fn json(result: &Arc<StoredResult>, members: Map<String, Value>, window: Window) -> Pieces {
    let mut object = members;
    let names = result.columns().iter().map(|column| Value::from(column.name.as_str()));
    object.insert("columns".to_owned(), names.collect());
    object.insert("nullable".to_owned(), result.nullable().into_iter().map(Value::from).collect());
    let mut head = Value::Object(object).to_string().into_bytes();
    head.pop();
    head.extend_from_slice(b",\"rows\":[");
    let mut is_first = true;
    let body = result.batches(window).map(move |batch| {
        let batch = batch?;
        let mut out = Vec::new();
        let columns: Vec<Values<'_>> = batch.columns().iter().map(Values::of).collect();
        for row in 0..batch.num_rows() {
            out.extend_from_slice(if std::mem::take(&mut is_first) { b"[" } else { b",[" });
            for (at, column) in columns.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                column.json(row, &mut out);
            }
            out.push(b']');
        }
        Ok(out)
    });
    Pieces::new(std::iter::once(Ok(head)).chain(body).chain(std::iter::once(Ok(b"]}".to_vec()))))
}

/// As CSV: a header row, LF at the ends of lines, quotes where they are needed.
pub(crate) fn csv(result: &Arc<StoredResult>, window: Window) -> Pieces {
    lines(result, window, Vec::new(), csv_line)
}

/// As a pipe table of Markdown.
pub(crate) fn markdown(result: &Arc<StoredResult>, window: Window) -> Pieces {
    let mut rule = Vec::new();
    pipe_line(&mut result.columns().iter().map(|_| "---".to_owned()), &mut rule);
    lines(result, window, rule, pipe_line)
}

/// The names, what follows them, and the rows, each as a line.
fn lines(
    result: &Arc<StoredResult>,
    window: Window,
    mut after_names: Vec<u8>,
    line: fn(&mut dyn Iterator<Item = String>, &mut Vec<u8>),
) -> Pieces {
    let mut head = Vec::new();
    line(&mut result.columns().iter().map(|column| column.name.clone()), &mut head);
    head.append(&mut after_names);
    let body = result.batches(window).map(move |batch| {
        let batch = batch?;
        let columns: Vec<Values<'_>> = batch.columns().iter().map(Values::of).collect();
        let mut out = Vec::new();
        for row in 0..batch.num_rows() {
            line(&mut columns.iter().map(|column| column.text(row)), &mut out);
        }
        Ok(out)
    });
    Pieces::new(std::iter::once(Ok(head)).chain(body))
}

fn csv_line(cells: &mut dyn Iterator<Item = String>, out: &mut Vec<u8>) {
    let begin = out.len();
    let mut count = 0;
    for cell in cells {
        if count > 0 {
            out.push(b',');
        }
        count += 1;
        if cell.contains(['"', ',', '\n', '\r']) {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    // One empty cell alone would be an empty line, which readers leave out.
    if count == 1 && out.len() == begin {
        out.extend_from_slice(b"\"\"");
    }
    out.push(b'\n');
}

fn pipe_line(cells: &mut dyn Iterator<Item = String>, out: &mut Vec<u8>) {
    out.push(b'|');
    for cell in cells {
        let cell = cell.replace('|', "\\|").replace("\r\n", "<br>").replace(['\n', '\r'], "<br>");
        out.push(b' ');
        out.extend_from_slice(cell.as_bytes());
        out.extend_from_slice(b" |");
    }
    out.push(b'\n');
}
