//! CSV as RFC 4180 has it: commas, double quotes, any line ends. The first record names the columns.

use std::io::{self, BufRead};

/// The most columns of a table.
pub(super) const MAX_COLUMNS: usize = 1000;
/// The longest record, in bytes.
pub(super) const MAX_RECORD: usize = 16 * 1024 * 1024;

/// Why there is no record.
#[derive(Debug)]
pub(super) enum CsvError {
    /// The text is not CSV; the line and what is wrong.
    Wrong(u64, &'static str),
    /// It cannot be read.
    Io(io::Error),
}

/// One value. An empty one without quotes is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    pub(super) is_quoted: bool,
}

/// Records out of a text.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    /// The line that is read, from 1.
    line: u64,
    /// How much of a byte order mark has been seen; none: it is past.
    mark: Option<usize>,
}

const MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the beginning of a value.
    Begin,
    /// In a value without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// After a quote in quotes: the end, or one of two.
    Quote,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: 1, mark: Some(0) }
    }

    /// The next record that is not an empty line, and the line where it begins; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<Field>)>, CsvError> {
        let mut fields: Vec<Field> = Vec::new();
        let (mut value, mut state, mut length) = (Vec::new(), State::Begin, 0_usize);
        let mut begin = self.line;
        loop {
            let buffer = self.input.fill_buf().map_err(CsvError::Io)?;
            if let Some(seen) = self.mark {
                if buffer.first().is_some_and(|byte| MARK.get(seen) == Some(byte)) {
                    self.input.consume(1);
                    self.mark = Some(seen + 1);
                    continue;
                }
                self.mark = None;
                // Half a mark is text, if not one in UTF-8.
                if (1..MARK.len()).contains(&seen) {
                    value.extend_from_slice(&MARK[..seen]);
                    state = State::Plain;
                }
            }
            if buffer.is_empty() {
                return match state {
                    State::Quoted => Err(CsvError::Wrong(begin, "a quote is not closed")),
                    State::Begin if fields.is_empty() => Ok(None),
                    _ => {
                        fields.push(field(value, state == State::Quote, begin)?);
                        Ok(Some((begin, fields)))
                    }
                };
            }
            let mut used = 0;
            let mut is_whole = false;
            for byte in buffer {
                used += 1;
                match (state, byte) {
                    (State::Quoted, b'"') => state = State::Quote,
                    (State::Quoted, _) => {
                        self.line += u64::from(*byte == b'\n');
                        value.push(*byte);
                    }
                    (State::Quote, b'"') => {
                        value.push(b'"');
                        state = State::Quoted;
                    }
                    (State::Begin, b'"') => state = State::Quoted,
                    (_, b',') => {
                        fields.push(field(std::mem::take(&mut value), state == State::Quote, begin)?);
                        state = State::Begin;
                        if fields.len() > MAX_COLUMNS {
                            return Err(CsvError::Wrong(begin, "there are more than 1000 columns"));
                        }
                    }
                    (_, b'\n') => {
                        self.line += 1;
                        is_whole = true;
                        break;
                    }
                    (State::Quote, b'\r') => {}
                    (State::Quote, _) => return Err(CsvError::Wrong(begin, "text after a closing quote")),
                    (State::Begin | State::Plain, _) => {
                        value.push(*byte);
                        state = State::Plain;
                    }
                }
            }
            self.input.consume(used);
            length += used;
            if length > MAX_RECORD {
                return Err(CsvError::Wrong(begin, "a record is longer than 16 MiB"));
            }
            if is_whole {
                if state == State::Plain && value.last() == Some(&b'\r') {
                    value.pop();
                }
                // An empty line is not a record.
                if fields.is_empty() && value.is_empty() && state != State::Quote {
                    (state, length, begin) = (State::Begin, 0, self.line);
                    continue;
                }
                fields.push(field(value, state == State::Quote, begin)?);
                return Ok(Some((begin, fields)));
            }
        }
    }
}

fn field(value: Vec<u8>, is_quoted: bool, line: u64) -> Result<Field, CsvError> {
    let text = String::from_utf8(value).map_err(|_| CsvError::Wrong(line, "this is not UTF-8"))?;
    Ok(Field { text, is_quoted })
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8], capacity: usize) -> Result<Vec<Vec<String>>, String> {
        let mut records = Records::new(BufReader::with_capacity(capacity, text));
        let mut all = Vec::new();
        loop {
            match records.next() {
                Ok(None) => return Ok(all),
                Ok(Some((_, fields))) => all.push(fields.into_iter().map(|field| field.text).collect()),
                Err(CsvError::Wrong(line, why)) => return Err(format!("{line}: {why}")),
                Err(CsvError::Io(e)) => return Err(e.to_string()),
            }
        }
    }

    #[test]
    fn records_as_they_are_written() {
        for (text, expected) in [
            ("a,b\n1,2\n", &[&["a", "b"][..], &["1", "2"]][..]),
            ("a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]),
            ("\u{feff}a\n", &[&["a"]]),
            ("a\n\n\r\n\"\"\n", &[&["a"], &[""]]),
            ("\"a,\"\"b\"\"\nc\",\n", &[&["a,\"b\"\nc", ""]]),
            ("a\"b,c\n", &[&["a\"b", "c"]]),
            (",\n", &[&["", ""]]),
            ("", &[]),
        ] {
            for capacity in [1, 2, 100] {
                assert_eq!(read(text.as_bytes(), capacity).unwrap(), expected, "{text:?}");
            }
        }
        assert_eq!(read(b"a\n\"b", 10).unwrap_err(), "2: a quote is not closed");
        assert_eq!(read(b"\"a\"b\n", 10).unwrap_err(), "1: text after a closing quote");
        assert_eq!(read(b"\"a\nb\"\n\xff\n", 10).unwrap_err(), "3: this is not UTF-8");
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z,\"\n\r é]{0,6}", 1..4), 0..5),
            capacity in 1_usize..20,
        ) {
            let mut text = String::new();
            for row in &rows {
                let cells: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
                text.push_str(&cells.join(","));
                text.push_str("\r\n");
            }
            prop_assert_eq!(read(text.as_bytes(), capacity).unwrap(), rows);
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..60), capacity in 1_usize..9) {
            prop_assert_eq!(read(&bytes, capacity), read(&bytes, 100));
        }
    }
}
