//! Functions for calculations that SQLite does otherwise or not at all.

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context};
use rusqlite::types::{Value, ValueRef};

use super::checks::Check;
use super::functions::{PURE, wrong};

/// The longest array, in bytes of its JSON.
const MAX_ARRAY: usize = 64 * 1024 * 1024;

pub(super) fn add(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_scalar_function("hd_int", 2, PURE, int)?;
    connection.create_scalar_function("hd_float", 1, PURE, |context| match context.get_raw(0) {
        ValueRef::Null => Ok(Value::Null),
        other => match number(other) {
            Some(Number::Int(number)) => Ok(Value::Real(number as f64)),
            Some(Number::Real(number)) => Ok(Value::Real(number)),
            None => wrong("double", &shown(other)),
        },
    })?;
    connection.create_scalar_function("hd_checked", 2, PURE, |context| {
        let check = Check::of(&context.get::<String>(1)?);
        match context.get_raw(0) {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Text(bytes) if check.admits_text(String::from_utf8_lossy(bytes).trim()) => {
                Ok(Value::Text(String::from_utf8_lossy(bytes).trim().to_owned()))
            }
            other => wrong(check.name(), &shown(other)),
        }
    })?;
    connection.create_scalar_function("hd_divide", 2, PURE, |context| {
        calculate(context, i64::checked_div, |one, other| one / other)
    })?;
    connection.create_scalar_function("hd_modulo", 2, PURE, |context| {
        calculate(context, i64::checked_rem, |one, other| one % other)
    })?;
    connection.create_scalar_function("greatest", -1, PURE, |context| extreme(context, "greatest"))?;
    connection.create_scalar_function("least", -1, PURE, |context| extreme(context, "least"))?;
    connection.create_aggregate_function("array_agg", 1, PURE, ArrayAgg)
}

enum Number {
    Int(i64),
    Real(f64),
}

/// A number, also one that is kept as text because it has more digits than a double.
fn number(value: ValueRef<'_>) -> Option<Number> {
    match value {
        ValueRef::Integer(number) => Some(Number::Int(number)),
        ValueRef::Real(number) => Some(Number::Real(number)),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).ok()?.trim();
            let int = text.parse().ok().map(Number::Int);
            int.or_else(|| text.parse().ok().map(Number::Real))
        }
        _ => None,
    }
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        _ => "a value of another type".to_owned(),
    }
}

fn failed<T>(why: &str) -> rusqlite::Result<T> {
    Err(rusqlite::Error::UserFunctionError(why.into()))
}

/// A whole number of the type that the second argument names. Fractions are cut off, as Arrow does it.
fn int(context: &Context<'_>) -> rusqlite::Result<Value> {
    let check = Check::of(&context.get::<String>(1)?);
    let value = context.get_raw(0);
    let found = match value {
        ValueRef::Null => return Ok(Value::Null),
        ValueRef::Integer(number) => Some(number),
        // Both ends have a double of their own; the upper one is the first that is too large.
        ValueRef::Real(number) if (-(2f64.powi(63))..2f64.powi(63)).contains(&number.trunc()) => {
            Some(number.trunc() as i64)
        }
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let text = text.trim();
            // A decimal number of so many digits is kept as text; any other text with a point is not a whole
            // number.
            let is_decimal = text.bytes().filter(u8::is_ascii_digit).count() > 15;
            let whole = text.split_once('.').filter(|_| is_decimal).map_or(text, |(whole, _)| whole);
            whole.parse().ok()
        }
        _ => None,
    };
    match found.filter(|number| check.admits_number((*number).into())) {
        Some(number) => Ok(Value::Integer(number)),
        None => wrong(check.name(), &shown(value)),
    }
}

