//! Credentials through the public builder: where values come from, what is read and when, and what is never
//! shown. No test changes its own environment.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use controlplane::onehouse::{Credentials, CredentialsBuilder};
use controlplane::{Error, ErrorKind, ExposeSecret};
use proptest::prelude::*;

/// The variable that errors name where the home directory is not known.
pub(crate) const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// A directory of one test, removed afterwards.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "controlplane-credentials-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let dir = std::env::temp_dir().join(name);
        fs::create_dir(&dir).unwrap();
        Self(dir)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.join("credentials")
    }

    pub(crate) fn write(&self, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(), content).unwrap();
        mode(&self.path(), 0o600);
        self.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

pub(crate) type Setter = fn(CredentialsBuilder, &str) -> CredentialsBuilder;

pub(crate) const SETTERS: [(&str, Setter); 8] = [
    ("account_uid", |b, v| b.account_uid(v)),
    ("project_uid", |b, v| b.project_uid(v)),
    ("api_key", |b, v| b.api_key(v)),
    ("api_secret", |b, v| b.api_secret(v)),
    ("link_uid", |b, v| b.link_uid(v)),
    ("region", |b, v| b.region(v)),
    ("user_uid", |b, v| b.user_uid(v)),
    ("base_url", |b, v| b.base_url(v)),
];

pub(crate) fn set(builder: CredentialsBuilder, field: &str, value: &str) -> CredentialsBuilder {
    SETTERS.iter().find(|(name, _)| *name == field).unwrap().1(builder, value)
}

pub(crate) fn get<'a>(credentials: &'a Credentials, field: &str) -> &'a str {
    match field {
        "account_uid" => credentials.account_uid(),
        "project_uid" => credentials.project_uid(),
        "api_key" => credentials.api_key().expose_secret(),
        "api_secret" => credentials.api_secret().expose_secret(),
        "link_uid" => credentials.link_uid(),
        "region" => credentials.region(),
        "user_uid" => credentials.user_uid(),
        "base_url" => credentials.base_url(),
        other => panic!("{other}"),
    }
}

/// A builder that sees no environment.
fn bare() -> CredentialsBuilder {
    Credentials::builder().env([("HOME", "/nonexistent")])
}

/// The seven required fields as arguments, except some.
fn full_but(except: &[&str]) -> CredentialsBuilder {
    SETTERS[..7].iter().filter(|(name, _)| !except.contains(name)).fold(bare(), |b, (name, set)| set(b, name))
}

fn ini(overrides: &[(&str, &str)]) -> String {
    let mut text = "[default]\n".to_owned();
    for (name, _) in &SETTERS[..7] {
        let value = overrides.iter().find(|(key, _)| key == name).map_or(*name, |(_, value)| value);
        text.push_str(&format!("{name} = file-{value}\n"));
    }
    text
}

// ---- Where a value comes from ----------------------------------------------------------------------------

#[test]
fn every_field_follows_the_order_of_its_sources() {
    for (field, set) in SETTERS {
        let variable = format!("ONEHOUSE_{}", field.to_uppercase());
        // argument, variable, file, what comes out (None: missing)
        let cases = [
            (Some("arg"), Some("env"), Some("file"), Some("arg")),
            (None, Some("env"), Some("file"), Some("env")),
            (None, Some(""), Some("file"), Some("file")),
            (None, None, Some("file"), Some("file")),
            (None, Some("env"), None, Some("env")),
            (None, None, Some(""), None),
            (None, None, None, None),
            (Some(""), Some("env"), Some("file"), None),
        ];
        for case @ (argument, env, file, expected) in cases {
            let scratch = Scratch::new();
            let line = file.map(|value| format!("{field} = {value}\n")).unwrap_or_default();
            let path = scratch.write(format!("[default]\n{line}"));
            let mut builder = full_but(&[field]).file(path);
            if let Some(value) = env {
                builder = builder.env([(&variable, value)]);
            }
            if let Some(value) = argument {
                builder = set(builder, value);
            }
            match (builder.build(), expected) {
                (Ok(credentials), Some(value)) => {
                    assert_eq!(get(&credentials, field), value, "{field} {case:?}")
                }
                (Ok(credentials), None) => {
                    assert_eq!((field, argument), ("base_url", None), "{case:?}");
                    assert_eq!(credentials.base_url(), "https://api.onehouse.ai");
                }
                (Err(error), None) if field == "base_url" => {
                    assert_eq!(argument, Some(""), "{case:?}");
                    assert!(error.to_string().contains("base_url is empty"), "{error}");
                    assert!(error.missing_fields().is_empty());
                }
                (Err(error), None) => {
                    assert_eq!(error.missing_fields(), [field], "{case:?}");
                    assert!(error.to_string().contains(&variable), "{error}");
                    assert_eq!(error.to_string().contains("empty argument"), argument == Some(""), "{error}");
                }
                (Err(error), Some(_)) => panic!("{field} {case:?}: {error}"),
            }
        }
    }
}

