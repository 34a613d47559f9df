//! YAML as a tree of which every part knows where it stood.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

/// The most parts of a document, those that an alias repeats too.
const MAX_PARTS: usize = 50_000;
/// How deep parts may stand in one another.
const MAX_DEPTH: usize = 50;

/// A place in a source, both numbers from 1; 0 if there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Place {
    pub(in super::super) line: usize,
    pub(in super::super) column: usize,
}

impl From<&Marker> for Place {
    fn from(marker: &Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) data: Data,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is none of the above: its text.
    Float(String),
    Text(String),
    List(Vec<Node>),
    /// Keys with their places. None is there twice.
    Map(Vec<(String, Place, Node)>),
}

impl Node {
    /// What it is, for messages.
    pub(super) fn is_a(&self) -> &'static str {
        match &self.data {
            Data::Null => "null",
            Data::Bool(_) => "a boolean",
            Data::Int(_) | Data::Float(_) => "a number",
            Data::Text(_) => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

/// Why a text is not YAML that can be read, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Broken {
    pub(super) place: Place,
    pub(super) why: String,
}

/// Reads the one document of a text.
pub(super) fn read(text: &str) -> Result<Node, Broken> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), parts: 0 };
    loop {
        match reader.next()? {
            (Event::StreamEnd, span) => return Err(broken(&span, "the text has no document")),
            (Event::DocumentStart(_), _) => break,
            _ => {}
        }
    }
    let (event, span) = reader.next()?;
    let node = reader.node(event, &span, 0)?;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(node),
            (Event::DocumentStart(_), span) => return Err(broken(&span, "there is a second document")),
            _ => {}
        }
    }
}

fn broken(span: &Span, why: &str) -> Broken {
    Broken { place: Place::from(&span.start), why: why.to_owned() }
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, (Node, usize)>,
    parts: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Broken> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(e)) => Err(Broken { place: Place::from(e.marker()), why: e.info().to_owned() }),
            None => Err(Broken { place: Place::default(), why: "it ends too early".to_owned() }),
        }
    }

    /// So many more parts.
    fn count(&mut self, parts: usize, span: &Span) -> Result<(), Broken> {
        self.parts += parts;
        let why = || format!("the document has more than {MAX_PARTS} parts");
        if self.parts > MAX_PARTS { Err(broken(span, &why())) } else { Ok(()) }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Node, Broken> {
        if depth > MAX_DEPTH {
            return Err(broken(span, &format!("the document is nested more than {MAX_DEPTH} deep")));
        }
        self.count(1, span)?;
        let before = self.parts;
        let (data, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let data = match (style, tag) {
                    (ScalarStyle::Plain, None) => plain(&text),
                    _ => Data::Text(text.into_owned()),
                };
                (data, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.node(event, &span, depth + 1)?),
                    }
                }
                (Data::List(items), anchor)
            }
            Event::MappingStart(anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(anchor) => {
                let Some((node, parts)) = self.anchors.get(&anchor).cloned() else {
                    return Err(broken(span, "an alias cannot be inside the value that it repeats"));
                };
                self.count(parts, span)?;
                (node.data, 0)
            }
            _ => return Err(broken(span, "a value is missing")),
        };
        let node = Node { place: Place::from(&span.start), data };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.parts - before + 1));
        }
        Ok(node)
    }

    fn map(&mut self, depth: usize) -> Result<Data, Broken> {
        let mut map: Vec<(String, Place, Node)> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Data::Map(map)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(broken(&span, "a key cannot be a list or a map")),
            };
            if !seen.insert(key.clone()) {
                let why = format!("the map has the key `{}` twice", crate::text::one_line(&key, 40));
                return Err(broken(&span, &why));
            }
            let place = Place::from(&span.start);
            let (event, span) = self.next()?;
            let value = self.node(event, &span, depth + 1)?;
            map.push((key, place, value));
        }
    }
}

/// A scalar without quotes, by the core schema of YAML 1.2.
fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map_or_else(|_| Data::Float(text.to_owned()), Data::Int);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(Ok(number)) = text.strip_prefix(prefix).map(|digits| i64::from_str_radix(digits, radix)) {
            return Data::Int(number);
        }
    }
    // Rust's floats are those of the schema, but for words and what begins with a letter.
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let is_word = matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN");
    if is_word || (begins && text.parse::<f64>().is_ok()) {
        return Data::Float(text.to_owned());
    }
    Data::Text(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Data {
        Data::Text(text.to_owned())
    }

    #[test]
    fn scalars_have_the_types_of_the_core_schema() {
        for (source, data) in [
            ("~", Data::Null),
            ("true", Data::Bool(true)),
            ("yes", text("yes")),
            ("\"true\"", text("true")),
            ("-5", Data::Int(-5)),
            ("0x1F", Data::Int(31)),
            ("'5'", text("5")),
            ("1.5", Data::Float("1.5".to_owned())),
            ("3.9.1", text("3.9.1")),
            ("1h30m", text("1h30m")),
            ("-", Data::List(vec![Node { place: Place { line: 1, column: 2 }, data: Data::Null }])),
            ("99999999999999999999", Data::Float("99999999999999999999".to_owned())),
            ("!!str 5", text("5")),
        ] {
            assert_eq!(read(source).unwrap().data, data, "{source}");
        }
    }

    #[test]
    fn every_part_knows_its_place() {
        let Data::Map(map) =
            read("id: x\njobs:\n  a:\n    - run: |\n        one\n        two\n").unwrap().data
        else {
            panic!()
        };
        let (key, place, jobs) = &map[1];
        assert_eq!((key.as_str(), place.line, place.column), ("jobs", 2, 1));
        let Data::Map(jobs) = &jobs.data else { panic!() };
        let Data::List(steps) = &jobs[0].2.data else { panic!() };
        assert_eq!((steps[0].place.line, steps[0].place.column), (4, 7));
        let Data::Map(step) = &steps[0].data else { panic!() };
        assert_eq!(step[0].2.data, text("one\ntwo\n"));
    }

    #[test]
    fn what_is_broken_is_said_with_its_place() {
        for (source, line) in [
            ("a: [1, 2", 1),
            ("a: 1\nb: 'x\n", 2),
            ("a: 1\na: 2", 2),
            ("a: 1\n---\nb: 2", 2),
            ("a: &x [*x]", 1),
        ] {
            let broken = read(source).unwrap_err();
            assert!(broken.place.line >= line, "{source}: {broken:?}");
        }
        assert!(read("").is_err());
        assert!(read(&"[".repeat(1000)).is_err());
    }

    #[test]
    fn what_aliases_repeat_is_bounded() {
        let mut source = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            source.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(read(&source).unwrap_err().why, "the document has more than 50000 parts");
        let Data::Map(map) = read("a: &a [1]\nb: *a\n").unwrap().data else { panic!() };
        assert_eq!(map[0].2.data, map[1].2.data);
    }
}
