//! Every recorded case of the vendor's credentials: which fields are resolved from a file, variables and
//! arguments.

use controlplane::ErrorKind;
use controlplane::onehouse::Credentials;

use crate::credentials::{SETTERS, Scratch, get, set};
use crate::vectors::{Case, Cases, Report, unknown, unknown_keys};

fn cases() -> Cases {
    let own = include_str!("../vectors/onehouse-credentials.jsonl");
    let cases = Cases::read("onehouse-credentials.jsonl", own, &[]);
    assert!(!cases.is_own() || cases.iter().len() == 152, "{}", cases.iter().len());
    cases
}

/// What of a case the harness does not know.
fn not_known(case: &Case) -> Vec<String> {
    let json = &case.json;
    let keys = ["name", "id", "file", "profile", "env", "explicit", "expect"];
    let mut wrong = unknown_keys(json, "the case", &keys);
    let fields: Vec<&str> = SETTERS.iter().map(|(name, _)| *name).collect();
    wrong.extend(unknown_keys(&json["explicit"], "explicit", &fields));
    wrong.extend(unknown_keys(&json["expect"], "expect", &["fields", "missing", "refused"]));
    wrong.extend(unknown_keys(&json["expect"]["fields"], "expect.fields", &fields));
    if json["expect"].as_object().is_none_or(|expect| expect.len() != 1) {
        wrong.push(unknown(format_args!("what is expected: {}", json["expect"])));
    }
    // The file of the case is named by an argument, which would hide another one.
    for name in ["ONEHOUSE_CREDENTIALS_FILE", "HOME", "USERPROFILE"] {
        if !json["env"][name].is_null() && !json["file"].is_null() {
            wrong.push(unknown(format_args!("where the file is with {name}")));
        }
    }
    wrong
}

fn check(case: &Case) -> Vec<String> {
    let mut wrong = not_known(case);
    let json = &case.json;
    let scratch = Scratch::new();
    let env = json["env"].as_object().into_iter().flatten();
    let mut builder = Credentials::builder()
        .env(env.map(|(name, value)| (name, value.as_str().unwrap())))
        .file(scratch.path());
    if let Some(text) = json["file"].as_str() {
        scratch.write(text);
    }
    if let Some(profile) = json["profile"].as_str() {
        builder = builder.profile(profile);
    }
    // An argument that is null was not given.
    for (field, value) in
        json["explicit"].as_object().into_iter().flatten().filter(|(_, value)| !value.is_null())
    {
        builder = set(builder, field, value.as_str().unwrap());
    }
    let expect = &json["expect"];
    match (builder.build(), expect["fields"].as_object()) {
        (Ok(credentials), Some(fields)) => {
            for (field, value) in fields {
                let got = get(&credentials, field);
                if value != got {
                    wrong.push(format!("{field} is {got:?}, not {value}"));
                }
            }
        }
        (Err(error), None) => {
            let mut missing: Vec<&str> = expect["missing"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|field| field.as_str().unwrap())
                .collect();
            let mut got = error.missing_fields().to_vec();
            missing.sort_unstable();
            got.sort_unstable();
            if error.kind() != ErrorKind::Credentials
                || got != missing
                || error.to_string().lines().count() > 2
            {
                wrong.push(format!("{error:?} is not {expect}"));
            }
        }
        (got, _) => wrong.push(format!("{got:?} is not {expect}")),
    }
    wrong
}

#[test]
fn every_vector_gives_what_the_vendor_gives() {
    let cases = cases();
    let mut report = Report::new(&cases);
    for case in cases.iter() {
        report.run(case, "", || check(case));
    }
    report.finish();
}
