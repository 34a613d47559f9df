//! The schema of what a reader takes, learned from its answers. It cannot differ from the reader where it was asked.

use serde_json::{Map, Value, json};

use crate::hole::{Hole, Verdict};

/// A key that no object has.
const NO_KEY: &str = "?!";

/// The message about a value of another type, where several types are taken.
const NO_VARIANT: &str = "did not match any variant";

/// Values that a required field may have.
const SAMPLES: [&str; 9] = [
    r#""x""#,
    "1",
    "true",
    "{}",
    r#"{"other": "x"}"#,
    r#"["x"]"#,
    "[]",
    r#""aGk=""#,
    r#""2026-01-01T00:00:00Z""#,
];

/// Values of which no field that is known takes all.
const JUNK: [&str; 4] = ["true", "1.5", "[[null]]", r#"{"?!": [{}]}"#];

const LARGEST: [u64; 5] = [u8::MAX as u64, u16::MAX as u64, u32::MAX as u64, i64::MAX as u64, u64::MAX];
const LEAST: [i64; 4] = [i8::MIN as i64, i16::MIN as i64, i32::MIN as i64, i64::MIN];

/// The schema of the values that are taken here.
pub(crate) fn learn(hole: &Hole) -> Value {
    assert!(hole.path.len() < 16, "too deep: {:?}", hole.path);
    if ["null", "true", "1.5", r#""x""#, "[[null]]", r#"{"?!": [{}]}"#].iter().all(|value| hole.takes(value))
    {
        return json!({});
    }
    let mut any = Vec::new();
    any.extend(strings(hole));
    any.extend(numbers(hole));
    if hole.takes("true") {
        any.push(json!({"type": "boolean"}));
    }
    let object = object(hole);
    if object.as_ref().is_none_or(|object| object.get("additionalProperties").is_some_and(Value::is_object)) {
        any.extend(list(hole));
    }
    any.extend(object);
    if hole.takes("null") {
        any.push(json!({"type": "null"}));
    }
    joined(hole, any)
}

/// One schema of several: with several types, or several schemas.
fn joined(hole: &Hole, mut any: Vec<Value>) -> Value {
    assert!(!any.is_empty(), "{:?} takes nothing: {}", hole.path, hole.asks(r#""x""#).message());
    if any.len() == 1 {
        return any.remove(0);
    }
    let is_bare = |schema: &Value| {
        schema.as_object().is_some_and(|map| map.len() == 1 && map.get("type").is_some_and(Value::is_string))
    };
    let bare: Vec<Value> =
        any.iter().filter(|schema| is_bare(schema)).map(|schema| schema["type"].clone()).collect();
    // A constraint of one type says nothing about values of the others.
    let others: Vec<&Value> = any.iter().filter(|schema| !is_bare(schema)).collect();
    if others.len() <= 1 && others.iter().all(|schema| schema["type"].is_string()) {
        let mut one = others.first().map_or_else(|| json!({}), |schema| (*schema).clone());
        let own = one.get("type").cloned();
        one["type"] = own.into_iter().chain(bare).collect();
        return one;
    }
    json!({"anyOf": any})
}

fn strings(hole: &Hole) -> Option<Value> {
    let refused = match hole.asks(r#""x""#) {
        verdict if verdict.is_taken() => {
            let least = if hole.takes(r#""""#) { None } else { Some(json!({"minLength": 1})) };
            let mut schema = json!({"type": "string"});
            if let Some(Value::Object(least)) = least {
                schema.as_object_mut().unwrap().extend(least);
            }
            return Some(schema);
        }
        verdict => verdict.message().to_owned(),
    };
    if refused.starts_with("invalid type") || refused.contains(NO_VARIANT) {
        return None;
    }
    // A list of known values: of an enum of this crate, or of serde.
    let known: Vec<String> = match refused.split_once("; known values: ") {
        Some((_, known)) => known.split(", ").map(str::to_owned).collect(),
        None if refused.starts_with("unknown variant") => {
            refused.split('`').skip(3).step_by(2).map(str::to_owned).collect()
        }
        // `main.rs` knows that a format is not checked by validators.
        None if refused.contains("RFC 3339") => {
            return Some(json!({"type": "string", "format": "date-time"}));
        }
        None if refused.contains("base64") => {
            return Some(json!({"type": "string", "contentEncoding": "base64"}));
        }
        None if refused.contains("not an integer") && hole.takes(r#""-1""#) => {
            return Some(json!({"type": "string", "pattern": "^[+-]?[0-9]+$"}));
        }
        None => panic!("{:?}: {refused}", hole.path),
    };
    // The message leaves an empty value out.
    let known: Vec<String> = known
        .into_iter()
        .chain([String::new()])
        .filter(|one| hole.takes(&Value::from(&**one).to_string()))
        .collect();
    if known.is_empty() {
        return None;
    }
    let is_loose = known.iter().all(|one| {
        let (lower, upper) = (one.to_ascii_lowercase(), one.to_ascii_uppercase());
        hole.takes(&Value::from(lower).to_string()) && hole.takes(&Value::from(upper).to_string())
    });
    if !is_loose {
        return Some(json!({"enum": known}));
    }
    // An editor proposes the values; a validator takes them in small letters and capitals.
    let any_case = |one: &String| {
        let letters = one.chars().map(|c| match (c.to_ascii_uppercase(), c.to_ascii_lowercase()) {
            (upper, lower) if upper != lower => format!("[{upper}{lower}]"),
            _ if c.is_ascii_alphanumeric() || "_-/ ".contains(c) => c.to_string(),
            _ => format!("\\{c}"),
        });
        letters.collect::<String>()
    };
    let pattern: Vec<String> = known.iter().map(any_case).collect();
    Some(
        json!({"anyOf": [{"enum": known}, {"type": "string", "pattern": format!("^({})$", pattern.join("|"))}]}),
    )
}

fn numbers(hole: &Hole) -> Option<Value> {
    if hole.takes("1.5") {
        return Some(json!({"type": "number"}));
    }
    if !hole.takes("1") {
        return None;
    }
    let mut schema = json!({"type": "integer"});
    if !hole.takes("0") {
        schema["minimum"] = json!(1);
    } else if !hole.takes("-1") {
        schema["minimum"] = json!(0);
    } else if let Some(least) = LEAST
        .iter()
        .find(|least| hole.takes(&least.to_string()) && !hole.takes(&(i128::from(**least) - 1).to_string()))
    {
        schema["minimum"] = json!(least);
    }
    let largest = LARGEST
        .iter()
        .find(|most| hole.takes(&most.to_string()) && !hole.takes(&(u128::from(**most) + 1).to_string()));
    if let Some(most) = largest {
        schema["maximum"] = json!(most);
    }
    Some(schema)
}

fn list(hole: &Hole) -> Option<Value> {
    let is_empty_taken = hole.takes("[]");
    let item = hole.item();
    if !is_empty_taken && !SAMPLES.iter().any(|sample| item.takes(sample)) {
        return None;
    }
    let mut schema = json!({"type": "array", "items": learn(&item)});
    if !is_empty_taken {
        schema["minItems"] = json!(1);
    }
    Some(schema)
}

fn text(fields: &[(String, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}: {value}", Value::from(&**name))).collect();
    format!("{{{}}}", fields.join(", "))
}

/// The variants of an enum whose objects name them in `type`, with the fields that each requires.
fn tagged(hole: &Hole) -> Option<Vec<Vec<(String, String)>>> {
    let unknown = hole.asks(&json!({"type": NO_KEY}).to_string()).message().to_owned();
    if !hole.asks("{}").message().starts_with("missing field `type`")
        || !unknown.starts_with("unknown variant")
    {
        return None;
    }
    let variants = unknown.split('`').skip(3).step_by(2);
    // serde does not say where in the object an error is, so a field counts if it changes the error.
    let variant = |name: &str| {
        let mut fields = vec![("type".to_owned(), Value::from(name).to_string())];
        loop {
            let why = hole.asks(&text(&fields)).message().to_owned();
            let Some(missing) = why.strip_prefix("missing field `").and_then(|rest| rest.split('`').next())
            else {
                return fields;
            };
            let changes = |sample: &&&str| {
                let field = (missing.to_owned(), (**sample).to_owned());
                let now = hole.asks(&text(&[&fields[..], &[field]].concat())).message().to_owned();
                now != why && !now.starts_with("invalid type")
            };
            let Some(sample) = SAMPLES.iter().find(changes) else { return fields };
            fields.push((missing.to_owned(), (*sample).to_owned()));
        }
    };
    Some(variants.map(variant).collect())
}

fn object(hole: &Hole) -> Option<Value> {
    if let Some(variants) = tagged(hole) {
        let variants = variants.into_iter().map(|fields| {
            let names: Vec<&String> = fields.iter().map(|(name, _)| name).collect();
            let property = |name: &String| match &**name {
                "type" => json!({"const": serde_json::from_str::<Value>(&fields[0].1).unwrap()}),
                _ => learn(&hole.field(&fields, name)),
            };
            let properties: Map<String, Value> =
                names.iter().map(|name| ((*name).clone(), property(name))).collect();
            json!({"type": "object", "properties": properties, "required": names})
        });
        return Some(json!({"anyOf": variants.collect::<Vec<_>>()}));
    }
    let probe = hole.asks(&json!({NO_KEY: 0}).to_string());
    let names =
        |message: &str| -> Vec<String> { message.split('`').skip(3).step_by(2).map(str::to_owned).collect() };
    let message = probe.message().to_owned();
    if message.starts_with("unknown field") {
        return Some(structure(hole, &names(&message), false));
    }
    if message.starts_with("unknown variant") {
        let variants = names(&message).into_iter().map(|name| {
            let place = hole.field(&[], &name);
            (name, learn(&place))
        });
        let variants: Map<String, Value> = variants.collect();
        return Some(json!({"type": "object", "properties": variants, "additionalProperties": false,
            "minProperties": 1, "maxProperties": 1}));
    }
    // A value that is not known, of an enum.
    let of_text = hole.asks(&json!({NO_KEY: "x"}).to_string());
    if hole.takes(r#"{"other": "x"}"#) && of_text.message().starts_with("invalid type: map") {
        return Some(json!({"type": "object", "properties": {"other": {"type": "string"}},
            "required": ["other"], "additionalProperties": false}));
    }
    if message.contains(NO_VARIANT) && !hole.takes("{}") {
        return untold(hole);
    }
    if message.starts_with("invalid type: map") {
        return None;
    }
    // What is written again of an object: a map keeps the key, and a structure does not.
    let minimal = minimal(hole);
    let kept = minimal.as_ref().and_then(|fields| {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}: {value}", Value::from(&**name))).collect();
        match hole.asks(&format!("{{{}}}", fields.join(", "))) {
            Verdict::Taken(again) => hole.within(&again).and_then(Value::as_object).cloned(),
            _ => None,
        }
    });
    match (probe, kept) {
        (Verdict::Taken(again), _)
            if hole.within(&again).is_some_and(|value| value.get(NO_KEY).is_some()) =>
        {
            let value = hole.field(&[], NO_KEY);
            Some(json!({"type": "object", "additionalProperties": learn(&value)}))
        }
        (Verdict::Refused { .. } | Verdict::Elsewhere(_), _)
            if minimal.as_ref().is_some_and(Vec::is_empty) =>
        {
            let value = hole.field(&[], NO_KEY);
            Some(json!({"type": "object", "additionalProperties": learn(&value)}))
        }
        (_, Some(kept)) => {
            let names: Vec<String> = kept.keys().cloned().collect();
            Some(structure(hole, &names, true))
        }
        (probe, None) => panic!("{:?}: {probe:?}", hole.path),
    }
}

/// The fields of objects of which serde says nothing, because other types are taken too. The first one is required.
const UNTOLD: [[&str; 3]; 1] = [["type", "precision", "scale"]];

fn untold(hole: &Hole) -> Option<Value> {
    let names = UNTOLD.iter().find(|names| hole.takes(&json!({names[0]: "x"}).to_string()))?;
    let fields = [(names[0].to_owned(), r#""x""#.to_owned())];
    let properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), learn(&hole.field(&fields, name)))).collect();
    assert!(!hole.takes(&json!({names[0]: "x", NO_KEY: 0}).to_string()), "{:?}", hole.path);
    Some(
        json!({"type": "object", "properties": properties, "required": [names[0]], "additionalProperties": false}),
    )
}

/// The required fields of an object with values that are taken.
fn minimal(hole: &Hole) -> Option<Vec<(String, String)>> {
    let mut fields: Vec<(String, String)> = Vec::new();
    loop {
        let inner: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}: {value}", Value::from(&**name))).collect();
        let verdict = hole.asks(&format!("{{{}}}", inner.join(", ")));
        let Some(name) = verdict.missing() else {
            return (verdict.is_taken() || !fields.is_empty() || verdict.message().is_empty())
                .then_some(fields);
        };
        let value = sample(&hole.field(&fields, &name))?;
        if fields.iter().any(|(other, _)| *other == name) {
            return None;
        }
        fields.push((name, value));
    }
}

/// A value that is taken.
pub(crate) fn sample(hole: &Hole) -> Option<String> {
    // By the object around it too, or at least by itself.
    let by_itself = |sample: &&&str| matches!(hole.asks(sample), Verdict::Taken(_) | Verdict::Elsewhere(_));
    let find = |samples: &[&str]| {
        let taken =
            samples.iter().find(|sample| hole.takes(sample)).or_else(|| samples.iter().find(by_itself));
        taken.map(|sample| (*sample).to_owned())
    };
    // serde reads a list as a structure too.
    let (lists, others): (Vec<&str>, Vec<&str>) = SAMPLES.iter().partition(|sample| sample.starts_with('['));
    let known = || {
        let schema = strings(hole)?;
        let known = schema.get("enum").or_else(|| schema["anyOf"][0].get("enum"))?;
        Some(known[0].to_string())
    };
    let object = || {
        let fields = minimal(hole)?;
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}: {value}", Value::from(&**name))).collect();
        let object = format!("{{{}}}", fields.join(", "));
        hole.takes(&object).then_some(object)
    };
    let list = || Some(format!("[{}]", sample(&hole.item())?));
    // An object with one key, its name.
    let named = || {
        let unknown = hole.asks(&json!({NO_KEY: 0}).to_string()).message().to_owned();
        let names = unknown.strip_prefix("unknown variant")?.split('`').skip(3).step_by(2);
        names
            .map(str::to_owned)
            .find_map(|name| Some(text(&[(name.clone(), sample(&hole.field(&[], &name))?)])))
    };
    let variant = || Some(text(tagged(hole)?.first()?));
    let is_object = !hole.asks("{}").message().starts_with("invalid type: map");
    let is_list = !hole.asks("[]").message().starts_with("invalid type: sequence");
    let is_text = !hole.asks(r#""x""#).message().starts_with("invalid type");
    find(&others)
        .or_else(variant)
        .or_else(named)
        .or_else(|| if is_text { known() } else { None })
        .or_else(|| if is_object { object() } else { None })
        .or_else(|| find(&lists))
        .or_else(|| if is_list { list() } else { None })
}

fn structure(hole: &Hole, names: &[String], is_open: bool) -> Value {
    let mut fields = minimal(hole).unwrap_or_else(|| panic!("{:?}: no value is taken", hole.path));
    let required: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let optional: Vec<&String> = names.iter().filter(|name| !required.contains(name)).collect();
    let object = |fields: &[(String, String)]| {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}: {value}", Value::from(&**name))).collect();
        format!("{{{}}}", fields.join(", "))
    };
    // Exactly one of some fields.
    let mut one_of: Vec<(String, String)> = Vec::new();
    if !hole.takes(&object(&fields)) {
        for name in &optional {
            let place = hole.field(&fields, name);
            if let Some(value) = sample(&place).filter(|value| place.takes(value)) {
                one_of.push(((*name).clone(), value));
            }
        }
        assert!(!one_of.is_empty(), "{:?}: {}", hole.path, hole.asks(&object(&fields)).message());
        let both: Vec<_> = fields.iter().chain(&one_of[..one_of.len().min(2)]).cloned().collect();
        assert!(one_of.len() == 1 || !hole.takes(&object(&both)), "{:?}: not one of", hole.path);
    }
    let choices: Vec<String> = one_of.iter().map(|(name, _)| name.clone()).collect();
    let basis = fields.clone();
    fields.extend(one_of.first().cloned());
    // Other names of a field: those that the reader lists, and its name in snake case.
    let mut names = names.to_vec();
    let mut aliases = Vec::new();
    for name in names.clone() {
        let snake = snaked(&name);
        if !names.contains(&snake) && JUNK.iter().any(|junk| !hole.field(&fields, &snake).takes(junk)) {
            names.push(snake.clone());
            aliases.push((snake, name));
        }
    }
    let mut either = Vec::new();
    let mut required = required;
    for name in required.clone() {
        let value = fields.iter().find(|(other, _)| *other == name).unwrap().1.clone();
        let without: Vec<_> = fields.iter().filter(|(other, _)| *other != name).cloned().collect();
        let is_other = |other: &&String| {
            **other != name && matches!(hole.field(&without, other).asks(&value), Verdict::Taken(_))
        };
        let others: Vec<&String> =
            names.iter().filter(|other| !required.contains(other)).filter(is_other).collect();
        if !others.is_empty() {
            required.retain(|other| *other != name);
            let all = [&name].into_iter().chain(others);
            either.push(json!({"oneOf": all.map(|name| json!({"required": [name]})).collect::<Vec<_>>()}));
        }
    }
    let mut properties = Map::new();
    for name in &names {
        if let Some((_, first)) = aliases.iter().find(|(alias, _)| alias == name) {
            properties.insert(name.clone(), properties[first].clone());
            continue;
        }
        // Not together with another name of the same field.
        let is_other = |other: &String| {
            either.iter().any(|one: &Value| {
                let all: Vec<&Value> =
                    one["oneOf"].as_array().unwrap().iter().map(|one| &one["required"][0]).collect();
                all.contains(&&Value::from(&**name)) && all.contains(&&Value::from(&**other))
            })
        };
        let context = if choices.contains(name) { &basis } else { &fields };
        let context: Vec<_> = context.iter().filter(|(other, _)| !is_other(other)).cloned().collect();
        properties.insert(name.clone(), learn(&hole.field(&context, name)));
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !choices.is_empty() {
        schema["oneOf"] = choices.iter().map(|name| json!({"required": [name]})).collect();
    }
    if !is_open {
        schema["additionalProperties"] = json!(false);
    }
    // Two names of one field.
    let mut pairs = either;
    let optional: Vec<&String> =
        names.iter().filter(|name| !fields.iter().any(|(other, _)| other == *name)).collect();
    for (i, first) in optional.iter().enumerate() {
        for second in &optional[i + 1..] {
            let Some(value) = sample(&hole.field(&fields, first)) else { continue };
            let mut with = fields.clone();
            with.retain(|(name, _)| name != *first && name != *second);
            with.push(((*first).clone(), value.clone()));
            if hole.field(&with, second).asks(&value).message().starts_with("duplicate field") {
                pairs.push(json!({"not": {"required": [first, second]}}));
            }
        }
    }
    if !pairs.is_empty() {
        schema["allOf"] = json!(pairs);
    }
    schema
}

/// A name in snake case.
fn snaked(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
