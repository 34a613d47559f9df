//! The fields of a command, read with the faults of all of them.

use controlplane::plan;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::failure::{Failure, Result};

/// Reads a command from its name and the text of its fields.
pub(super) fn command<C: DeserializeOwned>(service: &str, name: &str, text: &str) -> Result<C> {
    let refuse = |why: String| {
        Failure::usage(format!("reading the fields of {service} {name}: {why}")).hint(format!(
            "Nothing was sent. `controlplane {service} call {name} --fields` lists the fields."
        ))
    };
    // What closes the object early would not be its fields.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(refuse(format!("not JSON: {error}")));
    }
    // A plan of one step, whose command begins on a line of its own, so that places are those of the text.
    let name_text = serde_json::Value::from(name);
    let whole = format!("[{{\"key\":\"call\",\"command\":{{{name_text}:\n{text}\n}}}}]");
    match plan::read::<C>(&whole) {
        Ok(steps) => steps
            .into_iter()
            .next()
            .map(|step| step.command)
            .ok_or_else(|| refuse("there is no command".to_owned())),
        Err(faults) => {
            let shown: Vec<String> = faults
                .iter()
                .map(|fault| match fault.place.line {
                    0 | 1 => fault.message.clone(),
                    line => format!("{}:{}: {}", line - 1, fault.place.column, fault.message),
                })
                .collect();
            Err(refuse(shown.join("\n  ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use controlplane::eloq::AnyCommand;

    use super::*;
    use crate::failure::Exit;

    #[test]
    fn all_faults_are_told_with_their_places_in_the_text() {
        let text = "{\"cluster_nme\": \"c1\",\n \"regoin\": \"r\", \"sku_id\": \"three\"}";
        let failure = command::<AnyCommand>("eloq", "cluster_create", text).unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        let shown = failure.to_string();
        for part in ["1:2: unknown field `cluster_nme`", "2:2: unknown field `regoin`", "2:27: invalid type"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("three"), "values may be secret: {shown}");
    }

    #[test]
    fn text_that_is_no_object_of_fields_is_refused() {
        for text in ["", "{", "{}}", "{}}},{\"key\":\"x\",\"command\":{\"info\":{}", "[]", "1", "null"] {
            let failure = command::<AnyCommand>("eloq", "cluster", text).unwrap_err();
            assert_eq!(failure.exit(), Exit::Usage, "{text}");
        }
        command::<AnyCommand>("eloq", "cluster", " {\"cluster_name\": \"c1\"}\n").unwrap();
        command::<AnyCommand>("eloq", "info", "{}").unwrap();
    }
}