#[test]
fn the_profile_is_the_argument_else_the_variable_else_the_default() {
    let scratch = Scratch::new();
    let ini = scratch.write("[default]\nregion = d\n[work]\nregion = w\n[play]\nregion = p\n");
    let other = Scratch::new();
    let json = other.write(
        r#"{"_default": "default", "default": {"region": "d"}, "work": {"region": "w"}, "play": {"region": "p"}}"#,
    );
    for path in [ini, json] {
        for (argument, variable, expected) in [
            (None, None, "d"),
            (None, Some("work"), "w"),
            (None, Some(""), "d"),
            (Some("play"), Some("work"), "p"),
            (Some(""), Some("work"), "w"),
            (Some(""), None, "d"),
        ] {
            let mut builder =
                full_but(&["region"]).file(&path).env(variable.map(|name| ("ONEHOUSE_PROFILE", name)));
            if let Some(name) = argument {
                builder = builder.profile(name);
            }
            assert_eq!(builder.build().unwrap().region(), expected, "{argument:?} {variable:?} {path:?}");
        }
    }
}

#[test]
fn the_path_is_the_argument_else_the_variable_else_in_the_home_directory() {
    let scratch = Scratch::new();
    let home = &scratch.0;
    fs::create_dir(home.join(".onehouse")).unwrap();
    for (name, region) in [(".onehouse/credentials", "home"), ("named", "named"), ("other", "other")] {
        fs::write(home.join(name), format!("[default]\nregion = {region}\n")).unwrap();
        mode(&home.join(name), 0o600);
    }
    let absolute = home.join("named").to_str().unwrap().to_owned();
    for (argument, variable, expected) in [
        (None, None, "home"),
        (None, Some(""), "home"),
        (None, Some("~/named"), "named"),
        (None, Some(absolute.as_str()), "named"),
        (Some("~/other"), Some("~/named"), "other"),
        (Some(""), Some("~/named"), "named"),
    ] {
        for home_variable in ["HOME", "USERPROFILE"] {
            let mut env = vec![(home_variable, home.to_str().unwrap())];
            env.extend(variable.map(|path| ("ONEHOUSE_CREDENTIALS_FILE", path)));
            let mut builder = full_but(&["region"]).env(env);
            if let Some(path) = argument {
                builder = builder.file(path);
            }
            assert_eq!(builder.build().unwrap().region(), expected, "{argument:?} {variable:?}");
        }
    }
}

#[test]
fn the_last_of_two_variables_counts_and_others_are_ignored() {
    let credentials = full_but(&["region"])
        .env([("ONEHOUSE_REGION", "a"), ("onehouse_region", "b"), ("REGION", "c"), ("ONEHOUSE_REGION", "d")])
        .build()
        .unwrap();
    assert_eq!(credentials.region(), "d");
}

// ---- What the errors say ---------------------------------------------------------------------------------

fn fails(builder: CredentialsBuilder) -> Error {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.is_auth());
    assert!(error.to_string().lines().count() <= 2, "{error}");
    error
}

