//! What a SELECT says about the types of its columns: SQLite knows those of plain columns only.

use super::lexer::{Kind, Token};
use super::types::ColumnType;

/// What shows of the columns that stand before a `*`, and of those that stand behind it, counted from the
/// end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    before: Vec<Hint>,
    behind: Vec<Hint>,
}

/// What shows of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// Its type.
    pub(super) kind: Option<ColumnType>,
    /// The column whose type it has, if that shows and its own type does not.
    pub(super) like: Option<String>,
    /// Its name, where it has none but its own words, and SQLite is given others.
    pub(super) name: Option<String>,
}

impl Hints {
    /// What shows of the column at this place of so many.
    pub(super) fn of(&self, place: usize, count: usize) -> Hint {
        let from_end = count.saturating_sub(place + 1);
        let found = self.before.get(place).or_else(|| self.behind.iter().rev().nth(from_end));
        found.cloned().unwrap_or_default()
    }
}

/// Looks at the outermost SELECT. Says nothing where several are put together.
pub(super) fn hints(tokens: &[Token]) -> Hints {
    let mut depth = 0_usize;
    let mut outer = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_op("(") {
            depth += 1;
        } else if token.is_op(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            outer.push(at);
        }
    }
    let find = |words: &[&str], from: usize| {
        outer.iter().copied().find(|at| *at >= from && words.iter().any(|word| tokens[*at].is(word)))
    };
    let none = Hints::default();
    if find(&["union", "intersect", "except", "values"], 0).is_some() {
        return none;
    }
    let Some(select) = find(&["select"], 0) else { return none };
    let mut begin = select + 1;
    if tokens.get(begin).is_some_and(|token| token.is("distinct") || token.is("all")) {
        begin += 1;
    }
    let end = outer.iter().copied().find(|at| {
        *at >= begin
            && ["where", "group", "order", "having", "limit", "window"]
                .iter()
                .any(|word| tokens[*at].is(word))
            || *at >= begin && tokens[*at].is("from") && !tokens[*at - 1].is("distinct")
    });
    let mut found = Hints::default();
    let mut has_star = false;
    for item in split(&tokens[begin..end.unwrap_or(tokens.len())]) {
        let is_star = item.last().is_some_and(|last| last.is_op("*"))
            && (item.len() == 1 || item.get(item.len() - 2).is_some_and(|before| before.is_op(".")));
        if is_star && has_star {
            return none;
        }
        if is_star {
            has_star = true;
        } else if has_star {
            found.behind.push(hint(item));
        } else {
            found.before.push(hint(item));
        }
    }
    found
}

/// At commas outside of brackets.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut items, mut begin, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        if token.is_op("(") {
            depth += 1;
        } else if token.is_op(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && token.is_op(",") {
            items.push(&tokens[begin..at]);
            begin = at + 1;
        }
    }
    items.push(&tokens[begin..]);
    items
}

fn hint(item: &[Token]) -> Hint {
    let expression = without_alias(item);
    let is_translated = |token: &Token| {
        let words = [
            "cast",
            "now",
            "ilike",
            "current_date",
            "current_timestamp",
            "localtimestamp",
            "date",
            "timestamp",
            "extract",
            "interval",
        ];
        ["::", "/", "%"].iter().any(|operator| token.is_op(operator))
            || words.iter().any(|word| token.is(word))
    };
    let name = (expression.len() == item.len() && item.iter().any(is_translated)).then(|| {
        let mut text = String::new();
        for token in item {
            if token.space && !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&token.text);
        }
        text
    });
    let kind = kind(expression);
    Hint { like: if kind.is_none() { like(expression) } else { None }, kind, name }
}

/// Words that end an expression and are not aliases.
const NO_ALIAS: [&str; 6] = ["null", "true", "false", "precision", "varying", "zone"];
/// Words that end no operand.
const NO_OPERAND: [&str; 17] = [
    "and", "or", "not", "is", "in", "like", "ilike", "between", "distinct", "from", "case", "when", "then",
    "else", "over", "collate", "interval",
];

/// The expression of an item.
fn without_alias(item: &[Token]) -> &[Token] {
    match item {
        [rest @ .., before, name] if before.is("as") && name.name().is_some() => rest,
        // `INTERVAL '1' DAY` has no alias.
        [.., interval, _, _] if interval.is("interval") => item,
        // An alias without AS: a name behind what ends an operand.
        [.., before, name] if name.name().is_some() && !name.is("end") => {
            let is_one_of = |token: &Token, words: &[&str]| words.iter().any(|word| token.is(word));
            let ends = before.is_op(")")
                || (name.kind == Kind::Word
                    && before.name().is_some()
                    && !is_one_of(name, &NO_ALIAS)
                    && !is_one_of(before, &NO_OPERAND))
                || matches!(before.kind, Kind::Number | Kind::Text)
                || (name.kind == Kind::Quoted && before.kind == Kind::Word)
                || ["true", "false", "null", "end"].iter().any(|word| before.is(word));
            if ends { &item[..item.len() - 1] } else { item }
        }
        _ => item,
    }
}

/// Functions whose value is one of their arguments.
const PASSED_ON: [&str; 5] = ["max", "min", "coalesce", "greatest", "least"];

/// The column that an expression has its type from: `max(a.b)`, `b + INTERVAL '1 day'`.
fn like(item: &[Token]) -> Option<String> {
    if let Some(at) = item.iter().position(|token| token.is("interval")) {
        let before = item.get(..at.checked_sub(1)?)?;
        return like(before).or_else(|| column(before));
    }
    match item {
        [name, open, inner @ .., close]
            if open.is_op("(") && close.is_op(")") && PASSED_ON.iter().any(|word| name.is(word)) =>
        {
            let first = split(inner)[0];
            like(first).or_else(|| column(first))
        }
        _ => None,
    }
}

