//! Places in a JSON text, and the entries of its objects with their places.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Fault, Place};

/// The distance of two counts of characters, in bytes.
const STRIDE: usize = 1024;

/// The text of a plan, with the beginnings of its lines.
pub(super) struct Text<'a> {
    text: &'a str,
    lines: Vec<usize>,
    /// The number of characters that begin before each multiple of [`STRIDE`]. A plan may be one long line: counting
    /// from its beginning for each place would make reading it quadratic.
    counts: Vec<usize>,
}

impl<'a> Text<'a> {
    /// A byte order mark is not part of the text.
    pub(super) fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect();
        let mut count = 0;
        let counts = text.as_bytes().chunks(STRIDE).map(|piece| {
            let before = count;
            count += characters(piece);
            before
        });
        Self { text, lines, counts: counts.collect() }
    }

    /// Returns the items of the list that the text is.
    pub(super) fn list(&self) -> Result<Vec<&'a RawValue>, Fault> {
        serde_json::from_str(self.text).map_err(|error| {
            let message = match error.classify() {
                serde_json::error::Category::Data => "a plan must be a list of steps".to_owned(),
                _ => format!("not JSON: {}", without_place(&error)),
            };
            Fault::new(self.place(offset(self.text, &error)), message)
        })
    }

    /// Returns the place of a part of the text.
    pub(super) fn place_of(&self, part: &str) -> Place {
        self.place(self.offset_of(part))
    }

    /// Returns the offset of a part of the text.
    pub(super) fn offset_of(&self, part: &str) -> usize {
        within(self.text, part)
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|begin| *begin <= offset).max(1);
        let column = self.characters_before(offset) - self.characters_before(self.lines[line - 1]);
        Place { line, column: column + 1 }
    }

    /// The number of characters that begin before an offset.
    fn characters_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let counted = self.counts.get(offset / STRIDE).copied();
        // At the end of the text there may be no count.
        let (begin, count) = match counted {
            Some(count) => (offset / STRIDE * STRIDE, count),
            None => (offset.saturating_sub(STRIDE), self.counts.last().copied().unwrap_or_default()),
        };
        count + characters(&self.text.as_bytes()[begin..offset])
    }
}

/// The number of characters that begin in a piece of UTF-8.
fn characters(piece: &[u8]) -> usize {
    piece.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// The offset of a part of a text that it was borrowed from.
fn within(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

/// The message of an error without its place.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// The offset of the byte that an error is about.
pub(super) fn offset(text: &str, error: &serde_json::Error) -> usize {
    let begin = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let mut at = (begin + error.column().saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// An entry of an object.
pub(super) struct Entry<'a> {
    pub(super) key: String,
    /// The offset of the key in the object.
    pub(super) at: usize,
    pub(super) value: &'a str,
}

impl Entry<'_> {
    /// The offset of the value in the object.
    pub(super) fn value_at(&self, object: &str) -> usize {
        within(object, self.value)
    }

    /// The offset of the end of the value in the object.
    pub(super) fn end(&self, object: &str) -> usize {
        self.value_at(object) + self.value.len()
    }
}

/// Returns the entries of an object, those with the same key too; `None` for another value.
pub(super) fn entries(object: &str) -> Option<Vec<Entry<'_>>> {
    let Raw(entries) = serde_json::from_str(object).ok()?;
    let mut all = Vec::new();
    for (key, value) in entries {
        let at = key_before(object, within(object, value.get()));
        all.push(Entry { key, at, value: value.get() });
    }
    Some(all)
}

/// The offset of the key before a value.
fn key_before(object: &str, value: usize) -> usize {
    let bytes = object.as_bytes();
    // The end of the key: a quote before a colon.
    let Some(end) = object[..value].rfind('"') else { return 0 };
    let mut at = end;
    while at > 0 {
        at -= 1;
        let escapes = bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if bytes[at] == b'"' && escapes % 2 == 0 {
            return at;
        }
    }
    0
}

/// The entries of an object in their order.
struct Raw<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Raw<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Raw<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Raw(entries))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}
