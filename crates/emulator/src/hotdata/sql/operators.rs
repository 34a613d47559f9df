//! Operators that SQLite has otherwise or not at all: `/`, `%`, and what is done with an `INTERVAL`. Each
//! becomes a call around its operands, so these have to be found: before it among the pieces that are out,
//! behind it among the tokens.

use super::error::{SqlError, bad};
use super::lexer::{Kind, Token};
use super::translate::{MAX_DEPTH, Translation};

/// The most pieces that are looked at to find all operands of a statement: each of a chain of operators looks
/// at all before it.
pub(super) const MOST_LOOKED_AT: usize = 2_000_000;

/// Words that a unit of time has, without its plural.
const UNITS: [&str; 8] = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond"];

/// For each opening bracket and each CASE, where it ends; the number of tokens where it does not.
///
/// # Errors
///
/// 400 for brackets that are too deep.
pub(super) fn ends(tokens: &[Token]) -> Result<Vec<usize>, SqlError> {
    let mut ends = vec![tokens.len(); tokens.len()];
    let (mut brackets, mut cases) = (Vec::new(), Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        if token.is_op("(") {
            brackets.push(at);
            if brackets.len() > MAX_DEPTH {
                return bad(format!("parentheses are nested deeper than {MAX_DEPTH} levels"));
            }
        } else if token.is("case") {
            cases.push(at);
        }
        let closed = match () {
            () if token.is_op(")") => brackets.pop(),
            () if token.is("end") => cases.pop(),
            () => None,
        };
        if let Some(opened) = closed {
            ends[opened] = at;
        }
    }
    Ok(ends)
}

