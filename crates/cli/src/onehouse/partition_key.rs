//! Partition keys as a person writes them.

use controlplane::onehouse::PartitionKey;

/// Reads `FIELD[:TYPE[:INPUT_FORMAT[:OUTPUT_FORMAT]]]`, in which `\:` is a colon, or a JSON object with the
/// names that the SDK has for the four parts.
pub(super) fn partition_key(text: &str) -> Result<PartitionKey, String> {
    if text.starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|e| format!("the JSON object is not a partition key: {e}"));
    }
    let parts = parts(text);
    if parts.len() > 4 {
        return Err(
            r#"it has more than four parts. Write a colon inside a format as `\:`, as in 'ts:DATE_STRING:HH\:mm:HH', or write the key as JSON: '{"field": "ts", "partition_type": "DATE_STRING", "input_format": "HH:mm", "output_format": "HH"}'"#
                .to_owned(),
        );
    }
    let part = |at: usize| parts.get(at).cloned().unwrap_or_default();
    let partition_type = part(1).parse().map_err(|_| {
        format!("unknown partition type {:?}; known values: DATE_STRING, EPOCH_MILLIS, EPOCH_MICROS", part(1))
    })?;
    Ok(PartitionKey::time(part(0), partition_type, part(2), part(3)))
}

/// Splits at colons that have no backslash before them.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match (c, letters.peek()) {
            ('\\', Some(':')) => {
                letters.next();
                push(&mut parts, ':');
            }
            (':', _) => parts.push(String::new()),
            (c, _) => push(&mut parts, c),
        }
    }
    parts
}

fn push(parts: &mut [String], c: char) {
    if let Some(part) = parts.last_mut() {
        part.push(c);
    }
}

#[cfg(test)]
mod tests {
    use controlplane::onehouse::PartitionType;

    use super::*;

    #[test]
    fn missing_parts_are_empty_and_colons_can_be_escaped() {
        let time =
            |input: &str, output: &str| PartitionKey::time("date", PartitionType::DateString, input, output);
        for (text, key) in [
            ("region", PartitionKey::new("region")),
            ("region:::", PartitionKey::new("region")),
            ("date:DATE_STRING", time("", "")),
            ("date:date_string:yyyy-MM-dd", time("yyyy-MM-dd", "")),
            ("date:DATE_STRING:yyyy:yyyy", time("yyyy", "yyyy")),
            (r"date:DATE_STRING:HH\:mm\:ss:HH\:mm", time("HH:mm:ss", "HH:mm")),
            (r"date:DATE_STRING:a\b:", time(r"a\b", "")),
            (
                r#"{"field": "date", "partition_type": "DATE_STRING", "input_format": "HH:mm"}"#,
                time("HH:mm", ""),
            ),
        ] {
            assert_eq!(partition_key(text).as_ref(), Ok(&key), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let error = partition_key("date:DATE_STRING:HH:mm:HH:mm").unwrap_err();
        assert!(error.contains(r"`\:`"), "{error}");
        assert!(partition_key("date:DATE").unwrap_err().contains("EPOCH_MILLIS"));
        assert!(partition_key(r#"{"field": 1}"#).is_err());
        assert!(partition_key(r#"{"fields": "a"}"#).is_err());
    }
}
