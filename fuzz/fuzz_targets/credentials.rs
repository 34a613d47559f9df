//! No credentials file makes the reader panic, in either of its formats; nor does saying what is wrong with
//! it.

#![no_main]

use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use controlplane::onehouse::Credentials;
use libfuzzer_sys::fuzz_target;

/// One file for each process, written anew for each input.
static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("controlplane-fuzz-{}", std::process::id())));

fuzz_target!(|content: &[u8]| {
    let mut file = std::fs::File::create(&*FILE).unwrap();
    file.write_all(content).unwrap();
    drop(file);
    let none = std::iter::empty::<(String, String)>;
    for profile in [None, Some("p")] {
        let mut builder = Credentials::builder().env(none()).file(&*FILE);
        if let Some(profile) = profile {
            builder = builder.profile(profile);
        }
        match builder.build() {
            Ok(credentials) => drop(format!("{credentials:?}")),
            Err(error) => drop(format!("{error} {error:?}")),
        }
    }
});