fn column(item: &[Token]) -> Option<String> {
    match item {
        [name] => name.name(),
        [.., point, name] if point.is_op(".") => name.name(),
        _ => None,
    }
}

/// The type of an expression, if it shows.
fn kind(item: &[Token]) -> Option<ColumnType> {
    let (mut depth, mut cases) = (0_usize, 0_usize);
    let mut outer = Vec::new();
    for (at, token) in item.iter().enumerate() {
        if token.is_op("(") {
            depth += 1;
        } else if token.is_op(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && token.is("case") {
            cases += 1;
        } else if depth == 0 && token.is("end") {
            cases = cases.saturating_sub(1);
        } else if depth == 0 && cases == 0 {
            outer.push((at, token));
        }
    }
    let compares = |token: &Token| {
        ["=", "==", "<", ">", "<=", ">=", "<>", "!="].iter().any(|op| token.is_op(op))
            || ["and", "or", "not", "is", "in", "like", "ilike", "between", "exists"]
                .iter()
                .any(|w| token.is(w))
    };
    if outer.iter().any(|(_, token)| compares(token)) {
        return Some(ColumnType::Boolean);
    }
    // A day that is shifted is a day, and a time a time.
    if let Some((at, _)) = outer.iter().find(|(_, token)| token.is("interval")) {
        let before = at.checked_sub(1).map_or(&[][..], |sign| &item[..sign]);
        return kind(before);
    }
    if outer
        .iter()
        .any(|(at, token)| *at > 0 && ["+", "-", "*", "/", "%", "||"].iter().any(|op| token.is_op(op)))
    {
        return None;
    }
    if let Some((at, _)) = outer.iter().rev().find(|(_, token)| token.is_op("::")) {
        return typed(&item[at + 1..]);
    }
    match item {
        [only] if only.is("true") || only.is("false") => Some(ColumnType::Boolean),
        [only] if only.is("current_date") => Some(ColumnType::Date),
        [only] if only.is("current_timestamp") => Some(ColumnType::Timestamp { zoned: true }),
        [now, open, close] if now.is("now") && open.is_op("(") && close.is_op(")") => {
            Some(ColumnType::Timestamp { zoned: true })
        }
        [name, open, inner @ .., close] if open.is_op("(") && close.is_op(")") && name.is("date_trunc") => {
            let is_zoned = |token: &Token| {
                ["now", "current_timestamp", "timestamptz", "zone"].iter().any(|word| token.is(word))
            };
            Some(ColumnType::Timestamp { zoned: inner.iter().any(is_zoned) })
        }
        // Of the type of their arguments.
        [name, open, inner @ .., close]
            if open.is_op("(") && close.is_op(")") && PASSED_ON.iter().any(|word| name.is(word)) =>
        {
            kind(split(inner)[0])
                .filter(|kind| matches!(kind, ColumnType::Date | ColumnType::Timestamp { .. }))
        }
        [name, text] if text.kind == Kind::Text => ColumnType::parse(&name.text).ok(),
        [first, open, inner @ .., close] if first.is("cast") && open.is_op("(") && close.is_op(")") => {
            let at = inner.iter().rposition(|token| token.is("as"))?;
            typed(&inner[at + 1..])
        }
        _ => None,
    }
}

fn typed(tokens: &[Token]) -> Option<ColumnType> {
    let text: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    ColumnType::parse(&text.join(" ").replace(" (", "(").replace("( ", "(").replace(" )", ")")).ok()
}

#[cfg(test)]
mod tests {
    use super::super::lexer::tokens;
    use super::*;

    #[test]
    fn the_types_that_show() {
        let decimal = ColumnType::Decimal { precision: 10, scale: 2 };
        for (sql, expected) in [
            ("select 1::bigint, 2::decimal(10,2) as d", &[Some(ColumnType::Int64), Some(decimal)][..]),
            ("select cast(x as double precision) y, 1", &[Some(ColumnType::Float64), None]),
            ("select a > 1 as b, not c, true t from x", &[Some(ColumnType::Boolean); 3]),
            ("select case when a > 1 then 2 end, a + b::int", &[None, None]),
            (
                "select now(), date '2024-01-01'",
                &[Some(ColumnType::Timestamp { zoned: true }), Some(ColumnType::Date)],
            ),
            ("with q as (select 1 = 1) select (a = 1)::text from q", &[Some(ColumnType::Utf8)]),
            ("select count(*), a is distinct from b from x", &[None, Some(ColumnType::Boolean)]),
        ] {
            let found = hints(&tokens(sql));
            let found: Vec<_> =
                (0..expected.len()).map(|place| found.of(place, expected.len()).kind).collect();
            assert_eq!(found, expected, "{sql}");
        }
        let around = hints(&tokens("select 1::bigint, *, true, x from t"));
        let of: Vec<_> = (0..5).map(|place| around.of(place, 5).kind).collect();
        assert_eq!(of, [Some(ColumnType::Int64), None, None, Some(ColumnType::Boolean), None]);
        let named = hints(&tokens("select a::int, now(), b::text as c, count(*)"));
        let names: Vec<_> = (0..4).map(|place| named.of(place, 4).name).collect();
        assert_eq!(names, [Some("a::int".to_owned()), Some("now()".to_owned()), None, None]);
        assert_eq!(hints(&tokens("select true union select 1")), Hints::default());
    }
}