#[test]
fn the_error_about_missing_fields_says_where_to_put_them() {
    let scratch = Scratch::new();
    let path = scratch.path();
    let at = path.display();
    let needs = || full_but(&["api_key", "region"]).file(&path);

    let absent = fails(needs());
    assert_eq!(absent.missing_fields(), ["api_key", "region"]);
    assert_eq!(
        absent.to_string(),
        format!(
            "finding Onehouse credentials: api_key, region are missing; there is no file {at}\n\
             Set them on the builder, set ONEHOUSE_API_KEY, ONEHOUSE_REGION in the environment, or add the keys to profile [default] of {at}."
        )
    );

    let cases = [
        ("", "has no profile [default], it has no profiles"),
        ("[Default]\n[work]\n", "has no profile [default], it has the profiles [Default], [work]"),
        ("[ default ]\n", "has no profile [default], it has the profiles [\" default \"]"),
        ("[DEFAULT]\nregion = x\n", "([DEFAULT] is not a profile: it holds defaults for the other profiles)"),
        (r#"{"_default": "gone", "work": {}, "x": 1}"#, "has no profile [gone], it has the profiles [work]"),
        (
            "[default]\naccount_uid = x\n  region = y\n",
            "line 3 is indented, so it continues the value above it",
        ),
    ];
    for (text, says) in cases {
        scratch.write(text);
        let error = fails(needs());
        assert_eq!(error.missing_fields(), ["api_key", "region"], "{text:?}");
        assert!(error.to_string().contains(says), "{text:?}: {error}");
    }

    let names: String = (10..40).map(|n| format!("[p{n}]\n")).collect();
    scratch.write(names);
    let error = fails(needs()).to_string();
    assert!(
        error.contains("[p10], ") && error.contains("[p19] and 20 more") && !error.contains("p20"),
        "{error}"
    );

    let error = fails(full_but(&["region"]).file(&scratch.0)).to_string();
    assert!(error.contains("is not a regular file"), "{error}");
    let none: [(&str, &str); 0] = [];
    let error = fails(full_but(&["region"]).env(none)).to_string();
    assert!(error.contains(&format!("was not read, because {HOME} is not set")), "{error}");
    let error = fails(full_but(&["region"]).env([("ONEHOUSE_PROFILE", "work")])).to_string();
    let of_home = Path::new("~").join(".onehouse").join("credentials");
    assert!(error.contains(&format!("profile [work] of {}", of_home.display())), "{error}");
}

#[test]
fn values_that_no_header_carries_are_refused_wherever_they_come_from() {
    let bad = [
        ("a\nb", "more than one line"),
        ("a\r\nb", "more than one line"),
        ("ends\n", "ends with a line break"),
        ("a\tb", "control character"),
        ("a\0b", "control character"),
        ("a\u{7f}b", "control character"),
        ("a\u{85}b", "control character"),
        (" a", "white space"),
        ("a ", "white space"),
        (" ", "white space"),
    ];
    for (field, set) in SETTERS {
        for (value, says) in bad {
            let variable = format!("ONEHOUSE_{}", field.to_uppercase());
            let scratch = Scratch::new();
            let path = scratch.write(serde_json::json!({"_default": "p", "p": {field: value}}).to_string());
            let sources = [
                (format!("the argument {field} "), set(full_but(&[]), value)),
                (
                    format!("{field} in the environment variable {variable} "),
                    full_but(&[field]).env([(&variable, value)]),
                ),
                (format!("{field} in profile [p] of {} ", path.display()), full_but(&[field]).file(&path)),
            ];
            for (place, builder) in sources {
                let error = fails(builder);
                assert!(error.missing_fields().is_empty());
                assert!(error.to_string().contains(&place), "{error}");
                assert!(error.to_string().contains(says), "{value:?}: {error}");
            }
        }
    }
    let scratch = Scratch::new();
    let path = scratch.write("[default]\nregion = us\n  -west-2\n");
    let error = fails(full_but(&["region"]).file(path)).to_string();
    assert!(
        error.contains("region in profile [default]") && error.contains("an indented line continues"),
        "{error}"
    );
}

/// Looks like the end of a key in base64, which on a line of its own reads as a key with a value.
const MARK: &str = "s3cr3tMark==";

#[test]
fn nothing_shows_a_secret() {
    let scratch = Scratch::new();
    let shows = |text: String| {
        assert!(!text.to_lowercase().contains(&MARK[..10].to_lowercase()), "{text}");
    };

    let good = full_but(&["api_key", "api_secret", "base_url"])
        .env([("ONEHOUSE_API_KEY", MARK), ("ONEHOUSE_PROFILE", "seen")])
        .api_secret(MARK)
        .base_url(format!("https://user:{MARK}@example.com"));
    shows(format!("{good:?} {good:#?}"));
    let credentials = good.build().unwrap();
    assert_eq!(credentials.api_secret().expose_secret(), MARK);
    assert_eq!(credentials.api_key().expose_secret(), MARK);
    shows(format!("{credentials:?} {credentials:#?}"));
    assert!(format!("{credentials:?}").contains("region: \"region\""));
    let plain = full_but(&[]).base_url("https://h.example.com").build().unwrap();
    assert!(format!("{plain:?}").contains("https://h.example.com"));

    let files = [
        format!("[default]\napi_secret = {MARK}\n"),
        format!("[default]\napi_secret = {MARK}%\n"),
        format!("[default]\napi_secret = {MARK}\n  {MARK}\n"),
        format!("[default]\napi_secret = {MARK}\u{1}\n"),
        format!("[default]\napi_secret = {MARK}\napi_secret = {MARK}\n"),
        format!("[default]\napi_secret = x\n{MARK}\n{MARK}\n"),
        format!("[default]\napi_secret = x\n{MARK} = %\n"),
        format!("[default]\napi_secret = \n{MARK}\n"),
        format!("[default]\n= {MARK}\n"),
        format!("api_secret = {MARK}\n"),
        format!("[default\napi_secret = {MARK}\n"),
        format!(
            "{{\"_default\": \"p\", \"p\": {{\"api_secret\": \"{MARK}\", \"api_key\": 5, \"region\": \"r\" }}}}"
        ),
        format!("{{\"_default\": \"p\", \"p\": {{\"api_secret\": [\"{MARK}\"], \"api_key\": \"{MARK}\"}}}}"),
        format!("{{\"_default\": \"p\", \"p\": {{\"api_secret\": \"{MARK}\n\"}}}}"),
        format!("{{\"_default\": \"p\", \"p\": {{\"api_secret\": \"{MARK}\"}}"),
        format!("{{\"_default\": \"p\", \"p\": {{\"api_secret\": {MARK}}}"),
        format!("{{\"_default\": \"p\", \"p\": \"{MARK}\"}}"),
        format!("{{\"api_secret\": \"{MARK}\"}}"),
        format!("{{\"_default\": [\"{MARK}\"]}}"),
    ];
    for text in files {
        let path = scratch.write(&text);
        let error = fails(full_but(&["api_key", "api_secret", "region"]).file(path));
        shows(format!("{error}\n{error:?}"));
    }
    let mut bytes = format!("[default]\napi_secret = {MARK}").into_bytes();
    bytes.push(0xff);
    let error = fails(full_but(&["api_secret"]).file(scratch.write(bytes)));
    assert!(error.to_string().contains("line 2 is not UTF-8"), "{error}");
    shows(format!("{error}\n{error:?}"));
    for value in [format!("{MARK}\n"), format!(" {MARK}")] {
        let error = fails(full_but(&[]).api_secret(value.as_str()));
        shows(format!("{error}\n{error:?}"));
        let error = fails(full_but(&["api_secret"]).env([("ONEHOUSE_API_SECRET", &value)]));
        shows(format!("{error}\n{error:?}"));
    }
}

/// Files that are nearly right, with the marker wherever a torn secret may end up.
fn nearly_a_file() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("[default]".to_owned()),
        Just("[DEFAULT]".to_owned()),
        Just("{\"_default\": \"default\", \"default\": {".to_owned()),
        Just(format!("\"api_secret\": \"{MARK}\",")),
        Just(format!("\"api_key\": \"{MARK}\"}}}}")),
        "[ \t]{0,2}(api_key|API_SECRET|region|x)[ ]?[=:]?[ ]?".prop_map(|key| key + MARK),
        "[ \t]{0,2}(api_key|api_secret)= ?".prop_map(|key| format!("{key}%{MARK}")),
        "[ \t%]{0,2}".prop_map(|indent| indent + MARK),
        "\\PC{0,12}",
        any::<String>(),
    ];
    (
        proptest::collection::vec(line, 0..8),
        prop_oneof!["\n", "\r\n", "\r"],
        any::<proptest::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(lines, end, cut, whole)| {
            let text = lines.join(&end);
            if whole { text } else { text.chars().take(cut.index(text.chars().count() + 1)).collect() }
        })
}

