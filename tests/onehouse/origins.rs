//! Where the values of credentials came from, and warnings about values that have no effect.

use controlplane::client::Origin;
use controlplane::onehouse::{Credentials, CredentialsBuilder};

use crate::credentials::Scratch;
use crate::warnings::logged;

const NAMES: [&str; 7] =
    ["account_uid", "project_uid", "api_key", "api_secret", "link_uid", "region", "user_uid"];

fn file(profile: &str) -> String {
    let lines: String = NAMES.iter().map(|name| format!("{name} = {name}\n")).collect();
    format!("[{profile}]\n{lines}")
}

fn variables() -> Vec<(String, String)> {
    let base = ("ONEHOUSE_BASE_URL".to_owned(), "https://h.test".to_owned());
    let names = NAMES.iter().map(|name| (format!("ONEHOUSE_{}", name.to_uppercase()), "v".to_owned()));
    names.chain([base]).collect()
}

/// The credentials, and the warnings of building them.
fn built(builder: CredentialsBuilder) -> (Credentials, Vec<String>) {
    let (credentials, lines) = logged(|| builder.build().unwrap());
    (credentials, lines)
}

#[test]
fn each_field_says_where_it_came_from() {
    let scratch = Scratch::new();
    let path = scratch.write(file("work"));
    let variables = [("ONEHOUSE_REGION", "r"), ("ONEHOUSE_PROFILE", "work")];
    let credentials = Credentials::builder().env(variables).file(&path).user_uid("u").build().unwrap();
    let in_file = Origin::File { path: path.clone(), profile: Some("work".to_owned()) };
    for (field, origin) in [
        ("account_uid", &in_file),
        ("api_secret", &in_file),
        ("region", &Origin::Variable("ONEHOUSE_REGION")),
        ("user_uid", &Origin::Argument),
        ("base_url", &Origin::Default),
    ] {
        assert_eq!(credentials.origin(field), Some(origin), "{field}");
    }
    assert_eq!(credentials.origin("profile"), None);
    let shown = in_file.to_string();
    assert_eq!(shown, format!("the profile [work] of the file {}", path.display()));
}

#[test]
fn a_chosen_profile_whose_values_are_hidden_is_a_warning_that_names_them() {
    let scratch = Scratch::new();
    let path = scratch.write(file("work"));
    let some = [("ONEHOUSE_API_KEY", "v"), ("ONEHOUSE_API_SECRET", "v")];
    let (credentials, lines) = built(Credentials::builder().env(some).file(&path).profile("work"));
    assert_eq!(credentials.origin("api_key"), Some(&Origin::Variable("ONEHOUSE_API_KEY")));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("WARN profile [work]"), "{lines:?}");
    assert!(lines[0].ends_with(": ONEHOUSE_API_KEY, ONEHOUSE_API_SECRET"), "{lines:?}");

    // All of them: the file would not be read otherwise.
    let (_, lines) = built(Credentials::builder().env(variables()).file(&path).profile("work"));
    assert!(lines.len() == 1 && lines[0].contains("ONEHOUSE_REGION, ONEHOUSE_USER_UID"), "{lines:?}");

    // A profile of a variable was chosen by whoever sets the variables; an argument is the program's own.
    let by_variable = variables().into_iter().chain([("ONEHOUSE_PROFILE".to_owned(), "work".to_owned())]);
    assert!(built(Credentials::builder().env(by_variable).file(&path)).1.is_empty());
    let by_argument = Credentials::builder().env([("", ""); 0]).api_key("k").file(&path).profile("work");
    assert!(built(by_argument).1.is_empty());
}

#[test]
fn a_chosen_profile_that_is_not_there_is_a_warning_if_all_is_settled_elsewhere() {
    let scratch = Scratch::new();
    let path = scratch.write(file("work"));
    let settled = || Credentials::builder().env(variables()).profile("wrok");
    for builder in [settled().file(&path), settled().file("/no/such/file"), settled().file("/")] {
        let (_, lines) = built(builder);
        assert!(lines.len() == 1 && lines[0].starts_with("WARN profile [wrok]"), "{lines:?}");
    }
    let broken = scratch.write("nonsense");
    assert_eq!(built(settled().file(&broken)).1.len(), 1);
}

#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_not_opened() {
    use std::os::unix::net::UnixListener;
    let scratch = Scratch::new();
    let _listener = UnixListener::bind(scratch.path()).unwrap();
    for path in [scratch.path(), "/dev/zero".into(), "/".into()] {
        let error = Credentials::builder().env([("", ""); 0]).file(&path).build().unwrap_err();
        assert!(error.to_string().contains("is not a regular file"), "{error}");
    }
}

#[test]
fn a_value_with_a_line_break_at_its_end_is_named() {
    let error = Credentials::builder().env(variables()).api_key("k\n").build().unwrap_err().to_string();
    assert!(error.contains("the argument api_key ends with a line break"), "{error}");
}

#[test]
fn missing_fields_name_variables_that_are_nearly_right() {
    let near = variables().into_iter().map(|(name, value)| (name.replace("_SECRET", "SECRET"), value));
    let error = Credentials::builder().env(near).file("/no/such/file").build().unwrap_err();
    assert_eq!(error.missing_fields(), ["api_secret"]);
    let shown = error.to_string();
    assert!(
        shown.contains(
            "ONEHOUSE_APISECRET is set but not read; ONEHOUSE_API_SECRET is the name that is read."
        ),
        "{shown}"
    );
}

#[test]
fn a_base_url_with_a_path_that_cannot_work_is_refused_when_the_client_is_built() {
    for (url, right) in [
        ("https://api.onehouse.ai/v2", "https://api.onehouse.ai"),
        ("https://h.test/v1/resource/", "https://h.test"),
    ] {
        let credentials = Credentials::builder().env(variables()).base_url(url).build().unwrap();
        let error = controlplane::onehouse::Client::new(credentials).unwrap_err().to_string();
        assert!(error.contains(&format!("Write {right}.")), "{error}");
    }
}
