//! SQL in words: just enough of it to find names and casts. It never fails; what it does not know is an
//! operator.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword without quotes.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A text in single quotes, as SQLite writes it.
    Text,
    /// A number.
    Number,
    /// Anything else.
    Operator,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// As it was written; dollar-quoted text in single quotes.
    pub(super) text: String,
    /// Whether white space or a comment stands before it.
    pub(super) space: bool,
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this operator.
    pub(super) fn is_op(&self, operator: &str) -> bool {
        self.kind == Kind::Operator && self.text == operator
    }

    /// The name that it is, without quotes.
    pub(super) fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.clone()),
            Kind::Quoted => Some(unquote(&self.text, '"')),
            _ => None,
        }
    }
}

fn unquote(text: &str, quote: char) -> String {
    let inner = text.strip_prefix(quote).unwrap_or(text);
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}

/// A name in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// After so many quotes with a tag that do not end, a dollar sign is not a quote: there is no statement with
/// as many.
const MAX_UNENDED: usize = 100;

/// Takes a text apart.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    let mut space = false;
    // Quotes with a tag that do not end: each is looked for to the end of the statement.
    let mut unended = 0;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = blank(rest) {
            rest = &rest[length..];
            space = true;
            continue;
        }
        let (kind, length, text) = one(rest, first, unended < MAX_UNENDED);
        unended += usize::from(first == '$' && kind == Kind::Operator);
        tokens.push(Token { kind, text: text.unwrap_or_else(|| rest[..length].to_owned()), space });
        space = false;
        rest = &rest[length..];
    }
    tokens
}

/// The length of white space or of a comment.
fn blank(text: &str) -> Option<usize> {
    let white = text.len() - text.trim_start().len();
    if white > 0 {
        return Some(white);
    }
    if text.starts_with("--") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    // Comments nest in Postgres.
    text.strip_prefix("/*")?;
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    Some(text.len())
}

fn one(rest: &str, first: char, knows_tags: bool) -> (Kind, usize, Option<String>) {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let while_ = |test: &dyn Fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
    match first {
        '\'' => (Kind::Text, quotation(rest, b'\''), None),
        '"' => (Kind::Quoted, quotation(rest, b'"'), None),
        '$' => match knows_tags.then(|| dollars(rest)).flatten() {
            Some((length, inner)) => (Kind::Text, length, Some(format!("'{}'", inner.replace('\'', "''")))),
            None => (Kind::Operator, 1, None),
        },
        _ if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) =>
        {
            (Kind::Number, number(rest), None)
        }
        _ if first.is_alphabetic() || first == '_' => (Kind::Word, while_(&word), None),
        _ => {
            let two = ["::", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->"];
            let length = match two.iter().find(|two| rest.starts_with(**two)) {
                Some(_) if rest.starts_with("->>") => 3,
                Some(_) => 2,
                None => first.len_utf8(),
            };
            (Kind::Operator, length, None)
        }
    }
}

/// The length of a text in quotes, of which a doubled one stands for itself; the rest if it does not end.
fn quotation(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    text.len()
}

/// `$tag$ ... $tag$`: its length and what is inside.
fn dollars(text: &str) -> Option<(usize, &str)> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let is_tag = tag[1..end - 1].chars().all(|c| c.is_alphanumeric() || c == '_')
        && !tag[1..].starts_with(|c: char| c.is_ascii_digit());
    if !is_tag {
        return None;
    }
    let inner = text[end..].find(tag)?;
    Some((end + inner + end, &text[end..end + inner]))
}

fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    if text.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
        return text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    }
    let mut at = 0;
    let mut has_point = false;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        let signed = matches!(next, Some(b'+' | b'-')) && bytes.get(at + 2).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' | b'_' => at += 1,
            b'.' if !has_point => (at, has_point) = (at + 1, true),
            b'e' | b'E' if next.is_some_and(u8::is_ascii_digit) || signed => {
                at += 2;
                has_point = true;
            }
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(sql: &str) -> Vec<String> {
        tokens(sql).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn what_is_one_token() {
        for (sql, expected) in [
            ("a.b::int", &["a", ".", "b", "::", "int"][..]),
            ("'it''s' \"a\"\"b\"", &["'it''s'", "\"a\"\"b\""]),
            ("1.5e-3+.5 0xff 1..2", &["1.5e-3", "+", ".5", "0xff", "1.", ".2"]),
            ("a -- b\n/* c /* d */ e */f", &["a", "f"]),
            ("$$it's$$ $x$ $$ $x$ $1", &["'it''s'", "' $$ '", "$", "1"]),
            ("a<=b->>c||d", &["a", "<=", "b", "->>", "c", "||", "d"]),
            ("'open", &["'open"]),
            ("größe_1 日本", &["größe_1", "日本"]),
        ] {
            assert_eq!(texts(sql), expected, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_strange(sql in "[a-z0-9 '\"$./*:;é\\-\n]{0,40}") {
            for token in tokens(&sql) {
                prop_assert!(!token.text.is_empty());
                prop_assert!(token.text.starts_with('\'') || sql.contains(&token.text));
            }
        }

        #[test]
        fn names_in_quotes_come_back(name in "\\PC{1,20}") {
            let found = tokens(&quoted(&name));
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].name(), Some(name));
        }
    }
}