proptest! {
    #[test]
    fn no_file_makes_it_panic_or_shows_a_secret(text in nearly_a_file()) {
        let scratch = Scratch::new();
        let builder = full_but(&["api_key", "api_secret"]).file(scratch.write(&text));
        let said = match builder.build() {
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Credentials);
                format!("{error} {error:?}")
            }
            Ok(credentials) => format!("{credentials:?}"),
        };
        prop_assert!(!said.to_lowercase().contains(&MARK[..10].to_lowercase()), "{}", said);
    }
}

// ---- When the file is read -------------------------------------------------------------------------------

/// What this thread logs while `run` runs.
fn logged(run: impl FnOnce()) -> Vec<String> {
    crate::warnings::logged(run).1
}

/// Files that are an error if a value has to come from them, and what the error says.
fn broken_files() -> Vec<(Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (text("region = x\n"), "line 1 is before the first profile"),
        (text("[default]\nnonsense\n"), "line 2 is neither"),
        (text("{\"default\": "), "ends too early"),
        (text("{\"default\": {}} x"), "is not valid JSON"),
        (text("{\"default\": {}}"), "is missing"),
        (b"[default]\nregion = \xff\n".to_vec(), "not UTF-8"),
        ([b"[default]\n".to_vec(), vec![b'#'; 1024 * 1024]].concat(), "larger than 1 MiB"),
    ]
}