/// Two whole numbers give a whole number, or none; anything else is calculated in double precision, where a
/// division by zero is infinite.
fn calculate(
    context: &Context<'_>,
    whole: impl Fn(i64, i64) -> Option<i64>,
    real: impl Fn(f64, f64) -> f64,
) -> rusqlite::Result<Value> {
    let (one, other) = (context.get_raw(0), context.get_raw(1));
    if matches!((one, other), (ValueRef::Null, _) | (_, ValueRef::Null)) {
        return Ok(Value::Null);
    }
    let double = |number| match number {
        Number::Int(number) => number as f64,
        Number::Real(number) => number,
    };
    match (number(one), number(other)) {
        (Some(Number::Int(one)), Some(Number::Int(other))) => match whole(one, other) {
            Some(found) => Ok(Value::Integer(found)),
            None if other == 0 => failed("divide by zero"),
            None => failed("the result does not fit into a signed 64-bit number"),
        },
        (Some(one), Some(other)) => Ok(Value::Real(real(double(one), double(other)))),
        (None, _) => wrong("number", &shown(one)),
        (_, None) => wrong("number", &shown(other)),
    }
}

/// The greatest or the least of all arguments that are not null.
fn extreme(context: &Context<'_>, name: &str) -> rusqlite::Result<Value> {
    if context.is_empty() {
        return failed(&format!("{name} needs at least one argument"));
    }
    let (mut found, mut has_real) = (ValueRef::Null, false);
    for place in 0..context.len() {
        let value = context.get_raw(place);
        has_real |= matches!(value, ValueRef::Real(_));
        let is_better = match (value, found) {
            (ValueRef::Null, _) => false,
            (_, ValueRef::Null) => true,
            _ if name == "least" => is_less(value, found),
            _ => is_less(found, value),
        };
        if is_better {
            found = value;
        }
    }
    Ok(match found {
        ValueRef::Null => Value::Null,
        // Of one type with the others.
        ValueRef::Integer(number) if has_real => Value::Real(number as f64),
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// The order of SQLite: numbers, texts, bytes.
fn is_less(one: ValueRef<'_>, other: ValueRef<'_>) -> bool {
    match (one, other) {
        (ValueRef::Integer(one), ValueRef::Integer(other)) => one < other,
        (ValueRef::Integer(one), ValueRef::Real(other)) => (one as f64) < other,
        (ValueRef::Real(one), ValueRef::Integer(other)) => one < other as f64,
        (ValueRef::Real(one), ValueRef::Real(other)) => one < other,
        (ValueRef::Text(one), ValueRef::Text(other)) | (ValueRef::Blob(one), ValueRef::Blob(other)) => {
            one < other
        }
        (ValueRef::Integer(_) | ValueRef::Real(_), ValueRef::Text(_) | ValueRef::Blob(_))
        | (ValueRef::Text(_), ValueRef::Blob(_)) => true,
        _ => false,
    }
}

/// An array of all values, nulls too, as JSON; none of no rows.
struct ArrayAgg;

impl Aggregate<String, Option<String>> for ArrayAgg {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<String> {
        Ok(String::new())
    }

    fn step(&self, context: &mut Context<'_>, array: &mut String) -> rusqlite::Result<()> {
        array.push(if array.is_empty() { '[' } else { ',' });
        match context.get_raw(0) {
            ValueRef::Null => array.push_str("null"),
            ValueRef::Integer(number) => array.push_str(&number.to_string()),
            ValueRef::Real(number) if number.is_finite() => array.push_str(&format!("{number:?}")),
            ValueRef::Real(_) => array.push_str("null"),
            ValueRef::Text(bytes) => {
                array.push_str(&serde_json::Value::from(String::from_utf8_lossy(bytes)).to_string());
            }
            ValueRef::Blob(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                array.push_str(&format!("\"{digits}\""));
            }
        }
        if array.len() > MAX_ARRAY {
            return failed("array_agg: the array has more than 64 MiB");
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, array: Option<String>) -> rusqlite::Result<Option<String>> {
        Ok(array.filter(|array| !array.is_empty()).map(|array| array + "]"))
    }
}
