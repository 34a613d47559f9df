//! Texts with a form of their own: durations, schedules, expressions.

use std::time::Duration;

/// The units of Go's durations, the larger first, in seconds.
const UNITS: [(&str, f64); 6] =
    [("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)];

/// A duration as Go writes it, with larger units before smaller ones: `1h30m`, `1.5s`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    let mut units = UNITS.as_slice();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let unit = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let place = units.iter().position(|(name, _)| *name == unit)?;
        seconds += number * units[place].1;
        units = &units[place + 1..];
        rest = after;
    }
    let time = Duration::try_from_secs_f64(seconds).ok()?;
    (!time.is_zero()).then_some(time)
}

/// Whether these are the five fields of a schedule: minute, hour, day, month, day of the week.
pub(super) fn is_cron(text: &str) -> bool {
    const RANGES: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.len() == RANGES.len()
        && fields
            .iter()
            .zip(RANGES)
            .all(|(field, range)| field.split(',').all(|part| is_cron_part(part, range)))
}

fn is_cron_part(part: &str, (least, most): (u32, u32)) -> bool {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let number = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|n| digits && (least..=most).contains(n))
    };
    let in_range = match range.split_once('-') {
        None => range == "*" || number(range).is_some(),
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
    };
    in_range && step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0))
}

/// What an expression speaks of.
pub(in super::super) type Reference<'t> = Vec<&'t str>;

/// A piece of a text with expressions.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Piece<'t> {
    Text(&'t str),
    /// `${{ .inputs.x }}` as `["inputs", "x"]`.
    Expression(Reference<'t>),
}

/// Splits a text at its expressions; an error says what is wrong with one.
pub(in super::super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) =
            after.split_once("}}").ok_or("an expression is not closed: `}}` is missing")?;
        let expression = expression.trim();
        let shown = crate::text::one_line(expression, 60);
        let parts: Vec<&str> = match expression.strip_prefix('.') {
            Some(path) => path.split('.').collect(),
            None => return Err(format!("the expression {shown} has to begin with a dot: .inputs.NAME")),
        };
        let is_good = match parts.as_slice() {
            ["inputs" | "secrets" | "env" | "matrix", name] => !name.is_empty(),
            ["steps", id, "outputs", name] => !id.is_empty() && !name.is_empty(),
            _ => false,
        };
        if !is_good || parts.iter().any(|part| part.contains(char::is_whitespace)) {
            return Err(format!(
                "the expression {shown} is none of .inputs.NAME, .secrets.NAME, .env.NAME, .matrix.NAME, \
                 .steps.ID.outputs.NAME"
            ));
        }
        pieces.extend((!before.is_empty()).then_some(Piece::Text(before)));
        pieces.push(Piece::Expression(parts));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go_with_larger_units_first() {
        for (text, ms) in
            [("1h30m", 5_400_000), ("1.5s", 1500), ("300ms", 300), ("1h0.5s", 3_600_500), ("2m", 120_000)]
        {
            assert_eq!(duration(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "5", "0s", "-1s", "1 s", "1m1h", "1s1s", "1d", "h", "1.s.", "9e9h", " 1s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn schedules_have_five_fields() {
        for text in ["0 3 * * *", "*/15 0-6 1,15 * 1-5", "59 23 31 12 7", "0-30/10 * * * 0"] {
            assert!(is_cron(text), "{text}");
        }
        for text in
            ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "@daily"]
        {
            assert!(!is_cron(text), "{text}");
        }
        for text in ["*/0 * * * *", "5-1 * * * *", "a * * * *", "1-2-3 * * * *", ", * * * *", "+1 * * * *"] {
            assert!(!is_cron(text), "{text}");
        }
    }

    #[test]
    fn expressions_are_found_in_texts() {
        assert_eq!(
            pieces("a ${{ .inputs.x }}b${{.steps.s.outputs.o}}"),
            Ok(vec![
                Piece::Text("a "),
                Piece::Expression(vec!["inputs", "x"]),
                Piece::Text("b"),
                Piece::Expression(vec!["steps", "s", "outputs", "o"]),
            ])
        );
        assert_eq!(pieces("no $x {{ .inputs.y }}"), Ok(vec![Piece::Text("no $x {{ .inputs.y }}")]));
        for text in [
            "${{ .inputs.x",
            "${{ inputs.x }}",
            "${{ .inputs }}",
            "${{ .other.x }}",
            "${{ .inputs.x y }}",
            "${{}}",
        ] {
            assert!(pieces(text).is_err(), "{text}");
        }
    }
}