#[test]
fn a_broken_file_is_an_error_if_a_value_has_to_come_from_it() {
    let scratch = Scratch::new();
    for (content, says) in broken_files() {
        let path = scratch.write(content);
        let error = fails(full_but(&["region"]).file(&path));
        assert!(error.missing_fields().is_empty(), "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");

        // Only base_url is open: the keys must not go to the default host if the file names another one.
        let error = fails(full_but(&[]).file(&path));
        assert!(error.to_string().contains(says), "{error}");

        // Nothing is open: not even looked at.
        let warnings = logged(|| {
            full_but(&["region"])
                .base_url("https://h.example.com")
                .env([("ONEHOUSE_REGION", "x")])
                .file(&path)
                .build()
                .unwrap();
        });
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

#[test]
fn the_largest_file_is_read() {
    let scratch = Scratch::new();
    let mut text = "[default]\nregion = x\n".to_owned();
    text.push_str(&"#".repeat(1024 * 1024 - text.len()));
    assert_eq!(full_but(&["region"]).file(scratch.write(&text)).build().unwrap().region(), "x");
    text.push('#');
    assert!(fails(full_but(&["region"]).file(scratch.write(&text))).to_string().contains("larger"));
}

#[test]
fn a_base_url_of_the_file_counts_even_if_all_else_is_settled() {
    let scratch = Scratch::new();
    let path = scratch.write("[default]\nbase_url = https://h.example.com/v1/\n");
    assert_eq!(full_but(&[]).file(&path).build().unwrap().base_url(), "https://h.example.com/v1/");
    // The profile is one that the vendor refuses.
    let path = scratch.write("[default]\nbase_url = https://h.example.com/v1/\nnote = 100%\n");
    for builder in [full_but(&["region"]), full_but(&[])] {
        let error = fails(builder.file(&path)).to_string();
        assert!(error.contains("the value in line 3 has a single %"), "{error}");
    }
    // A base URL that is there and cannot be used must not become the default one.
    for text in ["[default]\nbase_url = https://h/%20\n", r#"{"_default": "p", "p": {"base_url": 5}}"#] {
        let error = fails(full_but(&[]).file(scratch.write(text))).to_string();
        assert!(error.contains("base_url"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_a_warning() {
    let scratch = Scratch::new();
    let path = scratch.write(ini(&[]));
    for (bits, warns) in
        [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o610, true), (0o644, true)]
    {
        mode(&path, bits);
        let warnings = logged(|| {
            assert_eq!(bare().file(&path).build().unwrap().region(), "file-region");
        });
        assert_eq!(warnings.len(), usize::from(warns), "{bits:o} {warnings:?}");
        for warning in warnings {
            assert!(warning.starts_with("WARN "), "{warning}");
            assert!(warning.contains(&format!("chmod 600 {}", path.display())), "{warning}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_opened() {
    let scratch = Scratch::new();
    let made = std::process::Command::new("mkfifo").arg(scratch.path()).status().unwrap();
    assert!(made.success());
    // Opening it would wait for ever, so somebody else does.
    let (done, result) = std::sync::mpsc::channel();
    let builder = full_but(&["region"]).file(scratch.path());
    std::thread::spawn(move || done.send(fails(builder).to_string()));
    let error = result.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    assert!(error.contains("is not a regular file"), "{error}");
}

#[test]
fn what_the_cli_and_people_write_is_read() {
    let scratch = Scratch::new();
    for text in [
        ini(&[("region", "us")]),
        format!("\u{feff}{}", ini(&[("region", "us")])),
        ini(&[("region", "us")]).replace('\n', "\r\n"),
        ini(&[("region", "us")]).replace('\n', "\r"),
        ini(&[("region", "%%us")]),
    ] {
        let credentials = bare().file(scratch.write(&text)).build().unwrap();
        let region = if text.contains('%') { "file-%us" } else { "file-us" };
        assert_eq!(credentials.region(), region, "{text:?}");
        assert_eq!(credentials.api_secret().expose_secret(), "file-api_secret");
    }
}

// ---- The environment of the process ----------------------------------------------------------------------

/// Runs in a process of its own, started by the next test.
#[test]
fn in_a_child() {
    if std::env::var_os("CONTROLPLANE_TEST_CHILD").is_some() {
        match Credentials::from_env() {
            Ok(credentials) => println!("GOT {} {}", credentials.region(), credentials.account_uid()),
            Err(error) => println!("GOT {:?} {error}", error.kind()),
        }
    }
}

fn child(variables: &[(&str, &OsStr)]) -> String {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "credentials::in_a_child", "--nocapture"])
        .env_clear()
        .env("CONTROLPLANE_TEST_CHILD", "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_once("GOT ").unwrap().1.lines().next().unwrap().to_owned()
}

/// The text and something after it that is not Unicode.
fn not_unicode(text: &str) -> OsString {
    #[cfg(unix)]
    let end: OsString = std::os::unix::ffi::OsStringExt::from_vec(b"\xff".to_vec());
    // Half of a surrogate pair.
    #[cfg(windows)]
    let end: OsString = std::os::windows::ffi::OsStringExt::from_wide(&[0xd800]);
    let mut text = OsString::from(text);
    text.push(end);
    text
}

#[test]
fn without_variables_given_the_environment_of_the_process_counts() {
    // A home directory need not be Unicode, if the file system takes such names; a value must be.
    let scratch = Scratch::new();
    let odd = scratch.0.join(not_unicode("home-"));
    let home = if fs::create_dir(&odd).is_ok() { odd } else { scratch.0.join("home") };
    fs::create_dir_all(home.join(".onehouse")).unwrap();
    let file = home.join(".onehouse/credentials");
    fs::write(&file, ini(&[])).unwrap();
    mode(&file, 0o600);

    let home = (HOME, home.as_os_str());
    assert_eq!(child(&[home, ("ONEHOUSE_REGION", OsStr::new("env"))]), "env file-account_uid");
    assert_eq!(
        child(&[home, ("ONEHOUSE_REGION", &not_unicode("mark"))]),
        "Credentials reading the environment variable ONEHOUSE_REGION: its value is not Unicode text"
    );
}