impl Translation<'_> {
    fn text(&self, at: usize) -> &str {
        self.out.get(at).map_or("", |(text, _)| text.as_str())
    }

    /// Where the operand begins that ends here: a literal, a name, a call, brackets, CASE.
    pub(super) fn operand(&mut self) -> Result<usize, SqlError> {
        self.operand_before(self.out.len())
    }

    fn look(&mut self) -> Result<(), SqlError> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => bad("the statement has too many operators, or nests them too deep"),
        }
    }

    fn operand_before(&mut self, end: usize) -> Result<usize, SqlError> {
        let mut at = end.saturating_sub(1);
        // What was put around something is one piece at each end: `CAST(`, ..., ` AS TYPE)`.
        let opens = |text: &str| text.ends_with('(') || text.eq_ignore_ascii_case("case");
        let closes =
            |text: &str| (text.ends_with(')') && !text.starts_with('\'')) || text.eq_ignore_ascii_case("end");
        if closes(self.text(at)) {
            let mut depth = 0_usize;
            loop {
                self.look()?;
                if closes(self.text(at)) {
                    depth += 1;
                } else if opens(self.text(at)) {
                    depth -= 1;
                }
                if depth == 0 || at == 0 {
                    break;
                }
                at -= 1;
            }
            let is_call = at > 0
                && self.text(at) == "("
                && is_name(self.text(at - 1))
                && !is_operator_word(self.text(at - 1));
            if is_call {
                at -= 1;
            }
        }
        let word_at = |this: &Self, at: usize, word: &str| this.text(at).eq_ignore_ascii_case(word);
        // `sum(x) OVER (...)`, `sum(x) OVER w`, `sum(x) FILTER (...)`: all of it.
        let behind = match () {
            () if word_at(self, at, "over") || word_at(self, at, "filter") => Some(at),
            () if at > 0 && word_at(self, at - 1, "over") => Some(at - 1),
            () => None,
        };
        if let Some(behind) = behind.filter(|behind| *behind > 0 && self.text(behind - 1).ends_with(')')) {
            self.look()?;
            return self.operand_before(behind);
        }
        while at >= 2 && self.text(at - 1) == "." {
            self.look()?;
            at -= 2;
        }
        Ok(at)
    }

    /// Whether an operand ends before this piece: then an operator that follows has two.
    pub(super) fn ends_operand(&self, place: usize) -> bool {
        let Some(last) = place.checked_sub(1).and_then(|at| self.out.get(at)).map(|(text, _)| text.as_str())
        else {
            return false;
        };
        let is_literal = last.starts_with('\'')
            || last.starts_with(|c: char| c.is_ascii_digit())
            || (last.starts_with('.') && last.len() > 1);
        last.ends_with(')')
            || is_literal
            || (is_name(last) && !is_operator_word(last) && !last.ends_with('('))
    }

    /// Ends the calls that end here.
    pub(super) fn close(&mut self) {
        while self.closings.last().is_some_and(|end| *end <= self.at) {
            self.closings.pop();
            self.out.push((")".to_owned(), false));
        }
    }

    /// `a / b`: a division by zero is an error, and none of two whole numbers has a fraction.
    pub(super) fn divide(&mut self, token: &Token) -> Result<(), SqlError> {
        let mut start = self.operand()?;
        // As strong, and from left to right: `a * b / c` divides the product.
        while start >= 2 && self.text(start - 1) == "*" && self.ends_operand(start - 1) {
            self.look()?;
            start = self.operand_before(start - 1)?;
        }
        let call = if token.text == "/" { "hd_divide(" } else { "hd_modulo(" };
        let end = self.operand_end(self.at + 1);
        if end == self.at + 1 || self.closings.len() >= MAX_DEPTH {
            return bad(format!(
                "`{}` has no second operand, or is nested deeper than {MAX_DEPTH} levels",
                token.text
            ));
        }
        let space = self.out.get(start).is_some_and(|(_, space)| *space);
        self.out.insert(start, (call.to_owned(), space));
        self.out.push((",".to_owned(), false));
        // One that is open ends no earlier.
        self.closings.push(end);
        self.at += 1;
        Ok(())
    }

    /// `a + INTERVAL '1 day'`.
    pub(super) fn interval(&mut self) -> Result<(), SqlError> {
        let written = self.peek(1).map(|token| token.text.trim_matches('\'').to_owned()).unwrap_or_default();
        self.at += 2;
        let unit = self.peek(0).filter(|token| token.kind == Kind::Word).map(|token| token.text.clone());
        let unit = unit.map(|unit| unit.to_ascii_lowercase());
        let unit = unit.filter(|unit| UNITS.contains(&unit.trim_end_matches('s')));
        self.at += usize::from(unit.is_some());
        let written = format!("{written} {}", unit.unwrap_or_default()).replace('\'', "''");
        let sign = self.out.last().map(|(text, _)| text.clone()).filter(|text| text == "+" || text == "-");
        let place = self.out.len().saturating_sub(1);
        let (Some(sign), true) = (sign, self.ends_operand(place)) else {
            return bad("an INTERVAL stands to the right of `+` or `-`, with a date or a time to the left: \
                 `day + INTERVAL '1 month'`");
        };
        if ["*", "/", "%", "::"].iter().any(|operator| self.peek_op(0, operator)) {
            return bad(
                "the emulator cannot multiply, divide or cast an INTERVAL: write its result, as in `day + INTERVAL '3 days'`",
            );
        }
        self.out.pop();
        let start = self.operand()?;
        let space = self.out.get(start).is_some_and(|(_, space)| *space);
        self.out.insert(start, ("hd_shift(".to_owned(), space));
        self.out.push((format!(", '{sign}', '{}')", written.trim()), false));
        Ok(())
    }

    /// Where the operand ends that begins at this token; there, if none does.
    fn operand_end(&self, from: usize) -> usize {
        let token = |at: usize| self.tokens.get(at);
        let is_op = |at: usize, operator: &str| token(at).is_some_and(|token| token.is_op(operator));
        let after = |opened: usize| self.ends.get(opened).map_or(self.tokens.len(), |end| end + 1);
        let mut at = from;
        while ["-", "+", "~"].iter().any(|sign| is_op(at, sign)) {
            at += 1;
        }
        let begin = at;
        match token(at) {
            None => return from,
            Some(first) if first.is_op("(") || first.is("case") => at = after(at),
            Some(first) if matches!(first.kind, Kind::Number | Kind::Text) => at += 1,
            Some(first) if matches!(first.kind, Kind::Word | Kind::Quoted) => {
                at += 1;
                if token(at).is_some_and(|text| text.kind == Kind::Text) {
                    // A literal with its type: `DATE '2024-01-01'`.
                    at += 1;
                }
                while is_op(at, ".") {
                    at += 2;
                }
                if is_op(at, "(") {
                    at = after(at);
                    for word in ["filter", "over"] {
                        if token(at).is_some_and(|token| token.is(word)) {
                            at = if is_op(at + 1, "(") { after(at + 1) } else { at + 2 };
                        }
                    }
                }
            }
            Some(_) => return from,
        }
        while at > begin && is_op(at, "::") {
            at += 2;
            for word in ["precision", "varying"] {
                at += usize::from(token(at).is_some_and(|token| token.is(word)));
            }
            if is_op(at, "(") {
                at = after(at);
            }
            let is_zoned = token(at).is_some_and(|token| token.is("with") || token.is("without"))
                && token(at + 1).is_some_and(|token| token.is("time"));
            at += if is_zoned { 3 } else { 0 };
        }
        at.min(self.tokens.len())
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"')
}

/// Words after which an operand comes: before a bracket they call nothing.
fn is_operator_word(text: &str) -> bool {
    let words = [
        "and", "or", "not", "in", "like", "regexp", "between", "is", "select", "distinct", "where", "on",
        "then", "else", "when", "case", "by", "having", "limit", "offset", "as", "all", "any", "from",
        "join", "union", "values",
    ];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}
